"""Questions that the data do not answer: their sections go, and one list at the end names them.

A cell that has no answer displays a marker, `<p class="wb-unanswered" data-question="…">`: the
question and the file that would answer it. A notebook shows it where it stands. A page leaves out
each section that has nothing else to show, and says every question once where the cell tagged
`unanswered` stands, or at its end.
"""

import copy
import re
from itertools import takewhile

from lxml.html import HtmlElement, builder

_MARKERS = ".//p[contains(concat(' ', @class, ' '), ' wb-unanswered ')]"
_QUESTIONS = f"{_MARKERS} | .//ul[contains(@class, 'wb-unanswered-list')]/li"
_PICTURES = "descendant-or-self::*[self::img|self::svg|self::table|self::pre|self::input|self::hr]"
HERE = "wb-unanswered-here"
"""Class of the box that the template puts round the cell tagged `unanswered`."""


def settle(body: HtmlElement, heading: str) -> None:
    """Leaves out what has no answer and lists the questions; changes the body.

    A section reaches from a heading to the next of the same or a higher level.

    Args:
        body: the cleaned cells.
        heading: of the list, where no heading of the notebook stands above it.
    """
    # Outputs, and what stands in texts, in the order of reading.
    blocks = [b for e in body for b in (e if e.get("class", "").startswith("wb-text") else [e])]
    questions, places = _questions(body), body.find_class(HERE)
    silent = {block for block in blocks if block.xpath(_MARKERS)} | set(places)
    for marker in body.xpath(_MARKERS):
        marker.drop_tree()
    for place in places:
        place.clear()
        place.set("class", HERE)
    if questions:
        place = (places or [builder.DIV({"class": HERE})])[0]
        at = blocks.index(place) if places else 0
        if not at or not _level(blocks[at - 1]):
            place.append(builder.H2(heading))
        place.append(builder.UL(*questions, {"class": "wb-unanswered-list"}))
        body.extend([] if places else [place])
    answers = {block for block in blocks if block.getparent() is body and not _is_empty(block)}
    silent -= answers
    for at, block in enumerate(blocks):
        level = _level(block)
        inside = takewhile(lambda b, top=level: not 0 < _level(b) <= top, blocks[at + 1 :])
        section = {block, *inside}
        if level > 1 and section & silent and not section & answers:
            for each in section:
                if each.getparent() is not None:  # not with a section around it
                    each.drop_tree()
    for block in filter(_is_empty, list(body)):
        block.drop_tree()


def _level(block: HtmlElement) -> int:
    """1 to 6 for a heading of a text, else 0."""
    heading = re.fullmatch("h([1-6])", str(block.tag))
    return int(heading[1]) if heading else 0


def _is_empty(block: HtmlElement) -> bool:
    return not block.text_content().strip() and not block.xpath(_PICTURES)


def _questions(body: HtmlElement) -> list[HtmlElement]:
    """A list item for each question, once."""
    items: dict[str, HtmlElement] = {}
    for element in body.xpath(_QUESTIONS):
        item = copy.deepcopy(element)
        item.tag, item.tail = "li", None
        item.attrib.pop("class", None)
        items.setdefault(element.get("data-question") or item.text_content().strip(), item)
    return list(items.values())

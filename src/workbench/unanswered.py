"""Questions that the data do not answer: their sections go, and one list at the end names them.

A cell that has no answer displays a marker, `<p class="wb-unanswered" data-question="…">`: the
question and the file that would answer it. A notebook shows it where it stands. A page leaves out
each section that has nothing else to show, and says every question once where the cell tagged
`unanswered` stands, or at its end.
"""

import copy
import re
from itertools import takewhile

from lxml import html as lxml_html
from lxml.html import HtmlElement, builder

_MARKERS = ".//p[contains(concat(' ', @class, ' '), ' wb-unanswered ')]"
_QUESTIONS = f"{_MARKERS} | .//ul[contains(@class, 'wb-unanswered-list')]/li"
_OUTSIDE = (
    "[not(ancestor-or-self::p[contains(concat(' ', @class, ' '), ' wb-unanswered ')]"
    " | ancestor-or-self::*[contains(@class, 'wb-provenance')])]"
)
_PICTURES = ("img", "svg", "table", "pre", "input", "hr")
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
    blocks = [b for e in body for b in (e if _has(e, "wb-text") else [e])]
    places, questions = body.find_class(HERE), _questions(body)
    for place in places:
        place.clear()
        place.set("class", HERE)
    answers = {block for block in blocks if _is_answer(block)}
    kept = answers | set(places if questions else ())
    silent = {b for b in blocks if b.find_class("wb-unanswered")} - answers
    silent |= set() if questions else set(places)
    for at, block in enumerate(blocks):
        level = _level(block)
        inside = takewhile(lambda b, top=level: not 0 < _level(b) <= top, blocks[at + 1 :])
        section = [block, *inside]
        if level > 1 and silent.intersection(section) and not kept.intersection(section):
            for each in section:
                _drop(each, body)
    for marker in body.xpath(_MARKERS):
        _drop(marker, body)
    if questions:
        place = places[0] if places else lxml_html.Element("div", {"class": HERE})
        if not places:
            body.append(place)
        before = blocks[: blocks.index(place)] if place in blocks else []
        if not before or not _level(before[-1]):
            place.append(builder.H2(heading))
        place.append(builder.UL(*questions, {"class": "wb-unanswered-list"}))
    for place in places[bool(questions) :]:
        _drop(place, body)
    for empty in body.xpath("./*[@class='wb-output' or starts-with(@class, 'wb-text')]"):
        if not len(empty) and not (empty.text or "").strip():
            empty.drop_tree()


def _has(element: HtmlElement, name: str) -> bool:
    return name in element.get("class", "").split()


def _level(block: HtmlElement) -> int:
    """1 to 6 for a heading of a text, else 0."""
    heading = re.fullmatch("h([1-6])", str(block.tag))
    return int(heading[1]) if heading else 0


def _is_answer(block: HtmlElement) -> bool:
    """Whether it is an output that shows more than markers."""
    if _has(block.getparent(), "wb-text") or _has(block, HERE):
        return False
    pictures = " or ".join(f"self::{name}" for name in _PICTURES)
    shown = block.xpath(f"descendant-or-self::*[{pictures}]{_OUTSIDE}")
    return bool(shown) or any(text.strip() for text in block.xpath(f".//text(){_OUTSIDE}"))


def _questions(body: HtmlElement) -> list[HtmlElement]:
    """A list item for each question, once."""
    items: dict[str, HtmlElement] = {}
    for element in body.xpath(_QUESTIONS):
        item = copy.deepcopy(element)
        item.tag, item.tail = "li", None
        item.attrib.pop("class", None)
        items.setdefault(element.get("data-question") or item.text_content().strip(), item)
    return list(items.values())


def _drop(element: HtmlElement, body: HtmlElement) -> None:
    """Takes an element out, but what says where the page comes from is moved to the end."""
    for provenance in element.find_class("wb-provenance"):
        if provenance is not element:
            body.append(provenance)
    if element.getparent() is not None:
        element.drop_tree()

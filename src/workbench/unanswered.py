"""Questions that the data do not answer: their sections go, and one list at the end names them.

A cell that has no answer displays a marker, `<p class="wb-unanswered" data-question="…">`: the
question and the file that would answer it. A notebook shows it where it stands. A page leaves out
each section that has nothing else to show, and says every question once where the cell tagged
`unanswered` stands, or at its end.
"""

from __future__ import annotations

import copy
from itertools import takewhile

from lxml import html as lxml_html
from lxml.html import HtmlElement

_MARKERS = ".//p[contains(concat(' ', @class, ' '), ' wb-unanswered ')]"
_ITEMS = ".//ul[contains(@class, 'wb-unanswered-list')]/li"
_SHOWN = ".//img | .//svg | .//table | .//pre | .//input | .//hr"
HERE = "wb-unanswered-here"
"""Class of the box that the template puts round the cell tagged `unanswered`."""


def settle(body: HtmlElement, heading: str) -> None:
    """Leaves out what has no answer and lists the questions; changes the body.

    A section reaches from a heading to the next of the same or a higher level.

    Args:
        body: the cleaned cells.
        heading: of the list, where no heading of the notebook stands above it.
    """
    blocks = _blocks(body)
    places = body.find_class(HERE)
    questions = _questions(body)
    for place in places:
        place.clear()
        place.set("class", HERE)
    answers = {id(block) for block in blocks if _is_answer(block)}
    silent = {id(b) for b in blocks if b.find_class("wb-unanswered") and id(b) not in answers}
    silent |= {id(block) for block in blocks if not questions and HERE in block.get("class", "")}
    for at, block in enumerate(blocks):
        level = _level(block)
        if level < 2:
            continue
        inside = takewhile(lambda b, top=level: not 0 < _level(b) <= top, blocks[at + 1 :])
        section = [block, *inside]
        ids = {id(b) for b in section}
        kept = ids & (answers | {id(p) for p in places if questions})
        if ids & silent and not kept:
            for each in section:
                _drop(each)
    for marker in body.xpath(_MARKERS):
        _drop(marker)
    if questions:
        _list(places[0] if places else _end(body), questions, heading, blocks)
    for place in places[bool(questions) :]:
        _drop(place)
    for empty in body.xpath("./*[@class='wb-output' or starts-with(@class, 'wb-text')]"):
        if not len(empty) and not (empty.text or "").strip():
            empty.drop_tree()


def _blocks(body: HtmlElement) -> list[HtmlElement]:
    """Outputs, and what stands in texts, in the order of reading."""
    blocks = []
    for element in body:
        is_text = "wb-text" in element.get("class", "").split()
        blocks += list(element) if is_text else [element]
    return blocks


def _level(block: HtmlElement) -> int:
    """1 to 6 for a heading of a text, else 0."""
    is_heading = isinstance(block.tag, str) and len(block.tag) == 2 and block.tag[0] == "h"
    return int(block.tag[1]) if is_heading and block.tag[1].isdigit() else 0


def _is_answer(block: HtmlElement) -> bool:
    """Whether it is an output that shows more than markers."""
    if "wb-text" in block.getparent().get("class", "").split() or HERE in block.get("class", ""):
        return False
    rest = copy.deepcopy(block)
    for element in [*rest.xpath(_MARKERS), *rest.find_class("wb-provenance")]:
        if element.getparent() is None:
            return False
        _drop(element)
    is_picture = rest.tag in ("img", "pre", "table")
    return is_picture or bool(rest.xpath(_SHOWN) or rest.text_content().strip())


def _questions(body: HtmlElement) -> list[HtmlElement]:
    """A list item for each question, once."""
    items: dict[str, HtmlElement] = {}
    for element in body.xpath(f"{_MARKERS} | {_ITEMS}"):
        item = copy.deepcopy(element)
        item.tag, item.tail = "li", None
        item.attrib.pop("class", None)
        items.setdefault(element.get("data-question") or item.text_content().strip(), item)
    return list(items.values())


def _list(
    place: HtmlElement, questions: list[HtmlElement], heading: str, blocks: list[HtmlElement]
) -> None:
    before = blocks[: blocks.index(place)] if place in blocks else []
    if not before or not _level(before[-1]):
        title = lxml_html.Element("h2")
        title.text = heading
        place.append(title)
    listed = lxml_html.Element("ul", {"class": "wb-unanswered-list"})
    listed.extend(questions)
    place.append(listed)


def _end(body: HtmlElement) -> HtmlElement:
    place = lxml_html.Element("div", {"class": HERE})
    body.append(place)
    return place


def _drop(element: HtmlElement) -> None:
    """Takes an element out, but what says where the page comes from is moved to its end."""
    root = element.getroottree().getroot()
    for provenance in element.find_class("wb-provenance"):
        body = root.find("body")
        if body is not None and provenance is not element:
            body.append(provenance)
    if element.getparent() is not None:
        element.drop_tree()

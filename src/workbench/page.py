"""What may be on a page, and how the cleaned cells become one.

Text from data is taken to be hostile: whatever is not on the lists of `sanitised` goes, and the
Content-Security-Policy of the page forbids scripts and requests even if something slipped through.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from html import escape, unescape
from typing import Any

import lxml.etree
import nh3
from lxml import html as lxml_html
from lxml.html import HtmlElement, builder

from helpers.schema import LANGS, Lang
from workbench import unanswered
from workbench.style import TEMPLATES

CSP = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
DIRECTION = {"fa": "rtl", "en": "ltr"}
OTHER = dict(zip(LANGS, LANGS[::-1], strict=True))
WIDE_TABLE = 7
"""Columns from which a table is set smaller on paper, so that none is cut."""
WHOLE_TABLE, LINE = 13, 40
"""Lines up to which a table is not broken over two pages, and characters that make a line."""


@cache
def _allowed(kind: str) -> set[str]:
    lists = json.loads((TEMPLATES / "allowed.json").read_text(encoding="utf-8"))
    return set(lists[kind].split())


_WORKBOOK = r"data:application/vnd\.openxmlformats-officedocument\.spreadsheetml\.sheet;base64,"
_SAFE = {
    "href": re.compile(rf"https?://|mailto:|#|data:text/csv[;,]|{_WORKBOOK}|[^:]*$", re.IGNORECASE),
    "src": re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml)[;,]", re.IGNORECASE),
}
_SAFE_STYLE = re.compile(r"(--[\w-]+|width|inline-size|font-weight)\s*:\s*[\w.%+\- ]+")
_IMG = re.compile(r'<img(?:\s+[\w:-]+="[^"]*")*\s*/?>')
_EMBEDDED = re.compile(r"<(audio|canvas|embed|iframe|math|object|svg|video)\b[^>]*>", re.I)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
"""Characters that no page may hold."""


def sanitised(
    markup: str,
    picture: Callable[[str], str | None] = lambda address: address,
    missing: Callable[[str], str] = lambda _: "",
) -> str:
    """The markup with only the elements, attributes and addresses that a page may have.

    Scripts, styles and embedded documents go with what is in them; an unknown element goes and
    its text stays. Unbalanced markup comes back balanced, so no cell can break the next one.

    Args:
        markup: HTML of any origin.
        picture: address of a picture -> the one it has on the page; None for none.
        missing: alternative text -> what stands in the place of a picture without an address.
    """

    def filtered(element: str, name: str, value: str) -> str | None:
        found = picture(value) if (element, name) == ("img", "src") else value
        if not found or name not in _SAFE:
            return _safe_style(found) if name == "style" else found
        # Browsers ignore control characters and spaces inside a scheme.
        return found if _SAFE[name].match(re.sub(r"[\x00-\x20]+", "", found[:200])) else None

    cleaned = nh3.clean(
        _EMBEDDED.sub(_with_picture, CONTROL.sub("", markup)),
        tags=_allowed("elements"),
        clean_content_tags=_allowed("dropped_whole"),
        attributes={"*": _allowed("attributes")},
        generic_attribute_prefixes={"data-", "aria-"},
        attribute_filter=filtered,
        url_schemes={"http", "https", "mailto", "data", "attachment"},
        link_rel=None,
    )

    # An address that may not be leaves a picture of nothing.
    def seen(image: re.Match[str]) -> str:
        alt = re.search(r' alt="([^"]*)"', image[0])
        return image[0] if ' src="' in image[0] else missing(unescape(alt[1]) if alt else "")

    return _IMG.sub(seen, cleaned)


def _with_picture(embedded: re.Match[str]) -> str:
    """Before what a page may not hold a picture without an address, named as it is."""
    title = re.search(r"""(?:title|aria-label)=["']([^"'<>]+)["']""", embedded[0])
    return (f'<img alt="{title[1]}">' if title else f"<img alt={embedded[1]}>") + embedded[0]


def _safe_style(value: str) -> str | None:
    parts = (part.strip() for part in value.split(";"))
    return "; ".join(part for part in parts if _SAFE_STYLE.fullmatch(part)) or None


def css_string(text: str) -> str:
    """Text as a CSS string that can end neither the string nor the style element."""
    return '"' + re.sub(r'[\\"<>\n\r\f\0]', lambda c: f"\\{ord(c[0]):x} ", text) + '"'


# The parts become one page


def compose(cells: str, about: dict[str, Any]) -> dict[str, Any]:
    """The cleaned cells as one page: title, contents, captions, isolated names, traced numbers.

    What the template puts round the cells is made from the cells: `about` is given back with
    `title`, `title_html`, `body`, `contents` (pairs of id and heading), `footer` and `numbers`.
    """
    body = lxml_html.document_fromstring(f"<html><body>{cells}</body></html>").body
    title = _take_title(body) or about["fallback_title"]
    head, foot = builder.DIV(title), builder.DIV(*body.find_class("wb-provenance"))
    unanswered.settle(body, about["words"]["unanswered"])
    body.extend([head, foot])
    headings = [(f"section-{n}", heading) for n, heading in enumerate(body.iter("h2"), 1)]
    for name, heading in headings:
        heading.set("id", name)
    contents = [(name, _text(heading)) for name, heading in headings]
    _drop_idle_ids(body)
    for table in body.iter("table"):
        _prepare_table(table, about["words"])
    for image in body.iter("img"):
        image.set("alt", image.get("alt") or about["words"]["no_alt"])
    for image in body.xpath(".//figure[contains(@class, 'wb-chart')]/img"):
        _framed(image, {"class": "wb-canvas", "role": "group", "tabindex": "0"}, image.get("alt"))
    for chart in body.xpath("./div[figure[contains(@class, 'wb-chart')]]"):
        _put_words_beside(chart)
    for number in body.xpath(f"{_NUMBERS}[@title]"):
        # The source moves out of `title`, whose own tooltip would cover ours.
        number.set("data-source", number.attrib.pop("title"))
        number.set("tabindex", "-1" if number.xpath("ancestor::table") else "0")
    for name in body.xpath(".//bdi[not(@dir)]"):
        # That of the first letter, as browsers find it out; WeasyPrint has to be told.
        letter = _STRONG.search(_text(name))
        name.set("dir", letter.lastgroup if letter else "ltr")
    _isolate(body, about["lang"])
    about["numbers"] = _numbers_of(body)
    for part in (head, foot):
        part.drop_tree()
    about |= {"title": title, "title_html": _inner(head), "body": _inner(body)}
    return about | {"contents": contents, "footer": _inner(foot)}


def _take_title(body: HtmlElement) -> str:
    """The text of the first heading of the first level, which moves to the head of the page."""
    first, *later = list(body.iter("h1")) or [None]
    for heading in later:
        heading.tag = "h2"
    title = _text(first) if first is not None else ""
    if first is not None:
        first.drop_tree()
    return title


def _drop_idle_ids(body: HtmlElement) -> None:
    """Ids that nothing points to go: libraries make them up at random, or use one twice."""
    used = {a.get("href", "")[1:] for a in body.iter("a")} | {h.get("id") for h in body.iter("h2")}
    for element in body.xpath(".//*[@id]"):
        if element.get("id") not in used:
            del element.attrib["id"]
        used.discard(element.get("id"))
    lxml.etree.strip_attributes(body, "aria-labelledby", "aria-describedby", "headers")


def _prepare_table(table: HtmlElement, words: dict[str, str]) -> None:
    """What stays in sight while a table moves is boxed; a bare table gets its frame."""
    for empty in table.xpath(".//th[not(normalize-space())]"):
        empty.tag = "td"  # a heading that says nothing is read out as one
        empty.attrib.pop("scope", None)
    for cell in table.xpath("./caption[not(*)] | .//tfoot//td | .//th[@scope='rowgroup']"):
        _keep_in_sight(cell)
    rows = list(table.iter("tr"))
    n_lines = sum(1 + max((len(_text(cell)) for cell in row), default=0) // LINE for row in rows)
    if max(map(len, rows), default=0) > WIDE_TABLE:
        table.classes.add("wb-wide")
    if n_lines <= WHOLE_TABLE:
        table.classes.add("wb-whole")
    if not table.xpath("ancestor::*[contains(@class, 'wb-table')]"):
        label = " ".join(map(_text, table.iter("caption"))) or words["table"]
        _framed(table, {"class": "wb-table", "role": "region", "tabindex": "0"}, label)


def _keep_in_sight(cell: HtmlElement) -> None:
    """Boxes what is in a cell as wide as its table, so that it can stay while the table moves."""
    box = builder.SPAN(*cell, {"class": "wb-stay"})
    box.text, cell.text = cell.text, None
    cell.append(box)


def _framed(element: HtmlElement, attributes: dict[str, str], label: str) -> None:
    """Puts the element into a box of its own that can scroll, named for those who cannot see."""
    frame = builder.DIV({**attributes, "aria-label": label})
    frame.tail, element.tail = element.tail, None
    element.addprevious(frame)
    frame.append(element)


def _put_words_beside(chart: HtmlElement) -> None:
    """What the cells around a chart say of it comes into its box, to stand beside it.

    That is the next cell, and the one before where the next adds no more than a doubt.
    """
    beside = builder.DIV({"class": "wb-beside"})
    for side in ("following", "preceding"):
        for cell in chart.xpath(f"{side}{_WORDS}"):
            if not beside.xpath("*[not(contains(@class, 'wb-doubt'))]"):
                beside[:0] = list(cell)
                cell.drop_tree()
    if len(beside):
        chart.set("class", "wb-pair")
        chart.append(beside)


_WORDS = "-sibling::*[1][@class='wb-output'][*][not(*[not(self::p or self::ul)])]"
_NUMBERS = ".//data[contains(@class, 'wb-number')]"
_FOREIGN = {
    # After a letter the sign of a percentage would stand on the other side than within a `<data>`.
    "fa": re.compile(
        r"([A-Za-z][A-Za-z0-9]*(?:[ .,:/&+\-–_'’]+[A-Za-z0-9]+)*|(?:\u200e\u2212)?[۰-۹][۰-۹٬٫]*٪)"
    ),
    "en": re.compile(r"([\u0600-\u06ff]+(?:[ \u200c()«»\-]+[\u0600-\u06ff]+)*)"),
}
_FOREIGN_TEXT = (
    ".//text()[not(ancestor::pre or ancestor::code or ancestor::bdi or ancestor::*[@dir])]"
)


def _isolate(body: HtmlElement, lang: Lang) -> None:
    """Runs in the other script get their own direction, so that they cannot reorder the line."""
    for text in body.xpath(_FOREIGN_TEXT):
        before, *rest = _FOREIGN[lang].split(text)
        if not rest:
            continue
        runs = [builder.E.bdi(word, {"dir": DIRECTION[OTHER[lang]]}) for word in rest[::2]]
        for run, tail in zip(runs, rest[1::2], strict=True):
            run.tail = tail
            if not run.text.endswith("٪"):
                run.set("lang", OTHER[lang])
        holder = text.getparent()
        if text.is_text:
            holder.text, place, at = before, holder, 0
        else:
            holder.tail, place = before, holder.getparent()
            at = place.index(holder) + 1
        place[at:at] = runs


_STRONG = re.compile(r"(?P<ltr>[A-Za-z])|(?P<rtl>[\u0620-\u065f\u066e-\u06ef\u06fa-\u06ff])")


def _inner(element: HtmlElement) -> str:
    parts = (lxml_html.tostring(child, encoding="unicode") for child in element)
    return escape(element.text or "", quote=False) + "".join(parts)


def _text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _numbers_of(body: HtmlElement) -> list[dict[str, Any]]:
    """The named numbers of the cells, unrounded, in the order of reading, each once.

    Where a page prints a number again, its first place stands: what the second is called there
    depends on the language, and both languages of a page have the same numbers.
    """
    once: dict[tuple[Any, ...], dict[str, Any]] = {}
    for number in body.xpath(_NUMBERS):
        about = {
            name: number.get(f"data-{name}", "") for name in ("name", "unit", "scope", "period")
        }
        about["value"] = float(number.get("value")) if number.get("value") else None
        printed = {"source": number.get("data-source", ""), "shown": _text(number)}
        once.setdefault(tuple(about.values()), about | printed)
    return list(once.values())

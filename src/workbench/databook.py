"""The data book: everything a page shows as numbers, as a workbook beside it.

It is made from the page alone, so that the two cannot differ: a sheet for each chart and table
from the CSV link inside the page, one for the numbers of its sentences, and a first sheet that
says what all of it is. Texts are written as texts: none of them can become a formula or a link.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import xlsxwriter
from lxml import html as lxml_html
from lxml.html import HtmlElement

from workbench.page import DIRECTION, numbers_of
from workbench.style import page_words

_CSV_LINK = ".//a[starts-with(@href, 'data:text/csv')]"
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?(e[+-]?[0-9]+)?")
_DISARMED = re.compile(r"(^|;)'(?=[=+\-@\t\r])")
"""What a CSV needs before such a text, and a workbook does not."""
_CODES = re.compile(r"_(code|iso3)$|^(code|file|source_file)$")
_NO_DATE = datetime(2000, 1, 1)
"""The same page gives the same bytes; when it was made is on the first sheet."""
_WIDEST = 60
"""Characters a column is wide at most."""
_LISTED = ("sheet", "title", "source")
_BANNERS = "/html/body/*[@class='wb-synthetic' or @class='wb-unknown']/p"
_PROVENANCE = "//*[contains(@class, 'wb-provenance')]//dt"
_LONGEST_TEXT = 32_767
"""Characters a cell can hold."""


@dataclass(frozen=True)
class Sheet:
    """The data of a chart or a table.

    Attributes:
        name: of the sheet; unique, and short enough for a tab.
        rows: the heading and below it the values; None is missing.
    """

    name: str
    title: str
    source: str
    rows: list[list[Any]]


def data_book(page: str) -> bytes:
    """The workbook of a page (`.xlsx`); unrounded values, codes as texts, missing as empty cells.

    Args:
        page: a page of `export`.
    """
    root = lxml_html.document_fromstring(page)
    words = page_words(root.get("lang", "fa"))
    sheets = [*_sheets(root), *_numbers(root, words)]
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": _text(root.find(".//h1")), "created": _NO_DATE})
        writer = _Writer(book, is_mirrored=root.get("dir") == DIRECTION["fa"])
        writer.write_about(root, sheets, words)
        for sheet in sheets:
            writer.write_sheet(sheet)
    return target.getvalue()


def _sheets(root: HtmlElement) -> Iterator[Sheet]:
    for order, link in enumerate(root.xpath(_CSV_LINK), 1):
        holder = next(link.iterancestors("figure", "table"), link.getparent())
        titles = holder.xpath(".//figcaption | .//caption")
        line = next(link.iterancestors("p", "td", "th"), link.getparent())
        source = _text(line).replace(_text(link), "").strip(" ·")
        text = unquote(link.get("href").partition(",")[2]).removeprefix("\ufeff")
        title = _text(titles[0]) if titles else ""
        yield Sheet(_tab(order, title), title, source, _typed(list(csv.reader(io.StringIO(text)))))


def _numbers(root: HtmlElement, words: dict[str, Any]) -> Iterator[Sheet]:
    """The named numbers of the sentences and tables, each once."""
    names = ("name", "value", "unit", "scope", "period", "source", "shown")
    rows = dict.fromkeys(tuple(number[name] for name in names) for number in numbers_of(root))
    if rows:
        title = words["register"]
        yield Sheet(words["book"]["numbers"], title, "", [list(names), *map(list, rows)])


def _tab(order: int, title: str) -> str:
    """`3 Rank`: without what a tab may not hold, at most 31 characters."""
    allowed = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", " ", title)
    return f"{order} {' '.join(allowed.split())}"[:31].strip()


def _typed(rows: list[list[str]]) -> list[list[Any]]:
    """Columns of numbers become numbers; codes stay texts, with the zeros they begin with."""
    heading, *body = ([_DISARMED.sub(r"\1", cell) for cell in row] for row in rows)
    columns = map(_column, heading, zip(*body, strict=True))
    return [heading, *map(list, zip(*columns, strict=True))]


def _column(name: str, cells: tuple[str, ...]) -> list[Any]:
    is_number = not _CODES.search(name) and all(_NUMBER.fullmatch(cell) for cell in cells if cell)
    return [(float(cell) if is_number else cell) if cell else None for cell in cells]


class _Writer:
    """Writes sheets in one manner."""

    def __init__(self, book: xlsxwriter.Workbook, *, is_mirrored: bool) -> None:
        self.book, self.is_mirrored = book, is_mirrored
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.heading = book.add_format({"bold": True, "bottom": 1, "bg_color": "#f3f0ea"})
        self.warning = book.add_format({"bold": True, "bg_color": "#ffe3a8", "color": "#4a2b00"})
        self.link = book.add_format({"color": "#1f5673", "underline": 1})

    def write_about(self, root: HtmlElement, sheets: list[Sheet], words: dict[str, Any]) -> None:
        """What the workbook is, where it comes from, what is in it and in which units."""
        book = words["book"]
        page = self._page(book["about"], _text(root.find(".//h1")))
        told = [[_text(dt), _text(dt.getnext())] for dt in root.xpath(_PROVENANCE)]
        listed = [[None, sheet.title, sheet.source] for sheet in sheets]
        units = [list(pair) for pair in _units(sheets, book["units"]).items()]
        at = self._rows(page, 1, [[_text(p)] for p in root.xpath(_BANNERS)], self.warning)
        at = self._rows(page, at, [[_text(p)] for p in root.find_class("wb-place")])
        at = self._rows(page, at, [[book["unrounded"]]])
        at = self._rows(page, at + 1, told)
        at = self._rows(page, at + 1, [[book[name] for name in _LISTED]], self.heading)
        for below, sheet in enumerate(sheets):
            page.write_url(at + below, 0, f"internal:'{sheet.name}'!A1", self.link, sheet.name)
        at = self._rows(page, at, listed)
        at = self._rows(page, at + 1, [[book["column"], words["unit"]]], self.heading)
        self._rows(page, at, units)
        page.set_column(0, 0, 34)
        page.set_column(1, 2, _WIDEST)

    def write_sheet(self, sheet: Sheet) -> None:
        """Title and source, then the data with a heading that stays in sight."""
        page = self._page(sheet.name, sheet.title)
        at = self._rows(page, 1, [[sheet.source], []])
        at = self._rows(page, at, sheet.rows[:1], self.heading)
        self._rows(page, at, sheet.rows[1:])
        page.freeze_panes(at, 0)
        for across, column in enumerate(zip(*sheet.rows, strict=True)):
            longest = max(len(str(cell)) for cell in column if cell is not None)
            page.set_column(across, across, min(longest + 3, _WIDEST))

    def _page(self, name: str, title: str) -> Any:
        page = self.book.add_worksheet(name)
        if self.is_mirrored:
            page.right_to_left()
        page.write_string(0, 0, title[:_LONGEST_TEXT], self.title)
        return page

    def _rows(self, page: Any, at: int, rows: list[list[Any]], form: Any = None) -> int:
        """Writes rows from `at` downwards; the number of the row below them."""
        for down, row in enumerate(rows, at):
            for across, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(down, across, cell[:_LONGEST_TEXT], form)
                elif cell is not None:
                    page.write_number(down, across, cell, form)
        return at + len(rows)


def _units(sheets: list[Sheet], units: dict[str, str]) -> dict[str, str]:
    """Column -> its unit, for the columns whose name ends in one."""
    names = dict.fromkeys(str(name) for sheet in sheets for name in (sheet.rows or [[]])[0])
    found = {name: [unit for end, unit in units.items() if name.endswith(end)] for name in names}
    return {name: fitting[0] for name, fitting in found.items() if fitting}


def _text(element: HtmlElement | None) -> str:
    return "" if element is None else " ".join(element.text_content().split())

"""The data book: everything a page shows as numbers, as a workbook beside it.

It is made from the frames that the notebook's outputs carry as data (`TABLE_MIME`), and keeps the
rules of official statistics: a cover, a contents table, a notes table, then a table a sheet, each
marked up as a table with a name, headings with units, and what a blank means. Texts are written
as texts: none of them can become a formula or a link.
"""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from nbformat import NotebookNode

from helpers.schema import Lang
from workbench.page import DIRECTION
from workbench.style import digits, page_words

TABLE_MIME = "application/vnd.workbench.table+json"
"""An output that carries a table: `title`, `source`, `notes`, `columns` (each with `name`,
`heading` and `unit`) and `rows`, lists of plain values in the order of the columns; null is
missing."""

_NO_DATE = datetime(2000, 1, 1)
"""The same page gives the same bytes; when it was made is on the cover."""
_WIDEST = 60
"""Characters a column is wide at most."""
_UNIT = re.compile(r"\s*\([^()]*\)\s*$")


@dataclass(frozen=True)
class BookSheet:
    """A table of the book.

    Attributes:
        columns: their headings, with the unit in words where there is one.
        key: what it is by, of which the name of its table is made.
        rows: values in the order of the columns; None is missing.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    source: str = ""
    notes: str = ""
    key: str = ""


def tables_of(cells: Iterable[NotebookNode], lang: Lang) -> list[BookSheet]:
    """The tables that the outputs of cells carry, in the order of reading."""
    units = page_words(lang)["units"]
    outputs = (output.get("data", {}) for cell in cells for output in cell.get("outputs", []))
    return [_carried(data[TABLE_MIME], units) for data in outputs if TABLE_MIME in data]


def numbers_table(numbers: Sequence[Mapping[str, Any]], lang: Lang) -> list[BookSheet]:
    """The named numbers of the page's sentences as a table; none where there are none."""
    words = page_words(lang)
    units = words["units"]
    # What it is, of whom, when and by whom stand in its source; the codes are in the record.
    rows = dict.fromkeys(
        (n["source"], n["value"], units.get(n["unit"], n["unit"]), n["shown"]) for n in numbers
    )
    columns = [words[name] for name in ("measure", "value", "unit", "shown")]
    return [BookSheet(words["register"], columns, list(rows), key="sentences")] if rows else []


def data_book(title: str, lang: Lang, cover: Sequence[str], tables: Sequence[BookSheet]) -> bytes:
    """The workbook (`.xlsx`); values are unrounded, codes are texts.

    Args:
        title: of the page.
        lang: of the page.
        cover: lines below the title, in the order of reading.
        tables: in the order of the page.
    """
    target, words = io.BytesIO(), page_words(lang)["book"]
    names = [f"{words['table']} {digits(str(n), lang)}" for n in range(1, len(tables) + 1)]
    titles = [[name, table.title] for name, table in zip(names, tables, strict=True)]
    contents = BookSheet(words["contents"], [words["sheet"], words["title"]], titles)
    texts = dict.fromkeys(table.notes for table in tables if table.notes)
    marks = {t: f"[{words['mark']} {digits(str(n), lang)}]" for n, t in enumerate(texts, 1)}
    notes = [[mark, text] for text, mark in marks.items()]
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        author = page_words(lang)["author"]
        book.set_properties({"title": title, "author": author, "created": _NO_DATE})
        book.set_custom_property("Language", lang)
        writer = _Writer(book, lang, words)
        writer.sheet(words["cover"], [title, *cover, words["unrounded"]])
        writer.table_sheet(words["contents"], "contents", contents, links=names)
        if notes:
            listed = BookSheet(words["notes"], [words["note"], words["text"]], notes)
            writer.table_sheet(words["notes"], "notes", listed)
        for order, (name, table) in enumerate(zip(names, tables, strict=True), 1):
            key = f"table_{order}_{table.key}".rstrip("_")
            writer.table_sheet(name, key, table, mark=marks.get(table.notes, ""))
    return target.getvalue()


class _Writer:
    """Writes sheets in one manner."""

    def __init__(self, book: xlsxwriter.Workbook, lang: Lang, words: Mapping[str, Any]) -> None:
        self.book, self.lang, self.words = book, lang, words
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.heading = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})

    def sheet(self, name: str, lines: Sequence[str]) -> Any:
        """A sheet with lines in its first column, the first of them its title."""
        sheet = self.book.add_worksheet(name)
        # Whatever a text looks like.
        sheet.add_write_handler(str, type(sheet).write_string)
        if DIRECTION[self.lang] == "rtl":
            sheet.right_to_left()
        for down, line in enumerate(lines):
            sheet.write(down, 0, line, None if down else self.title)
        sheet.set_column(0, 0, _WIDEST)
        return sheet

    def table_sheet(
        self, name: str, key: str, table: BookSheet, links: Sequence[str] = (), mark: str = ""
    ) -> None:
        """Title, what the sheet holds and what blanks mean, note, source; the table last.

        A note's `mark` stands in the first heading too.
        """
        # NaN is what pandas calls missing, and no number to a workbook.
        rows = [[None if value != value else value for value in row] for row in table.rows]
        has_blanks = any(value is None for row in rows for value in row)
        blanks = self.words["blanks"] * has_blanks
        about = (self.words["one_table"], blanks, f"{mark} {table.notes}".strip(), table.source)
        lines = [table.title, *filter(None, about)]
        sheet, top = self.sheet(name, lines), len(lines)
        headings = _distinct(list(table.columns))
        headings[0] = f"{headings[0]} {mark}".strip()
        sheet.add_table(
            top, 0, top + max(len(rows), 1), len(headings) - 1,
            {
                "name": key, "title": table.title[:255], "description": table.title[:255],
                "style": None, "autofilter": False, "data": rows,
                "columns": [{"header": h, "header_format": self.heading} for h in headings],
            },
        )  # fmt: skip
        for down, target in enumerate(links, top + 1):
            sheet.write_url(down, 0, f"internal:'{target}'!A1", None, target)
        for across, cells in enumerate(zip(headings, *rows, strict=True)):
            longest = max(len(str(cell)) for cell in cells if cell is not None)
            sheet.set_column(across, across, min(longest + 3, _WIDEST))


def _distinct(names: list[str]) -> list[str]:
    """Headings of a table must differ."""
    nth = [names[: at + 1].count(name) for at, name in enumerate(names)]
    return [name if n == 1 else f"{name} [{n}]" for name, n in zip(names, nth, strict=True)]


def _carried(data: Mapping[str, Any], units: Mapping[str, str]) -> BookSheet:
    columns = []
    for column in data["columns"]:
        name, heading = column["name"], column["heading"]
        # A heading names the unit that the page shows; the book holds the values themselves.
        by_name = (unit for end, unit in units.items() if "_" in end and name.endswith(end))
        unit = next(by_name, "") if heading == name else units.get(column["unit"], "")
        columns.append(f"{_UNIT.sub('', heading)} ({unit})" if unit else heading)
    return BookSheet(
        data["title"], columns, data["rows"], data.get("source", ""), data.get("notes", ""),
        key=f"by_{data['columns'][0]['name']}",
    )  # fmt: skip

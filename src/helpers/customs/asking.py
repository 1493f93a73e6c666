"""A workbook for what nobody publishes: a province's exports by where the goods were made.

Customs statistics name the province in which goods were declared. The trade office of a province
can ask its exporters; `write_workbook` makes what it sends them, and the layout
`exporters_by_production` reads it back as it is, with `province_basis: production`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml

from helpers import classification
from helpers.customs import layouts
from helpers.places import write_whole
from helpers.text import to_persian_digits

FIRST_ROW = 3
"""The first row to fill in, counted from 1: title and headings stand above it."""

N_ROWS = 5_000
"""Rows that are checked while they are filled in; more may follow."""

_CREATED = datetime(1980, 1, 1, tzinfo=UTC)
"""The least a zip file can say: the same question gives the same bytes."""

_STYLES = (
    ("text", {"num_format": "@"}),
    ("figure", {"num_format": "#,##0"}),
    ("title", {"bold": True, "font_size": 14}),
    ("heading", {"bold": True, "bottom": 1}),
    ("guide", {"text_wrap": True, "valign": "top"}),
)


def write_workbook(path: Path, province: str, year: int) -> None:
    """Writes the workbook that a trade office fills in, from right to left.

    Its first sheet says how; its second has a title, the headings and checks on what is typed;
    its third lists customs offices and countries for the drop-down lists.

    Args:
        path: the `.xlsx` to write.
        province: slug of the province where the goods were made.
        year: Solar Hijri year.

    Raises:
        UnknownCode: there is no such province.
    """
    name = classification.code_name("province", province, "fa")
    write_whole(path, partial(_write, name=name, year=to_persian_digits(str(year))))


@cache
def workbook_words() -> dict[str, Any]:
    """What the workbook says, out of the layout that reads it back: title, headings, guide."""
    layout = layouts.LAYOUTS / "exporters_by_production.yml"
    return yaml.safe_load(layout.read_text(encoding="utf-8"))["workbook"]


def _write(path: Path, name: str, year: str) -> None:
    words = workbook_words()
    title, headings = words["title"].format(province=name, year=year), words["headings"]
    countries = sorted(set(classification.names_of("partner", "fa").values()))
    lists = [sorted(classification.customs_offices()["customs_office"]), countries]
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        book.set_properties({"created": _CREATED})
        styles = {name: book.add_format(style | {"reading_order": 2}) for name, style in _STYLES}
        guide, sheet, offered = map(book.add_worksheet, words["sheets"])
        for each in (guide, sheet, offered):
            each.right_to_left()
        guide.set_column(0, 0, 100)
        guide.write(0, 0, title, styles["title"])
        for row, text in enumerate(words["guide"], start=2):
            guide.write(row, 0, text.format(province=name), styles["guide"])
        for column, known in enumerate(lists):
            offered.write_column(0, column, known)
        sheet.write(0, 0, title, styles["title"])
        sheet.write_row(1, 0, headings, styles["heading"])
        sheet.freeze_panes(FIRST_ROW - 1, 0)
        rules = zip(_rules(lists), headings.values(), strict=True)
        for column, (rule, warning) in enumerate(rules):
            style = styles["figure" if rule["validate"] in ("integer", "decimal") else "text"]
            sheet.set_column(column, column, 24, style)
            told = {"error_type": "warning", "error_title": "؟", "error_message": warning}
            sheet.data_validation(FIRST_ROW - 1, column, FIRST_ROW + N_ROWS, column, rule | told)


def _rules(lists: list[Sequence[str]]) -> list[dict[str, Any]]:
    """A check for each column; what does not fit is warned of, since an office may be new."""
    sheet = workbook_words()["sheets"][-1]
    among = [
        {"validate": "list", "value": f"='{sheet}'!${letter}$1:${letter}${len(known)}"}
        for letter, known in zip("AB", lists, strict=True)
    ]
    amount = {"validate": "decimal", "criteria": ">=", "value": 0}
    return [
        {"validate": "custom", "value": f"=LEN(A{FIRST_ROW})=8"},
        *among,
        {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": 12},
        amount,
        amount,
    ]

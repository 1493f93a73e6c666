"""A tidy table in, a report table out: units in headings, totals first, missing explained.

great-tables lays out the table; numbers are written by `narrative`, so that a table, a label and
a sentence never round differently. Its own style sheet is left out: the page has one for all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import quote

import pandas as pd
from great_tables import GT, html

from helpers import narrative
from helpers.figures import safe_csv
from helpers.narrative import Html
from helpers.schema import Lang, Number

_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_NOTES = {
    "fa": {"zero": "– یعنی صفر.", "missing": "«نامعلوم» یعنی منتشر نشده یا محاسبه‌پذیر نیست."},
    "en": {"zero": "– means zero.", "missing": "n/a: not published, or cannot be computed."},
}


@dataclass(frozen=True)
class Column:
    """How a column is headed and written.

    Attributes:
        label: the heading, with its unit.
        unit: unit of the stored values (`USD`, `kg`, `USD/t`, `1` for a share, `n` for a count);
            empty for text, `year` for a Solar Hijri year.
        scale: what the values are divided by before they are written.
        decimals: how many of them.
    """

    label: str
    unit: str = ""
    scale: float = 1.0
    decimals: int = 0


def report_table(
    table: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    title: str,
    source: str,
    lang: Lang,
) -> Html:
    """The chosen columns of a table as a report table.

    Args:
        table: one row a line of the report, in the order it is read.
        columns: column of `table` -> how it is headed and written; the first names the line.
        title: the finding or the question.
        source: where the numbers come from.
        lang: `fa` or `en`.

    Returns:
        Markup with numbers as `<data>` elements, a note on "–" and "n/a" where they occur, and
        the unrounded table as a CSV link. Text from the data is escaped.
    """
    chosen = table[list(columns)].reset_index(drop=True)
    scope = chosen.columns[0]
    written = pd.DataFrame(
        {
            name: [
                _cell(value, name, column, str(of), lang)
                for value, of in zip(chosen[name], chosen[scope], strict=True)
            ]
            for name, column in columns.items()
        },
        dtype="object",
    )
    notes = _notes(written, lang)
    numeric = [name for name, column in columns.items() if column.unit]
    layout = (
        GT(written, rowname_col=scope, id="t" + hashlib.sha256(title.encode()).hexdigest()[:8])
        .tab_header(title=title)
        .tab_stubhead(html(escape(columns[scope].label)))
        .cols_label(
            **{
                name: html(escape(column.label))
                for name, column in columns.items()
                if name != scope
            }
        )
        .fmt(lambda cell: cell)
        .cols_align("left", [name for name in columns if name not in numeric and name != scope])
        .cols_align("right", numeric)
        .tab_source_note(_source_line(chosen, source, notes, lang))
    )
    markup = _STYLE.sub("", layout.as_raw_html())
    return Html(
        f'<div class="wb-table" role="region" aria-label="{escape(title)}" tabindex="0">{markup}</div>'
    )


def _cell(value: object, name: str, column: Column, scope: str, lang: Lang) -> str:
    if pd.isna(value) if not isinstance(value, (list, tuple)) else False:
        return f'<span class="wb-missing">{narrative.MISSING[lang]}</span>'
    if isinstance(value, Html):
        return value
    if isinstance(value, Number):
        return narrative.number(value, lang)
    if not column.unit:
        return escape(str(value))
    if column.unit == "year":
        return narrative.year(int(value), lang)
    number = Number(name, float(value), column.unit, scope, source=column.label)
    return narrative.number(number, lang, _written(float(value), column, lang))


def _written(value: float, column: Column, lang: Lang) -> str:
    if value == 0:
        return narrative.ZERO
    if column.unit == "1":
        return narrative.share(value, lang, column.decimals or 1)
    return narrative.plain(value / column.scale, lang, column.decimals)


def _notes(written: pd.DataFrame, lang: Lang) -> str:
    cells = "".join(written.to_numpy(str).ravel())
    notes = []
    if f">{narrative.ZERO}<" in cells:
        notes.append(_NOTES[lang]["zero"])
    if "wb-missing" in cells:
        notes.append(_NOTES[lang]["missing"])
    return " ".join(notes)


def _source_line(table: pd.DataFrame, source: str, notes: str, lang: Lang) -> object:
    words = {"fa": ("منبع", "داده‌های جدول (CSV)"), "en": ("Source", "Table data (CSV)")}[lang]
    csv = "data:text/csv;charset=utf-8," + quote("\ufeff" + safe_csv(table.map(_without_tags)))
    return html(
        f"{words[0]}: {escape(source)} {escape(notes)} · "
        f'<a download="table.csv" href="{escape(csv)}">{words[1]}</a>'
    )


def _without_tags(value: object) -> object:
    return unescape(_TAG.sub("", value)) if isinstance(value, Html) else value

"""A tidy table in, a report table out: units in headings, totals first, missing explained.

great-tables lays out the table; numbers are written by `narrative`, so that a table, a label and
a sentence never round differently. Its own style sheet is left out: the page has one for all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

import pandas as pd
from great_tables import GT, html

from helpers import narrative
from helpers.figures import safe_csv
from helpers.narrative import Html
from helpers.schema import Lang, Number

_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
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
    # great-tables escapes the stub itself, and only the stub.
    written[scope] = chosen[scope].map(str)
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
    region = f'role="region" aria-label="{escape(title)}" tabindex="0"'
    return Html(f'<div class="wb-table" {region}>{markup}</div>')


# The tables of the notebooks.


def overview(table: pd.DataFrame, lang: Lang, *, place: str, source: str) -> Html:
    """Totals of the province, the other provinces and the nation (`comparison.overview`)."""
    names = {
        "fa": {"rest_of_nation": "دیگر استان‌ها", "nation": "کل کشور"},
        "en": {"rest_of_nation": "Other provinces", "nation": "Iran"},
    }[lang]
    labels = {
        "fa": ("", "ارزش (میلیون دلار)", "وزن (هزار تن)", "دلار بر تن", "سهم از کشور", "رشد ارزش",
               "رشد ارزش هر تن", "صادرات و رشد آن نسبت به همین دوره در سال پیش"),
        "en": ("", "Value (million USD)", "Weight (thousand t)", "USD per tonne", "Share of Iran",
               "Growth of value", "Growth of value per tonne",
               "Exports, and their growth on the same months a year before"),
    }[lang]  # fmt: skip
    columns = {
        "place": Column(labels[0]),
        "value_usd": Column(labels[1], "USD", 1e6, 1),
        "net_mass_kg": Column(labels[2], "kg", 1e6, 1),
        "unit_value_usd_per_tonne": Column(labels[3], "USD/t"),
        "national_share": Column(labels[4], "1", decimals=1),
        "growth_share": Column(labels[5], "1", decimals=1),
        "unit_value_growth_share": Column(labels[6], "1", decimals=1),
    }
    named = table.assign(place=table["scope"].map(names).fillna(place))
    return report_table(named, columns, title=labels[7], source=source, lang=lang)


def published_growth(growths: pd.DataFrame, lang: Lang, *, source: str) -> Html:
    """Published totals of the nation against the same months a year before (`published.growth`)."""
    labels = {
        "fa": ("دوره", "ارزش (میلیارد دلار)", "یک سال پیش (میلیارد دلار)", "رشد",
               "صادرات کشور و همان ماه‌های سال پیش"),
        "en": ("Period", "Value (billion USD)", "A year before (billion USD)", "Growth",
               "The nation’s exports and the same months a year before"),
    }[lang]  # fmt: skip
    names = [narrative.period_name(period, lang) for period in growths["period"]]
    columns = {
        "name": Column(labels[0]),
        "value": Column(labels[1], "USD", 1e9, 1),
        "value_before": Column(labels[2], "USD", 1e9, 1),
        "growth": Column(labels[3], "1", decimals=1),
    }
    shown = growths.assign(name=names)[~growths["is_doubtful"]]
    return report_table(shown, columns, title=labels[4], source=source, lang=lang)


def contradictions(table: pd.DataFrame, lang: Lang, *, source: str) -> Html:
    """What contradicts what, both numbers, and what to do about it.

    Args:
        table: `published.contradiction_numbers` merged with `contradictions` (`action_*`).
        lang: `fa` or `en`.
        source: where the data come from.
    """
    labels = {
        "fa": ("موضوع", "گفته‌شده", "در برابر", "نسبت", "چه باید کرد", "تناقض‌های ارقام منتشرشده"),
        "en": ("What", "As stated", "Against", "Ratio", "What to do",
               "Contradictions in the published figures"),
    }[lang]  # fmt: skip
    shown = table.assign(
        what=table[f"what_{lang}"],
        stated=_of_unit(table["stated_value"], table["unit"]),
        against=_of_unit(table["against_value"], table["unit"]),
        action=table[f"action_{lang}"].where(~table["contradiction"].duplicated(), ""),
    )
    columns = {
        "what": Column(labels[0]),
        "stated": Column(labels[1]),
        "against": Column(labels[2]),
        "ratio": Column(labels[3], "ratio", decimals=2),
        "action": Column(labels[4]),
    }
    return report_table(shown, columns, title=labels[5], source=source, lang=lang)


def _of_unit(values: pd.Series, units: pd.Series) -> pd.Series:
    """Numbers of one column that have different units."""
    numbers = [Number("published", *pair) for pair in zip(values, units, strict=True)]
    return pd.Series(numbers, index=values.index, dtype="object")


def _cell(value: object, name: str, column: Column, scope: str, lang: Lang) -> str:
    if isinstance(value, Number):
        return narrative.number(value, lang)
    if pd.isna(value):
        return f'<span class="wb-missing">{narrative.MISSING[lang]}</span>'
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
    csv = "data:text/csv;charset=utf-8," + quote("\ufeff" + safe_csv(table.map(_bare)))
    return html(
        f"{words[0]}: {escape(source)} {escape(notes)} · "
        f'<a download="table.csv" href="{escape(csv)}">{words[1]}</a>'
    )


def _bare(value: object) -> object:
    return value.value if isinstance(value, Number) else value

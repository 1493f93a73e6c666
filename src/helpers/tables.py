"""A tidy table in, a report table out: units in headings, totals first, missing explained.

great-tables lays out the table; numbers are written by `narrative`, so that a table, a label and
a sentence never round differently. Its own style sheet is left out: the page has one for all.
"""

from __future__ import annotations

import base64
import hashlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pandas as pd
from great_tables import GT, html

from helpers import classification, cleaning, narrative, store
from helpers.claims import Verdict
from helpers.figures import safe_csv
from helpers.narrative import Html
from helpers.schema import Lang, Number

if TYPE_CHECKING:  # The models behind it take a second to import.
    from helpers.outlook import MonthlyOutlook

_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_REJECTS = 2000
"""More would make a page too heavy to send; all of them are in `rejects.parquet`."""

_NOTES = {
    "fa": {"zero": "«–» یعنی صفر.", "missing": "«نامعلوم» یعنی منتشر نشده یا محاسبه‌پذیر نیست."},
    "en": {"zero": "“–” means zero.", "missing": "“n/a” means not published, or not computable."},
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
    group: str = "",
) -> Html:
    """The chosen columns of a table as a report table.

    Args:
        table: one row a line of the report, in the order it is read.
        columns: column of `table` -> how it is headed and written; the first names the line. What
            a line is about in words of no language is its column `scope`, where it has one.
        title: the finding or the question.
        source: where the numbers come from.
        lang: `fa` or `en`.
        group: a column of `table` whose words head the rows that share them.

    Returns:
        Markup with numbers as `<data>` elements, a note on "–" and "n/a" where they occur, and
        the unrounded table as a CSV link. Text from the data is escaped.
    """
    chosen = table[list(columns)].reset_index(drop=True)
    scope = chosen.columns[0]
    scopes = table["scope"] if "scope" in table else chosen[scope]
    written = pd.DataFrame(
        {
            name: [
                _cell(value, name, column, str(of), lang)
                for value, of in zip(chosen[name], scopes, strict=True)
            ]
            for name, column in columns.items()
        },
        dtype="object",
    )
    # great-tables escapes the stub itself, and only the stub.
    written[scope] = chosen[scope].map(str)
    notes = _notes(written, lang)
    if group:
        written["group"] = table[group].map(str).to_numpy()
    numeric = [name for name, column in columns.items() if column.unit]
    layout = (
        GT(
            written,
            rowname_col=scope,
            groupname_col="group" if group else None,
            id="t" + hashlib.sha256(title.encode()).hexdigest()[:8],
        )
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
    # great-tables sets cell after cell: each copies the column where strings are Arrow's.
    with pd.option_context("mode.string_storage", "python"):
        markup = _STYLE.sub("", layout.as_raw_html())
    region = f'role="region" aria-label="{escape(title)}" tabindex="0"'
    return Html(f'<div class="wb-table" {region}>{markup}</div>')


# The tables of the notebooks.


def raw_files(quality: Mapping, lang: Lang) -> Html:
    """Every file of declarations with its rows, its value and its own control total.

    Args:
        quality: `store.quality`.
        lang: `fa` or `en`.
    """
    labels = {
        "fa": ("پرونده", "چیدمان", "خوانده", "پذیرفته", "ردشده", "ساختاری",
               "ارزش (میلیون دلار)", "تفاوت با جمع خود پرونده (دلار)", "هر پرونده و سطرهای آن"),
        "en": ("File", "Layout", "Read", "Kept", "Rejected", "Structural",
               "Value (million USD)", "Apart from its own total (USD)", "Every file and its rows"),
    }[lang]  # fmt: skip
    rows = [
        {
            "file": file["source_file"],
            "layout": file["layout"],
            **file["rows"],
            "value_usd": file["value_usd"]["kept"],
            "apart_usd": (file.get("control_total") or {}).get("difference", {}).get("value_usd"),
        }
        for file in narrative.declaration_files(quality)
    ]
    names = ("file", "layout", "read", "kept", "rejected", "structural", "value_usd", "apart_usd")
    table = pd.DataFrame(rows, columns=list(names))
    columns = {
        "file": Column(labels[0]),
        "layout": Column(labels[1]),
        **{kind: Column(labels[2 + i], "n") for i, kind in enumerate(names[2:6])},
        "value_usd": Column(labels[6], "USD", 1e6, 1),
        "apart_usd": Column(labels[7], "USD"),
    }
    return report_table(table, columns, title=labels[8], source="quality.json", lang=lang)


def repairs(quality: Mapping, lang: Lang) -> Html:
    """What was repaired or noted on kept rows, and how often."""
    labels = {
        "fa": ("نشان", "یعنی", "سطرها", "آنچه ترمیم یا یادداشت شد"),
        "en": ("Flag", "Meaning", "Rows", "What was repaired or noted"),
    }[lang]
    counts = quality["totals"]["repairs"]
    if not counts:
        return Html("")
    table = pd.DataFrame(
        {
            "flag": list(counts),
            "meaning": [narrative.REPAIRS[flag][lang] for flag in counts],
            "n_rows": list(counts.values()),
        }
    ).sort_values("n_rows", ascending=False)
    columns = {
        "flag": Column(labels[0]),
        "meaning": Column(labels[1]),
        "n_rows": Column(labels[2], "n"),
    }
    return report_table(table, columns, title=labels[3], source="quality.json", lang=lang)


def rejects(rows: pd.DataFrame, lang: Lang) -> Html:
    """Why rows were rejected and what to ask the sender, with their workbook to take away.

    Args:
        rows: `store.rejects`.
        lang: `fa` or `en`.
    """
    labels = {
        "fa": ("پرونده", "دلیل", "چه باید پرسید", "سطرها", "نخستین سطر", "ردشده‌ها", "کارپوشهٔ ردشده‌ها (XLSX)"),
        "en": ("File", "Reason", "What to ask", "Rows", "First row", "Rejected rows", "Workbook of the rejected rows (XLSX)"),
    }[lang]  # fmt: skip
    if rows.empty:
        return Html("")
    grouped = rows.groupby(["source_file", "reason"], sort=True)["source_row"]
    table = grouped.agg(n_rows="size", first_row="min").reset_index()
    table["ask"] = [narrative.REJECTS[reason][lang] for reason in table["reason"]]
    columns = {
        "source_file": Column(labels[0]),
        "reason": Column(labels[1]),
        "ask": Column(labels[2]),
        "n_rows": Column(labels[3], "n"),
        "first_row": Column(labels[4], "n"),
    }
    shown = report_table(table, columns, title=labels[5], source="rejects.parquet", lang=lang)
    return Html(shown + _workbook_link(rows, labels[6]))


def _workbook_link(rows: pd.DataFrame, label: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rejects.xlsx"
        cleaning.rejects_workbook(rows.head(MOST_REJECTS), path)
        content = base64.b64encode(path.read_bytes()).decode()
    return (
        f'<p class="wb-source"><a download="rejects.xlsx" href="data:{XLSX_MIME};base64,{content}">'
        f"{escape(label)}</a></p>"
    )


def doubts(rows: pd.DataFrame, lang: Lang, n: int = 15) -> Html:
    """The kept rows that look wrong, largest value first, with the evidence.

    Args:
        rows: `store.doubts`.
        lang: `fa` or `en`.
        n: how many of them.
    """
    labels = {
        "fa": ("پرونده", "سطر", "تعرفه", "تردید", "ارزش (هزار دلار)", "دلار بر کیلوگرم", "عادت همان کالا", "بزرگ‌ترین سطرهای مشکوک"),
        "en": ("File", "Row", "Tariff code", "Doubt", "Value (thousand USD)", "USD per kg", "Usual for the good", "The largest doubtful rows"),
    }[lang]  # fmt: skip
    if rows.empty:
        return Html("")
    table = rows.nlargest(n, "value_usd")
    table = table.assign(doubt=[narrative.REPAIRS[flag][lang] for flag in table["flag"]])
    columns = {
        "source_file": Column(labels[0]),
        "source_row": Column(labels[1], "n"),
        "hs_code": Column(labels[2]),
        "doubt": Column(labels[3]),
        "value_usd": Column(labels[4], "USD", 1e3, 0),
        "unit_value_usd_per_kg": Column(labels[5], "USD/kg", decimals=2),
        "usual_usd_per_kg": Column(labels[6], "USD/kg", decimals=2),
    }
    return report_table(table, columns, title=labels[7], source="doubts.parquet", lang=lang)


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


def contradictions(listed: pd.DataFrame, numbers: pd.DataFrame, lang: Lang, *, source: str) -> Html:
    """What contradicts what, what to do about it, and both numbers of each comparison.

    Args:
        listed: the published table `contradictions`.
        numbers: `published.contradiction_numbers`; a contradiction may have none.
        lang: `fa` or `en`.
        source: where the data come from.
    """
    labels = {
        "fa": ("سنجش", "گفته‌شده", "در برابر", "نسبت", "تناقض‌های ارقام منتشرشده"),
        "en": ("Comparison", "As stated", "Against", "Ratio",
               "Contradictions in the published figures"),
    }[lang]  # fmt: skip
    pairs = numbers.rename(columns={f"what_{lang}": "pair"})
    shown = listed.merge(
        pairs[["contradiction", "pair", "stated_value", "against_value", "ratio", "unit"]],
        how="left", on="contradiction", validate="1:m",
    )  # fmt: skip
    shown = shown.assign(
        group=shown[f"what_{lang}"] + " ← " * (lang == "fa") + " → " * (lang == "en")
        + shown[f"action_{lang}"],
        pair=shown["pair"].fillna(narrative.ZERO),
        stated=_of_unit(shown["stated_value"], shown["unit"]),
        against=_of_unit(shown["against_value"], shown["unit"]),
    )  # fmt: skip
    columns = {
        "pair": Column(labels[0]),
        "stated": Column(labels[1]),
        "against": Column(labels[2]),
        "ratio": Column(labels[3], "ratio", decimals=2),
    }
    return report_table(shown, columns, title=labels[4], source=source, lang=lang, group="group")


def _of_unit(values: pd.Series, units: pd.Series) -> pd.Series:
    """Numbers of one column that have different units."""
    numbers = [
        pd.NA if pd.isna(unit) else Number("published", value, unit)
        for value, unit in zip(values, units, strict=True)
    ]
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
    return narrative.number(number, lang, written(float(value), column, lang))


def written(value: float, column: Column, lang: Lang) -> str:
    """A number as its column writes it, without its unit."""
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
    told = ". ".join(filter(None, (source, notes)))
    return html(
        f'{words[0]}: {escape(told)}<span class="wb-take"> · '
        f'<a download="table.csv" href="{escape(csv)}">{words[1]}</a></span>'
    )


def _bare(value: object) -> object:
    return value.value if isinstance(value, Number) else value


# The outlook.


def backtest_scores(monthly: MonthlyOutlook, lang: Lang, *, source: str) -> Html:
    """How every method did in the back-test, the chosen one first; nothing without an outlook."""
    if monthly.outlook is None:
        return Html("")
    labels = {
        "fa": ("روش", "خطا نسبت به روش سال پیش (MASE)", "پوشش بازهٔ ۸۰٪", "پوشش بازهٔ ۹۵٪",
               "پیش‌بینی‌های آزمایشی", "روش‌ها در آزمون گذشته، برگزیده در سطر نخست"),
        "en": ("Method", "Error against last year’s month (MASE)", "Coverage of the 80% range",
               "Coverage of the 95% range", "Trial forecasts",
               "The methods tried on the past, the chosen one first"),
    }[lang]  # fmt: skip
    scores = monthly.outlook.scores
    names = [narrative.MODEL_NAMES[model][lang] for model in scores["model"]]
    columns = {
        "name": Column(labels[0]),
        "mase": Column(labels[1], "ratio", decimals=2),
        "coverage_80_share": Column(labels[2], "1", decimals=1),
        "coverage_95_share": Column(labels[3], "1", decimals=1),
        "n_forecasts": Column(labels[4], "n"),
    }
    return report_table(
        scores.assign(name=names), columns, title=labels[5], source=source, lang=lang
    )


# The tables of imports and of markets.


def imports_by_use(
    uses: pd.DataFrame, moves: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> Html:
    """Imports by use: value, shares, growth and value per tonne beside the other provinces'.

    Args:
        uses: `comparison.against_nation` by `use`.
        moves: `measures.growth_by` by `use`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if not uses["value_usd_province"].sum() > 0:
        return narrative.nothing_to_show(lang)
    labels = {
        "fa": ("مصرف", "ارزش (میلیون دلار)", "سهم از واردات استان", "سهم در کل کشور",
               "رشد نسبت به سال پیش", "دلار بر تن", "دلار بر تن، دیگر استان‌ها",
               f"واردات {place} بر پایهٔ مصرف"),
        "en": ("Use", "Value (million USD)", "Share of the province’s imports", "Share in Iran",
               "Growth on a year before", "USD per tonne", "USD per tonne, other provinces",
               f"Imports of {place} by use"),
    }[lang]  # fmt: skip
    growth = moves[["use", "growth_share"]]
    shown = uses.merge(growth, on="use", how="left", validate="1:1")
    shown = shown.assign(name=[classification.use_name(use, lang) for use in shown["use"]])
    columns = {
        "name": Column(labels[0]),
        "value_usd_province": Column(labels[1], "USD", 1e6, 1),
        "share_in_province": Column(labels[2], "1", decimals=1),
        "share_in_nation": Column(labels[3], "1", decimals=1),
        "growth_share": Column(labels[4], "1", decimals=1),
        "unit_value_usd_per_tonne_province": Column(labels[5], "USD/t"),
        "unit_value_usd_per_tonne_rest": Column(labels[6], "USD/t"),
    }
    return report_table(shown, columns, title=labels[7], source=source, lang=lang)


def chapter_moves(moves: pd.DataFrame, lang: Lang, *, source: str, each: int = 5) -> Html:
    """The chapters, within their use, of which imports rose most and fell most.

    Args:
        moves: `measures.growth_by` by `use` and `hs2_code`.
        lang: `fa` or `en`.
        source: where the data come from.
        each: how many rises and how many falls.
    """
    if not narrative.is_comparable(moves):
        return narrative.nothing_to_show(lang)
    labels = {
        "fa": ("فصل کالا", "مصرف", "سال پیش (میلیون دلار)", "اکنون (میلیون دلار)",
               "تغییر (میلیون دلار)", "سهم در رشد کل", "فصل‌هایی که بیشترین افزایش و کاهش را داشتند"),
        "en": ("Chapter", "Use", "A year before (million USD)", "Now (million USD)",
               "Change (million USD)", "Contribution to growth", "The chapters that rose and fell most"),
    }[lang]  # fmt: skip
    ranked = moves.dropna(subset=["hs2_code"]).sort_values("change_usd", ascending=False)
    rises, falls = ranked[ranked["change_usd"] > 0], ranked[ranked["change_usd"] < 0]
    shown = pd.concat([rises.head(each), falls.tail(each)])
    shown = shown.assign(
        name=[narrative.chapter_name(code, lang) for code in shown["hs2_code"]],
        use_name=[classification.use_name(use, lang) for use in shown["use"]],
    )
    columns = {
        "name": Column(labels[0]),
        "use_name": Column(labels[1]),
        "value_usd_before": Column(labels[2], "USD", 1e6, 1),
        "value_usd": Column(labels[3], "USD", 1e6, 1),
        "change_usd": Column(labels[4], "USD", 1e6, 1),
        "contribution_share": Column(labels[5], "1", decimals=1),
    }
    return report_table(shown, columns, title=labels[6], source=source, lang=lang)


def input_dependence(
    own: pd.DataFrame, nation: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> Html:
    """Imported inputs by sector and per dollar exported, the province beside the nation.

    Args:
        own: `comparison.input_dependence` of the province, by `sector`.
        nation: the same of the nation.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if own.empty:
        return narrative.nothing_to_show(lang)
    labels = {
        "fa": ("بخش", "مواد اولیه (میلیون دلار)", "واسطه‌ای (میلیون دلار)", "ماشین‌آلات (میلیون دلار)",
               "صادرات (میلیون دلار)", "دلار نهاده در برابر هر دلار صادرات", "همان در کل کشور",
               f"نهاده‌های وارداتی {place} و صادرات آن، بخش به بخش"),
        "en": ("Sector", "Raw materials (million USD)", "Intermediate (million USD)",
               "Machinery (million USD)", "Exports (million USD)", "Inputs per dollar exported (USD)",
               "The same in Iran", f"Imported inputs of {place} and its exports, sector by sector"),
    }[lang]  # fmt: skip
    ratio = nation[["sector", "inputs_per_export_usd"]]
    shown = own.dropna(subset=["sector"]).merge(
        ratio, on="sector", how="left", suffixes=("", "_nation"), validate="1:1"
    )
    shown = shown.assign(name=[classification.sector_name(s, lang) for s in shown["sector"]])
    columns = {
        "name": Column(labels[0]),
        "raw_material_usd": Column(labels[1], "USD", 1e6, 1),
        "intermediate_usd": Column(labels[2], "USD", 1e6, 1),
        "capital_usd": Column(labels[3], "USD", 1e6, 1),
        "export_usd": Column(labels[4], "USD", 1e6, 1),
        "inputs_per_export_usd": Column(labels[5], "ratio", decimals=2),
        "inputs_per_export_usd_nation": Column(labels[6], "ratio", decimals=2),
    }
    return report_table(shown, columns, title=labels[7], source=source, lang=lang)


# The comparison, further on.

_TITLES = {
    "gap_levels": {
        "fa": "همان شکاف، در سطح‌های گوناگون تعرفه",
        "en": "The same gap at several levels of the tariff",
    },
    "gap_headings": {
        "fa": "ردیف‌هایی که بیش از همه شکاف را می‌سازند",
        "en": "The headings that make most of the gap",
    },
    "specialisation": {
        "fa": "بزرگ‌ترین ردیف‌های صادرات {}، در سنجش با سبد کشور",
        "en": "The largest headings of {}’s exports against the nation’s",
    },
    "shift_share": {
        "fa": "رشد صادرات {}: از کشور، از ساختار، از خود",
        "en": "The growth of {}’s exports: from the nation, its structure, itself",
    },
    "structure": {
        "fa": "ساختار صادرات {} در یک نگاه",
        "en": "The make-up of {}’s exports at a glance",
    },
}


_SHOWN = {
    "gap_headings": [
        "hs4_code", "unit_value_usd_per_tonne_province", "unit_value_usd_per_tonne_reference",
        "gap_usd_per_tonne",
    ],
    "shift_share": [
        "sector", "change_usd", "national_usd", "mix_usd", "competitive_usd", "new_usd",
        "pure_competitive_usd", "allocation_usd",
    ],
}  # fmt: skip
"""The columns of a wide table that its report shows; of any other all."""


def comparison_table(
    name: str, table: pd.DataFrame | None, lang: Lang, *, place: str, n: int = 10
) -> Html:
    """A table of `comparison` with the title that the comparison page gives it.

    Args:
        name: `gap_levels`, `gap_headings`, `specialisation`, `shift_share` or `structure`.
        table: its rows in the order of reading; None: there were not enough data.
        lang: `fa` or `en`.
        place: the province's name.
        n: how many rows.
    """
    if table is None or table.empty:
        return narrative.nothing_to_show(lang)
    columns = _SHOWN.get(name, table.columns)
    told = [column for column in columns if column != "new_usd" or table[column].any()]
    return show(table[told], lang, title=_TITLES[name][lang].format(place), n=n)


# The briefing.


def sectors_in_short(
    sectors: pd.DataFrame, groups: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> Html:
    """Every sector, then the named groups of goods inside them, with their growth.

    Args:
        sectors: `measures.growth_by` by `sector`.
        groups: the same by `group`; rows without a group are left out.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    labels = {
        "fa": ("بخش", "ارزش (میلیون دلار)", "سال پیش (میلیون دلار)", "رشد", "سهم در رشد کل",
               "از آن میان: {}", "بدون بخش", f"بخش‌های صادرات {place} و سهم هر یک در رشد"),
        "en": ("Sector", "Value (million USD)", "A year before (million USD)", "Growth",
               "Contribution to growth", "of which {}", "No sector",
               f"The sectors of {place}’s exports and what each added to growth"),
    }[lang]  # fmt: skip
    columns = {
        "name": Column(labels[0]),
        "value_usd": Column(labels[1], "USD", 1e6, 1),
        "value_usd_before": Column(labels[2], "USD", 1e6, 1),
        "growth_share": Column(labels[3], "1", decimals=1),
        "contribution_share": Column(labels[4], "1", decimals=1),
    }
    if sectors.empty:
        return narrative.nothing_to_show(lang)
    large = sectors.sort_values("value_usd", ascending=False)
    named = groups.dropna(subset="group").sort_values("value_usd", ascending=False)
    names = [
        labels[6] if pd.isna(sector) else classification.sector_name(sector, lang)
        for sector in large["sector"]
    ] + [labels[5].format(classification.group_name(group, lang)) for group in named["group"]]
    shown = pd.concat([large, named], ignore_index=True).assign(name=names)
    if not sectors["value_usd_before"].sum() > 0:
        shown["value_usd_before"] = float("nan")  # nothing is known of the year before
    return report_table(shown, columns, title=labels[7], source=source, lang=lang)


def claims_in_short(
    verdicts: Sequence[Verdict], lang: Lang, *, is_synthetic: bool, source: str
) -> Html:
    """Each claim with what published figures and what declarations say of it.

    Synthetic declarations give no verdict: the column then only tells what the test returned.

    Args:
        verdicts: of `claims.evaluate` with both figures and totals; may be empty.
        lang: `fa` or `en`.
        is_synthetic: whether the declarations are.
        source: where the published figures come from.
    """
    labels = {
        "fa": ("ادعا", "بر پایهٔ ارقام منتشرشده", "بر پایهٔ اظهارنامه‌ها",
               "آزمون روی نمونهٔ ساختگی (داوری دربارهٔ ادعا نیست)", "ادعاها و آنچه رقم‌ها می‌گویند"),
        "en": ("Claim", "By published figures", "By declarations",
               "Test on the synthetic sample (no verdict on the claim)",
               "The claims and what figures say of them"),
    }[lang]  # fmt: skip
    if not verdicts:
        return Html("")
    rows: dict[str, dict[str, str]] = {}
    for verdict in verdicts:
        row = rows.setdefault(verdict.claim.key, {"claim": verdict.say("statement", lang)})
        row[verdict.basis] = _outcome(verdict, lang, is_synthetic)
    columns = {
        "claim": Column(labels[0]),
        "published": Column(labels[1]),
        "declarations": Column(labels[3] if is_synthetic else labels[2]),
    }
    table = pd.DataFrame(list(rows.values()))
    return report_table(table, columns, title=labels[4], source=source, lang=lang)


_TEST_RETURNED = {
    "for": {"fa": "در نمونه برقرار است", "en": "holds in the sample"},
    "against": {"fa": "در نمونه برقرار نیست", "en": "does not hold in the sample"},
    "mixed": {"fa": "در نمونه یک‌دست نیست", "en": "both ways in the sample"},
    "none": {"fa": "در نمونه رقمی ندارد", "en": "no figure in the sample"},
}


def _outcome(verdict: Verdict, lang: Lang, is_synthetic: bool) -> str:
    if verdict.basis == "declarations" and is_synthetic:
        return _TEST_RETURNED[verdict.leaning][lang]
    if verdict.verdict == "not_testable":
        return {"fa": "سنجش‌پذیر نیست", "en": "Not testable"}[lang]
    return verdict.say("verdict", lang)


def partners(
    table: pd.DataFrame, moves: pd.DataFrame, lang: Lang, *, place: str, source: str, n: int = 15
) -> Html:
    """The largest markets of the province, with free zones and unknown destinations as such.

    Args:
        table: `comparison.against_nation` by `partner_iso3`.
        moves: `measures.growth_by` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
        n: how many markets.
    """
    served = table[table["value_usd_province"] > 0].head(n)
    if served.empty:
        return narrative.nothing_to_show(lang)
    labels = {
        "fa": ("بازار", "ارزش (میلیون دلار)", "سهم از صادرات استان", "سهم در کل کشور", "رشد نسبت به سال پیش",
               "دلار بر تن", "دلار بر تن، دیگر استان‌ها", f"بزرگ‌ترین بازارهای {place}"),
        "en": ("Market", "Value (million USD)", "Share of the province’s exports", "Share in Iran",
               "Growth on a year before", "USD per tonne", "USD per tonne, other provinces",
               f"The largest markets of {place}"),
    }[lang]  # fmt: skip
    growth = moves[["partner_iso3", "growth_share"]]
    shown = served.merge(growth, on="partner_iso3", how="left", validate="1:1")
    columns = {
        "name": Column(labels[0]),
        "value_usd_province": Column(labels[1], "USD", 1e6, 1),
        "share_in_province": Column(labels[2], "1", decimals=1),
        "share_in_nation": Column(labels[3], "1", decimals=1),
        "growth_share": Column(labels[4], "1", decimals=1),
        "unit_value_usd_per_tonne_province": Column(labels[5], "USD/t"),
        "unit_value_usd_per_tonne_rest": Column(labels[6], "USD/t"),
    }
    named = shown.assign(name=_partner_names(shown, lang))
    return report_table(named, columns, title=labels[7], source=source, lang=lang)


def markets_won_and_lost(lines: pd.DataFrame, lang: Lang, *, source: str, each: int = 6) -> Html:
    """The largest markets won, returned and lost (`comparison.won_and_lost`)."""
    labels = {
        "fa": ("بازار", "چه شد", "سال پیش (میلیون دلار)", "اکنون (میلیون دلار)", "بازارهای به‌دست‌آمده و ازدست‌رفته"),
        "en": ("Market", "What happened", "A year before (million USD)", "Now (million USD)",
               "Markets won and lost"),
    }[lang]  # fmt: skip
    words = {
        "fa": {"won": "به دست آمد", "returned": "بازگشت", "lost": "از دست رفت"},
        "en": {"won": "won", "returned": "returned", "lost": "lost"},
    }[lang]
    moved = pd.concat([lines[lines["status"] == status].head(each) for status in words])
    if moved.empty or not narrative.is_comparable(lines):
        return narrative.nothing_to_show(lang)
    columns = {
        "name": Column(labels[0]),
        "happened": Column(labels[1]),
        "value_usd_before": Column(labels[2], "USD", 1e6, 2),
        "value_usd": Column(labels[3], "USD", 1e6, 2),
    }
    named = moved.assign(name=_partner_names(moved, lang), happened=moved["status"].map(words))
    return report_table(named, columns, title=labels[4], source=source, lang=lang)


def candidate_markets(table: pd.DataFrame, lang: Lang, *, source: str) -> Html:
    """The first of `comparison.candidate_markets`, and the first that are wholly new."""
    if table.empty:
        return narrative.nothing_to_show(lang)
    labels = {
        "fa": ("بازار", "شمار کالاها", "فروش دیگر استان‌ها (میلیون دلار)", "دلار بر تن",
               "فروش کنونی استان (میلیون دلار)", "ارزش برای رتبه‌بندی (میلیون دلار)", "بازارهای نامزد: نخستین‌ها، و نخستین بازارهای یکسره تازه"),
        "en": ("Market", "Number of goods", "Sold by other provinces (million USD)", "USD per tonne",
               "Sold by the province now (million USD)", "Value for ranking (million USD)",
               "Candidate markets: the first, and the first that are wholly new"),
    }[lang]  # fmt: skip
    columns = {
        "name": Column(labels[0]),
        "n_products": Column(labels[1], "n"),
        "rest_value_usd": Column(labels[2], "USD", 1e6, 1),
        "rest_unit_value_usd_per_tonne": Column(labels[3], "USD/t"),
        "province_value_usd": Column(labels[4], "USD", 1e6, 1),
        "expected_usd": Column(labels[5], "USD", 1e6, 2),
    }
    shown = narrative.first_candidates(table)
    named = shown.assign(name=_partner_names(shown, lang))
    return report_table(named, columns, title=labels[6], source=source, lang=lang)


def candidate_goods(offers: pd.DataFrame, lang: Lang, *, source: str, n: int = 12) -> Html:
    """Which goods for which market: the first of `comparison.candidate_markets` by offer.

    Args:
        offers: `comparison.candidate_markets` with the market column `offer`, `IRQ 8418`.
        lang: `fa` or `en`.
        source: where the data come from.
        n: how many offers.
    """
    if offers.empty:
        return narrative.nothing_to_show(lang)
    labels = {
        "fa": ("بازار", "کد", "کالا", "فروش دیگر استان‌ها (میلیون دلار)", "دلار بر تن",
               "ارزش برای رتبه‌بندی (میلیون دلار)", "کدام کالا به کدام بازار"),
        "en": ("Market", "Code", "Goods", "Sold by other provinces (million USD)", "USD per tonne",
               "Value for ranking (million USD)", "Which goods to which market"),
    }[lang]  # fmt: skip
    columns = {
        "name": Column(labels[0]),
        "hs4_code": Column(labels[1]),
        "goods": Column(labels[2]),
        "rest_value_usd": Column(labels[3], "USD", 1e6, 1),
        "rest_unit_value_usd_per_tonne": Column(labels[4], "USD/t"),
        "expected_usd": Column(labels[5], "USD", 1e6, 2),
    }
    shown = offers.head(n)
    parts = shown["offer"].str.split(" ", n=1, expand=True)
    shown = shown.assign(partner_iso3=parts[0], hs4_code=parts[1])
    named = shown.assign(
        name=_partner_names(shown, lang),
        goods=[narrative.heading_name(code, lang) for code in shown["hs4_code"]],
    )
    return report_table(named, columns, title=labels[6], source=source, lang=lang)


def _partner_names(rows: pd.DataFrame, lang: Lang) -> list[str]:
    return [classification.partner_name(iso3, lang) for iso3 in rows["partner_iso3"]]


# Any table of the helpers.

_LEVELS = {"hs2_code": 2, "hs4_code": 4, "hs6_code": 6, "hs_code": 8}
_NOT_GIVEN = {"fa": "نامشخص", "en": "Not given"}
_SUFFIXES = {
    "_before": {"fa": "سال پیش", "en": "a year before"},
    "_weighed": {"fa": "آنچه وزن دارد", "en": "of what was weighed"},
    "_province": {"fa": "استان", "en": "province"},
    "_nation": {"fa": "کل کشور", "en": "Iran"},
    "_rest": {"fa": "دیگر استان‌ها", "en": "other provinces"},
    "_reference": {"fa": "مبنا", "en": "reference"},
}
_ENDINGS = {
    "_usd_per_tonne": "USD/t", "_usd_per_kg": "USD/kg", "_usd": "USD", "_kg": "kg", "share": "1",
    "_sh": "year",
}  # fmt: skip
_SCALED = {
    "USD": ((1e6, 1, {"fa": "میلیون دلار", "en": "million USD"}),
            (1e3, 1, {"fa": "هزار دلار", "en": "thousand USD"}),
            (1.0, 0, {"fa": "دلار", "en": "USD"})),
    "kg": ((1e6, 1, {"fa": "هزار تن", "en": "thousand t"}),
           (1e3, 1, {"fa": "تن", "en": "t"}),
           (1.0, 0, {"fa": "کیلوگرم", "en": "kg"})),
}  # fmt: skip
KEY_NAMES = {
    "place": {"fa": "جا", "en": "Place"},
    "province": {"fa": "استان", "en": "Province"},
    "flow": {"fa": "جریان", "en": "Flow"},
    "partner_iso3": {"fa": "طرف تجاری", "en": "Partner"},
    "sector": {"fa": "بخش", "en": "Sector"},
    "use": {"fa": "مصرف", "en": "Use"},
    "group": {"fa": "گروه کالا", "en": "Group of goods"},
    "hs_section": {"fa": "قسمت تعرفه", "en": "HS section"},
    "hs2_code": {"fa": "فصل تعرفه", "en": "HS chapter"},
    "hs4_code": {"fa": "ردیف تعرفه", "en": "HS heading"},
    "hs6_code": {"fa": "زیرردیف تعرفه", "en": "HS subheading"},
    "hs_code": {"fa": "کد تعرفه", "en": "Tariff line"},
    "year_sh": {"fa": "سال", "en": "Year"},
    "month": {"fa": "ماه", "en": "Month"},
    "n_declarations": {"fa": "شمار اظهارنامه‌ها", "en": "Declarations"},
    "share": {"fa": "سهم", "en": "Share"},
    "scope": {"fa": "جا", "en": "Place"},
    "unit_value_usd_per_kg": {"fa": "ارزش هر کیلوگرم", "en": "Value per kilogram"},
    "unit_value_growth_share": {"fa": "رشد ارزش هر تن", "en": "Growth of value per tonne"},
    "contribution_share": {"fa": "سهم در رشد کل", "en": "Contribution to growth"},
    "share_in_province": {"fa": "سهم در استان", "en": "Share in the province"},
    "share_in_nation": {"fa": "سهم در کل کشور", "en": "Share in Iran"},
    "rca_symmetric_vs_nation": {
        "fa": "مزیت متقارن (−۱ تا ۱)",
        "en": "Symmetric advantage (−1 to 1)",
    },
    "level": {"fa": "سطح تعرفه", "en": "Level of the tariff"},
    "n_common": {"fa": "کالاهای مشترک", "en": "Goods in common"},
    "measure": {"fa": "سنجه", "en": "Measure"},
    "province_value": {"fa": "استان", "en": "Province"},
    "provinces_median": {"fa": "میانهٔ استان‌ها", "en": "Median province"},
    "n_provinces": {"fa": "شمار استان‌ها", "en": "Provinces"},
    "new_usd": {"fa": "بخش‌های تازه", "en": "New sectors"},
    "pure_competitive_usd": {"fa": "از آن: برتری ناب", "en": "Of that: pure lead"},
    "allocation_usd": {"fa": "از آن: تخصیص", "en": "Of that: allocation"},
    "status": {"fa": "وضع", "en": "Status"},
}
"""Headings beside those of `narrative.MEASURES`; a column in neither keeps its own name."""


def show(table: pd.DataFrame, lang: Lang = "en", *, title: str = "", n: int = 20) -> Html:
    """Any table of the helpers as it is read: names for codes, units in the headings.

    Args:
        table: as `store`, `measures` or `comparison` return it; the first column names the line.
        lang: `fa` or `en`.
        title: the question it answers; else how many of its rows are shown.
        n: how many rows.
    """
    shown = table.head(n).reset_index(drop=True)
    columns = {name: column_of(name, table[name], lang) for name in table.columns}
    words_first = sorted(columns, key=lambda name: columns[name].unit != "")
    columns = {name: columns[name] for name in words_first}
    named = shown.assign(
        **{
            name: [name_of(name, code, lang) for code in shown[name]]
            for name, column in columns.items()
            if name in KEY_NAMES and not column.unit
        }
    )
    counts = (narrative.plain(len(rows), lang) for rows in (shown, table))
    usual = {"fa": "{} سطر از {}", "en": "{} of {} rows"}[lang].format(*counts)
    source = narrative.declarations_source(store.is_synthetic(), lang)
    return report_table(named, columns, title=title or usual, source=source, lang=lang)


def column_of(name: str, values: pd.Series, lang: Lang) -> Column:
    """How a column of the helpers is headed and written, told from its name and its size."""
    stem, label = name, _heading(name, lang)
    for ending, words in _SUFFIXES.items():
        if not label and name.endswith(ending) and _heading(name.removesuffix(ending), lang):
            stem = name.removesuffix(ending)
            label = f"{_heading(stem, lang)} ({words[lang]})"
    label = label or name
    unit, comma = _unit_of(stem, values), {"fa": "، ", "en": ", "}[lang]
    if unit not in _SCALED:
        unit_name = narrative.UNITS["USD"][lang] if unit.startswith("USD/") else ""
        decimals = {"1": 1, "ratio": 2, "USD/kg": 2}.get(unit, 0)
        return Column(f"{label}{comma}{unit_name}" if unit_name else label, unit, decimals=decimals)
    most = values.astype("float64").abs().max()
    scale, decimals, words = next((s for s in _SCALED[unit] if most >= s[0]), _SCALED[unit][-1])
    return Column(f"{label}{comma}{words[lang]}", unit, scale, decimals)


def _heading(name: str, lang: Lang) -> str:
    words = KEY_NAMES.get(name) or narrative.MEASURES.get(name) or {"fa": "", "en": ""}
    return words[lang][:1].upper() + words[lang][1:]


def _unit_of(stem: str, values: pd.Series) -> str:
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return ""
    if stem.startswith(("n_", "month_", "rank")):
        return "n"
    if stem.startswith("share_"):
        return "1"
    return next((u for ending, u in _ENDINGS.items() if stem.endswith(ending)), "ratio")


def name_of(key: str, code: object, lang: Lang) -> str:
    """What the code in a key column is called; goods with their code before the name.

    Headings and lines without a Persian name bear the official English one, cut where it is long.
    """
    if pd.isna(code):
        return _NOT_GIVEN[lang]
    if key in _LEVELS:
        return f"{code} {_goods_names(min(_LEVELS[key], 6), lang).get(str(code)[:6], '')}".strip()
    if key in ("place", "province", "scope"):
        return narrative.place_name(str(code), lang) or classification.province_name(code, lang)
    if key == "level":
        return KEY_NAMES[str(code)][lang]
    if key == "measure":
        return narrative.measure_name(str(code), lang)
    if key == "flow":
        return narrative.FLOW_NAMES.get(str(code), {}).get(lang, str(code))
    named = {
        "partner_iso3": classification.partner_name,
        "hs_section": classification.section_name,
        "sector": classification.sector_name,
        "use": classification.use_name,
        "group": classification.group_name,
    }
    return named[key](str(code), lang) if key in named else str(code)


@cache
def _goods_names(digits: int, lang: Lang) -> dict[str, str]:
    rows = classification.hs_names(digits)
    names = rows["name_en"]
    if lang == "fa":
        headings = classification.hs_names(4).set_index("hs_code")["name_fa"]
        persian = rows["name_fa"] if digits < 6 else rows["hs_code"].str[:4].map(headings)
        names = persian.fillna(names)
    cut = [n if len(n) <= 40 else n[:40].rsplit(" ", 1)[0] + " …" for n in names]
    return dict(zip(rows["hs_code"], cut, strict=True))

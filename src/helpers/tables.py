"""A tidy table in, a report table out: units in headings, totals first, missing explained.

great-tables lays out the table; numbers are written by `narrative`, so that a table, a label and
a sentence never round differently. Its own style sheet is left out: the page has one for all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

import pandas as pd
from great_tables import GT, html

from helpers import classification, narrative, store
from helpers.claims import Verdict
from helpers.figures import safe_csv
from helpers.narrative import Html, findings
from helpers.schema import Lang, Number

_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)

_WORDS = narrative.words_of("tables")


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
    whole: int = 0,
) -> Html:
    """The chosen columns of a table as a report table.

    Args:
        table: one row a line of the report, in the order it is read.
        columns: column of `table` -> how it is headed and written; the first names the line. What
            a line is about in words of no language is its column `scope`, where it has one.
        title: the finding, or what the rows are.
        source: where the numbers come from.
        lang: `fa` or `en`.
        group: a column of `table` whose words head the rows that share them.
        whole: how many rows there are in all, which is noted where not all are shown.

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
    notes = _notes(written, lang, whole)
    if group:
        written["group"] = table[group].map(str).to_numpy()
    numeric = [name for name, column in columns.items() if column.unit]
    headings = {name: html(escape(column.label)) for name, column in columns.items()}
    layout = (
        GT(
            written,
            rowname_col=scope,
            groupname_col="group" if group else None,
            id="t" + hashlib.sha256(title.encode()).hexdigest()[:8],
        )
        .tab_header(title=title)
        .tab_stubhead(headings.pop(scope))
        .cols_label(**headings)
        .fmt(lambda cell: cell)
        .cols_align("left", [name for name in columns if name not in numeric and name != scope])
        .cols_align("right", numeric)
        .tab_source_note(_source_line(chosen, source, notes, lang))
    )
    markup = _STYLE.sub("", layout.as_raw_html())
    region = f'role="region" aria-label="{escape(title)}" tabindex="0"'
    return Html(f'<div class="wb-table" {region}>{markup}</div>')


# The tables of the notebooks.


def _named_table(
    name: str,
    rows: pd.DataFrame,
    lang: Lang,
    *,
    source: str,
    group: str = "",
    of: Sequence[object] = (),
    whole: int = 0,
    **parts: str,
) -> Html:
    """The rows under the title, headings and units of a table of `sentences/tables.toml`.

    `of` is what the finding in the title is told from, where there is one; `whole` is how many
    rows there are in all.
    """
    columns = {
        column: Column(
            form[lang].format(**parts),
            **{key: value for key, value in form.items() if key not in ("fa", "en")},
        )
        for column, form in _WORDS[name]["columns"].items()
    }
    title = _title(_WORDS[name], name, lang, of, **parts)
    told = {"title": title, "source": source, "lang": lang, "group": group, "whole": whole}
    return report_table(rows, columns, **told)


def _title(words: Mapping, name: str, lang: Lang, of: Sequence[object], **parts: str) -> str:
    if not of:
        return words["title"][lang].format(**parts)
    case, told = getattr(findings, name)(lang, *of)
    return words["titles"][case][lang].format(**told, **parts)


def overview(table: pd.DataFrame, lang: Lang, *, place: str, source: str) -> Html:
    """Totals of the province, the other provinces and the nation (`values.overview`)."""
    names = {scope: _WORDS["overview"][scope][lang] for scope in ("rest_of_nation", "nation")}
    named = table.assign(place=table["scope"].map(names).fillna(place))
    return _named_table("overview", named, lang, source=source, of=[table], place=place)


def published_growth(growths: pd.DataFrame, lang: Lang, *, source: str) -> Html:
    """Published totals of the nation against the same months a year before (`published.yearly_growth`)."""
    sure = growths[~growths["is_doubtful"]]
    periods = zip(sure["period"], sure["qualifiers"], strict=True)
    names = [narrative.rough_period(*period, lang) for period in periods]
    shown = sure.assign(scope="nation", name=names)
    return _named_table("published_growth", shown, lang, source=source, of=[shown])


def contradictions(listed: pd.DataFrame, numbers: pd.DataFrame, lang: Lang, *, source: str) -> Html:
    """What contradicts what, what to do about it, and both numbers of each comparison.

    Args:
        listed: the published table `contradictions`.
        numbers: `published.contradiction_numbers`; a contradiction may have none.
        lang: `fa` or `en`.
        source: where the data come from.
    """
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
    return _named_table("contradictions", shown, lang, source=source, group="group", of=[listed])


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
    if column.unit == "1" and column.scale != _POINT:
        return narrative.share(value, lang, column.decimals or 1)
    return narrative.plain(value / column.scale, lang, column.decimals)


def _notes(written: pd.DataFrame, lang: Lang, whole: int) -> str:
    cells = "".join(written.to_numpy(str).ravel())
    notes = [_rows(len(written), whole, lang) + "."] if whole > len(written) else []
    if f">{narrative.ZERO}<" in cells:
        notes.append(_WORDS["notes"]["zero"][lang])
    if "wb-missing" in cells:
        notes.append(_WORDS["notes"]["missing"][lang])
    return " ".join(notes)


def _rows(shown: int, whole: int, lang: Lang) -> str:
    counts = {"n": narrative.plain(shown, lang), "of": narrative.plain(whole, lang)}
    return _WORDS["rest"]["rows"][lang].format(**counts)


def _source_line(table: pd.DataFrame, source: str, notes: str, lang: Lang) -> object:
    words = _WORDS["source"]
    csv = "data:text/csv;charset=utf-8," + quote("\ufeff" + safe_csv(table.map(_bare)))
    told = ". ".join(filter(None, (source, notes)))
    return html(
        f'{words["source"][lang]}: {escape(told)}<span class="wb-take"> · '
        f'<a download="table.csv" href="{escape(csv)}">{words["csv"][lang]}</a></span>'
    )


def _bare(value: object) -> object:
    return value.value if isinstance(value, Number) else value


# The tables of imports and of markets.


def imports_by_use(
    uses: pd.DataFrame, moves: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> Html:
    """Imports by use: value, shares, growth and value per tonne beside the other provinces'.

    Args:
        uses: `values.against_nation` by `use`.
        moves: `values.growth_by` by `use`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if not uses["value_usd_province"].sum() > 0:
        return narrative.nothing_to_show(lang)
    growth = moves[["use", "growth_share"]]
    shown = uses.merge(growth, on="use", how="left", validate="1:1")
    shown = shown.assign(name=[classification.use_name(use, lang) for use in shown["use"]])
    return _named_table("imports_by_use", shown, lang, source=source, of=[uses], place=place)


def chapter_moves(moves: pd.DataFrame, lang: Lang, *, source: str, each: int = 5) -> Html:
    """The chapters, within their use, of which imports rose most and fell most.

    Args:
        moves: `values.growth_by` by `use` and `hs2_code`.
        lang: `fa` or `en`.
        source: where the data come from.
        each: how many rises and how many falls.
    """
    if not narrative.is_comparable(moves):
        return narrative.nothing_to_show(lang)
    ranked = moves.dropna(subset=["hs2_code"]).sort_values("change_usd", ascending=False)
    rises, falls = ranked[ranked["change_usd"] > 0], ranked[ranked["change_usd"] < 0]
    shown = pd.concat([rises.head(each), falls.tail(each)])
    shown = shown.assign(
        name=[narrative.chapter_name(code, lang) for code in shown["hs2_code"]],
        use_name=[classification.use_name(use, lang) for use in shown["use"]],
    )
    return _named_table("chapter_moves", shown, lang, source=source, of=[shown])


def input_dependence(
    own: pd.DataFrame, nation: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> Html:
    """Imported inputs by sector and per dollar exported, the province beside the nation.

    Args:
        own: `imports.input_dependence` of the province, by `sector`.
        nation: the same of the nation.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if own.empty:
        return narrative.nothing_to_show(lang)
    ratio = nation[["sector", "inputs_per_export_usd"]]
    shown = own.dropna(subset=["sector"]).merge(
        ratio, on="sector", how="left", suffixes=("", "_nation"), validate="1:1"
    )
    shown = shown.assign(name=[classification.sector_name(s, lang) for s in shown["sector"]])
    return _named_table(
        "input_dependence", shown, lang, source=source, of=[own, nation], place=place
    )


# The comparison, further on.


_SHOWN = {
    "gap_headings": [
        "hs4_code", "unit_value_usd_per_tonne_province", "unit_value_usd_per_tonne_reference",
        "contribution_usd_per_tonne",
    ],
    "shift_share": [
        "sector", "change_usd", "national_usd", "mix_usd", "competitive_usd", "new_usd",
    ],
}  # fmt: skip
"""The columns of a wide table that its report shows; of any other all."""
_IF_ANY = ("new_usd",)
"""Columns that are left out where all is zero."""


def comparison_table(
    name: str, table: pd.DataFrame | None, lang: Lang, *, place: str, n: int = 10
) -> Html:
    """A table of `comparison` with the title that the comparison page gives it.

    Args:
        name: `gap_headings`, `specialisation`, `shift_share` or `structure`.
        table: its rows in the order of reading; None: there were not enough data.
        lang: `fa` or `en`.
        place: the province's name.
        n: how many rows.
    """
    if table is None or table.empty:
        return narrative.nothing_to_show(lang)
    columns = _SHOWN.get(name, table.columns)
    title = _title(_WORDS["comparison"][name], name, lang, [table], place=place)
    if name == "gap_headings":  # what a heading adds to the gap is no gap of its own
        table = table.rename(columns={"gap_usd_per_tonne": "contribution_usd_per_tonne"})
    told = [column for column in columns if column not in _IF_ANY or table[column].any()]
    return show(table[told], lang, title=title, n=n)


# The briefing.


def sectors_in_short(
    sectors: pd.DataFrame, groups: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> Html:
    """The total, every sector, then the named groups of goods inside them, with their growth.

    Args:
        sectors: `values.growth_by` by `sector`.
        groups: the same by `group`; rows without a group are left out.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if sectors.empty:
        return narrative.nothing_to_show(lang)
    words = _WORDS["sectors_in_short"]
    large = sectors.sort_values("value_usd", ascending=False)
    named = groups.dropna(subset="group").sort_values("value_usd", ascending=False)
    names = [
        words["no_sector"][lang] if pd.isna(sector) else classification.sector_name(sector, lang)
        for sector in large["sector"]
    ] + [
        words["of_which"][lang].format(group=classification.group_name(group, lang))
        for group in named["group"]
    ]
    total = sectors[["value_usd", "value_usd_before"]].sum(min_count=1).to_frame().T
    growth = total["value_usd"] / total["value_usd_before"].where(lambda value: value > 0) - 1
    total = total.assign(name=words["all"][lang], growth_share=growth, contribution_share=growth)
    below = pd.concat([large, named], ignore_index=True).assign(name=names)
    shown = pd.concat([total, below], ignore_index=True)
    if not sectors["value_usd_before"].sum() > 0:
        shown["value_usd_before"] = float("nan")  # nothing is known of the year before
    return _named_table("sectors_in_short", shown, lang, source=source, of=[sectors], place=place)


def claims_in_short(verdicts: Sequence[Verdict], lang: Lang, *, source: str) -> Html:
    """Each claim of the statement with its verdict; nothing without any.

    Args:
        verdicts: of `claims.evaluate`; may be empty.
        lang: `fa` or `en`.
        source: where the evidence comes from.
    """
    own = [verdict for verdict in verdicts if not verdict.claim.own_check]
    if not own:
        return Html("")
    parts = ("statement", "verdict")
    table = pd.DataFrame([{p: narrative.claim_words(v, p, lang) for p in parts} for v in own])
    table.insert(0, "number", [narrative.plain(v.claim.number, lang) for v in own])
    return _named_table("claims_in_short", table, lang, source=source, of=[own])


def partners(
    table: pd.DataFrame, moves: pd.DataFrame, lang: Lang, *, place: str, source: str, n: int = 15
) -> Html:
    """The largest markets of the province, with free zones and unknown destinations as such.

    Args:
        table: `values.against_nation` by `partner_iso3`.
        moves: `values.growth_by` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
        n: how many markets.
    """
    every = table[table["value_usd_province"] > 0]
    served = every.head(n)
    if served.empty:
        return narrative.nothing_to_show(lang)
    growth = moves[["partner_iso3", "growth_share"]]
    shown = served.merge(growth, on="partner_iso3", how="left", validate="1:1")
    named = shown.assign(name=_partner_names(shown, lang))
    told = {"source": source, "of": [every], "whole": len(every), "place": place}
    return _named_table("partners", named, lang, **told)


def markets_won_and_lost(lines: pd.DataFrame, lang: Lang, *, source: str, each: int = 6) -> Html:
    """The largest markets won, returned and lost, and the rest of each (`markets.won_and_lost`)."""
    words = _WORDS["markets_won_and_lost"]
    moved = lines[lines["status"].isin(["won", "returned", "lost"])]
    if moved.empty or not narrative.is_comparable(lines):
        return narrative.nothing_to_show(lang)
    listed = []
    for status in ("won", "returned", "lost"):
        rows = moved[moved["status"] == status]
        rows = rows.assign(name=_partner_names(rows, lang))
        more = rows[["value_usd_before", "value_usd"]].iloc[each:].sum().to_frame().T
        name = words["more"][lang].format(n=narrative.plain(len(rows) - each, lang))
        rows = pd.concat([rows.head(each), more.assign(name=name).head(max(len(rows) - each, 0))])
        listed.append(rows.assign(happened=words[status][lang]))
    shown = pd.concat(listed, ignore_index=True)
    return _named_table("markets_won_and_lost", shown, lang, source=source, of=[lines])


def candidate_markets(table: pd.DataFrame, lang: Lang, *, source: str) -> Html:
    """The first of `markets.candidate_markets`, and the first that are wholly new."""
    if table.empty:
        return narrative.nothing_to_show(lang)
    shown = narrative.first_candidates(table)
    named = shown.assign(name=_partner_names(shown, lang))
    return _named_table(
        "candidate_markets", named, lang, source=source, of=[shown], whole=len(table)
    )


def candidate_goods(offers: pd.DataFrame, lang: Lang, *, source: str, n: int = 12) -> Html:
    """Which goods for which market: the first of `markets.candidate_markets` by offer.

    Args:
        offers: `markets.candidate_markets` with the market column `offer`, `IRQ 8418`.
        lang: `fa` or `en`.
        source: where the data come from.
        n: how many offers.
    """
    if offers.empty:
        return narrative.nothing_to_show(lang)
    shown = offers.head(n)
    parts = shown["offer"].str.split(" ", n=1, expand=True)
    shown = shown.assign(partner_iso3=parts[0], hs4_code=parts[1])
    named = shown.assign(
        name=_partner_names(shown, lang),
        goods=[narrative.heading_name(code, lang) for code in shown["hs4_code"]],
    )
    return _named_table(
        "candidate_goods", named, lang, source=source, of=[shown], whole=len(offers)
    )


def _partner_names(rows: pd.DataFrame, lang: Lang) -> list[str]:
    return [classification.partner_name(iso3, lang) for iso3 in rows["partner_iso3"]]


# Any table of the helpers.

SHORT = 40
"""Letters of a name of goods beside its code."""
_LEVELS = {"hs2_code": 2, "hs4_code": 4, "hs6_code": 6, "hs_code": 8}
_ENDINGS = {
    "_usd_per_tonne": "USD/t", "_usd_per_kg": "USD/kg", "_usd": "USD", "_kg": "kg", "share": "1",
    "_sh": "year",
}  # fmt: skip
_SCALED = _WORDS["scaled"]
_POINT = 0.01
"""The scale of a share that is written in percentage points, without a sign of per cent."""
KEY_NAMES = _WORDS["keys"]
"""Headings beside those of `narrative.MEASURES`; a column in neither keeps its own name."""


def show(table: pd.DataFrame, lang: Lang = "en", *, title: str = "", n: int = 20) -> Html:
    """Any table of the helpers as it is read: names for codes, units in the headings.

    Args:
        table: as `store`, `measures` or `comparison` return it; the first column names the line.
        lang: `fa` or `en`.
        title: the finding, or what the rows are; else how many of its rows are shown.
        n: how many rows.
    """
    shown = table.head(n).reset_index(drop=True)
    alone = [column_of(name, table[name], lang) for name in table]
    # One scale for all amounts of a unit: they are added up across the columns.
    columns = {
        name: column_of(name, table[name], lang, max(c.scale for c in alone if c.unit == own.unit))
        for name, own in zip(table, alone, strict=True)
    }
    words_first = sorted(columns, key=lambda name: columns[name].unit != "")
    columns = {name: columns[name] for name in words_first}
    named = shown.assign(
        **{
            name: [name_of(name, code, lang) for code in shown[name]]
            for name, column in columns.items()
            if name in KEY_NAMES and not column.unit
        }
    )
    source = narrative.declarations_source(store.is_synthetic(), lang)
    rows, whole = _rows(len(shown), len(table), lang), len(table) if title else 0
    told = {"title": title or rows, "whole": whole, "source": source, "lang": lang}
    return report_table(named, columns, **told)


def column_of(name: str, values: pd.Series, lang: Lang, least_scale: float = 0.0) -> Column:
    """How a column of the helpers is headed and written, told from its name and its size.

    Its amounts are written in no smaller a scale than `least_scale`.
    """
    stem, label = name, _heading(name, lang)
    for ending, words in _WORDS["endings"].items():
        if not label and name.endswith(ending) and _heading(name.removesuffix(ending), lang):
            stem = name.removesuffix(ending)
            label = f"{_heading(stem, lang)} ({words[lang]})"
    label = label or name
    unit, comma = _unit_of(stem, values), narrative.COMMA[lang]
    if unit not in _SCALED:
        unit_name = narrative.UNITS["USD"][lang] if unit.startswith("USD/") else ""
        decimals = {"1": 1, "ratio": 2, "USD/kg": 2}.get(unit, 0)
        scale = _POINT if stem == "contribution_share" else 1.0
        return Column(f"{label}{comma}{unit_name}" if unit_name else label, unit, scale, decimals)
    most = max(least_scale, values.astype("float64").abs().max())
    *_, smallest = sizes = list(_SCALED[unit].values())
    size = next((size for size in sizes if most >= size["scale"]), smallest)
    return Column(f"{label}{comma}{size[lang]}", unit, size["scale"], size["decimals"])


def _heading(name: str, lang: Lang) -> str:
    words = KEY_NAMES.get(name) or narrative.MEASURES.get(name) or {"fa": "", "en": ""}
    return words[lang][:1].upper() + words[lang][1:]


def _unit_of(stem: str, values: pd.Series) -> str:
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return ""
    if stem == "year_sh":
        return ""  # a name of a time, not an amount
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
        return _WORDS["rest"]["not_given"][lang]
    if key in _LEVELS:
        return f"{code} {narrative.goods_names(min(_LEVELS[key], 6), lang, SHORT).get(str(code)[:6], '')}".strip()
    return _NAMES[key](str(code), lang) if key in _NAMES else str(code)


def _place_name(scope: str, lang: Lang) -> str:
    return narrative.place_name(scope, lang) or classification.province_name(scope, lang)


_NAMES = {
    **dict.fromkeys(("place", "province", "scope"), _place_name),
    "partner_iso3": classification.partner_name, "hs_section": classification.section_name,
    "sector": classification.sector_name, "use": classification.use_name,
    "group": classification.group_name, "measure": narrative.measure_name,
    "level": lambda level, lang: KEY_NAMES[level][lang],
    "flow": lambda flow, lang: narrative.FLOW_NAMES.get(flow, {}).get(lang, flow),
    "year_sh": lambda year, lang: narrative.year(int(float(year)), lang),
}  # fmt: skip

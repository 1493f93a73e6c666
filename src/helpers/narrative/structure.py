"""Sentences on weight and value over the years, and on what the exports are made of."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.classification import group_name
from helpers.narrative.markets import ALIKE_NUMBER, heading_name
from helpers.narrative.words import (
    STEADY_GROWTH,
    Html,
    code,
    direction,
    dollars,
    fill,
    is_na,
    number,
    on_one_scale,
    plain,
    say,
    words_of,
    year,
)
from helpers.schema import Lang, Number

_WORDS = words_of("structure")
PART_NAMES = _WORDS["part_names"]

_TIMES = {"fa": "{} برابر", "en": "{} times"}


def weight_to_value(
    own: pd.DataFrame | None,
    nation: pd.DataFrame | None,
    lang: Lang,
    *,
    place: str,
    scope: str,
    source: str,
) -> Html:
    """Whether a tonne came to be worth more over the years; within a per cent it did not.

    The value is told of the goods with a weight, so that over the weight it is that of a tonne.

    Args:
        own: `indexes.weight_to_value` of the province by `year_sh`; None without weights.
        nation: the same of the nation.
        lang: `fa` or `en`.
        place: the province's name.
        scope: its slug.
        source: where the data come from.
    """
    if own is None or nation is None or len(own) < 2 or is_na(own["unit_value_index"].iloc[-1]):
        return say(lang, _WORDS["weight_to_value"]["missing"], place=place)
    last, (began, ended) = own.iloc[-1], own["year_sh"].iloc[[0, -1]].astype(int)
    ratios = {
        name: Number(f"{name}_index", last[f"{name}_index"], "ratio", scope, str(ended), source)
        for name in ("mass", "unit_value", "price")
    }
    weighed = last["mass_index"] * last["unit_value_index"]
    ratios["value"] = replace(ratios["mass"], name="weighed_value_index", value=weighed)
    of_nation = nation.set_index("year_sh")["unit_value_index"].get(ended)
    ratios["nation"] = replace(ratios["unit_value"], value=of_nation, scope="nation")
    return say(
        lang, _WORDS["weight_to_value"][direction(last["unit_value_index"] - 1, STEADY_GROWTH)],
        place=place, first=year(began, lang), last=year(ended, lang),
        **{name: _times(ratio, lang) for name, ratio in ratios.items()},
    )  # fmt: skip


def _times(ratio: Number, lang: Lang) -> Html:
    return number(ratio, lang, _TIMES[lang].format(plain(ratio.value, lang, 2)))


def gap_levels(levels: pd.DataFrame, lang: Lang, *, province: str, source: str) -> Html:
    """Whether the largest part of the gap is the same at every level of the tariff.

    Args:
        levels: `gap.gap_split_by_level`, from coarse to fine.
        lang: `fa` or `en`.
        province: slug.
        source: where the data come from.
    """
    parts = levels.filter(items=PART_NAMES).astype("float64")
    if parts.isna().any(axis=None):
        return say(lang, _WORDS["levels"]["missing"])
    largest = parts.abs().idxmax(axis=1)
    first, last = largest.iloc[0], largest.iloc[-1]
    coarse, fine = (
        Number(name, parts[name].iloc[at], "USD/t", province, source=source)
        for name, at in ((first, 0), (last, -1))
    )
    return say(
        lang, _WORDS["levels"]["same" if largest.nunique() == 1 else "turns"], n=plain(len(levels), lang),
        first=PART_NAMES[first][lang], largest=PART_NAMES[last][lang], coarse=coarse, fine=fine,
    )  # fmt: skip


def specialisation(
    special: pd.DataFrame, lang: Lang, *, place: str, scope: str, source: str
) -> Html:
    """How many of the largest headings weigh more in the province than in the nation.

    Args:
        special: the rows of `structure.specialisation` that are shown, by `hs4_code`.
        lang: `fa` or `en`.
        place: the province's name.
        scope: its slug.
        source: where the data come from.
    """
    rows = special[special["value_usd"] > 0].dropna(subset=["rca_vs_nation"])
    if rows.empty:
        return say(lang, _WORDS["special"]["missing"], place=place)
    top = rows.loc[rows["rca_vs_nation"].idxmax()]
    above = int((rows["rca_vs_nation"] > 1).sum())
    ratio = Number("rca_vs_nation", top["rca_vs_nation"], "ratio", scope, source=source)
    return say(
        lang, _WORDS["special"]["some" if above else "none"], place=place, n=plain(len(rows), lang),
        above=plain(above, lang), code=code(top["hs4_code"]), name=heading_name(top["hs4_code"], lang),
        rca=number(ratio, lang, plain(ratio.value, lang, 1)),
    )  # fmt: skip


def shift_share(
    table: pd.DataFrame | None, lang: Lang, *, place: str, scope: str, source: str
) -> Html:
    """What the growth owes to the nation, to the structure and to the province itself.

    Args:
        table: `structure.shift_share` by sector; None where a year before is not known.
        lang: `fa` or `en`.
        place: the province's name.
        scope: its slug.
        source: where the data come from.
    """
    sums = None if table is None else table.select_dtypes("number").sum()
    if sums is None or not sums["value_usd_before"] > 0:
        return say(lang, _WORDS["shift"]["missing"], place=place)
    # What the province did not have before has no growth rate: it is its own doing.
    own = float(sums["competitive_usd"] + sums["new_usd"])
    parts = sums[["change_usd", "national_usd", "mix_usd"]].to_dict() | {"competitive_usd": own}
    amounts = {k: Number(k, float(v), "USD", scope, source=source) for k, v in parts.items()}
    return say(
        lang, _WORDS["shift"][direction(own / sums["value_usd_before"], STEADY_GROWTH)], place=place,
        **on_one_scale(amounts, lang),
    )  # fmt: skip


def structure(table: pd.DataFrame, lang: Lang, *, place: str, scope: str, source: str) -> Html:
    """Whether few or many goods carry the exports; within a tenth of the median they are alike.

    Args:
        table: `structure.export_structure`.
        lang: `fa` or `en`.
        place: the province's name.
        scope: its slug.
        source: where the data come from.
    """
    rows = table.set_index("measure")
    value, median = rows.loc["equivalent_number", ["province_value", "provinces_median"]]
    if is_na(value):
        return say(lang, _WORDS["structure"]["missing"], place=place)
    equal, middle = (
        number(Number("equivalent_number", v, "ratio", of, source=source), lang, plain(v, lang, 1))
        for v, of in ((value, scope), (median, "provinces_median"))
    )
    own = rows["province_value"]
    return say(
        lang, _WORDS["structure"][direction(value / median - 1, ALIKE_NUMBER)], place=place, equal=equal,
        median=middle, n=Number("n_advantages", own["n_advantages"], "n", scope, source=source),
        alike=Number("finger_kreinin", own["finger_kreinin"], "1", scope, source=source),
    )  # fmt: skip


def named_goods(groups: pd.DataFrame, lang: Lang, *, place: str, scope: str, source: str) -> Html:
    """Which of the goods that the statement names earn more per tonne than elsewhere.

    Args:
        groups: `values.against_nation` by `group`.
        lang: `fa` or `en`.
        place: the province's name.
        scope: its slug.
        source: where the data come from.
    """
    ratio = "relative_unit_value_vs_rest"
    rows = groups.dropna(subset=["group", ratio])
    if rows.empty:
        return say(lang, _WORDS["named"]["missing"], place=place)
    above = int((rows[ratio] > 1).sum())
    worth = Number("unit_value_usd_per_tonne", None, "USD/t", scope, source=source)
    listed = []
    for _, row in rows.iterrows():
        own = replace(worth, value=row[f"{worth.name}_province"])
        rest = replace(worth, value=row[f"{worth.name}_rest"], scope="rest_of_nation")
        sides = {"own": dollars(own, lang), "rest": dollars(rest, lang)}
        listed.append(fill(lang, _WORDS["goods"], name=group_name(row["group"], lang), **sides))
    case = "all" if above == len(rows) else "some" if above else "none"
    return say(
        lang, _WORDS["named"][case], place=place, n=plain(len(rows), lang), above=plain(above, lang),
        list=Html({"fa": "؛ ", "en": "; "}[lang].join(listed)),
    )  # fmt: skip

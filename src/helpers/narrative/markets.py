"""Sentences on target markets: where exports go, how much rests on few, and where next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import ParamSpec, TypeVar

import numpy as np
import pandas as pd

from helpers.classification import hs_names, partner_name
from helpers.measures.gap import main_parts
from helpers.measures.markets import SHARE_EFFECTS
from helpers.measures.structure import Concentration
from helpers.narrative.imports import counted, is_comparable
from helpers.narrative.words import (
    COMMA,
    Html,
    direction,
    doubt,
    fill,
    number,
    period_name,
    plain,
    say,
    words_of,
)
from helpers.periods import parse_period
from helpers.schema import FREE_ZONES_ISO3, UNKNOWN_ISO3, Lang, NotEnoughData, Number

_WORDS = words_of("markets")

_P = ParamSpec("_P")
_T = TypeVar("_T")

UNNAMED = (FREE_ZONES_ISO3, UNKNOWN_ISO3)
"""Destinations that are no market: free and special zones, and other or unknown ones."""
ALIKE_NUMBER = 0.1
"""Numbers of equal markets within ten per cent of each other are "about the same"."""
STEADY_POINTS = 0.0002
"""A share of the nation that moved by less than 0.02 percentage points "held"."""
NAME_LENGTH = 60
"""Letters of an official heading text that a line of a table has room for."""


def if_enough(compute: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T | None:
    """What a measure computes, or None where there is too little data for it."""
    try:
        return compute(*args, **kwargs)
    except NotEnoughData:
        return None


def heading_name(hs4_code: str, lang: Lang) -> str:
    """What a heading of the HS is called (`goods_names`); an unknown one by its number."""
    return goods_names(4, lang).get(hs4_code, hs4_code)


@cache
def goods_names(digits: int, lang: Lang, letters: int = NAME_LENGTH) -> dict[str, str]:
    """What the codes of so many digits are called, a long official text cut.

    In Persian those without a Persian name bear the English text, lines that of their heading.
    """
    rows = hs_names(digits)
    names = rows["name_en"]
    if lang == "fa":
        headings = hs_names(4).set_index("hs_code")["name_fa"]
        persian = rows["name_fa"] if digits < 6 else rows["hs_code"].str[:4].map(headings)
        names = persian.fillna(names)
    cut = [n if len(n) <= letters else n[:letters].rsplit(" ", 1)[0] + " …" for n in names]
    return dict(zip(rows["hs_code"], cut, strict=True))


def _listed(codes: list[str], lang: Lang) -> str:
    return COMMA[lang].join(partner_name(code, lang) for code in codes)


def market_mix(
    markets: pd.DataFrame,
    lang: Lang,
    *,
    place: str,
    province: str,
    period: str,
    source: str = "",
    n: int = 3,
) -> Html:
    """Where the exports went: the largest markets of the province, and of the nation.

    Args:
        markets: `values.against_nation` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        province: its slug.
        period: code of the period.
        source: where the data come from.
        n: how many markets are named; free zones and unknown destinations are not.
    """
    named = markets[~markets["partner_iso3"].isin(UNNAMED)]
    served = named[named["value_usd_province"] > 0]
    when = period_name(period, lang)
    if served.empty:
        return say(lang, _WORDS["market_mix"]["missing"], place=place, period=when)
    first = served.nlargest(n, "value_usd_province")
    nation = named.nlargest(n, "value_usd_nation")
    share = Number("share", first["share_in_province"].sum(), "1", province, period, source)
    return say(
        lang, _WORDS["market_mix"]["known"], place=place, period=when, own=share,
        n=counted("served", len(served), province=province, period=period, source=source),
        markets=_listed(list(first["partner_iso3"]), lang),
        nation_markets=_listed(list(nation["partner_iso3"]), lang),
        same=replace(share, value=first["share_in_nation"].sum(), scope="nation"),
        nation=replace(share, value=nation["share_in_nation"].sum(), scope="nation"),
    )  # fmt: skip


def unnamed_partners(
    markets: pd.DataFrame, lang: Lang, *, province: str, period: str, source: str = ""
) -> Html:
    """How much went to destinations that are no market; nothing without exports."""
    rows = markets.set_index("partner_iso3")[["share_in_province", "share_in_nation"]]
    own, nation = (rows[column].astype("float64") for column in rows)
    if own.isna().all():
        return Html("")
    if not own.reindex(list(UNNAMED)).sum() > 0:
        return doubt(fill(lang, _WORDS["unnamed"]["none"]))
    parts = {}
    for name, code in zip(("zones", "unknown"), UNNAMED, strict=True):
        part = Number(f"{code}_share", float(own.get(code, 0.0)), "1", province, period, source)
        of_nation = replace(part, value=float(nation.get(code, 0.0)), scope="nation")
        parts |= {name: part, f"{name}_nation": of_nation}
    return doubt(fill(lang, _WORDS["unnamed"]["some"], **parts))


def market_concentration(
    own: Concentration | None,
    nation: Concentration | None,
    lang: Lang,
    *,
    place: str,
    province: str,
    period: str,
    source: str = "",
) -> Html:
    """Whether exports rest on few markets, against the nation; None is too little data."""
    if own is None or nation is None:
        return say(lang, _WORDS["concentration"]["missing"], place=place)
    hhi = Number("hhi", own.hhi, "ratio", province, period, source)
    spread = replace(hhi, name="equivalent_number", value=own.equivalent_number)
    apart = own.equivalent_number / nation.equivalent_number - 1
    return say(
        lang, _WORDS["concentration"][direction(apart, ALIKE_NUMBER)], place=place,
        hhi=_shown(hhi, lang, 3), own=_shown(spread, lang, 1),
        hhi_nation=_shown(replace(hhi, value=nation.hhi, scope="nation"), lang, 3),
        nation=_shown(replace(spread, value=nation.equivalent_number, scope="nation"), lang, 1),
        top1=Number("top1_share", own.top1_share, "1", province, period, source),
        top5=Number("top5_share", own.top5_share, "1", province, period, source),
    )  # fmt: skip


def _shown(figure: Number, lang: Lang, decimals: int) -> Html:
    return number(figure, lang, plain(figure.value, lang, decimals))


def won_and_lost(
    lines: pd.DataFrame,
    lang: Lang,
    *,
    province: str,
    period: str,
    floor_usd: float,
    source: str = "",
) -> Html:
    """How many markets were kept, won, lost and came back.

    Args:
        lines: `markets.won_and_lost` by `partner_iso3`.
        lang: `fa` or `en`.
        province: slug.
        period: code of the period.
        floor_usd: from what value on a destination counted as a market.
        source: where the data come from.
    """
    if not is_comparable(lines):
        return say(lang, _WORDS["won_lost"]["missing"])
    groups = {status: lines[lines["status"] == status] for status in _STATUSES}
    usd = Number("value_usd", 0.0, "USD", province, period, source)
    counts = {
        status: counted(status, len(rows), province=province, period=period, source=source)
        for status, rows in groups.items()
    }
    return say(
        lang, _WORDS["won_lost"]["known"], **counts,
        floor=replace(usd, name="floor_usd", value=float(floor_usd)),
        won_usd=replace(usd, name="won_value_usd", value=float(groups["won"]["value_usd"].sum())),
        lost_usd=replace(
            usd, name="lost_value_usd", value=float(groups["lost"]["value_usd_before"].sum())
        ),
        first_won=_first(groups["won"], lang), first_lost=_first(groups["lost"], lang),
    )  # fmt: skip


_STATUSES = ("kept", "won", "lost", "returned")


def _first(rows: pd.DataFrame, lang: Lang) -> str:
    names = [partner_name(iso3, lang) for iso3 in rows["partner_iso3"].head(1)]
    return "".join(fill(lang, _WORDS["first"], market=name) for name in names)


def market_unit_values(
    markets: pd.DataFrame, lang: Lang, *, place: str, province: str, period: str, source: str = ""
) -> Html:
    """In how many markets a tonne of the province's goods is dearer than the other provinces'.

    Args:
        markets: `values.against_nation` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        province: its slug.
        period: code of the period.
        source: where the data come from.
    """
    both = comparable_markets(markets)
    if both.empty:
        return say(lang, _WORDS["market_unit_values"]["missing"], place=place)
    dearer = both[both["relative_unit_value_vs_rest"] > 1]
    first = both.iloc[0]
    told = {"province": province, "period": period, "source": source}
    own = Number(
        f"{first['partner_iso3']}_unit_value_usd_per_tonne",
        first["unit_value_usd_per_tonne_province"], "USD/t", province, period, source,
    )  # fmt: skip
    return say(
        lang, _WORDS["market_unit_values"]["found"], place=place, known=counted("compared", len(both), **told),
        above=counted("dearer", len(dearer), **told),
        share=Number("share", dearer["share_in_province"].sum(), "1", province, period, source),
        market=partner_name(first["partner_iso3"], lang), own=own,
        rest=replace(own, value=first["unit_value_usd_per_tonne_rest"], scope="rest_of_nation"),
    )  # fmt: skip


def comparable_markets(markets: pd.DataFrame) -> pd.DataFrame:
    """The named markets in which province and other provinces both have a value per tonne."""
    ratios = markets["relative_unit_value_vs_rest"].astype("float64")
    is_known = np.isfinite(ratios) & (ratios > 0)
    return markets[is_known & ~markets["partner_iso3"].isin(UNNAMED)]


def market_share_change(
    split: pd.DataFrame | None,
    lang: Lang,
    *,
    place: str,
    province: str,
    period: str,
    source: str = "",
) -> Html:
    """Why the share of the nation's exports moved: own share, goods or markets.

    Args:
        split: `markets.market_share_split`; None, or a share of nothing before or now, is too
            little data.
        lang: `fa` or `en`.
        place: the province's name.
        province: its slug.
        period: the period of the page.
        source: where the data come from.
    """
    sums = None if split is None else split.select_dtypes("number").sum()
    if sums is None or not (sums["share"] > 0 and sums["share_before"] > 0):
        return say(lang, _WORDS["share_change"]["missing"], place=place)
    now = Number("national_share", sums["share"], "1", province, period, source)
    shown = {
        name: _points(replace(now, name=f"{name.removesuffix('_effect')}_share_effect", value=sums[name]), lang)
        for name in SHARE_EFFECTS
    }  # fmt: skip
    case, main = main_parts(sums[SHARE_EFFECTS].to_dict(), sums["change"])
    change = replace(now, name="national_share_growth", value=sums["change"])
    was = replace(now, value=sums["share_before"], period=str(parse_period(period).year_before))
    moved = fill(
        lang, _WORDS["share_change"][direction(sums["change"], STEADY_POINTS)], place=place,
        before=_shown_share(was, lang),
        now=_shown_share(now, lang), change=_points(change, lang),
    )  # fmt: skip
    why = fill(lang, _WORDS["share_reason"], **shown)
    largest = [_WORDS["effects"][name][lang] for name in main]
    names = dict(zip(("first", "second"), largest, strict=False))
    most = fill(lang, _WORDS["share_most"][case], **names) if case != "none" else Html("")
    return say(lang, {"fa": "{moved} {why} {most}", "en": "{moved} {why} {most}"}, moved=moved, why=why, most=most)  # fmt: skip


def _shown_share(figure: Number, lang: Lang) -> Html:
    return number(figure, lang, plain(100 * figure.value, lang, 2) + {"fa": "٪", "en": "%"}[lang])


def _points(figure: Number, lang: Lang) -> Html:
    """A difference of shares, in percentage points."""
    unit = {"fa": "واحد درصد", "en": "percentage points"}[lang]
    return number(figure, lang, f"{plain(100 * figure.value, lang, 3)} {unit}")


def first_candidates(table: pd.DataFrame, n: int = 8) -> pd.DataFrame:
    """The first candidate markets, and the first that the province does not serve at all.

    Args:
        table: `markets.candidate_markets`, the most expected first.
        n: how many of each.

    Returns:
        Their rows with `candidate_rank`, the place of each among all candidates.
    """
    ranked = table.assign(candidate_rank=np.arange(1, len(table) + 1))
    is_new = ranked["is_new_market"] & (ranked["is_new_market"].cumsum() <= n)
    return ranked[(ranked["candidate_rank"] <= n) | is_new]


def candidates(
    table: pd.DataFrame, lang: Lang, *, place: str, province: str, period: str, source: str = ""
) -> Html:
    """Which markets come first, and the first that the province does not serve at all.

    Args:
        table: `markets.candidate_markets` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        province: its slug.
        period: code of the period.
        source: where the data come from.
    """
    if table.empty:
        return say(lang, _WORDS["candidates"]["missing"], place=place)
    fresh = table[table["is_new_market"]]
    told = {"province": province, "period": period, "source": source}
    words = {
        "place": place, "n": counted("candidate", len(table), **told),
        "markets": _listed(list(table["partner_iso3"].head(3)), lang),
    }  # fmt: skip
    if fresh.empty:
        return say(lang, _WORDS["candidates"]["served"], **words)
    first = fresh.iloc[0]
    name = f"{first['partner_iso3']}_value_usd"
    return say(
        lang, _WORDS["candidates"]["new"], **words, n_new=counted("new_candidate", len(fresh), **told),
        new=partner_name(first["partner_iso3"], lang),
        products=counted("offered", int(first["n_products"]), **told),
        value=Number(name, first["rest_value_usd"], "USD", "rest_of_nation", period, source),
    )  # fmt: skip

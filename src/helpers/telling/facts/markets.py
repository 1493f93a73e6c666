"""Facts on target markets: where exports go, how much rests on few, what was won and lost."""

from __future__ import annotations

import pandas as pd

from helpers.measures.structure import Concentration
from helpers.schema import FREE_ZONES_ISO3, UNKNOWN_ISO3
from helpers.telling.numbers import direction, threshold
from helpers.telling.page import Fact, Name, Page

UNNAMED = (FREE_ZONES_ISO3, UNKNOWN_ISO3)
"""Destinations that are no market: Iran's free and special zones, other or unknown."""


def mix(markets: pd.DataFrame, page: Page) -> Fact:
    """Where the exports went: the largest markets of the province, and of the nation.

    Args:
        markets: `measures.ranks.against_nation` by `partner_iso3`.
        page: whose exports.

    Returns:
        Case `several` or `one` by how many named markets are served; `missing` without exports.
    """
    named = markets[~markets["partner_iso3"].isin(UNNAMED)]
    served = named[named["value_usd_province"] > 0]
    if served.empty:
        return Fact("markets.mix", "missing")
    n = int(threshold("markets_named"))
    first, nation = (named.nlargest(n, f"value_usd_{of}") for of in ("province", "nation"))
    first = first[first["value_usd_province"] > 0]
    own_share = page.number("share", first["share_in_province"].sum())
    parts = {
        "n": page.number("served", len(served), "n"),
        "first": Name("partner_iso3", list(first["partner_iso3"].head(1))),
        "share": page.number("share", first["share_in_province"].iloc[0]),
        "markets": Name("partner_iso3", list(first["partner_iso3"])),
        "own": own_share,
        "same": page.number("share", first["share_in_nation"].sum(), scope="nation"),
        "nation_markets": Name("partner_iso3", list(nation["partner_iso3"])),
        "nation_share": page.number("share", nation["share_in_nation"].sum(), scope="nation"),
    }
    return Fact("markets.mix", "one" if len(served) == 1 else "several", parts)


def concentration(own: Concentration | None, nation: Concentration | None, page: Page) -> Fact:
    """Whether exports rest on few markets, against the nation; None is too little data."""
    if own is None or nation is None:
        return Fact("markets.concentration", "missing")
    apart = own.equivalent_number / nation.equivalent_number - 1
    hhi = page.pair("hhi", own.hhi, nation.hhi, "ratio")
    numbers = page.pair(
        "equivalent_number", own.equivalent_number, nation.equivalent_number, "ratio"
    )
    high, moderate = threshold("concentrated_hhi"), threshold("moderate_hhi")
    band = "high" if own.hhi > high else "moderate" if own.hhi >= moderate else "low"
    parts = {
        **numbers,
        "hhi": hhi["own"],
        "hhi_nation": hhi["nation"],
        "top1": page.number("top1_share", own.top1_share),
        "top5": page.number("top5_share", own.top5_share),
        "band": Fact("markets.concentration_band", band),
    }
    return Fact("markets.concentration", direction(apart, threshold("alike_number")), parts)

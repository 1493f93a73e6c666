"""Markets: their path, won and lost, and why the share of the nation changed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.measures.values import (
    by_year,
    largest_first,
    paired,
    ratio,
    rest_of_nation,
    summed,
)
from helpers.schema import FREE_ZONES_ISO3, UNKNOWN_ISO3, NotEnoughData

NO_MARKETS = (FREE_ZONES_ISO3, UNKNOWN_ISO3)
"""Destinations that are no country: they are in every total and in no list of markets."""

SHARE_EFFECTS = ["own_effect", "product_effect", "market_effect"]
"""The three effects of a change of share, as `market_share_split` names them."""


def market_path(totals: pd.DataFrame) -> pd.DataFrame:
    """What each province sold to each of its markets, year by year, and its part of the nation's.

    Args:
        totals: totals of the nation by `province`, `partner_iso3` and `values.MONTHS`.

    Returns:
        A row for each year of each market that a province ever sold to: `[province, partner_iso3,
        year_sh, n_months, value_usd, value_usd_per_month, growth_share, share,
        national_share]`, a province's market of the largest sum first. `share` is of the
        province's sales, `national_share` of the nation's to the market. A market without a row in
        a year in which the province has others got nothing, which is 0; all is NA in a year
        without any.
    """
    path = by_year(totals, ["province", "partner_iso3"], within=["province"])
    for name, key in (("share", "province"), ("national_share", "partner_iso3")):
        whole = path.groupby([key, "year_sh"], dropna=False)["value_usd"].transform("sum")
        path[name] = ratio(path["value_usd"], whole)
    sums = path.groupby(["province", "partner_iso3"], dropna=False)["value_usd"].transform("sum")
    keys = ["province", "sums", "partner_iso3", "year_sh"]
    return path.assign(sums=-sums).sort_values(keys, ignore_index=True).drop(columns="sums")


def won_and_lost(
    now: pd.DataFrame,
    before: pd.DataFrame,
    by: Sequence[str] = ("partner_iso3",),
    *,
    floor_usd: float = 0.0,
    earlier: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Markets (or products, or pairs) kept, won and lost, with the value each moved [12].

    Present is a value above `floor_usd`. Won: present now, absent before and in the `earlier`
    period, if it is known, so that a market that skips one year is not new.

    Returns:
        `[*by, value_usd, value_usd_before, change_usd, status]`, `status` one of `kept`, `won`,
        `lost`, `returned` and `below_floor`; the largest change first.
    """
    keys = list(by)
    both = paired(now, before, keys, ("", "_before"))
    present, was_present = both["value_usd"] > floor_usd, both["value_usd_before"] > floor_usd
    past = (before if earlier is None else earlier).groupby(keys, as_index=False)["value_usd"].sum()
    past = past.loc[past["value_usd"] > floor_usd, keys]
    ever = pd.MultiIndex.from_frame(both[keys]).isin(pd.MultiIndex.from_frame(past))
    status = np.select(
        [present & was_present, present & ever, present, was_present],
        ["kept", "returned", "won", "lost"],
        "below_floor",
    )
    lines = both[[*keys, "value_usd", "value_usd_before"]].assign(
        change_usd=both["value_usd"] - both["value_usd_before"], status=status
    )
    return largest_first(lines, "change_usd")


def market_share_split(
    now: pd.DataFrame,
    before: pd.DataFrame,
    nation_now: pd.DataFrame,
    nation_before: pd.DataFrame,
    *,
    product: str | None = None,
) -> pd.DataFrame:
    """Why the province's share of national exports changed, market by market; exact [9].

    With a the province's share of the nation's exports of good i to market j, b the weight of good
    i in the nation's exports to j and c the weight of j, the share is sum a b c. Each factor's
    effect is its change times the Shapley mean of the two others: own effect
    (a1 - a0) [(b0 c0 + b1 c1)/3 + (b0 c1 + b1 c0)/6], product and market effect likewise. Without
    products these are midpoint weights, (a1 - a0)(c0 + c1)/2 and (c1 - c0)(a0 + a1)/2. Exact, with
    no residual of an order of steps, and the mirror image if time is turned round.

    A factor that a period leaves undefined, since the nation sold nothing there, is taken from the
    other: a market that opens to the nation is a market effect. A pair of product and market to
    which more came back than was sent is left out on all sides. Periods may differ in length.

    Args:
        now: totals of the province.
        before: the same of the earlier period.
        nation_now: totals of the nation.
        nation_before: the same of the earlier period.
        product: the column that names a product, `hs2_code` or coarser for a small province; None
            where only values are known, and then there is no product effect.

    Returns:
        `[partner_iso3, share_before, share, change, *SHARE_EFFECTS]`, in shares of national
        exports, the largest change first; in each row, and so in all, the effects add up to
        `change`.

    Raises:
        NotEnoughData: the nation exported nothing in one of the periods.
        CheckFailed: the province is no part of the nation (`values.rest_of_nation`).

    Sources: Fagerberg and Sollie (1987), Applied Economics 19(12); Shorrocks (2013), Journal of
        Economic Inequality 11(1).
    """
    keys = ["partner_iso3", *([product] if product else [])]
    sides = {"own0": before, "own1": now}
    sides = {name: side.dropna(subset=keys) for name, side in sides.items()}
    for k, nation in enumerate((nation_before, nation_now)):
        sides[f"rest{k}"] = rest_of_nation(nation.dropna(subset=keys), sides[f"own{k}"], keys)
    sums = {name: summed(side, keys).set_index(keys)["value_usd"] for name, side in sides.items()}
    pairs = pd.concat(sums, axis=1).fillna(0.0)
    pairs = pairs.mask((pairs < 0).any(axis=1), 0.0)
    layers = [_share_layers(pairs[f"own{k}"], pairs[f"rest{k}"]) for k in (0, 1)]
    was, is_now = (
        [mine.fillna(other).fillna(0.0).to_numpy() for mine, other in zip(*both, strict=True)]
        for both in (layers, layers[::-1])
    )
    effects = {name: _shapley(was, is_now, n) for n, name in enumerate(SHARE_EFFECTS)}
    lines = pd.DataFrame(effects, index=pairs.index).assign(
        share_before=np.prod(was, axis=0), share=np.prod(is_now, axis=0)
    )
    lines = lines.groupby(level="partner_iso3").sum()
    lines["change"] = lines["share"] - lines["share_before"]
    columns = ["share_before", "share", "change", *SHARE_EFFECTS]
    return largest_first(lines[columns].reset_index(), "change")


def _share_layers(own: pd.Series, rest: pd.Series) -> list[pd.Series]:
    """The factors a, b and c of each pair; NA where the nation leaves them undefined."""
    nation = own + rest
    if not nation.sum() > 0:
        raise NotEnoughData("a market-share split needs national exports in both periods")
    by_market = nation.groupby(level="partner_iso3").transform("sum")
    return [ratio(own, nation), ratio(nation, by_market), by_market / nation.sum()]


def _shapley(was: list[np.ndarray], is_now: list[np.ndarray], n: int) -> np.ndarray:
    """The effect of the nth of three factors on their product."""
    (b0, c0), (b1, c1) = ([side[k] for k in range(3) if k != n] for side in (was, is_now))
    return (is_now[n] - was[n]) * ((b0 * c0 + b1 * c1) / 3 + (b0 * c1 + b1 * c0) / 6)

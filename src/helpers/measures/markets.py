"""Markets: won and lost, not yet served, and why the share of national exports changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.measures.values import (
    largest_first,
    most_first,
    paired,
    ratio,
    rest_of_nation,
    summed,
    unit_values,
)
from helpers.schema import FREE_ZONES_ISO3, UNKNOWN_ISO3, NotEnoughData


@dataclass(frozen=True)
class MarketShareSplit:
    """Change of the province's share of national exports; the five effects add up to it."""

    share_before: float
    share: float
    change: float
    market_share_effect: float
    product_effect: float
    market_effect: float
    product_adaptation: float
    market_adaptation: float


def won_and_lost(
    now: pd.DataFrame,
    before: pd.DataFrame,
    by: Sequence[str] = ("partner_iso3",),
    *,
    floor_usd: float = 0.0,
    absent_from: Sequence[pd.DataFrame] = (),
) -> pd.DataFrame:
    """Markets (or products, or pairs) kept, won and lost, with the value each moved [12].

    Present is a value above `floor_usd`. Won: present now, absent before and in every table of
    `absent_from` (earlier periods), so that a market that skips one year is not new.

    Returns:
        `[*by, value_usd, value_usd_before, change_usd, status]`, `status` one of `kept`, `won`,
        `lost`, `returned` and `below_floor`; the largest change first.
    """
    keys = list(by)
    both = paired(now, before, keys, ("", "_before"))
    present, was_present = both["value_usd"] > floor_usd, both["value_usd_before"] > floor_usd
    ever = pd.Series(False, index=both.index)
    for earlier in absent_from:
        past = both[keys].merge(summed(earlier, keys), on=keys, how="left", validate="1:1")
        ever |= past["value_usd"].fillna(0.0) > floor_usd
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
    product: str = "hs4_code",
    market: str = "partner_iso3",
) -> MarketShareSplit:
    """Why the province's share of national exports changed: constant-market-share analysis [9].

    With a the province's share of the nation's exports of good i to market j, b the weight of good
    i in the nation's exports to j, c the weight of j, and m_j = sum_i a b: share M = sum_j c m_j.
    Market share effect sum (a1-a0) b0 c0; product effect sum a0 (b1-b0) c0; market effect
    sum m0 (c1-c0); product adaptation sum (a1-a0)(b1-b0) c0; market adaptation sum (m1-m0)(c1-c0).
    Exact, and no effect depends on an order of steps. Absent trade is a 0 share. A pair of product
    and market to which more came back than was sent is left out on all sides.

    Raises:
        NotEnoughData: the nation exported nothing in one of the periods.
        CheckFailed: the province is no part of the nation (`rest_of_nation`).

    Sources: Fagerberg and Sollie (1987), Applied Economics 19(12).
    """
    keys = [product, market]
    own = {"0": before, "1": now}
    nation = {"0": nation_before, "1": nation_now}
    sides = {f"own{k}": own[k].dropna(subset=keys) for k in own}
    sides |= {
        f"rest{k}": rest_of_nation(nation[k].dropna(subset=keys), sides[f"own{k}"], keys)
        for k in nation
    }
    sums = {k: summed(t, keys).set_index(keys)["value_usd"] for k, t in sides.items()}
    pairs = pd.concat(sums, axis=1).fillna(0.0)
    pairs = pairs.mask((pairs < 0).any(axis=1), 0.0)
    # Products down, markets across, the four tables side by side on the same rows and columns.
    r0, r1, rest0, rest1 = (pairs[k].unstack(market, fill_value=0.0).to_numpy() for k in sides)
    (a0, b0, c0), (a1, b1, c1) = _share_layers(r0, r0 + rest0), _share_layers(r1, r1 + rest1)
    m0, m1 = (a0 * b0).sum(axis=0), (a1 * b1).sum(axis=0)
    effects = {
        "share_before": c0 * m0,
        "share": c1 * m1,
        "change": c1 * m1 - c0 * m0,
        "market_share_effect": (a1 - a0) * b0 * c0,
        "product_effect": a0 * (b1 - b0) * c0,
        "market_effect": m0 * (c1 - c0),
        "product_adaptation": (a1 - a0) * (b1 - b0) * c0,
        "market_adaptation": (m1 - m0) * (c1 - c0),
    }
    return MarketShareSplit(**{name: float(effect.sum()) for name, effect in effects.items()})


def _share_layers(own: np.ndarray, nation: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    by_market = nation.sum(axis=0)
    if not by_market.sum() > 0:
        raise NotEnoughData("a market-share split needs national exports in both periods")
    part = np.divide(own, nation, out=np.zeros_like(own), where=nation > 0)
    weight = np.divide(nation, by_market, out=np.zeros_like(nation), where=by_market > 0)
    return part, weight, by_market / by_market.sum()


def candidate_markets(
    province: pd.DataFrame,
    nation: pd.DataFrame,
    *,
    product: str = "hs4_code",
    market: str = "partner_iso3",
    floor_usd: float = 0.0,
) -> pd.DataFrame:
    """Markets where the rest of the nation sells what the province makes and it does not.

    Over pairs of product and market that the province does not serve, of products that it exports
    above `floor_usd` in all: expected_usd = sum over products of the province's exports x the
    market's share in the rest of the nation's exports of that product, what it would sell there
    with the rest's choice of markets. It ranks; it does not forecast. Free zones and unknown
    destinations are no markets.

    Returns:
        `[market, n_products, rest_value_usd, rest_unit_value_usd_per_tonne, expected_usd,
        province_value_usd, is_new_market]`, the most expected first; `province_value_usd` is what
        the province sells there already, of other products.
    """
    keys = [product, market]
    own = summed(province.dropna(subset=keys), keys)
    rest = rest_of_nation(nation.dropna(subset=keys), own, keys)
    pairs = _unserved_pairs(own, rest, keys, floor_usd)
    by_market = pairs.groupby(market)
    sold_by_rest = unit_values(summed(pairs, [market])).set_index(market)
    already = own.groupby(market)["value_usd"].sum().reindex(sold_by_rest.index, fill_value=0.0)
    table = pd.DataFrame(
        {
            "n_products": by_market[product].nunique(),
            "rest_value_usd": sold_by_rest["value_usd"],
            "rest_unit_value_usd_per_tonne": sold_by_rest["unit_value_usd_per_tonne"],
            "expected_usd": by_market["expected_usd"].sum(),
            "province_value_usd": already,
            "is_new_market": already == 0,
        }
    )
    return most_first(table.rename_axis(market).reset_index(), "expected_usd")


def _unserved_pairs(
    own: pd.DataFrame, rest: pd.DataFrame, keys: list[str], floor_usd: float
) -> pd.DataFrame:
    """The rest's trade in the product-market pairs that the province could serve, and does not."""
    product, market = keys
    made = rest[product].map(own.groupby(product)["value_usd"].sum()).astype("float64")
    part = ratio(rest["value_usd"], rest.groupby(product)["value_usd"].transform("sum"))
    served = pd.MultiIndex.from_frame(own.loc[own["value_usd"] > 0, keys])
    is_open = (
        (made > floor_usd)
        & (rest["value_usd"] > 0)
        & ~pd.MultiIndex.from_frame(rest[keys]).isin(served)
        & ~rest[market].isin([FREE_ZONES_ISO3, UNKNOWN_ISO3])
    )
    return rest.assign(expected_usd=made * part)[is_open]

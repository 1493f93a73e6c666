"""What target markets buy: export potential, who supplies them, and what they report of Iran."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.measures.markets import NO_MARKETS
from helpers.measures.values import (
    largest_first,
    most_first,
    ratio,
    rest_of_nation,
    summed,
    unit_values,
)

PAIR = ["hs6_code", "partner_iso3"]
POTENTIAL = ["demand_usd", "potential_usd", "actual_usd", "gap_usd", "is_sold"]
"""What `export_potential` says of a pair."""


def ease_of_trade(sales: pd.DataFrame, demand: pd.DataFrame) -> pd.Series:
    """What an exporter sells to a market, over what it would with its share of the world [24].

    Below 1 it finds a market harder to reach than the world on average, above 1 easier:
    v_ij / sum_k (v_ik / v_k) v_jk.

    Args:
        sales: totals of the exporter by `hs6_code` and `partner_iso3`.
        demand: what each market buys, `hs6_code`, `partner_iso3` and `value_usd`.

    Returns:
        A ratio by market; 0 where it sells none of what the market buys.
    """
    pairs = _pairs(sales, demand)
    sums = pairs.groupby("partner_iso3")[["actual_usd", "benchmark_usd"]].sum()
    return ratio(sums["actual_usd"], sums["benchmark_usd"]).rename("ease")


def export_potential(
    sales: pd.DataFrame, demand: pd.DataFrame, ease: pd.Series | None = None
) -> pd.DataFrame:
    """What an exporter could sell of its goods to each market: a benchmark, no ceiling [24].

    EPI_ijk = (v_ik / v_k) v_jk e_ij: the exporter's share of the world's trade in a good, what the
    market buys of it, and the ease of trade. With its own ease the potentials of a market add up to
    what it sells there. A province's own ease would rest on single consignments, and is 0 where it
    sells nothing: pages take the nation's, and then the potentials of all provinces add up to the
    nation's, good by good and market by market.

    Args:
        sales: totals of the exporter by `hs6_code` and `partner_iso3`; goods that it does not sell
            are given no potential.
        demand: what each market buys, `hs6_code`, `partner_iso3` and `value_usd`; of all markets,
            since their sum is the world's trade in a good.
        ease: by market; its own (`ease_of_trade`) by default.

    Returns:
        `[hs6_code, partner_iso3, demand_usd, potential_usd, actual_usd, gap_usd, is_sold]`, the
        largest gap first; `gap_usd` is potential less actual sales.

    Sources: Decreux and Spies (2016), Export Potential Assessments, International Trade Centre.
    """
    pairs = _pairs(sales, demand)
    ease = ease_of_trade(sales, demand) if ease is None else ease
    pairs["potential_usd"] = pairs["benchmark_usd"] * pairs["partner_iso3"].map(ease).fillna(0.0)
    pairs["gap_usd"] = pairs["potential_usd"] - pairs["actual_usd"]
    pairs["is_sold"] = pairs["actual_usd"] > 0
    return most_first(pairs[[*PAIR, *POTENTIAL]], "gap_usd")


def _pairs(sales: pd.DataFrame, demand: pd.DataFrame, good: str = PAIR[0]) -> pd.DataFrame:
    """Goods that are sold by markets that buy them, with sales, and those at the world's share."""
    keys = [good, "partner_iso3"]
    bought = demand.groupby(keys, as_index=False)["value_usd"].sum()
    world = bought.groupby(good)["value_usd"].transform("sum")
    sold = summed(sales, keys).set_index(keys)["value_usd"].clip(lower=0.0)
    supply = sold.groupby(good).sum()
    pairs = bought.rename(columns={"value_usd": "demand_usd"})
    pairs["benchmark_usd"] = ratio(pairs[good].map(supply), world) * pairs["demand_usd"]
    actual = sold.reindex(pd.MultiIndex.from_frame(pairs[keys])).to_numpy()
    pairs["actual_usd"] = pd.Series(actual, index=pairs.index).fillna(0.0)
    is_market = ~pairs["partner_iso3"].isin(NO_MARKETS)
    return pairs[is_market & (pairs["benchmark_usd"] > 0)].reset_index(drop=True)


def unserved(province: pd.DataFrame, nation: pd.DataFrame, floor_usd: float = 0.0) -> pd.DataFrame:
    """Goods and markets where the rest of the nation sells what the province makes and it does not.

    The benchmark of `export_potential`, with what the other provinces sell to a market in place of
    what it buys: expected_usd = v_ir x the market's share of the rest's exports of the good. It
    ranks; it does not forecast.

    Args:
        province: totals by `hs4_code` and `partner_iso3`.
        nation: the same of the nation.
        floor_usd: goods of which the province exports no more than this in all are left out.

    Returns:
        `[hs4_code, partner_iso3, rest_value_usd, expected_usd, is_new_market]`, the most expected
        first; a market is new where the province sells none of its other goods either.
    """
    keys = ["hs4_code", "partner_iso3"]
    own = summed(province.dropna(subset=keys), keys)
    rest = rest_of_nation(nation.dropna(subset=keys), own, keys)
    pairs = _pairs(own, rest[rest["value_usd"] > 0], keys[0])
    made = pairs["hs4_code"].map(own.groupby("hs4_code")["value_usd"].sum())
    rows = pairs[(pairs["actual_usd"] == 0) & (made > floor_usd)].assign(
        is_new_market=lambda t: ~t["partner_iso3"].isin(own.loc[own["value_usd"] > 0, keys[1]])
    )
    names = {"demand_usd": "rest_value_usd", "benchmark_usd": "expected_usd"}
    rows = rows.rename(columns=names)[[*keys, *names.values(), "is_new_market"]]
    return most_first(rows, "expected_usd")


def by_market(pairs: pd.DataFrame) -> pd.DataFrame:
    """`export_potential` by market: what is not realised counts the pairs above their sales.

    Returns:
        `[partner_iso3, n_open, demand_usd, potential_usd, actual_usd, unrealised_usd, is_sold]`,
        the largest unrealised potential first; `n_open` is how many goods have a gap above 0.
        `unrealised_usd` is the sum of the gaps above 0,
        since selling more than the benchmark of one good fills no gap of another.
    """
    open_usd = pairs["gap_usd"].clip(lower=0.0)
    table = pairs.assign(unrealised_usd=open_usd, is_open=open_usd > 0).groupby("partner_iso3").agg(
        n_open=("is_open", "sum"), demand_usd=("demand_usd", "sum"),
        potential_usd=("potential_usd", "sum"), actual_usd=("actual_usd", "sum"),
        unrealised_usd=("unrealised_usd", "sum"), is_sold=("is_sold", "any"),
    )  # fmt: skip
    return most_first(table.reset_index(), "unrealised_usd")


def growth_per_year(rows: pd.DataFrame, keys: Sequence[str], years: Sequence[int]) -> pd.DataFrame:
    """The value of the last year and its growth a year since the first [18].

    Args:
        rows: by `keys` and `year`; a key without a row in a year is not known there.
        keys: what a line is about.
        years: of which the first and the last are compared, in order.

    Returns:
        `[*keys, value_usd, value_usd_before, growth_share]`; growth, (v1/v0)^(1/n) - 1, is NA where
        one of the years is not known or was 0, and with a single year.
    """
    first, last = years[0], years[-1]
    inside = rows[rows["year"].isin([first, last])]
    table = inside.pivot_table(index=list(keys), columns="year", values="value_usd", aggfunc="sum")
    table = table.reindex(columns=sorted({first, last}))
    now = table[last]
    before = table[first] if first < last else pd.Series(index=table.index, dtype="float64")
    rate = ratio(now, before) ** (1 / max(last - first, 1)) - 1
    path = {"value_usd": now, "value_usd_before": before, "growth_share": rate}
    return pd.DataFrame(path).reset_index()


def largest_suppliers(
    flows: pd.DataFrame, keys: Sequence[str], years: Sequence[int], n: int = 3
) -> pd.DataFrame:
    """Who supplies a market now, at what value per tonne, and whether it grows.

    Args:
        flows: `world.suppliers`.
        keys: what a market is: `hs6_code` and `partner_iso3`, or the latter alone.
        years: the first and the last are compared.
        n: how many suppliers of each.

    Returns:
        `[*keys, supplier_iso3, value_usd, value_usd_before, growth_share, share,
        unit_value_usd_per_tonne, coverage_share]`, by market, the largest first. Shares are of all
        suppliers of the last year; values per tonne are of flows with reported masses alone.
    """
    line = [*keys, "supplier_iso3"]
    table = growth_per_year(flows, line, years).dropna(subset="value_usd")
    now = flows[flows["year"] == years[-1]].groupby(line, as_index=False)
    weights = unit_values(
        now[["value_usd", "value_usd_weighed", "net_mass_kg"]].sum(min_count=1)
    )[[*line, "unit_value_usd_per_tonne", "coverage_share"]]  # fmt: skip
    table = table.merge(weights, on=line, how="left", validate="1:1")
    whole = table.groupby(list(keys))["value_usd"].transform("sum")
    table["share"] = ratio(table["value_usd"], whole)
    order = table.sort_values([*keys, "value_usd"], ascending=[True] * len(keys) + [False])
    return order.groupby(list(keys)).head(n).reset_index(drop=True)


def mirror(declared: pd.DataFrame, reported: pd.DataFrame) -> pd.DataFrame:
    """What Iran declares to a market beside what it reports of Iran; neither is right [17].

    Args:
        declared: the nation's totals by `partner_iso3` of a year.
        reported: `partner_iso3, iran_value_usd, reported_by` of the year that it overlaps most.

    Returns:
        `[partner_iso3, declared_usd, reported_usd, difference_usd, mirror_ratio, reported_by]`,
        the largest difference first; `reported_usd` is NA for a market without reports, whose
        purchases are not known. Imports are CIF and exports FOB: some difference is freight.
    """
    ours = summed(declared, ["partner_iso3"]).rename(columns={"value_usd": "declared_usd"})
    theirs = reported.rename(columns={"iran_value_usd": "reported_usd"})
    columns = ["partner_iso3", "reported_usd", "reported_by"]
    both = ours[["partner_iso3", "declared_usd"]].merge(
        theirs[columns], on="partner_iso3", how="outer", validate="1:1"
    )
    both = both[~both["partner_iso3"].isin(NO_MARKETS)].fillna({"declared_usd": 0.0})
    is_told = both["reported_by"].isin(["importer", "both"])
    both["reported_usd"] = both["reported_usd"].where(is_told)
    both["difference_usd"] = both["reported_usd"] - both["declared_usd"]
    both["mirror_ratio"] = ratio(both["reported_usd"], both["declared_usd"])
    names = ["declared_usd", "reported_usd", "difference_usd", "mirror_ratio", "reported_by"]
    return largest_first(both[["partner_iso3", *names]], "difference_usd")

"""Where the provinces stand: ranks, their path over the years, and who is alike.

Trade that no province could be given stays visible as `unallocated`: it belongs to the nation and
is ranked nowhere. A province without any row is not known, rather than last.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.measures.markets import NO_MARKETS
from helpers.measures.structure import baskets, overlap
from helpers.measures.values import (
    AMOUNTS,
    YEAR_COLUMNS,
    by_year,
    most_first,
    ratio,
    shares,
    summed,
    unit_values,
    with_nation,
)
from helpers.schema import PROVINCES, UNALLOCATED, NotEnoughData


def rank_provinces(totals: pd.DataFrame, measure: str = "value_usd") -> pd.DataFrame:
    """The 31 provinces ranked, ties sharing the better rank, unallocated trade last and unranked.

    Args:
        totals: totals by `province` (a finer table is added up).
        measure: `value_usd`, `net_mass_kg`, `unit_value_usd_per_tonne` or another column of
            `values.unit_values`.

    Returns:
        32 rows `[province, <measure>, national_share, rank, n_ranked]`. A province without rows is
        NA, and NA has no rank; `n_ranked` is how many have one. A ratio has no `national_share`.
    """
    table = summed(totals, ["province"]).set_index("province")[AMOUNTS]
    if UNALLOCATED not in table.index:
        table.loc[UNALLOCATED] = 0.0  # Nothing was left to place; no row of a province is not 0.
    every = unit_values(table.reindex([*PROVINCES, UNALLOCATED]))[[measure]]
    placed = every[measure].drop(UNALLOCATED)
    ranked = every.assign(
        national_share=shares(every[measure]) if measure in AMOUNTS else np.nan,
        rank=placed.rank(method="min", ascending=False).astype("Int64"),
        n_ranked=placed.count(),
    )
    order = ranked.drop(UNALLOCATED).sort_values("rank", kind="stable", na_position="last").index
    return ranked.loc[[*order, UNALLOCATED]].reset_index(names="province")


def rank_path(totals: pd.DataFrame) -> pd.DataFrame:
    """Value, growth, share of the nation and rank of all 31 provinces, year by year.

    Args:
        totals: totals of the nation by `province` and `values.MONTHS`, unallocated rows included.

    Returns:
        31 rows a year, by province and year: `[province, year_sh, n_months, value_usd,
        value_usd_per_month, growth_share, national_share, rank, n_ranked]`, as
        `values.by_year` says. `national_share` is of all trade of the year, placed or not; a
        province without a row in a year is NA there, and `n_ranked` says of how many the rank is.
    """
    path = by_year(totals, ["province"])
    nation = path.groupby("year_sh")["value_usd"].transform("sum")
    path["national_share"] = ratio(path["value_usd"], nation)
    keys = ["province", "year_sh", "n_months"]
    grid = (
        path[keys[1:]].drop_duplicates().merge(pd.Series(PROVINCES, name="province"), how="cross")
    )
    path = grid.merge(path, on=keys, how="left", validate="1:1").sort_values(keys[:2])
    in_year = path.groupby("year_sh")["value_usd"]
    path["rank"] = in_year.rank(method="min", ascending=False).astype("Int64")
    path["n_ranked"] = in_year.transform("count").astype("int64")
    columns = [*keys[:2], *YEAR_COLUMNS, "national_share", "rank", "n_ranked"]
    return path[columns].reset_index(drop=True)


def peers(totals: pd.DataFrame, province: str, by: str = "partner_iso3") -> pd.DataFrame:
    """The province, the others, the most alike in structure first, and the nation [13].

    Args:
        totals: totals by `province` and `by`.
        province: slug.
        by: what the structure is of: `partner_iso3`, or `hs4_code` where goods are known; rows
            without it, and destinations that are no country, are left out.

    Returns:
        `[province, overlap_share, value_usd, unit_value_usd_per_tonne]`: overlap as in
        `structure.overlap`, value and unit value of all the province's rows. Provinces without
        exports above 0, or with nothing in common, are left out.

    Raises:
        NotEnoughData: the province has none itself.
    """
    sold = baskets(with_nation(totals[~totals[by].isin(NO_MARKETS)]), by)
    placed = sold[sold.index.isin([*PROVINCES, "nation"])].T
    if province not in placed:
        raise NotEnoughData(f"{province} has no exports by {by} that others could be compared with")
    part = placed / placed.sum()
    alike = overlap(part, part[province]).rename("overlap_share")
    worth = unit_values(summed(with_nation(totals), ["province"])).set_index("province")
    table = alike[alike > 0].to_frame().join(worth[["value_usd", "unit_value_usd_per_tonne"]])
    table = most_first(table.reset_index(names="province"), "overlap_share")
    ends = table["province"].map({province: -1, "nation": 1}).fillna(0)
    return table.loc[ends.sort_values(kind="stable").index].reset_index(drop=True)

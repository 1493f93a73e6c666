"""The 31 provinces ranked.

Trade that no province could be given stays visible as `unallocated`: it belongs to the nation and
is ranked nowhere.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.measures.values import AMOUNTS, shares, summed, unit_values
from helpers.schema import PROVINCES, UNALLOCATED


def rank_provinces(totals: pd.DataFrame, measure: str = "value_usd") -> pd.DataFrame:
    """The 31 provinces ranked, ties sharing the better rank, unallocated trade last and unranked.

    Args:
        totals: totals by `province` (a finer table is added up).
        measure: `value_usd`, `net_mass_kg`, `unit_value_usd_per_tonne` or another column of
            `unit_values`.

    Returns:
        32 rows `[province, <measure>, national_share, rank, n_tied, best_rank]`. A province
        without rows has 0 trade; NA has no rank. `best_rank` is the rank if all unallocated
        trade were this province's; NA for ratios, where that cannot be said.
    """
    table = summed(totals, ["province"]).set_index("province")[AMOUNTS]
    every = unit_values(table.reindex([*PROVINCES, UNALLOCATED], fill_value=0.0))
    values = every[measure].drop(UNALLOCATED).astype("float64")
    ranked = pd.DataFrame({measure: every[measure]})
    is_sum = measure in AMOUNTS
    ranked["national_share"] = shares(every[measure]) if is_sum else np.nan
    ranked["rank"] = values.rank(method="min", ascending=False).astype("Int64")
    ranked["n_tied"] = values.groupby(values).transform("size").astype("Int64")
    reach = values + (every.loc[UNALLOCATED, measure] if is_sum else np.nan)
    # Its own value is never above its reach, so it is not counted among those ahead.
    n_ahead = (values.to_numpy() > reach.to_numpy()[:, None]).sum(axis=1)
    ranked["best_rank"] = pd.Series(n_ahead + 1, reach.index).where(reach.notna()).astype("Int64")
    order = ranked.sort_values("rank", kind="stable", na_position="last").index
    return ranked.loc[[*order.drop(UNALLOCATED), UNALLOCATED]].reset_index(names="province")

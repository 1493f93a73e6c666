"""The ranks of the provinces, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.measures import ranks
from helpers.schema import PROVINCES, UNALLOCATED
from measured import totals


def test_ranks_share_ties_and_leave_unallocated_trade_unranked():
    table = ranks.rank_provinces(
        totals([50, 30, 30, 20, 100], province=["tehran", "alborz", "fars", "yazd", UNALLOCATED])
    )
    assert len(table) == len(PROVINCES) + 1
    rank = table.set_index("province")["rank"]
    assert rank[["tehran", "alborz", "fars", "yazd"]].tolist() == [1, 2, 2, 4]
    assert rank["ilam"] == 5  # no row is no trade
    assert table["province"].iloc[-1] == UNALLOCATED
    assert pd.isna(rank[UNALLOCATED])
    row = table.set_index("province").loc["yazd"]
    assert (row["n_tied"], row["best_rank"]) == (1, 1)  # 20 + 100 would lead
    assert table["national_share"].sum() == pytest.approx(1)


def test_a_province_without_weight_has_no_rank_by_unit_value():
    table = ranks.rank_provinces(
        totals([50, 30], [10, 0], province=["tehran", "alborz"]), "unit_value_usd_per_tonne"
    ).set_index("province")
    assert table.loc["tehran", "rank"] == 1
    assert pd.isna(table.loc["alborz", "rank"])

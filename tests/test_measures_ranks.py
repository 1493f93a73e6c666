"""The ranks of the provinces, by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers import classification
from helpers.measures import ranks
from helpers.schema import PROVINCES, UNALLOCATED, NotEnoughData
from measured import totals


def test_ranks_share_ties_and_leave_unallocated_trade_unranked():
    table = ranks.rank_provinces(
        totals([50, 30, 30, 20, 100], province=["tehran", "alborz", "fars", "yazd", UNALLOCATED])
    )
    assert len(table) == len(PROVINCES) + 1
    rank = table.set_index("province")["rank"]
    assert rank[["tehran", "alborz", "fars", "yazd"]].tolist() == [1, 2, 2, 4]
    assert pd.isna(rank["ilam"])  # no row is not known, rather than last
    assert set(table["n_ranked"]) == {4}
    assert table["province"].iloc[-1] == UNALLOCATED
    assert pd.isna(rank[UNALLOCATED])
    assert table["national_share"].sum() == pytest.approx(1)


def test_a_province_without_weight_has_no_rank_by_unit_value():
    table = ranks.rank_provinces(
        totals([50, 30], [10, 0], province=["tehran", "alborz"]), "unit_value_usd_per_tonne"
    ).set_index("province")
    assert table.loc["tehran", "rank"] == 1
    assert pd.isna(table.loc["alborz", "rank"])


def by_province_and_year(rows):
    provinces, years, amounts = zip(*rows, strict=True)
    months = {"month_first_sh": 1, "month_last_sh": [10 if y == 1404 else 12 for y in years]}
    return totals(amounts, province=provinces, year_sh=years, **months)


def test_the_path_of_ranks_by_hand():
    rows = {1403: {"alborz": 24, "tehran": 60, "fars": 12, UNALLOCATED: 24},
            1404: {"alborz": 50, "tehran": 40}}  # fmt: skip
    listed = [(place, year, value) for year in rows for place, value in rows[year].items()]
    path = ranks.rank_path(by_province_and_year(listed))
    assert len(path) == 2 * len(PROVINCES)
    alborz = path[path["province"] == "alborz"]
    assert alborz["year_sh"].tolist() == [1403, 1404]
    assert alborz["rank"].tolist() == [2, 1]
    assert alborz["n_ranked"].tolist() == [3, 2]
    assert alborz["national_share"].tolist() == pytest.approx([24 / 120, 50 / 90])
    assert alborz["growth_share"].iloc[1] == pytest.approx(5 / 2 - 1)  # 2 a month, then 5
    fars = path[path["province"] == "fars"].iloc[1]
    assert pd.isna(fars["value_usd"])
    assert pd.isna(fars["rank"])
    assert path.loc[path["province"] == "ilam", "rank"].isna().all()


def test_peers_sell_to_the_same_markets():
    table = totals(
        [50, 50, 90, 10, 70, 1000, 5],
        province=["alborz", "alborz", "yazd", "yazd", "fars", "yazd", UNALLOCATED],
        partner_iso3=["IRQ", "TUR", "IRQ", "CHN", "CHN", "XXU", "IRQ"],
    )
    near = ranks.peers(table, "alborz")
    # Fars sells to none of them; of the nation 145 of 275 go to Iraq and 50 to Turkey.
    assert near["province"].tolist() == ["alborz", "yazd", "nation"]
    assert near["overlap_share"].tolist() == pytest.approx([1, 0.5, 0.5 + 50 / 275])
    assert near["value_usd"].tolist() == [100, 1100, 1275]  # of all their exports


def test_peers_of_a_province_without_exports_are_refused():
    with pytest.raises(NotEnoughData, match="ilam has no exports by partner_iso3"):
        ranks.peers(totals([1], province=["yazd"], partner_iso3=["IRQ"]), "ilam")


REAL = Path(__file__).parents[2] / "shared" / "data" / "office-destination"


@pytest.mark.skipif(not REAL.exists(), reason="needs the public table of offices and destinations")
def test_the_real_path_of_alborz():
    # All of Iran's exports by office and destination, 1400 to 1404 (presumably ten months).
    rows = pd.read_csv(REAL / "exports_1400_1404.csv")
    months = rows["year_sh"].map({1404: 10}).fillna(12).astype(int)
    table = totals(
        rows["export_value_usd"],
        province=classification.province_of_office(rows["customs_office_fa"]).fillna(UNALLOCATED),
        year_sh=rows["year_sh"], month_first_sh=1, month_last_sh=months,
    )  # fmt: skip
    path = ranks.rank_path(table)
    alborz = path[path["province"] == "alborz"]
    expected = [95_374_708, 206_395_239, 376_457_198, 307_581_987, 217_978_512]
    assert alborz["value_usd"].tolist() == expected
    assert alborz["rank"].tolist() == [25, 23, 19, 22, 23]
    assert alborz["n_ranked"].tolist() == [31] * 5

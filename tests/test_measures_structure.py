"""Concentration, specialisation, shift-share and likeness against published numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.measures import structure
from helpers.schema import UNALLOCATED, CheckFailed, NotEnoughData
from measured import codes, totals


def test_hhi_matches_doersam():
    # Doersam (2004), four car makers; printed in the help of the R package REAT, herf().
    result = structure.concentration(pd.Series([20.0, 50, 20, 10]))
    assert result.hhi == pytest.approx(0.34)
    assert result.equivalent_number == pytest.approx(1 / 0.34)
    assert (result.top1_share, result.top5_share) == pytest.approx((0.5, 1.0))


def test_one_market_is_full_concentration_and_zero_is_no_market():
    result = structure.concentration(pd.Series([7.0, 0.0, np.nan]))
    assert (result.hhi, result.equivalent_number) == (1, 1)


def test_concentration_refuses_nothing_to_share():
    with pytest.raises(NotEnoughData, match="at least one above 0"):
        structure.concentration(pd.Series([0.0, 0.0]))


def test_rca_matches_farhauer_and_kroell():
    # Location quotient of Farhauer and Kroell (2013), printed in the help of REAT, locq().
    here = pd.Series({"industry": 1714.0, "rest": 79006.0 - 1714})
    there = pd.Series({"industry": 879213.0, "rest": 15593224.0 - 879213})
    assert structure.rca(here, there)["industry"] == pytest.approx(0.3847623, abs=5e-8)


def test_rca_of_brazils_soybeans():
    # Wikipedia, "Revealed comparative advantage": soybeans are 0.35 % of world trade and 7.9 % of
    # Brazil's exports in 2010, an index of 22.
    here, there = (
        pd.Series({"soy": 7.9, "rest": 92.1}),
        pd.Series({"soy": 0.35, "rest": 99.65}),
    )
    assert structure.rca(here, there)["soy"] == pytest.approx(22.6, abs=0.05)


def test_rca_by_hand_with_zero_and_missing():
    province = pd.Series({"0902": 30.0, "7207": 70.0})
    nation = pd.Series({"0902": 100.0, "7207": 100.0, "2709": 200.0, "9999": 0.0})
    assert structure.rca(province, nation).to_dict() == pytest.approx(
        {"0902": 1.2, "7207": 2.8, "2709": 0.0, "9999": np.nan}, nan_ok=True
    )


def test_rca_refuses_a_code_the_reference_lacks():
    with pytest.raises(CheckFailed, match=r"1 codes are not in the reference: \['0101'\]"):
        structure.rca(pd.Series({"0101": 1.0}), pd.Series({"0902": 1.0}))


def shift_share_of_holukuluku() -> pd.DataFrame:
    """G. Krumme, University of Washington, Geography 350, "Shift & Share Table".

    Four industries of a region in 1985 and 1995; the nation's shares 10, 20, 40, 30 % and growth
    10, 20, 30, 40 %, here as a nation of 100,000.
    """
    nation = np.array([10_000, 20_000, 40_000, 30_000])
    tables = (
        [1000, 100, 250, 280],
        [500, 100, 200, 200],
        nation * [1.1, 1.2, 1.3, 1.4],
        nation,
    )
    return structure.shift_share(*(totals(t, industry=list("abcd")) for t in tables), ["industry"])


def test_shift_share_matches_krumme():
    table = shift_share_of_holukuluku()
    total = table.sum(numeric_only=True)
    assert total["change_usd"] == 630
    assert total["national_usd"] == pytest.approx(290)
    assert total["competitive_usd"] == pytest.approx(420)
    assert total["mix_usd"] == pytest.approx(-80)  # printed without its sign
    assert table["competitive_usd"].tolist() == pytest.approx([450, -20, -10, 0])
    assert table["mix_usd"].tolist() == pytest.approx([-95, -9, 2, 22])


def test_a_line_without_a_base_is_new():
    table = structure.shift_share(
        totals([5, 10], hs=["01", "02"]),
        totals([10], hs=["02"]),
        totals([50, 100], hs=["01", "02"]),
        totals([20, 100], hs=["01", "02"]),
        ["hs"],
    ).set_index("hs")
    assert table.loc["01", ["change_usd", "new_usd", "competitive_usd"]].tolist() == [5, 5, 0]


@settings(max_examples=20)
@given(
    st.lists(st.tuples(*[st.integers(0, 10**9)] * 4), min_size=1, max_size=10).filter(
        lambda rows: any(r[3] for r in rows)
    )
)
def test_shift_share_adds_up_to_the_last_cent(rows):
    columns = [totals([r[k] / 100 for r in rows], hs=codes(len(rows))) for k in range(4)]
    table = structure.shift_share(*columns, ["hs"])
    dunn = table[["national_usd", "mix_usd", "competitive_usd", "new_usd"]].sum(axis=1)
    assert dunn.tolist() == pytest.approx(table["change_usd"].tolist(), rel=1e-9, abs=0.005)


def four_provinces():
    rows = [
        ("alborz", "3004", 60), ("alborz", "5702", 40),
        ("tehran", "3004", 50), ("tehran", "2710", 50),
        ("yazd", "2710", 90), ("yazd", "6907", 10),
        ("fars", "6907", 30), ("fars", "0802", 70),
        (UNALLOCATED, "2710", 1000),
    ]  # fmt: skip
    provinces, products, values = zip(*rows, strict=True)
    return totals(values, province=provinces, hs4_code=products)


def test_structure_of_a_province_without_exports_is_missing():
    table = structure.export_structure(four_provinces(), "qom")
    assert table["province_value"].isna().all()
    assert table["provinces_median"].notna().all()


def test_structure_of_nothing_is_missing():
    assert (
        structure.export_structure(four_provinces().iloc[:0], "alborz")["province_value"]
        .isna()
        .all()
    )


def test_structure_leaves_out_a_product_that_came_back():
    rows = {"province": ["alborz", "tehran", "tehran"], "hs4_code": ["0101", "0101", "0202"]}
    with_one = structure.export_structure(totals([10, 5, 7], **rows), "alborz")
    back = {"province": [*rows["province"], "qom"], "hs4_code": [*rows["hs4_code"], "0101"]}
    pd.testing.assert_frame_equal(
        structure.export_structure(totals([10, 5, 7, -40], **back), "alborz"), with_one
    )


def test_structure_holds_what_its_measures_say():
    table = structure.export_structure(four_provinces(), "alborz").set_index("measure")
    assert table.index.tolist() == ["equivalent_number", "n_advantages", "finger_kreinin"]
    own = table["province_value"]
    assert own["equivalent_number"] == pytest.approx(1 / (0.6**2 + 0.4**2))
    # Of the nation's 1,400: 3004 is 110, 5702 is 40; both are more of Alborz than of the nation.
    assert own["n_advantages"] == 2
    assert own["finger_kreinin"] == pytest.approx(110 / 1400 + 40 / 1400)
    assert table.loc["equivalent_number", "n_provinces"] == 4


def test_a_market_that_sent_goods_back_is_no_part():
    assert structure.concentration(pd.Series([30.0, 10.0, -5.0])).top1_share == 0.75


def test_concentration_year_by_year():
    table = pd.DataFrame({"year_sh": [1403, 1403, 1404, 1405], "value_usd": [10, 10, 7, 0]})
    years = structure.concentration_by(table, ["year_sh"]).set_index("year_sh")
    assert years["equivalent_number"].to_dict() == {1403: 2, 1404: 1}  # nothing sold in 1405
    assert structure.concentration_by(table.tail(1), ["year_sh"]).empty


def test_specialisation_ranks_by_excess_value():
    # 01 is 1 % of the nation and 10 % of the province, 02 is 50 % and 80 %: an RCA of 10 on 9
    # of excess value stands behind one of 1.6 on 30.
    table = structure.specialisation(
        totals([10, 80, 10], hs=["01", "02", "03"]),
        totals([10, 500, 490], hs=["01", "02", "03"]),
        "hs",
    )
    assert table["hs"].tolist() == ["02", "01", "03"]
    assert table["excess_usd"].tolist() == pytest.approx([30, 9, -39])
    assert table["rca_vs_nation"].tolist() == pytest.approx([1.6, 10, 10 / 49])


def test_overlap_by_hand_and_at_its_ends():
    here, there = pd.Series({"a": 0.5, "b": 0.5}), pd.Series({"a": 0.25, "b": 0.75})
    assert structure.overlap(here.to_frame(), there).item() == 0.75
    assert structure.overlap(here.to_frame(), here).item() == 1
    assert structure.overlap(here.to_frame(), pd.Series({"a": 0.0, "b": 0.0})).item() == 0

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
    assert result.hhi_normalised == pytest.approx(0.12)
    assert result.equivalent_number == pytest.approx(1 / 0.34)
    assert (result.top1_share, result.top3_share) == pytest.approx((0.5, 0.9))


def test_one_market_is_full_concentration_and_zero_is_no_market():
    result = structure.concentration(pd.Series([7.0, 0.0, np.nan]))
    assert (result.n_parts, result.hhi, result.hhi_normalised) == (1, 1, 1)


def test_a_market_that_sent_goods_back_is_no_part():
    values = pd.Series([30.0, 10.0, -5.0])
    assert structure.concentration(values).top1_share == 0.75
    assert structure.theil(values) == structure.theil(values.head(2))


def test_concentration_refuses_nothing_to_share():
    with pytest.raises(NotEnoughData, match="at least one above 0"):
        structure.concentration(pd.Series([0.0, 0.0]))


# Gross domestic product per head of the 32 Mexican states in 1940 and their region after Hanson
# (1998), example data of PySAL (mexico.csv); expected values from its test_theil.py.
MEXICO_1940 = [
    (10384, 2), (22361, 1), (9573, 2), (3758, 5), (2934, 5), (8578, 1), (8537, 1), (6909, 3),
    (17816, 4), (12132, 2), (4359, 3), (2181, 5), (4414, 3), (5309, 3), (3408, 4), (3327, 3),
    (6936, 3), (4836, 2), (9073, 1), (1892, 5), (3569, 3), (11016, 3), (21965, 5), (4372, 2),
    (4840, 2), (6399, 1), (2459, 5), (7508, 1), (3605, 3), (5203, 3), (7990, 5), (3734, 2),
]  # fmt: skip


def test_theil_matches_pysal_between_and_in_total():
    table = pd.DataFrame(MEXICO_1940, columns=["income", "region"], dtype=float)
    result = structure.theil(table["income"], table["region"])
    assert result.total == pytest.approx(0.20894344, abs=5e-9)
    assert result.between == pytest.approx(0.0345889, abs=5e-8)


def test_theil_runs_from_zero_to_the_log_of_the_number_of_lines():
    assert structure.theil(pd.Series([5.0, 5, 5, 5])).total == pytest.approx(0)
    assert structure.theil(pd.Series([5.0, 0, 0, 0])).total == pytest.approx(np.log(4))


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from("abc")), min_size=1, max_size=30).filter(
        lambda rows: sum(v for v, _ in rows) > 1e-3
    )
)
def test_theil_within_is_the_weighted_theil_of_the_groups(rows):
    table = pd.DataFrame(rows, columns=["value", "group"])
    result = structure.theil(table["value"], table["group"])
    within = sum(
        part.sum() / table["value"].sum() * structure.theil(part).total
        for _, part in table.groupby("group")["value"]
        if part.sum() > 0
    )
    assert result.within == pytest.approx(within, abs=1e-7)


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


def test_symmetric_rca_by_hand():
    symmetric = structure.symmetric_rca(pd.Series([0.0, 1.0, 3.0]))
    assert symmetric.tolist() == [-1, 0, 0.5]


def test_specialisation_names_its_reference():
    table = structure.specialisation(
        totals([1], hs=["01"]), totals([1, 3], hs=["01", "02"]), "hs", reference_name="rest"
    )
    assert {"rca_vs_rest", "rca_symmetric_vs_rest", "share_in_rest"} <= set(table.columns)
    assert table["rca_vs_rest"].tolist() == [4, 0]


def test_similarity_by_hand_and_at_its_ends():
    here = pd.Series({"a": 50.0, "b": 50.0})
    there = pd.Series({"a": 25.0, "b": 75.0})
    mixed = structure.similarity(here, there)
    assert (mixed.krugman, mixed.finger_kreinin, mixed.hachman) == pytest.approx((0.5, 0.75, 0.75))
    same, apart = (
        structure.similarity(here, here),
        structure.similarity(pd.Series({"a": 1.0}), pd.Series({"b": 1.0})),
    )
    assert (same.krugman, same.finger_kreinin, same.hachman) == pytest.approx((0, 1, 1))
    assert (apart.krugman, apart.finger_kreinin, apart.hachman) == (2, 0, 0)


def test_margins_by_hand():
    # The province trades goods that make up 60 % of the nation, and sells a fifth of these.
    result = structure.margins(pd.Series({"a": 12.0}), pd.Series({"a": 60.0, "b": 40.0}))
    assert (result.extensive, result.intensive) == pytest.approx((0.6, 0.2))
    assert result.extensive * result.intensive == pytest.approx(result.share)


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


def test_esteban_marquillas_by_hand():
    # Equations 6 to 8 of his paper on Krumme's table: homothetic employment 100, 200, 400, 300;
    # leads in growth 90, -20, -5 and 0 points.
    table = shift_share_of_holukuluku()
    assert table["pure_competitive_usd"].tolist() == pytest.approx([90, -40, -20, 0])
    assert table["allocation_usd"].tolist() == pytest.approx([360, 20, 10, 0])


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
    esteban = table["pure_competitive_usd"] + table["allocation_usd"]
    scale = table["pure_competitive_usd"].abs().max()
    assert esteban.tolist() == pytest.approx(
        table["competitive_usd"].tolist(), abs=1e-9 * scale + 0.005
    )


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


def test_structure_holds_what_its_measures_say():
    table = structure.structure(four_provinces(), "alborz").set_index("measure")
    assert table.index.tolist() == list(structure.STRUCTURE)
    own = table["province_value"]
    assert own["equivalent_number"] == pytest.approx(1 / (0.6**2 + 0.4**2))
    assert own["extensive_margin"] == pytest.approx(150 / 1400)  # 3004 and 5702 of the nation
    assert own["intensive_margin"] == pytest.approx(100 / 150)
    assert table.loc["equivalent_number", "rank"] == 2  # after Tehran's even halves
    assert table.loc["equivalent_number", "n_provinces"] == 4


def test_structure_of_a_province_without_exports_is_missing():
    table = structure.structure(four_provinces(), "qom")
    assert table["province_value"].isna().all()
    assert table["provinces_median"].notna().all()


def test_structure_of_nothing_is_missing():
    assert structure.structure(four_provinces().iloc[:0], "alborz")["rank"].isna().all()


def test_structure_leaves_out_a_product_that_came_back():
    rows = {"province": ["alborz", "tehran", "tehran"], "hs4_code": ["0101", "0101", "0202"]}
    with_one = structure.structure(totals([10, 5, 7], **rows), "alborz")
    back = {"province": [*rows["province"], "qom"], "hs4_code": [*rows["hs4_code"], "0101"]}
    pd.testing.assert_frame_equal(
        structure.structure(totals([10, 5, 7, -40], **back), "alborz"), with_one
    )


# Who exports what with an advantage, ten countries and thirty HS-1992 headings in 1995, and the
# indexes that Harvard's Growth Lab computed from it with its Stata package: fixture
# stata_manual_mcp.csv in the tests of py-ecomplexity.
ECI_1995 = {
    "aut": (
        1.073207217992253,
        "2007 3917 3922 5602 6804 7010 7307 7308 7325 7604 7612 7616 8431 8530",
    ),
    "blx": (
        -0.3159764634559932,
        "1704 1806 1905 2007 2105 3208 3402 4008 4010 6810 7010 7308 7310 7325 7604 7608",
    ),
    "che": (
        1.06773721349865,
        "1704 1806 2007 3208 3917 3922 4010 4905 6804 7307 7604 7608 7612 7616 8431 8530",
    ),
    "deu": (
        1.200861157616729,
        "3208 3402 3917 4008 4010 5602 6804 7010 7307 7310 7612 8309 8431 8474 8530",
    ),
    "dnk": (
        -0.9777046345252988,
        "1704 1905 2007 2105 4905 5602 6810 7608 7612 8474 9403",
    ),
    "esp": (
        0.0180390442936879,
        "1704 2007 2105 3402 4008 4010 5602 6804 7010 7309 7310 7325 7608 7612 7616 8309",
    ),
    "gbr": (
        0.5359206138129307,
        "1704 1806 1905 2007 3208 3402 3917 3922 4010 4905 5602 7307 7308 7309 7325 7612 "
        "8309 8431 8474 8530",
    ),
    "ita": (
        -0.421184002398617,
        "3922 6810 7010 7307 7309 7616 8309 8474 9403",
    ),
    "pol": (
        -2.170709342895322,
        "1704 2105 6810 7308 7309 7325 9403",
    ),
    "svn": (
        -0.0101908039390183,
        "3208 3922 4008 4010 6804 6810 7309 7325 7604 7608 7616 8309 8431 9403",
    ),
}


PCI_1995 = {
    "1704": -1.470491886427003,
    "1806": 0.9898334389413032,
    "2105": -3.323137535581785,
    "3917": 2.794806326517154,
    "8431": 2.140168306589086,
    "9403": -3.434600369331548,
}


def test_complexity_matches_the_growth_lab(monkeypatch):
    present = pd.DataFrame(
        {country: pd.Series(1.0, index=goods.split()) for country, (_, goods) in ECI_1995.items()}
    ).T.fillna(0.0)
    monkeypatch.setattr(structure, "_advantages", lambda *_: present)
    result = structure.complexity(pd.DataFrame())
    eci = result.places.set_index("province")["eci"]
    # Their standard deviation is that of 300 rows, divided by 299.
    published = pd.Series({country: index for country, (index, _) in ECI_1995.items()})
    assert eci[published.index].tolist() == pytest.approx(
        (published * np.sqrt(300 / 299)).tolist(), abs=1e-6
    )
    # Their PCI keeps the scale of the ECI; ours has its own, so the two lie on a line.
    pci = result.products.set_index("hs4_code")["pci"][list(PCI_1995)]
    assert np.corrcoef(pci, list(PCI_1995.values()))[0, 1] == pytest.approx(1, abs=1e-9)


def test_complexity_leaves_out_empty_rows_and_unallocated_trade():
    table = totals(
        [10, 10, 10, 10, 10, 10, 5, 0, 99],
        province=["fars", "fars", "yazd", "yazd", "qom", "qom", "qom", "ilam", UNALLOCATED],
        hs4_code=["0101", "0102", "0102", "0103", "0103", "0101", "0104", "0101", "0101"],
    )
    result = structure.complexity(table)
    assert set(result.places["province"]) == {"fars", "yazd", "qom"}
    assert result.places["eci"].mean() == pytest.approx(0)
    assert result.places["eci"].std(ddof=0) == pytest.approx(1)


def test_a_place_that_shares_no_product_is_left_out_of_complexity():
    table = totals(
        [10, 10, 10, 10, 10, 10, 5, 7],
        province=["fars", "fars", "yazd", "yazd", "qom", "qom", "qom", "ilam"],
        hs4_code=["0101", "0102", "0102", "0103", "0103", "0101", "0104", "0909"],
    )
    result = structure.complexity(table)
    assert set(result.places["province"]) == {"fars", "yazd", "qom"}
    assert "0909" not in set(result.products["hs4_code"])


def test_complexity_refuses_two_places():
    table = totals(
        [1, 1, 1, 1],
        province=["fars", "fars", "yazd", "yazd"],
        hs4_code=["0101", "0102", "0102", "0103"],
    )
    with pytest.raises(NotEnoughData, match="2 places and 3 products"):
        structure.complexity(table)

"""Comparison against published numbers, cases checked by hand, and laws that must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import comparison, measures
from helpers.periods import Period
from helpers.schema import PROVINCES, UNALLOCATED, CheckFailed, NotEnoughData


def totals(value, mass=None, **keys) -> pd.DataFrame:
    """A totals table; by default one kilogram a dollar; a mass of 0 is value not weighed."""
    value = [float(v) for v in value]
    mass = [float(m) for m in (value if mass is None else mass)]
    return pd.DataFrame(
        {
            **keys,
            "value_usd": value,
            "net_mass_kg": mass,
            "value_usd_weighed": [v if m > 0 else 0.0 for v, m in zip(value, mass, strict=True)],
            "n_declarations": 1,
        }
    )


def codes(n: int) -> list[str]:
    return [f"{i:02}" for i in range(n)]


# ---------------------------------------------------------------- value per tonne


def test_against_nation_by_hand():
    province = totals([30, 10], [10, 10], sector=["industry", "mining"])
    nation = totals([100, 100], [50, 200], sector=["industry", "mining"])
    table = comparison.against_nation(province, nation, ["sector"]).set_index("sector")
    industry = table.loc["industry"]
    assert industry["national_share"] == 0.3
    assert (industry["share_in_province"], industry["share_in_nation"]) == (0.75, 0.5)
    assert industry["rca_vs_nation"] == 1.5
    assert industry["unit_value_usd_per_tonne_province"] == 3000
    assert industry["relative_unit_value_vs_nation"] == 1.5  # 3,000 against 2,000
    assert industry["relative_unit_value_vs_rest"] == pytest.approx(3000 / 1750)  # 70 / 40 kg


def test_against_nation_keeps_what_the_province_does_not_trade():
    nation = totals([100, 5], [50, 0], hs=["01", "02"])
    table = comparison.against_nation(totals([1], hs=["01"]), nation, ["hs"]).set_index("hs")
    assert table.loc["02", "value_usd_province"] == 0
    assert np.isnan(table.loc["02", "unit_value_usd_per_tonne_nation"])  # nothing weighed


def test_value_per_tonne_facts_of_markazi():
    # Markazi, first six months of 1404: 655 M USD and 895 kt (ru.trend.az 4102465); the nation
    # 25.944 bn USD and 75 Mt (id.abna24 1737471).
    markazi, nation = totals([655e6], [895e6]), totals([25.944e9], [75e9])
    facts = comparison.value_per_tonne_facts(markazi, nation, name="markazi", period="1404M01-06")
    assert facts.province_usd_per_tonne == pytest.approx(732, abs=0.5)
    assert facts.nation_usd_per_tonne == pytest.approx(346, abs=0.5)
    assert facts.relative_to_nation == pytest.approx(2.116, abs=0.001)
    assert facts.rest_usd_per_tonne < facts.nation_usd_per_tonne


def test_value_per_tonne_facts_say_none_without_weight():
    facts = comparison.value_per_tonne_facts(
        totals([5], [0]), totals([9], [4]), name="ilam", period="1404"
    )
    assert (facts.province_usd_per_tonne, facts.relative_to_nation) == (None, None)
    assert facts.province_coverage_share == 0


def test_a_gap_of_pure_mix_and_one_of_pure_price():
    cheap_and_dear = totals([10, 90], [10, 9], hs=["01", "02"])  # 1 and 10 USD/kg
    more_dear = totals([5, 140], [5, 14], hs=["01", "02"])
    mix = comparison.gap_split(more_dear, cheap_and_dear, "hs")
    assert mix["price_usd_per_tonne"].tolist() == pytest.approx([0, 0])
    assert mix["mix_usd_per_tonne"].sum() == pytest.approx(1000 * (145 - 100) / 19)
    twice_as_dear = totals([20, 180], [10, 9], hs=["01", "02"])
    price = comparison.gap_split(twice_as_dear, cheap_and_dear, "hs")
    assert price["mix_usd_per_tonne"].tolist() == pytest.approx([0, 0])
    assert price["price_usd_per_tonne"].sum() == pytest.approx(1000 * 100 / 19)


def test_goods_of_one_side_have_their_own_lines():
    province = totals([10, 40], [10, 10], hs=["01", "02"])  # 1,000 and 4,000 USD/t
    reference = totals([10, 5], [10, 10], hs=["01", "03"])  # 1,000 and 500 USD/t
    lines = comparison.gap_split(province, reference, "hs").set_index("hs")
    assert lines["side"].to_dict() == {"01": "both", "02": "province", "03": "reference"}
    # The province's own good lifts it from 1,000 to 2,500; the reference's pulls it to 750.
    assert lines["only_province_usd_per_tonne"].to_dict() == {"01": 0, "02": 1500, "03": 0}
    assert lines["only_reference_usd_per_tonne"].to_dict() == {"01": 0, "02": 0, "03": 250}
    facts = comparison.gap_split_facts(
        lines.reset_index(), province="alborz", reference="nation", period="1404"
    )
    assert (facts.gap_usd_per_tonne, facts.mix_usd_per_tonne) == (1750, 0)
    assert (facts.only_province_usd_per_tonne, facts.only_reference_usd_per_tonne) == (1500, 250)
    assert (facts.n_common, facts.common_value_share) == (1, 0.2)


def test_one_absurd_weight_does_not_blow_up_the_split():
    # A kilogram at a million dollars in the reference, ten tonnes at 2 USD/kg in the province:
    # symmetric weights alone would make it half a million USD/t of mix and of price.
    province = totals([20_000, 10_000], [10_000, 10_000], hs=["01", "02"])
    reference = totals([1e6, 10_000], [1, 10_000], hs=["01", "02"])
    lines = comparison.gap_split(province, reference, "hs").set_index("hs")
    assert lines["side"].to_dict() == {"01": "unlike", "02": "both"}
    assert lines["price_usd_per_tonne"].abs().max() == 0
    assert lines.loc["01", "only_province_usd_per_tonne"] == 500  # lifts 1,000 to 1,500
    unlimited = comparison.gap_split(province, reference, "hs", within=np.inf)
    assert unlimited["price_usd_per_tonne"].min() < -1e8
    for split in (lines, unlimited):
        assert split["gap_usd_per_tonne"].sum() == pytest.approx(1500 - 1000 * 1_010_000 / 10_001)


def test_mix_of_a_good_is_taken_against_the_mean():
    # Both trade a good at 1 and one at 3 USD/kg; more of the cheap one must count as negative.
    province = totals([8, 6], [8, 2], hs=["01", "02"])
    reference = totals([5, 15], [5, 5], hs=["01", "02"])
    lines = comparison.gap_split(province, reference, "hs").set_index("hs")
    assert (lines["mix_usd_per_tonne"] < 0).all()


def test_gap_split_of_a_side_without_weight_has_no_lines_and_no_facts():
    lines = comparison.gap_split(totals([1], [0], hs=["01"]), totals([1], hs=["01"]), "hs")
    facts = comparison.gap_split_facts(lines, province="a", reference="b", period="1404")
    assert lines.empty
    assert (facts.gap_usd_per_tonne, facts.mix_usd_per_tonne, facts.n_common) == (None, None, 0)


sides = st.lists(
    st.tuples(
        st.integers(0, 10**10), st.integers(0, 10**8), st.integers(0, 10**10), st.integers(0, 10**8)
    ),
    min_size=1,
    max_size=12,
)  # value in cents and kg, twice


def two_sides(rows) -> tuple[pd.DataFrame, pd.DataFrame]:
    return tuple(
        totals([r[k] / 100 for r in rows], [r[k + 1] for r in rows], hs=codes(len(rows)))
        for k in (0, 2)
    )


@settings(max_examples=20)
@given(sides.filter(lambda rows: any(r[1] for r in rows) and any(r[3] for r in rows)))
def test_gap_split_is_exact(rows):
    province, reference = two_sides(rows)
    lines = comparison.gap_split(province, reference, "hs")
    gap = [
        measures.unit_values(measures.summed(side))["unit_value_usd_per_tonne"].item()
        for side in (province, reference)
    ]
    scale = max(abs(lines[["mix_usd_per_tonne", "price_usd_per_tonne"]]).to_numpy().max(), 1.0)
    assert lines["gap_usd_per_tonne"].sum() == pytest.approx(
        gap[0] - gap[1], abs=1e-9 * scale + 0.005
    )


@settings(max_examples=20)
@given(sides)
def test_growth_split_adds_up_to_the_last_cent_and_agrees_with_bennet(rows):
    now, before = two_sides(rows)
    lines = comparison.value_growth_split(now, before, "hs")
    parts = lines[comparison.GROWTH_PARTS]
    assert parts.sum(axis=1).tolist() == pytest.approx(lines["change_usd"].tolist(), abs=0.005)
    bennet = measures.value_change(now, before, "hs")
    assert lines["price_usd"].sum() == pytest.approx(bennet["price_usd"].sum(), abs=0.005)


def test_growth_split_by_hand():
    before = totals([10, 30], [10, 10], hs=["01", "02"])  # 1 and 3 USD/kg, mean 2
    now = totals([10, 60], [10, 20], hs=["01", "02"])  # ten more tonnes of the dear good
    total = comparison.value_growth_split(now, before, "hs").sum(numeric_only=True)
    mean = (40 / 20 + 70 / 30) / 2
    assert total["quantity_usd"] == pytest.approx(10 * mean)
    assert total["mix_usd"] == pytest.approx(30 - 10 * mean)
    assert (total["price_usd"], total["change_usd"]) == (0, 30)


# ---------------------------------------------------------------- shift-share, market shares


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
    return comparison.shift_share(*(totals(t, industry=list("abcd")) for t in tables), ["industry"])


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
    table = comparison.shift_share(
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
    table = comparison.shift_share(*columns, ["hs"])
    dunn = table[["national_usd", "mix_usd", "competitive_usd", "new_usd"]].sum(axis=1)
    assert dunn.tolist() == pytest.approx(table["change_usd"].tolist(), rel=1e-9, abs=0.005)
    esteban = table["pure_competitive_usd"] + table["allocation_usd"]
    scale = table["pure_competitive_usd"].abs().max()
    assert esteban.tolist() == pytest.approx(
        table["competitive_usd"].tolist(), abs=1e-9 * scale + 0.005
    )


def test_market_share_split_by_hand():
    # One good, two markets; the province keeps 10 % of IRQ and 50 % of TUR while the nation's
    # trade moves from IRQ (80 to 50 of 100) to TUR: all of the gain is the market effect.
    def table(values):
        return totals(values, hs4_code=["0101"] * 2, partner_iso3=["IRQ", "TUR"])

    split = comparison.market_share_split(
        table([5, 25]), table([8, 10]), table([50, 50]), table([80, 20])
    )
    assert (split.share_before, split.share) == pytest.approx((0.18, 0.30))
    assert split.market_effect == pytest.approx(0.12)
    assert [split.market_share_effect, split.product_effect] == pytest.approx([0, 0], abs=1e-12)


def test_market_share_split_refuses_a_province_larger_than_the_nation():
    table = totals([5], hs4_code=["0101"], partner_iso3=["IRQ"])
    with pytest.raises(CheckFailed, match="exceeds the nation in 1 of 1 rows"):
        comparison.market_share_split(table.assign(value_usd=6.0), table, table, table)


@pytest.mark.parametrize(
    "sent_back", [(-50, 0), (0, -50), (-5, 0)], ids=["more", "the year before", "some"]
)
def test_goods_that_others_sent_back_do_not_stop_a_market_share_split(sent_back):
    def tables(back):
        nation = totals([10, back, 20], hs4_code=["0101"] * 3, partner_iso3=["IRQ", "IRQ", "TUR"])
        return nation.head(1), nation

    (now, nation_now), (before, nation_before) = map(tables, sent_back)
    split = comparison.market_share_split(now, before, nation_now, nation_before)
    assert 0 <= split.share <= 1


def test_structure_leaves_out_a_product_that_came_back():
    rows = {"province": ["alborz", "tehran", "tehran"], "hs4_code": ["0101", "0101", "0202"]}
    with_one = comparison.structure(totals([10, 5, 7], **rows), "alborz")
    back = {"province": [*rows["province"], "qom"], "hs4_code": [*rows["hs4_code"], "0101"]}
    pd.testing.assert_frame_equal(
        comparison.structure(totals([10, 5, 7, -40], **back), "alborz"), with_one
    )


@settings(max_examples=20)
@given(st.lists(st.tuples(*[st.floats(0, 1e9)] * 4), min_size=1, max_size=9))
def test_market_share_effects_add_up(rows):
    keys = {
        "hs4_code": [f"010{i % 3}" for i in range(len(rows))],
        "partner_iso3": [f"AA{i // 3}" for i in range(len(rows))],
    }
    nation0, nation1 = (totals([r[k] + r[k + 1] + 1 for r in rows], **keys) for k in (0, 2))
    own0, own1 = (totals([r[k] for r in rows], **keys) for k in (0, 2))
    split = comparison.market_share_split(own1, own0, nation1, nation0)
    effects = (
        split.market_share_effect
        + split.product_effect
        + split.market_effect
        + split.product_adaptation
        + split.market_adaptation
    )
    assert effects == pytest.approx(split.change, abs=1e-12)


# ---------------------------------------------------------------- structure


def test_rca_matches_farhauer_and_kroell():
    # Location quotient of Farhauer and Kroell (2013), printed in the help of REAT, locq().
    here = pd.Series({"industry": 1714.0, "rest": 79006.0 - 1714})
    there = pd.Series({"industry": 879213.0, "rest": 15593224.0 - 879213})
    assert comparison.rca(here, there)["industry"] == pytest.approx(0.3847623, abs=5e-8)


def test_rca_of_brazils_soybeans():
    # Wikipedia, "Revealed comparative advantage": soybeans are 0.35 % of world trade and 7.9 % of
    # Brazil's exports in 2010, an index of 22.
    here, there = (
        pd.Series({"soy": 7.9, "rest": 92.1}),
        pd.Series({"soy": 0.35, "rest": 99.65}),
    )
    assert comparison.rca(here, there)["soy"] == pytest.approx(22.6, abs=0.05)


def test_rca_by_hand_with_zero_and_missing():
    province = pd.Series({"0902": 30.0, "7207": 70.0})
    nation = pd.Series({"0902": 100.0, "7207": 100.0, "2709": 200.0, "9999": 0.0})
    assert comparison.rca(province, nation).to_dict() == pytest.approx(
        {"0902": 1.2, "7207": 2.8, "2709": 0.0, "9999": np.nan}, nan_ok=True
    )


def test_rca_refuses_a_code_the_reference_lacks():
    with pytest.raises(CheckFailed, match=r"1 codes are not in the reference: \['0101'\]"):
        comparison.rca(pd.Series({"0101": 1.0}), pd.Series({"0902": 1.0}))


def test_symmetric_rca_by_hand():
    symmetric = comparison.symmetric_rca(pd.Series([0.0, 1.0, 3.0]))
    assert symmetric.tolist() == [-1, 0, 0.5]


def test_specialisation_names_its_reference():
    table = comparison.specialisation(
        totals([1], hs=["01"]), totals([1, 3], hs=["01", "02"]), "hs", reference_name="rest"
    )
    assert {"rca_vs_rest", "rca_symmetric_vs_rest", "share_in_rest"} <= set(table.columns)
    assert table["rca_vs_rest"].tolist() == [4, 0]


def test_similarity_by_hand_and_at_its_ends():
    here = pd.Series({"a": 50.0, "b": 50.0})
    there = pd.Series({"a": 25.0, "b": 75.0})
    mixed = comparison.similarity(here, there)
    assert (mixed.krugman, mixed.finger_kreinin, mixed.hachman) == pytest.approx((0.5, 0.75, 0.75))
    same, apart = (
        comparison.similarity(here, here),
        comparison.similarity(pd.Series({"a": 1.0}), pd.Series({"b": 1.0})),
    )
    assert (same.krugman, same.finger_kreinin, same.hachman) == pytest.approx((0, 1, 1))
    assert (apart.krugman, apart.finger_kreinin, apart.hachman) == (2, 0, 0)


def test_margins_by_hand():
    # The province trades goods that make up 60 % of the nation, and sells a fifth of these.
    result = comparison.margins(pd.Series({"a": 12.0}), pd.Series({"a": 60.0, "b": 40.0}))
    assert (result.extensive, result.intensive) == pytest.approx((0.6, 0.2))
    assert result.extensive * result.intensive == pytest.approx(result.share)


def test_ranks_share_ties_and_leave_unallocated_trade_unranked():
    table = comparison.rank_provinces(
        totals([50, 30, 30, 20, 100], province=["tehran", "alborz", "fars", "yazd", UNALLOCATED])
    )
    assert len(table) == len(PROVINCES) + 1
    ranks = table.set_index("province")["rank"]
    assert ranks[["tehran", "alborz", "fars", "yazd"]].tolist() == [1, 2, 2, 4]
    assert ranks["ilam"] == 5  # no row is no trade
    assert table["province"].iloc[-1] == UNALLOCATED
    assert pd.isna(ranks[UNALLOCATED])
    row = table.set_index("province").loc["yazd"]
    assert (row["n_tied"], row["best_rank"]) == (1, 1)  # 20 + 100 would lead
    assert table["national_share"].sum() == pytest.approx(1)


def test_a_province_without_weight_has_no_rank_by_unit_value():
    table = comparison.rank_provinces(
        totals([50, 30], [10, 0], province=["tehran", "alborz"]), "unit_value_usd_per_tonne"
    ).set_index("province")
    assert table.loc["tehran", "rank"] == 1
    assert pd.isna(table.loc["alborz", "rank"])


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
    monkeypatch.setattr(comparison, "_advantages", lambda *_: present)
    result = comparison.complexity(pd.DataFrame())
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
    result = comparison.complexity(table)
    assert set(result.places["province"]) == {"fars", "yazd", "qom"}
    assert result.places["eci"].mean() == pytest.approx(0)
    assert result.places["eci"].std(ddof=0) == pytest.approx(1)


def test_a_place_that_shares_no_product_is_left_out_of_complexity():
    table = totals(
        [10, 10, 10, 10, 10, 10, 5, 7],
        province=["fars", "fars", "yazd", "yazd", "qom", "qom", "qom", "ilam"],
        hs4_code=["0101", "0102", "0102", "0103", "0103", "0101", "0104", "0909"],
    )
    result = comparison.complexity(table)
    assert set(result.places["province"]) == {"fars", "yazd", "qom"}
    assert "0909" not in set(result.products["hs4_code"])


def test_complexity_refuses_two_places():
    table = totals(
        [1, 1, 1, 1],
        province=["fars", "fars", "yazd", "yazd"],
        hs4_code=["0101", "0102", "0102", "0103"],
    )
    with pytest.raises(NotEnoughData, match="2 places and 3 products"):
        comparison.complexity(table)


# ---------------------------------------------------------------- markets


def test_won_lost_kept_and_returned_markets():
    now = totals([10, 5, 7, 0.5], partner_iso3=["IRQ", "TUR", "ARE", "OMN"])
    before = totals([8, 3], partner_iso3=["IRQ", "AFG"])
    earlier = totals([2], partner_iso3=["ARE"])
    table = comparison.won_and_lost(now, before, floor_usd=1, absent_from=[earlier])
    assert table.set_index("partner_iso3")["status"].to_dict() == {
        "IRQ": "kept",
        "TUR": "won",
        "ARE": "returned",  # absent last year, but not before
        "OMN": "below_floor",
        "AFG": "lost",
    }
    assert table["change_usd"].sum() == 22.5 - 11


def test_candidate_markets_by_hand():
    # The province makes 0101 (100 USD, all to IRQ). The rest sells 300 to IRQ and 100 to TUR.
    province = totals([100], hs4_code=["0101"], partner_iso3=["IRQ"])
    nation = totals(
        [400, 100, 50, 70, 30],
        [400, 50, 50, 70, 30],
        hs4_code=["0101", "0101", "0202", "0101", "0101"],
        partner_iso3=["IRQ", "TUR", "TUR", "XXA", "XXU"],
    )
    table = comparison.candidate_markets(province, nation)
    assert table["partner_iso3"].tolist() == ["TUR"]  # zones and unknown are no markets
    row = table.iloc[0]
    assert (row["n_products"], row["rest_value_usd"]) == (1, 100)
    assert row["expected_usd"] == pytest.approx(100 * 100 / 500)
    assert row["rest_unit_value_usd_per_tonne"] == 2000
    assert bool(row["is_new_market"])


def test_no_candidate_where_the_province_sells_all_it_makes():
    table = totals([5], hs4_code=["0101"], partner_iso3=["IRQ"])
    assert comparison.candidate_markets(table, table).empty


# ---------------------------------------------------------------- imports


def test_inputs_per_dollar_exported_by_hand():
    imports = totals(
        [30, 20, 10, 99],
        sector=["industry"] * 3 + ["agriculture"],
        use=["raw_material", "capital", "intermediate", "consumption"],
    )
    exports = totals([40, 5], sector=["industry", "mining"])
    table = comparison.input_dependence(imports, exports).set_index("sector")
    assert table.loc["industry", "input_usd"] == 60
    assert table.loc["industry", "inputs_per_export_usd"] == 1.5
    assert table.loc["mining", ["input_usd", "inputs_per_export_usd"]].tolist() == [0, 0]
    assert "agriculture" not in table.index  # consumer goods are no inputs


def test_a_currency_cut_takes_consumer_goods_first():
    imports = totals([20, 50, 30], use=["consumption", "capital", "raw_material"])
    table = comparison.currency_cut(imports, 0.4).set_index("use")
    assert table["cut_usd"].to_dict() == {
        "consumption": 20,
        "not_assigned": 0,
        "capital": 20,
        "intermediate": 0,
        "raw_material": 0,
    }
    assert table["even_cut_usd"].sum() == pytest.approx(table["cut_usd"].sum()) == 40


@pytest.mark.parametrize(
    ("use", "cut", "words"),
    [
        ("capital", 40, "a part of 1, from 0 to 1; got 40"),  # per cent by mistake
        ("machines", 0.4, r"without a place in the order .*\['machines'\]"),
    ],
)
def test_a_cut_that_makes_no_sense_is_refused(use, cut, words):
    with pytest.raises(CheckFailed, match=words):
        comparison.currency_cut(totals([1], use=[use]), cut)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 10**9), min_size=5, max_size=5), st.floats(0, 1))
def test_a_cut_takes_what_it_should_and_never_more_than_there_is(values, share):
    imports = totals(values, use=list(comparison.CUT_ORDER))
    table = comparison.currency_cut(imports, share)
    assert table["cut_usd"].sum() == pytest.approx(share * sum(values), abs=0.005)
    assert (table["cut_usd"] <= table["value_usd"]).all()
    assert (table["cut_usd"] >= 0).all()


# ---------------------------------------------------------------- overview and months


def test_overview_by_hand():
    now = totals([30, 70], [10, 70], province=["alborz", "tehran"])
    before = totals([20, 80], [10, 80], province=["alborz", "tehran"])
    table = comparison.overview(now, before, "alborz").set_index("scope")
    assert table.index.tolist() == ["alborz", "rest_of_nation", "nation"]
    assert table["value_usd"].tolist() == [30, 70, 100]
    assert table["national_share"].tolist() == [0.3, 0.7, 1]
    assert table["growth_share"].tolist() == pytest.approx([0.5, -0.125, 0])
    assert table["unit_value_growth_share"].tolist() == pytest.approx([0.5, 0, 0.125])


def test_overview_of_a_province_without_trade_is_zero_not_missing():
    now = totals([70], province=["tehran"])
    row = comparison.overview(now, now, "ilam").set_index("scope").loc["ilam"]
    assert (row["value_usd"], row["national_share"]) == (0, 0)
    assert np.isnan(row["growth_share"])
    assert np.isnan(row["unit_value_usd_per_tonne"])


def test_value_per_tonne_by_quarter_has_full_quarters_only():
    table = totals(
        [10, 30, 40, 99, 5],
        [10, 10, 10, 99, 5],
        province=["alborz", "tehran", "alborz", "alborz", "alborz"],
        year_sh=[1404, 1404, 1404, 1404, 1403],
        month_first_sh=[6, 4, 7, 1, 12],
        month_last_sh=[6, 6, 7, 7, 12],
    )
    quarters = comparison.value_per_tonne_by_quarter(table, "alborz", until=Period(1404, 1, 7))
    own = quarters[quarters["scope"] == "alborz"]
    assert own[["year_sh", "quarter_sh"]].to_numpy().tolist() == [[1403, 4], [1404, 2]]
    assert own["unit_value_usd_per_tonne"].tolist() == [1000, 1000]
    rest = quarters[quarters["scope"] == "rest_of_nation"]
    assert rest["unit_value_usd_per_tonne"].tolist() == [3000]  # in Esfand Alborz was alone


# ---------------------------------------------------------------- the comparison page


def test_the_gap_at_two_levels_by_hand():
    # Two lines of one heading: at two digits the dear line hides in price, at four it is mix.
    codes_of = {"hs2_code": ["30", "30"], "hs4_code": ["3003", "3004"]}
    own = totals([10, 90], [10, 10], **codes_of)
    other = totals([90, 90], [90, 10], **codes_of)
    table = comparison.gap_split_by_level(own, other, ["hs2_code", "hs4_code"]).set_index("level")
    assert table["gap_usd_per_tonne"].tolist() == pytest.approx([3200.0, 3200.0])
    assert table["mix_usd_per_tonne"].tolist() == pytest.approx([0.0, 3200.0])
    assert table["price_usd_per_tonne"].tolist() == pytest.approx([3200.0, 0.0])
    assert table["n_common"].tolist() == [1, 2]


def test_goods_without_a_code_are_not_taken_for_one_good():
    # Both sides and both years hold some goods of no code, which may be anything.
    own, other = totals([500], [10], hs="x"), totals([100], [10], hs="x")
    own, other = (side.assign(hs=pd.array([pd.NA], dtype="string")) for side in (own, other))
    assert comparison.gap_split(own, other, "hs")["side"].tolist() == ["unlike"]
    change = comparison.value_growth_split(own, other, "hs").iloc[0]
    assert change["not_comparable_usd"] == change["change_usd"] == 400


def test_goods_that_cannot_be_compared_are_not_goods_of_one_side():
    # The first good is the same on both sides, the second ten thousand times dearer here.
    own = totals([100, 1000], [10, 10], hs2_code=["30", "84"])
    other = totals([100, 1], [10, 100], hs2_code=["30", "84"])
    split = comparison.gap_split(own, other, "hs2_code")
    assert split["side"].tolist() == ["unlike", "both"]
    level = comparison.gap_split_by_level(own, other, ["hs2_code"]).iloc[0]
    assert level["only_province_usd_per_tonne"] == level["only_reference_usd_per_tonne"] == 0
    assert level["unlike_usd_per_tonne"] == pytest.approx(split["gap_usd_per_tonne"].iloc[0])
    assert level[[*comparison.GAP_PARTS, "unlike_usd_per_tonne"]].sum() == pytest.approx(
        level["gap_usd_per_tonne"]
    )


def test_the_gap_of_a_side_without_weight_is_missing_at_every_level():
    own = totals([10], [0], hs2_code=["30"])
    table = comparison.gap_split_by_level(own, totals([10], hs2_code=["30"]), ["hs2_code"])
    assert table[comparison.GAP_PARTS].isna().all(axis=None)


def by_month(*rows):
    keys = ["year_sh", "month_first_sh", "month_last_sh"]
    return totals([1.0] * len(rows), **dict(zip(keys, zip(*rows, strict=True), strict=True)))


@pytest.mark.parametrize(
    ("rows", "years", "reason"),
    [
        ([(1403, 1, 1), (1403, 2, 2), (1404, 1, 2)], [1403, 1403, 1404], "months or their sum"),
        ([(1403, 2, 2), (1404, 1, 2)], [1404], "a year that lacks a month is no yardstick"),
        ([(1404, 1, 2), (1404, 1, 3)], [1404], "a row that reaches over the period's end"),
        ([(1404, 1, 2), (1405, 1, 2)], [1404], "nothing after the period's year"),
        ([(1404, 3, 3)], [], "no month of the period"),
    ],
)
def test_the_same_months_of_every_complete_year(rows, years, reason):
    kept = comparison.same_months(by_month(*rows), Period(1404, 1, 2))
    assert kept["year_sh"].tolist() == years, reason


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
    table = comparison.structure(four_provinces(), "alborz").set_index("measure")
    assert table.index.tolist() == list(comparison.STRUCTURE)
    own = table["province_value"]
    assert own["equivalent_number"] == pytest.approx(1 / (0.6**2 + 0.4**2))
    assert own["extensive_margin"] == pytest.approx(150 / 1400)  # 3004 and 5702 of the nation
    assert own["intensive_margin"] == pytest.approx(100 / 150)
    assert table.loc["equivalent_number", "rank"] == 2  # after Tehran's even halves
    assert table.loc["equivalent_number", "n_provinces"] == 4


def test_structure_of_a_province_without_exports_is_missing():
    table = comparison.structure(four_provinces(), "qom")
    assert table["province_value"].isna().all()
    assert table["provinces_median"].notna().all()


def test_structure_of_nothing_is_missing():
    assert comparison.structure(four_provinces().iloc[:0], "alborz")["rank"].isna().all()


def test_where_nobody_declared_anything_nothing_is_known():
    nothing = totals([], province=[])
    rows = totals([10, 5], province=["tehran", "qom"])
    assert comparison.overview(nothing, rows, "alborz")["value_usd"].isna().all()
    growth = comparison.province_growth(nothing, rows, "alborz", period="1404M12")
    assert (growth.value, growth.value_before, growth.growth) == (None, 0, None)
    growth = comparison.province_growth(rows, nothing, "tehran", period="1404M12")
    assert (growth.value, growth.value_before) == (10, None)

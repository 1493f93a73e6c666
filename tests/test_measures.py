"""Measures against published numbers, cases checked by hand, and laws that must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import measures
from helpers.schema import CheckFailed, NotEnoughData


def totals(value, mass=None, weighed=None, **keys) -> pd.DataFrame:
    """A totals table; by default every dollar is weighed, one kilogram a dollar."""
    value = [float(v) for v in value]
    mass = value if mass is None else mass
    return pd.DataFrame(
        {
            **keys,
            "value_usd": value,
            "net_mass_kg": [float(m) for m in mass],
            "value_usd_weighed": value if weighed is None else weighed,
            "n_declarations": 1,
        }
    )


def from_prices(prices, quantities, name="hs", **keys) -> pd.DataFrame:
    prices, quantities = np.array(prices, dtype=float), np.array(quantities, dtype=float)
    products = [f"{i:02}" for i in range(len(prices))]
    return totals(prices * quantities, quantities, **{name: products}, **keys)


# ---------------------------------------------------------------- totals and unit values


def test_unit_value_is_a_ratio_of_sums_not_a_mean_of_ratios():
    # 100 USD for 100 kg and 1 USD for 10 g: the mean of ratios is 50.5, the ratio of sums 1.01.
    table = measures.summed(totals([100, 1], [100, 0.01], province=["alborz", "alborz"]))
    assert measures.unit_values(table)["unit_value_usd_per_kg"].item() == pytest.approx(
        101 / 100.01
    )


def test_rows_without_mass_leave_both_sums_and_show_in_coverage():
    table = totals([100, 60], [50, 0], weighed=[100.0, 0.0], hs=["01", "02"])
    by_product = measures.unit_values(table)
    assert by_product["unit_value_usd_per_tonne"].tolist() == pytest.approx(
        [2000, np.nan], nan_ok=True
    )
    whole = measures.unit_values(measures.summed(table))
    assert whole["unit_value_usd_per_tonne"].item() == 2000
    assert whole["coverage_share"].item() == 100 / 160


def test_a_sum_is_missing_only_where_all_its_parts_are():
    table = totals([np.nan, 5, np.nan], hs=["01", "01", "02"])
    assert measures.summed(table, ["hs"])["value_usd"].tolist() == pytest.approx(
        [5, np.nan], nan_ok=True
    )


def test_a_missing_key_is_a_key_of_its_own():
    table = totals([1, 2, 4], hs=["01", None, None])
    assert measures.summed(table, ["hs"])["value_usd"].tolist() == [1, 6]


def test_rest_of_nation_by_hand():
    nation = totals([100, 50], [10, 5], hs=["01", "02"])
    province = totals([40], [1], hs=["01"])
    rest = measures.rest_of_nation(nation, province, ["hs"])
    assert rest["value_usd"].tolist() == [60, 50]
    assert rest["net_mass_kg"].tolist() == [9, 5]
    assert measures.rest_of_nation(nation, province)["value_usd"].item() == 110


def test_the_others_may_have_got_back_more_than_they_sent():
    nation = totals([600, -500], hs=["01", "01"])
    rest = measures.rest_of_nation(nation, nation.head(1), ["hs"])
    assert rest["value_usd"].item() == -500
    assert measures.unit_values(rest)["unit_value_usd_per_kg"].isna().all()


def test_rest_of_nation_refuses_a_province_larger_than_the_nation():
    with pytest.raises(CheckFailed, match="exceeds the nation in 1 of 1 rows"):
        measures.rest_of_nation(totals([1], hs=["01"]), totals([2], hs=["01"]), ["hs"])


def test_arguments_are_not_changed():
    nation, province = totals([3, 4], hs=["01", "02"]), totals([1], hs=["01"])
    kept = nation.copy(), province.copy()
    measures.unit_values(nation)
    measures.rest_of_nation(nation, province, ["hs"])
    measures.growth_by(nation, province, ["hs"])
    measures.value_change(nation, province, "hs")
    pd.testing.assert_frame_equal(nation, kept[0])
    pd.testing.assert_frame_equal(province, kept[1])


# ---------------------------------------------------------------- shares and growth


def test_shares_are_missing_where_the_sum_is_zero():
    assert measures.shares(pd.Series([0.0, 0.0])).isna().all()


def test_shares_within_groups_add_to_one_in_each():
    table = totals([1, 3, 5, 5], flow=["export", "export", "import", "import"], hs=list("abab"))
    assert measures.with_shares(table, ["flow"])["share"].tolist() == [0.25, 0.75, 0.5, 0.5]


@settings(max_examples=20)
@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=30))
def test_shares_add_to_one(values):
    shares = measures.shares(pd.Series(values))
    assert shares.isna().all() or shares.sum() == pytest.approx(1)


def test_growth_by_hand_with_new_and_lost_lines():
    now = totals([150, 30], hs=["01", "03"])
    before = totals([100, 20], hs=["01", "02"])
    table = measures.growth_by(now, before, ["hs"]).set_index("hs")
    assert table["status"].to_dict() == {"01": "continuing", "03": "new", "02": "lost"}
    assert table["contribution_share"].to_dict() == pytest.approx(
        {"01": 50 / 120, "03": 30 / 120, "02": -20 / 120}
    )
    assert table["growth_share"].to_dict() == pytest.approx(
        {"01": 0.5, "03": np.nan, "02": -1}, nan_ok=True
    )


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.floats(0, 1e9), st.floats(1, 1e9)), min_size=1, max_size=20),
)
def test_contributions_add_to_growth(pairs):
    codes = [f"{i:02}" for i in range(len(pairs))]
    now, before = (totals([pair[k] for pair in pairs], hs=codes) for k in (0, 1))
    table = measures.growth_by(now, before, ["hs"])
    growth = measures.growth(now["value_usd"].sum(), before["value_usd"].sum())
    assert table["contribution_share"].sum() == pytest.approx(growth, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (110, 100, 0.1),
        (0, 100, -1.0),
        (5, 0, np.nan),  # growth from nothing has no rate
        (5, np.nan, np.nan),
        (np.nan, 5, np.nan),
    ],
)
def test_growth(now, before, expected):
    assert measures.growth(now, before) == pytest.approx(expected, nan_ok=True)


def test_cagr_of_irans_exports_by_hand():
    # 1399 34.5 bn to 1403 57.8 bn USD: four steps of 13.8 %.
    assert measures.cagr(34.5, 57.8, 4) == pytest.approx(0.1377, abs=1e-4)
    assert np.isnan(measures.cagr(0, 5, 3))


def test_growth_facts_say_none_for_what_is_not_known():
    facts = measures.growth_facts(
        np.nan, 5, scope="alborz", measure="value_usd", period="1404M01-07"
    )
    assert (facts.value, facts.value_before, facts.growth) == (None, 5, None)


def test_share_facts_by_hand():
    now = totals([77, 23], sector=["industry", "mining"])
    before = totals([60, 40], sector=["industry", "mining"])
    facts = measures.share_facts(
        now, before, "sector", "industry", scope="alborz", period="1404M01-07"
    )
    assert (facts.value_usd, facts.share, facts.share_before) == (77, 0.77, 0.6)


def test_a_share_of_goods_without_a_code_is_not_known_rather_than_nothing():
    table = totals([70, 30], sector=[None, None], certainty=[None, None])
    facts = measures.share_facts(
        table, table.head(0), "sector", "industry", scope="alborz", period="1404"
    )
    assert (facts.value_usd, facts.share, facts.share_before) == (None, None, None)
    assert measures.share_range(table, "sector", "industry").share_high is None


def test_share_range_counts_every_judgement_both_ways():
    table = totals(
        [60, 17, 13, 10],
        sector=["industry", "industry", "mining", None],
        certainty=["sure", "judgement", "judgement", None],
    )
    reach = measures.share_range(table, "sector", "industry")
    assert (reach.share_low, reach.share, reach.share_high) == pytest.approx((0.6, 0.77, 1.0))
    assert reach.judgement_share == pytest.approx(0.4)


def test_rolling_sums_wait_for_a_full_window():
    sums = measures.rolling_sums(pd.Series([1.0, 2, 3, 4, 5]), 4)
    assert sums.tolist() == pytest.approx([np.nan, np.nan, np.nan, 10, 14], nan_ok=True)


# ---------------------------------------------------------------- concentration


def test_hhi_matches_doersam():
    # Doersam (2004), four car makers; printed in the help of the R package REAT, herf().
    result = measures.concentration(pd.Series([20.0, 50, 20, 10]))
    assert result.hhi == pytest.approx(0.34)
    assert result.hhi_normalised == pytest.approx(0.12)
    assert result.equivalent_number == pytest.approx(1 / 0.34)
    assert (result.top1_share, result.top3_share) == pytest.approx((0.5, 0.9))


def test_one_market_is_full_concentration_and_zero_is_no_market():
    result = measures.concentration(pd.Series([7.0, 0.0, np.nan]))
    assert (result.n_parts, result.hhi, result.hhi_normalised) == (1, 1, 1)


def test_a_market_that_sent_goods_back_is_no_part():
    values = pd.Series([30.0, 10.0, -5.0])
    assert measures.concentration(values).top1_share == 0.75
    assert measures.theil(values) == measures.theil(values.head(2))


def test_concentration_refuses_nothing_to_share():
    with pytest.raises(NotEnoughData, match="at least one above 0"):
        measures.concentration(pd.Series([0.0, 0.0]))


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
    result = measures.theil(table["income"], table["region"])
    assert result.total == pytest.approx(0.20894344, abs=5e-9)
    assert result.between == pytest.approx(0.0345889, abs=5e-8)


def test_theil_runs_from_zero_to_the_log_of_the_number_of_lines():
    assert measures.theil(pd.Series([5.0, 5, 5, 5])).total == pytest.approx(0)
    assert measures.theil(pd.Series([5.0, 0, 0, 0])).total == pytest.approx(np.log(4))


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from("abc")), min_size=1, max_size=30).filter(
        lambda rows: sum(v for v, _ in rows) > 1e-3
    )
)
def test_theil_within_is_the_weighted_theil_of_the_groups(rows):
    table = pd.DataFrame(rows, columns=["value", "group"])
    result = measures.theil(table["value"], table["group"])
    within = sum(
        part.sum() / table["value"].sum() * measures.theil(part).total
        for _, part in table.groupby("group")["value"]
        if part.sum() > 0
    )
    assert result.within == pytest.approx(within, abs=1e-7)


# ---------------------------------------------------------------- both flows


def test_trade_balance_by_hand():
    table = measures.trade_balance(
        totals([30], hs=["01"]), totals([10, 5], hs=["01", "02"]), ["hs"]
    ).set_index("hs")
    assert table["balance_usd"].to_dict() == {"01": 20, "02": -5}
    assert table["relative_balance"].to_dict() == {"01": 0.5, "02": -1}
    assert table["grubel_lloyd"].to_dict() == {"01": 0.5, "02": 0}


def test_grubel_lloyd_over_lines_is_weighted_by_trade():
    exports, imports = pd.Series({"01": 30.0}), pd.Series({"01": 10.0, "02": 5.0})
    assert measures.grubel_lloyd(exports, imports) == pytest.approx(1 - 25 / 45)
    assert np.isnan(measures.grubel_lloyd(pd.Series(dtype=float), pd.Series(dtype=float)))


# ---------------------------------------------------------------- price indexes

# Six products over five periods: tables 19.1 and 19.2 of the PPI Manual (IMF 2004), as adapted in
# tables 3.1 and 3.2 of Balk, Price and Quantity Index Numbers (2008).
BALK_PRICES = [
    (1, 1, 1, 1, 1, 1),
    (1.2, 3, 1.3, 0.7, 1.4, 0.8),
    (1, 1, 1.5, 0.5, 1.7, 0.6),
    (0.8, 0.5, 1.6, 0.3, 1.9, 0.4),
    (1, 1, 1.6, 0.1, 2, 0.2),
]
BALK_QUANTITIES = [
    (1, 1, 2, 1, 4.5, 0.5),
    (0.8, 0.9, 1.9, 1.3, 4.7, 0.6),
    (1, 1.1, 1.8, 3, 5, 0.8),
    (1.2, 1.2, 1.9, 6, 5.6, 1.3),
    (0.9, 1.2, 2, 12, 6.5, 2.5),
]


@pytest.mark.parametrize(
    ("period", "laspeyres", "paasche", "fisher", "tornqvist"),
    [
        (1, 1.4200, 1.3824, 1.4011, 1.4052),
        (2, 1.3450, 1.2031, 1.2721, 1.2890),
        (3, 1.3550, 1.0209, 1.1762, 1.2268),
        (4, 1.4400, 0.7968, 1.0712, 1.2477),
    ],
)
def test_price_indexes_match_balk(period, laspeyres, paasche, fisher, tornqvist):
    # Balk (2008), tables 3.4, 3.6 and 3.12, as recomputed in the help of the R package gpindex.
    now = from_prices(BALK_PRICES[period], BALK_QUANTITIES[period])
    before = from_prices(BALK_PRICES[0], BALK_QUANTITIES[0])
    index = measures.price_index(now, before, "hs", within=np.inf)
    assert [index.laspeyres, index.paasche, index.fisher, index.tornqvist] == pytest.approx(
        [laspeyres, paasche, fisher, tornqvist], abs=5e-5
    )


def gpindex_panel() -> pd.DataFrame:
    """The data of gpindex's own test: prices 1 to 65, quantities 65 to 1, 13 periods a product."""
    numbers = np.arange(65)
    return totals(
        (numbers + 1.0) * (65.0 - numbers),
        65.0 - numbers,
        hs=[f"{n // 13}" for n in numbers],
        period=(numbers % 13 + 1).tolist(),
    )


def test_geks_tornqvist_matches_gpindex():
    # tests/test-geks.Rout.save of gpindex, there compared with GEKSIndex() of IndexNumR.
    expected = [
        1, 1.07334245809641, 1.13758500234551, 1.19943273670278, 1.26078373138759,
        1.32242752173496, 1.38478458426165, 1.44813211799635, 1.51269173915522, 1.57867050804161,
        1.64628410287697, 1.71577307463249, 1.78741712742392,
    ]  # fmt: skip
    series = measures.price_index_series(
        gpindex_panel(), "hs", "period", "tornqvist", within=np.inf
    )
    assert series["geks"].tolist() == pytest.approx(expected, rel=1e-12)


def test_chained_fisher_and_geks_fisher_match_gpindex():
    # The same file: fisher_geks() with a window of 2 is the chained index; with 13, its periods
    # 3 to 13 relative to period 2.
    chained = [
        1, 1.05488895039924, 1.11045527234441, 1.1667173418342, 1.2236967401878,
        1.28141852837846, 1.33991159494773, 1.39920908948289, 1.45934895785986, 1.52037460080832,
        1.58233568433829, 1.64528913987317, 1.70930040456311,
    ]  # fmt: skip
    series = measures.price_index_series(gpindex_panel(), "hs", "period", within=np.inf)
    assert series["chained"].tolist() == pytest.approx(chained, rel=1e-12)
    relative = (series["geks"] / series["geks"][1]).tolist()
    assert relative[2:4] == pytest.approx([1.05374791146818, 1.1079745122232], rel=1e-12)
    assert relative[-1] == pytest.approx(1.63293056684376, rel=1e-12)


def test_indexes_use_only_products_weighed_in_both_periods():
    now = totals([20, 9, 5], [10, 0, 5], weighed=[20.0, 0.0, 5.0], hs=["01", "02", "03"])
    before = totals([10, 9], [10, 9], hs=["01", "02"])
    index = measures.price_index(now, before, "hs")
    assert (index.fisher, index.n_products) == (2, 1)


def test_an_index_without_a_common_product_is_refused():
    with pytest.raises(NotEnoughData, match=r"factor of 10; of 2 products none"):
        measures.price_index(totals([1], hs=["01"]), totals([1], hs=["02"]), "hs")


def test_a_code_whose_value_per_weight_jumps_tenfold_is_no_longer_the_same_good():
    now = totals([20, 11], [10, 1], hs=["01", "02"])
    before = totals([10, 10], [10, 10], hs=["01", "02"])  # 02 goes from 1 to 11 USD/kg
    assert measures.price_index(now, before, "hs").fisher == pytest.approx(2)
    assert measures.price_index(now, before, "hs", within=11).fisher > 2
    lines = measures.value_change(now, before, "hs").set_index("hs")
    assert lines.loc["02", ["price_usd", "not_comparable_usd"]].tolist() == [0, 1]


def test_series_of_indexes_is_missing_where_periods_share_nothing():
    table = totals([1, 1], hs=["01", "02"], period=[1, 2])
    series = measures.price_index_series(table, "hs", "period")
    assert series["geks"].isna().iloc[1]
    assert series["unit_value"].tolist() == [1, 1]


def test_unit_value_index_moves_with_composition_and_fisher_does_not():
    before = from_prices([1, 10], [90, 10])
    now = from_prices([1, 10], [50, 50])
    index = measures.price_index(now, before, "hs")
    assert index.fisher == pytest.approx(1)
    assert index.unit_value == pytest.approx(5.5 / 1.9)


def test_weight_to_value_is_price_times_composition():
    table = pd.concat(
        [from_prices([1, 10], [90, 10], year_sh=1403), from_prices([2, 20], [50, 50], year_sh=1404)]
    )
    last = measures.weight_to_value(table, "hs", "year_sh").iloc[-1]
    assert last["mass_index"] == pytest.approx(1)
    assert last["price_index"] == pytest.approx(2)
    assert last["composition_index"] == pytest.approx(5.5 / 1.9)
    assert last["value_index"] == pytest.approx(11 / 1.9)


def test_price_indexes_beside_the_unit_value_match_balk():
    table = pd.concat(
        [
            from_prices(BALK_PRICES[k], BALK_QUANTITIES[k], period=k)
            for k in (0, 1)  # the tenfold rule takes no good of these two periods out
        ]
    )
    last = measures.price_indexes(table, "hs", "period").iloc[-1]
    assert last[["fisher", "tornqvist"]].tolist() == pytest.approx([1.4011, 1.4052], abs=5e-5)
    # Of two periods there is one pair, so direct, chained and GEKS are one number.
    assert last[["chained_fisher", "geks_fisher"]].tolist() == pytest.approx([last["fisher"]] * 2)
    assert last["unit_value_index"] == pytest.approx(14.1 / 10.2)
    with pytest.raises(NotEnoughData, match="needs two periods"):
        measures.price_indexes(table[table["period"] == 0], "hs", "period")


# ---------------------------------------------------------------- change of value


def ces_data(period: int) -> pd.DataFrame:
    """Period 1 to 12 of the artificial data of Diewert and Fox (2017), elasticity 2.

    Prices and expenditures are theirs; quantities follow from CES preferences with weights
    0.2, 0.2, 0.2 and 0.4. They are the data set CES_sigma_2 of the R package IndexNumR.
    """
    prices = np.array(
        [
            [2, 1.75, 1.6, 1.5, 1.45, 1.4, 1.35, 1.3, 1.25, 1.2, 1.15, 1.1],
            [1, 0.5, 1.05, 1.1, 1.12, 1.15, 1.18, 0.6, 1.2, 1.25, 1.28, 1.3],
            [1, 0.95, 0.9, 0.85, 0.4, 0.8, 0.75, 0.72, 0.7, 0.4, 0.7, 0.65],
            [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.7, 0.65, 0.7, 0.75, 0.75, 0.8],
        ]
    )[:, period - 1]
    spent = [10, 13, 11, 12, 15, 13, 14, 17, 15, 18, 16, 17][period - 1]
    weights = np.array([0.2, 0.2, 0.2, 0.4]) / prices
    return from_prices(prices, spent * weights / weights.sum() / prices)


@pytest.mark.parametrize(
    ("method", "period", "price", "quantity"),
    [
        ("bennet", 2, -1.78071737125315, 4.78071737125315),
        ("bennet", 3, 2.77153621300123, -4.77153621300123),
        ("bennet", 4, 0.372248873679598, 0.627751126320402),
        ("bennet", 8, -3.23305497762899, 6.23305497762899),
        ("bennet", 12, 0.0823209818013025, 0.917679018198699),
        ("montgomery", 2, -1.27874802287663, 4.27874802287663),
        ("montgomery", 5, -2.35138599056262, 5.35138599056262),
        ("montgomery", 12, 0.0839129500556, 0.916087049944403),
    ],
)
def test_value_change_matches_indexnumr(method, period, price, quantity):
    # tests/testthat/test-indicator.R of IndexNumR: valueDecomposition() on CES_sigma_2.
    lines = measures.value_change(ces_data(period), ces_data(period - 1), "hs", method)
    assert lines["price_usd"].sum() == pytest.approx(price, abs=1e-12)
    assert lines["quantity_usd"].sum() == pytest.approx(quantity, abs=1e-12)


def test_entry_and_exit_stay_out_of_price_and_quantity():
    now, before = totals([20, 7], [10, 1], hs=["01", "02"]), totals([10, 4], hs=["01", "03"])
    lines = measures.value_change(now, before, "hs").set_index("hs")
    assert lines.loc["01", ["price_usd", "quantity_usd"]].tolist() == [10, 0]
    assert lines.loc["02", "entry_usd"] == 7
    assert lines.loc["03", "exit_usd"] == -4
    assert lines.loc[["02", "03"], ["price_usd", "quantity_usd"]].to_numpy().tolist() == [
        [0, 0],
        [0, 0],
    ]


def test_value_that_lost_its_weight_is_unweighed_not_entry():
    now = totals([20], [0], weighed=[0.0], hs=["01"])
    lines = measures.value_change(now, totals([10], [10], hs=["01"]), "hs")
    assert lines[["change_usd", "not_comparable_usd", "entry_usd"]].iloc[0].tolist() == [10, 10, 0]


amounts = st.tuples(
    st.integers(0, 10**9), st.integers(0, 10**7), st.booleans()
)  # cents, kg, weighed


@settings(max_examples=20)
@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=12))
@pytest.mark.parametrize("method", ["bennet", "montgomery"])
def test_parts_of_a_change_add_up_to_the_last_cent(method, rows):
    codes = [f"{i:02}" for i in range(len(rows))]
    now, before = (
        totals(
            [r[k][0] / 100 for r in rows],
            [r[k][1] if r[k][2] else 0 for r in rows],
            weighed=[r[k][0] / 100 if r[k][2] and r[k][1] else 0.0 for r in rows],
            hs=codes,
        )
        for k in (0, 1)
    )
    lines = measures.value_change(now, before, "hs", method)
    parts = ["price_usd", "quantity_usd", "entry_usd", "exit_usd", "not_comparable_usd"]
    assert lines[parts].sum(axis=1).tolist() == pytest.approx(
        lines["change_usd"].tolist(), abs=0.005
    )
    assert lines["change_usd"].sum() == pytest.approx(
        now["value_usd"].sum() - before["value_usd"].sum(), abs=0.005
    )


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (2.0, 2.0, 2.0),
        (1.0, np.e, np.e - 1),  # (e - 1) / ln e
        (1.0, 1.0 + 1e-9, 1.0 + 5e-10),  # the quotient alone would have lost its digits
    ],
)
def test_logarithmic_mean(a, b, expected):
    assert measures.logarithmic_mean(np.array([a]), np.array([b]))[0] == pytest.approx(
        expected, rel=1e-12
    )

"""Price indexes against published numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.measures import indexes
from helpers.schema import NotEnoughData
from measured import from_prices, totals

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
    index = indexes.price_index(now, before, "hs", within=np.inf)
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
    series = indexes.price_index_series(gpindex_panel(), "hs", "period", "tornqvist", within=np.inf)
    assert series["geks"].tolist() == pytest.approx(expected, rel=1e-12)


def test_chained_fisher_and_geks_fisher_match_gpindex():
    # The same file: fisher_geks() with a window of 2 is the chained index; with 13, its periods
    # 3 to 13 relative to period 2.
    chained = [
        1, 1.05488895039924, 1.11045527234441, 1.1667173418342, 1.2236967401878,
        1.28141852837846, 1.33991159494773, 1.39920908948289, 1.45934895785986, 1.52037460080832,
        1.58233568433829, 1.64528913987317, 1.70930040456311,
    ]  # fmt: skip
    series = indexes.price_index_series(gpindex_panel(), "hs", "period", within=np.inf)
    assert series["chained"].tolist() == pytest.approx(chained, rel=1e-12)
    relative = (series["geks"] / series["geks"][1]).tolist()
    assert relative[2:4] == pytest.approx([1.05374791146818, 1.1079745122232], rel=1e-12)
    assert relative[-1] == pytest.approx(1.63293056684376, rel=1e-12)


def test_indexes_use_only_products_weighed_in_both_periods():
    now = totals([20, 9, 5], [10, 0, 5], weighed=[20.0, 0.0, 5.0], hs=["01", "02", "03"])
    before = totals([10, 9], [10, 9], hs=["01", "02"])
    index = indexes.price_index(now, before, "hs")
    assert (index.fisher, index.n_products) == (2, 1)


def test_an_index_without_a_common_product_is_refused():
    with pytest.raises(NotEnoughData, match=r"factor of 10; of 2 products none"):
        indexes.price_index(totals([1], hs=["01"]), totals([1], hs=["02"]), "hs")


def test_a_code_whose_value_per_weight_jumps_tenfold_is_no_longer_the_same_good():
    now = totals([20, 11], [10, 1], hs=["01", "02"])
    before = totals([10, 10], [10, 10], hs=["01", "02"])  # 02 goes from 1 to 11 USD/kg
    assert indexes.price_index(now, before, "hs").fisher == pytest.approx(2)
    assert indexes.price_index(now, before, "hs", within=11).fisher > 2
    lines = indexes.value_change(now, before, "hs").set_index("hs")
    assert lines.loc["02", ["price_usd", "not_comparable_usd"]].tolist() == [0, 1]


def test_series_of_indexes_is_missing_where_periods_share_nothing():
    table = totals([1, 1], hs=["01", "02"], period=[1, 2])
    series = indexes.price_index_series(table, "hs", "period")
    assert series["geks"].isna().iloc[1]
    assert series["unit_value"].tolist() == [1, 1]


def test_unit_value_index_moves_with_composition_and_fisher_does_not():
    before = from_prices([1, 10], [90, 10])
    now = from_prices([1, 10], [50, 50])
    index = indexes.price_index(now, before, "hs")
    assert index.fisher == pytest.approx(1)
    assert index.unit_value == pytest.approx(5.5 / 1.9)


def test_weight_to_value_is_price_times_composition():
    table = pd.concat(
        [from_prices([1, 10], [90, 10], year_sh=1403), from_prices([2, 20], [50, 50], year_sh=1404)]
    )
    last = indexes.weight_to_value(table, "hs", "year_sh").iloc[-1]
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
    last = indexes.price_indexes(table, "hs", "period").iloc[-1]
    assert last[["fisher", "tornqvist"]].tolist() == pytest.approx([1.4011, 1.4052], abs=5e-5)
    # Of two periods there is one pair, so direct, chained and GEKS are one number.
    assert last[["chained_fisher", "geks_fisher"]].tolist() == pytest.approx([last["fisher"]] * 2)
    assert last["unit_value_index"] == pytest.approx(14.1 / 10.2)
    with pytest.raises(NotEnoughData, match="needs two periods"):
        indexes.price_indexes(table[table["period"] == 0], "hs", "period")


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
    ("period", "price", "quantity"),
    [
        (2, -1.78071737125315, 4.78071737125315),
        (3, 2.77153621300123, -4.77153621300123),
        (4, 0.372248873679598, 0.627751126320402),
        (8, -3.23305497762899, 6.23305497762899),
        (12, 0.0823209818013025, 0.917679018198699),
    ],
)
def test_value_change_matches_indexnumr(period, price, quantity):
    # tests/testthat/test-indicator.R of IndexNumR: valueDecomposition() on CES_sigma_2.
    lines = indexes.value_change(ces_data(period), ces_data(period - 1), "hs")
    assert lines["price_usd"].sum() == pytest.approx(price, abs=1e-12)
    assert lines["quantity_usd"].sum() == pytest.approx(quantity, abs=1e-12)


def test_entry_and_exit_stay_out_of_price_and_quantity():
    now, before = totals([20, 7], [10, 1], hs=["01", "02"]), totals([10, 4], hs=["01", "03"])
    lines = indexes.value_change(now, before, "hs").set_index("hs")
    assert lines.loc["01", ["price_usd", "quantity_usd"]].tolist() == [10, 0]
    assert lines.loc["02", "entry_usd"] == 7
    assert lines.loc["03", "exit_usd"] == -4
    assert lines.loc[["02", "03"], ["price_usd", "quantity_usd"]].to_numpy().tolist() == [
        [0, 0],
        [0, 0],
    ]


def test_value_that_lost_its_weight_is_unweighed_not_entry():
    now = totals([20], [0], weighed=[0.0], hs=["01"])
    lines = indexes.value_change(now, totals([10], [10], hs=["01"]), "hs")
    assert lines[["change_usd", "not_comparable_usd", "entry_usd"]].iloc[0].tolist() == [10, 10, 0]


amounts = st.tuples(
    st.integers(0, 10**9), st.integers(0, 10**7), st.booleans()
)  # cents, kg, weighed


@settings(max_examples=20)
@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=12))
def test_parts_of_a_change_add_up_to_the_last_cent(rows):
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
    lines = indexes.value_change(now, before, "hs")
    parts = ["price_usd", "quantity_usd", "entry_usd", "exit_usd", "not_comparable_usd"]
    assert lines[parts].sum(axis=1).tolist() == pytest.approx(
        lines["change_usd"].tolist(), abs=0.005
    )
    assert lines["change_usd"].sum() == pytest.approx(
        now["value_usd"].sum() - before["value_usd"].sum(), abs=0.005
    )

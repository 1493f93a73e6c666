"""Price indexes against published numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.measures import indexes
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


@pytest.mark.parametrize(("period", "fisher"), [(1, 1.4011), (2, 1.2721), (3, 1.1762), (4, 1.0712)])
def test_fisher_matches_balk(period, fisher):
    # Balk (2008), table 3.6, as recomputed in the help of the R package gpindex.
    table = pd.concat(
        [from_prices(BALK_PRICES[k], BALK_QUANTITIES[k], period=k) for k in (0, period)]
    )
    index = indexes.geks_fisher(table, "hs", "period", within=np.inf)
    assert index.tolist() == pytest.approx([1, fisher], abs=5e-5)


def gpindex_panel() -> pd.DataFrame:
    """The data of gpindex's own test: prices 1 to 65, quantities 65 to 1, 13 periods a product."""
    numbers = np.arange(65)
    return totals(
        (numbers + 1.0) * (65.0 - numbers),
        65.0 - numbers,
        hs=[f"{n // 13}" for n in numbers],
        period=(numbers % 13 + 1).tolist(),
    )


def test_geks_fisher_matches_gpindex():
    # tests/test-geks.Rout.save of gpindex: fisher_geks() with a window of 13, its periods 3 to 13
    # relative to period 2.
    index = indexes.geks_fisher(gpindex_panel(), "hs", "period", within=np.inf)
    relative = (index / index[2]).tolist()
    assert relative[2:4] == pytest.approx([1.05374791146818, 1.1079745122232], rel=1e-12)
    assert relative[-1] == pytest.approx(1.63293056684376, rel=1e-12)


def two_periods(now, before):
    return pd.concat([before.assign(period=0), now.assign(period=1)])


def test_an_index_uses_only_products_weighed_in_both_periods():
    now = totals([20, 9, 5], [10, 0, 5], hs=["01", "02", "03"])
    before = totals([10, 9], [10, 9], hs=["01", "02"])
    assert indexes.geks_fisher(two_periods(now, before), "hs", "period")[1] == 2


def test_a_code_whose_value_per_weight_jumps_tenfold_is_no_longer_the_same_good():
    now = totals([20, 11], [10, 1], hs=["01", "02"])
    before = totals([10, 10], [10, 10], hs=["01", "02"])  # 02 goes from 1 to 11 USD/kg
    table = two_periods(now, before)
    assert indexes.geks_fisher(table, "hs", "period")[1] == pytest.approx(2)
    assert indexes.geks_fisher(table, "hs", "period", within=11)[1] > 2


def test_the_index_is_missing_where_periods_share_nothing():
    table = totals([1, 1], hs=["01", "02"], period=[1, 2])
    assert np.isnan(indexes.geks_fisher(table, "hs", "period")[2])


def test_weight_to_value_is_price_times_composition():
    table = pd.concat(
        [from_prices([1, 10], [90, 10], year_sh=1403), from_prices([2, 20], [50, 50], year_sh=1404)]
    )
    last = indexes.weight_to_value(table, "hs", "year_sh").iloc[-1]
    assert last["mass_index"] == pytest.approx(1)
    assert last["price_index"] == pytest.approx(2)
    assert last["unit_value_index"] == pytest.approx(2 * 5.5 / 1.9)
    assert last["value_index"] == pytest.approx(11 / 1.9)

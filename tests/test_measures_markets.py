"""Markets: by hand, and laws that must hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.measures import markets
from helpers.schema import CheckFailed
from measured import totals


def test_market_share_split_by_hand():
    # One good, two markets; the province keeps 10 % of IRQ and 50 % of TUR while the nation's
    # trade moves from IRQ (80 to 50 of 100) to TUR: all of the gain is the market effect.
    def table(values):
        return totals(values, hs4_code=["0101"] * 2, partner_iso3=["IRQ", "TUR"])

    split = markets.market_share_split(
        table([5, 25]), table([8, 10]), table([50, 50]), table([80, 20])
    )
    assert (split.share_before, split.share) == pytest.approx((0.18, 0.30))
    assert split.market_effect == pytest.approx(0.12)
    assert [split.market_share_effect, split.product_effect] == pytest.approx([0, 0], abs=1e-12)


def test_market_share_split_refuses_a_province_larger_than_the_nation():
    table = totals([5], hs4_code=["0101"], partner_iso3=["IRQ"])
    with pytest.raises(CheckFailed, match="exceeds the nation in 1 of 1 rows"):
        markets.market_share_split(table.assign(value_usd=6.0), table, table, table)


@pytest.mark.parametrize(
    "sent_back", [(-50, 0), (0, -50), (-5, 0)], ids=["more", "the year before", "some"]
)
def test_goods_that_others_sent_back_do_not_stop_a_market_share_split(sent_back):
    def tables(back):
        nation = totals([10, back, 20], hs4_code=["0101"] * 3, partner_iso3=["IRQ", "IRQ", "TUR"])
        return nation.head(1), nation

    (now, nation_now), (before, nation_before) = map(tables, sent_back)
    split = markets.market_share_split(now, before, nation_now, nation_before)
    assert 0 <= split.share <= 1


@settings(max_examples=20)
@given(st.lists(st.tuples(*[st.floats(0, 1e9)] * 4), min_size=1, max_size=9))
def test_market_share_effects_add_up(rows):
    keys = {
        "hs4_code": [f"010{i % 3}" for i in range(len(rows))],
        "partner_iso3": [f"AA{i // 3}" for i in range(len(rows))],
    }
    nation0, nation1 = (totals([r[k] + r[k + 1] + 1 for r in rows], **keys) for k in (0, 2))
    own0, own1 = (totals([r[k] for r in rows], **keys) for k in (0, 2))
    split = markets.market_share_split(own1, own0, nation1, nation0)
    effects = (
        split.market_share_effect
        + split.product_effect
        + split.market_effect
        + split.product_adaptation
        + split.market_adaptation
    )
    assert effects == pytest.approx(split.change, abs=1e-12)


def test_won_lost_kept_and_returned_markets():
    now = totals([10, 5, 7, 0.5], partner_iso3=["IRQ", "TUR", "ARE", "OMN"])
    before = totals([8, 3], partner_iso3=["IRQ", "AFG"])
    earlier = totals([2], partner_iso3=["ARE"])
    table = markets.won_and_lost(now, before, floor_usd=1, absent_from=[earlier])
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
    table = markets.candidate_markets(province, nation)
    assert table["partner_iso3"].tolist() == ["TUR"]  # zones and unknown are no markets
    row = table.iloc[0]
    assert (row["n_products"], row["rest_value_usd"]) == (1, 100)
    assert row["expected_usd"] == pytest.approx(100 * 100 / 500)
    assert row["rest_unit_value_usd_per_tonne"] == 2000
    assert bool(row["is_new_market"])


def test_no_candidate_where_the_province_sells_all_it_makes():
    table = totals([5], hs4_code=["0101"], partner_iso3=["IRQ"])
    assert markets.candidate_markets(table, table).empty

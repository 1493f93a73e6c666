"""Markets: by hand, and laws that must hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.measures import markets, values
from helpers.schema import CheckFailed, NotEnoughData
from measured import totals


def two_markets(*amounts):
    return totals(amounts, partner_iso3=["IRQ", "TUR"])


def test_a_share_that_moves_with_the_markets_is_a_market_effect():
    # The province keeps 10 % of IRQ and 50 % of TUR while the nation's trade moves from IRQ (80 to
    # 50 of 100) to TUR.
    split = markets.market_share_split(
        two_markets(5, 25), two_markets(8, 10), two_markets(50, 50), two_markets(80, 20)
    )
    total = split.sum(numeric_only=True)
    assert (total["share_before"], total["share"]) == pytest.approx((0.18, 0.30))
    assert total["market_effect"] == pytest.approx(0.12)
    assert [total["own_effect"], total["product_effect"]] == pytest.approx([0, 0], abs=1e-12)


def test_own_and_market_effect_by_hand_where_both_move():
    # TUR goes from 20 to 40 % of the nation, the province's part of it from a half to a quarter.
    split = markets.market_share_split(
        two_markets(0, 10), two_markets(0, 10), two_markets(60, 40), two_markets(80, 20)
    ).set_index("partner_iso3")
    assert split.loc["TUR", "own_effect"] == pytest.approx(-0.25 * (0.2 + 0.4) / 2)
    assert split.loc["TUR", "market_effect"] == pytest.approx(0.2 * (0.5 + 0.25) / 2)
    assert split["change"].sum() == pytest.approx(0, abs=1e-12)


def test_a_market_that_opens_to_the_nation_is_a_market_effect():
    split = markets.market_share_split(
        two_markets(0, 5), two_markets(1, 0), two_markets(90, 10), two_markets(100, 0)
    ).set_index("partner_iso3")
    assert split.loc["TUR", ["own_effect", "market_effect"]].tolist() == pytest.approx([0, 0.05])


def test_goods_have_an_effect_of_their_own():
    # The nation turns to the good of which the province has all; nothing else moves.
    keys = {"hs2_code": ["30", "72"], "partner_iso3": ["IRQ", "IRQ"]}
    split = markets.market_share_split(
        totals([60, 0], **keys), totals([20, 0], **keys),
        totals([60, 40], **keys), totals([20, 80], **keys), product="hs2_code",
    )  # fmt: skip
    total = split.sum(numeric_only=True)
    assert total["product_effect"] == pytest.approx(total["change"]) == pytest.approx(0.4)


def test_market_share_split_refuses_a_province_larger_than_the_nation():
    table = totals([5], partner_iso3=["IRQ"])
    with pytest.raises(CheckFailed, match="exceeds the nation in 1 of 1 rows"):
        markets.market_share_split(table.assign(value_usd=6.0), table, table, table)


def test_market_share_split_refuses_a_period_without_national_exports():
    table, nothing = totals([5], partner_iso3=["IRQ"]), totals([], partner_iso3=[])
    with pytest.raises(NotEnoughData, match="national exports in both periods"):
        markets.market_share_split(table, nothing, table, nothing)


@pytest.mark.parametrize(
    "sent_back", [(-50, 0), (0, -50), (-5, 0)], ids=["more", "the year before", "some"]
)
def test_goods_that_others_sent_back_do_not_stop_a_market_share_split(sent_back):
    def tables(back):
        nation = totals([10, back, 20], partner_iso3=["IRQ", "IRQ", "TUR"])
        return nation.head(1), nation

    (now, nation_now), (before, nation_before) = map(tables, sent_back)
    split = markets.market_share_split(now, before, nation_now, nation_before)
    assert 0 <= split["share"].sum() <= 1


@settings(max_examples=12)
@given(
    st.lists(st.tuples(*[st.integers(0, 10**9)] * 4), min_size=1, max_size=9).filter(
        lambda rows: any(r[0] + r[1] for r in rows) and any(r[2] + r[3] for r in rows)
    ),
    st.sampled_from([None, "hs2_code"]),
)
def test_share_effects_add_up_and_turn_round_with_time(rows, product):
    keys = {
        "hs2_code": [f"0{i % 3}" for i in range(len(rows))],
        "partner_iso3": [f"AA{i // 3}" for i in range(len(rows))],
    }
    nation0, nation1 = (totals([r[k] + r[k + 1] for r in rows], **keys) for k in (0, 2))
    own0, own1 = (totals([r[k] for r in rows], **keys) for k in (0, 2))
    split = markets.market_share_split(own1, own0, nation1, nation0, product=product)
    effects = split[markets.SHARE_EFFECTS]
    assert effects.sum(axis=1).tolist() == pytest.approx(split["change"].tolist(), abs=1e-12)
    # To the dollar of the larger nation.
    shares = [own["value_usd"].sum() / nation["value_usd"].sum()
              for own, nation in ((own0, nation0), (own1, nation1))]  # fmt: skip
    assert effects.to_numpy().sum() == pytest.approx(shares[1] - shares[0], abs=1e-12)
    back = markets.market_share_split(own0, own1, nation0, nation1, product=product)
    keyed = [table.set_index("partner_iso3").sort_index() for table in (split, back)]
    there, again = (table[markets.SHARE_EFFECTS].to_numpy() for table in keyed)
    assert there == pytest.approx(-again, abs=1e-12)


def test_the_path_of_a_market_by_hand():
    table = totals(
        [120, 60, 50, 30, 12], province=["alborz"] * 3 + ["tehran", "ilam"],
        partner_iso3=["IRQ", "TUR", "IRQ", "IRQ", "IRQ"], year_sh=[1403, 1403, 1404, 1404, 1403],
        month_first_sh=1, month_last_sh=[12, 12, 10, 10, 12],
    )  # fmt: skip
    path = markets.market_path(table).set_index(["province", "partner_iso3", "year_sh"])
    iraq, turkey = path.loc[("alborz", "IRQ")], path.loc[("alborz", "TUR")]
    assert iraq["value_usd_per_month"].tolist() == [10, 5]
    assert iraq["share"].tolist() == pytest.approx([2 / 3, 1])
    assert iraq["national_share"].tolist() == pytest.approx([120 / 132, 50 / 80])
    assert turkey["value_usd"].tolist() == [60, 0]  # lost: Alborz declared other exports
    assert turkey["growth_share"].iloc[1] == -1
    ilam = path.loc[("ilam", "IRQ")]
    assert ilam["value_usd"].tolist() == pytest.approx([12, np.nan], nan_ok=True)  # not known


def test_won_and_lost_by_the_average_month():
    # 60 in twelve months and 50 in ten are both 5 a month: above a floor of 4, kept; 30 in twelve
    # months was not there.
    now = values.per_month(two_markets(50, 50), 10)
    before = values.per_month(two_markets(60, 30), 12)
    table = markets.won_and_lost(now, before, floor_usd=4)
    assert table.set_index("partner_iso3")["status"].to_dict() == {"IRQ": "kept", "TUR": "won"}


def test_won_lost_kept_and_returned_markets():
    now = totals([10, 5, 7, 0.5], partner_iso3=["IRQ", "TUR", "ARE", "OMN"])
    before = totals([8, 3], partner_iso3=["IRQ", "AFG"])
    earlier = totals([2], partner_iso3=["ARE"])
    table = markets.won_and_lost(now, before, floor_usd=1, earlier=earlier)
    assert table.set_index("partner_iso3")["status"].to_dict() == {
        "IRQ": "kept",
        "TUR": "won",
        "ARE": "returned",  # absent last year, but not before
        "OMN": "below_floor",
        "AFG": "lost",
    }
    assert table["change_usd"].sum() == 22.5 - 11

"""The gap split and the growth split: by hand, and laws that must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.measures import gap, indexes, values
from measured import codes, totals


def test_a_gap_of_pure_mix_and_one_of_pure_price():
    cheap_and_dear = totals([10, 90], [10, 9], hs=["01", "02"])  # 1 and 10 USD/kg
    more_dear = totals([5, 140], [5, 14], hs=["01", "02"])
    mix = gap.gap_split(more_dear, cheap_and_dear, "hs")
    assert mix["price_usd_per_tonne"].tolist() == pytest.approx([0, 0])
    assert mix["mix_usd_per_tonne"].sum() == pytest.approx(1000 * (145 - 100) / 19)
    twice_as_dear = totals([20, 180], [10, 9], hs=["01", "02"])
    price = gap.gap_split(twice_as_dear, cheap_and_dear, "hs")
    assert price["mix_usd_per_tonne"].tolist() == pytest.approx([0, 0])
    assert price["price_usd_per_tonne"].sum() == pytest.approx(1000 * 100 / 19)


def test_goods_of_one_side_have_their_own_lines():
    province = totals([10, 40], [10, 10], hs=["01", "02"])  # 1,000 and 4,000 USD/t
    reference = totals([10, 5], [10, 10], hs=["01", "03"])  # 1,000 and 500 USD/t
    lines = gap.gap_split(province, reference, "hs").set_index("hs")
    assert lines["side"].to_dict() == {"01": "both", "02": "province", "03": "reference"}
    # The province's own good lifts it from 1,000 to 2,500; the reference's pulls it to 750.
    assert lines["only_province_usd_per_tonne"].to_dict() == {"01": 0, "02": 1500, "03": 0}
    assert lines["only_reference_usd_per_tonne"].to_dict() == {"01": 0, "02": 0, "03": 250}
    facts = gap.gap_split_facts(
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
    lines = gap.gap_split(province, reference, "hs").set_index("hs")
    assert lines["side"].to_dict() == {"01": "unlike", "02": "both"}
    assert lines["price_usd_per_tonne"].abs().max() == 0
    assert lines.loc["01", "only_province_usd_per_tonne"] == 500  # lifts 1,000 to 1,500
    unlimited = gap.gap_split(province, reference, "hs", within=np.inf)
    assert unlimited["price_usd_per_tonne"].min() < -1e8
    for split in (lines, unlimited):
        assert split["gap_usd_per_tonne"].sum() == pytest.approx(1500 - 1000 * 1_010_000 / 10_001)


def test_mix_of_a_good_is_taken_against_the_mean():
    # Both trade a good at 1 and one at 3 USD/kg; more of the cheap one must count as negative.
    province = totals([8, 6], [8, 2], hs=["01", "02"])
    reference = totals([5, 15], [5, 5], hs=["01", "02"])
    lines = gap.gap_split(province, reference, "hs").set_index("hs")
    assert (lines["mix_usd_per_tonne"] < 0).all()


def test_gap_split_of_a_side_without_weight_has_no_lines_and_no_facts():
    lines = gap.gap_split(totals([1], [0], hs=["01"]), totals([1], hs=["01"]), "hs")
    facts = gap.gap_split_facts(lines, province="a", reference="b", period="1404")
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
    lines = gap.gap_split(province, reference, "hs")
    level = [
        values.unit_values(values.summed(side))["unit_value_usd_per_tonne"].item()
        for side in (province, reference)
    ]
    scale = max(abs(lines[["mix_usd_per_tonne", "price_usd_per_tonne"]]).to_numpy().max(), 1.0)
    assert lines["gap_usd_per_tonne"].sum() == pytest.approx(
        level[0] - level[1], abs=1e-9 * scale + 0.005
    )


@settings(max_examples=20)
@given(sides)
def test_growth_split_adds_up_to_the_last_cent_and_agrees_with_bennet(rows):
    now, before = two_sides(rows)
    lines = gap.value_growth_split(now, before, "hs")
    parts = lines[gap.GROWTH_PARTS]
    assert parts.sum(axis=1).tolist() == pytest.approx(lines["change_usd"].tolist(), abs=0.005)
    bennet = indexes.value_change(now, before, "hs")
    assert lines["price_usd"].sum() == pytest.approx(bennet["price_usd"].sum(), abs=0.005)


def test_growth_split_by_hand():
    before = totals([10, 30], [10, 10], hs=["01", "02"])  # 1 and 3 USD/kg, mean 2
    now = totals([10, 60], [10, 20], hs=["01", "02"])  # ten more tonnes of the dear good
    total = gap.value_growth_split(now, before, "hs").sum(numeric_only=True)
    mean = (40 / 20 + 70 / 30) / 2
    assert total["quantity_usd"] == pytest.approx(10 * mean)
    assert total["mix_usd"] == pytest.approx(30 - 10 * mean)
    assert (total["price_usd"], total["change_usd"]) == (0, 30)


def test_the_gap_at_two_levels_by_hand():
    # Two lines of one heading: at two digits the dear line hides in price, at four it is mix.
    codes_of = {"hs2_code": ["30", "30"], "hs4_code": ["3003", "3004"]}
    own = totals([10, 90], [10, 10], **codes_of)
    other = totals([90, 90], [90, 10], **codes_of)
    table = gap.gap_split_by_level(own, other, ["hs2_code", "hs4_code"]).set_index("level")
    assert table["gap_usd_per_tonne"].tolist() == pytest.approx([3200.0, 3200.0])
    assert table["mix_usd_per_tonne"].tolist() == pytest.approx([0.0, 3200.0])
    assert table["price_usd_per_tonne"].tolist() == pytest.approx([3200.0, 0.0])
    assert table["n_common"].tolist() == [1, 2]


def test_goods_without_a_code_are_not_taken_for_one_good():
    # Both sides and both years hold some goods of no code, which may be anything.
    own, other = totals([500], [10], hs="x"), totals([100], [10], hs="x")
    own, other = (side.assign(hs=pd.array([pd.NA], dtype="string")) for side in (own, other))
    assert gap.gap_split(own, other, "hs")["side"].tolist() == ["unlike"]
    change = gap.value_growth_split(own, other, "hs").iloc[0]
    assert change["not_comparable_usd"] == change["change_usd"] == 400


def test_goods_that_cannot_be_compared_are_not_goods_of_one_side():
    # The first good is the same on both sides, the second ten thousand times dearer here.
    own = totals([100, 1000], [10, 10], hs2_code=["30", "84"])
    other = totals([100, 1], [10, 100], hs2_code=["30", "84"])
    split = gap.gap_split(own, other, "hs2_code")
    assert split["side"].tolist() == ["unlike", "both"]
    level = gap.gap_split_by_level(own, other, ["hs2_code"]).iloc[0]
    assert level["only_province_usd_per_tonne"] == level["only_reference_usd_per_tonne"] == 0
    assert level["unlike_usd_per_tonne"] == pytest.approx(split["gap_usd_per_tonne"].iloc[0])
    assert level[[*gap.GAP_PARTS, "unlike_usd_per_tonne"]].sum() == pytest.approx(
        level["gap_usd_per_tonne"]
    )


def test_the_gap_of_a_side_without_weight_is_missing_at_every_level():
    own = totals([10], [0], hs2_code=["30"])
    table = gap.gap_split_by_level(own, totals([10], hs2_code=["30"]), ["hs2_code"])
    assert table[gap.GAP_PARTS].isna().all(axis=None)

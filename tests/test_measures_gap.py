"""The gap split and the growth split: by hand, and laws that must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.measures import gap, values
from measured import codes, from_prices, totals


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
    assert lines["gap_usd_per_tonne"].sum() == 1750
    assert lines["mix_usd_per_tonne"].sum() == 0


def test_one_absurd_weight_does_not_blow_up_the_split():
    # A kilogram at a million dollars in the reference, ten tonnes at 2 USD/kg in the province:
    # symmetric weights alone would make it half a million USD/t of mix and of price.
    province = totals([20_000, 10_000], [10_000, 10_000], hs=["01", "02"])
    reference = totals([1e6, 10_000], [1, 10_000], hs=["01", "02"])
    lines = gap.gap_split(province, reference, "hs").set_index("hs")
    assert lines["side"].to_dict() == {"01": "unlike", "02": "both"}
    assert lines["price_usd_per_tonne"].abs().max() == 0
    # In the province it lifts 1,000 to 1,500; in the reference it adds its million to 10,001 kg.
    assert lines.loc["01", "unlike_usd_per_tonne"] == pytest.approx(500 - 1000 * 999_999 / 10_001)
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


def test_gap_split_of_a_side_without_weight_has_no_lines():
    assert gap.gap_split(totals([1], [0], hs=["01"]), totals([1], hs=["01"]), "hs").empty


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


def level(side) -> float:
    return values.unit_values(values.summed(side))["unit_value_usd_per_tonne"].item()


def assert_adds_up(province, reference):
    lines = gap.gap_split(province, reference, "hs")
    own, other = level(province), level(reference)
    scale = max(lines[gap.GAP_PARTS].abs().to_numpy().max(initial=1.0), abs(own), abs(other))
    assert lines["gap_usd_per_tonne"].sum() == pytest.approx(own - other, abs=1e-9 * scale)
    for name, whole in (("province", own), ("reference", other)):
        adds = lines[f"adds_usd_per_tonne_{name}"].sum()
        assert adds == pytest.approx(whole, abs=1e-9 * scale)


@settings(max_examples=20)
@given(sides.filter(lambda rows: any(r[1] for r in rows) and any(r[3] for r in rows)))
def test_gap_split_is_exact(rows):
    assert_adds_up(*two_sides(rows))


came_back = st.integers(-(10**6), 10**8)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(*[came_back] * 4), min_size=1, max_size=8).filter(
        lambda rows: sum(r[1] for r in rows) > 1000 and sum(r[3] for r in rows) > 1000
    )
)
def test_gap_split_is_exact_with_goods_that_came_back(rows):
    # Returns, and differences of two cumulative tables, have values and weights below 0, or a
    # value on no weight at all; what is weighed is here all of it.
    names = codes(len(rows))
    assert_adds_up(
        *(
            totals([r[k] for r in rows], [r[k + 1] for r in rows], [r[k] for r in rows], hs=names)
            for k in (0, 2)
        )
    )


def test_a_good_that_came_back_takes_its_value_and_weight_with_it():
    # 1,000 USD/t of 10 t and 2 t of 5,000 USD back: 5,000 USD on 8 t.
    province = totals([10_000, -5_000], [10_000, -2_000], [10_000, -5_000], hs=["01", "02"])
    lines = gap.gap_split(province, totals([10_000], [10_000], hs=["01"]), "hs").set_index("hs")
    assert lines.loc["02", "side"] == "province"
    assert lines.loc["02", "only_province_usd_per_tonne"] == (-5_000 + 2_000) / 8
    assert lines["gap_usd_per_tonne"].sum() == 625 - 1000


@pytest.mark.parametrize(
    ("parts", "expected", "reason"),
    [
        ((300, 100, 0), ("most", ["mix"]), "it has the sign and three quarters"),
        ((-300, -100, 0), ("most", ["mix"]), "so it has below zero"),
        ((100, -300, 0), ("most", ["price"]), "the gap is below zero"),
        ((300, -500, 400), ("two", ["price", "only"]), "the largest has the other sign"),
        ((100, 90, 80), ("two", ["mix", "price"]), "the largest is less than half"),
        ((50, 50, 0), ("two", ["mix", "price"]), "half is not more than half"),
        ((200, 150, -250), ("two", ["only", "mix"]), "two are more than half: neither is most"),
        ((50, -50, 0), ("none", []), "no gap, nothing to explain"),
        ((np.nan, 100, 0), ("none", []), "a part is not known"),
    ],
)
def test_most_of_a_gap_is_said_only_of_a_part_that_makes_most_of_it(parts, expected, reason):
    named = dict(zip(("mix", "price", "only"), parts, strict=True))
    assert gap.main_parts(named, sum(parts)) == expected, reason


@settings(max_examples=20)
@given(sides)
def test_growth_split_adds_up_to_the_last_cent(rows):
    now, before = two_sides(rows)
    lines = gap.value_growth_split(now, before, "hs")
    parts = lines[gap.GROWTH_PARTS]
    assert parts.sum(axis=1).tolist() == pytest.approx(lines["change_usd"].tolist(), abs=0.005)
    assert lines["change_usd"].sum() == pytest.approx(
        now["value_usd"].sum() - before["value_usd"].sum(), abs=0.005
    )


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
    parts = split[gap.GAP_PARTS].sum()
    assert parts["only_province_usd_per_tonne"] == parts["only_reference_usd_per_tonne"] == 0
    assert parts["unlike_usd_per_tonne"] == pytest.approx(split["gap_usd_per_tonne"].iloc[0])


def test_the_gap_of_a_side_without_weight_is_missing_at_every_level():
    own = totals([10], [0], hs2_code=["30"])
    table = gap.gap_split_by_level(own, totals([10], hs2_code=["30"]), ["hs2_code"])
    assert table[gap.GAP_PARTS].isna().all(axis=None)


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
    lines = gap.value_growth_split(ces_data(period), ces_data(period - 1), "hs")
    assert lines["price_usd"].sum() == pytest.approx(price, abs=1e-12)
    assert (lines["quantity_usd"] + lines["mix_usd"]).sum() == pytest.approx(quantity, abs=1e-12)


def test_entry_and_exit_stay_out_of_price_and_quantity():
    now, before = totals([20, 7], [10, 1], hs=["01", "02"]), totals([10, 4], hs=["01", "03"])
    lines = gap.value_growth_split(now, before, "hs").set_index("hs")
    assert lines.loc["01", ["price_usd", "quantity_usd", "mix_usd"]].tolist() == [10, 0, 0]
    assert lines.loc["02", "entry_usd"] == 7
    assert lines.loc["03", "exit_usd"] == -4
    assert not lines.loc[["02", "03"], ["price_usd", "quantity_usd", "mix_usd"]].any(axis=None)


def test_value_that_lost_its_weight_is_unweighed_not_entry():
    now = totals([20], [0], weighed=[0.0], hs=["01"])
    lines = gap.value_growth_split(now, totals([10], [10], hs=["01"]), "hs")
    assert lines[["change_usd", "not_comparable_usd", "entry_usd"]].iloc[0].tolist() == [10, 10, 0]


# The first seven months of a province of two goods: drugs, and five shiploads of gravel now.
def drugs_and_gravel():
    now = totals([2e6, 0.1e6], [1e6, 5e6], hs4_code=["3004", "2517"])
    before = totals([1e6, 0.2e6], [0.8e6, 0.2e6], hs4_code=["3004", "8418"])
    return now, before


def test_the_change_of_value_per_tonne_by_hand():
    now, before = drugs_and_gravel()  # 350 USD/t of 6,000 t, from 1,200 USD/t of 1,000 t
    lines = gap.unit_value_change(now, before, "hs4_code").set_index("hs4_code")
    assert lines.index[0] == "2517"  # it moved the mean most
    assert lines["side"].to_dict() == {"2517": "entry", "3004": "both", "8418": "exit"}
    # Drugs went from 1,250 to 2,000 USD/t; gravel pulls these down by 5/6 of (20 - 2,000); what
    # was left out before had lowered 1,250 to 1,200.
    assert lines.loc["3004", "price_usd_per_tonne"] == 750
    assert lines.loc["2517", "entry_usd_per_tonne"] == pytest.approx((100 - 2000 * 5) / 6)
    assert lines.loc["8418", "exit_usd_per_tonne"] == 50
    assert lines[gap.CHANGE_PARTS].to_numpy().sum() == pytest.approx(350 - 1200)
    assert lines.loc["2517", "tonne_share"] == pytest.approx(5 / 6)


@settings(max_examples=20)
@given(sides.filter(lambda rows: any(r[1] for r in rows) and any(r[3] for r in rows)))
def test_the_parts_of_a_change_of_value_per_tonne_add_up(rows):
    now, before = two_sides(rows)
    lines = gap.unit_value_change(now, before, "hs")
    parts = lines[gap.CHANGE_PARTS]
    scale = max(parts.abs().to_numpy().max(initial=1.0), level(now), level(before))
    assert parts.to_numpy().sum() == pytest.approx(level(now) - level(before), abs=1e-9 * scale)


def test_the_headline_with_and_without_its_bulkiest_goods():
    now, before = drugs_and_gravel()
    bulk = gap.bulk_goods(pd.concat([now, before]))
    assert bulk == ["2517"]  # 20 USD/t
    facts = gap.headline(now, before, bulk)
    assert (facts.usd_per_tonne, facts.usd_per_tonne_before) == (350, 1200)
    assert facts.growth == pytest.approx(350 / 1200 - 1)
    assert (facts.light_usd_per_tonne, facts.light_usd_per_tonne_before) == (2000, 1200)
    assert facts.light_growth == pytest.approx(2000 / 1200 - 1)  # the sign turns on one good
    assert facts.bulk_tonne_share == pytest.approx(5 / 6)
    assert facts.bulk_value_share == pytest.approx(1 / 21)
    assert facts.n_bulk_declarations == 1


def test_the_headline_of_a_place_without_weights_is_not_known():
    facts = gap.headline(totals([1], [0], hs4_code=["3004"]), totals([], hs4_code=[]), [])
    assert (facts.usd_per_tonne, facts.growth, facts.bulk_tonne_share) == (None, None, None)


def test_what_value_alone_cannot_tell_is_missing_rather_than_zero():
    # As the public table by office and destination: no code, no weight.
    now, before = (totals([v], [np.nan], [np.nan], hs4_code=[None]) for v in (30, 20))
    assert gap.unit_value_change(now, before, "hs4_code").empty
    assert gap.gap_split_by_level(now, before, ["hs4_code"])[gap.GAP_PARTS].isna().all(axis=None)
    assert gap.headline(now, before, gap.bulk_goods(now)).usd_per_tonne is None
    change = gap.value_growth_split(now, before, "hs4_code").iloc[0]
    assert change["not_comparable_usd"] == change["change_usd"] == 10

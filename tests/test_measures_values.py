"""Sums, unit values, shares and growth: by hand, from print, and laws that must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.measures import gap, values
from helpers.periods import Period
from helpers.schema import CheckFailed
from measured import totals


def test_unit_value_is_a_ratio_of_sums_not_a_mean_of_ratios():
    # 100 USD for 100 kg and 1 USD for 10 g: the mean of ratios is 50.5, the ratio of sums 1.01.
    table = values.summed(totals([100, 1], [100, 0.01], province=["alborz", "alborz"]))
    assert values.unit_values(table)["unit_value_usd_per_kg"].item() == pytest.approx(101 / 100.01)


def test_rows_without_mass_leave_both_sums_and_show_in_coverage():
    table = totals([100, 60], [50, 0], weighed=[100.0, 0.0], hs=["01", "02"])
    by_product = values.unit_values(table)
    assert by_product["unit_value_usd_per_tonne"].tolist() == pytest.approx(
        [2000, np.nan], nan_ok=True
    )
    whole = values.unit_values(values.summed(table))
    assert whole["unit_value_usd_per_tonne"].item() == 2000
    assert whole["coverage_share"].item() == 100 / 160


def test_a_sum_is_missing_only_where_all_its_parts_are():
    table = totals([np.nan, 5, np.nan], hs=["01", "01", "02"])
    assert values.summed(table, ["hs"])["value_usd"].tolist() == pytest.approx(
        [5, np.nan], nan_ok=True
    )


def test_a_missing_key_is_a_key_of_its_own():
    table = totals([1, 2, 4], hs=["01", None, None])
    assert values.summed(table, ["hs"])["value_usd"].tolist() == [1, 6]


def test_rest_of_nation_by_hand():
    nation = totals([100, 50], [10, 5], hs=["01", "02"])
    province = totals([40], [1], hs=["01"])
    rest = values.rest_of_nation(nation, province, ["hs"])
    assert rest["value_usd"].tolist() == [60, 50]
    assert rest["net_mass_kg"].tolist() == [9, 5]
    assert values.rest_of_nation(nation, province)["value_usd"].item() == 110


def test_the_others_may_have_got_back_more_than_they_sent():
    nation = totals([600, -500], hs=["01", "01"])
    rest = values.rest_of_nation(nation, nation.head(1), ["hs"])
    assert rest["value_usd"].item() == -500
    assert values.unit_values(rest)["unit_value_usd_per_kg"].isna().all()


def test_rest_of_nation_refuses_a_province_larger_than_the_nation():
    with pytest.raises(CheckFailed, match="exceeds the nation in 1 of 1 rows"):
        values.rest_of_nation(totals([1], hs=["01"]), totals([2], hs=["01"]), ["hs"])


def test_arguments_are_not_changed():
    nation, province = totals([3, 4], hs=["01", "02"]), totals([1], hs=["01"])
    kept = nation.copy(), province.copy()
    values.unit_values(nation)
    values.rest_of_nation(nation, province, ["hs"])
    values.growth_by(nation, province, ["hs"])
    gap.gap_split(province, nation, "hs")
    gap.value_growth_split(nation, province, "hs")
    pd.testing.assert_frame_equal(nation, kept[0])
    pd.testing.assert_frame_equal(province, kept[1])


def test_shares_are_missing_where_the_sum_is_zero():
    assert values.shares(pd.Series([0.0, 0.0])).isna().all()


@settings(max_examples=20)
@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=30))
def test_shares_add_to_one(amounts):
    shares = values.shares(pd.Series(amounts))
    assert shares.isna().all() or shares.sum() == pytest.approx(1)


def test_growth_by_hand_with_new_and_lost_lines():
    now = totals([150, 30], hs=["01", "03"])
    before = totals([100, 20], hs=["01", "02"])
    table = values.growth_by(now, before, ["hs"]).set_index("hs")
    assert table["share"].to_dict() == pytest.approx({"01": 150 / 180, "03": 30 / 180, "02": 0})
    assert table["share_before"].to_dict() == pytest.approx({"01": 5 / 6, "03": 0, "02": 1 / 6})
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
    table = values.growth_by(now, before, ["hs"])
    growth = now["value_usd"].sum() / before["value_usd"].sum() - 1
    assert table["contribution_share"].sum() == pytest.approx(growth, rel=1e-9, abs=1e-9)


def test_part_share_by_hand():
    table = totals([77, 23], sector=["industry", "mining"])
    assert values.part_share(table, "sector", "industry") == 0.77
    assert values.part_share(table.head(0), "sector", "industry") is None


def test_a_share_of_goods_without_a_code_is_not_known_rather_than_nothing():
    table = totals([70, 30], sector=[None, None], certainty=[None, None])
    assert values.part_share(table, "sector", "industry") is None
    assert values.share_range(table, "sector", "industry").share_high is None


def test_share_range_counts_every_judgement_both_ways():
    table = totals(
        [60, 17, 13, 10],
        sector=["industry", "industry", "mining", None],
        certainty=["sure", "judgement", "judgement", None],
    )
    reach = values.share_range(table, "sector", "industry")
    assert (reach.share_low, reach.share, reach.share_high) == pytest.approx((0.6, 0.77, 1.0))
    assert reach.judgement_share == pytest.approx(0.4)


def test_against_nation_by_hand():
    province = totals([30, 10], [10, 10], sector=["industry", "mining"])
    nation = totals([100, 100], [50, 200], sector=["industry", "mining"])
    table = values.against_nation(province, nation, ["sector"]).set_index("sector")
    industry = table.loc["industry"]
    assert industry["national_share"] == 0.3
    assert (industry["share_in_province"], industry["share_in_nation"]) == (0.75, 0.5)
    assert industry["rca_vs_nation"] == 1.5
    assert industry["unit_value_usd_per_tonne_province"] == 3000
    assert industry["unit_value_usd_per_tonne_nation"] == 2000
    assert industry["relative_unit_value_vs_rest"] == pytest.approx(3000 / 1750)  # 70 / 40 kg


def test_against_nation_keeps_what_the_province_does_not_trade():
    nation = totals([100, 5], [50, 0], hs=["01", "02"])
    table = values.against_nation(totals([1], hs=["01"]), nation, ["hs"]).set_index("hs")
    assert table.loc["02", "value_usd_province"] == 0
    assert np.isnan(table.loc["02", "unit_value_usd_per_tonne_nation"])  # nothing weighed


def test_value_per_tonne_of_markazi_beside_the_nation():
    # Markazi, first six months of 1404: 655 M USD and 895 kt (ru.trend.az 4102465); the nation
    # 25.944 bn USD and 75 Mt (id.abna24 1737471).
    now = totals([655e6, 25.289e9], [895e6, 74.105e9], province=["markazi", "tehran"])
    own, rest, nation = values.overview(now, now, "markazi")["unit_value_usd_per_tonne"]
    assert own == pytest.approx(732, abs=0.5)
    assert nation == pytest.approx(346, abs=0.5)
    assert own / nation == pytest.approx(2.116, abs=0.001)
    assert rest < nation


def test_a_province_without_weights_has_no_value_per_tonne():
    now = totals([5, 9], [0, 4], province=["ilam", "tehran"])
    own = values.overview(now, now, "ilam").iloc[0]
    assert np.isnan(own["unit_value_usd_per_tonne"])
    assert own["coverage_share"] == 0


def test_overview_by_hand():
    now = totals([30, 70], [10, 70], province=["alborz", "tehran"])
    before = totals([20, 80], [10, 80], province=["alborz", "tehran"])
    table = values.overview(now, before, "alborz").set_index("scope")
    assert table.index.tolist() == ["alborz", "rest_of_nation", "nation"]
    assert table["value_usd"].tolist() == [30, 70, 100]
    assert table["national_share"].tolist() == [0.3, 0.7, 1]
    assert table["growth_share"].tolist() == pytest.approx([0.5, -0.125, 0])
    assert table["value_usd_before"].tolist() == [20, 80, 100]
    assert table["unit_value_usd_per_tonne_before"].tolist() == pytest.approx(
        [2000, 1000, 10000 / 9]
    )
    assert table["net_mass_growth_share"].tolist() == pytest.approx([0, -0.125, -1 / 9])
    assert table["unit_value_growth_share"].tolist() == pytest.approx([0.5, 0, 0.125])


def test_overview_of_a_province_without_trade_is_zero_not_missing():
    now = totals([70], province=["tehran"])
    row = values.overview(now, now, "ilam").set_index("scope").loc["ilam"]
    assert (row["value_usd"], row["national_share"]) == (0, 0)
    assert np.isnan(row["growth_share"])
    assert np.isnan(row["unit_value_usd_per_tonne"])


@pytest.mark.parametrize(
    ("spans", "quarters", "reason"),
    [
        ([(4, 4), (5, 5), (6, 6)], [2], "three months"),
        ([(4, 6)], [2], "their sum"),
        ([(4, 5), (6, 6)], [2], "two months in one, and one"),
        ([(5, 5), (6, 6)], [], "nobody declared the first month"),
        ([(4, 6), (7, 7)], [2], "the period ends within the third quarter"),
        ([(1, 7)], [], "a row that reaches over a quarter's end"),
    ],
)
def test_a_quarter_is_told_only_if_all_its_months_are_declared(spans, quarters, reason):
    first, last = zip(*spans, strict=True)
    table = totals(
        [10.0] * len(spans), [20.0] * len(spans), province="alborz", year_sh=1404,
        month_first_sh=first, month_last_sh=last,
    )  # fmt: skip
    told = values.value_per_tonne_by_quarter(table, "alborz", until=Period(1404, 1, 7))
    assert told["quarter_sh"].tolist() == quarters, reason
    assert told["unit_value_usd_per_tonne"].tolist() == [500] * len(quarters), reason


def test_a_quarter_in_which_others_declared_a_month_is_full_for_the_province_too():
    table = totals(
        [10, 30, 60], [10, 10, 10], province=["alborz", "tehran", "tehran"], year_sh=1404,
        month_first_sh=[4, 5, 6], month_last_sh=[4, 5, 6],
    )  # fmt: skip
    quarter = values.value_per_tonne_by_quarter(table, "alborz", until=Period(1404, 1, 6))
    assert quarter.set_index("scope")["unit_value_usd_per_tonne"].to_dict() == {
        "alborz": 1000, "rest_of_nation": 4500,
    }  # fmt: skip


# Three years of the public table: whole years, and ten months of the last.
def three_years(rows, **columns):
    provinces, years, amounts = zip(*rows, strict=True)
    return totals(
        amounts, province=provinces, year_sh=years, month_first_sh=1,
        month_last_sh=[10 if year == 1404 else 12 for year in years], **columns,
    )  # fmt: skip


def test_years_of_different_length_compare_by_the_average_month():
    table = three_years([("alborz", 1402, 120), ("alborz", 1403, 240), ("alborz", 1404, 100)])
    years = values.by_year(table, ["province"])
    assert years["n_months"].tolist() == [12, 12, 10]
    assert years["value_usd_per_month"].tolist() == [10, 20, 10]
    assert years["growth_share"].tolist() == pytest.approx([np.nan, 1.0, -0.5], nan_ok=True)


def test_a_province_without_a_row_in_a_year_is_not_known_there():
    table = three_years([("alborz", 1402, 12), ("alborz", 1403, 12), ("ilam", 1402, 12)])
    ilam = values.by_year(table, ["province"]).query("province == 'ilam'")
    assert ilam["value_usd"].tolist() == pytest.approx([12, np.nan], nan_ok=True)
    assert ilam["growth_share"].isna().all()


def test_a_year_that_is_not_there_is_no_base_for_growth():
    years = values.by_year(three_years([("alborz", 1401, 12), ("alborz", 1403, 24)]), ["province"])
    assert years["growth_share"].isna().all()


def test_totals_of_an_average_month_keep_their_declarations():
    month = values.per_month(totals([120], [60]), 12).iloc[0]
    assert (month["value_usd"], month["net_mass_kg"], month["n_declarations"]) == (10, 5, 1)


def test_a_unit_value_of_fewer_rows_than_five_is_not_given_and_the_rows_are_counted():
    rows = {"partner_iso3": ["IRQ"] * 5 + ["TUR"] * 4}
    province = totals([10] * 9, [5] * 9, **rows)
    table = values.against_nation(
        province, pd.concat([province] * 2), ["partner_iso3"], least_rows=5
    ).set_index("partner_iso3")
    assert table["n_declarations_province"].to_dict() == {"IRQ": 5, "TUR": 4}
    assert table["unit_value_usd_per_tonne_province"].to_dict() == pytest.approx(
        {"IRQ": 2000, "TUR": np.nan}, nan_ok=True
    )
    assert table.loc["TUR", "unit_value_usd_per_tonne_nation"] == 2000  # of eight rows


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
    kept = values.same_months(by_month(*rows), Period(1404, 1, 2))
    assert kept["year_sh"].tolist() == years, reason


def test_where_nobody_declared_anything_nothing_is_known():
    nothing = totals([], province=[])
    rows = totals([10, 5], province=["tehran", "qom"])
    assert values.overview(nothing, rows, "alborz")["value_usd"].isna().all()

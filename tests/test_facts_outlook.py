"""Facts on the outlook: months and averages in, case and numbers out; an example of every case."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from helpers.measures import outlook as measures
from helpers.periods import parse_period
from helpers.telling import charts
from helpers.telling.facts import outlook as facts
from helpers.telling.page import Fact, Page, say

PAGE = Page("alborz", parse_period("1404M01-10"), "en", "customs")


def averages(now: float, months: int, before: float = 120.0) -> measures.RunRate:
    """A year of so many months against a year before of 120 million."""
    rows = [(1403, 1, 12, before), (1404, 1, months, now)]
    columns = ["year_sh", "month_first_sh", "month_last_sh", "value_usd"]
    return measures.run_rate(pd.DataFrame(rows, columns=columns), parse_period("1404"))


def sums(known: float, rest: float) -> measures.RunRate:
    """Seven months known against the same seven of 70 and five of `rest` the year before."""
    totals = pd.DataFrame({
        "year_sh": [1403, 1403, 1404], "month_first_sh": 1, "month_last_sh": [7, 12, 7],
        "value_usd": [70.0, 70.0 + rest, known], "is_doubtful": False,
    })  # fmt: skip
    return measures.carried_from_cumulative(totals)


PACES = [
    ("less than last year by month", averages(90e6, 10, 120e6), "average_above"),
    ("so much that less is enough", averages(110e6, 10, 120e6), "average_below"),
    ("already above the whole", averages(130e6, 10, 120e6), "average_reached"),
    ("the year is over", averages(90e6, 12, 120e6), "complete"),
    ("less than the same months", sums(60, 50), "season_more"),
    ("more than the same months", sums(80, 50), "season_less"),
    ("more than the whole", sums(130, 50), "season_reached"),
    ("nothing declared", None, "missing"),
]


@pytest.mark.parametrize(("reason", "rate", "case"), PACES, ids=[p[0] for p in PACES])
def test_what_is_missing_to_last_year(reason, rate, case):
    assert facts.run_rate_fact(rate, PAGE).case == case


def test_the_run_rate_is_told_by_the_average_of_the_months():
    fact = facts.run_rate_fact(averages(90.0, 10), PAGE)
    assert fact["known.value_usd_per_month"].value == pytest.approx(9)
    of_year = {
        "value_to_equal_usd": 30,
        "value_to_equal_usd_per_month": 15,
        "year_end_value_usd": 108,
    }
    for name, value in of_year.items():
        assert fact[f"year.{name}"].value == pytest.approx(value)
    assert fact["left.n_months"].value == 2


def test_the_season_is_told_by_the_same_months():
    fact = facts.run_rate_fact(sums(80.0, 50.0), PAGE, "nation")
    expected = {
        "year.value_to_equal_usd": 40, "rest.value_usd": 50, "year.value_to_equal_usd_growth": -0.2,
        "repeated.year_end_value_usd": 130, "year.year_end_value_usd": 80 + 50 * 8 / 7,
    }  # fmt: skip
    assert {name: fact[name].value for name in expected} == pytest.approx(expected)
    assert fact["known.value_usd"].scope == "nation"


def test_averages_by_year_stand_beside_what_each_month_left_must_bring():
    totals = pd.DataFrame({
        "year_sh": [1403, 1404], "month_first_sh": 1, "month_last_sh": [12, 10],
        "value_usd": [120.0, 90.0],
    })  # fmt: skip
    pace = facts.run_rate_fact(averages(90.0, 10), PAGE)
    rows = facts.monthly_averages(totals, pace)
    assert rows.values.tolist() == [
        ["1403", 10.0, False], ["1404M01-10", 9.0, False], ["needed", 15.0, True],
    ]  # fmt: skip
    by_months = facts.run_rate_fact(sums(60.0, 50.0), PAGE)
    assert facts.monthly_averages(totals, by_months).empty


def test_published_months_are_those_up_to_the_end_of_the_page():
    figures = pd.DataFrame({
        "attribution": ["clearance", "clearance", "clearance", "production"],
        "year_sh": [1403, 1404, 1404, 1404], "month_last_sh": [12, 8, 11, 8],
    })  # fmt: skip
    rows = facts.of_two_years(figures, PAGE)
    assert list(rows["month_last_sh"]) == [12, 8]
    over = replace(PAGE, period=parse_period("1404"))
    assert list(facts.of_two_years(figures, over)["year_sh"]) == [1403]


@cache
def monthly(n: int = 67, growth: float = 0.0, last: str = "1404M01-07", missing: int = -1):
    """`n` months with a season up to the seventh of 1404, growing by so much a year."""
    months = np.arange(n)
    season = 1 + 0.3 * np.sin(2 * np.pi * (months - n + 7) / 12)
    noise = 1 + 0.03 * np.random.default_rng(3).standard_normal(n)
    values = 20e6 * season * noise * (1 + growth) ** (months / 12)
    time = 1404 * 12 + 7 - n + months
    totals = pd.DataFrame({
        "year_sh": time // 12, "month_first_sh": time % 12 + 1, "month_last_sh": time % 12 + 1,
        "value_usd": np.where(months == missing, 0.0, values),
    })  # fmt: skip
    return measures.monthly_outlook(totals, "alborz", parse_period(last))


NONE = measures.monthly_outlook(
    pd.DataFrame({"year_sh": [1403], "month_first_sh": [1], "month_last_sh": [12],
                  "value_usd": [5.0]}), "alborz", parse_period("1403"),
)  # fmt: skip


def with_months(months):
    """A model is fitted when a test asks for it."""
    return NONE if months is None else monthly(**months)


OBSTACLES = [
    ("whole years only", None, "cumulative"),
    ("a month of nothing", {"missing": 40}, "gap"),
    ("twenty months", {"n": 20}, "short"),
    ("enough", {}, "missing"),
]


@pytest.mark.parametrize(("reason", "months", "case"), OBSTACLES, ids=[o[0] for o in OBSTACLES])
def test_why_single_months_tell_no_more(reason, months, case):
    own = with_months(months)
    pace = facts.run_rate_fact(averages(90.0, 10), PAGE)
    assert facts.months_at_hand_fact(own, pace, PAGE).case == case
    over = facts.run_rate_fact(averages(90.0, 12), PAGE)
    assert facts.months_at_hand_fact(own, over, PAGE).is_missing


def with_chance(probability: float, *, is_sure: bool = True, **other):
    own = monthly().outlook
    end = replace(own.year_end, probability_above_last=probability, is_sure=is_sure, **other)
    return replace(own, year_end=end)


CHANCES = [
    (0.95, True, "very likely (probability of a rise 95%)"),
    (0.9999, True, "very likely (probability of a rise above 99%)"),
    (0.7, True, "is likely (probability of a rise 70%)"),
    (0.5, True, "about as likely (probability of a rise 50%)"),
    (0.2, True, "is unlikely (probability of a rise 20%)"),
    (0.0, True, "very unlikely (probability of a rise below 1%)"),
    (0.7, False, "is likely; there are too few trials for a probability"),
]


@pytest.mark.parametrize(("probability", "is_sure", "words"), CHANCES)
def test_a_probability_is_a_word_and_a_number_where_the_trials_carry_one(
    probability, is_sure, words
):
    outlook = with_chance(probability, is_sure=is_sure)
    said = charts.text(facts.year_end_fact(outlook, PAGE), "sentence", PAGE)
    assert words in said


def test_the_year_ends_between_what_the_measure_says():
    outlook = monthly().outlook
    fact, end = facts.year_end_fact(outlook, PAGE), outlook.year_end
    ends = [fact[f"{of}.year_end_value_usd"].value for of in ("low", "median", "high")]
    assert ends == [end.low_80, end.median, end.high_80]
    assert facts.year_end_fact(None, PAGE).is_missing


COVERED = [
    (0.80, 12.0, "fair"), (0.89, 12.0, "fair"), (0.95, 12.0, "wide"), (0.6, 12.0, "narrow"),
    (0.8, 3.4, "few"),
]  # fmt: skip


@pytest.mark.parametrize(("held", "independent", "case"), COVERED)
def test_what_the_range_held_in_its_trials(held, independent, case):
    outlook = with_chance(0.5, coverage_80_share=held, n_independent=independent)
    assert facts.range_coverage_fact(outlook, PAGE).case == case
    assert facts.range_coverage_fact(None, PAGE).is_missing


def test_the_chosen_method_is_told_with_its_error():
    outlook = monthly().outlook
    fact, rows = facts.method_fact(outlook, PAGE)
    assert fact.case == "floor"
    assert fact["first.error_share"].value == outlook.scores["error_share"].iloc[0]
    assert rows["model"].iloc[0] == "last year’s same months"
    better = replace(outlook, model="pace_year", scores=outlook.scores.assign(model="pace_year"))
    assert facts.method_fact(better, PAGE)[0].case == "better"
    assert facts.method_fact(None, PAGE)[0].is_missing


def test_the_trend_is_held_against_twelve_months_before():
    fact, rows = facts.trend_fact(monthly(growth=0.2), PAGE)
    assert fact["growth"]["change"].value == pytest.approx(0.2, abs=0.08)
    assert set(rows["line"]) == {"months", "province"}
    assert facts.trend_fact(NONE, PAGE)[0].is_missing


def test_the_strong_and_the_weak_month_are_named():
    fact, rows = facts.season_fact(monthly(), NONE, PAGE)
    assert (fact["high.month"].codes, fact["low.month"].codes) == ([4], [10])
    assert fact["high.season_share"].value == pytest.approx(0.3, abs=0.08)
    assert rows["nation"].isna().all()
    assert "highest in Tir" in say(fact, PAGE)
    assert facts.season_fact(NONE, NONE, PAGE)[0].is_missing


def test_the_charts_are_drawn_from_the_months():
    own = monthly()
    drawn = [
        charts.draw(facts.year_end_fact(own.outlook, PAGE), own.outlook.path, PAGE),
        charts.draw(*facts.trend_fact(own, PAGE), PAGE),
        charts.draw(*facts.season_fact(own, own, PAGE), PAGE),
    ]
    assert all(isinstance(chart, charts.Chart) for chart in drawn)
    fan = drawn[0]._repr_mimebundle_()[charts.TABLE_MIME]["rows"]
    assert fan[-1][1] is None  # not a NaN, which no workbook takes


def _examples():
    for _, rate, _ in PACES:
        yield facts.run_rate_fact(rate, PAGE)
    pace = facts.run_rate_fact(averages(90e6, 10, 120e6), PAGE)
    for _, months, _ in OBSTACLES[:3]:
        yield facts.months_at_hand_fact(with_months(months), pace, PAGE)
    for probability, is_sure, _ in CHANCES:
        fact = facts.year_end_fact(with_chance(probability, is_sure=is_sure), PAGE)
        yield from (fact, fact["likelihood"], fact["chance"])
    yield facts.year_end_fact(with_chance(0.5, months_known=0), PAGE)
    yield facts.year_end_fact(None, PAGE)
    for held, independent, _ in COVERED:
        outlook = with_chance(0.5, coverage_80_share=held, n_independent=independent)
        yield facts.range_coverage_fact(outlook, PAGE)
    yield facts.published_pace_fact(facts.run_rate_fact(monthly().carried, PAGE))
    outlook = monthly().outlook
    yield facts.method_fact(outlook, PAGE)[0]
    better = replace(outlook, model="pace_year", scores=outlook.scores.assign(model="pace_year"))
    yield facts.method_fact(better, PAGE)[0]
    yield from (Fact("outlook.model", name) for name in measures.PACES)
    yield from (facts.trend_fact(own, PAGE)[0] for own in (monthly(growth=0.2), NONE))
    yield from (facts.season_fact(own, NONE, PAGE)[0] for own in (monthly(), NONE))


def examples():
    return list({str(fact): fact for fact in _examples()}.values())

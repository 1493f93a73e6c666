"""The sentences of the outlook: up, down, unchanged, missing, in both languages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers import narrative
from helpers.measures.outlook import MonthlyOutlook, Obstacle, monthly_outlook
from helpers.periods import parse_period
from said import both

UNTIL = parse_period("1404M07")
SEASON = (0.7, 1.0, 1.0, 1.0, 1.0, 1.0, 1.3, 1.0, 1.0, 1.0, 1.0, 1.0)


def monthly(growth: float = 0.0, n_years: int = 3, gap: int | None = None) -> MonthlyOutlook:
    """Exports that grow by `growth` a year, least in Farvardin and most in Mehr, to Mehr 1404."""
    rng = np.random.default_rng(1)
    rows = [
        {
            "year_sh": year, "month_first_sh": month, "month_last_sh": month,
            "value_usd": 1e6 * SEASON[month - 1] * (1 + growth) ** (year + month / 12 - 1404)
            * rng.normal(1, 0.01),
        }
        for year in range(1405 - n_years, 1405)
        for month in range(1, 13)
    ]  # fmt: skip
    totals = pd.DataFrame(rows)
    if gap is not None:
        totals.loc[gap, "value_usd"] = 0.0
    return monthly_outlook(totals, "alborz", UNTIL)


@pytest.fixture(scope="module")
def grown() -> MonthlyOutlook:
    return monthly(growth=0.2)


@pytest.mark.parametrize(
    ("growth", "words"),
    [
        (0.2, ("بیشتر از یک سال پیش", "more than a year before")),
        (-0.2, ("کمتر از یک سال پیش", "less than a year before")),
        (0.0, ("تقریباً تغییری نکرده", "almost unchanged")),
    ],
)
def test_the_trend_is_told_by_its_direction(growth, words, grown):
    facts = grown if growth == 0.2 else replace(grown, season=with_trend(growth))
    said = both(lambda lang: narrative.month_trend(facts, lang, place="X"))
    assert words[0] in said["fa"]
    assert words[1] in said["en"]


def with_trend(growth: float) -> pd.DataFrame:
    trend = 1e6 * (1 + growth) ** (np.arange(24) / 12)
    return pd.DataFrame({"period": [f"1404M{m % 12 + 1:02}" for m in range(24)], "trend": trend})


def test_strong_and_weak_months_are_named(grown):
    said = both(lambda lang: narrative.season_months(grown, lang, place="X"))
    assert "the strongest month is Mehr" in said["en"]
    assert "کم‌رونق‌ترین فروردین" in said["fa"]


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.93, "It is very likely that it ends above"),
        (0.7, "It is likely"),
        (0.5, "about as likely as not"),
        (0.2, "It is unlikely"),
        (0.02, "It is very unlikely"),
        (1.0, "the probability is over 99%"),  # a simulation knows no certainty
        (0.0, "the probability is under 1%"),
    ],
)
def test_likelihood_has_a_word_for_each_probability(grown, probability, words):
    end = replace(grown.outlook.year_end, probability_above_last=probability, is_sure=True)
    facts = replace(grown, outlook=replace(grown.outlook, year_end=end))
    assert words in both(lambda lang: narrative.year_end(facts, lang, place="X"))["en"]


def years_of(*monthly_values: float, first: int = 1402) -> MonthlyOutlook:
    """Whole years of equal months, to Esfand of the last; of a value that is None, half a year."""
    rows = [
        {"year_sh": first + i, "month_first_sh": m, "month_last_sh": m, "value_usd": value or 1e6}
        for i, value in enumerate(monthly_values)
        for m in range(7 if value is None else 1, 13)
    ]
    until = parse_period(str(first + len(monthly_values) - 1))
    return monthly_outlook(pd.DataFrame(rows), "alborz", until)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((1e6, 1.5e6), "in 1403 the exports of X came to 18.0 million USD, 50.0% more than the"),
        ((2e6, 1e6), "came to 12.0 million USD, 50.0% less than the year before"),
        ((1e6, 0.995e6), "almost unchanged from the year before (−0.5%)"),
        ((None, 1e6), "the months of the year before are not all there"),
    ],
)
def test_a_complete_year_is_told_with_its_growth_though_24_months_allow_no_outlook(values, words):
    said = both(lambda lang: narrative.year_end(years_of(*values), lang, place="X"))
    assert "The year is complete" in said["en"]
    assert words in said["en"]
    assert "An outlook needs at least 30 months" in said["en"]
    assert "سال ۱۴۰۳ تمام شده است" in said["fa"]
    plain = both(lambda lang: narrative.plain_year_end(years_of(*values), lang, place="X"))
    assert "no month of it is left to forecast" in plain["en"]


@pytest.mark.parametrize(
    "facts",
    [years_of(None), monthly(n_years=1)],
    ids=["months of the year are missing", "the year goes on"],
)
def test_a_year_that_is_not_all_there_is_not_called_complete(facts):
    assert "complete" not in narrative.year_end(facts, "en", place="X")


def test_after_a_complete_year_the_range_is_that_of_the_next(grown):
    end = replace(grown.outlook.year_end, months_known=0, year_sh=1405)
    facts = replace(years_of(1e6, 1.5e6), outlook=replace(grown.outlook, year_end=end))
    said = both(lambda lang: narrative.year_end(facts, lang, place="X"))["en"]
    assert "50.0% more than the year before.With a probability" in said  # two paragraphs
    assert "the exports of X in 1405 lie between" in said


@pytest.mark.parametrize(
    ("obstacle", "words"),
    [
        (Obstacle("short", 12, 30), "needs at least 30 months without a gap, and up to Mehr"),
        (Obstacle("gap", 31, 30, ("1403M02",)), "1 are missing or zero, Ordibehesht 1403 among"),
        (Obstacle("cumulative", 0, 30), "hold runs of months only"),
        (Obstacle("no_trade", 0, 30), "declared no exports up to Mehr 1404"),
    ],
)
def test_what_cannot_be_said_says_why(grown, obstacle, words):
    facts = replace(grown, outlook=None, obstacle=obstacle)
    assert words in both(lambda lang: narrative.year_end(facts, lang, place="X"))["en"]
    assert narrative.method_tried(facts, "en") == ""
    assert narrative.year_end_wide(facts, "en") == ""


def test_data_that_are_too_thin_give_words_and_no_error():
    short = monthly(n_years=1)
    assert short.obstacle == Obstacle("short", 7, 30)
    for sentence in (narrative.month_trend, narrative.season_months, narrative.plain_year_end):
        both(lambda lang, sentence=sentence: sentence(short, lang, place="X"))
    holed = monthly(gap=3)
    assert holed.obstacle.unusable == ("1402M04",)
    assert "Tir 1402" in both(lambda lang: narrative.year_end(holed, lang, place="X"))["en"]


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (900.0, "so it takes 20.0% more"),  # 1,500 a year before, 500 of it still to come
        (1100.0, "so even 20.0% less would do"),
        (1600.0, "has already passed the whole of last year"),
    ],
)
def test_what_the_months_to_come_must_bring(grown, known, words):
    carried = replace(
        grown.carried, known=known, last_year=1500.0, rest_of_last_year=500.0,
        to_equal=1500.0 - known, repeated=known + 500, grown=known * 1.5,
    )  # fmt: skip
    facts = replace(grown, carried=carried)
    assert words in both(lambda lang: narrative.plain_year_end(facts, lang, place="X"))["en"]


def test_plain_sums_by_hand():
    totals = pd.DataFrame(
        [
            {"year_sh": y, "month_first_sh": m, "month_last_sh": m, "value_usd": 10.0 * (y - 1402)}
            for y, last in ((1403, 12), (1404, 7))
            for m in range(1, last + 1)
        ]
    )
    carried = monthly_outlook(totals, "alborz", UNTIL).carried
    assert (carried.known, carried.last_year, carried.rest_of_last_year) == (140.0, 120.0, 50.0)
    assert (carried.repeated, carried.grown, carried.to_equal) == (190.0, 240.0, -20.0)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("pace_year", "as the last twelve months did” was chosen: its error is 70.0%"),
        ("seasonal_naive", "No method erred clearly less than “last year’s month”"),
    ],
)
def test_the_chosen_method_is_held_against_last_year_s_month_in_the_same_trial(grown, model, words):
    scores = pd.DataFrame({"model": [model], "error_to_floor": [0.7]})
    facts = replace(grown, outlook=replace(grown.outlook, scores=scores))
    assert words in both(lambda lang: narrative.method_tried(facts, lang))["en"]


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ({"coverage_80_share": 0.8, "n_trials": 40, "is_sure": True}, "held what they promise"),
        ({"coverage_80_share": 0.5, "n_trials": 40, "is_sure": False}, "narrower than they claim"),
        ({"coverage_80_share": 0.9, "n_trials": 9, "is_sure": False}, "rests on 9 year ends only"),
    ],
)
def test_the_trial_says_how_far_to_trust(grown, end, words):
    year_end = replace(grown.outlook.year_end, **end)
    facts = replace(grown, outlook=replace(grown.outlook, year_end=year_end))
    assert words in both(lambda lang: narrative.method_tried(facts, lang))["en"]


@pytest.mark.parametrize("is_sure", [True, False])
def test_a_probability_is_a_number_only_where_enough_year_ends_were_tried(grown, is_sure):
    end = replace(grown.outlook.year_end, probability_above_last=0.8, is_sure=is_sure)
    facts = replace(grown, outlook=replace(grown.outlook, year_end=end))
    said = both(lambda lang: narrative.year_end(facts, lang, place="X"))["en"]
    assert ("the probability is 80%" in said) == is_sure

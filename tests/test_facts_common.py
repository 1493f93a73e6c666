"""What several subjects share: months and bases in, cases out; and an example of every case."""

import pandas as pd
import pytest

from helpers.periods import Period, parse_period
from helpers.schema import Number
from helpers.store import Base
from helpers.telling import page as pages
from helpers.telling.facts import common

SEVEN = Base(Period(1403, 1, 7), "same_months", tuple(range(1, 8)), 7)
GAPS = Base(Period(1403, 1, 7), "same_months", (1, 2, 3, 4, 6, 7), 6)
AVERAGE = Base(Period(1403), "monthly_average", tuple(range(1, 11)), 12)
NOTHING = Base(None, "none", (), 0)


def page(period="1404M01-07", **other):
    return pages.Page("alborz", parse_period(period), "en", "customs", **other)


MONTHS = [
    ("all months are declared", SEVEN, False, "missing"),
    ("a month that nobody declared", GAPS, False, "gaps"),
    ("nothing at all is another question", NOTHING, False, "missing"),
    ("months that the source does not name", AVERAGE, True, "presumed"),
]


@pytest.mark.parametrize(("reason", "base", "presumed", "case"), MONTHS, ids=[m[0] for m in MONTHS])
def test_what_is_said_of_the_months(reason, base, presumed, case):
    at = page("1404M01-10" if presumed else "1404M01-07", is_presumed=presumed)
    assert common.months_fact(base, at).case == case


def test_a_presumed_period_is_told_as_one_wherever_it_is_named():
    assert page("1404M01-10", is_presumed=True).period_words.endswith("(presumably)")
    assert page("1404M01-10").period_words == "the first ten months of 1404"


def test_unequal_periods_compare_by_the_average_month():
    amounts = {"net_mass_kg": 1.0, "value_usd_weighed": 0.0, "n_declarations": 5}
    now, before = (pd.DataFrame([{"value_usd": v, **amounts}]) for v in (100.0, 120.0))
    sides = common.of_like_length(now, before, AVERAGE)
    assert [side["value_usd"].iloc[0] for side in sides] == [10.0, 10.0]
    assert [side["n_declarations"].iloc[0] for side in sides] == [5, 5]
    assert common.of_like_length(now, before, SEVEN) == (now, before)


SUMS = [
    ("closer than can be written", 100.01, 100.0, "equal"),
    ("within two per cent", 101.0, 100.0, "within"),
    ("three per cent apart", 103.0, 100.0, "outside"),
    ("nothing published", 103.0, None, "missing"),
    ("nothing declared", float("nan"), 100.0, "missing"),
]


def official(value):
    return Number("value_usd", value, "USD", "nation", "1404M01-07", "an agency")


@pytest.mark.parametrize(("reason", "here", "there", "case"), SUMS, ids=[s[0] for s in SUMS])
def test_the_sum_is_held_against_the_published_figure(reason, here, there, case):
    assert common.reconcile_fact(here, official(there), page()).case == case


GROWTHS = [(2.0, 1.0), (1.0, 2.0), (1.0, 1.0), (9.0, 1.0), (1.0, 0.0), (0.0, 1.0), (None, 1.0)]


def test_what_lies_only_partly_within_the_period_is_told():
    assert [common.left_out_fact(value, page()).case for value in (5e6, 0.0)] == ["some", "missing"]


MADE = {"value_usd": 9e6, "net_mass_kg": 5e6, "of": "made"}


def examples():
    return [
        page().fact("common.made", "some", made=MADE),
        common.left_out_fact(5e6, page()),
        *[common.reconcile_fact(here, official(there), page()) for _, here, there, _ in SUMS],
        *[pages.growth_fact(page(), "value_usd", *pair) for pair in GROWTHS],
        common.months_fact(AVERAGE, page("1404M01-10", is_presumed=True)),
        common.months_fact(GAPS, page()),
        *[common.base_fact(base, page()) for base in (SEVEN, AVERAGE, NOTHING)],
    ]

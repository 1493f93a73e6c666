"""Periods: codes in, months out, and the same months a year before."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.periods import Period, parse_period
from helpers.schema import UnknownCode

CODES = [
    ("1404", Period(1404, 1, 12)),
    ("1404Q2", Period(1404, 4, 6)),
    ("1404M07", Period(1404, 7, 7)),
    ("1404M01-07", Period(1404, 1, 7)),
    (" 1404M01-07 ", Period(1404, 1, 7)),
]


@pytest.mark.parametrize(("code", "period"), CODES)
def test_a_code_names_its_months(code, period):
    assert parse_period(code) == period
    assert parse_period(str(period)) == period


WRONG = ["", "1404-07", "1404M13", "1404M07-01", "1404Q5", "2025M01", "1404M1", "۱۴۰۴"]


@pytest.mark.parametrize("code", WRONG)
def test_anything_else_is_refused_in_words(code):
    with pytest.raises(UnknownCode, match=r"1404M01-07|months run from 1 to 12"):
        parse_period(code)


def test_leap_years_end_a_day_later():
    """1403 was a leap year: its seventh month ended on 21 October, that of 1404 on the 22nd."""
    assert parse_period("1403M01-07").gregorian() == (date(2024, 3, 20), date(2024, 10, 21))
    assert parse_period("1404M01-07").gregorian() == (date(2025, 3, 21), date(2025, 10, 22))
    assert parse_period("1403").gregorian()[1] == date(2025, 3, 20)


PERIODS = st.builds(
    lambda year, a, b: Period(year, min(a, b), max(a, b)),
    st.integers(1371, 1420), st.integers(1, 12), st.integers(1, 12),
)  # fmt: skip


@given(PERIODS)
def test_a_period_is_its_months(period):
    months = period.months()
    assert len(months) == period.n_months
    assert all(period.contains(month) for month in months)
    assert parse_period(str(period)) == period
    assert period.year_before.n_months == period.n_months

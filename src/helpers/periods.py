"""The Iranian calendar: months, quarters and cumulative periods of Solar Hijri years.

A period is a run of months within one year, because customs statistics are published as single
months or as "the first n months". Needs no data and no pandas, so the command line can use it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from helpers.schema import UnknownCode

MONTHS_FA = (
    "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور",
    "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
)  # fmt: skip
MONTHS_EN = (
    "Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar",
    "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand",
)  # fmt: skip

FORMS = "1404 (a year), 1404Q2 (a quarter), 1404M07 (a month), 1404M01-07 (the first seven months)"

_CODE = re.compile(
    r"(?P<year>1[34][0-9]{2})(?:Q(?P<quarter>[1-4])|M(?P<first>[0-9]{2})(?:-(?P<last>[0-9]{2}))?)?"
)


@dataclass(frozen=True, order=True)
class Period:
    """The months `month_first` to `month_last` (1 to 12) of one Solar Hijri year."""

    year: int
    month_first: int = 1
    month_last: int = 12

    def __post_init__(self) -> None:
        if not 1 <= self.month_first <= self.month_last <= 12:
            raise UnknownCode(
                f"months {self.month_first} to {self.month_last} of {self.year} are not a period: "
                "months run from 1 to 12, the first not after the last"
            )

    def __str__(self) -> str:
        if (self.month_first, self.month_last) == (1, 12):
            return f"{self.year}"
        if self.n_months == 1:
            return f"{self.year}M{self.month_first:02}"
        if self.n_months == 3 and self.month_first % 3 == 1:
            # The first quarter is also the first three months: one code for one period.
            return f"{self.year}Q{self.month_last // 3}"
        return f"{self.year}M{self.month_first:02}-{self.month_last:02}"

    @property
    def n_months(self) -> int:
        """How many months it has."""
        return self.month_last - self.month_first + 1

    @property
    def year_before(self) -> Period:
        """The same months of the year before: the only fair comparison without adjustment."""
        return Period(self.year - 1, self.month_first, self.month_last)

    def months(self) -> list[Period]:
        """Its single months, in order."""
        return [Period(self.year, m, m) for m in range(self.month_first, self.month_last + 1)]

    def contains(self, other: Period) -> bool:
        """Whether every month of `other` lies in this period."""
        return (
            self.year == other.year
            and self.month_first <= other.month_first
            and other.month_last <= self.month_last
        )

    def gregorian(self) -> tuple[date, date]:
        """Its first and last day in the Gregorian calendar."""
        from persiantools.jdatetime import JalaliDate

        last_day = JalaliDate.days_in_month(self.month_last, self.year)
        return (
            JalaliDate(self.year, self.month_first, 1).to_gregorian(),
            JalaliDate(self.year, self.month_last, last_day).to_gregorian(),
        )


def parse_period(code: str) -> Period:
    """The period that a code names.

    Args:
        code: `1404`, `1404Q2`, `1404M07` or `1404M01-07`.

    Raises:
        UnknownCode: the code has none of these forms; the message shows them.
    """
    match = _CODE.fullmatch(str(code).strip())
    if not match:
        raise UnknownCode(f"{code!r} is not a period; write one as {FORMS}")
    year = int(match["year"])
    if match["quarter"]:
        last = 3 * int(match["quarter"])
        return Period(year, last - 2, last)
    if match["first"]:
        first = int(match["first"])
        return Period(year, first, int(match["last"] or first))
    return Period(year)

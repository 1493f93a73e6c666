"""Charts of the outlook: months and trend, the season, and the fan to the end of the year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from helpers import narrative
from helpers.figures.forms import NATION, NATION_NAME, PROVINCE, Chart, Format, fan, lines
from helpers.narrative import Html
from helpers.schema import Lang

if TYPE_CHECKING:  # The models behind it take a second to import.
    from helpers.outlook import MonthlyOutlook

MONTHS_SHOWN = 36


def months_and_trend(
    monthly: MonthlyOutlook, lang: Lang, *, place: str, source: str
) -> Chart | Html:
    """Exports month by month, and the trend where two years allow one; words without any month."""
    if monthly.months.empty:
        return narrative.nothing_to_show(lang)
    table = _trend_rows(monthly)
    high = monthly.months.loc[monthly.months["value_usd"].idxmax()]
    month = narrative.period_name(str(high["period"]), lang)
    value = narrative.amount(float(high["value_usd"]), "USD", lang)
    names = {
        "fa": {"value_usd": "ماه به ماه", "trend": "روند"},
        "en": {"value_usd": "By month", "trend": "Trend"},
    }[lang]
    words = {
        "fa": (
            f"صادرات ماهانهٔ {place}؛ بیشترین در {month}: {value}",
            f"خط صادرات ماهانهٔ {place} با اوج {value} در {month}، و خط هموار روند آن.",
        ),
        "en": (
            f"Monthly exports of {place}; the most in {month}: {value}",
            f"A line of {place}’s monthly exports with its peak of {value} in {month}, and the smooth line of their trend.",
        ),
    }[lang]
    return fan(
        table, x="period", y="value_usd", bands=(), names=names, show_x=_tick(lang),
        show_y=_millions(table), title=words[0], alt=words[1], source=source,
        unit=_MILLION_USD[lang], lang=lang,
    )  # fmt: skip


def _trend_rows(monthly: MonthlyOutlook) -> pd.DataFrame:
    """The months with their trend beside them, missing where it is not known."""
    if monthly.season is None:
        return monthly.months.assign(trend=float("nan"))
    trend = monthly.season[["period", "trend"]]
    return monthly.months.merge(trend, on="period", how="left", validate="1:1")


def season_factors(
    monthlies: Sequence[MonthlyOutlook], lang: Lang, *, place: str, source: str
) -> Chart | Html:
    """The season of the province beside the nation's, from Farvardin to Esfand.

    Args:
        monthlies: of the province and of the nation; one without a season is left out.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    known = [monthly for monthly in monthlies if monthly.season is not None]
    if not known:
        return narrative.nothing_to_show(lang)
    table = pd.concat([_season_rows(monthly) for monthly in known], ignore_index=True)
    own = known[0]
    low = table[table["scope"] == own.scope].sort_values("season").iloc[0]
    month = narrative.month_name(f"1404M{int(low['month']):02}", lang)
    factor = narrative.share(float(low["season"]), lang, 0)
    names = {
        monthly.scope: NATION_NAME[lang] if monthly.scope == "nation" else place
        for monthly in known
    }
    words = {
        "fa": (
            f"کم‌رونق‌ترین ماه {names[own.scope]}، {month}: {factor} یک ماه معمول",
            f"خط ضریب فصلی دوازده ماه، از فروردین تا اسفند، برای {' و '.join(names.values())}؛ پایین‌ترین {month} با {factor}.",
        ),
        "en": (
            f"The weakest month of {names[own.scope]}, {month}: {factor} of a usual month",
            f"Seasonal factors of twelve months from Farvardin to Esfand for {' and '.join(names.values())}; the lowest is {month} with {factor}.",
        ),
    }[lang]
    return lines(
        table, x="month", y="season", hue="scope", names=names,
        show_x=lambda month: narrative.plain(int(month), lang),
        show_y=lambda value, lang: narrative.share(value, lang, 0),
        colours=[NATION if scope == "nation" else PROVINCE for scope in names],
        title=words[0], alt=words[1], source=source,
        unit={"fa": "نسبت به یک ماه معمول", "en": "Against a usual month"}[lang], lang=lang,
    )  # fmt: skip


def _season_rows(monthly: MonthlyOutlook) -> pd.DataFrame:
    last_year = monthly.season.tail(12)
    month = last_year["period"].str[-2:].astype(int)
    return last_year.assign(month=month, scope=monthly.scope)[
        ["scope", "month", "season"]
    ].sort_values("month", ignore_index=True)


def outlook_fan(monthly: MonthlyOutlook, lang: Lang, *, place: str, source: str) -> Chart | Html:
    """The months known and the months to come, with bands of 80 and 95 per cent.

    Without an outlook, words in its place.
    """
    if monthly.outlook is None:
        return narrative.nothing_to_show(lang)
    table = pd.concat([monthly.months.tail(MONTHS_SHOWN), monthly.outlook.forecast])
    end = monthly.outlook.year_end
    year = narrative.year(end.year_sh, lang)
    low, high, median = (
        narrative.fine_amount(amount, lang) for amount in (end.low_80, end.high_80, end.median)
    )
    names = {
        "fa": ({"value_usd": "اظهارشده", "median": "میانهٔ پیش‌بینی"}, ("بازهٔ ۹۵٪", "بازهٔ ۸۰٪")),
        "en": ({"value_usd": "Declared", "median": "Median forecast"}, ("95% range", "80% range")),
    }[lang]
    words = {
        "fa": (
            f"{place} سال {year} را به احتمال ۸۰ درصد میان {low} و {high} تمام می‌کند",
            f"خط صادرات ماهانهٔ {place} که پس از آخرین ماه به بادبزنی از بازه‌های ۸۰ و ۹۵ درصدی باز می‌شود؛ میانهٔ کل سال {median} است.",
        ),
        "en": (
            f"{place} ends {year} between {low} and {high}, with a probability of 80 per cent",
            f"A line of {place}’s monthly exports that opens after the last month into a fan of 80 and 95 per cent ranges; the median of the whole year is {median}.",
        ),
    }[lang]
    return fan(
        table.reset_index(drop=True), x="period", y="value_usd",
        bands=(("low_95", "high_95", names[1][0]), ("low_80", "high_80", names[1][1])),
        names=names[0], show_x=_tick(lang), show_y=_millions(table), title=words[0], alt=words[1],
        source=source, unit=_MILLION_USD[lang], lang=lang,
    )  # fmt: skip


_MILLION_USD = {"fa": "میلیون دلار", "en": "million USD"}


def _millions(table: pd.DataFrame) -> Format:
    """Millions, with a decimal where the axis holds only a few of them."""
    amounts = table.select_dtypes("number")
    decimals = 0 if amounts.max().max() >= 1e7 else 1
    return lambda value, lang: narrative.plain(value / 1e6, lang, decimals)


def _tick(lang: Lang) -> object:
    """The year under its first month and the number of every third other month."""

    def written(code: object) -> str:
        year, month = str(code).split("M")
        if month == "01":
            return narrative.year(int(year), lang)
        return narrative.plain(int(month), lang) if month in ("04", "07", "10") else ""

    return written

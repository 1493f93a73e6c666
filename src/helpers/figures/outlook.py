"""Charts of the outlook: months and trend, the season, and the fan to the end of the year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from helpers import narrative
from helpers.figures import forms
from helpers.narrative import Html
from helpers.schema import Lang

if TYPE_CHECKING:  # The models behind it take a second to import.
    from helpers.measures.outlook import MonthlyOutlook

MONTHS_SHOWN = 36


def months_and_trend(
    monthly: MonthlyOutlook, lang: Lang, *, place: str, source: str
) -> forms.Chart | Html:
    """Exports month by month, and the trend where two years allow one; words without any month."""
    if monthly.months.empty:
        return narrative.nothing_to_show(lang)
    table = _trend_rows(monthly)
    high = monthly.months.loc[monthly.months["value_usd"].idxmax()]
    change = _trend_change(monthly)
    told = forms.worded(
        "months_and_trend", lang, narrative.direction(change, narrative.STEADY_GROWTH), place=place,
        change=narrative.share(None if change is None else abs(change), lang),
        month=narrative.period_name(str(high["period"]), lang),
        value=forms.money(float(high["value_usd"]), lang),
    )  # fmt: skip
    names = forms.terms("months_and_trend", lang, "value_usd", "trend")
    return forms.fan(
        table, x="period", y="value_usd", bands=(), names=names, show_x=_tick(lang),
        show_y=_millions(table), source=source, unit=forms.MILLION_USD[lang], **told,
    )  # fmt: skip


def _trend_change(monthly: MonthlyOutlook) -> float | None:
    """Where the trend stands against twelve months before; None where it is not known."""
    if monthly.season is None:
        return None
    trend = monthly.season["trend"]
    return float(trend.iloc[-1] / trend.iloc[-13] - 1)


def _trend_rows(monthly: MonthlyOutlook) -> pd.DataFrame:
    """The months with their trend beside them, missing where it is not known."""
    if monthly.season is None:
        return monthly.months.assign(trend=float("nan"))
    trend = monthly.season[["period", "trend"]]
    return monthly.months.merge(trend, on="period", how="left", validate="1:1")


def season_factors(
    monthlies: Sequence[MonthlyOutlook], lang: Lang, *, place: str, source: str
) -> forms.Chart | Html:
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
    names = {
        monthly.scope: forms.NATION_NAME[lang] if monthly.scope == "nation" else place
        for monthly in known
    }
    told = forms.worded(
        "season_factors", lang, own=names[own.scope],
        names=forms.term("and", lang).join(names.values()), month=month,
        factor=narrative.share(float(low["season"]), lang, 0),
    )  # fmt: skip
    return forms.lines(
        table, x="month", y="season", hue="scope", names=names,
        show_x=lambda month: narrative.plain(int(month), lang),
        show_y=lambda value, lang: narrative.share(value, lang, 0),
        colours=[forms.NATION if scope == "nation" else forms.PROVINCE for scope in names],
        source=source, unit=forms.term("unit", lang, "season_factors"), **told,
    )  # fmt: skip


def _season_rows(monthly: MonthlyOutlook) -> pd.DataFrame:
    last_year = monthly.season.tail(12)
    month = last_year["period"].str[-2:].astype(int)
    return last_year.assign(month=month, scope=monthly.scope)[
        ["scope", "month", "season"]
    ].sort_values("month", ignore_index=True)


def outlook_fan(
    monthly: MonthlyOutlook, lang: Lang, *, place: str, source: str
) -> forms.Chart | Html:
    """The months known and the months to come, with bands of 80 and 95 per cent.

    Without an outlook, words in its place.
    """
    if monthly.outlook is None:
        return narrative.nothing_to_show(lang)
    table = pd.concat([monthly.months.tail(MONTHS_SHOWN), monthly.outlook.forecast])
    end = monthly.outlook.year_end
    low, high, median = (
        narrative.fine_amount(amount, lang) for amount in (end.low_80, end.high_80, end.median)
    )
    told = forms.worded(
        "outlook_fan", lang, place=place, year=narrative.year(end.year_sh, lang), low=low,
        high=high, median=median,
    )  # fmt: skip
    names = forms.terms("outlook_fan", lang, "value_usd", "median")
    bands = [
        (f"low_{p}", f"high_{p}", forms.term(f"range_{p}", lang, "outlook_fan")) for p in (95, 80)
    ]
    return forms.fan(
        table.reset_index(drop=True), x="period", y="value_usd", bands=bands, names=names,
        show_x=_tick(lang), show_y=_millions(table), source=source,
        unit=forms.MILLION_USD[lang], **told,
    )  # fmt: skip


def _millions(table: pd.DataFrame) -> forms.Format:
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

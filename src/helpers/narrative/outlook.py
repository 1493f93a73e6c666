"""Sentences of the outlook: season, trend, where the year may end, and how well that was tried."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from helpers.narrative.words import (
    STEADY_GROWTH,
    Html,
    amount,
    direction,
    doubt,
    fill,
    number,
    period_name,
    plain,
    say,
    share,
    size,
    words_of,
    year,
)
from helpers.periods import MONTHS_EN, MONTHS_FA, parse_period
from helpers.schema import Lang, Number

if TYPE_CHECKING:  # The models behind it take a second to import.
    from helpers.measures.outlook import MonthlyOutlook, YearEnd

_WORDS = words_of("outlook")

NARROW = 0.70
"""Coverage of the 80 % interval from which the intervals are called too narrow."""

_LIKELIHOODS = {
    "very_likely": 0.90, "likely": 0.66, "as_likely": 0.33, "unlikely": 0.10, "very_unlikely": 0.0,
}  # fmt: skip
"""From which probability on a word is used: the scale of the IPCC's guidance note on uncertainty
(Mastrandrea and others, 2010)."""

MODEL_NAMES = _WORDS["model_names"]
FLOOR = "seasonal_naive"
"""The model that another has to beat: last year's month again."""


def outlook_obstacle(monthly: MonthlyOutlook, lang: Lang, *, place: str) -> Html:
    """Why there is no outlook, and what to do; nothing where there is one."""
    obstacle = monthly.obstacle
    if obstacle is None:
        return Html("")
    first = obstacle.unusable[0] if obstacle.unusable else monthly.until
    months = Number("n_months", float(obstacle.n_months), "n", monthly.scope, monthly.until)
    told = fill(
        lang, _WORDS["obstacle"][obstacle.reason], place=place, until=_end_of(monthly, lang),
        first=period_name(first, lang), n=months,
        needed=replace(months, value=float(obstacle.n_needed)),
        unusable=replace(months, value=float(len(obstacle.unusable))),
    )  # fmt: skip
    return doubt(told)


def _end_of(monthly: MonthlyOutlook, lang: Lang) -> str:
    """The last month that was looked at, in words."""
    return period_name(parse_period(monthly.until).months()[-1], lang)


def month_trend(monthly: MonthlyOutlook, lang: Lang, *, place: str, source: str = "") -> Html:
    """Where the trend stands against twelve months before."""
    last = _end_of(monthly, lang)
    if monthly.season is None:
        return say(lang, _WORDS["trend"]["missing"], place=place, last=last)
    trend = monthly.season["trend"]
    moved = float(trend.iloc[-1] / trend.iloc[-13] - 1)
    now = Number("trend_value_usd", float(trend.iloc[-1]), "USD", monthly.scope,
                 str(monthly.season["period"].iloc[-1]), source)  # fmt: skip
    return say(
        lang, _WORDS["trend"][direction(moved, STEADY_GROWTH)], place=place, last=last, now=now,
        change=size(replace(now, name="trend_value_usd_growth", value=moved, unit="1"), lang),
    )  # fmt: skip


def season_months(monthly: MonthlyOutlook, lang: Lang, *, place: str, source: str = "") -> Html:
    """Which month is strong and which is weak, against a month without a season."""
    if monthly.season is None:
        return say(lang, _WORDS["season"]["missing"], place=place)
    year_of_factors = monthly.season.tail(12)
    ends = {
        "high": year_of_factors.loc[year_of_factors["season"].idxmax()],
        "low": year_of_factors.loc[year_of_factors["season"].idxmin()],
    }
    months = {name: month_name(str(row["period"]), lang) for name, row in ends.items()}
    factors = {
        f"{name}_factor": Number(
            "season_factor", float(row["season"]), "1", monthly.scope, source=source
        )
        for name, row in ends.items()
    }
    return say(lang, _WORDS["season"]["known"], place=place, **months, **factors)


def month_name(code: str, lang: Lang) -> str:
    """The month of a period code without its year: `1404M07` -> `Mehr`."""
    return (MONTHS_FA if lang == "fa" else MONTHS_EN)[parse_period(code).month_first - 1]


def year_end(monthly: MonthlyOutlook, lang: Lang, *, place: str, source: str = "") -> Html:
    """Where the year may end and how probably above the last; why not, where that is unknown.

    Of a year that is complete, where it ended; what follows is then of the next.
    """
    complete = _complete_year(monthly, lang, place, source)
    if monthly.outlook is None:
        return Html(complete + outlook_obstacle(monthly, lang, place=place))
    end = monthly.outlook.year_end
    known = Number("value_usd", end.known, "USD", monthly.scope, _months_code(end), source)
    bound = replace(known, name="year_end_value_usd", period=str(end.year_sh))
    said = say(
        lang, _WORDS["year_end"]["running" if end.months_known else "next"], place=place,
        n=plain(end.months_known, lang), known=_finely(known, lang), year=year(end.year_sh, lang),
        low=_finely(replace(bound, value=end.low_80), lang),
        high=_finely(replace(bound, value=end.high_80), lang),
        median=_finely(replace(bound, value=end.median), lang),
        last=_finely(replace(known, value=end.last_year, period=str(end.year_sh - 1)), lang),
        likelihood=_likelihood(end.probability_above_last)[lang],
        probability=_probability_clause(end, bound, lang),
    )  # fmt: skip
    return Html(complete + said)


def _complete_year(monthly: MonthlyOutlook, lang: Lang, place: str, source: str) -> Html:
    """What the year came to and its growth; nothing where its twelve months are not all there."""
    now, before = monthly.months.tail(12), monthly.months.iloc[-24:-12]
    if len(now) < 12 or now["value_usd"].isna().any() or now["period"].iloc[-1][-2:] != "12":
        return Html("")
    year_sh = int(now["period"].iloc[-1][:4])
    value = Number(
        "value_usd", float(now["value_usd"].sum()), "USD", monthly.scope, str(year_sh), source
    )
    moved = value.value / (before["value_usd"].sum(min_count=12) or float("nan")) - 1
    growth = replace(value, name="growth_share", value=moved, unit="1")
    return say(
        lang, _WORDS["complete"][direction(moved, STEADY_GROWTH)], place=place, value=value,
        year=year(year_sh, lang), change=size(growth, lang), growth=growth,
    )  # fmt: skip


def fine_amount(value: float, lang: Lang) -> str:
    """Dollars with two decimals of a billion: the ends of a range must not round to one number."""
    if abs(value) < 1e9:
        return amount(value, "USD", lang)
    billion = {"fa": "میلیارد دلار", "en": "billion USD"}[lang]
    return f"{plain(value / 1e9, lang, 2)} {billion}"


def _finely(figure: Number, lang: Lang) -> Html:
    return number(figure, lang, fine_amount(float(figure.value or 0), lang))


def _months_code(end: object) -> str:
    return f"{end.year_sh}M01-{max(end.months_known, 1):02}"


def _probability_clause(end: YearEnd, of: Number, lang: Lang) -> Html:
    """The probability as a number; nothing where the trials allow only a word."""
    if not end.is_sure:
        return Html("")
    shown = _probability(end.probability_above_last, of, lang)
    return fill(lang, _WORDS["probability_clause"], probability=shown)


def _likelihood(probability: float) -> dict[str, str]:
    name = next(name for name, least in _LIKELIHOODS.items() if probability >= least)
    return _WORDS["likelihoods"][name]


def _probability(value: float, of: Number, lang: Lang) -> Html:
    """A probability in whole per cent; a simulation knows no certainty, so 0 and 100 are bounds."""
    shown = share(value, lang, 0)
    if value > 0.99:
        shown = _WORDS["bounds"]["over"][lang].format(bound=share(0.99, lang, 0))
    if value < 0.01:
        shown = _WORDS["bounds"]["under"][lang].format(bound=share(0.01, lang, 0))
    return number(replace(of, name="probability_above_last", value=value, unit="1"), lang, shown)


def year_end_wide(monthly: MonthlyOutlook, lang: Lang, *, source: str = "") -> Html:
    """The wide interval, and what no model knows; nothing without an outlook."""
    if monthly.outlook is None:
        return Html("")
    end = monthly.outlook.year_end
    low = Number("year_end_value_usd", end.low_95, "USD", monthly.scope, str(end.year_sh), source)
    high = replace(low, value=end.high_95)
    return doubt(fill(lang, _WORDS["wide"], low=_finely(low, lang), high=_finely(high, lang)))


def plain_year_end(monthly: MonthlyOutlook, lang: Lang, *, place: str, source: str = "") -> Html:
    """What the months to come must bring to equal last year, by sums alone."""
    carried = monthly.carried
    if carried is None:
        case = "complete" if parse_period(monthly.until).month_last == 12 else "missing"
        return say(lang, _WORDS["plain"][case], place=place)
    gap = carried.to_equal / carried.rest_of_last_year - 1
    case = "reached" if carried.to_equal <= 0 else "more" if gap > 0 else "less"
    last = Number("value_usd", carried.last_year, "USD", monthly.scope,
                  str(carried.year_sh - 1), source)  # fmt: skip
    end = replace(last, name="year_end_value_usd", period=str(carried.year_sh))
    return say(
        lang, _WORDS["plain"][case], place=place, last=_finely(last, lang),
        n=plain(12 - carried.months_known, lang),
        needed=_finely(replace(end, name="value_to_equal_usd", value=carried.to_equal), lang),
        rest=_finely(replace(last, value=carried.rest_of_last_year), lang),
        gap=size(replace(last, name="value_to_equal_usd_growth", value=gap, unit="1"), lang),
        repeated=_finely(replace(end, value=carried.repeated), lang),
        grown=_finely(replace(end, value=carried.grown), lang),
    )  # fmt: skip


def method_tried(monthly: MonthlyOutlook, lang: Lang, *, source: str = "") -> Html:
    """Which method was chosen, by what error, and whether its intervals can be trusted."""
    if monthly.outlook is None:
        return Html("")
    best, end = monthly.outlook.scores.iloc[0], monthly.outlook.year_end
    columns = {
        "to_floor": ("error_to_last_year", float(best["error_to_floor"]), "1"),
        "c80": ("coverage_80_share", end.coverage_80_share, "1"),
        "n": ("n_forecasts", float(end.n_trials), "n"),
    }
    numbers = {
        key: Number(name, value, unit, monthly.scope, monthly.until, source)
        for key, (name, value, unit) in columns.items()
    }
    case = "narrow" if end.coverage_80_share < NARROW else "fair" if end.is_sure else "few"
    names = {"model": MODEL_NAMES[best["model"]][lang], "floor": MODEL_NAMES[FLOOR][lang]}
    rank = "floor" if best["model"] == FLOOR else "better"
    return Html(
        say(lang, _WORDS["tried"][rank], **numbers, **names)
        + doubt(fill(lang, _WORDS["tried_doubt"][case], **numbers))
    )

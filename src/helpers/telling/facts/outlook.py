"""Facts on the outlook: the year's run rate, where it may end, its season and trend."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.measures.values import months_spanned
from helpers.periods import parse_period
from helpers.schema import Number
from helpers.telling.numbers import threshold
from helpers.telling.page import Fact, Name, Page, growth_fact, text

if TYPE_CHECKING:  # Its libraries take a second to import.
    from helpers.measures.outlook import CarriedYearEnd, MonthlyOutlook, Outlook, RunRate

LIKELIHOODS = ("very_likely", "likely", "as_likely", "unlikely", "very_unlikely")
"""Words for a probability, from which on is in `reference/thresholds.csv`: the scale of the IPCC's
guidance note on uncertainty (Mastrandrea and others, 2010)."""


def _year(code: int) -> Name:
    return Name("period", [str(code)])


def run_rate_fact(
    carried: CarriedYearEnd | None, rate: RunRate | None, page: Page, scope: str = ""
) -> Fact:
    """The year so far, the amount missing to the last year, and the end at this pace.

    Args:
        carried: by last year's same months, where they are known; it goes first.
        rate: `outlook.run_rate`, by month's average.
        page: whose exports, and the source.
        scope: a province or `nation`, if not the page's province.

    Returns:
        Case `complete` (the year is over), `season_reached`, `season_less` or `season_more` (what
        the months to come must bring against last year's), `average_reached`, `average_below` or
        `average_above` (what each month must bring against this year's average), or `missing`.
    """
    scope = scope or page.province
    if rate and rate.n_months == 12:
        at = {"scope": scope, "period": rate.year_sh}
        moved = growth_fact(page, "value_usd", rate.value_usd, rate.last_year_usd, **at)
        parts = {"who": Name("province", [scope]), "year": _year(rate.year_sh)}
        parts |= {"value": moved.parts["now"], "growth": moved}
        return Fact("outlook.run_rate", "complete", parts)
    if carried:
        return _by_season(carried, page, scope)
    if rate is None:
        return Fact("outlook.run_rate", "missing")
    known, usd, n = *_known(rate.year_sh, rate.n_months, page, scope), rate.n_months
    average, to_equal = rate.value_usd / n, rate.last_year_usd - rate.value_usd
    needed, before = to_equal / (12 - n), rate.year_sh - 1
    parts = {
        **known,
        "known": usd("value_usd", rate.value_usd, known["months"].codes[0]),
        "last": usd("value_usd", rate.last_year_usd, before),
        "average": usd("value_usd_per_month", average, known["months"].codes[0]),
        "average_before": usd("value_usd_per_month", rate.last_year_usd / 12, before),
        "to_equal": usd("value_to_equal_usd", to_equal),
        "needed": usd("value_to_equal_usd_per_month", needed),
        "value": usd("year_end_value_usd", 12 * average),
    }
    case = "reached" if to_equal <= 0 else "above" if needed > average else "below"
    return Fact("outlook.run_rate", f"average_{case}", parts)


def _by_season(carried: CarriedYearEnd, page: Page, scope: str) -> Fact:
    known, usd = _known(carried.year_sh, carried.months_known, page, scope)
    gap, before = carried.to_equal / carried.rest_of_last_year - 1, carried.year_sh - 1
    growth = {"scope": scope, "period": carried.year_sh}
    parts = {
        **known,
        "known": usd("value_usd", carried.known, known["months"].codes[0]),
        "last": usd("value_usd", carried.last_year, before),
        "to_equal": usd("value_to_equal_usd", carried.to_equal),
        "rest": usd("value_usd", carried.rest_of_last_year, before),
        "gap": page.number("value_to_equal_usd_growth", gap, **growth),
        "repeated": usd("year_end_value_usd", carried.repeated),
        "value": usd("year_end_value_usd", carried.grown),
    }
    case = "reached" if carried.to_equal <= 0 else "more" if gap > 0 else "less"
    return Fact("outlook.run_rate", f"season_{case}", parts)


def _known(
    year: int, n_months: int, page: Page, scope: str
) -> tuple[dict[str, Any], Callable[..., Number]]:
    """Whose year it is and how much of it is known, and how its dollars become numbers."""

    def usd(name: str, value: float, period: int | str = year) -> Number:
        return page.number(name, value, scope=scope, period=period)

    known = {
        "who": Name("province", [scope]),
        "year": _year(year),
        "months": Name("period", [f"{year}M01-{n_months:02}"]),
        "left": page.number("n_months", 12 - n_months, scope=scope),
    }
    return known, usd


def monthly_averages(totals: pd.DataFrame, fact: Fact) -> pd.DataFrame:
    """The month's average of every year, and what each month left must bring to equal last year.

    Args:
        totals: of the province by `values.MONTHS`; years with a gap in their months are as given.
        fact: `run_rate_fact`; only where it goes by averages is anything needed.

    Returns:
        `[period, value_usd_per_month, is_own]`: years by their code, the part of a year by its
        months, and `needed`.
    """
    rows = []
    if fact.case.startswith("season"):
        totals = totals.head(0)  # the months tell more than averages do
    for year, of_year in totals.groupby("year_sh"):
        n = len(months_spanned(of_year))
        code = str(year) if n == 12 else f"{year}M01-{n:02}"
        is_own = fact.case == "complete" and [code] == fact.parts["year"].codes
        rows.append((code, of_year["value_usd"].sum() / n, is_own))
    if "needed" in fact.parts and fact.parts["needed"].value > 0:
        rows.append(("needed", fact.parts["needed"].value, True))
    return pd.DataFrame(rows, columns=["period", "value_usd_per_month", "is_own"])


def months_at_hand_fact(monthly: MonthlyOutlook, pace: Fact, page: Page) -> Fact:
    """Why single months give no outlook for a year that runs (`run_rate_fact`).

    Returns:
        Case `cumulative`, `gap`, `short`, or `missing` where they do.
    """
    obstacle = monthly.obstacle
    is_over = pace.case in ("complete", "missing")
    if obstacle is None or is_over or obstacle.reason == "no_trade":
        return Fact("outlook.months_at_hand", "missing")
    parts = {
        "who": Name("province", [monthly.scope]),
        "n": page.number("n_months", obstacle.n_months, scope=monthly.scope),
        "needed": page.number("n_months", obstacle.n_needed, scope=monthly.scope),
        "empty": page.number("n_months", len(obstacle.unusable), scope=monthly.scope),
        "first": Name("period", obstacle.unusable[:1]),
    }
    return Fact("outlook.months_at_hand", obstacle.reason, parts)


def year_end_fact(outlook: Outlook | None, page: Page, scope: str = "") -> Fact:
    """Where the year may end, and how likely above the last.

    Args:
        outlook: of the months; None where they are too few.
        page: whose exports.
        scope: a province or `nation`, if not the page's province.

    Returns:
        Case `running`, `next` (the months known end with a year) or `missing`. Its part `chance`
        holds a number only where the trials allow one.
    """
    if outlook is None:
        return Fact("outlook.year_end", "missing")
    scope, end = scope or page.province, outlook.year_end
    whole, usd = _known(end.year_sh, end.months_known, page, scope)
    chance = end.probability_above_last
    limits = [threshold(name) for name in LIKELIHOODS]
    likelihood = next(n for n, least in zip(LIKELIHOODS, limits, strict=True) if chance >= least)
    known = "over" if chance > 0.99 else "under" if chance < 0.01 else "known"
    bound = {"over": 0.99, "under": 0.01}.get(known, chance)
    p = page.number("probability_above_last", bound, scope=scope, period=end.year_sh)
    ends = {"value": end.median, "low": end.low_80, "high": end.high_80}
    ends |= {"low_95": end.low_95, "high_95": end.high_95}
    parts = {
        "who": whole["who"],
        "year": whole["year"],
        **{part: usd("year_end_value_usd", value) for part, value in ends.items()},
        "last": usd("value_usd", end.last_year, end.year_sh - 1),
        "likelihood": Fact("outlook.likelihood", likelihood),
        "chance": Fact("outlook.chance", known if end.is_sure else "unsure", {"p": p}),
    }
    return Fact("outlook.year_end", "running" if end.months_known else "next", parts)


def year_path(outlook: Outlook | None) -> pd.DataFrame:
    """The months of the year added up, beside last year's (`Outlook.path`)."""
    return pd.DataFrame() if outlook is None else outlook.path


def published_pace_fact(pace: Fact) -> Fact:
    """A run rate from published figures, which have the same months of both years."""
    return Fact("outlook.published", "missing" if pace.is_missing else "known", {"pace": pace})


def until(figures: pd.DataFrame, page: Page) -> pd.DataFrame:
    """The published totals by place of clearance of the page's year, up to its end, and the last.

    Args:
        figures: `published.published_totals` of one scope.
        page: its period; of a year that is over nothing is asked.
    """
    rows = figures[figures["attribution"] == "clearance"]
    year, last = page.period.year, page.period.month_last
    now = (rows["year_sh"] == year) & (rows["month_last_sh"] <= last) & (last < 12)
    return rows[now | (rows["year_sh"] == year - 1)]


def range_coverage_fact(outlook: Outlook | None, page: Page) -> Fact:
    """How many of the year ends tried the range held: `fair`, `narrow`, `wide`, `few`, `missing`.

    `few` is fewer independent trials than `few_trials`; an 80 per cent range is `fair` within ten
    points of it.
    """
    if outlook is None:
        return Fact("outlook.coverage", "missing")
    end = outlook.year_end
    parts = {
        "held": page.number("coverage_80_share", end.coverage_80_share),
        "n": page.number("n_trials", end.n_trials),
        "independent": page.number("n_independent", round(end.n_independent)),
    }
    off = end.coverage_80_share - 0.8
    wide = "wide" if off > 0.1 else "narrow" if off < -0.1 else "fair"
    few = end.n_independent < threshold("few_trials")
    return Fact("outlook.coverage", "few" if few else wide, parts)


def method_fact(outlook: Outlook | None, page: Page) -> tuple[Fact, pd.DataFrame]:
    """Which method carries the months to come, and by what error in past year ends.

    Returns:
        The fact (`floor`: last year's months; `better`: another clearly beat them; `missing`), and
        `Outlook.scores` with the methods' names.
    """
    if outlook is None:
        return Fact("outlook.method", "missing"), pd.DataFrame()
    first = outlook.scores.iloc[0]
    names = [Fact("outlook.model", model) for model in outlook.scores["model"]]
    parts = {
        "model": names[0],
        "n": page.number("n_trials", first["n_trials"]),
        "error": page.number("error_share", first["error_share"]),
        "to_floor": page.number("error_to_last_year", first["error_to_floor"]),
    }
    case = "floor" if outlook.model == "seasonal_naive" else "better"
    words = [text(name, "sentence", page) for name in names]
    return Fact("outlook.method", case, parts), outlook.scores.assign(model=words)


def trend_fact(monthly: MonthlyOutlook, page: Page) -> tuple[Fact, pd.DataFrame]:
    """Where the trend stands against twelve months before.

    Returns:
        The fact (`known`, `missing` without two years of months), and months and trend as lines:
        `period`, `line` (`months`, `province` for the trend, which bears its colour), `value_usd`.
    """
    if monthly.season is None:
        return Fact("outlook.trend", "missing"), pd.DataFrame()
    values = monthly.season["trend"]
    code = str(monthly.season["period"].iloc[-1])
    at = {"scope": monthly.scope, "period": code}
    moved = growth_fact(page, "trend_value_usd", values.iloc[-1], values.iloc[-13], **at)
    parts = {
        "who": Name("province", [monthly.scope]),
        "last": Name("period", [code]),
        "now": moved.parts["now"],
        "growth": moved,
    }
    lines = monthly.season.rename(columns={"value": "months", "trend": "province"})
    rows = lines.melt("period", ["months", "province"], var_name="line", value_name="value_usd")
    return Fact("outlook.trend", "known", parts), rows


def season_fact(
    monthly: MonthlyOutlook, nation: MonthlyOutlook, page: Page
) -> tuple[Fact, pd.DataFrame]:
    """Which months are strong and which weak, against a month without a season.

    Returns:
        The fact (`known`, `missing` without two years of months), and a row a month: `month`,
        `province` and `nation`, the shares above or below a usual month.
    """
    if monthly.season is None:
        return Fact("outlook.season", "missing"), pd.DataFrame()
    sides = {"province": monthly.season, "nation": nation.season}
    rows = pd.DataFrame({"month": range(1, 13)})
    for name, season_of in sides.items():
        of_year = season_of.tail(12) if season_of is not None else monthly.season.head(0)
        months = [parse_period(str(code)).month_first for code in of_year["period"]]
        factors = pd.Series(of_year["season"].to_numpy() - 1, index=months, dtype="float64")
        rows[name] = rows["month"].map(factors)
    high, low = rows.loc[rows["province"].idxmax()], rows.loc[rows["province"].idxmin()]
    parts = {"who": Name("province", [monthly.scope])}
    for side, row in (("high", high), ("low", low)):
        parts[side] = Name("month", [int(row["month"])])
        parts[f"{side}_by"] = page.number("season_share", row["province"], scope=monthly.scope)
    return Fact("outlook.season", "known", parts), rows

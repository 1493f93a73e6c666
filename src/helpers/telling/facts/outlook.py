"""Facts on the outlook: the year's run rate, where it may end, its season and trend."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.measures.values import months_spanned
from helpers.periods import parse_period
from helpers.telling.facts.common import until
from helpers.telling.numbers import threshold
from helpers.telling.page import Fact, Name, Page, growth_fact, text

if TYPE_CHECKING:  # Its libraries take a second to import.
    from helpers.measures.outlook import MonthlyOutlook, Outlook, RunRate

LIKELIHOODS = ("very_likely", "likely", "as_likely", "unlikely", "very_unlikely")
"""Words for a probability, from which on is in `reference/thresholds.csv`: the scale of the IPCC's
guidance note on uncertainty (Mastrandrea and others, 2010)."""


def run_rate_fact(rate: RunRate | None, page: Page, scope: str = "") -> Fact:
    """The year so far, the amount missing to the last year, and the end at this pace.

    Args:
        rate: by last year's same months where they are known, else by month's average.
        page: whose exports, and the source.
        scope: a province or `nation`, if not the page's province.

    Returns:
        Case `complete` (the year is over), `season_reached`, `season_less` or `season_more` (what
        the months to come must bring against last year's), `average_reached`, `average_below` or
        `average_above` (what each month must bring against this year's average), or `missing`.
    """
    if rate is None:
        return Fact("outlook.run_rate", "missing")
    scope = scope or page.province
    year, n, value, last, rest = astuple(rate)
    own = _of(scope, year, value_to_equal_usd=last - value, year_end_value_usd=rate.year_end_usd)
    if n == 12:
        moved = growth_fact(page, "value_usd", value, last, scope=scope, period=year)
        return page.fact("outlook.run_rate", "complete", year=own, growth=moved)
    parts: dict[str, Any] = {
        "known": _of(scope, f"{year}M01-{n:02}", value_usd=value, value_usd_per_month=value / n),
        "left": {"scope": scope, "n_months": 12 - n},
        "last": _of(scope, year - 1, value_usd=last, value_usd_per_month=last / 12),
    }
    if rest is None:
        needed, usual, above, below = (last - value) / (12 - n), value / n, "above", "below"
        own["value_to_equal_usd_per_month"] = needed
    else:
        needed, usual, above, below = last - value, rest, "more", "less"
        own["value_to_equal_usd_growth"] = needed / rest - 1
        parts["rest"] = _of(scope, year - 1, value_usd=rest)
        parts["repeated"] = _of(scope, year, year_end_value_usd=value + rest)
    case = "reached" if needed <= 0 else above if needed > usual else below
    by = "average" if rest is None else "season"
    return page.fact("outlook.run_rate", f"{by}_{case}", year=own, **parts)


def _of(scope: str, period: int | str, **amounts: float) -> dict[str, Any]:
    """Amounts of a scope and a period, as a row of a fact."""
    return {"scope": scope, "period": str(period), **amounts}


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
        is_own = fact.case == "complete" and [code] == fact["year.period"].codes
        rows.append((code, of_year["value_usd"].sum() / n, is_own))
    if fact.case in ("average_above", "average_below"):
        rows.append(("needed", fact["year.value_to_equal_usd_per_month"].value, True))
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
    known, needed, empty = (
        {"scope": monthly.scope, "n_months": n}
        for n in (obstacle.n_months, obstacle.n_needed, len(obstacle.unusable))
    )
    first = Name("period", obstacle.unusable[:1])
    return page.fact("outlook.months_at_hand", obstacle.reason,
                     known=known, needed=needed, empty=empty, first=first)  # fmt: skip


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
    end = outlook.year_end
    scope = scope or page.province
    chance = end.probability_above_last
    limits = [threshold(name) for name in LIKELIHOODS]
    likelihood = next(n for n, least in zip(LIKELIHOODS, limits, strict=True) if chance >= least)
    known = "over" if chance > 0.99 else "under" if chance < 0.01 else "known"
    bound = {"over": 0.99, "under": 0.01}.get(known, chance)
    ends = {"median": end.median, "low": end.low_80, "high": end.high_80}
    ends |= {"low_95": end.low_95, "high_95": end.high_95}
    return page.fact(
        "outlook.year_end", "running" if end.months_known else "next",
        **{part: _of(scope, end.year_sh, year_end_value_usd=value) for part, value in ends.items()},
        last=_of(scope, end.year_sh - 1, value_usd=end.last_year),
        likelihood=Fact("outlook.likelihood", likelihood),
        chance=page.fact("outlook.chance", known if end.is_sure else "unsure",
                         p=_of(scope, end.year_sh, probability_above_last=bound)),
    )  # fmt: skip


def published_pace_fact(pace: Fact) -> Fact:
    """A run rate from published figures, which have the same months of both years."""
    return Fact("outlook.published", "missing" if pace.is_missing else "known", {"pace": pace})


def of_two_years(figures: pd.DataFrame, page: Page) -> pd.DataFrame:
    """The published totals by place of clearance of the page's year, up to its end, and the last.

    Args:
        figures: `published.published_totals` of one scope.
        page: its period; of a year that is over nothing is asked.
    """
    rows = until(figures[figures["attribution"] == "clearance"], page)
    year, is_over = page.period.year, page.period.month_last == 12
    return rows[rows["year_sh"].isin([year - 1] if is_over else [year - 1, year])]


def range_coverage_fact(outlook: Outlook | None, page: Page) -> Fact:
    """How many of the year ends tried the range held: `fair`, `narrow`, `wide`, `few`, `missing`.

    `few` is fewer independent trials than `few_trials`; an 80 per cent range is `fair` within ten
    points of it.
    """
    if outlook is None:
        return Fact("outlook.coverage", "missing")
    end = outlook.year_end
    off = end.coverage_80_share - 0.8
    wide = "wide" if off > 0.1 else "narrow" if off < -0.1 else "fair"
    few = end.n_independent < threshold("few_trials")
    return page.fact(
        "outlook.coverage", "few" if few else wide, coverage_80_share=end.coverage_80_share,
        n_trials=end.n_trials, n_independent=round(end.n_independent),
    )  # fmt: skip


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
    words = [text(name, "sentence", page) for name in names]
    return page.fact(
        "outlook.method", "floor" if outlook.model == "seasonal_naive" else "better",
        model=names[0], first=first, error_to_last_year=first["error_to_floor"],
    ), outlook.scores.assign(model=words)  # fmt: skip


def trend_fact(monthly: MonthlyOutlook, page: Page) -> tuple[Fact, pd.DataFrame]:
    """Where the trend stands against twelve months before.

    Returns:
        The fact (`known`, `missing` without two years of months), and months and trend as lines:
        `period`, `line` (`months`, `province` for the trend, which bears its colour), `value_usd`.
    """
    if monthly.season is None:
        return Fact("outlook.trend", "missing"), pd.DataFrame()
    values = monthly.season["trend"]
    last = _of(monthly.scope, monthly.season["period"].iloc[-1])
    moved = growth_fact(page, "trend_value_usd", values.iloc[-1], values.iloc[-13], **last)
    lines = monthly.season.rename(columns={"value": "months", "trend": "province"})
    rows = lines.melt("period", ["months", "province"], var_name="line", value_name="value_usd")
    return page.fact("outlook.trend", "known", last=last, growth=moved), rows


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
    high, low = (
        {"scope": monthly.scope, "month": rows["month"][at], "season_share": rows["province"][at]}
        for at in (rows["province"].idxmax(), rows["province"].idxmin())
    )
    return page.fact("outlook.season", "known", high=high, low=low), rows

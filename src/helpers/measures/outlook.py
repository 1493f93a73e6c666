"""Season, trend and year-end range of a monthly series; the range was tried out on past year ends.

Three ways of carrying the months to come compete on the past: last year's same months as they
were, and the same grown at the pace of the last three or twelve months. The first is taken unless
another clearly beats it. What is tried is the sum that a reader asks for, the rest of the year,
and the range is as wide as the errors of these trials were. Months are those of the Iranian
calendar, so Nowruz stays in Farvardin; Ramadan moves, and no season can hold it. Where a province
has no single months, `run_rate` compares by averages of months.

Sources: numbers in brackets refer to the formulas of `docs/measures.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student
from statsmodels.tsa.seasonal import STL

from helpers.classification import threshold
from helpers.measures.values import months_spanned
from helpers.periods import Period, parse_period
from helpers.schema import NotEnoughData

MONTHS_FOR_SEASON = 24
"""Two full years: the least from which a season can be told from a trend."""
MONTHS_FOR_OUTLOOK = MONTHS_FOR_SEASON + 6
"""Two years and half a year more to try year ends on; less says nothing."""
LEVELS = (80, 95)

PACES = {"seasonal_naive": 0, "pace_quarter": 3, "pace_year": 12}
"""Each method with the months whose growth on the year before is carried on; none is the floor."""


@dataclass(frozen=True)
class YearEnd:
    """Where the year may end (in the unit of the series), as plain numbers for a sentence.

    `coverage_80_share` is the part of the `n_trials` year ends tried that a range of this width
    held; `n_independent` is how many of these overlapping trials are independent. `is_sure`:
    whether `probability_above_last` may be printed as a number.
    """

    year_sh: int
    months_known: int
    known: float
    median: float
    low_80: float
    high_80: float
    low_95: float
    high_95: float
    last_year: float
    probability_above_last: float
    coverage_80_share: float
    n_trials: int
    n_independent: float
    is_sure: bool


@dataclass(frozen=True)
class Outlook:
    """The way to the end of the year, how its rivals did, and the year-end range.

    `path` is `[month, value_usd, last_year_usd, median, low_80, high_80, low_95, high_95]`, one
    row a month of the year, each the sum from the first month on: `value_usd` of the months known,
    the median and the ranges of those to come; its last row is the year's end. `scores` is
    `[model, error_share, error_to_floor, n_trials]`, the chosen method first; `model` is its name.
    """

    model: str
    path: pd.DataFrame
    scores: pd.DataFrame
    year_end: YearEnd


# The series


def monthly_series(totals: pd.DataFrame) -> pd.Series:
    """Value by code of the month (`1404M07`), from the first month to the last.

    Args:
        totals: with `year_sh`, `month_first_sh`, `month_last_sh`; rows of several months
            (cumulative periods) are left out, as they cannot be divided.

    Returns:
        A month without a row is missing; empty without single months.
    """
    months = totals[totals["month_first_sh"] == totals["month_last_sh"]]
    sums = months.groupby(["year_sh", "month_first_sh"])["value_usd"].sum(min_count=1)
    sums.index = [int(year) * 12 + int(month) - 1 for year, month in sums.index]
    every = range(sums.index[0], sums.index[-1] + 1) if len(sums) else ()
    codes = [str(Period(k // 12, k % 12 + 1, k % 12 + 1)) for k in every]
    return pd.Series(sums.reindex(every).to_numpy("float64"), codes, dtype="float64")


def _require(series: pd.Series, n: int, what: str) -> None:
    if len(series) < n:
        raise NotEnoughData(
            f"{what} needs {n} months without a gap; there are {len(series)}"
            + (f" ({series.index[0]} to {series.index[-1]})" if len(series) else "")
            + ". Add earlier months to data/raw"
        )


def seasonality(series: pd.Series, *, robust: bool = True) -> pd.DataFrame:
    """The series as trend x season x remainder: STL on logarithms, one season for all years [18].

    Args:
        series: as `monthly_series` returns it, every month above 0.
        robust: whether single odd months lose weight.

    Returns:
        `[period, value, trend, season, remainder]`; `season` and `remainder` are factors, 1 = none.

    Raises:
        NotEnoughData: fewer than 24 months.

    Sources: Cleveland, Cleveland, McRae and Terpenning (1990), Journal of Official Statistics 6.
    """
    _require(series, MONTHS_FOR_SEASON, "a season")
    # A seasonal window far longer than the series, of degree 0, is the periodic season of R's stl.
    parts = STL(
        np.log(series.to_numpy()),
        period=12,
        seasonal=10 * len(series) + 1,
        seasonal_deg=0,
        robust=robust,
    ).fit()
    return pd.DataFrame(
        {
            "period": series.index,
            "value": series.to_numpy(),
            "trend": np.exp(parts.trend),
            "season": np.exp(parts.seasonal),
            "remainder": np.exp(parts.resid),
        }
    )


# Trials of year ends


def carried(values: np.ndarray, origins: np.ndarray, n: int, pace: int) -> np.ndarray:
    """The sum of the `n` months after each origin: last year's, grown at the pace of the months.

    F = sum of the same n months a year before x (sum of the last `pace` months / the same months
    a year before) [19]; a pace of no months leaves last year's as they were.

    Args:
        values: months in time.
        origins: how many months are known; at least 12, and 12 more than `pace`.
        n: months ahead, 1 to 12.
        pace: 0, or how many months give the growth.
    """
    sums = np.concatenate([[0.0], np.cumsum(values)])
    same = sums[origins - 12 + n] - sums[origins - 12]
    if not pace:
        return same
    grown = (sums[origins] - sums[origins - pace]) / (
        sums[origins - 12] - sums[origins - 12 - pace]
    )
    return same * grown


def trial_errors(values: np.ndarray, n: int, pace: int, first: int = 0) -> np.ndarray:
    """ln(actual / carried) of the next `n` months' sum, from every origin that has both.

    Args:
        values, n, pace: as for `carried`.
        first: origins before it are left out, so that methods are compared on the same trials.
    """
    origins = np.arange(max(first, 12 + pace), len(values) - n + 1)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return np.log((sums[origins + n] - sums[origins]) / carried(values, origins, n, pace))


def independent_trials(errors: np.ndarray, n: int) -> float:
    """How many overlapping trials count as independent: N / (1 + 2 sum of autocorrelations) [19].

    The sum ends at the first that is not positive; with few trials it is badly known, so the
    result stays between what full dependence over a year and over the horizon alone would leave.

    Sources: Geyer (1992), Statistical Science 7(4).
    """
    squares, total = float(np.mean(errors**2)), 0.0
    for lag in range(1, len(errors) - 1):
        rho = float(np.sum(errors[:-lag] * errors[lag:])) / len(errors) / squares if squares else 0
        if rho <= 0:
            break
        total += rho
    least, most = 1 + len(errors) / (n + 12), 1 + len(errors) / n
    return max(2.0, min(max(len(errors) / (1 + 2 * total), least), most))


def trial_scores(values: np.ndarray, n: int) -> pd.DataFrame:
    """How each method would have done on the rest of a year of `n` months: root mean square error.

    Returns:
        `[model, error_share, error_to_floor, n_trials]`, the method to take first: the floor
        unless another is `clearly_better`. Errors are compared on the trials all methods have;
        a method with fewer than `least_trials` is left out (`reference/thresholds.csv`).
    """
    n_trials = len(values) - 12 - n + 1
    least = threshold("least_trials")
    fair = {name: p for name, p in PACES.items() if not p or n_trials - p >= least}
    first = 12 + max(fair.values())
    errors = {name: trial_errors(values, n, pace, first) for name, pace in fair.items()}
    rows = [(m, float(np.sqrt(np.mean(e**2))), len(e)) for m, e in errors.items()]
    scores = pd.DataFrame(rows, columns=["model", "error_share", "n_trials"])
    floor = scores["error_share"].iloc[0]
    ratio = scores["error_share"] / floor if floor else pd.Series(1.0, scores.index)
    scores.insert(2, "error_to_floor", ratio)
    chosen = ratio.idxmin() if ratio.min() <= threshold("clearly_better") else 0
    order = [chosen, *(i for i in scores.index if i != chosen)]
    return scores.loc[order].reset_index(drop=True)


# Outlook


def outlook(series: pd.Series) -> Outlook:
    """The months to the end of the year, and where the year may end [19].

    The rest of the year is `carried` by the method that its trials chose; its range is Student's,
    on as many degrees of freedom as there were independent trials, around it on the logarithmic
    scale: as wide as year ends were missed before. A series that ends with a year is carried to
    the end of the next. What the method does not know: sanctions, prices, policy.

    Args:
        series: as `monthly_series` returns it, every month above 0.

    Raises:
        NotEnoughData: fewer than 30 months.
    """
    _require(series, MONTHS_FOR_OUTLOOK, "an outlook")
    values = series.to_numpy(dtype=float)
    last = parse_period(str(series.index[-1]))
    months_known = last.month_last % 12
    year, n = last.year + (months_known == 0), 12 - months_known
    scores = trial_scores(values, n)
    model = str(scores["model"].iloc[0])
    pace = PACES[model]
    errors, freedom, spread = _trials(values, n, pace)
    path = _path(values, months_known, pace)
    whole = path.iloc[-1]
    known, before = values[len(values) - months_known :].sum(), whole["last_year_usd"]
    held = float(np.mean(np.abs(errors) <= student.ppf(0.9, freedom) * spread))
    end = YearEnd(
        year, months_known, float(known), float(whole["median"]),
        *(float(whole[f"{side}_{level}"]) for level in LEVELS for side in ("low", "high")),
        last_year=float(before),
        probability_above_last=_probability(
            before - known, whole["median"] - known, spread, freedom
        ),
        coverage_80_share=held,
        n_trials=len(errors),
        n_independent=freedom,
        is_sure=len(errors) >= threshold("sure_trials") and held >= threshold("sure_coverage"),
    )  # fmt: skip
    return Outlook(model, path, scores, end)


def _path(values: np.ndarray, months_known: int, pace: int) -> pd.DataFrame:
    """`Outlook.path`: a sum of months to come is as uncertain as such sums were missed before."""
    known = np.cumsum(values[len(values) - months_known :])
    start = float(known[-1]) if months_known else 0.0
    rows = pd.DataFrame({"month": range(1, 13)})
    rows["value_usd"] = pd.Series(known, dtype="float64")
    rows["last_year_usd"] = np.cumsum(values[-12 - months_known :][:12])
    for ahead in range(1, 13 - months_known):
        at, (_, freedom, spread) = months_known + ahead - 1, _trials(values, ahead, pace)
        rest = float(carried(values, np.array([len(values)]), ahead, pace)[0])
        rows.loc[at, "median"] = start + rest
        for level in LEVELS:
            width = student.ppf(0.5 + level / 200, freedom) * spread
            rows.loc[at, f"low_{level}"] = start + rest * np.exp(-width)
            rows.loc[at, f"high_{level}"] = start + rest * np.exp(width)
    return rows


def _trials(values: np.ndarray, n: int, pace: int) -> tuple[np.ndarray, float, float]:
    """Errors of the sum of `n` months, how many count as independent, and their spread."""
    errors = trial_errors(values, n, pace)
    spread = float(np.sqrt(np.mean(errors**2))) * (threshold("best_of_several") if pace else 1.0)
    return errors, independent_trials(errors, n), spread


def _probability(needed: float, rest: float, spread: float, freedom: float) -> float:
    """That the months to come bring more than is needed to equal last year."""
    if needed <= 0 or not spread:
        return float(rest > needed)
    return float(1 - student.cdf(np.log(needed / rest) / spread, freedom))


# All that a page asks


@dataclass(frozen=True)
class Obstacle:
    """Why a series allows no outlook, in numbers for a sentence.

    `reason` is `no_trade` (not one month), `cumulative` (no single months), `gap` (months missing
    or 0: `unusable`) or `short` (fewer than `n_needed`).
    """

    reason: str
    n_months: int
    n_needed: int
    unusable: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunRate:
    """What is known of a year, and of the whole year before: plain sums (USD), so no interval.

    Attributes:
        year_sh: the year.
        n_months: how many months of it are known, from its first on.
        value_usd: what they brought.
        last_year_usd: the whole of last year.
        rest_of_last_year_usd: what the months to come brought last year; None where single months
            are not known.
    """

    year_sh: int
    n_months: int
    value_usd: float
    last_year_usd: float
    rest_of_last_year_usd: float | None = None

    @property
    def year_end_usd(self) -> float:
        """The year's end if the months to come grow as the known ones did, else by the average."""
        rest, value = self.rest_of_last_year_usd, self.value_usd
        if rest is None:
            return 12 * value / self.n_months
        return value + rest * value / (self.last_year_usd - rest)


@dataclass(frozen=True)
class MonthlyOutlook:
    """Season, plain sums and outlook of a scope; None where its months do not allow one.

    `season` is that of `seasonality`.
    """

    scope: str
    obstacle: Obstacle | None = None
    season: pd.DataFrame | None = None
    carried: RunRate | None = None
    outlook: Outlook | None = None


def monthly_outlook(totals: pd.DataFrame, scope: str, until: Period) -> MonthlyOutlook:
    """Season, plain sums and outlook of a scope, as far as its months allow.

    Args:
        totals: value by `year_sh`, `month_first_sh`, `month_last_sh` of the scope.
        scope: province slug or `nation`.
        until: nothing after its last month is used.
    """
    time = totals["year_sh"].astype(int) * 12 + totals["month_last_sh"]
    past = totals[time <= until.year * 12 + until.month_last]
    series = monthly_series(past)
    unusable = tuple(series.index[~(series > 0)])
    if series.empty or unusable:
        reason = "no_trade" if past.empty else "cumulative" if series.empty else "gap"
        obstacle = Obstacle(reason, len(series), MONTHS_FOR_OUTLOOK, unusable)
        return MonthlyOutlook(scope, obstacle)
    n = len(series)
    return MonthlyOutlook(
        scope,
        None if n >= MONTHS_FOR_OUTLOOK else Obstacle("short", n, MONTHS_FOR_OUTLOOK),
        seasonality(series) if n >= MONTHS_FOR_SEASON else None,
        carried_year_end(series),
        outlook(series) if n >= MONTHS_FOR_OUTLOOK else None,
    )


def carried_year_end(series: pd.Series) -> RunRate | None:
    """Where the year ends if the months to come repeat last year's, or grow as those known did.

    None where the year before is not there in full, or the series ends with a year.
    """
    last = parse_period(str(series.index[-1]))
    k = last.month_last
    if k == 12 or len(series) < k + 12:
        return None
    values = series.to_numpy()
    sums = values[-k:].sum(), values[-k - 12 : -k].sum(), values[-12:-k].sum()
    return RunRate(last.year, k, *map(float, sums))


def carried_from_cumulative(totals: pd.DataFrame) -> RunRate | None:
    """The same from published cumulative months: of the latest year, its longest first months.

    Args:
        totals: `published.published_totals` of one scope and basis; doubtful rows are left out.

    Returns:
        None where the same months, or the whole, of the year before were not published.
    """
    sure = totals[(totals["month_first_sh"] == 1) & ~totals["is_doubtful"]]
    values = sure.dropna(subset="value_usd").set_index(["year_sh", "month_last_sh"])["value_usd"]
    values = values[~values.index.duplicated(keep="last")]
    for year, k in sorted(values.index, reverse=True):
        if k < 12 and {(year - 1, k), (year - 1, 12)} <= set(values.index):
            same, whole, value = (values[at] for at in ((year - 1, k), (year - 1, 12), (year, k)))
            return RunRate(int(year), int(k), float(value), float(whole), float(whole - same))
    return None


def run_rate(totals: pd.DataFrame, until: Period) -> RunRate | None:
    """What is declared of the year, beside the whole year before.

    Args:
        totals: value by `year_sh`, `month_first_sh`, `month_last_sh` of a scope.
        until: the period of the page.

    Returns:
        None where nothing of the year, or not the whole year before, is declared.
    """
    now = totals[(totals["year_sh"] == until.year) & (totals["month_last_sh"] <= until.month_last)]
    before = totals[totals["year_sh"] == until.year - 1]
    months, whole = months_spanned(now), months_spanned(before)
    value, last_year = (float(part["value_usd"].sum(min_count=1)) for part in (now, before))
    if not months or len(whole) < 12 or np.isnan(value) or not last_year > 0:
        return None
    return RunRate(until.year, len(months), value, last_year)

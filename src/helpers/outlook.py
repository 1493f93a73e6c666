"""Season, trend and year-end range of a monthly series, with intervals that were tried out.

Works on logarithms, because trade moves in proportions and is never negative. Three forecasts
compete on the past: seasonal naive (last year's same month), which is the floor, exponential
smoothing, and the airline ARIMA. The winner is the one with the least error in a rolling-origin
back-test, and its intervals are shown with the coverage that they had there. Months are those of
the Iranian calendar, so Nowruz stays in Farvardin; Ramadan moves, and no season can hold it.

Sources: numbers in brackets refer to the formulas of `docs/measures.md`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.tools.sm_exceptions import ModelWarning
from statsmodels.tsa.seasonal import STL
from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing
from statsmodels.tsa.statespace.sarimax import SARIMAX

from helpers.periods import Period, parse_period
from helpers.schema import NotEnoughData

MONTHS_FOR_SEASON = 24
"""Two full years: the least from which a season can be told from a trend."""

MONTHS_FOR_OUTLOOK = MONTHS_FOR_SEASON + 6
"""Two years to fit the models and half a year to try them out on; less says nothing. `scores`
tells how many forecasts were tried: below some fifty, their coverage is a rough guide."""

LEVELS = (80, 95)


@dataclass(frozen=True)
class YearEnd:
    """Where the year may end (in the unit of the series), as plain numbers for a sentence."""

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


@dataclass(frozen=True)
class Outlook:
    """A forecast to the end of the year, how its rivals did, and the year-end range.

    `forecast` is `[period, median, low_80, high_80, low_95, high_95]`, one row a month to come;
    `scores` is the table of `backtest`; `model` is the winner's name in it.
    """

    model: str
    forecast: pd.DataFrame
    scores: pd.DataFrame
    year_end: YearEnd


# ---------------------------------------------------------------- the series


def monthly_series(totals: pd.DataFrame, amount: str = "value_usd") -> pd.Series:
    """A totals table by month as a series in time, indexed by period code (`1404M07`).

    Args:
        totals: with `year_sh`, `month_first_sh`, `month_last_sh`; rows of several months
            (cumulative periods) are left out, as they cannot be divided.
        amount: the column to follow.

    Raises:
        NotEnoughData: no single month is there, one in between is missing, or one is 0 or less,
            which has no logarithm; the message names the months.
    """
    months = totals[totals["month_first_sh"] == totals["month_last_sh"]]
    if months.empty:
        raise NotEnoughData(
            "an outlook needs single months; these data hold cumulative periods only. Add the "
            "monthly files to data/raw"
        )
    series = _by_month(months, amount)
    unusable = series.index[~(series > 0)]
    if len(unusable):
        raise NotEnoughData(
            f"an outlook needs every month above 0; {len(unusable)} of {len(series)} are missing "
            f"or 0: {list(unusable[:5])}. Add their files, or choose a wider area"
        )
    return series.rename(amount)


def _by_month(months: pd.DataFrame, amount: str) -> pd.Series:
    """Sums by code of the month, from the first month to the last, missing where none is there."""
    sums = months.groupby(["year_sh", "month_first_sh"])[amount].sum(min_count=1).astype("float64")
    every = _month_codes(*sums.index[0], _n_between(sums.index[0], sums.index[-1]))
    sums.index = [str(Period(int(y), int(m), int(m))) for y, m in sums.index]
    return sums.reindex(every)


def _n_between(first: tuple[int, int], last: tuple[int, int]) -> int:
    return int((last[0] - first[0]) * 12 + last[1] - first[1] + 1)


def _month_codes(year: int, month: int, n: int) -> list[str]:
    """The codes of `n` months from the given one on."""
    numbers = range(int(year) * 12 + int(month) - 1, int(year) * 12 + int(month) - 1 + n)
    return [str(Period(k // 12, k % 12 + 1, k % 12 + 1)) for k in numbers]


def _require(series: pd.Series, n: int, what: str) -> None:
    if len(series) < n:
        raise NotEnoughData(
            f"{what} needs {n} months without a gap; there are {len(series)}"
            + (f" ({series.index[0]} to {series.index[-1]})" if len(series) else "")
            + ". Add earlier months to data/raw"
        )


# ---------------------------------------------------------------- season


def seasonality(series: pd.Series, *, robust: bool = True) -> pd.DataFrame:
    """The series as trend x season x remainder: STL on logarithms, one season for all years [18].

    Args:
        series: as `monthly_series` returns it.
        robust: whether single odd months lose weight.

    Returns:
        `[period, value, trend, season, remainder, adjusted]`; `season` and `remainder` are
        factors (1 = none), `adjusted` is the value without its season.

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
    season = np.exp(parts.seasonal)
    return pd.DataFrame(
        {
            "period": series.index,
            "value": series.to_numpy(),
            "trend": np.exp(parts.trend),
            "season": season,
            "remainder": np.exp(parts.resid),
            "adjusted": series.to_numpy() / season,
        }
    )


# ---------------------------------------------------------------- models and back-test


def _seasonal_naive(logs: np.ndarray) -> Any:
    # No coefficient but the variance: its forecast is last year's month, its spread grows by year.
    return SARIMAX(logs, order=(0, 0, 0), seasonal_order=(0, 1, 0, 12))


def _ets(logs: np.ndarray) -> Any:
    return ExponentialSmoothing(
        logs, trend=True, damped_trend=True, seasonal=12, initialization_method="heuristic"
    )


def _arima(logs: np.ndarray) -> Any:
    return SARIMAX(logs, order=(0, 1, 1), seasonal_order=(0, 1, 1, 12))


MODELS: dict[str, Callable[[np.ndarray], Any]] = {
    "seasonal_naive": _seasonal_naive,
    "ets": _ets,
    "arima": _arima,
}
"""State-space models of log values: Hyndman's ETS(A,Ad,A) and Box and Jenkins' airline model."""


def fit(model: str, values: np.ndarray) -> Any:
    """The fitted statsmodels results of a model of `MODELS` on the logarithms of `values`."""
    with warnings.catch_warnings():
        # Short series start from zero coefficients and say so; the back-test judges the result.
        warnings.simplefilter("ignore", ModelWarning)
        return MODELS[model](np.log(values)).fit(disp=False, cov_type="none")


def mase(errors: np.ndarray, history: np.ndarray) -> float:
    """Mean absolute scaled error: mean |error| / mean |y_t - y_(t-12)| of the history [19].

    Below 1, the forecast errs less than repeating last year's month did in the history; how it
    compares with repeating it in the months forecast, the ratio of two such errors tells.

    Sources: Hyndman and Koehler (2006), International Journal of Forecasting 22(4).
    """
    return float(np.abs(errors).mean() / np.abs(history[12:] - history[:-12]).mean())


def winkler(actual: np.ndarray, low: np.ndarray, high: np.ndarray, level: int) -> float:
    """Mean interval score: width, plus 2/alpha times what lies outside [19]; less is better.

    Sources: Winkler (1972), Journal of the American Statistical Association 67(337).
    """
    outside = np.maximum(low - actual, 0.0) + np.maximum(actual - high, 0.0)
    return float(np.mean(high - low + 2 / (1 - level / 100) * outside))


def backtest(series: pd.Series) -> pd.DataFrame:
    """How every model would have done: rolling-origin back-test over the last two years at most.

    Every month from the first origin on is an origin; from each, up to twelve months ahead are
    forecast and compared. Before the first origin lie two years or, where one year remains to be
    tried, three. Coefficients are estimated at the first origin and kept, so no forecast knows
    what came after it.

    Returns:
        `[model, mase, coverage_80_share, coverage_95_share, winkler_80, winkler_95, n_origins,
        n_forecasts]`, the least error first; Winkler scores are in the unit of the series. Honest
        intervals cover about 0.80 and 0.95.

    Raises:
        NotEnoughData: fewer than 30 months.
    """
    _require(series, MONTHS_FOR_OUTLOOK, "an outlook")
    values = series.to_numpy()
    first = max(MONTHS_FOR_SEASON, min(36, len(values) - 12), len(values) - 24)
    rows = [_score(model, values, first) for model in MODELS]
    return pd.DataFrame(rows).sort_values("mase", ignore_index=True, kind="stable")


def _score(model: str, values: np.ndarray, first: int) -> dict[str, Any]:
    coefficients, tried = fit(model, values[:first]).params, []
    for origin in range(first, len(values)):
        ahead = values[origin : origin + 12]
        results = MODELS[model](np.log(values[:origin])).filter(coefficients, cov_type="none")
        tried.append(_quantiles(results, len(ahead)).assign(actual=ahead))
    table = pd.concat(tried)
    actual = table["actual"].to_numpy()
    bounds = {n: (table[f"low_{n}"].to_numpy(), table[f"high_{n}"].to_numpy()) for n in LEVELS}
    return {
        "model": model,
        "mase": mase(actual - table["median"].to_numpy(), values[:first]),
        **{
            f"coverage_{n}_share": float(np.mean((low <= actual) & (actual <= high)))
            for n, (low, high) in bounds.items()
        },
        **{f"winkler_{n}": winkler(actual, low, high, n) for n, (low, high) in bounds.items()},
        "n_origins": len(tried),
        "n_forecasts": len(table),
    }


def _quantiles(results: Any, horizon: int) -> pd.DataFrame:
    """Median and bounds of the months to come; a log-normal's median is the exp of the mean."""
    ahead = results.get_forecast(horizon)
    mean, spread = np.asarray(ahead.predicted_mean), np.asarray(ahead.se_mean)
    table = pd.DataFrame({"median": np.exp(mean)})
    for level in LEVELS:
        reach = NormalDist().inv_cdf(0.5 + level / 200) * spread
        table[f"low_{level}"], table[f"high_{level}"] = np.exp(mean - reach), np.exp(mean + reach)
    return table


# ---------------------------------------------------------------- outlook


def outlook(series: pd.Series, *, n_paths: int = 2000, seed: int = 1404) -> Outlook:
    """The months to the end of the year, and where the year may end [19].

    The model with the least back-test MASE is fitted to all months. The year-end range is that of
    `n_paths` simulated futures added to the months known, because sums of correlated months have
    no simple interval. A series that ends with a year is carried to the end of the next. What the
    models do not know: sanctions, prices, policy, and the uncertainty of their own coefficients.

    Args:
        series: as `monthly_series` returns it.
        n_paths: simulated futures.
        seed: of the simulation; the same seed gives the same range.

    Raises:
        NotEnoughData: fewer than 30 months.
    """
    scores = backtest(series)
    model = str(scores["model"].iloc[0])
    last = parse_period(str(series.index[-1]))
    months_known = last.month_last % 12
    horizon = 12 - months_known
    year = last.year + (months_known == 0)
    results = fit(model, series.to_numpy())
    table = _quantiles(results, horizon)
    table.insert(0, "period", _month_codes(year, months_known + 1, horizon))
    paths = results.simulate(horizon, anchor="end", repetitions=n_paths, rng=seed)
    months = np.exp(np.asarray(paths).reshape(horizon, n_paths))
    return Outlook(model, table, scores, _year_end(series, year, months_known, months))


def _year_end(series: pd.Series, year: int, months_known: int, months: np.ndarray) -> YearEnd:
    values = series.to_numpy()
    split = len(values) - months_known
    known, last_year = values[split:].sum(), values[split - 12 : split].sum()
    ends = known + months.sum(axis=0)
    quantiles = np.quantile(ends, [0.5, 0.1, 0.9, 0.025, 0.975])
    return YearEnd(
        int(year),
        int(months_known),
        float(known),
        *(float(q) for q in quantiles),
        last_year=float(last_year),
        probability_above_last=float(np.mean(ends > last_year)),
    )


# ---------------------------------------------------------------- all that a page asks


@dataclass(frozen=True)
class Obstacle:
    """Why something cannot be said of a series, in numbers for a sentence.

    `reason` is `no_trade` (not one month), `cumulative` (no single months), `gap` (months missing
    or 0: `unusable`) or `short` (fewer than `n_needed`).
    """

    reason: str
    n_months: int
    n_needed: int
    unusable: tuple[str, ...] = ()


@dataclass(frozen=True)
class CarriedYearEnd:
    """Where the year ends by plain sums (unit of the series): no model, so no interval.

    `repeated`: the months to come bring what they brought last year; `grown`: they grow as the
    known ones did; `to_equal`: what they must bring for the year to end at `last_year`.
    """

    year_sh: int
    months_known: int
    known: float
    last_year: float
    rest_of_last_year: float
    repeated: float
    grown: float
    to_equal: float


@dataclass(frozen=True)
class MonthlyOutlook:
    """Everything the months of a scope allow to say; None is what they do not allow.

    `months` is `[period, value_usd]` as declared, in order; `season` is that of `seasonality`.
    """

    scope: str
    until: str
    months: pd.DataFrame
    obstacle: Obstacle | None
    season: pd.DataFrame | None
    carried: CarriedYearEnd | None
    outlook: Outlook | None


def monthly_outlook(totals: pd.DataFrame, scope: str, until: Period) -> MonthlyOutlook:
    """Season, plain sums and outlook of a scope, as far as its months allow.

    Args:
        totals: value by `year_sh`, `month_first_sh`, `month_last_sh` of the scope.
        scope: province slug or `nation`.
        until: nothing after its last month is used.
    """
    time = totals["year_sh"].astype(int) * 12 + totals["month_last_sh"]
    past = totals[time <= until.year * 12 + until.month_last]
    n = MONTHS_FOR_OUTLOOK
    try:
        series = monthly_series(past)
    except NotEnoughData:
        months = _single_months(past)
        unusable = tuple(months.loc[~(months["value_usd"] > 0), "period"])
        reason = "no_trade" if past.empty else "cumulative" if months.empty else "gap"
        obstacle = Obstacle(reason, len(months), n, unusable)
        return MonthlyOutlook(scope, str(until), months, obstacle, None, None, None)
    is_long = len(series) >= n
    return MonthlyOutlook(
        scope,
        str(until),
        _single_months(past),
        None if is_long else Obstacle("short", len(series), n),
        seasonality(series) if len(series) >= MONTHS_FOR_SEASON else None,
        carried_year_end(series),
        outlook(series) if is_long else None,
    )


def _single_months(totals: pd.DataFrame) -> pd.DataFrame:
    """Every month from the first to the last single one, missing where none was declared."""
    months = totals[totals["month_first_sh"] == totals["month_last_sh"]]
    if months.empty:
        return pd.DataFrame({"period": pd.Series(dtype="str"), "value_usd": pd.Series(dtype=float)})
    return _by_month(months, "value_usd").rename_axis("period").reset_index()


def carried_year_end(series: pd.Series) -> CarriedYearEnd | None:
    """Where the year ends if the months to come repeat last year's, or grow as those known did.

    None where the year before is not there in full, or the series ends with a year.
    """
    last = parse_period(str(series.index[-1]))
    k = last.month_last
    if k == 12 or len(series) < k + 12:
        return None
    values = series.to_numpy()
    known, before = values[-k:].sum(), values[-k - 12 : -k]
    same, rest = before[:k].sum(), before[k:].sum()
    return CarriedYearEnd(
        year_sh=last.year,
        months_known=k,
        known=float(known),
        last_year=float(same + rest),
        rest_of_last_year=float(rest),
        repeated=float(known + rest),
        grown=float(known + rest * known / same),
        to_equal=float(same + rest - known),
    )

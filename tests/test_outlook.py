"""The outlook against published numbers, on made series, and where it must refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers import outlook
from helpers.schema import NotEnoughData

# Monthly airline passengers 1949 to 1960 (thousands): Box and Jenkins, series G; R's AirPassengers.
AIRLINE = [
    112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118,
    115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140,
    145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166,
    171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194,
    196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201,
    204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229,
    242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278,
    284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306,
    315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336,
    340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337,
    360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405,
    417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432,
]  # fmt: skip


def monthly(values, year: int = 1390) -> pd.Series:
    months = range(len(values))
    return pd.Series(
        np.asarray(values, dtype=float), [f"{year + m // 12}M{m % 12 + 1:02}" for m in months]
    )


def totals_by_month(values, year: int = 1400) -> pd.DataFrame:
    months = range(len(values))
    return pd.DataFrame(
        {
            "year_sh": [year + m // 12 for m in months],
            "month_first_sh": [m % 12 + 1 for m in months],
            "month_last_sh": [m % 12 + 1 for m in months],
            "value_usd": values,
        }
    )


# ---------------------------------------------------------------- against published numbers


def test_arima_and_its_intervals_match_r_on_the_airline_series():
    # R, help of AirPassengers: arima(log10(AirPassengers), c(0,1,1), seasonal c(0,1,1)) gives
    # ma1 = -0.4018 (s.e. 0.0896) and sma1 = -0.5569 (s.e. 0.0731), whatever the base of the log.
    # R, package forecast, the same model with 80 and 95 % intervals for January to March 1961; it
    # divides its variance by the degrees of freedom, so its intervals are a little wider. Where an
    # optimiser stops differs between processors by less than a hundredth of a standard error.
    results = outlook.fit("arima", np.array(AIRLINE))
    assert results.params[:2].tolist() == pytest.approx([-0.4018, -0.5569], abs=7e-4)
    table = outlook._quantiles(results, 3)
    assert table["median"].tolist() == pytest.approx([450.4224, 425.7172, 479.0068], rel=1e-4)
    assert table["low_80"].tolist() == pytest.approx([429.5461, 402.8146, 450.1386], rel=1e-3)
    assert table["high_80"].tolist() == pytest.approx([472.3132, 449.9219, 509.7265], rel=1e-3)
    assert table["low_95"].tolist() == pytest.approx([418.8895, 391.1938, 435.5677], rel=1e-3)
    assert table["high_95"].tolist() == pytest.approx([484.3289, 463.2874, 526.7781], rel=1e-3)


def test_stl_matches_r_on_july_1960():
    # R: exp(stl(log(AirPassengers), s.window = "periodic")$time.series[139, ]) prints season
    # 1.2416, trend 474.0762, remainder 1.0567; R interpolates its loess, hence 0.2 %.
    july = outlook.seasonality(monthly(AIRLINE), robust=False).iloc[138]
    assert july["season"] == pytest.approx(1.2416, rel=2e-3)
    assert july["trend"] == pytest.approx(474.0762, rel=2e-3)
    assert july["remainder"] == pytest.approx(1.0567, abs=1e-4)


# ---------------------------------------------------------------- season


def test_season_of_a_made_series_is_found():
    season = np.array([0.8, 1.2] * 6)
    table = outlook.seasonality(monthly(np.tile(season, 4) * 1.01 ** np.arange(48)))
    assert table["season"].head(2).tolist() == pytest.approx([0.8165, 1.2247], abs=2e-3)
    product = table["trend"] * table["season"] * table["remainder"]
    assert product.tolist() == pytest.approx(table["value"].tolist())
    assert (table["adjusted"] * table["season"]).tolist() == pytest.approx(table["value"].tolist())


# ---------------------------------------------------------------- scores


def test_mase_by_hand():
    history = np.array([10.0] * 12 + [14.0] * 12)  # the naive error is 4
    assert outlook.mase(np.array([2.0, -2.0]), history) == 0.5


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (5.0, 10.0),  # inside: the width
        (11.0, 10.0 + 10.0),  # 1 above at 80 %: 2 / 0.2 = 10
        (-2.0, 10.0 + 20.0),
    ],
)
def test_winkler_by_hand(actual, expected):
    score = outlook.winkler(np.array([actual]), np.array([0.0]), np.array([10.0]), 80)
    assert score == pytest.approx(expected)


def test_a_series_that_repeats_needs_no_better_than_naive():
    rng = np.random.default_rng(7)
    season = np.tile([80.0, 90, 100, 110, 120, 130, 140, 130, 120, 110, 100, 90], 5)
    scores = outlook.backtest(monthly(season * np.exp(rng.normal(0, 0.05, 60))))
    assert set(scores["model"]) == set(outlook.MODELS)
    assert scores["mase"].is_monotonic_increasing
    assert scores["n_forecasts"].tolist() == [222] * 3  # 24 origins: 13 x 12 + 11 + ... + 1
    naive = scores.set_index("model").loc["seasonal_naive"]
    assert 0.7 < naive["coverage_80_share"] <= 1
    assert naive["winkler_80"] < naive["winkler_95"]


# ---------------------------------------------------------------- outlook


@pytest.fixture(scope="module")
def five_months_to_go() -> outlook.Outlook:
    """The airline series up to the seventh month of its fifth year."""
    return outlook.outlook(monthly(AIRLINE[:55]), n_paths=500)


def test_year_end_adds_the_months_known_to_those_to_come(five_months_to_go):
    end = five_months_to_go.year_end
    assert (end.year_sh, end.months_known) == (1394, 7)
    assert end.known == sum(AIRLINE[48:55])
    assert end.last_year == sum(AIRLINE[36:48])
    assert end.known < end.low_95 < end.low_80 < end.median < end.high_80 < end.high_95
    assert end.low_95 < sum(AIRLINE[48:60]) < end.high_95  # what came
    assert end.probability_above_last > 0.99


def test_intervals_widen_and_hold_each_other(five_months_to_go):
    table = five_months_to_go.forecast
    assert table["period"].tolist() == [f"1394M{m:02}" for m in range(8, 13)]
    assert np.log(table["high_80"] / table["low_80"]).is_monotonic_increasing
    assert (table["low_95"] < table["low_80"]).all()
    assert (table["high_80"] < table["high_95"]).all()


def test_the_winner_has_the_least_error_and_the_seed_fixes_the_range(five_months_to_go):
    assert five_months_to_go.model == five_months_to_go.scores["model"].iloc[0]
    again = outlook.outlook(monthly(AIRLINE[:55]), n_paths=500)
    assert again.year_end == five_months_to_go.year_end


@pytest.mark.parametrize(
    ("n_months", "n_origins"),
    [
        (30, 6),  # two years to learn
        (40, 12),  # a year to try
        (48, 12),  # three years to learn
    ],
)
def test_short_series_learn_first_and_try_what_remains(n_months, n_origins):
    scores = outlook.backtest(monthly(AIRLINE[:n_months]))
    assert (scores["n_origins"] == n_origins).all()
    assert scores["mase"].notna().all()


def test_a_series_that_ends_with_a_year_is_carried_through_the_next():
    result = outlook.outlook(monthly(AIRLINE[:48]), n_paths=50)
    assert (result.year_end.year_sh, result.year_end.months_known) == (1394, 0)
    assert (result.year_end.known, result.year_end.last_year) == (0, sum(AIRLINE[36:48]))
    assert len(result.forecast) == 12


# ---------------------------------------------------------------- refusals


def test_monthly_series_leaves_cumulative_rows_out_and_adds_up_months():
    table = pd.concat(
        [
            totals_by_month([1.0, 2.0]),
            totals_by_month([10.0]),
            pd.DataFrame(
                {
                    "year_sh": [1400],
                    "month_first_sh": [1],
                    "month_last_sh": [7],
                    "value_usd": [99.0],
                }
            ),
        ]
    )
    assert outlook.monthly_series(table).to_dict() == {"1400M01": 11, "1400M02": 2}


def test_monthly_series_crosses_the_new_year():
    series = outlook.monthly_series(totals_by_month([1.0] * 14))
    assert series.index[-3:].tolist() == ["1400M12", "1401M01", "1401M02"]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (totals_by_month([1.0, 0.0, 3.0]), r"1 of 3 are missing or 0: \['1400M02'\]"),
        (totals_by_month([1.0, 2.0, 3.0]).drop(index=1), r"missing or 0: \['1400M02'\]"),
        (totals_by_month([5.0]).assign(month_last_sh=7), "cumulative periods only"),
    ],
)
def test_monthly_series_names_what_it_cannot_use(table, words):
    with pytest.raises(NotEnoughData, match=words):
        outlook.monthly_series(table)


def test_short_series_are_refused_with_the_months_needed():
    with pytest.raises(NotEnoughData, match=r"a season needs 24 months .* there are 23"):
        outlook.seasonality(monthly(AIRLINE[:23]))
    with pytest.raises(NotEnoughData, match=r"an outlook needs 30 .*\(1390M01 to 1392M05\)"):
        outlook.outlook(monthly(AIRLINE[:29]))

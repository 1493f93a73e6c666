"""The outlook against published numbers, on made series, and where it must refuse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import published
from helpers.classification import threshold
from helpers.measures import outlook
from helpers.periods import Period
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


# ---------------------------------------------------------------- trials of year ends


@pytest.mark.parametrize(
    ("pace", "expected"),
    [
        (0, 3 + 4),  # last year's months 3 and 4
        (1, (3 + 4) * 20 / 2),  # the last month was 10 times that of the year before
        (2, (3 + 4) * (10 + 20) / (1 + 2)),
    ],
)
def test_months_to_come_are_last_years_at_a_pace_by_hand(pace, expected):
    values = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 10, 20])
    assert outlook.carried(values, np.array([14]), 2, pace)[0] == pytest.approx(expected)


def test_errors_of_trials_by_hand():
    values = np.array([1.0] * 12 + [2.0] * 3)
    # From months 12, 13 and 14 on the next month came to 2 where 1 was carried.
    assert outlook.trial_errors(values, 1, 0) == pytest.approx([np.log(2)] * 3)
    assert len(outlook.trial_errors(values, 1, 0, first=14)) == 1


@pytest.mark.parametrize(
    ("errors", "n", "expected"),
    [
        (np.array([1.0, -1.0] * 20), 5, 1 + 40 / 5),  # no more than the horizon leaves
        (np.ones(40), 5, 1 + 40 / 17),  # no fewer than a year and the horizon leave
        (np.ones(4), 12, 2.0),
    ],
)
def test_overlapping_trials_tell_less_than_they_are(errors, n, expected):
    assert outlook.independent_trials(errors, n) == pytest.approx(expected)


def made(kind: str, n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    months, noise = np.arange(n), rng.normal(0, 0.05, n)
    logs = {"trend": 0.03 * months + noise, "season": np.sin(months * np.pi / 6) + noise}
    return 100 * np.exp(logs[kind])


@pytest.mark.parametrize(("kind", "is_floor"), [("season", True), ("trend", False)])
def test_last_years_months_are_taken_unless_clearly_beaten(kind, is_floor):
    scores = outlook.trial_scores(made(kind, 72, 1), 5)
    assert (scores["model"].iloc[0] == "seasonal_naive") == is_floor
    assert set(scores["model"]) == set(outlook.PACES)
    floor = scores.set_index("model").loc["seasonal_naive"]
    assert floor["error_to_floor"] == 1
    assert scores["n_trials"].nunique() == 1, "all are compared on the same trials"
    if not is_floor:
        assert scores["error_to_floor"].iloc[0] <= threshold("clearly_better")


def test_a_method_with_few_trials_is_not_chosen():
    scores = outlook.trial_scores(made("trend", 31, 1), 5)
    assert "pace_year" not in set(scores["model"])


# ---------------------------------------------------------------- outlook


@pytest.fixture(scope="module")
def five_months_to_go() -> outlook.Outlook:
    """The airline series up to the seventh month of its fifth year."""
    return outlook.outlook(monthly(AIRLINE[:55]))


def test_year_end_adds_the_months_known_to_those_to_come(five_months_to_go):
    end = five_months_to_go.year_end
    assert (end.year_sh, end.months_known) == (1394, 7)
    assert end.known == sum(AIRLINE[48:55])
    assert end.last_year == sum(AIRLINE[36:48])
    assert end.known < end.low_95 < end.low_80 < end.median < end.high_80 < end.high_95
    assert end.low_95 < sum(AIRLINE[48:60]) < end.high_95  # what came
    assert end.probability_above_last > 0.99
    repeated = sum(AIRLINE[43:48])  # the floor: the same five months a year before
    if five_months_to_go.model == "seasonal_naive":
        assert end.median == pytest.approx(end.known + repeated)


def test_the_range_holds_the_year_ends_it_was_tried_on(five_months_to_go):
    end = five_months_to_go.year_end
    assert end.coverage_80_share >= threshold("sure_coverage")
    assert 2 <= end.n_independent < end.n_trials
    assert end.is_sure == (end.n_trials >= threshold("sure_trials"))
    assert five_months_to_go.model == five_months_to_go.scores["model"].iloc[0]


def test_intervals_hold_each_other(five_months_to_go):
    path = five_months_to_go.path
    assert path["value_usd"].last_valid_index() == 6
    assert path["last_year_usd"].iloc[-1] == sum(AIRLINE[36:48])
    table = path.tail(5)
    assert table["median"].is_monotonic_increasing
    assert table["value_usd"].isna().all()
    assert (table["low_95"] < table["low_80"]).all()
    assert (table["high_80"] < table["high_95"]).all()


@pytest.mark.parametrize("kind", ["trend", "season"])
def test_the_80_per_cent_range_holds_about_80_per_cent_of_year_ends(kind):
    """A short look; `benchmarks/bench_outlook.py` tries 200 series of each kind."""
    held = []
    for seed in range(60):
        values = made(kind, 72, seed)
        end = outlook.outlook(monthly(values[:67])).year_end
        held.append(end.low_80 <= values[-12:].sum() <= end.high_80)
        assert end.is_sure
    assert 0.65 <= np.mean(held) <= 0.95


def test_short_series_give_words():
    assert not outlook.outlook(monthly(AIRLINE[:31])).year_end.is_sure


def test_a_series_that_repeats_to_the_dollar_has_no_range():
    end = outlook.outlook(monthly(list(range(1, 13)) * 3 + [1, 2, 3])).year_end
    assert end.low_95 == end.median == end.high_95 == end.last_year == 78
    assert end.probability_above_last == 0


def test_a_series_that_ends_with_a_year_is_carried_through_the_next():
    result = outlook.outlook(monthly(AIRLINE[:48]))
    assert (result.year_end.year_sh, result.year_end.months_known) == (1394, 0)
    assert (result.year_end.known, result.year_end.last_year) == (0, sum(AIRLINE[36:48]))
    assert result.path["value_usd"].isna().all()
    assert result.path["median"].notna().all()


# ---------------------------------------------------------------- without single months


def declared(**values: float) -> pd.DataFrame:
    """`y1403=120.0` is a whole year, `y1404=50.0` ten months."""
    years = [int(name[1:]) for name in values]
    return pd.DataFrame(
        {
            "year_sh": years, "month_first_sh": 1, "value_usd": list(values.values()),
            "month_last_sh": [10 if year == 1404 else 12 for year in years],
        }
    )  # fmt: skip


def test_the_run_rate_by_hand():
    rate = outlook.run_rate(declared(y1403=120.0, y1404=90.0), Period(1404, 1, 10))
    assert rate == outlook.RunRate(1404, 10, 90.0, 120.0)
    assert rate.year_end_usd == 108.0


@pytest.mark.parametrize(
    "table",
    [declared(y1404=90.0), declared(y1403=120.0), declared(y1403=0.0, y1404=90.0),
     declared(y1403=float("nan"), y1404=90.0)],
    ids=["no year before", "no year", "nothing before", "not known before"],
)  # fmt: skip
def test_without_the_year_before_there_is_no_run_rate(table):
    assert outlook.run_rate(table, Period(1404, 1, 10)) is None


def test_the_nation_is_carried_from_its_published_cumulative_months():
    folder = Path(__file__).parents[1] / "data" / "raw" / "published"
    weighed = published.clean_published(folder)["weighed"]
    nation = published.published_totals(weighed, "nation")
    end = outlook.carried_from_cumulative(nation)
    # Eight months of 1404 and of 1403, and the whole of 1403.
    assert (end.year_sh, end.n_months) == (1404, 8)
    assert end.rest_of_last_year_usd == pytest.approx(57.808e9 - 38.331e9, rel=1e-3)
    assert end.year_end_usd == pytest.approx(57.808e9 * 36.997 / 38.331, rel=1e-3)
    assert outlook.carried_from_cumulative(nation[nation["year_sh"] != 1403]) != end


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
    ("table", "reason", "unusable"),
    [
        (totals_by_month([1.0, 0.0, 3.0]), "gap", ("1400M02",)),
        (totals_by_month([1.0, 2.0, 3.0]).drop(index=1), "gap", ("1400M02",)),
        (totals_by_month([5.0]).assign(month_last_sh=7), "cumulative", ()),
        (totals_by_month([5.0]).head(0), "no_trade", ()),
    ],
)
def test_months_that_cannot_be_used_are_named(table, reason, unusable):
    obstacle = outlook.monthly_outlook(table, "alborz", Period(1404)).obstacle
    assert (obstacle.reason, obstacle.unusable) == (reason, unusable)


def test_short_series_are_refused_with_the_months_needed():
    with pytest.raises(NotEnoughData, match=r"a season needs 24 months .* there are 23"):
        outlook.seasonality(monthly(AIRLINE[:23]))
    with pytest.raises(NotEnoughData, match=r"an outlook needs 30 .*\(1390M01 to 1392M05\)"):
        outlook.outlook(monthly(AIRLINE[:29]))

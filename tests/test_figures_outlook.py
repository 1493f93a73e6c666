"""The charts of the outlook and of the briefing: what they draw, say, and do without data."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import figures, tables
from helpers.measures.outlook import monthly_outlook
from helpers.periods import parse_period


def totals(n: int) -> pd.DataFrame:
    """Months from Farvardin 1402 on, a little uneven so that models can be fitted."""
    return pd.DataFrame(
        {
            "year_sh": [1402 + m // 12 for m in range(n)],
            "month_first_sh": [m % 12 + 1 for m in range(n)],
            "month_last_sh": [m % 12 + 1 for m in range(n)],
            "value_usd": [2e7 + 1e5 * (m * 7 % 11) + 2e6 * (m % 12 == 6) for m in range(n)],
        }
    )


@pytest.fixture(scope="module")
def long():
    return monthly_outlook(totals(31), "alborz", parse_period("1404M07"))


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_the_fan_joins_what_is_known_to_what_may_come(long, lang):
    chart = figures.outlook_fan(long, lang, place="X", source="s")
    assert len(chart.data) == 36
    assert chart.data["low_80"].isna().sum() == 31  # the data hold no bounds of what is known
    assert chart.data["median"].notna().sum() == 5
    bands = chart.figure.axes[0].collections
    assert len(bands) == 2
    assert "80" in chart.title or "۸۰" in chart.title


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_months_and_season_are_drawn(long, lang):
    assert len(figures.months_and_trend(long, lang, place="X", source="s").data) == 31
    nation = monthly_outlook(totals(31), "nation", parse_period("1404M07"))
    season = figures.season_factors([long, nation], lang, place="X", source="s")
    assert season.data.groupby("scope")["month"].apply(list).map(len).eq(12).all()
    assert "wb-table" in tables.backtest_scores(long, lang, source="s")


@pytest.mark.parametrize("n", [0, 10])
def test_without_enough_months_there_are_words(n):
    thin = monthly_outlook(totals(n), "alborz", parse_period("1404M07"))
    assert "wb-doubt" in figures.outlook_fan(thin, "en", place="X", source="s")
    assert "wb-doubt" in figures.season_factors([thin], "en", place="X", source="s")
    assert "wb-doubt" in tables.backtest_scores(thin, "en", source="s")
    months = figures.months_and_trend(thin, "en", place="X", source="s")
    assert isinstance(months, figures.Chart) is (n > 0)


def test_names_at_the_ends_of_lines_do_not_cover_each_other():
    table = pd.DataFrame({"x": [1, 2] * 2, "y": [1.0, 5.0, 1.0, 5.01], "hue": list("aabb")})
    chart = figures.lines(
        table, x="x", y="y", hue="hue", names={"a": "A", "b": "B"}, show_x=str,
        show_y=lambda value, lang: str(value), title="t", alt="a", source="s", lang="en",
    )  # fmt: skip
    heights = [
        text.get_position()[1] + 40 * text.xy[1]  # 200 points for an axis of about 5
        for text in chart.figure.axes[0].texts
    ]
    assert abs(heights[0] - heights[1]) > 9


def exports(**value_of_partner: float) -> pd.DataFrame:
    values = list(value_of_partner.values())
    return pd.DataFrame(
        {
            "partner_iso3": pd.Series(list(value_of_partner), dtype="string"),
            "value_usd": values, "net_mass_kg": values, "value_usd_weighed": values,
            "n_declarations": 1,
        }
    )  # fmt: skip


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_the_largest_markets_come_first(lang):
    chart = figures.largest_markets(exports(CHN=10.0, IRQ=30.0), lang, place="X", source="s")
    assert chart.data["partner_iso3"].tolist() == ["IRQ", "CHN"]
    assert "wb-doubt" in figures.largest_markets(exports(), lang, place="X", source="s")


def test_the_parts_of_growth_are_drawn_or_told_missing():
    split = pd.DataFrame(
        {"change_usd": [3e6], "quantity_usd": [5e6], "mix_usd": [-1e6], "price_usd": [-1e6],
         "entry_usd": [0.0], "exit_usd": [0.0], "not_comparable_usd": [0.0]}
    )  # fmt: skip
    chart = figures.growth_parts(split, 1e7, "en", place="X", source="s")
    assert "Larger quantities added 5.0 million USD" in chart.title
    assert "wb-doubt" in figures.growth_parts(split, 0.0, "en", place="X", source="s")

"""Facts on published figures: rows in, case and numbers out; and an example of every case."""

import pandas as pd
import pytest

from helpers.periods import parse_period
from helpers.telling.facts import published as facts
from helpers.telling.numbers import how_many
from helpers.telling.page import Fact, Page

PAGE = Page("alborz", parse_period("1404M01-07"), "en", "published figures")


def nearest(**ratios: float) -> pd.DataFrame:
    """Like `published.nearest_of_each_province`: the highest first."""
    rows = pd.DataFrame({"scope": list(ratios), "relative_unit_value": list(ratios.values())})
    rows = rows.sort_values("relative_unit_value", ascending=False, ignore_index=True)
    return rows.assign(period="1401M01-05", source="an agency", rank=range(1, len(rows) + 1))


COMPARABLE = pd.DataFrame({"relative_unit_value": [2.0] * 7 + [0.5] * 2})
STANDINGS = [
    ("at the median is not below it", nearest(tehran=4.0, alborz=1.8, ilam=0.9), "above", 2),
    ("below the median", nearest(tehran=4.0, qom=1.8, alborz=0.9), "below", 3),
    ("nothing of the province", nearest(tehran=4.0, ilam=0.8), "unranked", None),
    ("nothing of any", nearest(), "missing", None),
]


@pytest.mark.parametrize(
    ("reason", "rows", "case", "rank"), STANDINGS, ids=[s[0] for s in STANDINGS]
)
def test_where_a_province_stands(reason, rows, case, rank):
    fact = facts.standing_fact(rows, COMPARABLE, PAGE)
    assert fact.case == case
    if rank:
        own = rows.set_index("scope")["relative_unit_value"]["alborz"]
        assert (fact["rank"].value, fact["own.relative_unit_value"].value) == (rank, own)
        assert (fact["nation.n_rows"].value, fact["nation.n_above_nation"].value) == (9, 7)


def pairs(*rows: tuple[int, int, float, float]) -> pd.DataFrame:
    """Like `published.yearly_growth`, from rows of year, last month, value and value a year before."""
    table = pd.DataFrame(rows, columns=["year_sh", "month_last_sh", "value", "value_before"])
    table["growth"] = table["value"] / table["value_before"] - 1
    part = table["year_sh"].astype(str) + "M01-" + table["month_last_sh"].astype(str).str.zfill(2)
    table["period"] = table["year_sh"].astype(str).where(table["month_last_sh"] == 12, part)
    return table.assign(month_first_sh=1, is_doubtful=False, is_open=False, source="an agency")


YEARS = [
    ("the latest rose", pairs((1403, 12, 57.0, 49.0), (1404, 6, 26.0, 25.0)), "up"),
    ("the latest fell", pairs((1403, 12, 57.0, 49.0), (1404, 6, 24.0, 26.0)), "down"),
    ("the latest hardly moved", pairs((1404, 6, 25.9, 25.8)), "steady"),
    ("rounded figures leave it open", pairs((1404, 6, 32.0, 32.5)).assign(is_open=True), "open"),
    ("what is after the page's period is not told", pairs((1404, 8, 37.0, 30.0)), "missing"),
]


@pytest.mark.parametrize(("reason", "rows", "case"), YEARS, ids=[y[0] for y in YEARS])
def test_how_the_nations_exports_grew(reason, rows, case):
    assert facts.years_fact(rows, PAGE).case == case


def test_the_years_of_one_fact_are_not_counted_five_times():
    rows = pairs((1403, 6, 25.0, 24.0), (1403, 12, 57.0, 49.0), (1404, 6, 26.0, 25.0))
    assert list(facts.year_rows(rows, PAGE)["period"]) == ["1403", "1404M01-06"]


LISTED = pd.DataFrame({
    "contradiction": ["a", "b"], "what_fa": "چه", "what_en": "what", "action_fa": "چه‌کار", "action_en": "ask",
    "is_annex": [False, True],
})  # fmt: skip
NUMBERS = pd.DataFrame({
    "contradiction": ["a", "a"], "what_fa": "این", "what_en": ["one", "two"], "stated_value": [579e6, 5.0],
    "against_value": [597e6, 4.0], "ratio": [0.97, 1.25], "unit": "USD",
})  # fmt: skip


def test_contradictions_that_touch_alborz_are_apart_from_the_annex():
    fact = facts.contradictions_fact(LISTED, PAGE)
    assert [fact[name].value for name in ("n_contradictions", "n_shown")] == [2, 1]
    assert facts.contradictions_fact(LISTED.head(0), PAGE).is_missing


def test_a_contradiction_stands_with_each_of_its_comparisons_or_none():
    rows = facts.contradiction_rows(LISTED, NUMBERS, PAGE)
    assert list(rows["pair"]) == ["one", "two", "–"]
    assert rows["subject"].iloc[0] == "what → ask"


FIGURES = pd.DataFrame(
    {"source": ["a", "a", "b"], "qualifier": ["exact", "value_doubtful", "about"]}
)


def test_how_many_figures_a_page_rests_on():
    fact = facts.used_fact(FIGURES, PAGE)
    assert [fact[name].value for name in ("n", "sources", "doubtful")] == [3, 2, 1]


def own(*ratios: float | None, doubtful: bool = False) -> pd.DataFrame:
    """Like `comparison.published_rows` of the province."""
    rows = pd.DataFrame({"relative_unit_value": ratios}, dtype="float64")
    nation = rows["relative_unit_value"] * 0 + 400.0
    return rows.assign(
        unit_value_nation_usd_per_tonne=nation, is_doubtful=doubtful, period="1401M01-05"
    )


STATED = [
    ("above in both; a period without the nation's figure is none", own(1.8, 2.0, None), "all", 2),
    ("above in one of two", own(1.8, 0.9), "some", 2),
    ("above in none", own(0.9), "none", 1),
    ("what is doubtful is no evidence", own(1.8, doubtful=True), "missing", 0),
]


@pytest.mark.parametrize(("reason", "rows", "case", "n"), STATED, ids=[s[0] for s in STATED])
def test_above_the_national_average_is_held_against_every_published_period(reason, rows, case, n):
    fact = facts.as_stated_fact(rows, COMPARABLE, PAGE)
    assert (fact.case, fact["n_periods"].value) == (case, n)


def whole_years(n_up, of):
    return PAGE.fact("published.whole_years", how_many(n_up, of), n_years=of, n_years_up=n_up)


def examples():
    return [
        *[facts.as_stated_fact(rows, COMPARABLE, PAGE) for _, rows, *_ in STATED],
        *[facts.standing_fact(rows, COMPARABLE, PAGE) for _, rows, *_ in STANDINGS],
        *[facts.years_fact(rows, PAGE) for _, rows, _ in YEARS],
        *[whole_years(n_up, of) for n_up, of in ((3, 3), (2, 3), (0, 3), (0, 0))],
        facts.contradictions_fact(LISTED, PAGE),
        Fact("published.contradictions", "missing"),
        facts.used_fact(FIGURES, PAGE),
    ]

"""Facts on what the exports are made of: rows in, case and numbers out; an example of each."""

import pandas as pd
import pytest

from helpers import store
from helpers.measures.values import ShareRange
from helpers.periods import Period, parse_period
from helpers.telling.facts import structure as facts
from helpers.telling.page import Fact, Page

SAME = store.Base(Period(1403, 1, 7), "same_months", tuple(range(1, 8)), 7)
AVERAGE = store.Base(Period(1403), "monthly_average", tuple(range(1, 8)), 12)
PAGE = Page("alborz", parse_period("1404M01-07"), "en", "customs", base=SAME)
NA = float("nan")


def totals(**values):
    """Totals by `sector`, with a named group in industry: dollars, ten records each, no weights."""
    rows = [{"sector": None if k == "none" else k, "value_usd": v} for k, v in values.items()]
    table = pd.DataFrame(rows, columns=["sector", "value_usd"])
    group = table["sector"].map({"industry": "pharmaceuticals"})
    return table.assign(
        province="alborz", group=group, net_mass_kg=NA, value_usd_weighed=NA, n_declarations=10
    )


OWN = totals(industry=80.0, mining=20.0)
NATION = totals(industry=800.0, mining=900.0, petrochemicals=2000.0)
BEFORE = totals(industry=50.0, mining=20.0)
NATION_BEFORE = totals(industry=800.0, mining=800.0, petrochemicals=2000.0)


def sectors(own=OWN, nation=NATION, before=BEFORE, page=PAGE):
    return facts.sectors_fact(facts.sector_rows(own, nation, before, page), page)


SECTORS = [
    ("industry weighs more than in the nation", OWN, NATION, "up"),
    ("it weighs less", totals(industry=1.0, mining=9.0), NATION, "down"),
    ("the same", OWN, totals(industry=800.0, mining=200.0), "steady"),
    ("goods are not known", totals(none=100.0), totals(none=900.0), "missing"),
]


@pytest.mark.parametrize(
    ("reason", "own", "nation", "case"), SECTORS, ids=[each[0] for each in SECTORS]
)
def test_the_share_of_industry_beside_the_nation(reason, own, nation, case):
    assert sectors(own, nation).case == case


def test_the_sector_that_moved_most_is_named_with_its_contribution():
    mover = sectors()["mover"]
    assert mover["mover.part"].codes == ["industry"]
    assert mover["moved"].value == pytest.approx(30 / 70)


def test_without_a_year_before_no_sector_moved():
    assert sectors(before=BEFORE.head(0))["mover"].case == "missing"


def test_what_grew_from_nothing_is_new_and_named_goods_stand_below_the_sectors():
    rows = facts.sector_rows(OWN, NATION, totals(mining=20.0), PAGE).set_index("part")
    assert rows.loc["industry", "growth_share"] == "new"
    assert rows.loc["mining", "growth_share"] == 0.0
    assert rows["list"].to_dict()["pharmaceuticals"] == "named_goods"


def test_unequal_periods_grow_by_their_average_month():
    page = Page("alborz", parse_period("1404M01-07"), "en", "customs", base=AVERAGE)
    rows = facts.sector_rows(OWN, NATION, BEFORE, page).set_index("part")
    assert rows.loc["mining", "growth_share"] == pytest.approx((20 / 7) / (20 / 12) - 1)


def industry(claim=None, share=0.69, before=0.67):
    stated = pd.DataFrame({"stated_industry_share": [claim] if claim else []}).assign(
        period="1404M01-07", source="s", qualifier="over"
    )
    judged = ShareRange(share, 0.606, 0.885, 0.28)
    return facts.industry_fact(share, before, judged, stated, PAGE)


INDUSTRY = [
    ("the statement lies within the range", {"claim": 0.77}, "inside"),
    ("above it", {"claim": 0.95}, "above"),
    ("below it", {"claim": 0.5}, "below"),
    ("nobody stated it", {}, "alone"),
    ("goods are not known", {"share": None}, "missing"),
]


@pytest.mark.parametrize(("reason", "given", "case"), INDUSTRY, ids=[each[0] for each in INDUSTRY])
def test_a_stated_share_is_held_against_the_range_by_definition(reason, given, case):
    assert industry(**given).case == case


POINTS = [(0.60, "up"), (0.75, "down"), (0.69, "steady"), (None, "missing")]


@pytest.mark.parametrize(("before", "case"), POINTS)
def test_the_share_of_industry_moves_in_points(before, case):
    moved = industry(before=before)["moved"]
    assert moved.case == case


def stated(*scopes):
    rows = pd.DataFrame({"scope": list(scopes)}).assign(
        stated_industry_share=0.77,
        period="1404M01-07",
        source="s",
        attribution="unstated",
        qualifier="over",
    )
    return facts.stated_fact(rows, PAGE)


STATED = [(("tehran", "alborz"), "own"), (("tehran",), "missing")]


@pytest.mark.parametrize(("scopes", "case"), STATED)
def test_a_published_share_stands_in_where_goods_are_not_known(scopes, case):
    assert stated(*scopes).case == case


def test_doubtful_shares_and_other_sectors_are_not_those_of_industry():
    rows = pd.DataFrame(
        {
            "category": ["industry", "industry", "mining"],
            "is_doubtful": [False, True, False],
            "scope": ["alborz", "tehran", "yazd"],
            "year_sh": 1404,
            "month_last_sh": 7,
            "share": 0.7,
        }
    )
    assert facts.industry_stated(rows)["province"].tolist() == ["alborz"]


def special(*rows):
    columns = ["hs4_code", "value_usd", "excess_usd", "rca_vs_nation"]
    table = pd.DataFrame(rows, columns=columns).assign(share_in_province=0.07, share_in_nation=0.01)
    return facts.special_fact(table, PAGE)


SPECIAL = [
    ([("3402", 11e6, 9.6e6, 6.1), ("2710", 1e6, -5e6, 0.1)], "some"),
    ([("2710", 1e6, -5e6, 0.1)], "missing"),
]


@pytest.mark.parametrize(("rows", "case"), SPECIAL)
def test_a_speciality_is_what_is_exported_beyond_the_province_s_share(rows, case):
    fact = special(*rows)
    assert fact.case == case
    if case == "some":
        assert [fact[name].value for name in ("n_advantages", "n_headings")] == [1, 2]


def basket(number):
    rows = pd.DataFrame(
        {"measure": ["equivalent_number", "n_advantages", "finger_kreinin"]}
    ).assign(
        province_value=[number, 61.0, 0.27] if number else NA,
        provinces_median=[29.1, 63.0, 0.49],
        rank=1.0,
        n_provinces=31,
    )
    return facts.basket_fact(rows, PAGE)


BASKETS = [(38.6, "up"), (10.0, "down"), (29.0, "steady"), (None, "missing")]


@pytest.mark.parametrize(("number", "case"), BASKETS)
def test_the_basket_beside_the_median_province(number, case):
    assert basket(number).case == case


def shift(own=OWN, before=BEFORE, nation=NATION, nation_before=NATION_BEFORE):
    return facts.shift_fact(facts.shift_rows(own, before, nation, nation_before, PAGE), PAGE)


SHIFTS = [
    ("industry grew here and nowhere else", {}, "up"),
    ("it shrank here alone", {"own": totals(industry=20.0, mining=20.0)}, "down"),
    ("it grew as elsewhere", {"own": totals(industry=50.0, mining=22.5)}, "steady"),
    ("goods are not known", {"own": totals(none=1.0), "before": totals(none=1.0)}, "missing"),
    ("no year before", {"before": BEFORE.head(0)}, "missing"),
]


@pytest.mark.parametrize(("reason", "given", "case"), SHIFTS, ids=[each[0] for each in SHIFTS])
def test_shift_share_names_the_competitive_effect_and_adds_up(reason, given, case):
    fact = shift(**given)
    assert fact.case == case
    if case != "missing":
        whole = sum(each["amount"].value for each in fact["parts"])
        assert whole == pytest.approx(fact["sums.change_usd"].value)


def year(value, tonnes, at):
    return {
        "year_sh": at, "hs6_code": "300490", "value_usd": value, "net_mass_kg": tonnes * 1000,
        "value_usd_weighed": value, "n_declarations": 10,
    }  # fmt: skip


def turn(*years):
    table = pd.DataFrame([year(*each) for each in years])
    nation = pd.DataFrame([year(100.0, 1.0, 1402), year(110.0, 1.0, 1404)])
    return facts.turn_fact(facts.turn_rows(table, nation, PAGE), PAGE)


FIRST = (100.0, 1.0, 1402)
TURNS = [
    ("a tonne is worth more", [FIRST, (150.0, 1.2, 1404)], "up"),
    ("it is worth less", [FIRST, (110.0, 1.5, 1404)], "down"),
    ("both grew alike", [FIRST, (150.0, 1.5, 1404)], "steady"),
    ("a single year", [FIRST], "missing"),
]


@pytest.mark.parametrize(("reason", "years", "case"), TURNS, ids=[each[0] for each in TURNS])
def test_a_turn_from_weight_to_value_is_one_of_value_per_tonne(reason, years, case):
    assert turn(*years).case == case


def examples():
    return [
        *[sectors(own, nation) for _, own, nation, _ in SECTORS],
        sectors(before=BEFORE.head(0))["mover"],
        sectors()["mover"],
        *[Fact("structure.beside", case, sectors().parts) for case in ("same", "other")],
        *[industry(**given) for _, given, _ in INDUSTRY],
        *[industry(before=before)["moved"] for before, _ in POINTS],
        *[stated(*scopes) for scopes, _ in STATED],
        *[special(*rows) for rows, _ in SPECIAL],
        *[basket(number) for number, _ in BASKETS],
        *[shift(**given) for _, given, _ in SHIFTS],
        *[Fact("structure.effect", k.case, k.parts) for k in shift()["parts"]],
        *[turn(*years) for _, years, _ in TURNS],
    ]

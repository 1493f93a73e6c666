"""Facts on imports by use: rows in, case and numbers out; and an example of every case."""

import pandas as pd
import pytest

from helpers.measures import imports as measures
from helpers.periods import parse_period
from helpers.schema import USES
from helpers.telling.facts import imports as facts
from helpers.telling.numbers import how_many
from helpers.telling.page import Fact, Page

PAGE = Page("alborz", parse_period("1404M01-07"), "en", "customs")


def totals(*rows: tuple[str, float, float], doubtful: bool = False) -> pd.DataFrame:
    """Like `published.published_totals` from rows of period, value and mass."""
    table = pd.DataFrame(rows, columns=["period", "value_usd", "net_mass_kg"]).astype(
        {"value_usd": float, "net_mass_kg": float}
    )
    table["unit_value_usd_per_tonne"] = table["value_usd"] / table["net_mass_kg"] * 1000
    table["year_sh"] = table["period"].str[:4].astype(int)
    months = {"month_first_sh": 1, "month_last_sh": 12, "attribution": "clearance"}
    return table.assign(scope="alborz", source="an agency", is_doubtful=doubtful, **months)


NAN = float("nan")
PUBLISHED = [
    ("the last with value and weight, though a value alone is newer", totals(("1400", 2e8, 2e7), ("1401", 3e8, NAN)), "pair", "1400"),
    ("value alone", totals(("1401", 3e8, NAN)), "value", "1401"),
    ("nothing", totals(), "missing", None),
    ("what is doubtful is not told", totals(("1401", 3e8, 1e7), doubtful=True), "missing", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "rows", "case", "period"), PUBLISHED, ids=[p[0] for p in PUBLISHED]
)
def test_what_was_published_of_imports(reason, rows, case, period):
    fact = facts.published_imports_fact(rows, PAGE)
    assert fact.case == case
    if period:
        assert fact["last.value_usd"].period == period


def test_published_imports_grow_on_the_same_months_of_the_year_before_if_these_were_published():
    grown = facts.published_imports_fact(totals(("1400", 2e8, 2e7), ("1401", 3e8, 3e7)), PAGE)
    assert grown["growth"]["change"].value == pytest.approx(0.5)
    apart = totals(("1399", 2e8, 2e7), ("1401", 3e8, 3e7))
    assert facts.published_imports_fact(apart, PAGE)["moved"].is_missing


def currency_rows(*categories: str) -> pd.DataFrame:
    rows = [
        ("alborz", "import", category, 1404, 4e9, "the trade office") for category in categories
    ]
    return pd.DataFrame(rows, columns=["scope", "flow", "category", "year_sh", "value", "source"])


CURRENCY = [
    (("currency_need", "currency_supplied"), "both"),
    (("currency_need",), "need"),
    (("currency_supplied",), "supplied"),
    ((), "missing"),
]


@pytest.mark.parametrize(("categories", "case"), CURRENCY)
def test_currency_needed_and_supplied(categories, case):
    assert facts.currency_fact(currency_rows(*categories), PAGE).case == case


SPLIT = pd.DataFrame(
    {
        "period": ["1401"],
        "intermediate": [0.7],
        "capital": [0.18],
        "consumption": [0.12],
        "other": [0.0],
    }
)


def by_use(own: dict[str, float], nation: dict[str, float], ratio: float = 2.0) -> pd.DataFrame:
    """Like `values.against_nation` by `use`."""
    rows = (
        pd.DataFrame({"value_usd_province": own, "value_usd_nation": nation})
        .reindex(USES)
        .fillna(0.0)
    )
    for of in ("province", "nation"):
        rows[f"share_in_{of}"] = rows[f"value_usd_{of}"] / rows[f"value_usd_{of}"].sum()
    rows["unit_value_usd_per_tonne_rest"] = 1000.0
    rows["unit_value_usd_per_tonne_province"] = 1000.0 * ratio
    return rows.assign(relative_unit_value_vs_rest=ratio).rename_axis("use").reset_index()


IRAN = {"raw_material": 30.0, "intermediate": 40.0, "capital": 20.0, "consumption": 10.0}
APART = by_use({"intermediate": 3.0, "capital": 5.0, "not_assigned": 9.0}, IRAN)
ALIKE = by_use({use: value / 10 for use, value in IRAN.items()}, IRAN)
NOTHING = by_use({}, IRAN)


def test_raw_materials_count_as_intermediate_beside_the_official_classes():
    fact = facts.official_fact(SPLIT, APART, PAGE)
    assert (fact.case, fact["nation.intermediate_share"].value) == ("beside", pytest.approx(0.7))
    assert facts.official_fact(SPLIT, by_use({}, {}), PAGE).case == "printed"
    assert facts.official_fact(SPLIT.head(0), APART, PAGE).is_missing


def test_what_has_no_use_leads_no_ranking():
    fact = facts.use_mix_fact(APART, PAGE)
    assert (fact.case, fact["part.use"].codes) == ("apart", ["capital"])
    assert fact["not_assigned_share"].value == pytest.approx(9 / 17)
    assert facts.use_mix_fact(ALIKE, PAGE).case == "alike"
    assert facts.use_mix_fact(NOTHING, PAGE).is_missing


TOTALS = [(120.0, 100.0, "known"), (120.0, None, "missing_growth"), (0.0, 100.0, "missing")]


@pytest.mark.parametrize(("now", "before", "case"), TOTALS)
def test_the_total_of_imports(now, before, case):
    assert facts.total_fact(now, before, PAGE).case == case


def changes(by: str, **pairs: tuple[float, float]) -> pd.DataFrame:
    rows = (
        pd.DataFrame(pairs, index=["value_usd", "value_usd_before"]).T.rename_axis(by).reset_index()
    )
    rows = rows.assign(change_usd=rows["value_usd"] - rows["value_usd_before"])
    return (
        rows if by == "use" else rows.assign(use="intermediate", hs2_code=["84", "72"][: len(rows)])
    )


MOVES = [
    ("up and down", {"capital": (9.0, 5.0), "intermediate": (1.0, 3.0)}, "both"),
    ("up alone", {"capital": (9.0, 5.0)}, "up"),
    ("down alone", {"capital": (4.0, 5.0)}, "down"),
    ("nothing moved", {"capital": (5.0, 5.0)}, "steady"),
    ("nothing before", {"capital": (5.0, 0.0)}, "missing"),
    ("what has no use is no move", {"not_assigned": (9.0, 5.0)}, "missing"),
]


@pytest.mark.parametrize(("reason", "pairs", "case"), MOVES, ids=[m[0] for m in MOVES])
def test_which_uses_moved(reason, pairs, case):
    assert facts.use_moves_fact(changes("use", **pairs), PAGE).case == case


CHAPTERS = [
    ("both", (9.0, 5.0), (1.0, 3.0)),
    ("up", (9.0, 5.0)),
    ("down", (4.0, 5.0)),
    ("steady", (5.0, 5.0)),
]


def chapters(*pairs):
    return changes("hs2_code", **{f"c{i}": pair for i, pair in enumerate(pairs)})


@pytest.mark.parametrize(("case", "pairs"), [(case, pairs) for case, *pairs in CHAPTERS])
def test_which_chapters_moved(case, pairs):
    assert facts.use_moves_fact(chapters(*pairs), PAGE, by="hs2_code").case == case
    assert len(facts.chapter_rows(chapters(*pairs))) == (0 if case == "steady" else len(pairs))


RATIOS = [
    ("more than the nation", 2.0, "up"),
    ("less", 0.5, "down"),
    ("within ten per cent", 1.05, "steady"),
    ("no exports", None, "missing"),
]


@pytest.mark.parametrize(("reason", "own", "case"), RATIOS, ids=[r[0] for r in RATIOS])
def test_inputs_per_dollar_exported_beside_the_nation(reason, own, case):
    assert facts.dependence_fact(own, 1.0, PAGE).case == case


def cut(part: float) -> pd.DataFrame:
    rows = pd.DataFrame({"use": ["consumption", "intermediate"], "value_usd": [20.0, 80.0]})
    return measures.currency_cut(rows, part)


@pytest.mark.parametrize(("part", "case"), [(0.1, "spared"), (0.3, "reached"), (0.0, "missing")])
def test_a_cut_of_currency_reaches_inputs_or_not(part, case):
    fact = facts.currency_cut_fact(cut(part), PAGE)
    assert fact.case == case
    if case == "reached":
        names = ("even_cut_usd", "input_cut_usd", "outside_production_share")
        assert [fact[name].value for name in names] == pytest.approx([24, 10, 0.2])


BASIS = pd.DataFrame({"level": ["2", "4", "6"], "value_usd": [7.0, 2.0, 1.0]})


def test_how_coarse_the_rules_are():
    assert facts.use_basis_fact(BASIS, PAGE)["rule_chapter_share"].value == pytest.approx(0.7)
    assert facts.use_basis_fact(BASIS.head(0), PAGE).is_missing


def examples():
    return [
    *[facts.published_imports_fact(rows, PAGE, nation=nation) for nation in (False, True) for _, rows, *_ in PUBLISHED],
    facts.published_imports_fact(totals(("1400", 2e8, 2e7), ("1401", 3e8, 3e7)), PAGE, nation=True),
    *[facts.published_imports_fact(rows, PAGE)["moved"] for rows in (totals(("1401", 3e8, 3e7)), totals(("1400", 2e8, 2e7), ("1401", 3e8, 3e7)))],
    *[facts.currency_fact(currency_rows(*categories), PAGE) for categories, _ in CURRENCY],
    *[facts.official_fact(SPLIT, uses, PAGE) for uses in (APART, by_use({}, {}))],
    *[facts.use_mix_fact(uses, PAGE) for uses in (APART, ALIKE, NOTHING)],
    *[facts.total_fact(now, before, PAGE) for now, before, _ in TOTALS],
    facts.use_unit_values_fact(APART, PAGE),
    *[Fact("imports.how_many_uses", how_many(above, 3), {"above": PAGE.number("above", above, "n"), "compared": PAGE.number("compared", 3, "n")}) for above in (3, 1, 0)],
    facts.use_unit_values_fact(by_use({}, IRAN, NAN), PAGE),
    *[facts.use_moves_fact(changes("use", **pairs), PAGE) for _, pairs, _ in MOVES],
    *[facts.use_moves_fact(chapters(*pairs), PAGE, by="hs2_code") for _, *pairs in CHAPTERS],
    *[facts.dependence_fact(own, 1.0, PAGE) for _, own, _ in RATIOS],
    *[facts.currency_cut_fact(cut(part), PAGE) for part in (0.1, 0.3, 0.0)],
    *[facts.use_basis_fact(rows, PAGE) for rows in (BASIS, BASIS.head(0))],
]  # fmt: skip

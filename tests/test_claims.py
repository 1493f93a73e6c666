"""Claims: the ledger is read strictly, and a verdict says no more than the figures settle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import classification, published
from helpers.claims import REASONS, VERDICTS, Ledger, Verdict, evaluate, read_ledger
from helpers.documents import as_document
from helpers.periods import parse_period
from helpers.schema import LANGS, PROVINCES, UnreadableFile
from helpers.telling.numbers import words_of

RAW = Path(__file__).parents[1] / "data" / "raw"
STATEMENT = RAW / "published" / "claims" / "2025-12-17.yml"
BOTH = {"fa": "متن", "en": "a text"}
WORDS = dict.fromkeys(("settle", "weakest", "owner"), BOTH)
SAID = {"key": "s", "date": "d", "province": "alborz", "speaker": BOTH, "occasion": BOTH}
CLAIM = {
    "number": 1,
    "key": "level",
    "fa": "ادعا",
    "en": "a claim",
    "period": "1404M01-07",
    **WORDS,
}
OVER = {"test": "level", "relation": "over", "threshold": 32e9}


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    return published.clean_published(RAW / "published")["figures"]


@pytest.fixture(scope="module")
def declared() -> pd.DataFrame:
    """The carried rows by office and destination, by province and partner."""
    paths = sorted((RAW / "office_destination").glob("exports_*.csv"))
    rows = pd.concat([pd.read_csv(path) for path in paths])
    rows["province"] = classification.province_of_office(rows["customs_office_fa"])
    rows["partner_iso3"] = classification.partner_iso3(rows["destination_country_fa"])
    keys = ["year_sh", "province", "partner_iso3"]
    sums = rows.groupby(keys, as_index=False)["export_value_usd"].agg(["sum", "size"])
    return sums.rename(columns={"sum": "value_usd", "size": "n_declarations"}).assign(
        flow="export",
        month_first_sh=1,
        month_last_sh=lambda t: t["year_sh"].map(lambda year: 10 if year == 1404 else 12),
        net_mass_kg=float("nan"),
        value_usd_weighed=float("nan"),
    )


@pytest.fixture(scope="module")
def verdicts(figures: pd.DataFrame, declared: pd.DataFrame) -> dict[str, Verdict]:
    checked = evaluate(read_ledger(STATEMENT), figures, declared, source="the mirror")
    return {verdict.claim.key: verdict for verdict in checked}


def ledger(*tests: dict[str, Any], sources: tuple[str, ...] = (), **parts: Any) -> Ledger:
    claim = CLAIM | {"tests": list(tests)} | parts
    content = {"statement": SAID | {"sources": list(sources)}, "claims": [claim]}
    return as_document(content, Ledger, "ledger.yml")


def figure(period: str, value: float, **other: object) -> dict[str, object]:
    when = parse_period(period)
    row = {
        "scope": "nation", "attribution": "clearance", "year_sh": when.year,
        "month_first_sh": when.month_first, "month_last_sh": when.month_last, "flow": "export",
        "category": "total", "measure": "value_usd", "value": value, "unit": "USD",
        "qualifier": "exact", "is_derived": False, "publisher": "a paper", "source": "a paper",
        "note": "",
    } | other  # fmt: skip
    key = "-".join(str(row[c]) for c in ("scope", "attribution", "flow", "category", "measure"))
    return {"figure": f"{key}-{period}-{row['source']}".replace(" ", "")} | row


def table(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(rows).astype({"qualifier": "string", "source": "string"})


def verdict(test: dict[str, Any], *rows: dict[str, object], **parts: Any) -> Verdict:
    [found] = evaluate(ledger(test, **parts), table(*rows))
    return found


# The carried statement on the carried figures and rows


def test_the_statement_has_thirteen_numbered_claims_and_own_checks_apart() -> None:
    claims = read_ledger(STATEMENT).claims
    assert [c.number for c in claims if not c.own_check] == list(range(1, 14))
    assert {c.key for c in claims if c.own_check} == {
        "national_imports_fell", "national_imports_are_inputs",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "word", "reason", "age", "bases"),
    [
        # 25.9 bn in six months, 37.0 in eight: by months 31.5, carried from last year 32.5
        (1, "consistent", "straddles", 0, ()),
        # 346 USD/t in six months of 1404, 369 a year before: as strong as what speaks for a claim
        (2, "inconsistent_not_refuted", "other_period", 0, ()),
        # above the nation in every period with both figures, the last in 1401
        (3, "supported", "every_period", 3, ("clearance",)),
        (4, "not_testable", "no_figures", None, ()),
        # nobody but the speaker gives a share
        (5, "not_testable", "no_figures", None, ()),
        (6, "not_testable", "not_measurable", None, ()),
        (7, "not_testable", "no_figures", None, ()),
        (8, "not_testable", "no_figures", None, ()),
        (9, "not_testable", "no_figures", None, ()),
        (10, "not_testable", "not_measurable", None, ()),
        # a plan: that destinations went from 68 in 1402 to 75 in 1403 says nothing about it
        (11, "not_testable", "not_measurable", None, ()),
        # 21.8 M USD a month in ten months, 25.6 in 1403
        (12, "inconsistent_not_refuted", "monthly_average", 0, ("clearance",)),
        # 23 of 31 by clearance
        (13, "inconsistent_not_refuted", "other_period", 0, ("clearance",)),
    ],
)
def test_verdicts_on_the_statement(
    verdicts: dict[str, Verdict],
    number: int, word: str, reason: str, age: int | None, bases: tuple[str, ...],
) -> None:  # fmt: skip
    [found] = [v for v in verdicts.values() if v.claim.number == number]
    assert (found.verdict, found.reason, found.age_years, found.bases) == (word, reason, age, bases)


def test_the_declared_rows_give_rank_and_months_average(
    verdicts: dict[str, Verdict],
) -> None:
    def tested(key: str) -> dict[str, float]:
        return {f.number.period: f.number.value for f in verdicts[key].findings}

    ranks = tested("among_leading_provinces")
    assert {y: ranks[y] for y in ("1400", "1401", "1402", "1403", "1404M01-10")} == {
        "1400": 25, "1401": 23, "1402": 19, "1403": 22, "1404M01-10": 23,
    }  # fmt: skip
    by_month = tested("exports_steady_by_year_end")["1404M01-10"]
    assert by_month == pytest.approx((217_978_512 / 10) / (307_581_987 / 12) - 1)


def test_what_points_against_a_claim_is_as_strong_as_what_points_for_it() -> None:
    test = {"test": "growth", "relation": "over"}
    for now, word in ((110.0, "consistent"), (90.0, "inconsistent_not_refuted")):
        rows = (figure("1404M01-06", now), figure("1403M01-06", 100.0))
        assert verdict(test, *rows).verdict == word


@pytest.mark.parametrize(
    ("ratios", "word", "reason"),
    [
        ([1.2, 1.5, 1.1], "supported", "every_period"),
        ([0.8, 0.5, 0.9], "contradicted", "every_period"),
        ([1.5], "consistent", "other_period"),  # one may be chance
        ([0.8, 1.5, 1.1], "consistent", "other_period"),  # the nearest year leans
    ],
)
def test_a_standing_claim_is_settled_by_periods_that_all_agree(ratios, word, reason) -> None:
    test = {"test": "compare", "relation": "over", "against_scope": "nation"}
    years = range(1400, 1400 + len(ratios))
    rows = [figure(str(year), 100.0) for year in years]
    rows += [figure(str(y), 100.0 * r, scope="alborz") for y, r in zip(years, ratios, strict=True)]
    asked = {"scope": "alborz", "period": "1404M01-07"}
    judged = verdict(test, *rows, standing=True, **asked)
    assert (judged.verdict, judged.reason) == (word, reason)
    assert verdict(test, *rows, **asked).reason == "other_period", "a claim on its own period"


def test_a_standing_claim_is_no_weaker_for_figures_of_its_own_period_too() -> None:
    test = {"test": "compare", "relation": "over", "against_scope": "nation"}
    periods = ("1400", "1401", "1404M01-07")
    rows = [figure(period, 100.0) for period in periods]
    rows += [figure(period, 120.0, scope="alborz") for period in periods]
    judged = verdict(test, *rows, standing=True, scope="alborz", period="1404M01-07")
    assert (judged.verdict, judged.reason, judged.age_years) == ("supported", "every_period", 0)


def test_the_statement_is_no_evidence_for_itself(verdicts: dict[str, Verdict]) -> None:
    own = read_ledger(STATEMENT).statement.sources
    for found in verdicts.values():
        assert not [n for n in found.evidence if any(source in n.source for source in own)]


def test_the_estimates_of_the_seven_months_lie_on_both_sides(verdicts: dict[str, Verdict]) -> None:
    low, high = (f.number for f in verdicts["national_exports_over_32bn"].findings)
    assert low.value == pytest.approx((25.944e9 + 36.997e9) / 2)
    assert high.value == pytest.approx(32.5e9 * 25.944 / 25.922)  # carried from the year before
    assert {low.period, high.period} == {"1404M01-07"}


def test_the_nearest_year_decides_and_older_ones_are_shown() -> None:
    test = {"test": "rank", "relation": "at_most", "threshold": 1}
    others = {"1402": 1.0, "1403": 9.0}  # second in the later year, first in the one before
    rows = [figure(year, 5.0, scope="alborz") for year in others]
    rows += [figure(y, value, scope=p) for y, value in others.items() for p in PROVINCES[1:]]
    found = verdict(test, *rows, scope="alborz", period="1404")
    assert (found.verdict, found.age_years) == ("inconsistent_not_refuted", 1)
    assert [f.number.period for f in found.findings] == ["1403", "1402"]


def test_synthetic_rows_do_not_test_what_they_were_built_from(declared: pd.DataFrame) -> None:
    made = {"declared": declared, "is_synthetic": True}
    nation = ledger({"test": "level", "relation": "over", "threshold": 1.0}, period="1403")
    assert evaluate(nation, **made)[0].reason == "no_figures"
    assert evaluate(nation, **(made | {"is_synthetic": False}))[0].verdict == "supported"
    rank = ledger({"test": "rank", "relation": "at_most", "threshold": 31}, scope="alborz")
    assert evaluate(rank, **made)[0].verdict == "consistent"


@pytest.mark.parametrize(("table_of", "keys"), [("verdict", VERDICTS), ("reason", REASONS),
                                                ("basis", published.ATTRIBUTIONS)])  # fmt: skip
def test_every_outcome_has_its_words_in_both_languages(
    table_of: str, keys: tuple[str, ...]
) -> None:
    words = words_of("claims")[table_of]
    assert set(words) == set(keys)
    assert all(set(words[key]["sentence"]) == set(LANGS) for key in keys)


# What settles, and what does not


@pytest.mark.parametrize(
    ("value", "qualifier", "word", "reason"),
    [
        (33e9, "exact", "supported", "settled"),
        (32e9, "over", "supported", "settled"),  # printed as over 32
        (31e9, "exact", "contradicted", "settled"),
        (31e9, "over", "not_testable", "no_figures"),  # over 31 may be over 32
        (31e9, "at_least", "not_testable", "no_figures"),
        (33e9, "about", "consistent", "approximate"),
        (31e9, "about", "inconsistent_not_refuted", "approximate"),
        (33e9, "value_doubtful", "not_testable", "no_figures"),
    ],
)
def test_a_level_is_judged_by_its_qualifier(
    value: float, qualifier: str, word: str, reason: str
) -> None:
    found = verdict(OVER, figure("1404M01-07", value, qualifier=qualifier))
    assert (found.verdict, found.reason) == (word, reason)


@pytest.mark.parametrize(
    ("before", "after", "word", "reason"),
    [
        (26e9, 39e9, "consistent", "bracketed"),
        (26e9, 37e9, "inconsistent_not_refuted", "bracketed"),
        (33e9, 37e9, "supported", "settled"),  # six months already passed it
        (26e9, 31e9, "contradicted", "settled"),  # eight months have not reached it
    ],
)
def test_cumulative_neighbours_enclose_or_settle_a_level(
    before: float, after: float, word: str, reason: str
) -> None:
    found = verdict(OVER, figure("1404M01-06", before), figure("1404M01-08", after))
    assert (found.verdict, found.reason) == (word, reason)


def test_one_neighbour_alone_does_not_enclose() -> None:
    assert verdict(OVER, figure("1404M01-06", 26e9)).reason == "no_figures"


def test_sources_that_disagree_settle_nothing() -> None:
    rows = (figure("1404M01-07", 31e9, source="one"), figure("1404M01-07", 33e9, source="two"))
    found = verdict(OVER, *rows)
    assert (found.verdict, found.reason) == ("not_testable", "sources_disagree")


def unit_value_rows(scope: str, period: str, value: float, **other: object) -> list[dict]:
    rows = [
        figure(period, value, scope=scope, **other),
        figure(period, 1e6, scope=scope, measure="net_mass_kg", unit="kg", **other),
    ]
    for row in rows:
        row["figure"] = f"{row['figure']}-item"
    return rows


COMPARE = {"test": "compare", "measure": "unit_value_usd_per_tonne", "against_scope": "nation"}


@pytest.mark.parametrize(
    ("attribution", "value", "word", "reason"),
    [
        ("clearance", 900e3, "supported", "settled"),
        ("clearance", 300e3, "contradicted", "settled"),
        ("production", 900e3, "consistent", "other_attribution"),
        ("unstated", 900e3, "consistent", "other_attribution"),
        ("unstated", 300e3, "inconsistent_not_refuted", "other_attribution"),
    ],
)
def test_a_province_is_settled_only_by_figures_of_the_claims_attribution(
    attribution: str, value: float, word: str, reason: str
) -> None:
    rows = [
        *unit_value_rows("alborz", "1404M01-07", value, attribution="clearance"),
        *unit_value_rows("nation", "1404M01-07", 350e3),
    ]
    found = verdict(COMPARE, *rows, scope="alborz", attribution=attribution)
    assert (found.verdict, found.reason, found.bases) == (word, reason, ("clearance",))
    assert found.evidence[0].value == pytest.approx(value / 350e3)


SHARE = {"test": "share", "categories": ["intermediate", "capital"], "threshold": 0.5}


@pytest.mark.parametrize(
    ("intermediate", "capital", "word"),
    [
        (40.0, 20.0, "supported"),
        (30.0, 10.0, "contradicted"),
        (60.0, None, "supported"),  # a lower bound is enough
        (30.0, None, "not_testable"),  # capital goods are unknown, not zero
    ],
)
def test_a_share_with_an_unknown_part_is_a_lower_bound(
    intermediate: float, capital: float | None, word: str
) -> None:
    parts = {"total": 100.0, "intermediate": intermediate, "capital": capital}
    rows = [
        figure("1404M01-07", value, flow="import", category=category)
        for category, value in parts.items()
        if value is not None
    ]
    assert verdict(SHARE, *rows, flow="import").verdict == word


@pytest.mark.parametrize(
    ("now", "relation", "word"),
    [(110.0, "over", "supported"), (90.0, "over", "contradicted"), (90.0, "under", "supported")],
)
def test_growth_is_against_the_same_months_a_year_before(
    now: float, relation: str, word: str
) -> None:
    rows = (figure("1404M01-07", now), figure("1403M01-07", 100.0), figure("1403", 999.0))
    found = verdict({"test": "growth", "relation": relation}, *rows)
    assert found.verdict == word
    assert found.evidence[0].value == pytest.approx(now / 100 - 1)


def test_some_areas_fell_where_any_of_them_did() -> None:
    test = {"test": "growth", "relation": "under", "categories": ["capital", "consumption"]}

    def found(capital: float, consumption: float) -> str:
        now = {"capital": capital, "consumption": consumption}
        rows = [figure("1404M01-07", value, category=c) for c, value in now.items()]
        rows += [figure("1403M01-07", 100.0, category=c) for c in now]
        return verdict(test, *rows).verdict

    assert [found(90.0, 120.0), found(90.0, 80.0), found(110.0, 120.0)] == [
        "supported", "supported", "contradicted",
    ]  # fmt: skip


RANK = {"test": "rank", "relation": "at_most", "threshold": 2}


@pytest.mark.parametrize(
    ("n_provinces", "above", "word"),
    [
        (31, 1, "supported"),
        (31, 5, "contradicted"),
        (5, 1, "not_testable"),  # the provinces that are missing may stand above
        (5, 3, "contradicted"),  # three already do
    ],
)
def test_a_rank_needs_all_provinces_unless_enough_stand_above(
    n_provinces: int, above: int, word: str
) -> None:
    others = [p for p in PROVINCES if p != "alborz"][: n_provinces - 1]
    rows = [figure("1404M01-07", 50.0, scope="alborz")]
    rows += [
        figure("1404M01-07", 99.0 if i < above else 1.0, scope=p) for i, p in enumerate(others)
    ]
    assert verdict(RANK, *rows, scope="alborz", attribution="clearance").verdict == word


@settings(max_examples=10, deadline=None)
@given(st.floats(1e9, 99e9), st.floats(1e9, 99e9))
def test_over_and_at_most_never_agree(value: float, threshold: float) -> None:
    words = {
        verdict(OVER | {"relation": r, "threshold": threshold}, figure("1404M01-07", value)).verdict
        for r in ("over", "at_most")
    }
    assert words == {"contradicted", "supported"}


# Declarations with goods: the same tests on totals


@pytest.fixture
def goods() -> pd.DataFrame:
    """Two provinces and goods of no province, seven months of two years; Alborz ships dearer."""
    rows = [
        (year, month, province, sector, value * (1.1 if year == 1404 else 1.0), kg)
        for year in (1403, 1404)
        for month in range(1, 8)
        for province, sector, value, kg in (
            ("alborz", "industry", 80.0, 100.0),
            ("alborz", "agriculture", 20.0, 50.0),
            ("tehran", "industry", 300.0, 900.0),
            ("unallocated", "mining", 100.0, 1000.0),
        )
    ]
    columns = ["year_sh", "month_first_sh", "province", "sector", "value_usd", "net_mass_kg"]
    return pd.DataFrame(rows, columns=columns).assign(
        flow="export",
        month_last_sh=lambda t: t["month_first_sh"],
        value_usd_weighed=lambda t: t["value_usd"],
        n_declarations=1,
    )


OF_ALBORZ = {"scope": "alborz", "attribution": "clearance"}
DECLARED = [
    (COMPARE, OF_ALBORZ, "supported", (110.0 / 150.0) / (550.0 / 2050.0)),
    (OVER | {"threshold": 3000}, {}, "supported", 550.0 * 7),
    (OVER | {"threshold": 5000}, {}, "contradicted", 550.0 * 7),
    ({"test": "share", "categories": ["industry"], "threshold": 0.77}, OF_ALBORZ, "supported", 0.8),
    ({"test": "growth"}, {}, "supported", 0.1),
    (RANK, OF_ALBORZ, "supported", 2.0),
]


@pytest.mark.parametrize(("test", "about", "word", "value"), DECLARED)
def test_the_same_tests_work_on_totals_of_declarations(
    goods: pd.DataFrame, test: dict, about: dict, word: str, value: float
) -> None:
    [found] = evaluate(ledger(test, **about), declared=goods, source="the rows")
    assert found.verdict == word
    assert found.evidence[0].value == pytest.approx(value)
    assert found.evidence[0].source == "the rows"


@pytest.mark.parametrize(
    ("threshold", "word"),
    [(0.77, "depends_on_definition"), (0.5, "supported"), (0.99, "contradicted")],
)
def test_a_share_whose_goods_are_a_judgement_depends_on_the_definition(
    goods: pd.DataFrame, threshold: float, word: str
) -> None:
    """80 in 100 are industry; the 20 of agriculture could be counted so, 15 of the 80 elsewhere."""
    open_ones = goods["sector"].eq("industry") & goods["province"].eq("alborz")
    part = goods[open_ones].assign(certainty="judgement")
    amounts = ["value_usd", "value_usd_weighed", "net_mass_kg"]
    part[amounts] *= 15 / 80
    rest = goods.assign(certainty="sure")
    rest.loc[open_ones, amounts] *= 65 / 80
    test = {"test": "share", "categories": ["industry"], "threshold": threshold}
    rows = pd.concat([part, rest], ignore_index=True)
    [found] = evaluate(ledger(test, **OF_ALBORZ), declared=rows)
    assert found.verdict == word
    named = {
        f.number.name: f.number.value for f in found.findings if f.number.period == "1404M01-07"
    }
    assert named["value_share_low"] == pytest.approx(0.65)
    assert named["value_share_high"] == pytest.approx(0.8)


def test_a_period_with_a_month_missing_has_no_declared_figure(goods: pd.DataFrame) -> None:
    gap = goods[goods["month_first_sh"] != 3]
    [found] = evaluate(ledger(OVER | {"threshold": 1}), declared=gap)
    assert found.reason == "no_figures"


# A malformed ledger teaches


def changed(**parts: Any) -> dict[str, Any]:
    claim = CLAIM | {"tests": [OVER]} | parts
    return {name: part for name, part in claim.items() if part is not None}


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (changed(tests=[OVER | {"test": "levle"}]),
         r"ledger.yml, claims 1 > tests 1 > test: .* 'levle' \(did you mean 'level'\?\)"),
        (changed(tests=[OVER | {"treshold": 1}]), r"`treshold` \(did you mean 'threshold'\?\)"),
        (changed(tests=[{"test": "level"}]), "missing required field `threshold`"),
        (changed(tests=[OVER | {"threshold": "many"}]), "claims 1 > tests 1 > threshold: Expected"),
        (changed(settle={"fa": "داده"}), "claims 1 > settle: .*missing required field `en`"),
        (changed(settle="data"), "claims 1 > settle: Expected `object`, got `str`"),
        (changed(period="1404-07"), "claims 1: '1404-07' is not a period; write one as 1404"),
        (changed(period=None), "claims 1: a claim with tests names its period"),
        (changed(scope="albroz"), r"claims 1 > scope: .*'albroz' \(did you mean 'alborz'\?\)"),
        (changed(tests=[SHARE | {"categories": ["industri"]}]), r"'industri' \(did you mean 'ind"),
        (changed(tests=[OVER | {"relation": "ovr"}]), r"relation: .*'ovr' \(did you mean 'over'"),
        (changed(fa=5), "claims 1 > fa: Expected `str`, got `int`"),
        (changed(number=2), r"numbered 1, 2, 3, .* found \[2\]"),
        (changed(number=None), "a claim of the statement has a number, an own check has none"),
        (changed(own_check=True), "a claim of the statement has a number, an own check has none"),
    ],
)  # fmt: skip
def test_a_malformed_claim_says_what_to_write(claim: dict[str, Any], words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        as_document({"statement": SAID, "claims": [claim]}, Ledger, "ledger.yml")


def test_an_empty_ledger_and_claims_of_one_key_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="numbered 1, 2, 3"):
        as_document({"statement": SAID, "claims": []}, Ledger, "ledger.yml")
    two = [changed(), changed(number=2)]
    with pytest.raises(UnreadableFile, match=r"claims of one key: \['level'\]"):
        as_document({"statement": SAID, "claims": two}, Ledger, "ledger.yml")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"claims: [", "ledger.yml is not YAML"),
        ("claims: ادعا".encode("cp1256"), "not YAML in UTF-8"),
        (b"claims: 5", "ledger.yml, claims: Expected `array`, got `int`"),
        (b"- 1", "ledger.yml: Expected `object`, got `array`"),
        (b"", "ledger.yml: Expected `object`, got `null`"),
        (yaml.safe_dump({"statement": "x", "claims": []}).encode(), "ledger.yml, statement: Expec"),
        (b"a: " + b"[" * 20_000, "nested deeper than 20 levels"),
    ],
)
def test_what_is_no_ledger_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "ledger.yml"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=words):
        read_ledger(path)

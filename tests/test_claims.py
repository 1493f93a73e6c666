"""Claims: the ledger is read strictly, and a verdict says no more than the figures settle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import published
from helpers.claims import Ledger, Verdict, evaluate, read_ledger
from helpers.periods import parse_period
from helpers.schema import PROVINCES, UnreadableFile

FOLDER = Path(__file__).parents[1] / "data" / "raw" / "published"
STATEMENT = FOLDER / "claims" / "2025-12-17.yml"
WORDS = {"settle": {"fa": "داده", "en": "data"}, "weakest": {"fa": "سست", "en": "weak"}}
LEVEL = {
    "key": "level", "fa": "ادعا", "en": "a claim", "test": "level", "scope": "nation",
    "measure": "value_usd", "period": "1404M01-07", "relation": "over", "threshold": 32e9, **WORDS,
}  # fmt: skip


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    return published.clean_published(FOLDER)["figures"]


@pytest.fixture(scope="module")
def verdicts(figures: pd.DataFrame) -> dict[str, Verdict]:
    return {v.claim.key: v for v in evaluate(read_ledger(STATEMENT), figures)}


def ledger(tmp_path: Path, *entries: dict, sources: tuple[str, ...] = ()) -> Ledger:
    path = tmp_path / "ledger.yml"
    content = {"statement": {"sources": list(sources)}, "claims": list(entries)}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return read_ledger(path)


def figure(period: str, value: float, **other: object) -> dict[str, object]:
    when = parse_period(period)
    row = {
        "scope": "nation", "attribution": "clearance", "year_sh": when.year,
        "month_first_sh": when.month_first, "month_last_sh": when.month_last, "flow": "export",
        "category": "total", "measure": "value_usd", "value": value, "unit": "USD",
        "qualifier": "exact", "is_derived": False, "publisher": "a paper", "source": "a paper",
        "note": "",
    } | other  # fmt: skip
    key = "-".join(str(row[c]) for c in ("scope", "flow", "category", "measure"))
    return {"figure": f"{key}-{period}-{row['source']}".replace(" ", "")} | row


def table(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(rows).astype({"qualifier": "string", "source": "string"})


def verdict(tmp_path: Path, entry: dict, *rows: dict[str, object]) -> Verdict:
    [found] = evaluate(ledger(tmp_path, entry), table(*rows))
    return found


# The carried statement on the carried figures


@pytest.mark.parametrize(
    ("key", "word", "reason", "leaning"),
    [
        # 25.944 bn in six months and 36.997 bn in eight enclose 32 bn
        ("national_exports_over_32bn", "consistent", "bracketed", "for"),
        # 346 USD/t in six months of 1404, 369 a year before
        ("national_value_per_tonne_rises", "not_testable", "other_period", "against"),
        # 837 against 474 USD/t, but in 1401
        ("alborz_value_per_tonne_above_nation", "consistent", "other_period", "for"),
        # nobody but the speaker gives a share
        ("industry_over_77_percent", "not_testable", "no_figures", "none"),
        ("carpets_and_handicrafts_grew", "not_testable", "no_figures", "none"),
        ("national_imports_fell", "consistent", "other_period", "for"),
        ("national_imports_are_inputs", "consistent", "other_period", "for"),
        ("currency_sustains_production", "not_testable", "not_measurable", "none"),
        ("alborz_among_leading_provinces", "not_testable", "no_figures", "none"),
    ],
)
def test_verdicts_on_the_statement(
    verdicts: dict[str, Verdict], key: str, word: str, reason: str, leaning: str
) -> None:
    found = verdicts[key]
    assert (found.verdict, found.reason, found.leaning) == (word, reason, leaning)


def test_the_statement_has_every_claim_in_both_languages() -> None:
    found = read_ledger(STATEMENT)
    assert len(found.claims) >= 13
    for claim in found.claims:
        for part in ("fa", "settle_fa", "weakest_fa"):
            assert any("\u0600" <= letter <= "\u06ff" for letter in getattr(claim, part))
        assert claim.en.isascii()


def test_no_published_figure_settles_the_statement(verdicts: dict[str, Verdict]) -> None:
    assert {v.verdict for v in verdicts.values()} <= {"consistent", "not_testable"}


def test_the_statement_is_no_evidence_for_itself(verdicts: dict[str, Verdict]) -> None:
    own = read_ledger(STATEMENT).sources
    for found in verdicts.values():
        assert not [n for n in found.evidence if any(source in n.source for source in own)]


def test_the_estimates_of_the_seven_months_lie_on_both_sides(verdicts: dict[str, Verdict]) -> None:
    found = verdicts["national_exports_over_32bn"]
    low, high = (number.value for number in found.sensitivity)
    assert low == pytest.approx((25.944e9 + 36.997e9) / 2)
    assert high == pytest.approx(32.5e9 * 25.944 / 25.922)  # carried from the year before
    assert not found.is_robust


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
        (33e9, "value_doubtful", "not_testable", "no_figures"),
    ],
)
def test_a_level_is_judged_by_its_qualifier(
    tmp_path: Path, value: float, qualifier: str, word: str, reason: str
) -> None:
    found = verdict(tmp_path, LEVEL, figure("1404M01-07", value, qualifier=qualifier))
    assert (found.verdict, found.reason) == (word, reason)


@pytest.mark.parametrize(
    ("before", "after", "word", "reason"),
    [
        (26e9, 37e9, "consistent", "bracketed"),
        (33e9, 37e9, "supported", "settled"),  # six months already passed it
        (26e9, 31e9, "contradicted", "settled"),  # eight months have not reached it
    ],
)
def test_cumulative_neighbours_enclose_or_settle_a_level(
    tmp_path: Path, before: float, after: float, word: str, reason: str
) -> None:
    rows = (figure("1404M01-06", before), figure("1404M01-08", after))
    found = verdict(tmp_path, LEVEL, *rows)
    assert (found.verdict, found.reason) == (word, reason)


def test_one_neighbour_alone_does_not_enclose(tmp_path: Path) -> None:
    assert verdict(tmp_path, LEVEL, figure("1404M01-06", 26e9)).reason == "no_figures"


def test_sources_that_disagree_settle_nothing(tmp_path: Path) -> None:
    rows = (figure("1404M01-07", 31e9, source="one"), figure("1404M01-07", 33e9, source="two"))
    found = verdict(tmp_path, LEVEL, *rows)
    assert (found.verdict, found.reason, found.leaning) == (
        "not_testable", "sources_disagree", "mixed",
    )  # fmt: skip


def unit_value_rows(scope: str, period: str, value: float, **other: object) -> list[dict]:
    rows = [
        figure(period, value, scope=scope, **other),
        figure(period, 1e6, scope=scope, measure="net_mass_kg", unit="kg", **other),
    ]
    for row in rows:
        row["figure"] = f"{row['figure']}-item"
    return rows


COMPARE = LEVEL | {
    "test": "compare", "scope": "alborz", "measure": "unit_value_usd_per_tonne",
    "against": {"scope": "nation"}, "attribution": "clearance",
}  # fmt: skip
COMPARE.pop("threshold")


@pytest.mark.parametrize(
    ("attribution", "value", "word", "reason", "leaning"),
    [
        ("clearance", 900e3, "supported", "settled", "for"),
        ("clearance", 300e3, "contradicted", "settled", "against"),
        ("production", 900e3, "consistent", "other_attribution", "for"),
        ("unstated", 900e3, "consistent", "other_attribution", "for"),
        ("unstated", 300e3, "not_testable", "other_attribution", "against"),
    ],
)
def test_a_province_is_settled_only_by_figures_of_the_claims_attribution(
    tmp_path: Path, attribution: str, value: float, word: str, reason: str, leaning: str
) -> None:
    rows = [
        *unit_value_rows("alborz", "1404M01-07", value, attribution="clearance"),
        *unit_value_rows("nation", "1404M01-07", 350e3),
    ]
    found = verdict(tmp_path, COMPARE | {"attribution": attribution}, *rows)
    assert (found.verdict, found.reason, found.leaning) == (word, reason, leaning)
    assert found.evidence[0].value == pytest.approx(value / 350e3)


SHARE = LEVEL | {
    "test": "share", "flow": "import", "categories": ["intermediate", "capital"], "threshold": 0.5,
}  # fmt: skip


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
    tmp_path: Path, intermediate: float, capital: float | None, word: str
) -> None:
    rows = [
        figure("1404M01-07", value, flow="import", category=category)
        for category, value in (
            ("total", 100.0),
            ("intermediate", intermediate),
            ("capital", capital),
        )
        if value is not None
    ]
    assert verdict(tmp_path, SHARE, *rows).verdict == word


@pytest.mark.parametrize(
    ("now", "relation", "word"),
    [(110.0, "over", "supported"), (90.0, "over", "contradicted"), (90.0, "under", "supported")],
)
def test_growth_is_against_the_same_months_a_year_before(
    tmp_path: Path, now: float, relation: str, word: str
) -> None:
    entry = LEVEL | {"test": "growth", "relation": relation, "threshold": 0}
    found = verdict(
        tmp_path,
        entry,
        figure("1404M01-07", now),
        figure("1403M01-07", 100.0),
        figure("1403", 999.0),
    )
    assert found.verdict == word
    assert found.evidence[0].value == pytest.approx(now / 100 - 1)


RANK = LEVEL | {
    "test": "rank", "scope": "alborz", "attribution": "clearance", "relation": "at_most",
    "threshold": 2,
}  # fmt: skip


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
    tmp_path: Path, n_provinces: int, above: int, word: str
) -> None:
    others = [p for p in PROVINCES if p != "alborz"][: n_provinces - 1]
    rows = [figure("1404M01-07", 50.0, scope="alborz")]
    rows += [
        figure("1404M01-07", 99.0 if i < above else 1.0, scope=p) for i, p in enumerate(others)
    ]
    assert verdict(tmp_path, RANK, *rows).verdict == word


@settings(max_examples=10, deadline=None)
@given(st.floats(1e9, 99e9), st.floats(1e9, 99e9))
def test_over_and_at_most_never_agree(value: float, threshold: float) -> None:
    base = read_ledger(STATEMENT)
    claim = replace(base.claims[0], threshold=threshold, context=())
    words = {
        relation: evaluate(
            Ledger({}, (replace(claim, relation=relation),), ()), table(figure("1404M01-07", value))
        )[0].verdict
        for relation in ("over", "at_most")
    }
    assert sorted(words.values()) == ["contradicted", "supported"]


# Declarations: the same tests on totals


@pytest.fixture
def totals() -> pd.DataFrame:
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


DECLARED = [
    (COMPARE, "supported", (110.0 / 150.0) / (550.0 / 2050.0)),
    (LEVEL | {"threshold": 3000}, "supported", 550.0 * 7),
    (LEVEL | {"threshold": 5000}, "contradicted", 550.0 * 7),
    (
        LEVEL | {"test": "share", "scope": "alborz", "attribution": "clearance",
                 "category": "industry", "threshold": 0.77},
        "supported", 0.8,
    ),
    (LEVEL | {"test": "growth", "threshold": 0}, "supported", 0.1),
    (RANK, "supported", 2.0),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "word", "value"), DECLARED)
def test_the_same_tests_work_on_totals_of_declarations(
    tmp_path: Path, totals: pd.DataFrame, entry: dict, word: str, value: float
) -> None:
    [found] = evaluate(ledger(tmp_path, entry), totals=totals, totals_source="synthetic sample")
    assert (found.verdict, found.basis) == (word, "declarations")
    assert found.evidence[0].value == pytest.approx(value)
    assert found.evidence[0].source == "synthetic sample"


def test_a_period_with_a_month_missing_has_no_declared_figure(
    tmp_path: Path, totals: pd.DataFrame
) -> None:
    gap = totals[totals["month_first_sh"] != 3]
    [found] = evaluate(ledger(tmp_path, LEVEL | {"threshold": 1}), totals=gap)
    assert found.reason == "no_figures"


def test_with_both_sources_each_claim_has_two_verdicts(
    figures: pd.DataFrame, totals: pd.DataFrame
) -> None:
    found = evaluate(read_ledger(STATEMENT), figures, totals)
    assert [v.basis for v in found[:4]] == ["published", "declarations"] * 2
    assert len(found) == 2 * len(read_ledger(STATEMENT).claims)


# A malformed ledger teaches


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"test": "levle"}, r"claim 1 \(level\): no test 'levle' \(did you mean 'level'\?\)"),
        ({"treshold": 1}, r"unknown part 'treshold' \(did you mean 'threshold'\?\)"),
        ({"threshold": None}, "it lacks threshold"),
        ({"threshold": "many"}, "could not convert string to float: 'many'"),
        ({"settle": {"fa": "داده"}}, "it lacks settle_en"),
        ({"settle": "data"}, "settle must have parts of its own"),
        ({"period": "1404-07"}, r"'1404-07' is not a period; write one as 1404"),
        ({"scope": "albroz"}, r"scope 'albroz' is unknown \(did you mean 'alborz'\?\)"),
        ({"category": "industri"}, r"categories 'industri' is unknown.*'industry'"),
        ({"categories": "steel"}, r"categories 'steel' is unknown"),
        (
            {"test": "share", "category": "mining", "measure": "unit_value_usd_per_tonne"},
            "a share is of value_usd or net_mass_kg",
        ),
        ({"relation": "above"}, r"relation 'above' is unknown.*it is one of over, at_least"),
        ({"test": ["level"]}, r"no test \['level'\]"),
        ({"fa": 5}, r"fa is text; put 5 into quotes"),
    ],
)
def test_a_malformed_claim_says_what_to_write(tmp_path: Path, change: dict, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        ledger(tmp_path, LEVEL | change)


def test_an_empty_ledger_and_claims_of_one_key_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no list `claims`"):
        ledger(tmp_path)
    with pytest.raises(UnreadableFile, match=r"claims of one key: \['level'\]"):
        ledger(tmp_path, LEVEL, LEVEL)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"claims: [", "ledger.yml is not YAML"),
        ("claims: ادعا".encode("cp1256"), "not YAML in UTF-8"),
        (b"claims: 5", "no list `claims`"),
        (b"statement: x\nclaims: [{}]", "`statement` has parts of its own; found 'x'"),
    ],
)
def test_what_is_no_ledger_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "ledger.yml"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=words):
        read_ledger(path)


def test_a_context_that_names_no_figure_is_refused(tmp_path: Path) -> None:
    entry = LEVEL | {"context": ["no-such-figure"]}
    with pytest.raises(UnreadableFile, match=r"level: context .*no-such-figure"):
        verdict(tmp_path, entry, figure("1404M01-07", 1.0))

"""Facts on a statement's claims: how many got which verdict, and what would settle the rest."""

from dataclasses import replace

import pytest

from helpers.claims import REASONS, VERDICTS, Both, Claim, Statement, Verdict
from helpers.periods import parse_period
from helpers.published import ATTRIBUTIONS
from helpers.telling.facts import claims as facts
from helpers.telling.page import Fact, Page

PAGE = Page("alborz", parse_period("1404M01-07"), "en", "published figures")


def both(text: str):
    from helpers.claims import Both

    return Both(fa=text, en=text)


def judged(number: int | None, verdict: str, settle: str = "the customs file", **more) -> Verdict:
    claim = Claim(
        key=f"k{number}", fa="ادعا", en="claim", weakest=both("-"), settle=both(settle),
        owner=both("customs"), number=number, own_check=number is None, scope="alborz",
        period="1404M01-07",
    )  # fmt: skip
    return Verdict(claim, verdict, "other_period", **more)


THREE = [
    judged(1, "consistent"),
    judged(2, "not_testable", "weights by tariff line"),
    judged(3, "not_testable", "weights by tariff line", age_years=4, bases=("clearance",)),
    judged(None, "contradicted"),
]

STATEMENT = Statement(
    key="2025-12-17", date="2025-12-17", province="alborz",
    speaker=Both(fa="مدیرکل", en="the director general"), occasion=Both(fa="جلسه", en="a meeting"),
)  # fmt: skip


def test_our_own_checks_are_not_counted():
    fact = facts.counts_fact(THREE, PAGE)
    assert (fact.case, fact["n_claims"].value) == ("counted", 3)
    assert [group.case for group in fact["groups"]] == ["consistent", "not_testable"]
    assert facts.counts_fact([THREE[-1]], PAGE).is_missing


def test_a_statement_on_another_province_is_no_business_of_the_page():
    ilam = Page("ilam", parse_period("1404M01-07"), "en", "published figures")
    assert facts.counts_fact(THREE, ilam).is_missing
    assert facts.asked_fact(THREE, ilam)[0].is_missing


def test_addresses_are_told_by_their_sites():
    addresses = "https://www.example.org/a/b ; https://example.org/c ; customs statistics"
    assert facts._sources(addresses) == "example.org ; customs statistics"


def test_the_badge_tells_the_age_and_the_basis_of_the_evidence():
    assert (
        facts.badge(THREE[2], PAGE)
        == "Not testable (by place of clearance, evidence four years older)"
    )
    assert facts.badge(THREE[0], PAGE) == "Consistent, not proved"
    of_next_year = replace(THREE[2], age_years=-1)
    assert facts.badge(of_next_year, PAGE).endswith("evidence one year later than the statement)")


def test_the_data_that_settle_most_claims_are_asked_for_first():
    fact, rows = facts.asked_fact(THREE, PAGE)
    assert (fact.case, list(rows["settle"])) == (
        "some",
        ["weights by tariff line", "the customs file"],
    )
    assert rows["numbers"].iloc[0] == "2, 3"
    assert facts.asked_fact([judged(1, "supported")], PAGE)[0].is_missing


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_a_row_a_claim_in_either_language(lang):
    page = Page("alborz", parse_period("1404M01-07"), lang, "-")
    rows = facts.rows(THREE, page)
    assert list(rows["number"].dropna()) == [1, 2, 3]


def test_another_year_s_page_does_not_judge_the_statement():
    of_before = Page("alborz", parse_period("1400"), "en", "published figures")
    assert facts.counts_fact(THREE, of_before).is_missing
    assert facts.said_fact(STATEMENT, THREE, of_before).is_missing


def examples():
    return [
        facts.counts_fact(THREE, PAGE),
        Fact("claims.counts", "missing"),
        facts.said_fact(STATEMENT, THREE, PAGE),
        facts.asked_fact(THREE, PAGE)[0],
        *[Fact("claims.count", name, {"n": PAGE.number("n", 2, "n")}) for name in VERDICTS],
        *[Fact("claims.verdict", name) for name in VERDICTS],
        *[Fact("claims.reason", name) for name in REASONS],
        *[Fact("claims.basis", name) for name in ATTRIBUTIONS],
        PAGE.fact("claims.age", "older", n_years=1),
        PAGE.fact("claims.age", "later", n_years=1),
        Fact("claims.number", "one", {"k": PAGE.number("k", 3, "ordinal")}),
    ]

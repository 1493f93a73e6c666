"""Facts of the briefing: tiles, decisions by the reviewed table, lamps; an example of every case."""

from dataclasses import replace

import pandas as pd
import pytest

from helpers.claims import Both, Claim, Verdict
from helpers.periods import parse_period
from helpers.store import Evidence
from helpers.telling.facts import briefing as facts
from helpers.telling.page import Fact, Page, text
from test_sentences import examples as examples_of

PAGE = Page("alborz", parse_period("1404M01-10"), "en", "customs")


ROWS = {"first": {"partner_iso3": "IDN"}, "rest": {"value_usd": 4e8}}
ENTER = PAGE.fact("markets.enter", "some", **ROWS)


def test_a_fact_calls_for_the_decision_of_its_row_and_fills_in_its_numbers():
    fact, rows = facts.decisions_fact([ENTER, Fact("markets.paths", "missing")], PAGE)
    assert fact["n_decisions"].value == 1
    assert rows["action"].iloc[0] == "Assess entry into Indonesia (or return to it)"
    assert "400 million USD" in rows["number"].iloc[0]


def test_a_case_without_a_row_calls_for_nothing():
    assert facts.decisions_fact([Fact("markets.enter", "none")], PAGE)[0].is_missing


DECISIONS = [
    (row["question"], case)
    for row in pd.read_csv(facts.DECISIONS).to_dict("records")
    for case in row["cases"].split()
]


@pytest.mark.parametrize(("question", "case"), DECISIONS)
@pytest.mark.parametrize("lang", ["fa", "en"])
def test_every_decision_is_filled_in_with_what_its_fact_has(question, case, lang):
    known = examples_of(question.split(".")[0])
    fact = next(fact for fact in known if (fact.question, fact.case) == (question, case))
    _, rows = facts.decisions_fact([fact], replace(PAGE, lang=lang))
    assert rows.notna().all(axis=None)


def test_both_languages_of_a_decision_name_the_same_numbers():
    import re

    table = pd.read_csv(facts.DECISIONS, dtype="string")
    for column in ("action", "owner", "deadline", "number"):
        for fa, en in zip(table[f"{column}_fa"], table[f"{column}_en"], strict=True):
            assert set(re.findall("{[^}]*}", fa)) == set(re.findall("{[^}]*}", en))


def verdict(age: int | None) -> Verdict:
    words = Both(fa="-", en="-")
    about = {"weakest": words, "settle": words, "owner": words, "number": 1, "scope": "alborz"}
    claim = Claim(key="k", fa="-", en="-", **about)
    return Verdict(claim, "consistent", "other_period", age_years=age)


LAMPS = [
    ("goods", "old", Evidence("goods", 1.0, 0.99, (1,)), [verdict(4), verdict(None)]),
    ("value", "fresh", Evidence("value", 0.0, 0.0, (1,)), [verdict(1)]),
    ("none", "none", Evidence("none", None, None, ()), [verdict(None)]),
]


@pytest.mark.parametrize(("coverage", "age", "evidence", "verdicts"), LAMPS)
def test_three_lamps_say_how_far_the_page_can_be_trusted(coverage, age, evidence, verdicts):
    lamps = facts.lamp_facts(evidence, 0.001, verdicts, PAGE)
    assert [lamp.case for lamp in lamps] == [coverage, "clearance", age]


def test_the_age_of_evidence_on_another_province_s_statement_is_not_told():
    lamps = facts.lamp_facts(Evidence("none", None, None, ()), None, [], PAGE)
    assert [lamp.case for lamp in lamps] == ["none", "clearance"]
    assert text(facts.trust_fact(lamps), "sentence", PAGE).endswith("not production. ")


def examples():
    return [
    *[Fact("briefing.unallocated", case, {"unallocated_share": PAGE.number("unallocated_share", 0.001)}) for case in ("some", "none")],
    facts.decisions_fact([ENTER], PAGE)[0],
    Fact("briefing.decisions", "missing"),
    *[lamp for _, _, evidence, verdicts in LAMPS for lamp in facts.lamp_facts(evidence, 0.001, verdicts, PAGE)],
    Fact("briefing.age", "unasked"),
    facts.trust_fact(facts.lamp_facts(Evidence("none", None, None, ()), None, [], PAGE)),
]  # fmt: skip

"""Facts of the briefing: decisions asked of the meeting, and three lamps of trust."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers import checks, classification
from helpers.claims import Verdict
from helpers.store import Evidence
from helpers.telling.facts.claims import is_about
from helpers.telling.numbers import threshold
from helpers.telling.page import Fact, Page, filled

DECISIONS = classification.REFERENCE / "decisions.csv"
"""Which fact calls for which decision: rows that an analyst edits."""


def decisions_fact(facts: Sequence[Fact], page: Page) -> tuple[Fact, pd.DataFrame]:
    """The decisions that the facts call for: action, owner, deadline, the number that will show it.

    Args:
        facts: in the order of their weight; the table's row for a question and case is taken.
        page: the language.

    Returns:
        The fact (`some`, `missing`), and `[action, owner, deadline, number]` in the order of the
        table.

    Raises:
        CheckFailed: a row of the table lacks its reason or its source.
    """
    table = pd.read_csv(DECISIONS, dtype="string")
    required = ["question", "cases", "reason", "source"]
    checks.holds(table, table[required].notna().all(axis=1), f"{', '.join(required)} in each row")
    by_question = {fact.question: fact for fact in facts if not fact.is_missing}
    lines = []
    for row in table.to_dict("records"):
        fact = by_question.get(row["question"])
        if fact and fact.case in row["cases"].split():
            columns = ("action", "owner", "deadline", "number")
            lines.append({c: filled(row[f"{c}_{page.lang}"], fact, page) for c in columns})
    if not lines:
        return Fact("briefing.decisions", "missing"), pd.DataFrame()
    fact = page.fact("briefing.decisions", "some", n_decisions=len(lines))
    return fact, pd.DataFrame(lines)


def lamp_facts(
    evidence: Evidence, unallocated_share: float | None, verdicts: Sequence[Verdict], page: Page
) -> list[Fact]:
    """How far the page can be trusted: coverage, basis, and the age of the evidence.

    Args:
        evidence: `store.evidence` of the province.
        unallocated_share: part of the nation's value that has no province.
        verdicts: on the statement's claims; the oldest evidence that decided one is a lamp, if the
            statement is of the page's province.
        page: whose evidence.
    """
    apart = page.nation.fact(
        "briefing.unallocated", "some" if unallocated_share else "none",
        unallocated_share=unallocated_share,
    )  # fmt: skip
    parts = {"weight_share": evidence.weight_share, "unallocated": apart}
    coverage = page.fact("briefing.coverage", evidence.rung, **parts)
    basis = Fact("briefing.basis", "clearance")
    if not is_about(verdicts, page):
        return [coverage, basis]
    ages = [verdict.age_years for verdict in verdicts if verdict.age_years is not None]
    years = max([0, *ages])  # evidence of a later year is not old
    case = "none" if not ages else "old" if years > threshold("old_years") else "fresh"
    return [coverage, basis, page.fact("briefing.age", case, n_years=years)]


def trust_fact(lamps: Sequence[Fact]) -> Fact:
    """`lamp_facts` as one paragraph, for the first sheet."""
    every = [*lamps, Fact("briefing.age", "unasked")]
    parts = dict(zip(("coverage", "basis", "age"), every, strict=False))
    return Fact("briefing.trust", "known", parts)

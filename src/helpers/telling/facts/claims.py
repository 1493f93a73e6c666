"""Facts on a statement's claims: how many hold, what each rests on, and what would settle them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from helpers.claims import VERDICTS, Statement, Verdict
from helpers.periods import parse_period
from helpers.telling.numbers import day_words
from helpers.telling.page import Fact, Page, text


def of_statement(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts on what the statement itself says; our own checks stand apart."""
    return [verdict for verdict in verdicts if not verdict.claim.own_check]


def tested(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts on those of the statement's claims of which figures say something."""
    return [each for each in of_statement(verdicts) if each.verdict != "not_testable"]


def said_fact(statement: Statement, verdicts: Sequence[Verdict], page: Page) -> Fact:
    """Who made the statement, and when: `known`; `missing` where it is not about the page."""
    case, speaker = "known" if is_about(verdicts, page) else "missing", statement.speaker
    parts = {"speaker": getattr(speaker, page.lang), "day": day_words(statement.date, page.lang)}
    return Fact("claims.said", case, parts)


def counts_fact(verdicts: Sequence[Verdict], page: Page) -> Fact:
    """How many claims of a statement got which verdict.

    Returns:
        Case `counted`; `missing` without claims on the page's province. A verdict that no claim got
        is not named.
    """
    counts = Counter(verdict.verdict for verdict in of_statement(verdicts))
    case = "counted" if counts and is_about(verdicts, page) else "missing"
    groups = [
        page.fact("claims.count", name, n=page.number(f"n_{name}", counts[name]))
        for name in VERDICTS
        if counts[name]
    ]
    return page.fact("claims.counts", case, n_claims=counts.total(), groups=groups)


def is_about(verdicts: Sequence[Verdict], page: Page) -> bool:
    """Whether the statement speaks of the page's province and year: else it is none of its page."""
    claims = [verdict.claim for verdict in verdicts]
    years = {parse_period(claim.period).year for claim in claims if claim.period}
    is_own = any(claim.scope == page.province for claim in claims)
    return is_own and (not years or page.period.year in years)


def badge(verdict: Verdict, page: Page) -> str:
    """The verdict in words, with the age and the basis of the evidence that decided."""
    words = [text(Fact("claims.verdict", verdict.verdict), "sentence", page)]
    words += [text(Fact("claims.basis", basis), "sentence", page) for basis in verdict.bases]
    if verdict.age_years:
        case = "older" if verdict.age_years > 0 else "later"
        age = page.fact("claims.age", case, n_years=abs(verdict.age_years))
        words.append(text(age, "sentence", page))
    comma = "، " if page.lang == "fa" else ", "
    return f"{words[0]} ({comma.join(words[1:])})" if words[1:] else words[0]


def reason(verdict: Verdict, page: Page) -> str:
    """Why it has its verdict; of one that figures decided, the weakest link as well."""
    why = text(Fact("claims.reason", verdict.reason), "sentence", page)
    weakest = "" if verdict.age_years is None else getattr(verdict.claim.weakest, page.lang)
    return f"{why} {weakest}".strip()


def rows(verdicts: Sequence[Verdict], page: Page) -> pd.DataFrame:
    """A row a claim: number, claim, verdict with age and basis, reason, what settles it, owner."""
    lang, columns = page.lang, ["number", "claim", "verdict", "reason", "settle", "owner", "scope"]
    lines = [
        (v.claim.number, getattr(v.claim, lang), badge(v, page), reason(v, page),
         getattr(v.claim.settle, lang), getattr(v.claim.owner, lang), v.claim.scope)
        for v in verdicts
    ]  # fmt: skip
    return pd.DataFrame(lines, columns=columns)


def evidence_rows(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """A row a number that a verdict rests on: claim, measure, of whom, when, value, source."""
    lines = [
        (v.claim.number, n.name, n.scope, n.period, n, _sources(n.source))
        for v in verdicts
        for n in v.evidence
    ]
    columns = ["number", "measure", "scope", "period", "value", "source"]
    return pd.DataFrame(lines, columns=columns)


def _sources(source: str) -> str:
    """Addresses by their sites, which a table has room for; the data book has the whole address."""
    sites = [re.sub(r"^https?://(www\.)?([^/]+)/.*$", r"\2", each) for each in source.split(" ; ")]
    return " ; ".join(dict.fromkeys(sites))


def asked_fact(verdicts: Sequence[Verdict], page: Page, n: int = 3) -> tuple[Fact, pd.DataFrame]:
    """The data that would settle most of the open claims: what, from whom, which claims.

    Returns:
        The fact (`some`, `missing`), and `[settle, owner, numbers]`, most claims first.
    """
    is_open = [v for v in of_statement(verdicts) if v.verdict not in ("supported", "contradicted")]
    table = rows(is_open, page).dropna(subset="number")
    if table.empty or not is_about(verdicts, page):
        return Fact("claims.asked", "missing"), pd.DataFrame()
    comma = "، " if page.lang == "fa" else ", "

    def listed(numbers: pd.Series) -> str:
        parts = ({"k": page.number("claim_number", int(k), "ordinal")} for k in numbers)
        return comma.join(text(Fact("claims.number", "one", k), "sentence", page) for k in parts)

    grouped = table.groupby(["settle", "owner"], sort=False)["number"]
    lines = grouped.agg(numbers=listed, size="size").reset_index()
    lines = lines.sort_values("size", ascending=False, kind="stable").head(n)
    return page.fact("claims.asked", "some", n_asked=len(lines)), lines

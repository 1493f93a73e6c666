"""Statements held against figures: a ledger of claims (YAML) in, verdicts with evidence out.

After `outlook`. A claim names one of a few tests with its parameters, so that a user writes a new
one without code (`docs/ledger.md`). Published figures and declared rows are brought to one table
of facts, and each claim has one verdict from both. What decides: only undoubted figures of the
claim's own period and attribution settle it, and never the statement's own; figures of other
periods or attributions lean for or against it alike, the nearest year first, and their age and
basis stand in the verdict. A claim that holds of no period in particular (`standing`) is settled,
as stated, by figures of several periods that all agree.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import inf, nextafter
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import pandas as pd

from helpers import published
from helpers.classification import GROUPS, threshold
from helpers.documents import read_document
from helpers.measures.values import MONTHS, same_months, share_range, summed, unit_values
from helpers.periods import Period, parse_period
from helpers.schema import PROVINCES, SECTORS, USES, HelpersError, Number

VERDICTS = (
    "supported", "consistent", "inconsistent_not_refuted", "contradicted",
    "depends_on_definition", "not_testable",
)  # fmt: skip
REASONS = (
    "settled", "every_period", "straddles", "bracketed", "monthly_average", "other_attribution",
    "approximate", "other_period", "sources_disagree", "both_ways", "definitions", "no_figures",
    "not_measurable",
)  # fmt: skip
"""Why a claim has its verdict; where several kinds of evidence lean one way, the first of these."""

OTHER_CATEGORIES = ("others", "gold", "oil", "services", "hand_woven_carpets")
CATEGORIES = ("total", *SECTORS, *USES, *GROUPS, *OTHER_CATEGORIES)
DECLARED_KEYS = ("flow", "province", *MONTHS)
GOODS_KEYS = ("sector", "certainty", "group", "use")
_UNITS = published.UNITS | {"n_provinces": "n", "relative_unit_value_usd_per_tonne": "ratio"}


# The ledger

Relation = Literal["over", "at_least", "under", "at_most", "about"]
Measure = Literal["value_usd", "net_mass_kg", "unit_value_usd_per_tonne"]
Category = Literal[CATEGORIES]
Scope = Literal[published.SCOPES]


class Both(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    fa: str
    en: str


class _Test(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="test"
):
    """What all tests have in common: the claim holds where the number has this relation."""

    relation: Relation = "over"
    measure: Measure = "value_usd"

    def printed(self, kind: str) -> str:
        """What sources call a growth or share of the measure: `value_growth`, `net_mass_share`."""
        return f"{self.measure.rsplit('_', 1)[0]}_{kind}"

    def holds(self, value: float, *, at_least: bool = False) -> bool | None:
        """Whether the relation holds; None if the value may be larger and that matters."""
        limit, near = self.threshold, threshold("about") * abs(self.threshold)
        least, most = {
            "over": (nextafter(limit, inf), inf),
            "at_least": (limit, inf),
            "under": (-inf, nextafter(limit, -inf)),
            "at_most": (-inf, limit),
            "about": (limit - near, limit + near),
        }[self.relation]
        largest = inf if at_least else value
        if least <= value and largest <= most:
            return True
        return None if value <= most and least <= largest else False


class Level(_Test, frozen=True, kw_only=True, tag="level"):
    """The measure itself; without a figure of the period, the cumulative ones around it."""

    threshold: float

    def find(self, facts: _Facts) -> list[Finding]:
        """Every release of the period; else what the cumulative figures imply."""
        same = [row for row in facts.all(self.measure) if row.period == facts.claim.period]
        unit = _UNITS[self.measure]
        found = [facts.finding(self.measure, row.value, [row], unit=unit) for row in same]
        if any(f.reason == "settled" for f in found) or self.measure == "unit_value_usd_per_tonne":
            return found
        return found + self._bracketed(facts, parse_period(facts.claim.period))

    def _bracketed(self, facts: _Facts, period: Period) -> list[Finding]:
        """What the cumulative figures before and after the period imply: they only rise.

        Where both give one answer they settle the claim. Else two rough guides to the period's own
        figure: by months between the two, and last year's figure carried by the growth of the one
        before; where they lie on both sides of the claimed value, so says the reason.
        """
        rows = facts.rows(self.measure).values()
        sure = [r for r in rows if r.qualifier in ("exact", "over", "at_least")]
        running = {r.period: r for r in sure if r.month_first_sh == 1}
        year = sorted((r.month_last_sh, r) for r in running.values() if r.year_sh == period.year)
        before = [pair for pair in year if pair[0] < period.month_last]
        after = [pair for pair in year if pair[0] > period.month_last]
        if not (before and after) or period.month_first != 1:
            return []
        (first, low), (last, high) = before[-1], after[0]
        passed = (period.month_last - first) / (last - first)
        estimates = {"interpolated": low.value + passed * (high.value - low.value)}
        was, low_was = running.get(str(period.year_before)), running.get(_year_before(low.period))
        if was and low_was:
            estimates["carried"] = was.value * low.value / low_was.value
        answers, reason = {self.holds(low.value), self.holds(high.value)}, "settled"
        if len(answers) > 1 or self.relation == "about":
            answers = set(map(self.holds, estimates.values()))
            reason = "bracketed" if len(answers) == 1 else "straddles"
        unit, holds = _UNITS[self.measure], True if reason == "straddles" else next(iter(answers))
        found = [
            facts.finding(f"{self.measure}_{how}", value, [low, high], unit=unit, reason=reason)
            for how, value in estimates.items()
        ]
        period = facts.claim.period
        return [f._replace(number=replace(f.number, period=period), holds=holds) for f in found]


class Compare(_Test, frozen=True, kw_only=True, tag="compare"):
    """The measure over another scope's or category's, in every period that has both; 1 is equal."""

    against_scope: Scope | None = None
    against_category: Category = "total"
    category: Category = "total"
    threshold: float = 1.0

    def find(self, facts: _Facts) -> list[Finding]:
        """The ratio in every period; the nation has all goods, whatever a province's counts."""
        others = facts.rows(self.measure, self.against_category, self.against_scope or "")
        by_period = {period: row for (period, _), row in others.items() if row.scope == "nation"}
        mine, name = facts.rows(self.measure, self.category).items(), f"relative_{self.measure}"
        pairs = [(row, by_period.get(row.period) or others.get(key)) for key, row in mine]
        is_beside = (self.against_scope, self.against_category) == ("nation", self.category)
        return facts.ratios(name, pairs) + facts.printed(name) * is_beside


class Share(_Test, frozen=True, kw_only=True, tag="share"):
    """The categories' part in the total of their scope, as a fraction."""

    categories: tuple[Category, ...]
    threshold: float

    def find(self, facts: _Facts) -> list[Finding]:
        """A category without a figure makes the sum a lower bound: never a zero."""
        name = self.printed("share")
        parts, found = [facts.rows(self.measure, category) for category in self.categories], []
        for key, total in facts.rows(self.measure).items():
            rows = [part[key] for part in parts if key in part]
            if rows and total.value:
                value = sum(row.value for row in rows) / total.value
                partial = len(rows) < len(parts) and not total.is_declared
                found.append(facts.finding(name, value, [*rows, total], at_least=partial))
        if len(parts) > 1:
            return found
        for end in ("", "_low", "_high"):
            found += facts.printed(name + end, self.categories[0])
        ends = [f for f in found if f.number.name in (f"{name}_low", f"{name}_high")]
        if len({f.holds for f in ends}) > 1:  # the answer hangs on what is counted as the category
            return [f._replace(reason="definitions") if f in ends else f for f in found]
        return found


class Growth(_Test, frozen=True, kw_only=True, tag="growth"):
    """Growth on the same months a year before, as a fraction; with several categories, of any."""

    categories: tuple[Category, ...] = ("total",)
    threshold: float = 0.0

    def find(self, facts: _Facts) -> list[Finding]:
        """Of the claim's year only; without like months, averages by month on the last year."""
        year, name, found = parse_period(facts.claim.period).year, f"{self.measure}_growth", []
        for category in self.categories:
            rows = facts.rows(self.measure, category)
            now = [(row, basis) for (_, basis), row in rows.items() if row.year_sh == year]
            like = [(row, rows.get((_year_before(row.period), basis))) for row, basis in now]
            found += facts.ratios(name, like, less=1.0)
            stated = facts.printed(self.printed("growth"), category, name=name)
            found += [finding for finding in stated if finding.year == year]
            if not found and self.measure != "unit_value_usd_per_tonne":
                from_start = [pair for pair in now if pair[0].month_first_sh == 1]
                unlike = [(row, rows.get((str(year - 1), basis))) for row, basis in from_start]
                found = facts.ratios(f"{name}_by_month", unlike, 1.0, "monthly_average")
        some = [f for f in found if f.holds]
        return some if some and len(self.categories) > 1 else found


class Rank(_Test, frozen=True, kw_only=True, tag="rank"):
    """The place among the provinces, 1 the largest."""

    threshold: float

    def find(self, facts: _Facts) -> list[Finding]:
        """Where provinces are missing from published figures it is only the best place possible."""
        others = [p for p in PROVINCES if p != facts.claim.scope]
        sides, found = [facts.rows(self.measure, scope=p) for p in others], []
        for key, mine in facts.rows(self.measure).items():
            known = [side[key].value for side in sides if key in side]
            is_below = "under" in mine.qualifier  # the province lies below this value
            above = sum(v > mine.value or (is_below and v == mine.value) for v in known)
            n = mine._replace(measure="n_provinces", value=len(known) + 1)
            partial = is_below or (len(known) < len(others) and not mine.is_declared)
            found.append(facts.finding("rank", above + 1, [mine, n], at_least=partial, unit="n"))
        return [f for f in found if f.holds is not None]


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sentence of a statement, in our words, with the tests that would decide it.

    `number` is its place in the statement; a check of our own has none. `owner` is who holds the
    figures that would settle it. `standing` marks what is said of no period in particular: figures
    of several periods that all agree settle it as stated.
    """

    key: str
    fa: str
    en: str
    weakest: Both
    settle: Both
    owner: Both
    number: int | None = None
    own_check: bool = False
    standing: bool = False
    period: str = ""
    scope: Scope = "nation"
    flow: Literal[published.FLOWS] = "export"
    attribution: Literal[published.ATTRIBUTIONS] = "unstated"
    tests: tuple[Level | Compare | Share | Growth | Rank, ...] = ()

    def __post_init__(self) -> None:
        if self.tests and not self.period:
            raise ValueError("a claim with tests names its period")
        if self.own_check == (self.number is not None):
            raise ValueError("a claim of the statement has a number, an own check has none")
        try:
            self.period and parse_period(self.period)
        except HelpersError as error:
            raise ValueError(str(error)) from None


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who said it, where and when, and the addresses of its own figures: no evidence for it."""

    key: str
    date: str
    speaker: Both
    occasion: Both
    province: Literal[PROVINCES]
    sources: list[str] = []


class Ledger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statement and its claims, in the order in which they are numbered."""

    statement: Statement
    claims: list[Claim]

    def __post_init__(self) -> None:
        keys = [claim.key for claim in self.claims]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"claims of one key: {twice[:5]}")
        numbers = [claim.number for claim in self.claims if not claim.own_check]
        if not numbers or numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(f"the claims are numbered 1, 2, 3, … in this order; found {numbers}")


def read_ledger(path: Path) -> Ledger:
    """The claims of a YAML file (its form: `docs/ledger.md`).

    Raises:
        UnreadableFile: a part is missing, unknown or outside its vocabulary; the message names
            the file, the place in it and the nearest word.
    """
    return read_document(path, Ledger)


# Verdicts


class Finding(NamedTuple):
    """One tested number, whether the claim holds for it (None: it may), and how far it counts."""

    number: Number
    holds: bool | None
    reason: str
    attribution: str
    parts: tuple[Number, ...] = ()

    @property
    def year(self) -> int:
        return parse_period(self.number.period).year


@dataclass(frozen=True)
class Verdict:
    """What figures say of a claim.

    Attributes:
        verdict: one of `VERDICTS`.
        reason: one of `REASONS`.
        findings: the tested numbers, the nearest year first; those of older years are shown and
            did not decide.
        age_years: years from the claim's period back to the evidence that decided; None without.
        bases: how that evidence assigns goods to the province (`published.ATTRIBUTIONS`).
    """

    claim: Claim
    verdict: str
    reason: str
    findings: tuple[Finding, ...] = ()
    age_years: int | None = None
    bases: tuple[str, ...] = ()

    @property
    def evidence(self) -> tuple[Number, ...]:
        """The tested numbers, each followed by what it was computed from."""
        return tuple(dict.fromkeys(n for f in self.findings for n in (f.number, *f.parts)))


def evaluate(
    ledger: Ledger,
    figures: pd.DataFrame | None = None,
    declared: pd.DataFrame | None = None,
    *,
    source: str = "declarations",
    is_synthetic: bool = False,
) -> list[Verdict]:
    """A verdict for each claim, in the order of the ledger.

    Args:
        ledger: from `read_ledger`.
        figures: published figures; the statement's own are left out.
        declared: `store.totals` by `DECLARED_KEYS` and, where goods are known, `GOODS_KEYS`.
        source: what evidence from declared rows cites.
        is_synthetic: whether `declared` is the made-up set. Its national totals were built from
            published ones, so claims about the nation are not tested on them.
    """
    printed, rows = [], []
    if figures is not None:
        printed = [published_facts(figures[~figures["source"].isin(ledger.statement.sources)])]
    if declared is not None:
        rows = declared_facts(declared, ledger.claims, source)
    every = _by_subject([*printed, *rows])
    real = _by_subject(printed) if is_synthetic else every
    return [_verdict(c, real if c.scope == "nation" else every) for c in ledger.claims]


def _by_subject(tables: list[pd.DataFrame]) -> dict[tuple[str, ...], list[Any]]:
    rows: dict[tuple[str, ...], list[Any]] = {}
    if not tables:
        return rows
    facts = pd.concat(tables, ignore_index=True)
    best = published.preferred(facts).index
    for row in facts.assign(is_preferred=facts.index.isin(best)).itertuples():
        rows.setdefault((row.scope, row.flow, row.measure, row.category), []).append(row)
    return rows


def _verdict(claim: Claim, facts: dict[tuple[str, ...], list[Any]]) -> Verdict:
    if not claim.tests:
        return Verdict(claim, "not_testable", "not_measurable")
    year = parse_period(claim.period).year
    found = [f for test in claim.tests for f in test.find(_Facts(claim, test, facts))]
    found = sorted(found, key=lambda f: abs(f.year - year))
    known = [f for f in found if f.holds is not None]
    if not known:
        return Verdict(claim, "not_testable", "no_figures", tuple(found))
    own = [f for f in known if f.reason in ("settled", "definitions")]
    deciding = own or [f for f in known if f.year == known[0].year]
    word, reason = _judged({f.holds for f in deciding}, {f.reason for f in deciding})
    answers, periods = {f.holds for f in known}, {f.number.period for f in known}
    is_agreed = len(answers) == 1 and len(periods) >= threshold("standing_periods")
    leans = reason in ("other_period", "other_attribution")
    if claim.standing and leans and is_agreed:
        word, reason = _judged(answers, {"settled"})[0], "every_period"
    bases = tuple(dict.fromkeys(f.attribution for f in deciding if f.attribution))
    return Verdict(claim, word, reason, tuple(found), year - deciding[0].year, bases)


def _judged(answers: set[bool | None], reasons: set[str]) -> tuple[str, str]:
    """Verdict and reason: evidence that settles decides, the rest leans, for or against alike."""
    if "definitions" in reasons:
        return "depends_on_definition", "definitions"
    if len(answers) > 1:
        return "not_testable", "sources_disagree" if "settled" in reasons else "both_ways"
    reason = next(word for word in REASONS if word in reasons)
    if reason == "settled":
        return "supported" if answers == {True} else "contradicted", reason
    return "consistent" if answers == {True} else "inconsistent_not_refuted", reason


# Facts: published and declared in one form


def published_facts(figures: pd.DataFrame) -> pd.DataFrame:
    """Published figures as facts: the undoubted ones, and value per tonne where it follows.

    A province's value per tonne over the nation's of like months, where the same months of the
    nation were not published, is a fact of its own.
    """
    beside = published.beside_nation(published.weighed(figures))
    measure, ratio = "relative_unit_value_usd_per_tonne", beside["relative_unit_value"]
    is_like = ~beside["is_doubtful"] & ~beside["is_same_period"] & ratio.notna()
    like = beside.assign(measure=measure, value=ratio)[is_like]
    figures = figures[~published.is_doubtful(figures)]
    measure = "unit_value_usd_per_tonne"
    computed = published.weighed(figures).dropna(subset=["value_usd", "net_mass_kg"])
    computed = computed.assign(measure=measure, value=computed[measure])
    rows = [figures[figures["measure"] != measure], computed, like]
    facts = pd.concat(rows, ignore_index=True)
    return facts.assign(period=published.period_codes(facts), is_declared=False)


def declared_facts(
    declared: pd.DataFrame, claims: Sequence[Claim], source: str
) -> list[pd.DataFrame]:
    """Totals of declared rows as facts, for periods of which every month is declared.

    Besides the periods of the claims and the years before them, every declared run of months from
    the first on. Amounts of a province are by place of clearance; `nation` is the sum of all rows,
    those of no province included. A province that is not listed has no trade.
    """
    found, asked = [], {parse_period(claim.period) for claim in claims if claim.period}
    asked |= {period.year_before for period in asked}
    shares = [(c.scope, t.categories) for c in claims for t in c.tests if isinstance(t, Share)]
    parts = {(scope, part) for scope, named in shares for part in named if part in SECTORS}
    same = {"attribution": "clearance", "qualifier": "exact", "is_derived": False, "source": source}
    for flow, rows in declared.groupby("flow"):
        runs = (Period(*map(int, run)) for run in rows[MONTHS].drop_duplicates().to_numpy())
        for period in asked | {run for run in runs if run.month_first == 1 < run.month_last}:
            inside = same_months(rows, period).query(f"year_sh == {period.year}")
            if len(inside):
                when = (period.year, period.month_first, period.month_last)
                about = dict(zip(MONTHS, when, strict=True)) | {"period": str(period)}
                facts = _amounts(inside, parts).dropna(subset=["value", "category"])
                found.append(facts.assign(flow=flow, is_declared=True, **about, **same))
    return found


def _amounts(rows: pd.DataFrame, parts: Collection[tuple[str, str]]) -> pd.DataFrame:
    """Amounts by scope and category; of the parts asked for, what judgements leave of the share."""
    scoped = pd.concat([rows.assign(scope=rows["province"]), rows.assign(scope="nation")])
    tables = []
    for key in ("total", "sector", "group", "use"):
        if key == "total" or key in rows:
            sums = unit_values(summed(scoped.assign(total="total"), ["scope", key]))
            long = sums.melt(["scope", key], list(Measure.__args__), "measure")
            tables.append(long.rename(columns={key: "category"}))
    for scope, part in parts if "certainty" in rows else ():
        between = share_range(scoped[scoped["scope"] == scope], "sector", part)
        ends = {"value_share_low": between.share_low, "value_share_high": between.share_high}
        long = pd.DataFrame({"measure": ends.keys(), "value": ends.values()}, dtype="object")
        tables.append(long.assign(scope=scope, category=part))
    return pd.concat(tables, ignore_index=True)


class _Facts(NamedTuple):
    """The facts that a test of a claim is put to: rows by scope, flow, measure and category."""

    claim: Claim
    test: _Test
    by_subject: dict[tuple[str, ...], list[Any]]

    def all(self, measure: str, category: str = "total", scope: str = "") -> list[Any]:
        """Every release of a figure."""
        key = (scope or self.claim.scope, self.claim.flow, measure, category)
        return self.by_subject.get(key, [])

    def rows(
        self, measure: str, category: str = "total", scope: str = ""
    ) -> dict[tuple[str, str], Any]:
        """The preferred release of each period and attribution."""
        rows = self.all(measure, category, scope)
        return {(r.period, r.attribution): r for r in rows if r.is_preferred}

    def printed(self, measure: str, category: str = "total", name: str = "") -> list[Finding]:
        """A number as it was published, or stands among the facts, in every period."""
        rows = self.rows(measure, category).values()
        return [self.finding(name or measure, row.value, [row]) for row in rows]

    def ratios(
        self, name: str, pairs: Sequence[tuple[Any, Any]], less: float = 0.0, reason: str = ""
    ) -> list[Finding]:
        """One figure over another, by the month where their periods differ in length."""
        return [
            self.finding(name, a.value / b.value * _n_months(b) / _n_months(a) - less, [a, b],
                         reason=reason)
            for a, b in pairs if b and b.value
        ]  # fmt: skip

    def finding(
        self, name: str, value: float, rows: Sequence[Any], *,
        at_least: bool = False, unit: str = "1", reason: str = "",
    ) -> Finding:  # fmt: skip
        """A number computed from facts, of which the first gives the period and the basis."""
        first, claim, tested = rows[0], self.claim, value
        qualifiers = {word for row in rows for word in row.qualifier.split(",")} - {"exact"}
        bounds = qualifiers & {"over", "at_least"}
        if len(rows) == 1 and bounds:
            at_least, tested = True, nextafter(value, inf) if "over" in bounds else value
        if first.period != claim.period:
            why = "other_period"
        elif qualifiers - bounds or (bounds and len(rows) > 1):  # in a quotient a bound is none
            why = "approximate"
        elif first.scope != "nation" and not first.attribution == claim.attribution != "unstated":
            why = "other_attribution"  # the nation has all goods either way
        else:
            why = "settled"
        source = " ; ".join(dict.fromkeys(str(row.source) for row in rows))
        return Finding(
            Number(name, float(value), unit, claim.scope, str(first.period), source),
            self.test.holds(tested, at_least=at_least),
            reason or why,
            "" if first.scope == "nation" else str(first.attribution),
            tuple(map(_number, rows)),
        )


def _number(row: Any) -> Number:
    name = row.measure if row.category == "total" else f"{row.category}_{row.measure}"
    unit = _UNITS.get(row.measure, "1")
    return Number(name, float(row.value), unit, str(row.scope), str(row.period), str(row.source))


def _year_before(period: str) -> str:
    return str(parse_period(period).year_before)


def _n_months(row: Any) -> int:
    return row.month_last_sh - row.month_first_sh + 1

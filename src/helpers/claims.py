"""Statements held against figures: a ledger of claims (YAML) in, verdicts with evidence out.

After `outlook`, before `figures`. A claim names one of a few tests with its parameters, so that a
user writes a new one without code (`docs/ledger.md`). The same tests work on published figures and
on totals of declarations, brought to the same columns. The important decision: a verdict settles
a claim only with undoubted figures of the claim's own period and attribution, and never with the
statement's own figures; figures of other periods or attributions can at most be consistent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd
import yaml

from helpers import published
from helpers.classification import GROUPS
from helpers.periods import Period, parse_period
from helpers.schema import PROVINCES, SECTORS, USES, HelpersError, Number, UnreadableFile, suggest
from helpers.text import words_of

_WORDS = words_of("claims")
VERDICTS, REASONS = _WORDS["verdicts"], _WORDS["reasons"]
LEANINGS, BASES = _WORDS["leanings"], _WORDS["bases"]
RELATIONS = ("over", "at_least", "under", "at_most", "about")
ABOUT = 0.05
"""How far, as a fraction, a figure may lie from the one it is said to be about."""

OTHER_CATEGORIES = ("others", "gold", "oil", "services", "hand_woven_carpets")
CATEGORIES = ("total", *SECTORS, *USES, *GROUPS, *OTHER_CATEGORIES)
MEASURES = ("value_usd", "net_mass_kg", "unit_value_usd_per_tonne")

_PERIOD = ["year_sh", "month_first_sh", "month_last_sh"]
_PRINTED_GROWTH = {"value_usd": "value_growth", "net_mass_kg": "net_mass_growth"}
_PRINTED_SHARE = {"value_usd": "value_share", "net_mass_kg": "net_mass_share"}
_UNITS = published.UNITS


@dataclass(frozen=True)
class Claim:
    """One testable sentence of a statement, in our words, with the test that would decide it."""

    key: str
    fa: str
    en: str
    test: str
    settle_fa: str
    settle_en: str
    weakest_fa: str
    weakest_en: str
    period: Period | None = None
    flow: str = "export"
    scope: str = "nation"
    attribution: str = "unstated"
    measure: str = "value_usd"
    categories: tuple[str, ...] = ("total",)
    against_scope: str = ""
    against_category: str = "total"
    relation: str = "over"
    threshold: float = 0.0
    context: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ledger:
    """A statement (who, where, when) and its claims; `sources` are the statement's own figures."""

    statement: Mapping[str, object]
    claims: tuple[Claim, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What figures say of a claim.

    Attributes:
        verdict: a key of `VERDICTS`.
        reason: a key of `REASONS`.
        leaning: where figures that do not settle it point: a key of `LEANINGS`.
        basis: `published` or `declarations`.
        evidence: the numbers that were tested, and those they were computed from.
        context: figures that the ledger names beside it; they did not decide.
        sensitivity: lowest and highest of the tested numbers and estimates, if there are any.
        is_robust: whether all of them give the same answer.
    """

    claim: Claim
    verdict: str
    reason: str
    leaning: str = "none"
    basis: str = "published"
    evidence: tuple[Number, ...] = ()
    context: tuple[Number, ...] = ()
    sensitivity: tuple[Number, ...] = ()
    is_robust: bool = True

    def say(self, part: str, lang: str) -> str:
        """The words for `statement`, `verdict`, `reason`, `weakest`, `settle` or `basis`."""
        words = {
            "statement": getattr(self.claim, lang),
            "verdict": VERDICTS[self.verdict][lang],
            "reason": f"{REASONS[self.reason][lang]} {LEANINGS[self.leaning][lang]}".strip(),
            "weakest": getattr(self.claim, f"weakest_{lang}"),
            "settle": getattr(self.claim, f"settle_{lang}"),
            "basis": BASES[self.basis][lang],
        }
        return words[part].replace("'", "’")  # Ledgers are typed on keyboards.


@dataclass(frozen=True)
class _Finding:
    """One tested number: what it is, whether the claim holds for it, and whether it can settle."""

    number: Number
    holds: bool | None
    settles: bool
    reason: str
    parts: tuple[Number, ...]
    estimates: tuple[Number, ...] = ()


# The ledger


def read_ledger(path: Path) -> Ledger:
    """The claims of a YAML file (its form: `docs/ledger.md`).

    Raises:
        UnreadableFile: a claim lacks a part, has one that is unknown, or a word outside its
            vocabulary; the message names file, claim, part and the words there are.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path.name} is not YAML in UTF-8: {error}") from error
    listed = content.get("claims") if isinstance(content, dict) else None
    if not listed or not isinstance(listed, list):
        raise UnreadableFile(f"{path.name} has no list `claims`; see docs/ledger.md")
    statement = content.get("statement") or {}
    if not isinstance(statement, dict):
        raise UnreadableFile(f"{path.name}: `statement` has parts of its own; found {statement!r}")
    claims = tuple(_claim(path.name, i, entry) for i, entry in enumerate(listed, 1))
    keys = [claim.key for claim in claims]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise UnreadableFile(f"{path.name} has claims of one key: {twice[:5]}")
    return Ledger(statement, claims, tuple(statement.get("sources", ())))


def _claim(file: str, position: int, entry: Mapping[str, object]) -> Claim:
    """A claim from its YAML entry, or an error that says what to write."""
    if not isinstance(entry, dict):
        raise UnreadableFile(f"{file}: claim {position} is not a mapping of parts; found {entry!r}")
    place = f"{file}, claim {position} ({entry.get('key', 'without a key')})"
    given = _flat(place, entry)
    names = [f.name for f in fields(Claim)]
    for name in sorted(set(given) - set(names)):
        raise UnreadableFile(
            f"{place}: unknown part {name!r}{suggest(name, names)}; "
            f"the parts are {', '.join(names)}"
        )
    needed = [*names[:8], *_needed_parts(place, given.get("test"))]
    missing = [name for name in needed if given.get(name) in (None, "")]
    if missing:
        raise UnreadableFile(f"{place}: it lacks {', '.join(missing)}")
    for name in [f.name for f in fields(Claim) if f.type == "str"]:
        if not isinstance(given.get(name, ""), str):
            raise UnreadableFile(f"{place}: {name} is text; put {given[name]!r} into quotes")
    claim = Claim(**_checked(place, given))
    if claim.test == "share" and claim.measure not in _PRINTED_SHARE:
        raise UnreadableFile(f"{place}: a share is of {' or '.join(_PRINTED_SHARE)}")
    return claim


def _flat(place: str, entry: Mapping[str, object]) -> dict[str, object]:
    """The entry with `settle: {fa: …}` as `settle_fa`; `against` and `category` likewise."""
    flat = dict(entry)
    for name in ("settle", "weakest", "against"):
        nested = flat.pop(name, {})
        if not isinstance(nested, dict):
            raise UnreadableFile(f"{place}: {name} must have parts of its own, found {nested!r}")
        flat |= {f"{name}_{part}": value for part, value in nested.items()}
    if "category" in flat:
        flat["categories"] = [flat.pop("category")]
    return flat


def _needed_parts(place: str, test: object) -> tuple[str, ...]:
    if str(test) not in TESTS:
        raise UnreadableFile(
            f"{place}: no test {test!r}{suggest(str(test), list(TESTS))}; "
            f"the tests are {', '.join(TESTS)}"
        )
    return TESTS[str(test)].needs


def _checked(place: str, given: Mapping[str, object]) -> dict[str, object]:
    """The parts with their types; words are checked against their vocabularies."""
    parts = {"threshold": TESTS[str(given["test"])].threshold, **given}
    for name in {"categories", "context"} & set(parts):
        parts[name] = tuple(_listed(parts[name]))
    for name, words in _VOCABULARIES.items():
        for word in _listed(parts.get(name, ())):
            if word not in words:
                raise UnreadableFile(
                    f"{place}: {name} {word!r} is unknown{suggest(str(word), list(words))}; "
                    f"it is one of {', '.join(words)}"
                )
    try:
        if "period" in parts:
            parts["period"] = parse_period(str(parts["period"]))
        parts["threshold"] = float(str(parts["threshold"]))
    except (HelpersError, ValueError) as error:
        raise UnreadableFile(f"{place}: {error}") from error
    return parts


def _listed(words: object) -> Sequence[object]:
    return words if isinstance(words, list | tuple) else [words]


# Evaluation


def evaluate(
    ledger: Ledger,
    figures: pd.DataFrame | None = None,
    totals: pd.DataFrame | None = None,
    *,
    totals_source: str = "declarations",
) -> list[Verdict]:
    """A verdict for each claim and each source given, claim by claim.

    Args:
        ledger: from `read_ledger`.
        figures: published figures (the table `figures`); the statement's own are left out.
        totals: `store.totals` by flow, province, year_sh, month_first_sh, month_last_sh and, for
            claims about them, sector, group or use; all flows, provinces and years.
        totals_source: what evidence from `totals` cites; say so where they are synthetic.
    """
    sources: list[tuple[str, pd.DataFrame]] = []
    if figures is not None:
        own = figures["source"].isin(ledger.sources)
        sources.append(("published", published_facts(figures[~own])))
    if totals is not None:
        periods = {claim.period for claim in ledger.claims if claim.period}
        wanted = sorted(periods | {period.year_before for period in periods})
        sources.append(("declarations", declared_facts(totals, wanted, totals_source)))
    context = {} if figures is None else _context(figures)
    return [
        _verdict(claim, facts, basis, context)
        for claim in ledger.claims
        for basis, facts in sources
    ]


def _verdict(
    claim: Claim, facts: pd.DataFrame, basis: str, context: Mapping[str, Number]
) -> Verdict:
    findings = TESTS[claim.test].find(claim, facts)
    word, reason, leaning = _judged(findings)
    unknown = [key for key in claim.context if context and key not in context]
    if unknown:
        raise UnreadableFile(f"claim {claim.key}: context names no published figure: {unknown[:5]}")
    tested = sorted(
        [number for f in findings for number in (f.number, *f.estimates)], key=lambda n: n.value
    )
    ends = (tested[0], tested[-1]) if tested else ()
    answers = {f.holds for f in findings} | {_holds(claim, number.value) for number in ends}
    return Verdict(
        claim=claim,
        verdict=word,
        reason="not_measurable" if claim.test == "none" else reason,
        leaning=leaning,
        basis=basis,
        evidence=tuple(
            dict.fromkeys(n for f in findings for n in (f.number, *f.estimates, *f.parts))
        ),
        context=tuple(context[key] for key in claim.context if key in context),
        sensitivity=ends,
        is_robust=len(answers - {None}) <= 1,
    )


def _judged(findings: Sequence[_Finding]) -> tuple[str, str, str]:
    """Verdict, reason and leaning: what can settle decides; the rest can only be consistent."""
    known = [f for f in findings if f.holds is not None]
    settling = {f.holds for f in known if f.settles}
    if settling == {True}:
        return "supported", "settled", "for"
    if settling == {False}:
        return "contradicted", "settled", "against"
    if settling:
        return "not_testable", "sources_disagree", "mixed"
    if not known:
        return "not_testable", "no_figures", "none"
    order = ("bracketed", "other_attribution", "approximate", "other_period")
    reason = next(r for r in order if r in {f.reason for f in known})
    answers = {f.holds for f in known}
    if answers == {True}:
        return "consistent", reason, "for"
    return "not_testable", reason, "against" if answers == {False} else "mixed"


# Facts: both sources in one form


def published_facts(figures: pd.DataFrame) -> pd.DataFrame:
    """Published figures as facts: the undoubted ones, and value per tonne where it follows."""
    figures = figures[~published.is_doubtful(figures)]
    computed = published.unit_values(figures).assign(
        measure="unit_value_usd_per_tonne", value=lambda rows: rows["unit_value_usd_per_tonne"]
    )
    printed = figures[figures["measure"] != "unit_value_usd_per_tonne"]
    return _facts(pd.concat([printed, computed], ignore_index=True), is_complete=False)


def declared_facts(totals: pd.DataFrame, periods: Iterable[Period], source: str) -> pd.DataFrame:
    """Totals of declarations as facts, for periods of which every month is declared.

    Amounts of a province are by place of clearance. `nation` is the sum of all rows, those of no
    province included. Categories are the values of `sector`, `group` and `use` where `totals`
    has these columns.
    """
    summed = [
        _sums(rows.assign(category="total" if key is None else rows[key]), scope)
        for period in periods
        for rows in [_complete(totals, period)]
        for key in (None, "sector", "group", "use")
        if key is None or key in totals
        for scope in ("province", "nation")
        if len(rows)
    ]
    if not summed:
        return _facts(_NO_FACTS, is_complete=True)
    sums = pd.concat(summed, ignore_index=True).assign(
        unit_value_usd_per_tonne=lambda rows: (
            rows["value_usd_weighed"] / rows["net_mass_kg"] * 1000.0
        )
    )
    keys = ["scope", *_PERIOD, "flow", "category"]
    long = sums.melt(keys, list(MEASURES), var_name="measure", value_name="value")
    long = long.dropna(subset=["value", "category"])
    return _facts(
        long.assign(attribution="clearance", qualifier="exact", is_derived=False, source=source),
        is_complete=True,
    )


def _complete(totals: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The rows inside a period, of flows that declare all its months; their months become its."""
    inside = totals[
        (totals["year_sh"] == period.year)
        & (totals["month_first_sh"] >= period.month_first)
        & (totals["month_last_sh"] <= period.month_last)
    ]
    spans = inside[["flow", "month_first_sh", "month_last_sh"]].drop_duplicates()
    months = {
        flow: {
            m
            for a, b in rows[["month_first_sh", "month_last_sh"]].to_numpy()
            for m in range(a, b + 1)
        }
        for flow, rows in spans.groupby("flow")
    }
    full = [flow for flow, covered in months.items() if len(covered) == period.n_months]
    return inside[inside["flow"].isin(full)].assign(
        month_first_sh=period.month_first, month_last_sh=period.month_last
    )


def _sums(rows: pd.DataFrame, scope: str) -> pd.DataFrame:
    scoped = rows.assign(scope=rows["province"] if scope == "province" else "nation")
    amounts = ["value_usd", "net_mass_kg", "value_usd_weighed"]
    keys = ["scope", *_PERIOD, "flow", "category"]
    return scoped.groupby(keys)[amounts].sum(min_count=1).reset_index()


_FACT_COLUMNS = ["scope", *_PERIOD, "flow", "category", "measure", "value", "attribution"]
_FACT_COLUMNS += ["qualifier", "is_derived", "source"]
_NO_FACTS = pd.DataFrame({c: pd.Series(dtype="object") for c in _FACT_COLUMNS}).astype(
    {"qualifier": "string", "value": "float64"}
)


def _facts(rows: pd.DataFrame, *, is_complete: bool) -> pd.DataFrame:
    """The columns the tests read; `is_complete`: a province that is not listed has no trade."""
    periods = published.period_codes(rows)
    return rows[_FACT_COLUMNS].assign(period=periods, is_complete=is_complete)


def _context(figures: pd.DataFrame) -> dict[str, Number]:
    periods = published.period_codes(figures)
    return {
        row.figure: _number(_named(row.category, row.measure), row, period)
        for row, period in zip(figures.itertuples(), periods, strict=True)
    }


def _named(category: str, measure: str) -> str:
    return measure if category == "total" else f"{category}_{measure}"


def _number(name: str, row: object, period: str, unit: str = "") -> Number:
    unit = unit or _UNITS[row.measure]
    return Number(name, float(row.value), unit, str(row.scope), str(period), str(row.source))


# Tests


def _of(facts: pd.DataFrame, claim: Claim, **other: str) -> pd.DataFrame:
    """The facts of the claim's scope, flow, measure and first category, or of the `other` ones."""
    wanted = {
        "scope": claim.scope,
        "flow": claim.flow,
        "measure": claim.measure,
        "category": claim.categories[0],
    } | other
    keep = pd.Series(True, facts.index)
    for column, word in wanted.items():
        keep &= facts[column].eq(word)
    return facts[keep]


def _finding(
    claim: Claim,
    name: str,
    value: float,
    rows: Sequence[object],
    *,
    at_least: bool = False,
    unit: str = "1",
) -> _Finding:
    """A tested number, computed from the facts `rows`, the first of which gives the period."""
    first, is_alone = rows[0], len(rows) == 1
    qualifiers = {word for row in rows for word in row.qualifier.split(",")} - {"exact"}
    bounds = qualifiers & {"over", "at_least"}
    if first.period != str(claim.period):
        reason = "other_period"
    elif qualifiers - bounds or (bounds and not is_alone):  # a bound in a quotient bounds nothing
        reason = "approximate"
    elif not all(_is_attributed(claim, row) for row in rows):
        reason = "other_attribution"
    else:
        reason = "settled"
    source = " ; ".join(dict.fromkeys(str(row.source) for row in rows))
    return _Finding(
        number=Number(name, float(value), unit, claim.scope, str(first.period), source),
        holds=_holds(claim, float(value), at_least=at_least or bool(is_alone and bounds)),
        settles=reason == "settled",
        reason=reason,
        parts=tuple(_number(_named(r.category, r.measure), r, r.period) for r in rows),
    )


def _is_attributed(claim: Claim, row: object) -> bool:
    """Whether the fact counts goods as the claim does; the nation has all goods either way."""
    return row.scope == "nation" or row.attribution == claim.attribution != "unstated"


def _holds(claim: Claim, value: float, *, at_least: bool = False) -> bool | None:
    """Whether the claim's relation holds for a value; None if it may be larger and that matters."""
    threshold = claim.threshold
    answer = {
        "over": value > threshold or (at_least and value == threshold),
        "at_least": value >= threshold,
        "under": value < threshold,
        "at_most": value <= threshold,
        "about": abs(value - threshold) <= ABOUT * abs(threshold),
    }[claim.relation]
    if not at_least:
        return answer
    if claim.relation in ("over", "at_least"):
        return True if answer else None
    return None if answer or value < threshold else False


def _find_level(claim: Claim, facts: pd.DataFrame) -> list[_Finding]:
    """The figure of the period; without one, what the cumulative figures around it imply."""
    mine = _of(facts, claim)
    exact = mine[mine["period"] == str(claim.period)]
    unit = _UNITS[claim.measure]
    found = [_finding(claim, claim.measure, r.value, [r], unit=unit) for r in exact.itertuples()]
    if any(f.settles for f in found) or claim.measure == "unit_value_usd_per_tonne":
        return found
    return found + _bracket(claim, mine, unit)


def _bracket(claim: Claim, mine: pd.DataFrame, unit: str) -> list[_Finding]:
    """Cumulative totals only rise, so that earlier and later ones enclose the period's own.

    Where both give one answer they settle the claim; where the claimed value lies between them it
    is consistent. Two rough guides to where the period's own figure lies: by months between the
    two (months differ), and the year before's figure carried by the growth of the earlier one.
    """
    running = mine[(mine["month_first_sh"] == 1) & ~mine["qualifier"].str.contains("about")]
    by_period = _one_a_period(running)
    year = sorted(
        (row for row in by_period.values() if row.year_sh == claim.period.year),
        key=lambda row: row.month_last_sh,
    )
    before = [row for row in year if row.month_last_sh < claim.period.month_last]
    after = [row for row in year if row.month_last_sh > claim.period.month_last]
    if not (before and after) or claim.period.month_first != 1:
        return []
    low, high = before[-1], after[0]
    at_low, at_high = _holds(claim, low.value), _holds(claim, high.value)
    settled = at_low == at_high and claim.relation != "about"
    attributed = all(_is_attributed(claim, row) for row in (low, high))
    months = (claim.period.month_last - low.month_last_sh) / (
        high.month_last_sh - low.month_last_sh
    )
    source = f"{low.source} ; {high.source}"

    def estimate(how: str, value: float) -> Number:
        name = f"{claim.measure}_{how}"
        return Number(name, float(value), unit, claim.scope, str(claim.period), source)

    was = by_period.get(str(claim.period.year_before))
    low_was = by_period.get(str(parse_period(low.period).year_before))
    carried = (
        [estimate("carried", was.value * low.value / low_was.value)] if was and low_was else []
    )
    return [
        _Finding(
            number=estimate("interpolated", low.value + months * (high.value - low.value)),
            holds=at_low if settled else low.value <= claim.threshold <= high.value,
            settles=settled and attributed,
            reason="bracketed",
            parts=tuple(_number(claim.measure, row, row.period) for row in (low, high)),
            estimates=tuple(carried),
        )
    ]


def _find_compare(claim: Claim, facts: pd.DataFrame) -> list[_Finding]:
    """The scope's measure over the comparator's, in every period that has both."""
    mine = _of(facts, claim)
    other = _one_a_period(
        _of(facts, claim, scope=claim.against_scope or claim.scope, category=claim.against_category)
    )
    return [
        _finding(
            claim,
            f"relative_{claim.measure}",
            row.value / other[row.period].value,
            [row, other[row.period]],
        )
        for row in mine.itertuples()
        if row.period in other and other[row.period].value
    ]


def _find_share(claim: Claim, facts: pd.DataFrame) -> list[_Finding]:
    """The share of the categories in the total of their scope, period by period.

    A category without a figure makes the sum a lower bound: never a zero.
    """
    name = _PRINTED_SHARE[claim.measure]
    totals = _one_a_period(_of(facts, claim, category="total"))
    parts = [_one_a_period(_of(facts, claim, category=part)) for part in claim.categories]
    found = []
    for period, total in totals.items():
        rows = [part[period] for part in parts if period in part]
        if rows and total.value:
            share = sum(row.value for row in rows) / total.value
            partial = len(rows) < len(parts) and not total.is_complete
            found.append(_finding(claim, name, share, [*rows, total], at_least=partial))
    printed = _of(facts, claim, measure=name) if len(parts) == 1 else facts.head(0)
    return found + [_finding(claim, name, r.value, [r]) for r in printed.itertuples()]


def _find_growth(claim: Claim, facts: pd.DataFrame) -> list[_Finding]:
    """Growth against the same months a year before: periods of the claim's year only."""
    by_period = _one_a_period(_of(facts, claim))
    found = []
    for period, row in by_period.items():
        before = by_period.get(str(parse_period(period).year_before))
        if row.year_sh == claim.period.year and before is not None and before.value:
            growth = row.value / before.value - 1
            found.append(_finding(claim, f"{claim.measure}_growth", growth, [row, before]))
    printed = _of(facts, claim, measure=_PRINTED_GROWTH.get(claim.measure, ""))
    printed = printed[printed["year_sh"] == claim.period.year]
    return found + [
        _finding(claim, f"{claim.measure}_growth", r.value, [r]) for r in printed.itertuples()
    ]


def _find_rank(claim: Claim, facts: pd.DataFrame) -> list[_Finding]:
    """The place of the scope among the provinces, 1 the largest, in the claim's period.

    Where provinces are missing from published figures it is only the best place possible.
    """
    period = facts[facts["period"] == str(claim.period)]
    rows = {
        province: row
        for province in PROVINCES
        for row in _one_a_period(_of(period, claim, scope=province)).values()
    }
    if claim.scope not in rows:
        return []
    mine = rows[claim.scope]
    above = sum(row.value > mine.value for row in rows.values())
    partial = len(rows) < len(PROVINCES) and not mine.is_complete
    return [_finding(claim, "rank", above + 1, [mine], at_least=partial)]


def _one_a_period(facts: pd.DataFrame) -> dict[str, object]:
    """The preferred release of each period, by period code."""
    chosen = published.preferred(facts) if len(facts) else facts
    return {row.period: row for row in chosen.itertuples()}


@dataclass(frozen=True)
class _Test:
    """A test: how it finds numbers, the parts a claim must name, the threshold without one."""

    find: Callable[[Claim, pd.DataFrame], list[_Finding]]
    needs: tuple[str, ...]
    threshold: float = 0.0


TESTS: dict[str, _Test] = {
    "level": _Test(_find_level, ("period", "scope", "measure", "relation", "threshold")),
    "compare": _Test(_find_compare, ("period", "scope", "measure", "relation"), 1.0),
    "share": _Test(_find_share, ("period", "scope", "categories", "relation", "threshold")),
    "growth": _Test(_find_growth, ("period", "scope", "measure", "relation")),
    "rank": _Test(_find_rank, ("period", "scope", "measure", "relation", "threshold")),
    "none": _Test(lambda _claim, _facts: [], ()),
}
_VOCABULARIES: dict[str, tuple[str, ...]] = {
    "flow": published.FLOWS,
    "scope": published.SCOPES,
    "against_scope": published.SCOPES,
    "attribution": published.ATTRIBUTIONS,
    "measure": MEASURES,
    "categories": CATEGORIES,
    "against_category": CATEGORIES,
    "relation": RELATIONS,
}

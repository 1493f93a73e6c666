"""A page and its facts: what all numbers of a page share, and what they say of one question.

A `Fact` has no language. Its sentence, its chart's title and alternative text and its table's
heading are forms of it, side by side in one table of `words/`. So the two languages say the same
numbers, and a better wording is an edit of one line of data:

    [concentration.down]
    sentence = { fa = "…", en = "{place}’s exports rest on {own} {own:market|markets} …" }
    title = { fa = "…", en = "…" }

A measure is called by its name, and a column of a row by both (`Page.fact`); each is written by
its kind, and what follows the colon changes that:

    {n_rows}             a Number with its unit, or a Name, a text, another Fact's sentence
    {last.value_usd}     what stands in a column of a row; {growth.before}: a part of another Fact
    {share:2}            with two decimals
    {change:abs}         without its sign, where the verb says the direction
    {amount:fine}        with two decimals of a few billion, where ends of a range are compared
    {amount:signed}      with a plus where it is above zero; {amount:million} in millions, bare
    {low:start}          without its unit, where a range names it at its end
    {value:bare}         without its unit; {share:bare_share} a share times a hundred, bare
    {share:points}       in percentage points
    {use:lower}          a Name inside a sentence, where English has no capital
    {n:market was|markets were}     the form that the language's plural rule asks for
    {n:none}             a count in words, of which nothing is "none" and not "no"
    {rank:nth}           English: `23rd`; Persian writes its ranks as numbers

Every template may use what the page knows without being given it: {place}, {period}, {nation},
{against} (what the period is compared with: "on the same period of last year", "on the monthly
average of 1403"), {base_period} and {a_month} (" a month" where averages are compared).
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from html import escape
from numbers import Real
from typing import Any

import pandas as pd
from babel import Locale

from helpers import classification, store
from helpers.periods import Period, parse_period
from helpers.schema import Lang, Number
from helpers.telling import numbers
from helpers.telling.numbers import Html, words_of


@dataclass(frozen=True)
class Page:
    """What every number of a page shares: whom and when it is about, its language and source.

    Attributes:
        province: slug of the province.
        period: the period of the page.
        lang: `fa` or `en`.
        source: where the declared figures come from, in the language of the page.
        is_presumed: whether the source does not state the months; `{period}` then has "presumably".
        base: what the declarations of the period are compared with.
    """

    province: str
    period: Period
    lang: Lang
    source: str = ""
    is_presumed: bool = False
    base: store.Base | None = None

    @property
    def place(self) -> str:
        """The province's name."""
        return classification.code_name("province", self.province, self.lang)

    @property
    def period_words(self) -> str:
        """The period in words, with "presumably" where its months are presumed."""
        name = numbers.period_name(self.period, self.lang)
        return words_of("common")["presumed"][self.lang].format(name) if self.is_presumed else name

    @property
    def nation(self) -> Page:
        """The same page for numbers of the nation."""
        return replace(self, province="nation")

    @property
    def is_by_month(self) -> bool:
        """Whether the period is compared by averages of months."""
        return self.base is not None and self.base.kind == "monthly_average"

    def number(self, name: str, value: float | None, unit: str = "", **other: Any) -> Number:
        """A number; `scope`, `period` and `source` are the page's and the unit its name's
        (`numbers.unit_of`), if not given.
        """
        about = {"scope": self.province, "period": str(self.period), "source": self.source, **other}
        about["period"] = str(about["period"])
        value = None if numbers.is_missing(value) else float(value)
        return Number(name, value, unit or numbers.unit_of(name), **about)

    def fact(self, question: str, case: str, /, **parts: Any) -> Fact:
        """A fact whose words name numbers and rows: `{n_rows}`, `{last.value_usd}`.

        Args:
            question: file and table of its words.
            case: which of its cases.
            parts: what they name. A number is a measure called as its part; a row, or the rows of a
                table, are a `Row`, by its name of the `nation` or the `rest` of it; anything else
                stays what it is.
        """
        return Fact(question, case, {name: self._part(name, part) for name, part in parts.items()})

    def _part(self, name: str, part: Any) -> Any:
        if isinstance(part, (Mapping, pd.Series, pd.DataFrame)):
            scope = {"nation": "nation", "rest": "rest_of_nation"}.get(name, self.province)
            return Row(replace(self, province=scope), part)
        is_number = isinstance(part, Real) or part is None or part is pd.NA
        return self.number(name, part) if is_number else part


def open_page(province: str, period: str | Period, lang: Lang, flow: str = "export") -> Page:
    """The page of a province and a period, with what the store knows of the flow's declarations.

    Args:
        province: slug of the province.
        period: code of the period, or the period.
        lang: `fa` or `en`.
        flow: the flow that the page is about.
    """
    period = period if isinstance(period, Period) else parse_period(str(period))
    kind = "synthetic" if store.is_synthetic() else "declarations"
    source = words_of("common")["sources"][kind][lang]
    base, is_presumed = store.comparison_base(period, flow), bool(store.months_note(period))
    return Page(province, period, lang, source, is_presumed, base)


@dataclass(frozen=True)
class Name:
    """Codes that are called something in each language.

    Attributes:
        kind: what they are codes of: a key of `NAMES` (`partner_iso3`, `province`, …).
        codes: one or more of them, listed in this order.
    """

    kind: str
    codes: Sequence[str]


@dataclass(frozen=True)
class Row:
    """A row whose columns are parts of a fact: a `Name` for codes, else a `Number`.

    Its own `scope`, `period` and `source` are what its numbers are about, else those of the page.
    What they are `of` stands before the names of its measures: `CHN_demand_usd`.

    Attributes:
        page: what its numbers share with others.
        cells: column to value; of a table, of which only codes are named, all of its rows.
    """

    page: Page
    cells: Mapping | pd.Series | pd.DataFrame

    def __getitem__(self, column: str) -> Number | Name:
        cell = self.cells[column]
        if column in NAMES:
            return Name(column, list(cell) if isinstance(cell, pd.Series) else [cell])
        about = {of: self.cells[of] for of in ("scope", "period", "source") if of in self.cells}
        name = f"{self.cells['of']}_{column}" if "of" in self.cells else column
        return self.page.number(name, cell, **about)

    def __contains__(self, column: str) -> bool:
        return column in self.cells


@dataclass(frozen=True)
class Fact:
    """What the numbers say of one question, in no language.

    Attributes:
        question: file and table of its words: `markets.concentration`.
        case: which of its cases the numbers are: `up`, `down`, `steady`, `missing`, …
        parts: what its words are filled in with: `Number`, `Name`, `Row`, text, another `Fact`, or
            a list of these.
    """

    question: str
    case: str
    parts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_missing(self) -> bool:
        """Whether the data do not answer the question; its section is then left out."""
        return self.case == "missing"

    @property
    def figure(self) -> Any:
        """What its card shows, as its words name it."""
        words = question_words(self)
        return self[{**words, **words.get(self.case, {})}["figure"]]

    def __getitem__(self, name: str) -> Any:
        """A part; of one that is a row, what stands in a column: `fact["last.value_usd"]`."""
        part, _, column = name.partition(".")
        return self.parts[part][column] if column else self.parts[part]

    def __contains__(self, name: str) -> bool:
        part, _, column = name.partition(".")
        return part in self.parts and (not column or column in self.parts[part])


NAME_LETTERS = 42
"""A long official name of goods is cut at a word."""


def _part_name(code: str, lang: Lang) -> str:
    """A sector, a named group of goods, or goods without either."""
    names = {**classification.names_of("sector", lang), **classification.names_of("group", lang)}
    return names[code] if code in names else numbers.word("kinds", code, lang)


@cache
def _goods_names(digits: int, lang: Lang) -> dict[str, str]:
    rows = classification.hs_names(digits)
    names = rows["name_en"] if lang == "en" else rows["name_fa"].fillna(rows["name_en"])
    return dict(zip(rows["hs_code"], names, strict=True))


def goods_name(code: str, lang: Lang, letters: int = NAME_LETTERS) -> str:
    """What the goods of an HS code are called, cut if it is long; six digits as their four.

    In Persian those without a Persian name bear the English text.
    """
    name = _goods_names(min(len(code), 4), lang).get(code[:4], code)
    if len(name) <= letters:
        return name
    head = re.split("[;(]", name)[0].rstrip(" ,")
    return head if len(head) <= letters else head[:letters].rsplit(" ", 1)[0].rstrip(",") + " …"


NAMES = {
    "province": numbers.scope_name,
    "scope": numbers.scope_name,
    "period": numbers.period_name,
    "year_ce": numbers.year_ce,
    "month": numbers.month_name,
    "measure": numbers.measure_name,
    "part": _part_name,
    "is_presumed": lambda code, lang: numbers.word("kinds", "presumed" if code else "stated", lang),
    "flow": partial(numbers.word, "flow_names"),
    "qualifier": partial(numbers.word, "qualifiers"),
    **dict.fromkeys(("attribution", "attribution_first"), partial(numbers.word, "attributions")),
    **dict.fromkeys(("kind", "list", "status"), partial(numbers.word, "kinds")),
    **dict.fromkeys(
        ("partner_iso3", "supplier_iso3"), partial(classification.code_name, "partner")
    ),
    **{kind: partial(classification.code_name, kind) for kind in ("sector", "use", "group")},
    **dict.fromkeys(("hs2_code", "hs4_code", "hs6_code"), goods_name),
}
"""What a column of codes is called in sentences, charts and tables."""


def name_of(kind: str, code: str, lang: Lang) -> str:
    """What a code is called; a kind without names is written as it is."""
    return NAMES[kind](code, lang) if kind in NAMES else str(code)


def question_words(fact: Fact) -> Mapping[str, Any]:
    """The words of a fact's question: a table with the cases and what they have in common."""
    subject, _, question = fact.question.partition(".")
    return words_of(subject)[question]


def template(fact: Fact, form: str, lang: Lang) -> str:
    """The words of a form, unfilled: those of the case, else those all cases have in common."""
    table = question_words(fact)
    case = table.get(fact.case, {})
    found = case.get(form) or table.get(form)
    if found is None:
        raise KeyError(f"{fact.question}: no {form!r} for the case {fact.case!r}")
    return found[lang]


def text(fact: Fact, form: str, page: Page) -> str:
    """A form of a fact without markup: `title`, `alt` or `heading`."""
    return _Filler(page, fact, markup=False).filled(template(fact, form, page.lang))


def sentence(fact: Fact, page: Page, form: str = "sentence") -> Html:
    """The sentence of a fact; its numbers are `<data>` elements, its texts are escaped."""
    return filled(template(fact, form, page.lang), fact, page)


def filled(template: str, fact: Fact, page: Page) -> Html:
    """Words of a reviewed table filled in with the parts of a fact, as markup."""
    return Html(_Filler(page, fact, markup=True).filled(template))


def say(fact: Fact, page: Page) -> Html:
    """A finding as a paragraph; of a missing fact, the line `unanswered`."""
    return unanswered(fact, page) if fact.is_missing else paragraph(sentence(fact, page))


def doubt(fact: Fact, page: Page, form: str = "sentence") -> Html:
    """What speaks against reading too much into the finding above it; nothing where missing."""
    return Html("") if fact.is_missing else paragraph(sentence(fact, page, form), "wb-doubt")


def paragraph(markup: str, kind: str = "wb-say") -> Html:
    """Markup as a paragraph of the given kind."""
    return Html(f'<p class="{kind}">{markup}</p>')


def unanswered(fact: Fact, page: Page) -> Html:
    """The one line that stands for a question these data do not answer.

    The export leaves a section of nothing but such lines out and lists each question once at the
    end. The words are the question's `asks` and `needs`: what it asks, which file would answer it.
    A question without them only comments on another, and is not missed.
    """
    if "asks" not in question_words(fact):
        return Html("")
    asks, needs = (text(fact, form, page) for form in ("asks", "needs"))
    lead, needed = (words_of("common")[word][page.lang] for word in ("unanswered", "needed"))
    return Html(
        f'<p class="wb-unanswered" data-question="{escape(fact.question)}">'
        f'<span class="wb-lead">{lead}: </span>{escape(f"{asks} {needed} {needs}")}</p>'
    )


def cards(facts: Sequence[Fact], page: Page) -> Html:
    """Headline numbers side by side; each fact has `label`, a `{value}` part and a `note`.

    A missing fact or value has no card; without any card there is nothing.
    """
    items = []
    for fact in facts:
        if fact.is_missing:
            continue
        value = fact.figure
        if numbers.is_missing(value.value):
            continue
        decimals = question_words(fact).get("decimals")
        written = numbers.amount(value.value, value.unit, page.lang, decimals=decimals)
        large, _, unit = written.partition(" ")
        small = f' <small class="wb-unit">{escape(unit)}</small>' if unit else ""
        figure = numbers.number(value, page.lang, Html(escape(large) + small))
        label, note = (sentence(fact, page, form) for form in ("label", "note"))
        held = f'<dd class="wb-note">{note}</dd>' if note else ""
        items.append(f'<div class="wb-card"><dt>{label}</dt><dd>{figure}</dd>{held}</div>')
    return Html(f'<dl class="wb-cards">{"".join(items)}</dl>' if items else "")


def listing(facts: Sequence[Fact], page: Page, form: str = "sentence") -> Html:
    """Several facts as a list, without those that are missing; where all are, the lines say so."""
    lines = [f"<li>{sentence(fact, page, form)}</li>" for fact in facts if not fact.is_missing]
    if not lines:
        return Html("".join(unanswered(fact, page) for fact in facts))
    return Html(f'<ul class="wb-list">{"".join(lines)}</ul>')


def scope(page: Page) -> Html:
    """Whom and when the page is about, with the days in the calendar of the language.

    Below it, where a trade office reported it, what was made in the province: on every page, beside
    its figures by place of clearance, and in none of them.
    """
    first, last = (numbers.day_words(d.isoformat(), page.lang) for d in page.period.gregorian())
    line = words_of("common")["scope"][page.lang].format(
        place=page.place, period=page.period_words, first=first, last=last
    )
    return paragraph(escape(line), "wb-scope") + doubt(_made(page), page)


def _made(page: Page) -> Fact:
    """Exports of goods made in the province, as exporters report: `some` or `missing`."""
    if page.base is None or not store.has_declarations():
        return Fact("common.made", "missing")
    sums = store.totals([], period=page.period, province=page.province, basis="production").iloc[0]
    source = words_of("common")["sources"]["exporters"][page.lang]
    case = "some" if sums["n_declarations"] else "missing"
    return page.fact("common.made", case, made={**sums, "of": "made", "source": source})


def growth_fact(
    page: Page, name: str, now: float | None, before: float | None, **other: Any
) -> Fact:
    """How an amount moved, as a clause for other sentences (`{growth}`).

    Cases: `up`, `down`, `steady`, `multiple` (more than threefold growth, given by both amounts),
    `new` (from nothing), `gone`, `missing`. Parts: `change` (share), `now`, `before`.
    """
    if numbers.is_missing(now) or numbers.is_missing(before):
        return Fact("common.growth", "missing", {"change": page.number(name, None)})
    change = (now - before) / before if before else None
    if not before or not now:
        case = ("new" if now else "steady") if not before else "gone"
    elif change > numbers.threshold("multiple_growth"):
        case = "multiple"
    else:
        case = numbers.direction(change, "steady_growth")
    amounts = page.number(name, now, **other)
    parts = {
        "now": amounts,
        "before": replace(amounts, value=float(before), period=""),
        "change": replace(amounts, name=f"{name}_growth", value=change, unit="1"),
    }
    return Fact("common.growth", case, parts)


_TWO_NUMBERS = re.compile("(?<=[۰-۹]) (?=(?:<data[^>]*>)?\u200e?[+\u2212]?[۰-۹])")
"""Between a year and an amount after it, where Persian needs a comma to be read."""


_UNIT_AT_END = re.compile("[^0-9۰-۹]+$")


class _Filler(string.Formatter):
    """Fills words in with the parts of a fact, as markup or as plain text."""

    def __init__(self, page: Page, fact: Fact, *, markup: bool) -> None:
        self.page, self.fact, self.markup = page, fact, markup
        self.lang = page.lang
        words = question_words(fact).get("one_scale", ())
        named = [fact[name] for name in words if name in fact]
        scaled = [part for part in named if isinstance(part, Number)]
        amounts = [abs(n.value) for n in scaled if not numbers.is_missing(n.value)]
        self.scaled, self.largest = scaled, max(amounts, default=None)

    def filled(self, template: str, *, is_part: bool = False) -> str:
        written = self.vformat(template, (), self._about())
        if self.lang == "fa":
            return _TWO_NUMBERS.sub("، ", written)
        # An article of a country's name begins the sentence, but no clause inside one.
        is_sentence = not is_part or template.endswith(".")
        starts = is_sentence and template.startswith("{") and written.startswith("the ")
        return "T" + written[1:] if starts else written

    def _about(self) -> dict[str, str]:
        base = self.page.base or store.Base(self.page.period.year_before, "same_months", (), 0)
        before = numbers.period_name(base.period or "", self.lang)
        return {
            "place": self.page.place,
            "period": self.page.period_words,
            "nation": numbers.scope_name("nation", self.lang),
            "against": words_of("common")["against"][base.kind][self.lang].format(before=before),
            "base_period": before,
            "a_month": words_of("common")["a_month"][self.lang] if self.page.is_by_month else "",
        }

    def get_field(self, field_name: str, _: Sequence, kwargs: Mapping) -> tuple[Any, str]:
        # Only names and columns: no attribute or index of a part is reached from words.
        is_part = field_name.partition(".")[0] in self.fact.parts
        return self.fact[field_name] if is_part else kwargs[field_name], field_name

    def format_field(self, value: Any, spec: str) -> str:
        if "|" in spec:
            return self._plural(value, spec)
        if isinstance(value, Number):
            return self._number(value, spec)
        if isinstance(value, Fact):
            return _Filler(self.page, value, markup=self.markup).filled(
                template(value, spec or "sentence", self.lang), is_part=True
            )
        if isinstance(value, Name):
            written = [name_of(value.kind, code, self.lang) for code in value.codes]
            if self.lang == "en" and value.kind == "partner_iso3":
                called = words_of("common")["with_article"]
                written = [f"the {name}" if name in called else name for name in written]
            if spec == "lower":
                # An abbreviation keeps its capitals, and so does a T-shirt.
                written = [
                    name[:1].lower() + name[1:] if name[1:2].islower() else name for name in written
                ]
            return self._escaped(self._joined(written))
        if isinstance(value, (list, tuple)):
            return self._joined([self.format_field(part, spec) for part in value])
        return str(value) if isinstance(value, Html) else self._escaped(str(value))

    def _number(self, figure: Number, spec: str) -> str:
        options = spec.split(",") if spec else []
        value = figure.value
        if value is not None and "abs" in options:
            value = abs(value)
        decimals = next((int(option) for option in options if option.isdigit()), None)
        largest = self.largest if figure in self.scaled else None
        if "fine" in options and 1e9 <= (largest or abs(value or 0.0)) < 1e10:
            decimals = 2
        scales = {"bare": 1.0, "bare_share": 100.0, "million": 1e-6, "nth": 1.0}
        scale = next((scales[option] for option in options if option in scales), 0.0)
        if scale and value is not None:
            decimals = int("million" in options) if decimals is None else decimals
            is_trimmed = "bare_share" in options
            written = numbers.plain(scale * value, self.lang, decimals, trim=is_trimmed)
        else:
            unit = "point" if "points" in options else figure.unit
            unit = "USD" if "usd" in options else unit
            written = numbers.amount(value, unit, self.lang, decimals=decimals, largest=largest)
        if "nth" in options:
            written = numbers.ordinal(round(value or 0), self.lang)
        if "none" in options and value == 0:
            written = "none"
        if "start" in options:
            written = _UNIT_AT_END.sub("", written)
        if "signed" in options and value is not None and value > 0:
            written = numbers.PLUS[self.lang] + written
        return numbers.number(figure, self.lang, written) if self.markup else written

    def _plural(self, value: Any, spec: str) -> str:
        count = value.value if isinstance(value, Number) else value
        one, other = spec.split("|")
        return one if Locale(self.lang).plural_form(count) == "one" else other

    def _joined(self, items: Sequence[str]) -> str:
        comma, last = words_of("common")["list"][self.lang]
        return last.join(filter(None, (comma.join(items[:-1]), items[-1]))) if items else ""

    def _escaped(self, written: str) -> str:
        return escape(written, quote=False) if self.markup else written

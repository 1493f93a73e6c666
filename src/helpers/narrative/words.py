"""Numbers, units, periods and places in words; the one place that rounds and formats.

Every number becomes a `<data>` element that keeps the unrounded value, what it measures, for whom,
when, and who says so: a reader can hover over it, a test can read it back, and the record of the
page is made from it. The words themselves are in `sentences/`, one file a subject.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.classification import SECTOR_NAMES, USE_NAMES, province_name
from helpers.periods import MONTHS_EN, MONTHS_FA, Period, parse_period
from helpers.schema import PROVINCES, Lang, Number
from helpers.text import to_persian_digits

if TYPE_CHECKING:
    import pandas as pd


@cache
def words_of(subject: str) -> dict[str, Any]:
    """The words of a subject's sentences: a file of `narrative/sentences/`."""
    path = Path(__file__).parent / "sentences" / f"{subject}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


_WORDS = words_of("words")

MISSING = {"fa": "نامعلوم", "en": "n/a"}
ZERO = "–"
COMMA = {"fa": "، ", "en": ", "}
"""What stands between the members of a list."""
MINUS = {"fa": "\u200e\u2212", "en": "\u2212"}
"""In right-to-left text the sign needs a mark before it, or it lands on the wrong side."""

STEADY_SHARE = 0.005
"""A share that moved by less than half a percentage point "held"."""
STEADY_GROWTH = 0.01
"""An amount that moved by less than one per cent is "almost unchanged"."""

ALIKE_UNIT_VALUE = 0.05
"""Values per tonne within five per cent of each other are "about the same"."""
LEAST_USD_PER_TONNE = 1.0
"""A part of a gap below a dollar a tonne puts nobody ahead or behind."""

_SCALES = _WORDS["scales"].values()
UNITS = _WORDS["units"]
MEASURES = _WORDS["measures"]
"""What each named number is called where a reader traces it; the codebook explains them."""
SCOPES = _WORDS["scopes"]


class Html(str):
    """Markup that a notebook shows as it is."""

    __slots__ = ()

    def __add__(self, other: str) -> Html:
        return Html(super().__add__(other))

    def _repr_html_(self) -> str:
        return str(self)


def rounded(value: float, decimals: int = 0) -> Decimal:
    """The value rounded half up, as people round; Python's own format rounds half to even.

    Example: `rounded(1234.5)` -> `1235`
    """
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def plain(value: float | None, lang: Lang, decimals: int = 0) -> str:
    """A number in the digits and separators of the language, without a unit.

    Example: `plain(1234.5, "fa", 1)` -> `۱٬۲۳۴٫۵`
    """
    if is_na(value):
        return MISSING[lang]
    amount = rounded(value, decimals)
    text = f"{abs(amount):,}"
    if lang == "fa":
        text = to_persian_digits(text.replace(",", "٬").replace(".", "٫"))
    return (MINUS[lang] if amount < 0 else "") + text


def year(value: int, lang: Lang) -> str:
    """A year, which takes no thousands separator."""
    return to_persian_digits(str(value)) if lang == "fa" else str(value)


def share(value: float | None, lang: Lang, decimals: int = 1) -> str:
    """A fraction of 1 as a percentage: `77.3%`, `۷۷٫۳٪`."""
    if is_na(value):
        return MISSING[lang]
    return plain(100 * value, lang, decimals) + ("٪" if lang == "fa" else "%")


def amount(value: float | None, unit: str, lang: Lang, largest: float | None = None) -> str:
    """A value with its unit, scaled to be read: `45.0 billion USD`, `۴۵٫۰ میلیارد دلار`.

    Mass is given in kilograms and shown in tonnes from one tonne up. The scale is that of
    `largest`, where the value is one of several that a reader adds up; else of the value itself.
    """
    if is_na(value):
        return MISSING[lang]
    if unit == "1":
        return share(value, lang)
    if unit == "ratio":
        return plain(value, lang, 2)
    if unit == "n":
        return plain(value, lang)
    largest = abs(value if largest is None else largest)
    if unit == "kg" and largest >= 1000:
        value, largest, unit = value / 1000, largest / 1000, "t"
    unit_name = UNITS.get(unit, {}).get(lang, unit)
    if unit == "USD/t" or largest < 10_000:
        return f"{plain(value, lang)} {unit_name}"
    # By the rounded number, or 999,999,999 would be 1,000.0 million.
    size = next(size for size in _SCALES if rounded(largest / size["scale"], 1) >= 1)
    return f"{plain(value / size['scale'], lang, 1)} {size[lang]} {unit_name}"


def period_name(period: Period | str, lang: Lang) -> str:
    """A period in words: `first seven months of 1404`, `هفت ماه نخست ۱۴۰۴`."""
    # `papermill -p period 1404` gives a number.
    p = period if isinstance(period, Period) else parse_period(period)
    is_quarter = p.n_months == 3 and p.month_first % 3 == 1
    case = {12: "year", 1: "month"}.get(p.n_months, "quarter" if is_quarter else "span")
    if p.month_first == 1 and case in ("quarter", "span"):
        case = "first"
    months = MONTHS_FA if lang == "fa" else MONTHS_EN
    return _WORDS["periods"][case][lang].format(
        year=year(p.year, lang), first=months[p.month_first - 1], last=months[p.month_last - 1],
        count=_WORDS["counts"][lang][p.month_last - 1],
        nth=_WORDS["ordinals"][lang][p.month_last // 3 - 1],
    )  # fmt: skip


def place_name(scope: str, lang: Lang) -> str:
    """What a scope is called: a province, the nation, or a named special scope."""
    if scope in PROVINCES:
        return province_name(scope, lang)
    return SCOPES.get(scope, {}).get(lang, "")


def measure_name(name: str, lang: Lang) -> str:
    """What a named number is called; `industry_value_usd_growth` is built up from its parts."""
    if name in MEASURES:
        return MEASURES[name][lang]
    for ending, words in _WORDS["measure_endings"].items():
        if name.endswith(ending):
            return words[lang].format(measure_name(name.removesuffix(ending), lang))
    names = {**SECTOR_NAMES, **USE_NAMES}
    category = next((c for c in names if name.startswith(f"{c}_")), name.partition("_")[0])
    measure = name.removeprefix(category).removeprefix("_")
    if not measure:
        return ""
    part = dict(zip(("fa", "en"), names[category], strict=True))[lang] if category in names else ""
    return f"{part}: {measure_name(measure, lang)}".lstrip(": ")


def number(figure: Number, lang: Lang, text: str | None = None) -> Html:
    """The number as a `<data>` element that carries its unrounded value and where it comes from.

    Args:
        figure: the number; a missing value becomes the word for "not known".
        lang: `fa` or `en`.
        text: what is shown, if not `amount(figure.value, figure.unit)`; markup stays markup.
    """
    text = amount(figure.value, figure.unit, lang) if text is None else text
    shown = text if isinstance(text, Html) else escape(text)
    if is_na(figure.value):
        return Html(f'<span class="wb-missing">{shown}</span>')
    period = period_name(figure.period, lang) if figure.period else ""
    measure = measure_name(figure.name, lang)
    trace = " · ".join(part for part in (measure, period, figure.source) if part)
    attributes = {
        "value": repr(float(figure.value or 0.0)),
        "data-name": figure.name,
        "data-unit": figure.unit,
        "data-scope": figure.scope,
        "data-period": figure.period,
        "title": trace,
    }
    written = " ".join(f'{k}="{escape(str(v))}"' for k, v in attributes.items() if v)
    return Html(f'<data class="wb-number" {written}>{shown}</data>')


def per_tonne(value: float | None, lang: Lang) -> str:
    """A value per tonne in words that already say "a tonne": its dollars alone, never scaled."""
    return MISSING[lang] if is_na(value) else f"{plain(value, lang)} {UNITS['USD'][lang]}"


def dollars(figure: Number, lang: Lang) -> Html:
    """A value per tonne in a sentence that already says "a tonne"."""
    return number(figure, lang, per_tonne(figure.value, lang))


def on_one_scale(
    amounts: Mapping[str, Number], lang: Lang, unsigned: Sequence[str] = ()
) -> dict[str, Html]:
    """Amounts that a reader adds up, all on the scale of the largest.

    Of those named in `unsigned` the words say the direction.
    """
    values = {name: float(figure.value or 0.0) for name, figure in amounts.items()}
    largest = max(map(abs, values.values()))
    values |= {name: abs(values[name]) for name in unsigned}
    return {
        name: number(figure, lang, amount(values[name], figure.unit, lang, largest))
        for name, figure in amounts.items()
    }


def _large(figure: Number, lang: Lang) -> Html:
    """The number in large type, its unit smaller beside it, so that a narrow card holds both."""
    value, _, unit = amount(figure.value, figure.unit, lang).partition(" ")
    small = f' <small class="wb-unit">{escape(unit)}</small>' if unit else ""
    return number(figure, lang, Html(escape(value) + small))


def sentence(text: str) -> Html:
    """A finding, as a paragraph of its own."""
    return Html(f'<p class="wb-say">{text}</p>')


def doubt(text: str) -> Html:
    """What speaks against reading too much into the finding above it."""
    return Html(f'<p class="wb-doubt">{text}</p>')


def nothing_to_show(lang: Lang) -> Html:
    """What stands where a chart or a table would be empty."""
    return doubt(fill(lang, _WORDS["nothing"]))


def cards(numbers: Sequence[tuple[str, Number, str]], lang: Lang) -> Html:
    """Headline numbers side by side: a label, a number and what to hold it against, or nothing."""
    items = "".join(
        f'<div class="wb-card"><dt>{escape(label)}</dt><dd>{_large(figure, lang)}</dd>'
        + (f'<dd class="wb-note">{escape(note)}</dd></div>' if note else "</div>")
        for label, figure, note in numbers
    )
    return Html(f'<dl class="wb-cards">{items}</dl>')


def say(lang: Lang, words: Mapping[str, str], **parts: object) -> Html:
    """The sentence of a language with its parts filled in, as a paragraph."""
    return sentence(fill(lang, words, **parts))


def fill(lang: Lang, words: Mapping[str, str], **parts: object) -> Html:
    """The words of a language with their parts filled in; Numbers become `<data>` elements.

    Args:
        lang: `fa` or `en`.
        words: the words in each language, with `{name}` where a part goes.
        **parts: Numbers, markup (`Html`), or text, which is escaped.
    """
    return Html(words[lang].format(**{name: _part(part, lang) for name, part in parts.items()}))


def code(text: str) -> Html:
    """A code or a file's name, kept left to right inside Persian."""
    return Html(f'<bdi dir="ltr"><code>{escape(text)}</code></bdi>')


def size(change: Number, lang: Lang) -> Html:
    """A change without its sign, for a sentence whose verb says the direction."""
    shown = MISSING[lang] if is_na(change.value) else amount(abs(change.value), change.unit, lang)
    return number(change, lang, shown)


def _part(part: object, lang: Lang) -> str:
    if isinstance(part, Number):
        return number(part, lang)
    return part if isinstance(part, Html) else escape(str(part))


def is_na(value: object) -> bool:
    """Whether there is no number: None, NaN, pandas' NA and infinity are "not known", never 0."""
    return value is None or str(value) in ("nan", "<NA>", "inf", "-inf")


def direction(change: float | None, steady: float) -> str:
    """`up`, `down`, `steady` (less than the threshold either way), or `missing`."""
    if is_na(change):
        return "missing"
    if abs(change) < steady:  # type: ignore[arg-type]
        return "steady"
    return "up" if change > 0 else "down"  # type: ignore[operator]


def how_many(count: int, of: int) -> str:
    """Whether `all`, `some` or `none` of them are counted; `missing` where there are none at all."""
    if not of:
        return "missing"
    return "all" if count == of else "some" if count else "none"


def declarations_source(is_synthetic: bool, lang: Lang) -> str:
    """The source line of what was computed from declarations."""
    return _WORDS["declarations"]["synthetic" if is_synthetic else "real"][lang]


def scope(place: str, period: Period, lang: Lang) -> Html:
    """Whom and when the page is about, with the days in the Gregorian calendar."""
    months = _WORDS["months_ce"][lang]
    first, last = (f"{d.day} {months[d.month - 1]} {d.year}" for d in period.gregorian())
    days = {"first": first, "last": last}
    if lang == "fa":
        days = {name: to_persian_digits(day) for name, day in days.items()}
    words = fill(lang, _WORDS["scope"], place=place, period=period_name(period, lang), **days)
    return Html(f'<p class="wb-scope">{words}</p>')


def undeclared(
    now: Collection[int], before: Collection[int], period: Period, lang: Lang, flow: str = "export"
) -> Html:
    """Which months of a period, or of those a year before, nothing was declared of; or nothing.

    Args:
        now: the months that are declared (`store.months_declared`).
        before: the same a year before.
        period: what the page is about.
        lang: `fa` or `en`.
        flow: whose months these are.
    """
    absent = {"none": [period]}
    if now:
        # Without any month of the year before there is no growth to be overstated.
        more = set(now) - set(before) if before else set()
        absent = {
            "now": [p for p in period.months() if p.month_last not in now],
            "before": [p for p in period.year_before.months() if p.month_last in more],
        }
    said = [
        fill(
            lang, _WORDS["undeclared"][case], flow=FLOW_NAMES[flow][lang],
            months=COMMA[lang].join(period_name(p, lang) for p in periods),
        )
        for case, periods in absent.items()
        if periods
    ]  # fmt: skip
    return Html("".join(map(doubt, said)))


PUBLISHED_SOURCE = _WORDS["published_source"]

FLOW_NAMES = _WORDS["flow_names"]


def unit_value_of(row: pd.Series) -> Number:
    """The value per tonne of a row of `published.values_per_tonne`."""
    return Number(
        "unit_value_usd_per_tonne", float(row["unit_value_usd_per_tonne"]), "USD/t",
        row["scope"], row["period"], row["source"],
    )  # fmt: skip

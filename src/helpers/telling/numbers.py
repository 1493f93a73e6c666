"""Numbers, periods and places in words: the one place that rounds and formats.

A number in markup is a `<data>` element that keeps the unrounded value, its measure, scope,
period and source: a reader can hover over it, and the record of a page is made from it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from helpers import classification
from helpers.classification import threshold as threshold  # facts ask for it here
from helpers.periods import MONTHS_EN, MONTHS_FA, Period, parse_period
from helpers.schema import PROVINCES, Lang, Number
from helpers.text import to_persian_digits

WORDS = Path(__file__).parent / "words"
MISSING = {"fa": "نامعلوم", "en": "n/a"}
ZERO = "–"
MINUS = {"fa": "\u200e\u2212", "en": "\u2212"}
"""In right-to-left text the sign needs a mark before it, or it lands on the wrong side."""
PLUS = {"fa": "\u200e+", "en": "+"}
PER_CENT = {"fa": ("\u00a0درصد", "٪"), "en": ("%", "%")}
"""In prose, and in cells and labels."""


class Html(str):
    """Markup that a notebook shows as it is."""

    __slots__ = ()

    def __add__(self, other: str) -> Html:
        return Html(super().__add__(other))

    def _repr_html_(self) -> str:
        return str(self)


@cache
def words_of(subject: str) -> dict[str, Any]:
    """The words of a subject, both languages side by side: a file of `telling/words/`."""
    return tomllib.loads((WORDS / f"{subject}.toml").read_text(encoding="utf-8"))


def is_missing(value: object) -> bool:
    """Whether there is no number: None, NaN, pandas' NA and infinity are "not known", never 0."""
    return value is None or str(value) in ("nan", "<NA>", "inf", "-inf")


def rounded(value: float, decimals: int = 0) -> Decimal:
    """The value rounded half up, as people round; Python's own format rounds half to even.

    Example: `rounded(1234.5)` -> `1235`
    """
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def plain(value: float | None, lang: Lang, decimals: int = 0, *, trim: bool = False) -> str:
    """A number in the digits and separators of the language, without a unit.

    Args:
        value: the number; a missing one gives the word for it.
        lang: `fa` or `en`.
        decimals: how many of them.
        trim: whether decimals that are all zero are left out.

    Example: `plain(1234.5, "fa", 1)` -> `۱٬۲۳۴٫۵`
    """
    if is_missing(value):
        return MISSING[lang]
    number = rounded(value, decimals)
    if trim and number == number.to_integral_value():
        number = number.to_integral_value()
    text = f"{abs(number):,f}"
    if lang == "fa":
        text = to_persian_digits(text.replace(",", "٬").replace(".", "٫"))
    return (MINUS[lang] if number < 0 else "") + text


def year(value: int, lang: Lang) -> str:
    """A year, which takes no thousands separator."""
    return to_persian_digits(str(value)) if lang == "fa" else str(value)


def year_ce(value: str, lang: Lang) -> str:
    """A year of the Common Era, named as one where it stands beside Iranian years."""
    return words_of("common")["year_ce"][lang].format(year(int(value), lang))


def share(value: float | None, lang: Lang, decimals: int = 1) -> str:
    """A fraction of 1 as a percentage in a cell or a label: `77.3%`, `۷۷٫۳٪`."""
    if is_missing(value):
        return MISSING[lang]
    return plain(100 * value, lang, enough(100 * value, decimals)) + PER_CENT[lang][1]


def enough(value: float, decimals: int) -> int:
    """As many decimals as asked, or as a small amount needs not to be written as zero."""
    more = range(decimals, max(decimals, 3) + 1)
    return next((n for n in more if not value or rounded(value, n)), decimals)


def amount(
    value: float | None,
    unit: str,
    lang: Lang,
    *,
    decimals: int | None = None,
    largest: float | None = None,
) -> str:
    """A value with its unit as prose writes it: `45 billion USD`, `۷۷٫۳ درصد`, `two`.

    Mass is given in kilograms and written in tonnes from one tonne up; a count below ten is a
    word; decimals that are all zero are left out.

    Args:
        value: the number; a missing one gives the word for it.
        unit: `USD`, `kg`, `USD/t`, `1` for a share, `point` for a difference of shares, `n` for a
            count, `ratio`.
        lang: `fa` or `en`.
        decimals: how many; by the unit if not given.
        largest: the value that decides on the scale, where a reader adds several up.
    """
    if is_missing(value):
        return MISSING[lang]
    if unit == "n":
        counts = words_of("common")["counts"][lang]
        is_small = value == int(value) and 0 <= value < len(counts)
        return counts[int(value)] if is_small else plain(value, lang)
    if unit in ("1", "point"):
        places = enough(100 * value, 1 if decimals is None else decimals)
        text = plain(100 * value, lang, places, trim=True)
        return text + (PER_CENT[lang][0] if unit == "1" else " " + unit_name("point", lang))
    if unit == "ratio":
        return plain(value, lang, 2 if decimals is None else decimals)
    if value == 0:
        return words_of("common")["zero"][lang]
    largest = abs(value if largest is None else largest)
    if unit == "kg" and largest >= 1000:
        value, largest, unit = value / 1000, largest / 1000, "t"
    if unit in ("USD/t", "IRR/USD") or largest < 10_000:
        return f"{plain(value, lang, decimals or 0)} {unit_name(unit, lang)}"
    # By the rounded number, or 999,999,999 would be 1,000 million.
    scales = words_of("common")["scales"].values()
    size = next(size for size in scales if rounded(largest / size["scale"], 1) >= 1)
    if not rounded(value / size["scale"], 1 if decimals is None else decimals):
        return amount(value, unit, lang, decimals=decimals)  # It would be written as zero.
    text = plain(value / size["scale"], lang, 1 if decimals is None else decimals, trim=True)
    return f"{text} {size[lang]} {unit_name(unit, lang)}"


def ordinal(rank: int, lang: Lang) -> str:
    """A rank as prose writes it: `1st`, `2nd`, `11th`; Persian has words below ten."""
    if lang == "fa":
        words = words_of("common")["ranks"][lang]
        return words[rank - 1] if 0 < rank <= len(words) else plain(rank, lang)
    last = 0 if rank % 100 in (11, 12, 13) else rank % 10
    return plain(rank, lang) + {1: "st", 2: "nd", 3: "rd"}.get(last, "th")


def capital(name: str, lang: Lang) -> str:
    """A name where it begins a cell or a label: English then has a capital."""
    return name[:1].upper() + name[1:] if lang == "en" else name


_UNITS = {
    "inputs_per_export_usd": "ratio",
    "usd_per_tonne": "USD/t", "irr_per_usd": "IRR/USD", "usd_per_month": "USD", "usd": "USD",
    "kg": "kg", "irr": "IRR", "ratio": "ratio", "hhi": "ratio", "equivalent_number": "ratio",
    "rca_vs_nation": "ratio", "relative_unit_value": "ratio", "density": "ratio",
    "complexity": "ratio",
    **dict.fromkeys(("rank", "place", "served", "compared", "above", "left_out"), "n"),
    "potential_markets": "n",
}  # fmt: skip


def unit_of(name: str) -> str:
    """The unit of a measure, which stands at the end of its name; a share where none does.

    Example: `unit_of("change_usd")` -> `USD`, `unit_of("n_rows")` -> `n`
    """
    if name.startswith("n_"):
        return "n"
    return next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "1")


def unit_name(unit: str, lang: Lang) -> str:
    """What a unit is called; one without a name is written as it is."""
    return word("units", unit, lang)


def period_name(period: Period | str, lang: Lang) -> str:
    """A period in words, nothing of none: `the first seven months of 1404`."""
    if not period:
        return ""
    p = period if isinstance(period, Period) else parse_period(str(period))
    words = words_of("common")
    is_quarter = p.n_months == 3 and p.month_first % 3 == 1
    case = {12: "year", 1: "month"}.get(p.n_months, "quarter" if is_quarter else "span")
    if p.month_first == 1 and case == "span":
        case = "first"
    months = MONTHS_FA if lang == "fa" else MONTHS_EN
    return words["periods"][case][lang].format(
        year=year(p.year, lang),
        first=months[p.month_first - 1],
        last=months[p.month_last - 1],
        count=words["months_count"][lang][p.month_last - 1],
        nth=words["ordinals"][lang][p.month_last // 3 - 1],
    )


def day_words(iso: str, lang: Lang) -> str:
    """A day in the calendar of the language: `۹ آذر ۱۴۰۵`, `30 November 2026`; nothing of none."""
    from persiantools.jdatetime import JalaliDate

    if not iso:
        return ""
    day = date.fromisoformat(iso)
    if lang == "en":
        return f"{day.day} {words_of('common')['months_ce'][lang][day.month - 1]} {day.year}"
    here = JalaliDate.to_jalali(day)
    return to_persian_digits(f"{here.day} {MONTHS_FA[here.month - 1]} {here.year}")


def month_name(month: int, lang: Lang) -> str:
    """A month of the Iranian year, 1 to 12."""
    return (MONTHS_FA if lang == "fa" else MONTHS_EN)[int(month) - 1]


def word(table: str, code: str, lang: Lang) -> str:
    """What a code is called in a table of `words/common.toml`; one without is written as it is."""
    return words_of("common")[table].get(code, {}).get(lang, str(code))


def scope_name(scope: str, lang: Lang) -> str:
    """What a scope is called: a province, the nation, or another named scope; else nothing."""
    if scope in PROVINCES:
        return classification.code_name("province", scope, lang)
    return words_of("common")["scopes"].get(scope, {}).get(lang, "")


def measure_name(name: str, lang: Lang) -> str:
    """What a named number is called; `industry_value_usd_growth` is built up from its parts."""
    words = words_of("common")
    if name in words["measures"]:
        return words["measures"][name][lang]
    for ending, form in words["measure_endings"].items():
        if name.endswith(ending):
            return form[lang].format(measure_name(name.removesuffix(ending), lang))
    names = {**classification.names_of("sector", lang), **classification.names_of("use", lang)}
    category = next((c for c in names if name.startswith(f"{c}_")), name.partition("_")[0])
    measure = name.removeprefix(category).removeprefix("_")
    if not measure:
        return ""
    part = names.get(category, "")
    return f"{part}: {measure_name(measure, lang)}".lstrip(": ")


def number(figure: Number, lang: Lang, text: str | None = None) -> Html:
    """The number as a `<data>` element that carries its unrounded value and where it comes from.

    Args:
        figure: the number; a missing value becomes the word for "not known".
        lang: `fa` or `en`.
        text: the words in place of `amount(figure.value, figure.unit)`; markup stays markup.
    """
    text = amount(figure.value, figure.unit, lang) if text is None else text
    written = text if isinstance(text, Html) else escape(text)
    if is_missing(figure.value):
        return Html(f'<span class="wb-missing">{written}</span>')
    about = (measure_name(figure.name, lang), scope_name(figure.scope, lang),
             period_name(figure.period, lang), figure.source)  # fmt: skip
    attributes = {
        "value": repr(float(figure.value or 0.0)),
        "data-name": figure.name,
        "data-unit": {"point": "1"}.get(figure.unit, figure.unit),
        "data-scope": figure.scope,
        "data-period": figure.period,
        "title": " · ".join(filter(None, about)),
    }
    marks = " ".join(f'{k}="{escape(str(v))}"' for k, v in attributes.items() if v)
    return Html(f'<data class="wb-number" {marks}>{written}</data>')


def direction(change: float | None, steady: str) -> str:
    """`up`, `down`, `steady` (less than the named threshold either way), or `missing`."""
    if is_missing(change):
        return "missing"
    return "steady" if abs(change) < threshold(steady) else "up" if change > 0 else "down"


def both_or_one(cases: Sequence[str], neither: str) -> str:
    """`both` of two cases, or the one that there is."""
    return "both" if len(cases) == 2 else cases[0] if cases else neither


def how_many(count: int, of: int) -> str:
    """Whether `all`, `some` or `none` of them are counted; `missing` where there is none at all."""
    if not of:
        return "missing"
    return "all" if count == of else "some" if count else "none"

"""Numbers in, sentences out, in Persian and English; the one place that rounds and formats.

It stands above `figures` and `tables` because both show numbers. Every number becomes a `<data>`
element that keeps the unrounded value, what it measures, for whom, when, and who says so: a
reader can hover over it, a test can read it back, and the record of the page is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from html import escape

import pandas as pd

from helpers.claims import Verdict
from helpers.classification import SECTOR_NAMES, USE_NAMES, partner_name, province_name
from helpers.comparison import GapSplitFacts, ValuePerTonneFacts
from helpers.measures import GrowthFacts, ShareFacts, ShareRange
from helpers.periods import MONTHS_EN, MONTHS_FA, Period, parse_period
from helpers.schema import PROVINCES, UNALLOCATED, Lang, Number
from helpers.text import to_persian_digits

MISSING = {"fa": "نامعلوم", "en": "n/a"}
ZERO = "–"
MINUS = {"fa": "\u200e\u2212", "en": "\u2212"}
"""In right-to-left text the sign needs a mark before it, or it lands on the wrong side."""

STEADY_SHARE = 0.005
"""A share that moved by less than half a percentage point "held"."""
STEADY_GROWTH = 0.01
"""An amount that moved by less than one per cent is "almost unchanged"."""

_SCALES = (
    (1e9, {"fa": "میلیارد", "en": "billion"}),
    (1e6, {"fa": "میلیون", "en": "million"}),
    (1e3, {"fa": "هزار", "en": "thousand"}),
)
UNITS = {
    "USD": {"fa": "دلار", "en": "USD"},
    "kg": {"fa": "کیلوگرم", "en": "kg"},
    "t": {"fa": "تن", "en": "t"},
    "USD/t": {"fa": "دلار بر تن", "en": "USD per tonne"},
}
MEASURES = {
    "value_usd": {"fa": "ارزش", "en": "value"},
    "net_mass_kg": {"fa": "وزن خالص", "en": "net mass"},
    "unit_value_usd_per_tonne": {"fa": "ارزش هر تن", "en": "value per tonne"},
    "share": {"fa": "سهم از ارزش", "en": "share of value"},
    "national_share": {"fa": "سهم از کل کشور", "en": "share of the nation"},
    "growth_share": {"fa": "رشد نسبت به همین دوره در سال پیش", "en": "growth on a year before"},
    "relative_unit_value_usd_per_tonne": {
        "fa": "نسبت ارزش هر تن",
        "en": "ratio of values per tonne",
    },
    "value_share": {"fa": "سهم از ارزش", "en": "share of value"},
    "relative_unit_value": {"fa": "نسبت ارزش هر تن", "en": "ratio of values per tonne"},
    "coverage_share": {"fa": "سهم ارزشی که وزن دارد", "en": "share of value that has a weight"},
    "rank": {"fa": "رتبه در میان استان‌ها", "en": "rank among the provinces"},
    "n_rows": {"fa": "شمار سطرها", "en": "number of rows"},
    "n_files": {"fa": "شمار پرونده‌ها", "en": "number of files"},
    "mix_usd_per_tonne": {"fa": "اثر ترکیب کالاها", "en": "effect of the mix of goods"},
    "price_usd_per_tonne": {"fa": "اثر گران‌تر بودن همان کالاها", "en": "effect of dearer goods"},
    "one_side_usd_per_tonne": {"fa": "اثر کالاهای یک‌طرفه", "en": "effect of goods on one side"},
    "gap_usd_per_tonne": {"fa": "شکاف ارزش هر تن", "en": "gap in value per tonne"},
}
"""What each named number is called where a reader traces it; the codebook explains them."""
SCOPES = {
    "nation": {"fa": "کل کشور", "en": "Iran"},
    "rest_of_nation": {"fa": "دیگر استان‌ها", "en": "other provinces"},
    "payam_sez": {"fa": "منطقهٔ ویژهٔ پیام", "en": "Payam special economic zone"},
}


class Html(str):
    """Markup that a notebook shows as it is."""

    __slots__ = ()

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
    if _is_na(value):
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
    if _is_na(value):
        return MISSING[lang]
    return plain(100 * value, lang, decimals) + ("٪" if lang == "fa" else "%")


def amount(value: float | None, unit: str, lang: Lang) -> str:
    """A value with its unit, scaled to be read: `45.0 billion USD`, `۴۵٫۰ میلیارد دلار`.

    Mass is given in kilograms and shown in tonnes from one tonne up.
    """
    if _is_na(value):
        return MISSING[lang]
    if unit == "1":
        return share(value, lang)
    if unit == "ratio":
        return plain(value, lang, 2)
    if unit == "n":
        return plain(value, lang)
    if unit == "kg" and abs(value) >= 1000:
        value, unit = value / 1000, "t"
    unit_name = UNITS.get(unit, {}).get(lang, unit)
    if unit == "USD/t" or abs(value) < 10_000:
        return f"{plain(value, lang)} {unit_name}"
    scale, scale_name = next((s, names[lang]) for s, names in _SCALES if abs(value) >= s)
    return f"{plain(value / scale, lang, 1)} {scale_name} {unit_name}"


def period_name(period: Period | str, lang: Lang) -> str:
    """A period in words: `first seven months of 1404`, `هفت ماه نخست ۱۴۰۴`."""
    p = parse_period(period) if isinstance(period, str) else period
    y = year(p.year, lang)
    if p.n_months == 12:
        return f"سال {y}" if lang == "fa" else y
    if p.n_months == 1:
        month = (MONTHS_FA if lang == "fa" else MONTHS_EN)[p.month_first - 1]
        return f"{month} {y}"
    if p.month_first == 1:
        count = _COUNTS[lang][p.month_last - 1]
        return f"{count} ماه نخست {y}" if lang == "fa" else f"the first {count} months of {y}"
    if p.n_months == 3 and p.month_first % 3 == 1:
        nth = _ORDINALS[lang][p.month_last // 3 - 1]
        return f"فصل {nth} {y}" if lang == "fa" else f"the {nth} quarter of {y}"
    first, last = (
        (MONTHS_FA if lang == "fa" else MONTHS_EN)[m - 1] for m in (p.month_first, p.month_last)
    )
    return f"{first} تا {last} {y}" if lang == "fa" else f"{first} to {last} {y}"


def place_name(scope: str, lang: Lang) -> str:
    """What a scope is called: a province, the nation, or a named special scope."""
    if scope in PROVINCES:
        return province_name(scope, lang)
    return SCOPES.get(scope, {}).get(lang, "")


def measure_name(name: str, lang: Lang) -> str:
    """What a named number is called; `industry_value_usd_growth` is built up from its parts."""
    if name in MEASURES:
        return MEASURES[name][lang]
    for ending, words in _MEASURE_ENDINGS.items():
        if name.endswith(ending):
            return words[lang].format(measure_name(name.removesuffix(ending), lang))
    category, _, measure = name.partition("_")
    if not measure:
        return ""
    names = {**SECTOR_NAMES, **USE_NAMES}
    part = dict(zip(("fa", "en"), names[category], strict=True))[lang] if category in names else ""
    return f"{part}: {measure_name(measure, lang)}".lstrip(": ")


_MEASURE_ENDINGS = {
    "_growth": {"fa": "رشد {}", "en": "growth of {}"},
    "_interpolated": {"fa": "{}، میان‌یابی", "en": "{}, interpolated"},
    "_carried": {"fa": "{}، با نسبت سال پیش", "en": "{}, by last year’s proportion"},
}


def number(figure: Number, lang: Lang, text: str | None = None) -> Html:
    """The number as a `<data>` element that carries its unrounded value and where it comes from.

    Args:
        figure: the number; a missing value becomes the word for "not known".
        lang: `fa` or `en`.
        text: what is shown, if not `amount(figure.value, figure.unit)`.
    """
    shown = amount(figure.value, figure.unit, lang) if text is None else text
    if _is_na(figure.value):
        return Html(f'<span class="wb-missing">{escape(shown)}</span>')
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
    written = " ".join(f'{k}="{escape(v)}"' for k, v in attributes.items() if v)
    return Html(f'<data class="wb-number" {written}>{escape(shown)}</data>')


def sentence(text: str) -> Html:
    """A finding, as a paragraph of its own."""
    return Html(f'<p class="wb-say">{text}</p>')


def doubt(text: str) -> Html:
    """What speaks against reading too much into the finding above it."""
    return Html(f'<p class="wb-doubt">{text}</p>')


def cards(numbers: Sequence[tuple[str, Number]], lang: Lang) -> Html:
    """Headline numbers side by side: a label and a number each."""
    items = "".join(
        f'<div class="wb-card"><dt>{escape(label)}</dt><dd>{number(figure, lang)}</dd></div>'
        for label, figure in numbers
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


def _size(change: Number, lang: Lang) -> Html:
    """A change without its sign, for a sentence whose verb says the direction."""
    shown = MISSING[lang] if _is_na(change.value) else amount(abs(change.value), change.unit, lang)
    return number(change, lang, shown)


def _part(part: object, lang: Lang) -> str:
    if isinstance(part, Number):
        return number(part, lang)
    return part if isinstance(part, Html) else escape(str(part))


def _is_na(value: object) -> bool:
    return value is None or str(value) in ("nan", "<NA>", "inf", "-inf")


def direction(change: float | None, steady: float) -> str:
    """`up`, `down`, `steady` (less than the threshold either way), or `missing`."""
    if _is_na(change):
        return "missing"
    if abs(change) < steady:  # type: ignore[arg-type]
        return "steady"
    return "up" if change > 0 else "down"  # type: ignore[operator]


_COUNTS = {
    "fa": ("یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه", "ده", "یازده", "دوازده"),
    "en": (
        "one", "two", "three", "four", "five", "six",
        "seven", "eight", "nine", "ten", "eleven", "twelve",
    ),
}  # fmt: skip
_ORDINALS = {
    "fa": ("اول", "دوم", "سوم", "چهارم"),
    "en": ("first", "second", "third", "fourth"),
}


def declarations_source(is_synthetic: bool, lang: Lang) -> str:
    """The source line of what was computed from declarations."""
    if is_synthetic:
        return {
            "fa": "دادهٔ ساختگی نمونه، نه آمار گمرک",
            "en": "synthetic sample, not customs data",
        }[lang]
    return {"fa": "اظهارنامه‌های گمرکی", "en": "customs declarations"}[lang]


_SCOPE = {
    "fa": "{place} · {period} ({first} تا {last} میلادی)",
    "en": "{place} · {period} ({first} to {last})",
}


def scope(place: str, period: Period, lang: Lang) -> Html:
    """Whom and when the page is about, with the days in the Gregorian calendar."""
    first, last = (f"{d.day} {_MONTHS_CE[lang][d.month - 1]} {d.year}" for d in period.gregorian())
    days = {"first": first, "last": last}
    if lang == "fa":
        days = {name: to_persian_digits(day) for name, day in days.items()}
    words = fill(lang, _SCOPE, place=place, period=period_name(period, lang), **days)
    return Html(f'<p class="wb-scope">{words}</p>')


_MONTHS_CE = {
    "fa": (
        "ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن",
        "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip


PUBLISHED_SOURCE = {
    "fa": "ارقام منتشرشدهٔ نهادها و مسئولان؛ نشانی هر رقم در فایل داده‌هاست",
    "en": "figures published by agencies and officials; the data file gives each one's address",
}
MIRROR_SOURCE = {
    "fa": "آینهٔ آمار گمرک در اتاق بازرگانی تهران (service.tccim.ir)",
    "en": "the Tehran chamber's mirror of the customs statistics (service.tccim.ir)",
}


# Sentences: in each table of words the two languages say the same thing.

FLOW_NAMES = {
    "export": {"fa": "صادرات", "en": "exports"},
    "import": {"fa": "واردات", "en": "imports"},
}

_CHANGE = {
    "up": {
        "fa": "{flow} {place} در {period} به {now} رسید که {change} بیشتر از همین دوره در سال پیش ({before}) است.",
        "en": "In {period} the {flow} of {place} came to {now}, {change} more than in the same months a year before ({before}).",
    },
    "down": {
        "fa": "{flow} {place} در {period} به {now} رسید که {change} کمتر از همین دوره در سال پیش ({before}) است.",
        "en": "In {period} the {flow} of {place} came to {now}, {change} less than in the same months a year before ({before}).",
    },
    "steady": {
        "fa": "{flow} {place} در {period} {now} بود؛ تقریباً برابر با همین دوره در سال پیش ({before}).",
        "en": "In {period} the {flow} of {place} came to {now}, almost unchanged from the same months a year before ({before}).",
    },
    "missing": {
        "fa": "{flow} {place} در {period} {now} بود. رقم همین دوره در سال پیش در دست نیست؛ پس رشد آن را نمی‌توان گفت.",
        "en": "In {period} the {flow} of {place} came to {now}. There is no figure for the same months a year before, so its growth cannot be said.",
    },
    "unknown": {
        "fa": "رقم {flow} {place} در {period} در دست نیست.",
        "en": "There is no figure for the {flow} of {place} in {period}.",
    },
}


def change(
    facts: GrowthFacts, lang: Lang, *, place: str, flow: str = "export", source: str = ""
) -> Html:
    """What a flow came to and how it moved against the same months a year before."""
    case = "unknown" if _is_na(facts.value) else direction(facts.growth, STEADY_GROWTH)
    period = parse_period(facts.period)
    now = Number("value_usd", facts.value, "USD", facts.scope, facts.period, source)
    before = replace(now, value=facts.value_before, period=str(period.year_before))
    return say(
        lang, _CHANGE[case], place=place, flow=FLOW_NAMES[flow][lang],
        period=period_name(period, lang), now=now, before=before,
        change=_size(Number("growth_share", facts.growth, "1", facts.scope, facts.period, source), lang),
    )  # fmt: skip


_VALUE_PER_TONNE = {
    "up": {
        "fa": "هر تن {flow} {place} به‌طور میانگین {own} ارزش داشت و هر تن {flow} دیگر استان‌ها {rest}: {ratio} برابر.",
        "en": "A tonne of {place}'s {flow} was worth {own} on average, a tonne of the other provinces' {rest}: {ratio} times as much.",
    },
    "down": {
        "fa": "هر تن {flow} {place} به‌طور میانگین {own} ارزش داشت، کمتر از {rest} در دیگر استان‌ها: {ratio} برابر آن.",
        "en": "A tonne of {place}'s {flow} was worth {own} on average, less than the {rest} of the other provinces: {ratio} times that.",
    },
    "steady": {
        "fa": "هر تن {flow} {place} به‌طور میانگین {own} ارزش داشت؛ کم‌وبیش همان {rest} دیگر استان‌ها ({ratio} برابر).",
        "en": "A tonne of {place}'s {flow} was worth {own} on average, about the same as the other provinces' {rest} ({ratio} times).",
    },
    "missing": {
        "fa": "ارزش هر تن {flow} {place} را نمی‌توان با دیگر استان‌ها سنجید: یکی از دو طرف وزن ندارد.",
        "en": "The value per tonne of {place}'s {flow} cannot be set against the other provinces': one of the two has no weight.",
    },
}


def value_per_tonne(
    facts: ValuePerTonneFacts, lang: Lang, *, place: str, flow: str = "export", source: str = ""
) -> Html:
    """Whether a tonne of the province is worth more than one of the rest of the nation.

    Within five per cent of each other they are "about the same".
    """
    ratio = facts.relative_to_rest
    case = direction(None if ratio is None else ratio - 1, 0.05)
    own = Number("unit_value_usd_per_tonne", facts.province_usd_per_tonne, "USD/t",
                 facts.province, facts.period, source)  # fmt: skip
    return say(
        lang, _VALUE_PER_TONNE[case], place=place, flow=FLOW_NAMES[flow][lang], own=own,
        rest=replace(own, value=facts.rest_usd_per_tonne, scope="rest_of_nation"),
        ratio=replace(own, name="relative_unit_value", value=ratio, unit="ratio"),
    )  # fmt: skip


_COVERAGE = {
    "fa": "این سنجش {province} از ارزش {place} و {nation} از ارزش کل کشور را در بر می‌گیرد؛ سطرهای بی‌وزن از هر دو سو کنار رفته‌اند.",
    "en": "This rests on {province} of {place}'s value and {nation} of the nation's; rows without a weight are left out of both sums.",
}


def coverage(facts: ValuePerTonneFacts, lang: Lang, *, place: str, source: str = "") -> Html:
    """How much of the value the value per tonne was computed from."""
    own = Number("coverage_share", facts.province_coverage_share, "1",
                 facts.province, facts.period, source)  # fmt: skip
    nation = replace(own, value=facts.nation_coverage_share, scope="nation")
    return doubt(fill(lang, _COVERAGE, place=place, province=own, nation=nation))


_GAP = {
    "mix": {
        "fa": "از شکاف {gap} میان {place} و دیگر استان‌ها، {mix} از ترکیب کالاهاست و {price} از گران‌تر یا ارزان‌تر فروختن همان کالاها؛ {alone} هم به کالاهایی برمی‌گردد که تنها یکی از دو طرف دارد. پس بیشترِ تفاوت از آن است که {place} چه می‌فروشد.",
        "en": "Of the gap of {gap} between {place} and the other provinces, {mix} comes from the mix of goods, {price} from selling the same goods dearer or cheaper, and {alone} from goods that only one side has. So most of the difference lies in what {place} sells.",
    },
    "price": {
        "fa": "از شکاف {gap} میان {place} و دیگر استان‌ها، {mix} از ترکیب کالاهاست و {price} از گران‌تر یا ارزان‌تر فروختن همان کالاها؛ {alone} هم به کالاهایی برمی‌گردد که تنها یکی از دو طرف دارد. پس بیشترِ تفاوت از بهای همان کالاهاست.",
        "en": "Of the gap of {gap} between {place} and the other provinces, {mix} comes from the mix of goods, {price} from selling the same goods dearer or cheaper, and {alone} from goods that only one side has. So most of the difference lies in what the same goods fetch.",
    },
    "alone": {
        "fa": "از شکاف {gap} میان {place} و دیگر استان‌ها، {alone} به کالاهایی برمی‌گردد که تنها یکی از دو طرف دارد؛ {mix} از ترکیب کالاهای مشترک است و {price} از بهای آن‌ها. پس بیشترِ تفاوت را کالاهای یک‌طرفه می‌سازند.",
        "en": "Of the gap of {gap} between {place} and the other provinces, {alone} comes from goods that only one side has, {mix} from the mix of the goods they share and {price} from what these fetch. So goods of one side make most of the difference.",
    },
}


def gap_split(facts: GapSplitFacts, lang: Lang, *, place: str, source: str = "") -> Html:
    """Whether dearer goods or dearer selling makes the gap in value per tonne."""
    alone = facts.only_province_usd_per_tonne + facts.only_reference_usd_per_tonne
    parts = {
        "mix": facts.mix_usd_per_tonne, "price": facts.price_usd_per_tonne, "alone": alone,
    }  # fmt: skip
    case = max(parts, key=lambda part: abs(parts[part]))
    gap = Number("gap_usd_per_tonne", facts.gap_usd_per_tonne, "USD/t",
                 facts.province, facts.period, source)  # fmt: skip
    names = {
        "mix": "mix_usd_per_tonne",
        "price": "price_usd_per_tonne",
        "alone": "one_side_usd_per_tonne",
    }
    numbers = {part: replace(gap, name=names[part], value=parts[part]) for part in parts}
    return say(lang, _GAP[case], place=place, gap=gap, **numbers)


_SHARE = {
    "up": {
        "fa": "سهم {part} از صادرات {place} در {period} {now} است؛ بیش از {before} در همین دوره در سال پیش.",
        "en": "In {period} {part} made up {now} of the exports of {place}, up from {before} in the same months a year before.",
    },
    "down": {
        "fa": "سهم {part} از صادرات {place} در {period} {now} است؛ کمتر از {before} در همین دوره در سال پیش.",
        "en": "In {period} {part} made up {now} of the exports of {place}, down from {before} in the same months a year before.",
    },
    "steady": {
        "fa": "سهم {part} از صادرات {place} در {period} {now} است؛ تقریباً همان {before} سال پیش.",
        "en": "In {period} {part} made up {now} of the exports of {place}, about the same as a year before ({before}).",
    },
    "missing": {
        "fa": "سهم {part} از صادرات {place} در {period} {now} است؛ برای همین دوره در سال پیش رقمی در دست نیست.",
        "en": "In {period} {part} made up {now} of the exports of {place}; there is no figure for the same months a year before.",
    },
    "unknown": {
        "fa": "سهم {part} از صادرات {place} در {period} در دست نیست.",
        "en": "The share of {part} in the exports of {place} in {period} is not known.",
    },
}


def sector_share(facts: ShareFacts, lang: Lang, *, place: str, part: str, source: str = "") -> Html:
    """What part of the exports a sector made up, against a year before."""
    known = not (_is_na(facts.share) or _is_na(facts.share_before))
    moved = facts.share - facts.share_before if known else None  # type: ignore[operator]
    case = "unknown" if _is_na(facts.share) else direction(moved, STEADY_SHARE)
    period = parse_period(facts.period)
    now = Number("share", facts.share, "1", facts.scope, facts.period, source)
    before = replace(now, value=facts.share_before, period=str(period.year_before))
    return say(
        lang, _SHARE[case], place=place, part=part, period=period_name(period, lang),
        now=now, before=before,
    )  # fmt: skip


_SHARE_RANGE = {
    "fa": "این سهم به این بستگی دارد که هر کالا را از کدام بخش بشماریم: {judgement} از ارزش صادرات داوری‌پذیر است و اگر همهٔ این داوری‌ها برگردد سهم {part} میان {low} و {high} خواهد بود. جدول داوری‌ها: {table}.",
    "en": "The share depends on which sector each good is counted in: {judgement} of the value rests on a judgement, and if all of these fell the other way the share of {part} would lie between {low} and {high}. The judgements are in {table}.",
}


def share_range(facts: ShareRange, lang: Lang, *, part: str, scope: str, source: str = "") -> Html:
    """How far the reviewed table's judgements could move a sector's share."""
    low = Number("share", facts.share_low, "1", scope, source=source)
    return doubt(
        fill(
            lang,
            _SHARE_RANGE,
            part=part,
            low=low,
            high=replace(low, value=facts.share_high),
            judgement=replace(low, value=facts.judgement_share),
            table=code("sectors.csv"),
        )
    )


_RANK = {
    "alone": {
        "fa": "{place} با {share} از ارزش صادرات کشور، رتبهٔ {rank} را در میان {n} استان دارد. {unallocated} از ارزش به هیچ استانی نسبت داده نشده است.",
        "en": "With {share} of the value of the nation's exports, {place} ranks {rank} among {n} provinces. {unallocated} of the value is not allocated to any province.",
    },
    "tied": {
        "fa": "{place} با {share} از ارزش صادرات کشور، رتبهٔ {rank} را در میان {n} استان دارد و آن را با استان دیگری شریک است. {unallocated} از ارزش به هیچ استانی نسبت داده نشده است.",
        "en": "With {share} of the value of the nation's exports, {place} ranks {rank} among {n} provinces, a rank it shares. {unallocated} of the value is not allocated to any province.",
    },
}


def rank(
    ranks: pd.DataFrame, province: str, lang: Lang, *, place: str, period: str, source: str = ""
) -> Html:
    """Where the province stands among the 31; `ranks` as `comparison.rank_provinces` gives it."""
    rows = ranks.set_index("province")
    own = rows.loc[province]
    part = Number("national_share", own["national_share"], "1", province, period, source)
    rest = rows["national_share"].get(UNALLOCATED)
    return say(
        lang, _RANK["tied" if own["n_tied"] > 1 else "alone"], place=place, share=part,
        rank=replace(part, name="rank", value=float(own["rank"]), unit="n"),
        n=plain(len(PROVINCES), lang),
        unallocated=replace(part, value=rest, scope=UNALLOCATED),
    )  # fmt: skip


_LEFT_OUT = {
    "fa": "{value} از ارزش در سطرهایی است که تنها بخشی از ماه‌هایشان در {period} می‌گنجد؛ این سطرها به حساب نیامده‌اند.",
    "en": "{value} lies in rows of which only some months fall into {period}; these rows are not counted.",
}


def left_out(value_usd: float, period: Period, lang: Lang) -> Html:
    """The value that could not be counted, because its months straddle the period; or nothing."""
    if not value_usd:
        return Html("")
    value = Number("value_usd", value_usd, "USD", "left_out", str(period))
    return doubt(fill(lang, _LEFT_OUT, value=value, period=period_name(period, lang)))


_FILES = {
    "fa": "از {n_files} پرونده {read} سطر خوانده شد: {kept} پذیرفته، {rejected} ردشده و {structural} ساختاری (عنوان، جمع، سطر خالی). هیچ سطری گم نشده است.",
    "en": "From {n_files} files {read} rows were read: {kept} kept, {rejected} rejected and {structural} structural (titles, totals, blanks). No row is lost.",
}
_FILES_LOST = {
    "fa": "از {n_files} پرونده {read} سطر خوانده شد: {kept} پذیرفته، {rejected} ردشده و {structural} ساختاری. این اعداد با هم نمی‌خوانند: سطرهایی گم شده‌اند و نباید به نتیجه‌ها تکیه کرد.",
    "en": "From {n_files} files {read} rows were read: {kept} kept, {rejected} rejected and {structural} structural. These do not add up: rows are lost, and the results cannot be relied on.",
}


def files_read(n_files: int, rows: Mapping[str, int], lang: Lang) -> Html:
    """Whether every row that was read is accounted for: read = kept + rejected + structural."""
    adds_up = rows["read"] == rows["kept"] + rows["rejected"] + rows["structural"]
    counts = {kind: Number("n_rows", float(n), "n", kind) for kind, n in rows.items()}
    files = Number("n_files", float(n_files), "n")
    return say(lang, _FILES if adds_up else _FILES_LOST, n_files=files, **counts)


_RECONCILE = {
    "within": {
        "fa": "جمع اظهارنامه‌ها {here} است و رقم منتشرشدهٔ کشور برای همین دوره {there}؛ تفاوت {difference} است، در محدودهٔ پذیرفتنی {tolerance}.",
        "en": "The declarations add up to {here}; the nation's published figure for the same months is {there}. They differ by {difference}, within the tolerance of {tolerance}.",
    },
    "outside": {
        "fa": "جمع اظهارنامه‌ها {here} است اما رقم منتشرشدهٔ کشور برای همین دوره {there}؛ تفاوت {difference} بیش از محدودهٔ پذیرفتنی {tolerance} است: پیش از تکیه بر این صفحه علت را بیابید.",
        "en": "The declarations add up to {here}, but the nation's published figure for the same months is {there}. They differ by {difference}, more than the tolerance of {tolerance}: find out why before relying on this page.",
    },
    "missing": {
        "fa": "جمع اظهارنامه‌ها {here} است؛ رقم منتشرشده‌ای از کشور برای همین دوره در دست نیست که با آن سنجیده شود.",
        "en": "The declarations add up to {here}; no published figure of the nation for the same months is there to hold them against.",
    },
}


def reconcile(here: Number, there: Number, lang: Lang, tolerance: float = 0.02) -> Html:
    """Whether the sum of the declarations agrees with the nation's published figure."""
    apart = None if _is_na(there.value) else here.value / there.value - 1  # type: ignore[operator]
    case = "missing" if apart is None else "within" if abs(apart) <= tolerance else "outside"
    return say(
        lang, _RECONCILE[case], here=here, there=there, tolerance=share(tolerance, lang, 0),
        difference=replace(here, name="difference_share", value=apart, unit="1"),
    )  # fmt: skip


# Sentences on published figures.

_NATIONAL_TREND = {
    "up": {
        "fa": "ارزش هر تن صادرات کشور از {first} در {first_period} به {last} در {last_period} رسید؛ بالاترین آن {peak} در {peak_period} بود.",
        "en": "The value of a tonne of Iran’s exports went up from {first} in {first_period} to {last} in {last_period}; it was highest, {peak}, in {peak_period}.",
    },
    "down": {
        "fa": "ارزش هر تن صادرات کشور از {first} در {first_period} به {last} در {last_period} پایین آمد؛ بالاترین آن {peak} در {peak_period} بود.",
        "en": "The value of a tonne of Iran’s exports came down from {first} in {first_period} to {last} in {last_period}; it was highest, {peak}, in {peak_period}.",
    },
    "steady": {
        "fa": "ارزش هر تن صادرات کشور در {last_period} ({last}) کم‌وبیش همان {first_period} ({first}) است؛ بالاترین آن {peak} در {peak_period} بود.",
        "en": "The value of a tonne of Iran’s exports in {last_period} ({last}) is about that of {first_period} ({first}); it was highest, {peak}, in {peak_period}.",
    },
    "missing": {
        "fa": "برای ارزش هر تن صادرات کشور دو دوره در دست نیست که با هم سنجیده شود.",
        "en": "There are not two periods for which the value of a tonne of Iran’s exports can be compared.",
    },
}


def national_trend(series: pd.DataFrame, lang: Lang) -> Html:
    """How the nation's value per tonne moved; `series` is `published.longest_of_each_year`."""
    if len(series) < 2:
        return say(lang, _NATIONAL_TREND["missing"])
    values = series["unit_value_usd_per_tonne"]
    rows = {"first": series.iloc[0], "last": series.iloc[-1], "peak": series.loc[values.idxmax()]}
    numbers = {name: _unit_value_of(row) for name, row in rows.items()}
    names = {f"{name}_period": period_name(row["period"], lang) for name, row in rows.items()}
    moved = values.iloc[-1] / values.iloc[0] - 1
    return say(lang, _NATIONAL_TREND[direction(moved, 0.05)], **numbers, **names)


def _unit_value_of(row: pd.Series) -> Number:
    return Number(
        "unit_value_usd_per_tonne", float(row["unit_value_usd_per_tonne"]), "USD/t",
        row["scope"], row["period"], row["source"],
    )  # fmt: skip


_TEN_MONTHS = {
    "fa": "آنچه آینهٔ آمار گمرک «۱۴۰۴» می‌نامد به احتمال بسیار ده ماه است: وزن آن {weight} برابر وزن ده‌ماههٔ منتشرشده است. اگر سال کامل خوانده شود افتی نادرست نشان می‌دهد: {fall}.",
    "en": "What the mirror of the customs statistics calls 1404 is very likely ten months: its weight is {weight} times the published weight of ten months. Read as a full year it would show a false change of {fall}.",
}


def ten_months(evidence: Sequence[Number], lang: Lang) -> Html:
    """Why the mirror's 1404 is not read as a year; `evidence` is `published.ten_month_evidence`."""
    by_name = {number.name: number for number in evidence}
    weight = replace(by_name["net_mass_to_printed_ten_months"], unit="ratio")
    return doubt(fill(lang, _TEN_MONTHS, weight=weight, fall=by_name["growth_if_read_as_year"]))


_PUBLISHED_PAIR = {
    "up": {
        "fa": "در {period} هر تن {flow} {place} {own} ارزید و هر تن {flow} کشور {nation}: {ratio} برابر.",
        "en": "In {period} a tonne of {place}’s {flow} was worth {own}, a tonne of the nation’s {nation}: {ratio} times as much.",
    },
    "down": {
        "fa": "در {period} هر تن {flow} {place} {own} ارزید، کمتر از {nation} کشور: {ratio} برابر آن.",
        "en": "In {period} a tonne of {place}’s {flow} was worth {own}, less than the nation’s {nation}: {ratio} times that.",
    },
    "steady": {
        "fa": "در {period} هر تن {flow} {place} {own} ارزید؛ کم‌وبیش همان {nation} کشور ({ratio} برابر).",
        "en": "In {period} a tonne of {place}’s {flow} was worth {own}, about the same as the nation’s {nation} ({ratio} times).",
    },
    "missing": {
        "fa": "برای {place} در هیچ دوره‌ای ارزش و وزن با هم منتشر نشده است؛ پس ارزش هر تن آن را از ارقام منتشرشده نمی‌توان گفت.",
        "en": "No value and weight of {place} were published for one period, so its value per tonne cannot be told from published figures.",
    },
}


def published_pairs(pairs: pd.DataFrame, lang: Lang, *, place: str) -> Html:
    """The province beside the nation where both were published; rows of `published.against_nation`."""
    if pairs.empty:
        return say(lang, _PUBLISHED_PAIR["missing"], place=place)
    return Html("".join(_published_pair(row, lang, place) for _, row in pairs.iterrows()))


def _published_pair(row: pd.Series, lang: Lang, place: str) -> Html:
    own = _unit_value_of(row)
    nation = replace(
        own, value=float(row["unit_value_nation_usd_per_tonne"]), scope="nation",
        source=row["nation_source"],
    )  # fmt: skip
    ratio = float(row["relative_unit_value"])
    return say(
        lang, _PUBLISHED_PAIR[direction(ratio - 1, 0.05)], place=place, own=own, nation=nation,
        period=period_name(row["period"], lang), flow=FLOW_NAMES[row["flow"]][lang],
        ratio=replace(own, name="relative_unit_value", value=ratio, unit="ratio"),
    )  # fmt: skip


_DESTINATIONS = {
    "both": {
        "fa": "از مقصدهایی که هر دو سال در فهرست‌اند، بیشترین افزایش از آنِ {won} است ({won_growth}) و بیشترین کاهش از آنِ {lost} ({lost_growth}).",
        "en": "Of the destinations listed in both years the largest rise is that of {won} ({won_growth}), the largest fall that of {lost} ({lost_growth}).",
    },
    "up": {
        "fa": "همهٔ مقصدهایی که هر دو سال در فهرست‌اند افزایش یافته‌اند؛ بیش از همه {won} ({won_growth}).",
        "en": "All destinations listed in both years rose, {won} most ({won_growth}).",
    },
    "down": {
        "fa": "همهٔ مقصدهایی که هر دو سال در فهرست‌اند کاهش یافته‌اند؛ بیش از همه {lost} ({lost_growth}).",
        "en": "All destinations listed in both years fell, {lost} most ({lost_growth}).",
    },
    "missing": {
        "fa": "هیچ مقصدی در هر دو سال در فهرست نیست؛ پس افزایش و کاهش را نمی‌توان گفت.",
        "en": "No destination is listed in both years, so rises and falls cannot be told.",
    },
}


def destinations(changes: pd.DataFrame, lang: Lang, *, office: str, source: str) -> Html:
    """The largest rise and fall among destinations; `changes` as `published.destination_change`."""
    known = changes.dropna(subset="growth")
    if known.empty:
        return say(lang, _DESTINATIONS["missing"])
    won, lost = known.loc[known["growth"].idxmax()], known.loc[known["growth"].idxmin()]
    case = "up" if lost["growth"] > 0 else "down" if won["growth"] < 0 else "both"

    def number(row: pd.Series) -> Number:
        return Number("growth_share", float(row["growth"]), "1", office, source=source)

    return say(
        lang, _DESTINATIONS[case], won=partner_name(won["partner_iso3"], lang),
        lost=partner_name(lost["partner_iso3"], lang), won_growth=number(won),
        lost_growth=number(lost),
    )  # fmt: skip


_CLEARANCE = {
    "fa": "این جریان‌ها {listed} از صادرات کشور را در بر می‌گیرند و {left_out} زیر آستانهٔ فهرست است. بزرگ‌ترین استان اظهارکننده {first} است با {first_share} و بزرگ‌ترین مقصد {partner} با {partner_share}؛ سهم {place} در این فهرست {own}.",
    "en": "These flows hold {listed} of the nation’s exports; {left_out} lies below the list’s floor. The province that clears most is {first} with {first_share}, the largest destination {partner} with {partner_share}; the part of {place} in this list is {own}.",
}


def clearance(
    matrix: pd.DataFrame, province: str, lang: Lang, *, place: str, period: str, source: str
) -> Html:
    """Who clears the nation's exports and for whom; `matrix` as `published.clearance_matrix`."""
    listed = matrix.dropna(subset="partner_iso3")
    by_province = listed.groupby("province")["national_share"].sum()
    by_partner = listed.groupby("partner_iso3")["national_share"].sum()

    def number(share_of_nation: float, scope: str) -> Number:
        return Number("national_share", float(share_of_nation), "1", scope, period, source)

    first, partner = str(by_province.idxmax()), str(by_partner.idxmax())
    return say(
        lang, _CLEARANCE, place=place, first=province_name(first, lang),
        partner=partner_name(partner, lang), first_share=number(by_province.max(), first),
        partner_share=number(by_partner.max(), partner),
        listed=number(listed["national_share"].sum(), "listed"),
        left_out=number(1 - listed["national_share"].sum(), "below_floor"),
        own=number(by_province.get(province, 0.0), province),
    )  # fmt: skip


_USES = {
    "fa": "در {period} کالاهای واسطه‌ای {intermediate} از ارزش واردات کشور بودند، کالاهای سرمایه‌ای {capital} و کالاهای مصرفی {consumption}.",
    "en": "In {period} intermediate goods made up {intermediate} of the value of the nation’s imports, capital goods {capital} and consumer goods {consumption}.",
}


def imports_by_use(uses: pd.DataFrame, lang: Lang) -> Html:
    """The last published split of national imports by use; `uses` as `published.use_shares`."""
    last = uses[uses["period"] == uses["period"].iloc[-1]].set_index("category")
    period = str(uses["period"].iloc[-1])
    shares = {
        use: Number("share", last["value_share"].get(use), "1", use, period)
        for use in ("intermediate", "capital", "consumption")
    }
    return say(lang, _USES, period=period_name(period, lang), **shares)


_CONTRADICTIONS = {
    "fa": "{n} تناقض در ارقام منتشرشده هست. تا روشن شدن هر یک، رقم آن در تصمیم به کار نرود.",
    "en": "There are {n} contradictions in the published figures. Until one is cleared up, its figure should carry no decision.",
}


def contradictions(n: int, lang: Lang) -> Html:
    """How many contradictions a reader has to act on."""
    return say(lang, _CONTRADICTIONS, n=Number("n_contradictions", float(n), "n"))


_VERDICTS = {
    "fa": "از {n} ادعا {supported} تأیید می‌شود، {consistent} با داده‌ها سازگار است بی آن‌که ثابت شود، {contradicted} رد می‌شود و {not_testable} با آنچه منتشر شده آزمودنی نیست.",
    "en": "Of {n} claims {supported} are supported, {consistent} fit the data without being proved, {contradicted} are contradicted, and {not_testable} cannot be tested with what is published.",
}


def verdicts(words: Sequence[str], lang: Lang) -> Html:
    """How many claims came out how; `words` holds the verdict of each claim."""
    kinds = ("supported", "consistent", "contradicted", "not_testable")
    counts = {kind: Number("n_claims", float(list(words).count(kind)), "n", kind) for kind in kinds}
    return say(lang, _VERDICTS, n=Number("n_claims", float(len(words)), "n"), **counts)


_HEADLINE_LABELS = {
    "statement": {"fa": "صادرات کشور به گفتهٔ سخنرانی", "en": "Nation’s exports as stated"},
    "value": {"fa": "صادرات کشور، {period}", "en": "Nation’s exports, {period}"},
    "unit_value": {"fa": "ارزش هر تن، {period}", "en": "Value per tonne, {period}"},
    "growth": {"fa": "رشد صادرات، {period}", "en": "Growth of exports, {period}"},
}


def headlines(series: pd.DataFrame, growths: pd.DataFrame, now: Number, lang: Lang) -> Html:
    """The first numbers of the page: the period's own figure and the latest that are known.

    Args:
        series: `published.national_series`.
        growths: `published.growth`.
        now: the nation's published total of the page's period; its value may be None.
        lang: `fa` or `en`.
    """
    last, grown = series.iloc[-1], growths[~growths["is_doubtful"]].iloc[-1]
    value = Number("value_usd", float(last["value_usd"]), "USD", "nation", last["period"],
                   last["source"])  # fmt: skip
    growth = Number("growth_share", float(grown["growth"]), "1", "nation", grown["period"],
                    grown["source"])  # fmt: skip
    named = [
        ("value", now),
        ("value", value),
        ("unit_value", _unit_value_of(last)),
        ("growth", growth),
    ]
    labels = [
        _HEADLINE_LABELS[key][lang].format(period=period_name(number.period, lang))
        for key, number in named
    ]
    return cards([(label, number) for label, (_, number) in zip(labels, named, strict=True)], lang)


_GROWTH = {
    "fa": "از {n} دوره‌ای که رقم همان ماه‌های سال پیش هم منتشر شده، صادرات کشور در {up} دوره بیشتر و در {down} دوره کمتر شده است؛ در {period} {change}.",
    "en": "Of the {n} periods for which the same months a year before were published too, the nation’s exports rose in {up} and fell in {down}; in {period} by {change}.",
}


def published_growth(growths: pd.DataFrame, lang: Lang) -> Html:
    """How often exports rose against a year before; `growths` is `published.growth`."""
    sure = growths[~growths["is_doubtful"]]
    last = sure.iloc[-1]

    def count(n: int) -> Number:
        return Number("n_periods", float(n), "n", "nation")

    return say(
        lang, _GROWTH, n=count(len(sure)), up=count((sure["growth"] > 0).sum()),
        down=count((sure["growth"] < 0).sum()), period=period_name(last["period"], lang),
        change=Number("growth_share", float(last["growth"]), "1", "nation", last["period"],
                      last["source"]),
    )  # fmt: skip


_FIGURES_USED = {
    "fa": "این صفحه از {n} رقم منتشرشده از {sources} منبع ساخته شده است؛ {doubtful} رقم با تردید نشان‌دار شده و در سنجش‌ها پس از دیگر ارقام می‌آید.",
    "en": "This page is made from {n} published figures of {sources} sources; {doubtful} are marked as doubtful and come after the others in every comparison.",
}


def figures_used(figures: pd.DataFrame, lang: Lang) -> Html:
    """How many figures the page rests on, from how many sources, how many of them in doubt."""
    counts = {
        "n": len(figures),
        "sources": figures["source"].nunique(),
        "doubtful": figures["qualifier"].str.contains("doubtful").sum(),
    }
    numbers = {name: Number("n_figures", float(n), "n", name) for name, n in counts.items()}
    return say(lang, _FIGURES_USED, **numbers)


_CLAIM_PARTS = {
    "fa": {"evidence": "شواهد", "weakest": "سست‌ترین حلقه", "settle": "چه چیزی آن را روشن می‌کند"},
    "en": {"evidence": "Evidence", "weakest": "Weakest link", "settle": "What would settle it"},
}


def claims_checked(verdicts: Sequence[Verdict], lang: Lang) -> Html:
    """Each claim with its verdict, reason, evidence, weakest link and what would settle it."""
    return Html("".join(_claim_checked(verdict, lang) for verdict in verdicts))


def _claim_checked(verdict: Verdict, lang: Lang) -> str:
    words = _CLAIM_PARTS[lang]
    evidence = "".join(f"<li>{_evidence(number, lang)}</li>" for number in verdict.evidence)
    parts = {
        "evidence": f"<ul>{evidence}</ul>" if evidence else "",
        "weakest": escape(verdict.say("weakest", lang)),
        "settle": escape(verdict.say("settle", lang)),
    }
    rows = "".join(f"<dt>{words[k]}</dt><dd>{part}</dd>" for k, part in parts.items() if part)
    badge = f'<span class="wb-verdict">{escape(verdict.say("verdict", lang))}</span>'
    return (
        f'<article class="wb-claim wb-{verdict.verdict}">'
        f"<h3>{escape(verdict.say('statement', lang))}</h3>"
        f"<p>{badge} {escape(verdict.say('reason', lang))}</p><dl>{rows}</dl></article>"
    )


def _evidence(figure: Number, lang: Lang) -> str:
    """A number of a claim with its measure, place and period in words."""
    period = period_name(figure.period, lang) if figure.period else ""
    told = (measure_name(figure.name, lang), place_name(figure.scope, lang), period)
    words = " · ".join(escape(part) for part in told if part)
    return f"{number(figure, lang)} <small>{words}</small>"

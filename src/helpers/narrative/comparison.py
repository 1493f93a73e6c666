"""Sentences of the comparison: in each table of words the two languages say the same thing."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.comparison import GapSplitFacts, ValuePerTonneFacts
from helpers.measures import GrowthFacts, ShareFacts, ShareRange
from helpers.narrative.words import (
    FLOW_NAMES,
    STEADY_GROWTH,
    STEADY_SHARE,
    Html,
    code,
    direction,
    dollars,
    doubt,
    fill,
    is_na,
    period_name,
    plain,
    say,
    share,
    size,
)
from helpers.periods import Period, parse_period
from helpers.schema import PROVINCES, UNALLOCATED, Lang, Number

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
    case = "unknown" if is_na(facts.value) else direction(facts.growth, STEADY_GROWTH)
    period = parse_period(facts.period)
    now = Number("value_usd", facts.value, "USD", facts.scope, facts.period, source)
    before = replace(now, value=facts.value_before, period=str(period.year_before))
    return say(
        lang, _CHANGE[case], place=place, flow=FLOW_NAMES[flow][lang],
        period=period_name(period, lang), now=now, before=before,
        change=size(Number("growth_share", facts.growth, "1", facts.scope, facts.period, source), lang),
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
        lang, _VALUE_PER_TONNE[case], place=place, flow=FLOW_NAMES[flow][lang], own=dollars(own, lang),
        rest=dollars(replace(own, value=facts.rest_usd_per_tonne, scope="rest_of_nation"), lang),
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
        "fa": "از شکاف {gap} میان {place} و دیگر استان‌ها، {mix} از ترکیب کالاهاست و {price} از گران‌تر یا ارزان‌تر فروختن همان کالاها؛ {alone} هم به کالاهایی برمی‌گردد که تنها یکی از دو طرف دارد یا سنجیدنی نیستند. پس بیشترِ تفاوت از آن است که {place} چه می‌فروشد.",
        "en": "Of the gap of {gap} between {place} and the other provinces, {mix} comes from the mix of goods, {price} from selling the same goods dearer or cheaper, and {alone} from goods that only one side has or that cannot be compared. So most of the difference lies in what {place} sells.",
    },
    "price": {
        "fa": "از شکاف {gap} میان {place} و دیگر استان‌ها، {mix} از ترکیب کالاهاست و {price} از گران‌تر یا ارزان‌تر فروختن همان کالاها؛ {alone} هم به کالاهایی برمی‌گردد که تنها یکی از دو طرف دارد یا سنجیدنی نیستند. پس بیشترِ تفاوت از بهای همان کالاهاست.",
        "en": "Of the gap of {gap} between {place} and the other provinces, {mix} comes from the mix of goods, {price} from selling the same goods dearer or cheaper, and {alone} from goods that only one side has or that cannot be compared. So most of the difference lies in what the same goods fetch.",
    },
    "alone": {
        "fa": "از شکاف {gap} میان {place} و دیگر استان‌ها، {alone} به کالاهایی برمی‌گردد که تنها یکی از دو طرف دارد یا سنجیدنی نیستند؛ {mix} از ترکیب کالاهای مشترک است و {price} از بهای آن‌ها. پس بیشترِ تفاوت را کالاهای یک‌طرفه می‌سازند.",
        "en": "Of the gap of {gap} between {place} and the other provinces, {alone} comes from goods that only one side has or that cannot be compared, {mix} from the mix of the goods they share and {price} from what these fetch. So goods of one side make most of the difference.",
    },
}


_NO_GAP = {
    "fa": "شکاف ارزش هر تن {place} و دیگر استان‌ها را نمی‌توان شکافت: یکی از دو طرف کالای وزن‌دار ندارد.",
    "en": "The gap in value per tonne between {place} and the other provinces cannot be split: one of the two has no goods with a weight.",
}


def gap_split(facts: GapSplitFacts, lang: Lang, *, place: str, source: str = "") -> Html:
    """Whether dearer goods or dearer selling makes the gap in value per tonne."""
    if facts.gap_usd_per_tonne is None:
        return say(lang, _NO_GAP, place=place)
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
    known = not (is_na(facts.share) or is_na(facts.share_before))
    moved = facts.share - facts.share_before if known else None  # type: ignore[operator]
    case = "unknown" if is_na(facts.share) else direction(moved, STEADY_SHARE)
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
    "missing": {
        "fa": "رتبهٔ {place} را نمی‌توان گفت: برای این دوره ارزش صادرات آن در دست نیست.",
        "en": "The rank of {place} cannot be told: there is no value of its exports for these months.",
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
    if is_na(own["national_share"]) or is_na(own["rank"]):
        return say(lang, _RANK["missing"], place=place)
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
    "unknown": {
        "fa": "جمع اظهارنامه‌های این دوره در دست نیست که با رقم منتشرشدهٔ کشور ({there}) سنجیده شود.",
        "en": "There is no sum of declarations for these months to hold against the nation's published figure ({there}).",
    },
}


def reconcile(here: Number, there: Number, lang: Lang, tolerance: float = 0.02) -> Html:
    """Whether the sum of the declarations agrees with the nation's published figure."""
    if is_na(here.value):
        return say(lang, _RECONCILE["unknown"], there=there)
    apart = None if is_na(there.value) else here.value / there.value - 1  # type: ignore[operator]
    case = "missing" if apart is None else "within" if abs(apart) <= tolerance else "outside"
    return say(
        lang, _RECONCILE[case], here=here, there=there, tolerance=share(tolerance, lang, 0),
        difference=replace(here, name="difference_share", value=apart, unit="1"),
    )  # fmt: skip

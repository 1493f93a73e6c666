"""Sentences on target markets: where exports go, how much rests on few, and where next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, TypeVar

import numpy as np
import pandas as pd

from helpers.classification import hs_names, partner_name
from helpers.comparison import MarketShareSplit
from helpers.measures import Concentration
from helpers.narrative.imports import counted, is_comparable
from helpers.narrative.words import Html, direction, doubt, fill, number, period_name, plain, say
from helpers.periods import parse_period
from helpers.schema import FREE_ZONES_ISO3, UNKNOWN_ISO3, Lang, NotEnoughData, Number

_P = ParamSpec("_P")
_T = TypeVar("_T")

UNNAMED = (FREE_ZONES_ISO3, UNKNOWN_ISO3)
"""Destinations that are no market: free and special zones, and other or unknown ones."""
ALIKE_NUMBER = 0.1
"""Numbers of equal markets within ten per cent of each other are "about the same"."""
STEADY_POINTS = 0.0002
"""A share of the nation that moved by less than 0.02 percentage points "held"."""
NAME_LENGTH = 60
"""Letters of an official heading text that a line of a table has room for."""


def if_enough(compute: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T | None:
    """What a measure computes, or None where there is too little data for it."""
    try:
        return compute(*args, **kwargs)
    except NotEnoughData:
        return None


def heading_name(hs4_code: str, lang: Lang) -> str:
    """What a heading of the HS is called, its official English text cut where it is long.

    In Persian the headings without a Persian name bear the English text.
    """
    rows = hs_names(4).set_index("hs_code")
    if hs4_code not in rows.index:
        return hs4_code
    name = rows.loc[hs4_code, f"name_{lang}"]
    text = str(rows.loc[hs4_code, "name_en"] if pd.isna(name) else name)
    return text if len(text) <= NAME_LENGTH else text[:NAME_LENGTH].rsplit(" ", 1)[0] + " …"


def _listed(codes: list[str], lang: Lang) -> str:
    return {"fa": "، ", "en": ", "}[lang].join(partner_name(code, lang) for code in codes)


_MARKET_MIX = {
    "known": {
        "fa": "صادرات {place} در {period} به {n} بازار رفت. بزرگ‌ترین آن‌ها ({markets}) {own} از ارزش را گرفتند؛ همین بازارها {same} از صادرات کل کشور را می‌گیرند. بزرگ‌ترین بازارهای کشور ({nation_markets}) {nation} از صادرات آن را دارند.",
        "en": "{place}’s exports in {period} went to {n} markets. The largest ({markets}) took {own} of the value; the same markets take {same} of the nation’s exports. The nation’s largest ({nation_markets}) have {nation} of its exports.",
    },
    "missing": {
        "fa": "در {period} صادراتی از گمرک‌های {place} به بازاری نام‌برده ثبت نشده است.",
        "en": "No exports to a named market were recorded at the customs offices of {place} in {period}.",
    },
}


def market_mix(
    markets: pd.DataFrame,
    lang: Lang,
    *,
    place: str,
    province: str,
    period: str,
    source: str = "",
    n: int = 3,
) -> Html:
    """Where the exports went: the largest markets of the province, and of the nation.

    Args:
        markets: `comparison.against_nation` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        province: its slug.
        period: code of the period.
        source: where the data come from.
        n: how many markets are named; free zones and unknown destinations are not.
    """
    named = markets[~markets["partner_iso3"].isin(UNNAMED)]
    served = named[named["value_usd_province"] > 0]
    when = period_name(period, lang)
    if served.empty:
        return say(lang, _MARKET_MIX["missing"], place=place, period=when)
    first = served.nlargest(n, "value_usd_province")
    nation = named.nlargest(n, "value_usd_nation")
    share = Number("share", first["share_in_province"].sum(), "1", province, period, source)
    return say(
        lang, _MARKET_MIX["known"], place=place, period=when, own=share,
        n=counted("served", len(served), province=province, period=period, source=source),
        markets=_listed(list(first["partner_iso3"]), lang),
        nation_markets=_listed(list(nation["partner_iso3"]), lang),
        same=replace(share, value=first["share_in_nation"].sum(), scope="nation"),
        nation=replace(share, value=nation["share_in_nation"].sum(), scope="nation"),
    )  # fmt: skip


_UNNAMED = {
    "some": {
        "fa": "{zones} از ارزش صادرات استان به مناطق آزاد و ویژهٔ خود ایران و {unknown} به مقصد «سایر و نامشخص» رفته است (در کل کشور {zones_nation} و {unknown_nation}). این دو بازار نیستند: کالا از آنجا به کجا رفته، در اظهارنامه نیست.",
        "en": "{zones} of the value of the province’s exports went to Iran’s own free and special zones and {unknown} to “other or unknown” (in the nation {zones_nation} and {unknown_nation}). Neither is a market: where the goods went from there is not in the declarations.",
    },
    "none": {
        "fa": "همهٔ ارزش صادرات استان مقصدی نام‌برده دارد؛ چیزی به مناطق آزاد یا مقصد نامشخص نرفته است.",
        "en": "All of the value of the province’s exports has a named destination; nothing went to free zones or unknown destinations.",
    },
}


def unnamed_partners(
    markets: pd.DataFrame, lang: Lang, *, province: str, period: str, source: str = ""
) -> Html:
    """How much went to destinations that are no market; nothing without exports."""
    rows = markets.set_index("partner_iso3")[["share_in_province", "share_in_nation"]]
    own, nation = (rows[column].astype("float64") for column in rows)
    if own.isna().all():
        return Html("")
    if not own.reindex(list(UNNAMED)).sum() > 0:
        return doubt(fill(lang, _UNNAMED["none"]))
    zones, unknown = (
        Number(f"{code}_share", float(own.get(code, 0.0)), "1", province, period, source)
        for code in UNNAMED
    )
    zones_nation, unknown_nation = (
        replace(figure, value=float(nation.get(code, 0.0)), scope="nation")
        for figure, code in zip((zones, unknown), UNNAMED, strict=True)
    )
    words = fill(
        lang, _UNNAMED["some"], zones=zones, unknown=unknown,
        zones_nation=zones_nation, unknown_nation=unknown_nation,
    )  # fmt: skip
    return doubt(words)


_CONCENTRATION = {
    "up": {
        "fa": "صادرات {place} به اندازهٔ {own} بازار هم‌اندازه پخش است (شاخص هرفیندال–هیرشمن {hhi}) و صادرات کشور به اندازهٔ {nation} بازار (شاخص {hhi_nation})؛ پس استان پراکنده‌تر از کشور است. بزرگ‌ترین بازار {top1} و پنج بازار نخست {top5} از ارزش را دارند.",
        "en": "{place}’s exports are spread as over {own} equal markets (Herfindahl-Hirschman index {hhi}), the nation’s as over {nation} ({hhi_nation}): the province is less concentrated than the nation. The largest market has {top1} of the value, the first five {top5}.",
    },
    "down": {
        "fa": "صادرات {place} به اندازهٔ {own} بازار هم‌اندازه پخش است (شاخص هرفیندال–هیرشمن {hhi}) و صادرات کشور به اندازهٔ {nation} بازار (شاخص {hhi_nation})؛ پس استان بیش از کشور به چند بازار گره خورده است. بزرگ‌ترین بازار {top1} و پنج بازار نخست {top5} از ارزش را دارند.",
        "en": "{place}’s exports are spread as over {own} equal markets (Herfindahl-Hirschman index {hhi}), the nation’s as over {nation} ({hhi_nation}): the province rests on fewer markets than the nation. The largest market has {top1} of the value, the first five {top5}.",
    },
    "steady": {
        "fa": "صادرات {place} به اندازهٔ {own} بازار هم‌اندازه پخش است (شاخص هرفیندال–هیرشمن {hhi})، کم‌وبیش مانند کشور ({nation} بازار، شاخص {hhi_nation}). بزرگ‌ترین بازار {top1} و پنج بازار نخست {top5} از ارزش را دارند.",
        "en": "{place}’s exports are spread as over {own} equal markets (Herfindahl-Hirschman index {hhi}), about as the nation’s ({nation} markets, {hhi_nation}). The largest market has {top1} of the value, the first five {top5}.",
    },
    "missing": {
        "fa": "تمرکز بازارهای {place} را نمی‌توان گفت: صادراتی به بازاری نام‌برده ثبت نشده است.",
        "en": "The concentration of {place}’s markets cannot be said: no exports to a named market were recorded.",
    },
}


def market_concentration(
    own: Concentration | None,
    nation: Concentration | None,
    lang: Lang,
    *,
    place: str,
    province: str,
    period: str,
    source: str = "",
) -> Html:
    """Whether exports rest on few markets, against the nation; None is too little data."""
    if own is None or nation is None:
        return say(lang, _CONCENTRATION["missing"], place=place)
    hhi = Number("hhi", own.hhi, "ratio", province, period, source)
    spread = replace(hhi, name="equivalent_number", value=own.equivalent_number)
    apart = own.equivalent_number / nation.equivalent_number - 1
    return say(
        lang, _CONCENTRATION[direction(apart, ALIKE_NUMBER)], place=place,
        hhi=_shown(hhi, lang, 3), own=_shown(spread, lang, 1),
        hhi_nation=_shown(replace(hhi, value=nation.hhi, scope="nation"), lang, 3),
        nation=_shown(
            replace(spread, value=nation.equivalent_number, scope="nation"), lang, 1
        ),
        top1=Number("top1_share", own.top1_share, "1", province, period, source),
        top5=Number("top5_share", own.top5_share, "1", province, period, source),
    )  # fmt: skip


def _shown(figure: Number, lang: Lang, decimals: int) -> Html:
    return number(figure, lang, plain(figure.value, lang, decimals))


_WON_LOST = {
    "known": {
        "fa": "با کفِ {floor} برای هر بازار: {kept} بازار ماند، {won} بازار تازه به دست آمد ({won_usd}){first_won}، {lost} بازار از دست رفت ({lost_usd}، به ارزش سال پیش){first_lost} و {returned} بازار پس از یک سال غیبت بازگشت.",
        "en": "With a floor of {floor} for a market: {kept} markets were kept, {won} were won ({won_usd}){first_won}, {lost} were lost ({lost_usd}, at last year’s value){first_lost}, and {returned} returned after a year’s absence.",
    },
    "missing": {
        "fa": "از این دوره یا از همین دوره در سال پیش صادراتی در دست نیست؛ پس بازار به‌دست‌آمده و ازدست‌رفته را نمی‌توان گفت.",
        "en": "There are no exports of this period or of the same months a year before, so markets won and lost cannot be said.",
    },
}
_FIRST = {
    "won": {"fa": "، بزرگ‌ترین {market}", "en": ", the largest {market}"},
    "lost": {"fa": "، بزرگ‌ترین {market}", "en": ", the largest {market}"},
}


def won_and_lost(
    lines: pd.DataFrame,
    lang: Lang,
    *,
    province: str,
    period: str,
    floor_usd: float,
    source: str = "",
) -> Html:
    """How many markets were kept, won, lost and came back.

    Args:
        lines: `comparison.won_and_lost` by `partner_iso3`.
        lang: `fa` or `en`.
        province: slug.
        period: code of the period.
        floor_usd: from what value on a destination counted as a market.
        source: where the data come from.
    """
    if not is_comparable(lines):
        return say(lang, _WON_LOST["missing"])
    groups = {status: lines[lines["status"] == status] for status in _STATUSES}
    usd = Number("value_usd", 0.0, "USD", province, period, source)
    counts = {
        status: counted(status, len(rows), province=province, period=period, source=source)
        for status, rows in groups.items()
    }
    return say(
        lang, _WON_LOST["known"], **counts,
        floor=replace(usd, name="floor_usd", value=float(floor_usd)),
        won_usd=replace(usd, name="won_value_usd", value=float(groups["won"]["value_usd"].sum())),
        lost_usd=replace(
            usd, name="lost_value_usd", value=float(groups["lost"]["value_usd_before"].sum())
        ),
        first_won=_first(groups["won"], "won", lang),
        first_lost=_first(groups["lost"], "lost", lang),
    )  # fmt: skip


_STATUSES = ("kept", "won", "lost", "returned")


def _first(rows: pd.DataFrame, status: str, lang: Lang) -> str:
    if rows.empty:
        return ""
    return fill(lang, _FIRST[status], market=partner_name(rows["partner_iso3"].iloc[0], lang))


_MARKET_UNIT_VALUES = {
    "found": {
        "fa": "در {above} بازار از {known} بازاری که هم {place} و هم دیگر استان‌ها به آن می‌فروشند و وزن دارند، هر تن کالای استان گران‌تر است؛ این بازارها {share} از صادرات استان را می‌گیرند. در بزرگ‌ترین بازار، {market}، ارزش کالای استان {own} است و ارزش کالای دیگر استان‌ها {rest}.",
        "en": "In {above} of {known} markets that both {place} and other provinces serve, and whose goods have a weight, a tonne of the province’s goods is dearer; these markets take {share} of its exports. In the largest, {market}, the province’s goods are worth {own}, those of the other provinces {rest}.",
    },
    "missing": {
        "fa": "ارزش هر تن کالای {place} در بازارها را نمی‌توان با دیگر استان‌ها سنجید: بازاری نیست که هر دو طرف در آن وزن داشته باشند.",
        "en": "The value of a tonne of {place}’s goods by market cannot be set against the other provinces’: in no market do both have a weight.",
    },
}


def market_unit_values(
    markets: pd.DataFrame, lang: Lang, *, place: str, province: str, period: str, source: str = ""
) -> Html:
    """In how many markets a tonne of the province's goods is dearer than the other provinces'.

    Args:
        markets: `comparison.against_nation` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        province: its slug.
        period: code of the period.
        source: where the data come from.
    """
    both = comparable_markets(markets)
    if both.empty:
        return say(lang, _MARKET_UNIT_VALUES["missing"], place=place)
    dearer = both[both["relative_unit_value_vs_rest"] > 1]
    first = both.iloc[0]
    told = {"province": province, "period": period, "source": source}
    own = Number(
        f"{first['partner_iso3']}_unit_value_usd_per_tonne",
        first["unit_value_usd_per_tonne_province"], "USD/t", province, period, source,
    )  # fmt: skip
    return say(
        lang, _MARKET_UNIT_VALUES["found"], place=place, known=counted("compared", len(both), **told),
        above=counted("dearer", len(dearer), **told),
        share=Number("share", dearer["share_in_province"].sum(), "1", province, period, source),
        market=partner_name(first["partner_iso3"], lang), own=own,
        rest=replace(own, value=first["unit_value_usd_per_tonne_rest"], scope="rest_of_nation"),
    )  # fmt: skip


def comparable_markets(markets: pd.DataFrame) -> pd.DataFrame:
    """The named markets in which province and other provinces both have a value per tonne."""
    ratios = markets["relative_unit_value_vs_rest"].astype("float64")
    is_known = np.isfinite(ratios) & (ratios > 0)
    return markets[is_known & ~markets["partner_iso3"].isin(UNNAMED)]


_SHARE_CHANGE = {
    "up": {
        "fa": "سهم {place} از صادرات کشور از {before} به {now} رسید ({change}).",
        "en": "{place}’s share of the nation’s exports rose from {before} to {now} ({change}).",
    },
    "down": {
        "fa": "سهم {place} از صادرات کشور از {before} به {now} کاهش یافت ({change}).",
        "en": "{place}’s share of the nation’s exports fell from {before} to {now} ({change}).",
    },
    "steady": {
        "fa": "سهم {place} از صادرات کشور کم‌وبیش همان ماند: {now}، سال پیش {before} ({change}).",
        "en": "{place}’s share of the nation’s exports held at {now}, a year before {before} ({change}).",
    },
    "missing": {
        "fa": "دگرگونی سهم {place} از صادرات کشور را نمی‌توان شکافت: از یکی از دو دوره رقمی در دست نیست.",
        "en": "The change of {place}’s share of the nation’s exports cannot be split: one of the two periods has no figures.",
    },
}
_SHARE_REASON = {
    "fa": "از این دگرگونی {share_effect} از سهمِ خود استان در همان کالاها و همان بازارهاست، {product_effect} از آن‌که کشور از کالاهای استان بیشتر یا کمتر فروخت، {market_effect} از آن‌که بازارهای استان برای کشور بزرگ‌تر یا کوچک‌تر شدند، و {adaptation} از جابه‌جایی هم‌زمان سهم با کالاها و بازارها. بیش از همه «{largest}» اثر داشت.",
    "en": "Of this change {share_effect} comes from the province’s own share of the same goods in the same markets, {product_effect} from the nation selling more or less of the province’s goods, {market_effect} from the province’s markets growing or shrinking for the nation, and {adaptation} from its share moving together with goods and markets. {largest} did most.",
}
_EFFECTS = {
    "share_effect": {"fa": "سهمِ خود استان", "en": "The province’s own share"},
    "product_effect": {"fa": "کالاها", "en": "The goods"},
    "market_effect": {"fa": "بازارها", "en": "The markets"},
    "adaptation": {"fa": "جابه‌جایی هم‌زمان", "en": "Moving together"},
}


def market_share_change(
    split: MarketShareSplit | None,
    lang: Lang,
    *,
    place: str,
    province: str,
    period: str,
    source: str = "",
) -> Html:
    """Why the share of the nation's exports moved: own share, goods, markets, or all at once.

    None is too little data; a share of nothing before and now is, too.
    """
    if split is None or not (split.share > 0 and split.share_before > 0):
        return say(lang, _SHARE_CHANGE["missing"], place=place)
    now = Number("national_share", split.share, "1", province, period, source)
    effects = {
        "share_effect": split.market_share_effect,
        "product_effect": split.product_effect,
        "market_effect": split.market_effect,
        "adaptation": split.product_adaptation + split.market_adaptation,
    }
    shown = {
        name: _points(replace(now, name=f"{name}_share_effect", value=effect), lang)
        for name, effect in effects.items()
    }
    largest = max(effects, key=lambda name: abs(effects[name]))
    change = replace(now, name="national_share_growth", value=split.change)
    was = replace(now, value=split.share_before, period=str(parse_period(period).year_before))
    moved = fill(
        lang, _SHARE_CHANGE[direction(split.change, STEADY_POINTS)], place=place,
        before=_shown_share(was, lang),
        now=_shown_share(now, lang), change=_points(change, lang),
    )  # fmt: skip
    why = fill(lang, _SHARE_REASON, largest=_EFFECTS[largest][lang], **shown)
    return say(lang, {"fa": "{moved} {why}", "en": "{moved} {why}"}, moved=moved, why=why)


def _shown_share(figure: Number, lang: Lang) -> Html:
    return number(figure, lang, plain(100 * figure.value, lang, 2) + {"fa": "٪", "en": "%"}[lang])


def _points(figure: Number, lang: Lang) -> Html:
    """A difference of shares, in percentage points."""
    unit = {"fa": "واحد درصد", "en": "percentage points"}[lang]
    return number(figure, lang, f"{plain(100 * figure.value, lang, 3)} {unit}")


_CANDIDATES = {
    "new": {
        "fa": "در صدر بازارهایی که از دیگر استان‌ها کالایی می‌خرند که {place} هم صادر می‌کند اما نه به آنجا: {markets}. {n_new} بازار از {n} بازار نامزد هیچ کالایی از استان نمی‌خرد؛ نخستین آن‌ها {new} است: دیگر استان‌ها {products} قلم از این کالاها را به ارزش {value} به آن فروخته‌اند.",
        "en": "First among the markets that buy from other provinces goods that {place} exports too, but not there: {markets}. {n_new} of {n} candidate markets buy nothing from the province; the first of these is {new}, to which other provinces sold {products} of these goods, worth {value}.",
    },
    "served": {
        "fa": "در صدر بازارهایی که از دیگر استان‌ها کالایی می‌خرند که {place} هم صادر می‌کند اما نه به آنجا: {markets}. هر {n} بازار نامزد هم‌اکنون کالای دیگری از استان می‌خرد؛ بازار یکسره تازه‌ای در میان نیست.",
        "en": "First among the markets that buy from other provinces goods that {place} exports too, but not there: {markets}. All {n} candidate markets already buy other goods from the province; none is wholly new.",
    },
    "missing": {
        "fa": "بازار نامزدی یافت نشد: یا استان صادراتی ندارد، یا هر جا کالای آن خریدار دارد خود می‌فروشد.",
        "en": "No candidate market was found: either the province exports nothing, or it already sells wherever its goods are bought.",
    },
}


def first_candidates(table: pd.DataFrame, n: int = 8) -> pd.DataFrame:
    """The first candidate markets, and the first that the province does not serve at all.

    Args:
        table: `comparison.candidate_markets`, the most expected first.
        n: how many of each.
    """
    is_first = np.arange(len(table)) < n
    return table[is_first | table.index.isin(table[table["is_new_market"]].head(n).index)]


def candidates(
    table: pd.DataFrame, lang: Lang, *, place: str, province: str, period: str, source: str = ""
) -> Html:
    """Which markets come first, and the first that the province does not serve at all.

    Args:
        table: `comparison.candidate_markets` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        province: its slug.
        period: code of the period.
        source: where the data come from.
    """
    if table.empty:
        return say(lang, _CANDIDATES["missing"], place=place)
    fresh = table[table["is_new_market"]]
    told = {"province": province, "period": period, "source": source}
    words = {
        "place": place, "n": counted("candidate", len(table), **told),
        "markets": _listed(list(table["partner_iso3"].head(3)), lang),
    }  # fmt: skip
    if fresh.empty:
        return say(lang, _CANDIDATES["served"], **words)
    first = fresh.iloc[0]
    name = f"{first['partner_iso3']}_value_usd"
    return say(
        lang, _CANDIDATES["new"], **words, n_new=counted("new_candidate", len(fresh), **told),
        new=partner_name(first["partner_iso3"], lang),
        products=counted("offered", int(first["n_products"]), **told),
        value=Number(name, first["rest_value_usd"], "USD", "rest_of_nation", period, source),
    )  # fmt: skip

"""Sentences on published figures, and the claims held against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

import pandas as pd

from helpers.claims import Verdict
from helpers.classification import partner_name, province_name
from helpers.narrative.words import (
    FLOW_NAMES,
    Html,
    cards,
    direction,
    dollars,
    doubt,
    fill,
    measure_name,
    number,
    period_name,
    place_name,
    say,
    unit_value_of,
)
from helpers.schema import Lang, Number

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
    numbers = {name: dollars(unit_value_of(row), lang) for name, row in rows.items()}
    names = {f"{name}_period": period_name(row["period"], lang) for name, row in rows.items()}
    moved = values.iloc[-1] / values.iloc[0] - 1
    return say(lang, _NATIONAL_TREND[direction(moved, 0.05)], **numbers, **names)


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
    own = unit_value_of(row)
    nation = replace(
        own, value=float(row["unit_value_nation_usd_per_tonne"]), scope="nation",
        source=row["nation_source"],
    )  # fmt: skip
    ratio = float(row["relative_unit_value"])
    return say(
        lang, _PUBLISHED_PAIR[direction(ratio - 1, 0.05)], place=place, own=dollars(own, lang), nation=dollars(nation, lang),
        period=period_name(row["period"], lang), flow=FLOW_NAMES[row["flow"]][lang],
        ratio=replace(own, name="relative_unit_value", value=ratio, unit="ratio"),
    )  # fmt: skip


_DESTINATIONS = {
    "both": {
        "fa": "از مقصدهایی که هر دو سال در فهرست‌اند، بیشترین افزایش از آنِ {won} است ({won_growth}) و بیشترین کاهش از آنِ {lost} ({lost_growth}).",
        "en": "Of the destinations listed in both years the largest rise is that of {won} ({won_growth}), the largest fall that of {lost} ({lost_growth}).",
    },
    "up": {
        "fa": "هیچ‌یک از مقصدهایی که هر دو سال در فهرست‌اند کاهش نیافته است؛ بیشترین افزایش از آنِ {won} است ({won_growth}).",
        "en": "No destination listed in both years fell; the largest rise is that of {won} ({won_growth}).",
    },
    "down": {
        "fa": "هیچ‌یک از مقصدهایی که هر دو سال در فهرست‌اند افزایش نیافته است؛ بیشترین کاهش از آنِ {lost} است ({lost_growth}).",
        "en": "No destination listed in both years rose; the largest fall is that of {lost} ({lost_growth}).",
    },
    "steady": {
        "fa": "هیچ‌یک از مقصدهایی که هر دو سال در فهرست‌اند جابه‌جا نشده است.",
        "en": "No destination listed in both years moved.",
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
    moved = {(True, True): "both", (True, False): "up", (False, True): "down"}
    case = moved.get((won["growth"] > 0, lost["growth"] < 0), "steady")

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
    "many": {
        "fa": "{n} تناقض در ارقام منتشرشده هست. تا روشن شدن هر یک، رقم آن در تصمیم به کار نرود.",
        "en": "There are {n} contradictions in the published figures. Until one is cleared up, its figure should carry no decision.",
    },
    "one": {
        "fa": "{n} تناقض در ارقام منتشرشده هست. تا روشن شدن آن، رقمش در تصمیم به کار نرود.",
        "en": "There is {n} contradiction in the published figures. Until it is cleared up, its figure should carry no decision.",
    },
    "none": {
        "fa": "در ارقام منتشرشده تناقضی ثبت نشده است.",
        "en": "No contradiction in the published figures is on record.",
    },
}


def contradictions(n: int, lang: Lang) -> Html:
    """How many contradictions a reader has to act on."""
    case = {0: "none", 1: "one"}.get(n, "many")
    return say(lang, _CONTRADICTIONS[case], n=Number("n_contradictions", float(n), "n"))


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
    "qualified": {
        "fa": "صادرات کشور، {period}، به گفتهٔ منابع «{said}»",
        "en": "Nation’s exports, {period}, by its sources “{said}”",
    },
    "value": {"fa": "صادرات کشور، {period}", "en": "Nation’s exports, {period}"},
    "unit_value": {"fa": "ارزش هر تن، {period}", "en": "Value per tonne, {period}"},
    "growth": {"fa": "رشد صادرات، {period}", "en": "Growth of exports, {period}"},
}


_QUALIFIERS = {
    "over": {"fa": "بیش از", "en": "over"},
    "about": {"fa": "حدود", "en": "about"},
    "at_least": {"fa": "دست‌کم", "en": "at least"},
}


def headlines(
    series: pd.DataFrame,
    growths: pd.DataFrame,
    now: Number,
    lang: Lang,
    *,
    qualifiers: Sequence[str] = (),
) -> Html:
    """The first numbers of the page: the period's own figure and the latest that are known.

    Args:
        series: `published.national_series`.
        growths: `published.growth`.
        now: the nation's published total of the page's period; its value may be None.
        lang: `fa` or `en`.
        qualifiers: how the sources of `now` qualify it (`published.national_qualifiers`).
    """
    last, grown = series.iloc[-1], growths[~growths["is_doubtful"]].iloc[-1]
    value = Number("value_usd", float(last["value_usd"]), "USD", "nation", last["period"],
                   last["source"])  # fmt: skip
    growth = Number("growth_share", float(grown["growth"]), "1", "nation", grown["period"],
                    grown["source"])  # fmt: skip
    said = {"fa": "» یا «", "en": "” or “"}[lang].join(_QUALIFIERS[q][lang] for q in qualifiers)
    named = [
        ("qualified" if qualifiers else "value", now),
        ("value", value),
        ("unit_value", unit_value_of(last)),
        ("growth", growth),
    ]
    labels = [
        _HEADLINE_LABELS[key][lang].format(period=period_name(number.period, lang), said=said)
        for key, number in named
    ]
    return cards([(label, number) for label, (_, number) in zip(labels, named, strict=True)], lang)


_GROWTH = {
    "fa": "از {n} دوره‌ای که رقم همان ماه‌های سال پیش هم منتشر شده، صادرات کشور در {up} دوره بیشتر و در {down} دوره کمتر شده است؛ تغییر آن در {period} {change} است.",
    "en": "Of the {n} periods for which the same months a year before were published too, the nation’s exports rose in {up} and fell in {down}; the change in {period} is {change}.",
}
_NO_GROWTH = {
    "fa": "دو سال از یک دوره منتشر نشده است؛ پس رشد صادرات کشور را نمی‌توان گفت.",
    "en": "No period was published for two years, so the growth of the nation’s exports cannot be told.",
}


def published_growth(growths: pd.DataFrame, lang: Lang) -> Html:
    """How often exports rose against a year before; `growths` is `published.growth`."""
    sure = growths[~growths["is_doubtful"].astype(bool)]
    if sure.empty:
        return say(lang, _NO_GROWTH)
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

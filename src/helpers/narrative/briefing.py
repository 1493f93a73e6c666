"""Sentences of the briefing: headlines, why value changed, markets, claims, and questions.

A question is asked where a stated rule finds something in the data; the rule is shown beside it,
so that nobody has to wonder why this and not that is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from helpers.claims import Verdict
from helpers.classification import partner_name
from helpers.comparison import (
    GROWTH_PARTS,
    INPUT_USES,
    against_nation,
    candidate_markets,
    gap_split,
    won_and_lost,
)
from helpers.measures import concentration, growth_by, known, unit_values
from helpers.measures import summed as added_up
from helpers.narrative.imports import chapter_name
from helpers.narrative.outlook import fine_amount
from helpers.narrative.words import (
    STEADY_GROWTH,
    Html,
    cards,
    direction,
    doubt,
    fill,
    is_na,
    number,
    period_name,
    plain,
    say,
    share,
    size,
)
from helpers.periods import parse_period
from helpers.schema import FREE_ZONES_ISO3, UNALLOCATED, UNKNOWN_ISO3, Lang, Number

if TYPE_CHECKING:  # The models behind it take a second to import.
    from helpers.outlook import MonthlyOutlook

# ---------------------------------------------------------------- what the page looks at


@dataclass(frozen=True)
class Evidence:
    """What the page looks at: totals by `province, hs2_code, hs6_code, partner_iso3, use`.

    Exports of the nation now and before, imports of the province now and before.
    """

    province: str
    period: str
    source: str
    sold: pd.DataFrame
    sold_before: pd.DataFrame
    bought: pd.DataFrame
    bought_before: pd.DataFrame

    @property
    def own(self) -> pd.DataFrame:
        """The province's exports."""
        return self.sold[self.sold["province"] == self.province]

    @property
    def own_before(self) -> pd.DataFrame:
        """The province's exports a year before."""
        return self.sold_before[self.sold_before["province"] == self.province]

    def number(self, name: str, value: float | None, unit: str, scope: str = "") -> Number:
        """A number of this place and period."""
        scope = scope or self.province
        return Number(name, known(value), unit, scope, self.period, self.source)


# ---------------------------------------------------------------- headlines

_CARDS = {
    "value_usd": {"fa": "صادرات (رشد: {own}؛ کشور: {nation})", "en": "Exports (growth {own}; Iran {nation})"},
    "unit_value_usd_per_tonne": {
        "fa": "ارزش هر تن صادرات (رشد: {own}؛ دیگر استان‌ها: {rest})",
        "en": "Value per tonne exported (growth {own}; other provinces {rest})",
    },
    "national_share": {
        "fa": "سهم از صادرات کشور (رتبهٔ {rank} از ۳۱)",
        "en": "Share of Iran’s exports (rank {rank} of 31)",
    },
    "import_value_usd": {"fa": "واردات (رشد: {own}؛ کشور: {nation})", "en": "Imports (growth {own}; Iran {nation})"},
}  # fmt: skip


def briefing_cards(
    sold: pd.DataFrame,
    bought: pd.DataFrame,
    ranks: pd.DataFrame,
    lang: Lang,
    *,
    period: str,
    source: str,
) -> Html:
    """The four numbers to remember, each against the nation or a year before.

    Args:
        sold: `comparison.overview` of exports; the province's row first, the nation's last.
        bought: the same of imports.
        ranks: `comparison.rank_provinces`.
        lang: `fa` or `en`.
        period: code of the period.
        source: where the data come from.
    """
    own, rest, nation = (sold.iloc[i] for i in range(3))
    own_bought, nation_bought = bought.iloc[0], bought.iloc[2]
    province = str(own["scope"])
    # All provinces without trade share one rank, which says nothing.
    rank = ranks.set_index("province")["rank"].get(province) if own["value_usd"] > 0 else None
    labels = {
        "value_usd": _growths(own, nation, "growth_share", lang),
        "unit_value_usd_per_tonne": {
            "own": share(own["unit_value_growth_share"], lang),
            "rest": plain(rest["unit_value_usd_per_tonne"], lang),
        },
        "national_share": {"rank": plain(None if pd.isna(rank) else int(rank), lang)},
        "import_value_usd": _growths(own_bought, nation_bought, "growth_share", lang),
    }
    values = {**own, "import_value_usd": own_bought["value_usd"]}
    units = ("USD", "USD/t", "1", "USD")
    return cards(
        [
            (
                _CARDS[name][lang].format(**parts),
                Number(name, known(values[name]), unit, province, period, source),
            )
            for (name, parts), unit in zip(labels.items(), units, strict=True)
        ],
        lang,
    )


def _growths(own: pd.Series, nation: pd.Series, column: str, lang: Lang) -> dict[str, str]:
    return {"own": share(own[column], lang), "nation": share(nation[column], lang)}


_PORTRAIT = {
    "special": {
        "fa": "بیشترین صادرات {place} «{goods}» است ({goods_share}) و بزرگ‌ترین بازار آن {partner} ({partner_share}). آنچه {place} را از دیگران جدا می‌کند «{special}» است: سهم آن در صادرات استان {rca} برابر سهمش در صادرات کشور است.",
        "en": "The largest part of {place}’s exports is “{goods}” ({goods_share}), its largest market {partner} ({partner_share}). What sets {place} apart is “{special}”: its share of the province’s exports is {rca} times its share of the nation’s.",
    },
    "alike": {
        "fa": "بیشترین صادرات {place} «{goods}» است ({goods_share}) و بزرگ‌ترین بازار آن {partner} ({partner_share}). ترکیب صادراتش به کشور نزدیک است: در هیچ کالای بزرگی سهمی چندان بیش از کشور ندارد.",
        "en": "The largest part of {place}’s exports is “{goods}” ({goods_share}), its largest market {partner} ({partner_share}). Its exports are much like the nation’s: no large group of goods weighs far more than there.",
    },
    "missing": {
        "fa": "در {period} صادراتی از گمرک‌های {place} ثبت نشده است.",
        "en": "No exports were recorded at the customs offices of {place} in {period}.",
    },
}
LARGE_CHAPTER = 0.05
"""A chapter must make this part of the exports before it can set a province apart."""
APART = 1.5
"""From this ratio of shares on a chapter sets the province apart."""


def portrait(evidence: Evidence, lang: Lang, *, place: str) -> Html:
    """What the province sells most, to whom, and what sets it apart from the nation."""
    own = evidence.own
    total = own["value_usd"].sum()
    if not total > 0:
        when = period_name(parse_period(evidence.period), lang)
        return say(lang, _PORTRAIT["missing"], place=place, period=when)
    chapters = against_nation(own, evidence.sold, ["hs2_code"]).dropna(subset=["hs2_code"])
    large = chapters[chapters["share_in_province"] >= LARGE_CHAPTER]
    special = large.sort_values("rca_vs_nation").iloc[-1] if len(large) else chapters.iloc[0]
    markets = own.groupby("partner_iso3")["value_usd"].sum()
    first = chapters.iloc[0]
    case = "special" if special["rca_vs_nation"] >= APART else "alike"
    return say(
        lang, _PORTRAIT[case], place=place, goods=chapter_name(str(first["hs2_code"]), lang),
        goods_share=evidence.number("share", first["share_in_province"], "1"),
        partner=partner_name(str(markets.idxmax()), lang),
        partner_share=evidence.number("share", markets.max() / total, "1"),
        special=chapter_name(str(special["hs2_code"]), lang),
        rca=evidence.number("rca_vs_nation", special["rca_vs_nation"], "ratio"),
    )  # fmt: skip


# ---------------------------------------------------------------- what changed and why

GROWTH_PART_NAMES = {
    "quantity_usd": {"fa": "مقدار بیشتر یا کمتر", "en": "More or less quantity"},
    "mix_usd": {"fa": "ترکیب کالاها", "en": "Mix of goods"},
    "price_usd": {"fa": "بهای همان کالاها", "en": "Price of the same goods"},
    "entry_usd": {"fa": "کالاهای تازه", "en": "New goods"},
    "exit_usd": {"fa": "کالاهای ازدست‌رفته", "en": "Goods given up"},
    "not_comparable_usd": {"fa": "سنجش‌ناپذیر", "en": "Not comparable"},
}

_WHY = {
    "up": {
        "fa": "ارزش صادرات {place} {change} بیشتر شد. مقدار {quantity_usd}، ترکیب کالاها {mix_usd} و بهای همان کالاها {price_usd} در آن سهم داشت؛ کالاهای تازه {entry_usd} آورد و کالاهای ازدست‌رفته {exit_usd}. بزرگ‌ترین سهم: {largest}.",
        "en": "The value of {place}’s exports rose by {change}. Quantity gave {quantity_usd}, the mix of goods {mix_usd} and the price of the same goods {price_usd}; new goods brought {entry_usd}, goods given up {exit_usd}. The largest part: {largest}.",
    },
    "down": {
        "fa": "ارزش صادرات {place} {change} کمتر شد. مقدار {quantity_usd}، ترکیب کالاها {mix_usd} و بهای همان کالاها {price_usd} در آن سهم داشت؛ کالاهای تازه {entry_usd} آورد و کالاهای ازدست‌رفته {exit_usd}. بزرگ‌ترین سهم: {largest}.",
        "en": "The value of {place}’s exports fell by {change}. Quantity gave {quantity_usd}, the mix of goods {mix_usd} and the price of the same goods {price_usd}; new goods brought {entry_usd}, goods given up {exit_usd}. The largest part: {largest}.",
    },
    "steady": {
        "fa": "ارزش صادرات {place} تقریباً تغییری نکرد ({change})، اما زیر این آرامش جابه‌جایی هست: مقدار {quantity_usd}، ترکیب کالاها {mix_usd}، بهای همان کالاها {price_usd}، کالاهای تازه {entry_usd} و کالاهای ازدست‌رفته {exit_usd}. بزرگ‌ترین سهم: {largest}.",
        "en": "The value of {place}’s exports hardly changed ({change}), but there is movement below: quantity {quantity_usd}, mix of goods {mix_usd}, price of the same goods {price_usd}, new goods {entry_usd}, goods given up {exit_usd}. The largest part: {largest}.",
    },
    "missing": {
        "fa": "صادرات {place} در همین دوره در سال پیش در دست نیست؛ پس نمی‌توان گفت ارزش از چه تغییر کرده است.",
        "en": "The exports of {place} in the same months a year before are not there, so why the value changed cannot be said.",
    },
}


def why_it_changed(
    split: pd.DataFrame,
    before_usd: float,
    lang: Lang,
    *,
    place: str,
    province: str,
    period: str,
    source: str = "",
) -> Html:
    """Whether more, other or dearer goods made the change of value.

    Args:
        split: `comparison.value_growth_split`, one row a product.
        before_usd: value a year before; 0 or missing leaves nothing to compare.
        lang: `fa` or `en`.
        place: the province's name.
        province: its slug.
        period: code of the period.
        source: where the data come from.
    """
    if not before_usd > 0:
        return say(lang, _WHY["missing"], place=place)
    parts = split[GROWTH_PARTS].sum()
    total = float(split["change_usd"].sum())
    change = Number("change_usd", total, "USD", province, period, source)
    case = direction(total / before_usd, STEADY_GROWTH)
    return say(
        lang, _WHY[case], place=place,
        change=number(change, lang) if case == "steady" else size(change, lang),
        largest=GROWTH_PART_NAMES[parts.abs().idxmax()][lang],
        **{name: replace(change, name=name, value=float(v)) for name, v in parts.items()},
    )  # fmt: skip


# ---------------------------------------------------------------- markets

_MARKETS = {
    "known": {
        "fa": "صادرات {place} به {n} مقصد رفت. سهم بزرگ‌ترین آن‌ها، {first}، {top1} است و سه مقصد نخست روی هم {top3}؛ تمرکز چنان است که گویی {equal} بازار هم‌اندازه در کار باشد.",
        "en": "The exports of {place} went to {n} destinations. The largest, {first}, takes {top1} and the first three together {top3}; that is as concentrated as {equal} markets of equal size.",
    },
    "missing": {
        "fa": "در {period} صادراتی از گمرک‌های {place} ثبت نشده است؛ پس بازاری هم نیست.",
        "en": "No exports were recorded at the customs offices of {place} in {period}, so there are no markets to tell.",
    },
}


def markets_in_short(
    own: pd.DataFrame, lang: Lang, *, place: str, province: str, period: str, source: str = ""
) -> Html:
    """How many markets there are and how much rests on the first; `own` by `partner_iso3`."""
    by_partner = added_up(own, ["partner_iso3"]).set_index("partner_iso3")["value_usd"]
    if not by_partner.sum() > 0:
        return say(
            lang, _MARKETS["missing"], place=place, period=period_name(parse_period(period), lang)
        )
    facts = concentration(by_partner)
    part = Number("share", facts.top1_share, "1", province, period, source)
    equal = replace(part, name="equivalent_number", value=facts.equivalent_number, unit="n")
    return say(
        lang, _MARKETS["known"], place=place, top1=part,
        first=partner_name(str(by_partner.idxmax()), lang),
        top3=replace(part, value=facts.top3_share),
        n=replace(equal, name="n_parts", value=float(facts.n_parts)),
        equal=number(equal, lang, plain(facts.equivalent_number, lang, 1)),
    )  # fmt: skip


# ---------------------------------------------------------------- claims

_CLAIMS = {
    "synthetic": {
        "fa": "ستون «نمونهٔ ساختگی» تنها نشان می‌دهد که آزمون روی اظهارنامه‌ها چگونه کار می‌کند: آن داده‌ها ساختگی‌اند و دربارهٔ درستی ادعاهای واقعی هیچ نمی‌گویند. با رسیدن آمار گمرک، همین ستون پاسخ واقعی خواهد داشت.",
        "en": "The column “synthetic sample” only shows how the test works on declarations: those data are made up and say nothing of whether the real claims hold. Once customs data arrive, the same column will hold the real answer.",
    },
    "real": {
        "fa": "ستون «اظهارنامه‌ها» بر پایهٔ محل اظهار کالاست؛ ادعایی که مبنای انتسابش گفته نشده با آن تأیید یا رد نمی‌شود.",
        "en": "The column “declarations” goes by the place of clearance; a claim that does not say how it attributes goods is neither supported nor contradicted by it.",
    },
    "of_nation": {
        "fa": "این بیانیه دربارهٔ {place} چیزی نمی‌گوید؛ ادعاهای بالا دربارهٔ کل کشور است.",
        "en": "The statement says nothing of {place}; the claims above are about the nation.",
    },
    "none": {
        "fa": "در این بیانیه ادعایی دربارهٔ {place} یا کل کشور نیست.",
        "en": "The statement claims nothing of {place} or of the nation.",
    },
}


def claims_about(verdicts: Sequence[Verdict], province: str) -> list[Verdict]:
    """The verdicts on measurable claims about a province, then on those about the nation."""
    order = {province: 0, "nation": 1}
    mine = [v for v in verdicts if v.claim.scope in order and v.claim.test != "none"]
    return sorted(mine, key=lambda verdict: order[verdict.claim.scope])


def claims_in_short(
    verdicts: Sequence[Verdict], lang: Lang, *, place: str, is_synthetic: bool
) -> Html:
    """What the table of claims may be used for."""
    if not verdicts:
        return doubt(fill(lang, _CLAIMS["none"], place=place))
    scopes = {verdict.claim.scope for verdict in verdicts}
    said = "" if scopes - {"nation"} else say(lang, _CLAIMS["of_nation"], place=place)
    return Html(said + doubt(fill(lang, _CLAIMS["synthetic" if is_synthetic else "real"])))


# ---------------------------------------------------------------- questions for the meeting

POINT_OF_GROWTH = 0.01
"""A chapter or market that moves the total by a hundredth is asked about."""
LARGE_SHARE = 0.30
"""One market or chapter with this part of the value is asked about."""
LEAST_COVERAGE = 0.97
"""Below this part of the value with a weight, value per tonne is asked about."""
MOST_UNALLOCATED = 0.05
"""Above this part of the nation's value without a province, attribution is asked about."""
INPUT_FALL = -0.10
"""Imports of inputs that fell by a tenth are asked about."""
CHEAPER = -0.05
"""The same goods sold this much below the other provinces', of the province's value per tonne."""
LESS_LIKELY = 0.33
"""A probability below this that the year ends above the last is asked about."""
MOST_QUESTIONS = 10

_QUESTIONS = {
    "fall": {
        "fa": "صادرات «{what}» {change} کم شد و به تنهایی {points} واحد درصد از رشد کاست. مشتری رفت، تولید کم شد، یا از گمرک استان دیگری اظهار شد؟",
        "en": "Exports of “{what}” fell by {change} and took {points} percentage points off growth by themselves. Did the customer leave, did output fall, or were the goods declared in another province?",
    },
    "rise": {
        "fa": "صادرات «{what}» {change} بیشتر شد و {points} واحد درصد به رشد افزود. این ماندنی است یا کار یک سفارش؟",
        "en": "Exports of “{what}” rose by {change} and added {points} percentage points to growth. Will that last, or was it one order?",
    },
    "market": {
        "fa": "{part} از صادرات {place} به {what} می‌رود. اگر این بازار بسته یا کند شود، جایگزین کدام است؟",
        "en": "{part} of {place}’s exports go to {what}. If that market closes or slows, where do they go?",
    },
    "goods": {
        "fa": "{part} از صادرات {place} «{what}» است. اگر بهای جهانی آن بیفتد چه می‌شود؟",
        "en": "{part} of {place}’s exports are “{what}”. What if its world price falls?",
    },
    "lost": {
        "fa": "{what} سال پیش {change} خرید و امسال هیچ. این بازار چرا از دست رفت و چه کسی آن را پس می‌گیرد؟",
        "en": "{what} bought {change} last year and nothing this year. Why was this market lost, and who will win it back?",
    },
    "cheaper": {
        "fa": "همان کالاهایی که دیگر استان‌ها هم می‌فروشند، در {place} روی هم {change} از ارزش هر تن کم می‌کند. از کیفیت است، از بسته‌بندی یا از قراردادها؟",
        "en": "Selling the same goods as the other provinces, {place} loses {change}. Is it quality, packaging or contracts?",
    },
    "price_only": {
        "fa": "ارزش صادرات بیشتر شد اما مقدار آن {change} از ارزش کاست؛ رشد از بها یا کالاهای تازه است. اگر بها برگردد چه می‌ماند؟",
        "en": "Value rose although quantity took {change} off it: growth came from prices or new goods. What is left if prices turn?",
    },
    "inputs": {
        "fa": "واردات نهاده‌های تولید {change} کم شد. ارز نرسید، ثبت سفارش ماند، یا تولید کم شده است؟",
        "en": "Imports of inputs fell by {change}. Was there no currency, were orders not registered, or has output fallen?",
    },
    "candidate": {
        "fa": "{what} از دیگر استان‌ها {change} از کالاهایی می‌خرد که {place} هم می‌سازد، و از {place} هیچ. مانع کجاست؟",
        "en": "{what} buys {change} from other provinces, of goods that {place} makes too, and nothing from {place}. What stands in the way?",
    },
    "year_end": {
        "fa": "احتمال این‌که سال از سال پیش بیشتر شود {part} است؛ برای رسیدن به آن {n} ماه مانده باید {change} بیاورد. کدام محموله‌ها در راه است؟",
        "en": "The probability of ending above last year is {part}; to equal it the {n} months to come must bring {change}. Which consignments are on their way?",
    },
    "coverage": {
        "fa": "{part} از ارزش صادرات {place} وزن ندارد. وزن این ردیف‌ها را چه کسی می‌دهد؟",
        "en": "{part} of the value of {place}’s exports has no weight. Who can supply the weights?",
    },
    "unallocated": {
        "fa": "{part} از صادرات کشور به هیچ استانی نسبت داده نشده است. چه اندازه از آن ساخت {place} است؟",
        "en": "{part} of the nation’s exports are not allocated to any province. How much of it was made in {place}?",
    },
    "contradiction": {
        "fa": "دو رقم منتشرشده با هم نمی‌خوانند ({what}): {stated} در برابر {against}. {action}",
        "en": "Two published figures do not fit ({what}): {stated} against {against}. {action}",
    },
    "claim": {
        "fa": "«{what}» با آنچه منتشر شده آزمودنی نیست. این را چه کسی می‌آورد: {settle}",
        "en": "“{what}” cannot be tested with what is published. Who can bring this: {settle}",
    },
}
_RULES = {
    "fall": {"fa": "بزرگ‌ترین کاهش در میان فصل‌های کالا، اگر دست‌کم یک واحد درصد از رشد بکاهد", "en": "the largest fall among chapters, if it takes a percentage point or more off growth"},
    "rise": {"fa": "بزرگ‌ترین افزایش در میان فصل‌های کالا، اگر دست‌کم یک واحد درصد به رشد بیفزاید", "en": "the largest rise among chapters, if it adds a percentage point or more to growth"},
    "market": {"fa": "بزرگ‌ترین بازار، اگر سهمش {large} یا بیشتر باشد", "en": "the largest market, if its share is {large} or more"},
    "goods": {"fa": "بزرگ‌ترین فصل کالا، اگر سهمش {large} یا بیشتر باشد", "en": "the largest chapter, if its share is {large} or more"},
    "lost": {"fa": "بزرگ‌ترین بازار ازدست‌رفته، اگر سال پیش {points} صادرات یا بیشتر را خریده باشد", "en": "the largest market lost, if it took {points} of exports or more last year"},
    "cheaper": {"fa": "اثر بهای همان کالاها در ارزش هر تن، اگر {cheaper} یا کمتر باشد", "en": "the effect of the same goods’ price on value per tonne, if it is {cheaper} or less"},
    "price_only": {"fa": "رشد ارزش با کاهش مقدار", "en": "value rose while quantity fell"},
    "inputs": {"fa": "تغییر واردات نهاده‌ها، اگر {inputs} یا کمتر باشد", "en": "the change of imports of inputs, if it is {inputs} or less"},
    "candidate": {"fa": "پُرفروش‌ترین بازار نخریده، به شرط ارزش چشم‌داشتی {points} صادرات یا بیشتر", "en": "the unserved market expected to buy most, if {points} of exports or more"},
    "year_end": {"fa": "احتمال بیشتر شدن از سال پیش، اگر کمتر از {likely} باشد", "en": "the probability of ending above last year, if below {likely}"},
    "coverage": {"fa": "سهم ارزش دارای وزن، اگر کمتر از {coverage} باشد", "en": "the value that has a weight, if below {coverage}"},
    "unallocated": {"fa": "صادرات بی‌استان کشور، اگر بیش از {unallocated} باشد", "en": "the nation’s exports without a province, if above {unallocated}"},
    "contradiction": {"fa": "بزرگ‌ترین تناقض ارقام منتشرشدهٔ استان، یا اگر نیست کشور", "en": "the widest contradiction in the province’s published figures, or else the nation’s"},
    "claim": {"fa": "ادعای سنجش‌پذیری که رقم منتشرشده ندارد", "en": "a measurable claim without a published figure"},
}  # fmt: skip
_THRESHOLDS = {
    "points": POINT_OF_GROWTH,
    "large": LARGE_SHARE,
    "cheaper": CHEAPER,
    "inputs": INPUT_FALL,
    "likely": LESS_LIKELY,
    "coverage": LEAST_COVERAGE,
    "unallocated": MOST_UNALLOCATED,
}


@dataclass(frozen=True)
class Question:
    """What a rule found: the numbers, and the code (`what`) of the good, market or claim it is on."""

    rule: str
    numbers: dict[str, Number]
    what: str = ""
    words: dict[str, dict[str, str]] | None = None


def find_questions(
    evidence: Evidence,
    monthly: MonthlyOutlook,
    split: pd.DataFrame,
    verdicts: Sequence[Verdict],
    contradictions: pd.DataFrame,
) -> list[Question]:
    """The questions that the rules find, trade first and data last, `MOST_QUESTIONS` at most.

    Args:
        evidence: the trade of the province and the nation.
        monthly: the province's `outlook.monthly_outlook`.
        split: `comparison.value_growth_split` of the province.
        verdicts: of the claims about the province and the nation, on published figures.
        contradictions: `published.contradiction_numbers` merged with `contradictions`.
    """
    trade = [
        *_moved(evidence),
        *_rests_on(evidence),
        *_lost(evidence),
        *_cheaper(evidence),
        *_price_only(evidence, split),
        *_inputs(evidence),
        *_candidate(evidence),
        *_year_end(evidence, monthly),
    ]
    data = [
        *_coverage(evidence),
        *_contradiction(evidence, contradictions),
        *_untested(evidence, verdicts),
        *_unallocated(evidence),
    ]
    room = max(MOST_QUESTIONS - len(data), MOST_QUESTIONS // 2)
    return [*trade[:room], *data][:MOST_QUESTIONS]


def _moved(evidence: Evidence) -> list[Question]:
    """The chapters that moved the total most, down and up."""
    if not evidence.own_before["value_usd"].sum() > 0:
        return []
    moves = growth_by(evidence.own, evidence.own_before, ["hs2_code"]).dropna(subset=["hs2_code"])
    found = []
    for rule, row in (("fall", moves.iloc[-1]), ("rise", moves.iloc[0])):
        points = float(row["contribution_share"])
        if points * (-1 if rule == "fall" else 1) >= POINT_OF_GROWTH:
            numbers = {
                "change": evidence.number("change_usd", row["change_usd"], "USD"),
                "points": evidence.number("contribution_share", points, "1"),
            }
            found.append(Question(rule, numbers, str(row["hs2_code"])))
    return found


def _rests_on(evidence: Evidence) -> list[Question]:
    """A market or a chapter on which much of the value rests."""
    total = evidence.own["value_usd"].sum()
    found = []
    for rule, key in (("market", "partner_iso3"), ("goods", "hs2_code")):
        parts = evidence.own.groupby(key)["value_usd"].sum().drop(UNKNOWN_ISO3, errors="ignore")
        if total > 0 and len(parts) and parts.max() / total >= LARGE_SHARE:
            numbers = {"part": evidence.number("share", parts.max() / total, "1")}
            found.append(Question(rule, numbers, str(parts.idxmax())))
    return found


def _lost(evidence: Evidence) -> list[Question]:
    markets = won_and_lost(evidence.own, evidence.own_before)
    markets = markets[
        (markets["status"] == "lost")
        & ~markets["partner_iso3"].isin([FREE_ZONES_ISO3, UNKNOWN_ISO3])
    ]
    before = evidence.own_before["value_usd"].sum()
    if markets.empty or markets["value_usd_before"].iloc[0] < POINT_OF_GROWTH * before:
        return []
    first = markets.iloc[0]
    value = evidence.number("value_usd", first["value_usd_before"], "USD")
    before_code = str(parse_period(evidence.period).year_before)
    return [Question("lost", {"change": replace(value, period=before_code)}, first["partner_iso3"])]


def _cheaper(evidence: Evidence) -> list[Question]:
    rest = evidence.sold[evidence.sold["province"] != evidence.province]
    effect = float(gap_split(evidence.own, rest, "hs6_code")["price_usd_per_tonne"].sum())
    own = float(unit_values(added_up(evidence.own))["unit_value_usd_per_tonne"].iloc[0])
    if not effect <= CHEAPER * own:
        return []
    return [
        Question("cheaper", {"change": evidence.number("price_usd_per_tonne", effect, "USD/t")})
    ]


def _price_only(evidence: Evidence, split: pd.DataFrame) -> list[Question]:
    quantity = float(split["quantity_usd"].sum())
    is_known = evidence.own_before["value_usd"].sum() > 0
    if not (is_known and split["change_usd"].sum() > 0 > quantity):
        return []
    return [Question("price_only", {"change": evidence.number("quantity_usd", quantity, "USD")})]


def _inputs(evidence: Evidence) -> list[Question]:
    now, before = (
        side.loc[side["use"].isin(INPUT_USES), "value_usd"].sum()
        for side in (evidence.bought, evidence.bought_before)
    )
    if not (before > 0 and now / before - 1 <= INPUT_FALL):
        return []
    fall = evidence.number("inputs_value_usd_growth", now / before - 1, "1")
    return [Question("inputs", {"change": fall})]


def _candidate(evidence: Evidence) -> list[Question]:
    """The market expected to buy most of what the province makes and does not sell there."""
    total = evidence.own["value_usd"].sum()
    markets = candidate_markets(evidence.own, evidence.sold, product="hs6_code")
    markets = markets[markets["is_new_market"]]
    if markets.empty or markets["expected_usd"].iloc[0] < POINT_OF_GROWTH * total:
        return []
    first = markets.iloc[0]
    value = evidence.number("value_usd", first["rest_value_usd"], "USD", "rest_of_nation")
    return [Question("candidate", {"change": value}, first["partner_iso3"])]


def _year_end(evidence: Evidence, monthly: MonthlyOutlook) -> list[Question]:
    end, carried = monthly.outlook and monthly.outlook.year_end, monthly.carried
    if not (end and carried) or end.probability_above_last >= LESS_LIKELY:
        return []
    part = evidence.number("probability_above_last", end.probability_above_last, "1")
    months = evidence.number("n_months", 12.0 - carried.months_known, "n")
    needed = evidence.number("value_to_equal_usd", carried.to_equal, "USD")
    return [Question("year_end", {"part": part, "n": months, "change": needed})]


def _coverage(evidence: Evidence) -> list[Question]:
    covered = unit_values(added_up(evidence.own))["coverage_share"].iloc[0]
    if is_na(covered) or covered >= LEAST_COVERAGE:
        return []
    missing = evidence.number("not_weighed_share", 1 - float(covered), "1")
    return [Question("coverage", {"part": missing})]


def _unallocated(evidence: Evidence) -> list[Question]:
    by_province = evidence.sold.groupby("province")["value_usd"].sum()
    part = by_province.get(UNALLOCATED, 0.0) / by_province.sum() if by_province.sum() else 0.0
    if part <= MOST_UNALLOCATED:
        return []
    share_of_nation = evidence.number("national_share", part, "1", UNALLOCATED)
    return [Question("unallocated", {"part": share_of_nation})]


def _contradiction(evidence: Evidence, contradictions: pd.DataFrame) -> list[Question]:
    """The widest one of the province's own figures, or else of the nation's."""
    apart = (contradictions["ratio"].astype("float64") - 1).abs()
    by_width = contradictions.loc[apart[apart > 0].sort_values(ascending=False).index]
    for scope in (evidence.province, "nation"):
        rows = by_width[by_width["figures"].str.startswith(f"{scope}-")]
        if len(rows):
            row = rows.iloc[0]
            numbers = {
                side: Number("published", float(row[f"{side}_value"]), row["unit"], scope)
                for side in ("stated", "against")
            }
            words = {
                lang: {"what": row[f"what_{lang}"], "action": row[f"action_{lang}"]}
                for lang in ("fa", "en")
            }
            return [Question("contradiction", numbers, words=words)]
    return []


def _untested(evidence: Evidence, verdicts: Sequence[Verdict]) -> list[Question]:
    """The first claims, of the province if there are any, for which no figure was published."""
    open_ones = [v for v in verdicts if v.verdict == "not_testable"]
    own = [v for v in open_ones if v.claim.scope == evidence.province]
    # What settles several claims is asked for once.
    by_need = {v.say("settle", "en"): v for v in reversed(own or open_ones)}
    return [
        Question(
            "claim",
            {},
            words={
                lang: {"what": _bare(v.say("statement", lang)), "settle": v.say("settle", lang)}
                for lang in ("fa", "en")
            },
        )
        for v in list(reversed(by_need.values()))[:2]
    ]


def _bare(statement: str) -> str:
    return statement.removesuffix(".")


_BECAUSE = {"fa": "قاعده: {rule}", "en": "Rule: {rule}"}
_NO_QUESTION = {
    "fa": "هیچ‌یک از قاعده‌ها برای {place} پرسشی نیافت.",
    "en": "No rule found a question for {place}.",
}


def questions_to_ask(questions: Sequence[Question], lang: Lang, *, place: str) -> Html:
    """The questions as a numbered list, each with the rule that asked it."""
    if not questions:
        return say(lang, _NO_QUESTION, place=place)
    items = "".join(f"<li>{_asked(question, lang, place)}</li>" for question in questions)
    return Html(f'<ol class="wb-questions">{items}</ol>')


def _asked(question: Question, lang: Lang, place: str) -> str:
    thresholds = {name: share(value, lang, 0) for name, value in _THRESHOLDS.items()}
    rule = _RULES[question.rule][lang].format(**thresholds)
    words = {"what": _called(question, lang), **(question.words or {}).get(lang, {})}
    numbers = {name: _unsigned(figure, lang) for name, figure in question.numbers.items()}
    asked = fill(lang, _QUESTIONS[question.rule], place=place, **words, **numbers)
    return f"{asked} <small>({fill(lang, _BECAUSE, rule=rule)})</small>"


def _unsigned(figure: Number, lang: Lang) -> Html:
    """A number of which the words say the direction; large amounts in two decimals."""
    if figure.unit == "USD" and not is_na(figure.value):
        return number(figure, lang, fine_amount(abs(figure.value), lang))  # type: ignore[arg-type]
    if figure.name == "contribution_share" and not is_na(figure.value):
        return number(figure, lang, plain(100 * abs(figure.value), lang, 1))  # type: ignore[arg-type]
    return size(figure, lang)


def _called(question: Question, lang: Lang) -> str:
    if question.rule in ("fall", "rise", "goods"):
        return chapter_name(question.what, lang)
    return partner_name(question.what, lang) if question.what else ""

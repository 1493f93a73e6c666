"""Sentences of the comparison: in each table of words the two languages say the same thing."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.measures.gap import GapSplitFacts, main_parts
from helpers.measures.values import GrowthFacts, ShareFacts, ShareRange, ValuePerTonneFacts
from helpers.narrative.words import (
    ALIKE_UNIT_VALUE,
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
    words_of,
)
from helpers.periods import Period, parse_period
from helpers.schema import UNALLOCATED, Lang, Number

_WORDS = words_of("comparison")


def change(
    facts: GrowthFacts, lang: Lang, *, place: str, flow: str = "export", source: str = ""
) -> Html:
    """What a flow came to and how it moved against the same months a year before."""
    case = "unknown" if is_na(facts.value) else direction(facts.growth, STEADY_GROWTH)
    period = parse_period(facts.period)
    now = Number("value_usd", facts.value, "USD", facts.scope, facts.period, source)
    before = replace(now, value=facts.value_before, period=str(period.year_before))
    return say(
        lang, _WORDS["change"][case], place=place, flow=FLOW_NAMES[flow][lang],
        period=period_name(period, lang), now=now, before=before,
        change=size(Number("growth_share", facts.growth, "1", facts.scope, facts.period, source), lang),
    )  # fmt: skip


def value_per_tonne(
    facts: ValuePerTonneFacts, lang: Lang, *, place: str, flow: str = "export", source: str = ""
) -> Html:
    """Whether a tonne of the province is worth more than one of the rest of the nation.

    Within five per cent of each other they are "about the same".
    """
    ratio = facts.relative_to_rest
    case = direction(None if ratio is None else ratio - 1, ALIKE_UNIT_VALUE)
    own = Number("unit_value_usd_per_tonne", facts.province_usd_per_tonne, "USD/t",
                 facts.province, facts.period, source)  # fmt: skip
    return say(
        lang, _WORDS["value_per_tonne"][case], place=place, flow=FLOW_NAMES[flow][lang], own=dollars(own, lang),
        rest=dollars(replace(own, value=facts.rest_usd_per_tonne, scope="rest_of_nation"), lang),
        ratio=replace(own, name="relative_unit_value", value=ratio, unit="ratio"),
    )  # fmt: skip


def coverage(facts: ValuePerTonneFacts, lang: Lang, *, place: str, source: str = "") -> Html:
    """How much of the value the value per tonne was computed from."""
    own = Number("coverage_share", facts.province_coverage_share, "1",
                 facts.province, facts.period, source)  # fmt: skip
    nation = replace(own, value=facts.nation_coverage_share, scope="nation")
    return doubt(fill(lang, _WORDS["coverage"], place=place, province=own, nation=nation))


def gap_split(facts: GapSplitFacts, lang: Lang, *, place: str, source: str = "") -> Html:
    """Whether dearer goods or dearer selling makes the gap in value per tonne."""
    if facts.gap_usd_per_tonne is None:
        return say(lang, _WORDS["no_gap"], place=place)
    parts = {
        "mix": facts.mix_usd_per_tonne, "price": facts.price_usd_per_tonne,
        "one_side": facts.only_province_usd_per_tonne + facts.only_reference_usd_per_tonne
        + facts.unlike_usd_per_tonne,
    }  # fmt: skip
    case, main = main_parts(parts, facts.gap_usd_per_tonne)
    gap = Number("gap_usd_per_tonne", facts.gap_usd_per_tonne, "USD/t",
                 facts.province, facts.period, source)  # fmt: skip
    numbers = {k: replace(gap, name=f"{k}_usd_per_tonne", value=v) for k, v in parts.items()}
    names = {
        place_of: _WORDS["gap_parts"][part][lang]
        for place_of, part in zip(("first", "second"), main, strict=False)
    }
    words = _WORDS["gap"][main[0] if case == "most" else case]
    return say(lang, words, place=place, gap=gap, **numbers, **names)


def sector_share(facts: ShareFacts, lang: Lang, *, place: str, part: str, source: str = "") -> Html:
    """What part of the exports a sector made up, against a year before."""
    known = not (is_na(facts.share) or is_na(facts.share_before))
    moved = facts.share - facts.share_before if known else None  # type: ignore[operator]
    case = "unknown" if is_na(facts.share) else direction(moved, STEADY_SHARE)
    period = parse_period(facts.period)
    now = Number("share", facts.share, "1", facts.scope, facts.period, source)
    before = replace(now, value=facts.share_before, period=str(period.year_before))
    return say(
        lang, _WORDS["share"][case], place=place, part=part, period=period_name(period, lang),
        now=now, before=before,
    )  # fmt: skip


def share_range(facts: ShareRange, lang: Lang, *, part: str, scope: str, source: str = "") -> Html:
    """How far the reviewed table's judgements could move a sector's share."""
    low = Number("share", facts.share_low, "1", scope, source=source)
    words = fill(
        lang, _WORDS["share_range"], part=part, low=low, table=code("sectors.csv"),
        high=replace(low, value=facts.share_high),
        judgement=replace(low, value=facts.judgement_share),
    )  # fmt: skip
    return doubt(words)


def rank(
    ranks: pd.DataFrame, province: str, lang: Lang, *, place: str, period: str, source: str = ""
) -> Html:
    """Where the province stands among those that are known; `ranks` as `ranks.rank_provinces` gives it."""
    rows = ranks.set_index("province")
    own = rows.loc[province]
    part = Number("national_share", own["national_share"], "1", province, period, source)
    rest = rows["national_share"].get(UNALLOCATED)
    if is_na(own["national_share"]) or is_na(own["rank"]):
        return say(lang, _WORDS["rank"]["missing"], place=place)
    return say(
        lang, _WORDS["rank"]["tied" if own["n_tied"] > 1 else "alone"], place=place, share=part,
        rank=replace(part, name="rank", value=float(own["rank"]), unit="n"),
        n=plain(int(own["n_ranked"]), lang),
        unallocated=replace(part, value=rest, scope=UNALLOCATED),
    )  # fmt: skip


def left_out(value_usd: float, period: Period, lang: Lang) -> Html:
    """The value that could not be counted, because its months straddle the period; or nothing."""
    if not value_usd:
        return Html("")
    value = Number("value_usd", value_usd, "USD", "left_out", str(period))
    return doubt(fill(lang, _WORDS["left_out"], value=value, period=period_name(period, lang)))


def reconcile(here: Number, there: Number, lang: Lang, tolerance: float = 0.02) -> Html:
    """Whether the sum of the declarations agrees with the nation's published figure."""
    if is_na(here.value):
        return say(lang, _WORDS["reconcile"]["unknown"], there=there)
    apart = None if is_na(there.value) else here.value / there.value - 1  # type: ignore[operator]
    case = "missing" if apart is None else "within" if abs(apart) <= tolerance else "outside"
    return say(
        lang, _WORDS["reconcile"][case], here=here, there=there, tolerance=share(tolerance, lang, 0),
        difference=replace(here, name="difference_share", value=apart, unit="1"),
    )  # fmt: skip

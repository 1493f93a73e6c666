"""Charts of the briefing: why value changed, and the markets now and a year before."""

from __future__ import annotations

import pandas as pd

from helpers import narrative
from helpers.classification import partner_name
from helpers.comparison import GROWTH_PARTS
from helpers.figures.forms import NATION, PROVINCE, Chart, bars, paired_bars
from helpers.measures import paired
from helpers.narrative import Html
from helpers.schema import Lang

MARKETS_SHOWN = 5


def growth_parts(
    split: pd.DataFrame, before_usd: float, lang: Lang, *, place: str, source: str
) -> Chart | Html:
    """What quantity, mix, price, new goods and goods given up added to the change of value.

    Args:
        split: `comparison.value_growth_split`.
        before_usd: value a year before; without any there is no chart.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if not before_usd > 0:
        return narrative.no_chart(lang, place=place)
    parts = split[GROWTH_PARTS].sum()
    table = pd.DataFrame(
        {
            "part": parts.index,
            "label": [narrative.GROWTH_PART_NAMES[part][lang] for part in parts.index],
            "change_usd": parts.to_numpy(),
            "change_million_usd": parts.to_numpy() / 1e6,
        }
    )
    largest = table.loc[table["change_usd"].abs().idxmax()]
    effect = narrative.amount(float(largest["change_usd"]), "USD", lang)
    words = {
        "fa": (
            f"بیش از همه: {largest['label']} ({effect})",
            f"شش نوار از سهم مقدار، ترکیب، بها، کالاهای تازه، ازدست‌رفته و سنجش‌ناپذیر در تغییر ارزش صادرات {place}؛ بزرگ‌ترین: {largest['label']} با {effect}.",
        ),
        "en": (
            f"Above all: {str(largest['label']).lower()} ({effect})",
            f"Six bars of what quantity, mix, price, new goods, goods given up and the not comparable added to the change of {place}’s exports; the largest is {largest['label']} with {effect}.",
        ),
    }[lang]
    return bars(
        table, label="label", y="change_million_usd",
        show=lambda value, lang: narrative.plain(value, lang, 1),
        colours=[PROVINCE if value >= 0 else NATION for value in table["change_usd"]],
        title=words[0], alt=words[1], source=source,
        unit={"fa": "میلیون دلار", "en": "million USD"}[lang], lang=lang,
    )  # fmt: skip


def largest_markets(
    own: pd.DataFrame, own_before: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> Chart | Html:
    """The largest destinations, in this period and in the same months a year before.

    Args:
        own: the province's exports by `partner_iso3`.
        own_before: the same a year before; it may be empty.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    markets = paired(own, own_before, ["partner_iso3"], ("", "_before"))
    markets = markets.sort_values("value_usd", ascending=False).head(MARKETS_SHOWN)
    if not markets["value_usd"].sum() > 0:
        return narrative.no_chart(lang, place=place)
    table = markets.assign(label=[partner_name(p, lang) for p in markets["partner_iso3"]])
    if own_before.empty:
        table["value_usd_before"] = float("nan")
    first = table.iloc[0]
    value = narrative.amount(float(first["value_usd"]), "USD", lang)
    words = {
        "fa": (
            f"بزرگ‌ترین بازار {place}: {first['label']} با {value}",
            f"برای هر یک از بزرگ‌ترین مقصدها دو نوار، سال پیش و این دوره؛ نخست {first['label']} با {value}.",
            ("همین دوره در سال پیش", "این دوره"),
        ),
        "en": (
            f"The largest market of {place}: {first['label']}, {value}",
            f"Two bars for each of the largest destinations, a year before and now; first {first['label']} with {value}.",
            ("The same months a year before", "This period"),
        ),
    }[lang]
    return paired_bars(
        table[["partner_iso3", "label", "value_usd_before", "value_usd"]], label="label",
        pair=("value_usd_before", "value_usd"), names=words[2],
        show=lambda value, lang: narrative.amount(value, "USD", lang),
        title=words[0], alt=words[1], source=source, unit="", lang=lang,
    )  # fmt: skip

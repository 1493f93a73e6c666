"""Charts of the briefing: why value changed, and the largest markets."""

from __future__ import annotations

import pandas as pd

from helpers import narrative
from helpers.classification import partner_name
from helpers.comparison import GROWTH_PARTS
from helpers.figures.forms import NATION, PROVINCE, REST, Chart, bars
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
        return narrative.nothing_to_show(lang)
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


def largest_markets(own: pd.DataFrame, lang: Lang, *, place: str, source: str) -> Chart | Html:
    """The largest destinations, the province's colour on the first.

    Args:
        own: the province's exports by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    markets = own.groupby("partner_iso3")["value_usd"].sum().nlargest(MARKETS_SHOWN)
    if not markets.sum() > 0:
        return narrative.nothing_to_show(lang)
    table = markets.reset_index()
    table.insert(1, "label", [partner_name(str(p), lang) for p in markets.index])
    first, value = table["label"].iloc[0], narrative.amount(float(markets.iloc[0]), "USD", lang)
    words = {
        "fa": (
            f"بزرگ‌ترین بازار {place}: {first} با {value}",
            f"نوار ارزش صادرات به بزرگ‌ترین مقصدها از بزرگ به کوچک؛ نخست {first} با {value}.",
        ),
        "en": (
            f"The largest market of {place}: {first}, {value}",
            f"Bars of exports to the largest destinations, from the largest down; first {first} with {value}.",
        ),
    }[lang]
    return bars(
        table, label="label", y="value_usd",
        show=lambda value, lang: narrative.amount(value, "USD", lang),
        colours=[PROVINCE, *[REST] * (len(table) - 1)],
        title=words[0], alt=words[1], source=source, unit="", lang=lang,
    )  # fmt: skip

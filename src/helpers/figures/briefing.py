"""Charts of the briefing: why value changed, and the largest markets."""

from __future__ import annotations

import pandas as pd

from helpers import narrative
from helpers.classification import partner_name
from helpers.figures import forms
from helpers.measures.gap import GROWTH_PARTS
from helpers.narrative import Html
from helpers.schema import Lang

MARKETS_SHOWN = 5


def growth_parts(
    split: pd.DataFrame, before_usd: float, lang: Lang, *, place: str, source: str
) -> forms.Chart | Html:
    """What quantity, mix, price, new goods and goods given up added to the change of value.

    Args:
        split: `gap.value_growth_split`.
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
    effect = float(largest["change_usd"])
    side = narrative.direction(effect / before_usd, narrative.STEADY_GROWTH)
    what = forms.WORDS["growth_parts"]["what"][largest["part"]]["up" if effect > 0 else "down"]
    told = forms.worded(
        "growth_parts", lang, side, place=place, what=what[lang], label=largest["label"],
        effect=forms.money(abs(effect), lang), signed=forms.money(effect, lang),
        least=narrative.share(narrative.STEADY_GROWTH, lang, 0),
    )  # fmt: skip
    return forms.bars(
        table, label="label", y="change_million_usd", show=forms.one_decimal,
        colours=forms.by_sign(table["change_usd"]),
        source=source, unit=forms.MILLION_USD[lang], **told,
    )  # fmt: skip


def largest_markets(
    own: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> forms.Chart | Html:
    """The largest named markets, the province's colour on the first.

    Args:
        own: the province's exports by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    named = own[~own["partner_iso3"].isin(narrative.UNNAMED)]
    markets = named.groupby("partner_iso3")["value_usd"].sum().nlargest(MARKETS_SHOWN)
    if not markets.sum() > 0:
        return narrative.nothing_to_show(lang)
    table = markets.reset_index()
    table.insert(1, "label", [partner_name(str(p), lang) for p in markets.index])
    told = forms.worded(
        "largest_markets", lang, forms.lead(markets), place=place, first=table["label"].iloc[0],
        second=table["label"].iloc[:2].iloc[-1], value=forms.money(float(markets.iloc[0]), lang),
    )  # fmt: skip
    return forms.bars(
        table, label="label", y="value_usd", show=forms.money,
        colours=[forms.PROVINCE, *[forms.REST] * (len(table) - 1)], source=source, unit="", **told,
    )  # fmt: skip

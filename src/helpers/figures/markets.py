"""Charts of target markets; where a province has no exports, the sentence that says so."""

from __future__ import annotations

import pandas as pd

from helpers import narrative
from helpers.classification import partner_name
from helpers.figures import forms
from helpers.figures.imports import changes, moved
from helpers.narrative import Html
from helpers.schema import Lang


def market_shares(
    markets: pd.DataFrame, lang: Lang, *, place: str, source: str, n: int = 10
) -> forms.Chart | Html:
    """Shares of the largest markets in the province's exports, beside the nation's.

    Args:
        markets: `values.against_nation` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
        n: how many markets.
    """
    table = _named(markets[markets["value_usd_province"] > 0].head(n), lang)
    if table.empty:
        return narrative.nothing_to_show(lang)
    own, nation = table[["share_in_province", "share_in_nation"]].iloc[0]
    told = forms.worded(
        "market_shares", lang, forms.lead(markets["value_usd_province"]), place=place,
        first=table["label"].iloc[0], second=table["label"].iloc[:2].iloc[-1],
        share=narrative.share(own, lang), nation=narrative.share(nation, lang),
        count=narrative.plain(len(table), lang),
    )  # fmt: skip
    return forms.paired_bars(
        table[["partner_iso3", "label", "share_in_nation", "share_in_province"]], label="label",
        pair=("share_in_nation", "share_in_province"), names=(forms.NATION_NAME[lang], place),
        show=narrative.share, source=source, unit="", **told,
    )  # fmt: skip


def market_changes(
    moves: pd.DataFrame, lang: Lang, *, place: str, source: str, n: int = 10
) -> forms.Chart | Html:
    """The destinations whose value changed most on the same months a year before.

    Args:
        moves: `values.growth_by` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
        n: how many destinations.
    """
    if not narrative.is_comparable(moves):
        return narrative.nothing_to_show(lang)
    largest = moves["change_usd"].abs().nlargest(n).index
    table = _named(moves.loc[largest].sort_values("change_usd", ascending=False), lang)
    table = table.assign(change_million_usd=table["change_usd"] / 1e6)
    up, down = (
        narrative.plain(int((side * moves["change_usd"] > 0).sum()), lang) for side in (1, -1)
    )
    told = forms.worded(
        "market_changes", lang, moved(moves), place=place, up=up, down=down,
        **changes(moves, lang),
    )  # fmt: skip
    return forms.bars(
        table[["partner_iso3", "label", "value_usd", "value_usd_before", "change_million_usd"]],
        label="label", y="change_million_usd", show=forms.one_decimal,
        colours=forms.by_sign(table["change_usd"]),
        source=source, unit=forms.MILLION_USD[lang], **told,
    )  # fmt: skip


def market_unit_values(
    markets: pd.DataFrame, lang: Lang, *, place: str, source: str, n: int = 8
) -> forms.Chart | Html:
    """Value per tonne in the largest markets, the province beside the other provinces.

    Args:
        markets: `values.against_nation` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
        n: how many markets.
    """
    table = _named(narrative.comparable_markets(markets).head(n), lang)
    if table.empty:
        return narrative.nothing_to_show(lang)
    above = int((table["relative_unit_value_vs_rest"] > 1).sum())
    told = forms.worded(
        "market_unit_values", lang, narrative.how_many(above, len(table)), place=place,
        above=narrative.plain(above, lang), count=narrative.plain(len(table), lang),
    )  # fmt: skip
    columns = ("unit_value_usd_per_tonne_rest", "unit_value_usd_per_tonne_province")
    return forms.paired_bars(
        table[["partner_iso3", "label", *columns]], label="label", pair=columns,
        names=(forms.term("rest", lang), place), show=narrative.plain, source=source,
        unit=narrative.UNITS["USD/t"][lang], **told,
    )  # fmt: skip


def candidate_markets(
    table: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> forms.Chart | Html:
    """The first candidate markets; those that the province does not serve at all stand out.

    Args:
        table: `markets.candidate_markets` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    shown = _named(narrative.first_candidates(table), lang)
    if shown.empty:
        return narrative.nothing_to_show(lang)
    ranks = [narrative.plain(rank, lang) for rank in shown["candidate_rank"]]
    names = [f"{rank}. {name}" for rank, name in zip(ranks, shown["label"], strict=True)]
    bars = shown.assign(label=names, expected_million_usd=shown["expected_usd"] / 1e6)
    new = int(table["is_new_market"].sum())
    told = forms.worded(
        "candidate_markets", lang, narrative.how_many(new, len(table)), place=place,
        first=shown["label"].iloc[0], new=narrative.plain(new, lang),
        count=narrative.plain(len(table), lang),
    )  # fmt: skip
    return forms.bars(
        bars[["partner_iso3", "label", "expected_million_usd", "is_new_market"]],
        label="label", y="expected_million_usd", show=forms.one_decimal,
        colours=[forms.PROVINCE if is_new else forms.REST for is_new in shown["is_new_market"]],
        source=source, unit=forms.MILLION_USD[lang], **told,
    )  # fmt: skip


def _named(rows: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    return rows.assign(label=[partner_name(iso3, lang) for iso3 in rows["partner_iso3"]])

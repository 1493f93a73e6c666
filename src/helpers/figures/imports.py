"""Charts of imports by use; where a province has no imports, the sentence that says so."""

from __future__ import annotations

import pandas as pd

from helpers import narrative
from helpers.classification import use_name
from helpers.figures import forms
from helpers.measures.imports import INPUT_USES
from helpers.narrative import Html
from helpers.narrative.findings import SHORT_USES
from helpers.schema import USES, Lang


def use_shares(uses: pd.DataFrame, lang: Lang, *, place: str, source: str) -> forms.Chart | Html:
    """Shares of the uses in the imports of the province, above the nation's.

    Args:
        uses: `values.against_nation` by `use`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if uses["share_in_province"].isna().all():
        return narrative.nothing_to_show(lang)
    shares = uses.set_index("use")
    parts = {use: SHORT_USES[use][lang] for use in USES if use in shares.index}
    names = {use: narrative.in_sentence(use_name(use, lang)) for use in parts}
    return forms.province_above_nation(
        "use_shares", shares, parts, lang, place=place, source=source, names=names,
        unassigned="not_assigned",
    )  # fmt: skip


def use_changes(moves: pd.DataFrame, lang: Lang, *, place: str, source: str) -> forms.Chart | Html:
    """Change of imports by use on the same months a year before.

    Args:
        moves: `values.growth_by` by `use`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if not narrative.is_comparable(moves):
        return narrative.nothing_to_show(lang)
    table = moves.assign(
        label=[SHORT_USES[use][lang] for use in moves["use"]],
        change_million_usd=moves["change_usd"] / 1e6,
    )
    told = forms.worded("use_changes", lang, moved(moves), place=place, **changes(moves, lang))
    return forms.bars(
        table[["use", "label", "value_usd", "value_usd_before", "change_million_usd"]],
        label="label", y="change_million_usd", show=forms.one_decimal,
        colours=forms.by_sign(table["change_usd"]),
        source=source, unit=forms.MILLION_USD[lang], **told,
    )  # fmt: skip


def moved(moves: pd.DataFrame) -> str:
    """How the sum of `values.growth_by` moved: less than a per cent is `steady`."""
    growth = moves["change_usd"].sum() / moves["value_usd_before"].sum()
    return narrative.direction(growth, narrative.STEADY_GROWTH)


def changes(moves: pd.DataFrame, lang: Lang) -> dict[str, str]:
    """The change of the whole without its sign and with it."""
    total = float(moves["change_usd"].sum())
    return {"change": forms.money(abs(total), lang), "signed": forms.money(total, lang)}


def currency_cut(cut: pd.DataFrame, lang: Lang, *, place: str, source: str) -> forms.Chart | Html:
    """What each use loses by a cut of foreign currency, in order and spread evenly.

    Args:
        cut: `imports.currency_cut`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    lost = cut["cut_usd"].sum()
    if not lost > 0:
        return narrative.nothing_to_show(lang)
    table = cut.assign(label=[use_name(use, lang) for use in cut["use"]])
    inputs = cut[cut["use"].isin(INPUT_USES)][["cut_usd", "even_cut_usd"]].sum()
    told = forms.worded(
        "currency_cut", lang, "reached" if inputs["cut_usd"] > 0 else "spared", place=place,
        share=narrative.share(lost / cut["value_usd"].sum(), lang), amount=forms.money(lost, lang),
        inputs=forms.money(inputs["cut_usd"], lang), even=forms.money(inputs["even_cut_usd"], lang),
    )  # fmt: skip
    pair = ("even_cut_million_usd", "cut_million_usd")
    table = table.assign(**{c: table[c.replace("_million", "")] / 1e6 for c in pair})
    return forms.paired_bars(
        table[["use", "label", "value_usd", *pair]], label="label", pair=pair,
        show=forms.one_decimal, source=source, unit=forms.MILLION_USD[lang],
        names=tuple(forms.terms("currency_cut", lang, "even", "in_order").values()),
        **told,
    )  # fmt: skip


def official_use_split(
    split: pd.DataFrame, uses: pd.DataFrame, lang: Lang, *, period: str, place: str, source: str
) -> forms.Chart | Html:
    """Published national splits of imports, then those of the declarations, in official classes.

    Args:
        split: `published.use_shares`.
        uses: `values.against_nation` by `use`.
        lang: `fa` or `en`.
        period: code of the period of the declarations.
        place: the province's name.
        source: where the data come from.
    """
    official = narrative.official_shares(split)
    if official.empty:
        return narrative.nothing_to_show(lang)
    when, nation = narrative.period_name(period, lang), forms.NATION_NAME[lang]
    printed = official.assign(label=[narrative.period_name(p, lang) for p in official["period"]])
    declared = pd.DataFrame(
        [
            {"label": f"{name}\n{when}", **narrative.declared_official_shares(uses, column)}
            for name, column in ((nation, "share_in_nation"), (place, "share_in_province"))
            if uses[column].notna().any()
        ]
    )
    parts = {use: SHORT_USES[use][lang] for use in narrative.OFFICIAL_USES}
    parts["other"] = SHORT_USES["not_assigned"][lang]
    then = official["intermediate"].iloc[-1]
    now = narrative.declared_official_shares(uses, "share_in_nation")["intermediate"]
    told = forms.worded(
        "official_use_split", lang, "known" if now else "printed", place=place,
        then=narrative.share(then, lang), now=narrative.share(now, lang),
        n=narrative.plain(len(printed), lang),
    )  # fmt: skip
    table = pd.concat([printed, declared], ignore_index=True)
    return forms.stacked_shares(
        table[["label", *parts]], label="label", parts=parts, source=source, **told
    )

"""Sentences on imports by use: what for, what changed, dependence, and a cut of currency."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.classification import hs_names, partner_name, sector_name, use_name
from helpers.measures.imports import INPUT_USES
from helpers.narrative.words import (
    COMMA,
    Html,
    code,
    doubt,
    fill,
    is_na,
    on_one_scale,
    period_name,
    say,
    size,
    words_of,
)
from helpers.schema import Lang, Number

_WORDS = words_of("imports")

ALIKE_SHARE = 0.02
"""Shares of province and nation within two percentage points of each other are "alike"."""
ALIKE_RATIO = 0.1
"""Ratios within ten per cent of each other are "about the same"."""
OFFICIAL_USES = ("intermediate", "capital", "consumption")
"""The classes that Iran's statistics print; raw materials are inside intermediate goods."""


def counted(what: str, count: int, *, province: str, period: str, source: str) -> Number:
    """How many of something there are, as a number of its own name."""
    return Number(f"{what}_n_parts", float(count), "n", province, period, source)


def chapter_name(hs2_code: str, lang: Lang) -> str:
    """What a chapter of the HS is called; an unknown one by its number."""
    names = hs_names(2).set_index("hs_code")[f"name_{lang}"]
    return str(names.get(hs2_code, hs2_code))


def use_mix(
    uses: pd.DataFrame, lang: Lang, *, place: str, province: str, period: str, source: str = ""
) -> Html:
    """What the imports were for, against the nation.

    Args:
        uses: `values.against_nation` by `use`.
        lang: `fa` or `en`.
        place: the province's name.
        province: its slug.
        period: code of the period.
        source: where the data come from.
    """
    when = period_name(period, lang)
    if not uses["value_usd_province"].sum() > 0:
        return say(lang, _WORDS["use_mix"]["missing"], place=place, period=when)
    rows = uses.set_index("use")
    own, nation = rows["share_in_province"].fillna(0.0), rows["share_in_nation"].fillna(0.0)
    apart = own - nation
    marked = {"part": own.idxmax(), "high": apart.idxmax(), "low": apart.idxmin()}

    def pair(use: str) -> tuple[Number, Number]:
        figure = Number(f"{use}_share", float(own[use]), "1", province, period, source)
        return figure, replace(figure, value=float(nation[use]), scope="nation")

    (share, whole), (high, high_nation), (low, low_nation) = map(pair, marked.values())
    inputs = [use for use in INPUT_USES if use in rows.index]
    fed = Number("inputs_share", float(own[inputs].sum()), "1", province, period, source)
    return say(
        lang, _WORDS["use_mix"]["alike" if apart.abs().max() < ALIKE_SHARE else "apart"],
        place=place, period=when, share=share, nation=whole, inputs=fed,
        inputs_nation=replace(fed, value=float(nation[inputs].sum()), scope="nation"),
        high_share=high, high_nation=high_nation, low_share=low, low_nation=low_nation,
        **{name: _in_sentence(use, lang) for name, use in marked.items()},
    )  # fmt: skip


def in_sentence(name: str) -> str:
    """A name inside a sentence, where English has no capital letter."""
    return name[0].lower() + name[1:]


def _in_sentence(use: str, lang: Lang) -> str:
    return in_sentence(use_name(use, lang))


def use_unit_values(
    uses: pd.DataFrame, lang: Lang, *, place: str, province: str, period: str, source: str = ""
) -> Html:
    """Where a tonne imported is dearer than elsewhere; `uses` as in `use_mix`."""
    ratios = uses.set_index("use")["relative_unit_value_vs_rest"].astype("float64").dropna()
    ratios = ratios[ratios > 0]
    if ratios.empty:
        return say(lang, _WORDS["use_unit_values"]["missing"], place=place)
    farthest = np.log(ratios).abs().idxmax()
    row = uses.set_index("use").loc[farthest]
    own = Number(
        f"{farthest}_unit_value_usd_per_tonne", row["unit_value_usd_per_tonne_province"],
        "USD/t", province, period, source,
    )  # fmt: skip
    told = {"province": province, "period": period, "source": source}
    return say(
        lang, _WORDS["use_unit_values"]["found"], place=place, part=_in_sentence(farthest, lang), own=own,
        rest=replace(own, value=row["unit_value_usd_per_tonne_rest"], scope="rest_of_nation"),
        above=counted("dearer", int((ratios > 1).sum()), **told),
        known=counted("compared", len(ratios), **told),
    )  # fmt: skip


def largest_moves(
    moves: pd.DataFrame, lang: Lang, *, province: str, period: str, source: str = ""
) -> Html:
    """What rose most and what fell most.

    Args:
        moves: `values.growth_by` by any of `hs2_code`, `use` and `partner_iso3`; rows in which
            one of these is missing are left out.
        lang: `fa` or `en`.
        province: slug.
        period: code of the period.
        source: where the data come from.
    """
    keys = [key for key in _NAMES if key in moves]
    known = moves.dropna(subset=keys).set_index(keys)["change_usd"]
    if known.empty or not is_comparable(moves):
        return say(lang, _WORDS["moves"]["missing"])
    sides = {"up": known.idxmax(), "down": known.idxmin()}
    case = {(True, True): "both", (True, False): "up", (False, True): "down"}
    words = _WORDS["moves"][case.get((known.max() > 0, known.min() < 0), "steady")]
    parts: dict[str, Html | str] = {}
    for side, found in sides.items():
        what = (found,) if isinstance(found, str) else found
        name = "_".join([*what, "change_usd"])
        change = Number(name, float(known[found]), "USD", province, period, source)
        parts |= {side: _named(keys, what, lang), f"{side}_change": size(change, lang)}
    return say(lang, words, **parts)


def is_comparable(moves: pd.DataFrame) -> bool:
    """Whether there is trade both now and a year before; `moves` is `values.growth_by`."""
    return bool((moves[["value_usd", "value_usd_before"]].sum() > 0).all())


def _named(keys: list[str], what: tuple[str, ...], lang: Lang) -> str:
    """`“Iron and steel (Intermediate goods)”`, quoted unlike the name of a country: `Iraq`."""
    first, *others = (_NAMES[key](code, lang) for key, code in zip(keys, what, strict=True))
    name = f"{first} ({', '.join(others)})" if others else first
    if keys == ["partner_iso3"]:
        return name
    return f"«{name}»" if lang == "fa" else f"“{name}”"


_NAMES = {"hs2_code": chapter_name, "use": use_name, "partner_iso3": partner_name}


def dependence(
    own: pd.DataFrame,
    nation: pd.DataFrame,
    lang: Lang,
    *,
    place: str,
    province: str,
    period: str,
    source: str = "",
) -> Html:
    """Imported inputs per dollar exported, against the nation.

    Args:
        own: `imports.input_dependence` of the province, by `sector`.
        nation: the same of the nation.
        lang: `fa` or `en`.
        place: the province's name.
        province: its slug.
        period: code of the period.
        source: where the data come from.
    """
    ratios = [inputs_per_export(side) for side in (own, nation)]
    if is_na(ratios[0]) or is_na(ratios[1]) or not ratios[0]:
        return say(lang, _WORDS["dependence"]["missing"], place=place)
    apart = ratios[0] / ratios[1] - 1
    case = "same" if abs(apart) < ALIKE_RATIO else "more" if apart > 0 else "less"
    by_sector = own.dropna(subset=["sector"]).set_index("sector")["input_usd"]
    first = by_sector.idxmax()
    ratio = Number("inputs_per_export_usd", ratios[0], "ratio", province, period, source)
    part = float(by_sector[first] / own["input_usd"].sum())
    return say(
        lang, _WORDS["dependence"][case], place=place, own=ratio, sector=sector_name(first, lang),
        nation=replace(ratio, value=ratios[1], scope="nation"),
        sector_share=Number(f"{first}_inputs_share", part, "1", province, period, source),
    )  # fmt: skip


def inputs_per_export(table: pd.DataFrame) -> float | None:
    """Imported inputs for every dollar exported; None without exports."""
    sold = table["export_usd"].sum()
    return float(table["input_usd"].sum() / sold) if sold > 0 else None


def currency_cut_touches(
    cut: pd.DataFrame, lang: Lang, *, place: str, province: str, period: str, source: str = ""
) -> Html:
    """What a cut of foreign currency touches first, and whether it reaches production.

    Args:
        cut: `imports.currency_cut`.
        lang: `fa` or `en`.
        place: the province's name.
        province: its slug.
        period: code of the period.
        source: where the data come from.
    """
    rows, whole = cut.set_index("use"), cut["value_usd"].sum()
    lost = rows["cut_usd"].sum()
    if not lost > 0:
        return say(lang, _WORDS["cut"]["none"], place=place)
    first = rows.index[rows["cut_usd"] > 0][0]
    is_input = rows.index.isin(INPUT_USES)
    fed = rows[is_input].sort_values("cut_usd", kind="stable").index[-1]
    room = rows.loc[~is_input, "value_usd"].sum() / whole
    usd = Number("cut_usd", float(lost), "USD", province, period, source)
    part = Number("cut_share", float(lost / whole), "1", province, period, source)
    even = rows.loc[is_input, "even_cut_usd"].sum()
    amounts = {
        "cut": usd,
        "first_cut": replace(usd, name=f"{first}_cut_usd", value=rows.loc[first, "cut_usd"]),
        "first_value": replace(usd, name=f"{first}_value_usd", value=rows.loc[first, "value_usd"]),
        "input_cut": replace(usd, name=f"{fed}_cut_usd", value=rows.loc[fed, "cut_usd"]),
        "even": replace(usd, name="even_cut_usd", value=even),
    }
    return say(
        lang, _WORDS["cut"]["reached" if rows.loc[is_input, "cut_usd"].sum() > 0 else "spared"],
        place=place, cut_share=part, first=_in_sentence(first, lang),
        order=COMMA[lang].join(_in_sentence(use, lang) for use in rows.index),
        input=_in_sentence(fed, lang), **on_one_scale(amounts, lang),
        room=replace(part, name="outside_production_share", value=float(room)),
    )  # fmt: skip


def official_split(
    split: pd.DataFrame, uses: pd.DataFrame, lang: Lang, *, period: str, source: str = ""
) -> Html:
    """The latest published national split by use beside that of the declarations.

    Args:
        split: `published.use_shares`.
        uses: `values.against_nation` by `use`.
        lang: `fa` or `en`.
        period: code of the period of the declarations.
        source: where the declarations come from.
    """
    official = official_shares(split)
    if official.empty:
        return say(lang, _WORDS["official"]["missing"])
    last, now = official.iloc[-1], declared_official_shares(uses, "share_in_nation")
    then = str(last["period"])
    parts = {use: Number(f"{use}_share", last[use], "1", "nation", then) for use in OFFICIAL_USES}
    here = {
        f"{use}_now": replace(parts[use], value=now[use], period=period, source=source)
        for use in OFFICIAL_USES
    }
    return say(
        lang, _WORDS["official"]["known" if sum(now.values()) > 0 else "printed"], then=period_name(then, lang), now=period_name(period, lang),
        **parts, **here,
    )  # fmt: skip


def official_shares(split: pd.DataFrame) -> pd.DataFrame:
    """Published shares of value by official class, one row a period that has all three.

    Returns:
        `[period, intermediate, capital, consumption, other]`, in order of time; `other` is what
        the three leave of 1, gold and goods of no stated class among it.
    """
    wide = split.pivot(index="period", columns="category", values="value_share")
    wide = wide.reindex(columns=list(OFFICIAL_USES)).dropna()
    # Printed shares are rounded, so that three of them can exceed 1 by a little.
    other = (1 - wide.sum(axis=1)).clip(lower=0.0)
    return wide.assign(other=other).rename_axis(None, axis=1).reset_index()


def declared_official_shares(uses: pd.DataFrame, column: str) -> dict[str, float]:
    """Shares of the declarations in the official classes, raw materials counted as intermediate."""
    shares = uses.set_index("use")[column].astype("float64").fillna(0.0)
    shares = shares.rename({"raw_material": "intermediate", "not_assigned": "other"})
    by_class = shares.groupby(level=0).sum()
    return {use: float(by_class.get(use, 0.0)) for use in (*OFFICIAL_USES, "other")}


def use_basis(
    basis: pd.DataFrame,
    lang: Lang,
    *,
    table: str,
    place: str,
    province: str,
    period: str,
    source: str = "",
) -> Html:
    """How much of the classification by use rests on coarse rules.

    Args:
        basis: `[level, value_usd]`, `level` the digits (`2`, `4`, `6`) of the rule that applied.
        lang: `fa` or `en`.
        table: what the assignment is called (`store.uses_in_force`).
        place: the province's name.
        province: its slug.
        period: code of the period.
        source: where the data come from.
    """
    values = basis.groupby("level")["value_usd"].sum()
    whole = basis["value_usd"].sum()
    if not whole > 0:
        return doubt(fill(lang, _WORDS["basis"]["missing"], table=code(table)))
    levels = {"chapter": "2", "heading": "4", "subheading": "6"}
    part = Number("share", None, "1", province, period, source)
    parts = {
        name: replace(part, name=f"rule_{name}_share", value=float(values.get(digits, 0.0) / whole))
        for name, digits in levels.items()
    }
    return doubt(fill(lang, _WORDS["basis"]["known"], place=place, table=code(table), **parts))


def not_assigned(
    uses: pd.DataFrame, lang: Lang, *, province: str, period: str, source: str = ""
) -> Html:
    """How much of the imports has no use; `uses` as in `use_mix`, nothing without imports."""
    shares = uses.set_index("use")["share_in_province"]
    if shares.isna().all():
        return Html("")
    part = float(shares.get("not_assigned", 0.0))
    share = Number("not_assigned_share", part, "1", province, period, source)
    return doubt(fill(lang, _WORDS["free_of_use"]["some" if part > 0 else "none"], share=share))

"""Facts on imports by use: as published, and by use, change and dependence where declared."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.measures.imports import INPUT_USES
from helpers.published import OFFICIAL_USES
from helpers.telling.facts.common import movers
from helpers.telling.numbers import both_or_one, direction, how_many, threshold
from helpers.telling.page import Fact, Page, growth_fact

NO_USES = pd.DataFrame({"use": [], "value_usd_nation": []})
"""No declared imports by use: what was published then stands alone."""


def published_imports_fact(totals: pd.DataFrame, page: Page, *, nation: bool = False) -> Fact:
    """The last published imports of the province, or of the nation.

    Args:
        totals: `published.published_totals` of one scope, flow `import`.
        page: whose imports.
        nation: whether the scope is the nation.

    Returns:
        Case `pair` (value and weight) or `value`; `missing` where nothing was published.
    """
    question = "imports.published_nation" if nation else "imports.published"
    rows = totals[~totals["is_doubtful"]].dropna(subset="value_usd")
    if rows.empty:
        return Fact(question, "missing")
    weighed = rows.dropna(subset="unit_value_usd_per_tonne")
    last = (weighed if len(weighed) else rows).iloc[-1]
    keys = ["attribution", "month_first_sh", "month_last_sh"]
    like = rows[(rows[keys] == last[keys]).all(axis=1) & (rows["year_sh"] == last["year_sh"] - 1)]
    before = like["value_usd"].iloc[-1] if len(like) else None
    about = last[["scope", "period", "source"]]
    growth = growth_fact(page, "value_usd", last["value_usd"], before, **about)
    parts = {"last": last, "growth": growth}
    moved = page.fact("imports.moved", "missing" if before is None else "known", **parts)
    return page.fact(question, "pair" if len(weighed) else "value", **parts, moved=moved)


def currency_fact(figures: pd.DataFrame, page: Page) -> Fact:
    """The currency that the province's imports needed and were given, as published."""
    rows = figures[(figures["scope"] == page.province) & (figures["flow"] == "import")]
    parts = {}
    for name, category in (("need", "currency_need"), ("supplied", "currency_supplied")):
        for last in rows[rows["category"] == category].tail(1).to_dict("records"):
            at = {"period": int(last["year_sh"]), "source": last["source"]}
            parts[name] = page.number(category, last["value"], "USD", **at)
    return Fact("imports.currency", both_or_one(list(parts), "missing"), parts)


def official_fact(shares: pd.DataFrame, uses: pd.DataFrame, page: Page) -> Fact:
    """The nation's imports by official class as last published, beside those of the statistics.

    Args:
        shares: `published.use_shares`.
        uses: `values.against_nation` by `use`; without imports nothing stands beside.
        page: whose period the statistics are of.

    Returns:
        Case `beside` or `printed`; `missing` where nothing was published.
    """
    if shares.empty:
        return Fact("imports.official", "missing")
    columns = {use: f"{use}_share" for use in OFFICIAL_USES}
    shares = shares.rename(columns=columns).assign(scope="nation", source="", n_periods=len(shares))
    last = shares.iloc[-1]
    ends = shares["intermediate_share"].agg(["min", "max"])
    low, high = ({**last, "intermediate_share": end} for end in ends)
    parts = {"last": last, "low": low, "high": high}
    if not uses["value_usd_nation"].sum() > 0:
        return page.fact("imports.official", "printed", **parts)
    here = uses.set_index("use")["share_in_nation"].astype("float64").fillna(0.0)
    here = here.rename({"raw_material": "intermediate"}).groupby(level=0).sum()
    now = here.reindex(OFFICIAL_USES, fill_value=0.0).rename(columns)
    return page.fact("imports.official", "beside", **parts, nation=now)


def total_fact(now: float, before: float | None, page: Page, *, scope: str = "") -> Fact:
    """How much was imported and how it moved; `missing` without imports."""
    whose = {"scope": scope or page.province, "value_usd": now}
    moved = growth_fact(page, "value_usd", now, before, scope=whose["scope"])
    case = "missing_growth" if moved.is_missing else "known"
    return page.fact("imports.total", case if now > 0 else "missing", whose=whose, growth=moved)


def use_mix_fact(uses: pd.DataFrame, page: Page) -> Fact:
    """What the imports were for, against the nation; `values.against_nation` by `use`.

    Goods without a use are part of the whole and of no ranking. Cases `apart`, `alike` (within
    `alike_share` of the nation), `missing`.
    """
    if not uses["value_usd_province"].sum() > 0:
        return Fact("imports.use_mix", "missing")
    shares = uses.set_index("use")[["share_in_province", "share_in_nation"]].astype("float64")
    shares = shares.fillna(0.0)
    named = shares.drop("not_assigned", errors="ignore")
    apart = named["share_in_province"] - named["share_in_nation"]
    extremes = {"part": named["share_in_province"].idxmax(), "high": apart.idxmax()}
    parts = {}
    for name, use in (extremes | {"low": apart.idxmin()}).items():
        own, nation = shares.loc[use]
        parts[name] = {"use": use, "of": use, "share": own}
        parts[f"{name}_nation"] = {"of": use, "scope": "nation", "share": nation}
    own, nation = shares[shares.index.isin(INPUT_USES)].sum()
    return page.fact(
        "imports.use_mix", "alike" if apart.abs().max() < threshold("alike_share") else "apart",
        **parts, inputs_share=own, nation={"inputs_share": nation},
        not_assigned_share=shares["share_in_province"].get("not_assigned", 0.0),
    )  # fmt: skip


def use_unit_values_fact(uses: pd.DataFrame, page: Page) -> Fact:
    """In how many uses the unit value lies above the other provinces'; a matter of composition."""
    rows = uses[uses["use"] != "not_assigned"].set_index("use")
    ratios = rows["relative_unit_value_vs_rest"][lambda ratio: ratio > 0]
    if ratios.empty:
        return Fact("imports.use_unit_values", "missing")
    use = np.log(ratios).abs().idxmax()
    name = "unit_value_usd_per_tonne"
    own, rest = (
        {"of": use, "use": use, name: rows.loc[use, f"{name}_{side}"]}
        for side in ("province", "rest")
    )
    above, n = (ratios > 1).sum(), len(ratios)
    counted = page.fact("imports.how_many_uses", how_many(above, n), above=above, compared=n)
    return page.fact("imports.use_unit_values", "known", own=own, rest=rest, how_many=counted)


def use_moves_fact(changes: pd.DataFrame, page: Page, by: str = "use") -> Fact:
    """What rose and what fell most; `values.growth_by` by `use`, or by `use` and `hs2_code`.

    Returns:
        Case `both`, `up`, `down`, `steady`; `missing` where one of the periods has no imports.
    """
    question = "imports.moves" if by == "use" else "imports.chapter_moves"
    rows = changes[changes["use"] != "not_assigned"]
    return movers(question, changes, rows, list(dict.fromkeys(["use", by])), page)


def chapter_rows(changes: pd.DataFrame, each: int = 5) -> pd.DataFrame:
    """The chapters that rose and fell most, rises first; goods without a use left out."""
    rows = changes[changes["use"] != "not_assigned"].dropna(subset=["hs2_code", "change_usd"])
    ranked = rows.sort_values("change_usd", ascending=False, kind="stable")
    rises, falls = ranked[ranked["change_usd"] > 0], ranked[ranked["change_usd"] < 0]
    return pd.concat([rises.head(each), falls.tail(each)])


def dependence_fact(own: float | None, nation: float | None, page: Page) -> Fact:
    """Imported inputs per dollar exported (`imports.inputs_per_export`), against the nation."""
    if not own or not nation:
        return Fact("imports.dependence", "missing")
    sides = {"own": own, "nation": nation}
    rows = {side: {"inputs_per_export_usd": ratio} for side, ratio in sides.items()}
    case = direction(own / nation - 1, "alike_ratio")
    return page.fact("imports.dependence", case, **rows)


def currency_cut_fact(cut: pd.DataFrame, page: Page) -> Fact:
    """What a cut of foreign currency takes from inputs; `imports.currency_cut`.

    Cases `reached` or `spared` by whether it reaches inputs once consumer goods bear it first;
    `missing` without a cut.
    """
    inputs, (whole, lost) = cut[cut["use"].isin(INPUT_USES)], cut[["value_usd", "cut_usd"]].sum()
    if not lost > 0:
        return Fact("imports.currency_cut", "missing")
    ordered = inputs["cut_usd"].sum()
    return page.fact(
        "imports.currency_cut", "reached" if ordered > 0 else "spared",
        cut_usd=lost, cut_share=lost / whole, even_cut_usd=inputs["even_cut_usd"].sum(),
        input_cut_usd=ordered, outside_production_share=1 - inputs["value_usd"].sum() / whole,
    )  # fmt: skip


def use_basis_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """How much of the classification by use rests on coarse rules.

    Args:
        rows: `[level, value_usd]`, `level` the digits (`2`, `4`, `6`) of the rule that applied.
        page: whose imports.
    """
    whole = rows["value_usd"].sum()
    shares = rows.groupby("level")["value_usd"].sum() / whole
    levels = {"chapter": "2", "heading": "4", "subheading": "6"}
    parts = {f"rule_{name}_share": shares.get(digits, 0.0) for name, digits in levels.items()}
    return page.fact("imports.basis", "known" if whole > 0 else "missing", **parts)

"""The province against the nation: value per tonne, specialisation, growth, ranks, markets.

Stands above `measures` and works on the same totals tables. `nation` always includes the
province; `rest` is the nation without it. A large province pulls the nation's mean towards
itself, so wherever the two differ in meaning the rest of the nation is shown beside the nation.
Trade that no province could be given stays visible as `unallocated`: it belongs to the nation
and is ranked nowhere.

Sources: numbers in brackets refer to the formulas of `docs/measures.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.measures import (
    AMOUNTS,
    COMPARABLE_WITHIN,
    KG_PER_TONNE,
    GrowthFacts,
    comparable,
    concentration,
    growth_facts,
    known,
    paired,
    ratio,
    rest_of_nation,
    shares,
    summed,
    theil,
    unit_values,
    value_change,
)
from helpers.periods import Period
from helpers.schema import (
    FREE_ZONES_ISO3,
    PROVINCES,
    UNALLOCATED,
    UNKNOWN_ISO3,
    CheckFailed,
    NotEnoughData,
)

INPUT_USES = ("raw_material", "intermediate", "capital")
"""The uses of schema.USES that feed production."""

CUT_ORDER = ("consumption", "not_assigned", "capital", "intermediate", "raw_material")
"""Who loses foreign currency first. A judgement: what stops a factory soonest is spared longest."""


@dataclass(frozen=True)
class ValuePerTonneFacts:
    """Value per tonne (USD/t) of a province beside nation and rest; None is not known."""

    province: str
    period: str
    province_usd_per_tonne: float | None
    nation_usd_per_tonne: float | None
    rest_usd_per_tonne: float | None
    relative_to_nation: float | None
    relative_to_rest: float | None
    province_coverage_share: float | None
    nation_coverage_share: float | None


@dataclass(frozen=True)
class GapSplitFacts:
    """Why the value per tonne differs (USD/t); mix, price and the two `only_` add up to the gap.

    The `only_` parts are of goods that only one side has, or that both have at values too far
    apart to be the same good; `common_value_share` is the part of the province's value that mix
    and price speak of. All are None where one side weighed nothing.
    """

    province: str
    reference: str
    period: str
    province_usd_per_tonne: float | None
    reference_usd_per_tonne: float | None
    gap_usd_per_tonne: float | None
    mix_usd_per_tonne: float | None
    price_usd_per_tonne: float | None
    only_province_usd_per_tonne: float | None
    only_reference_usd_per_tonne: float | None
    n_common: int
    common_value_share: float | None


@dataclass(frozen=True)
class Similarity:
    """How alike two export structures are.

    `krugman` runs from 0 (same) to 2 (nothing in common); `hachman` and `finger_kreinin` from 0
    (nothing in common) to 1 (same).
    """

    krugman: float
    hachman: float
    finger_kreinin: float


@dataclass(frozen=True)
class Margins:
    """Hummels-Klenow margins; `extensive` x `intensive` = `share` of the nation."""

    extensive: float
    intensive: float
    share: float


@dataclass(frozen=True)
class MarketShareSplit:
    """Change of the province's share of national exports; the five effects add up to it."""

    share_before: float
    share: float
    change: float
    market_share_effect: float
    product_effect: float
    market_effect: float
    product_adaptation: float
    market_adaptation: float


@dataclass(frozen=True)
class Complexity:
    """Economic complexity of places and products, each a table, the most complex first."""

    places: pd.DataFrame
    products: pd.DataFrame


# ---------------------------------------------------------------- value per tonne


def against_nation(province: pd.DataFrame, nation: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Province, nation and rest of nation side by side, one row a key of the nation [1, 2, 6, 7].

    Returns:
        `[*by, value_usd_province, value_usd_nation, national_share, share_in_province,
        share_in_nation, rca_vs_nation]`, then `unit_value_usd_per_tonne_*` and `coverage_share_*`
        of `province`, `nation` and `rest`, and `relative_unit_value_vs_nation` and `_vs_rest`
        (1 = same). Largest value of the province first. Unit values and ratios are NA where
        nothing was weighed.
    """
    keys = list(by)
    rest = rest_of_nation(nation, province, keys)
    sides = {"province": province, "nation": nation, "rest": rest}
    values = [*keys, "value_usd_province", "value_usd_nation"]
    table = paired(province, nation, keys, ("_province", "_nation"))[values]
    for name, side in sides.items():
        table = table.merge(_unit_value_columns(side, keys, name), on=keys, how="left")
    mine, whole = table["value_usd_province"], table["value_usd_nation"]
    per_tonne = {name: table[f"unit_value_usd_per_tonne_{name}"] for name in sides}
    return table.assign(
        national_share=ratio(mine, whole),
        share_in_province=shares(mine),
        share_in_nation=shares(whole),
        rca_vs_nation=ratio(shares(mine), shares(whole)),
        relative_unit_value_vs_nation=ratio(per_tonne["province"], per_tonne["nation"]),
        relative_unit_value_vs_rest=ratio(per_tonne["province"], per_tonne["rest"]),
    ).sort_values("value_usd_province", ascending=False, ignore_index=True, kind="stable")


def _unit_value_columns(side: pd.DataFrame, keys: list[str], name: str) -> pd.DataFrame:
    columns = ["unit_value_usd_per_tonne", "coverage_share"]
    table = unit_values(summed(side, keys))[[*keys, *columns]]
    return table.rename(columns={column: f"{column}_{name}" for column in columns})


def value_per_tonne_facts(
    province: pd.DataFrame, nation: pd.DataFrame, *, name: str, period: str
) -> ValuePerTonneFacts:
    """Value per tonne of all goods: the province, the nation, the rest, and the ratios [2]."""
    own, whole, rest = (
        unit_values(summed(side)).iloc[0]
        for side in (province, nation, rest_of_nation(nation, province))
    )
    mine = own["unit_value_usd_per_tonne"]
    return ValuePerTonneFacts(
        province=name,
        period=period,
        province_usd_per_tonne=known(mine),
        nation_usd_per_tonne=known(whole["unit_value_usd_per_tonne"]),
        rest_usd_per_tonne=known(rest["unit_value_usd_per_tonne"]),
        relative_to_nation=known(mine / whole["unit_value_usd_per_tonne"]),
        relative_to_rest=known(mine / rest["unit_value_usd_per_tonne"]),
        province_coverage_share=known(own["coverage_share"]),
        nation_coverage_share=known(whole["coverage_share"]),
    )


def gap_split(
    province: pd.DataFrame,
    reference: pd.DataFrame,
    product: str,
    within: float = COMPARABLE_WITHIN,
) -> pd.DataFrame:
    """Who drives the gap in value per tonne, product by product; adds up to it exactly [3].

    UV_r - UV_n = sum (s_r - s_n)(u_r + u_n)/2 [mix] + sum (u_r - u_n)(s_r + s_n)/2 [the same goods
    dearer], over goods `measures.comparable` on both sides, s their tonne shares among these. The
    mix of one good is taken against the mean unit value, so that more of a cheap good counts as
    negative; the sum is the same. Any other good contributes w (u - U) on its side, w its share of
    all tonnes of that side and U the side's unit value of the common goods (0 where there are
    none); the reference's with a minus.

    Args:
        province: totals with the column `product`.
        reference: the same of the nation or, better for a large province, of its rest.
        product: the column that names a product; the finer, the less mix hides in price.
        within: as in `measures.comparable`.

    Returns:
        `[product, side, tonne_share_province, tonne_share_reference,
        unit_value_usd_per_tonne_province, unit_value_usd_per_tonne_reference, mix_usd_per_tonne,
        price_usd_per_tonne, only_province_usd_per_tonne, only_reference_usd_per_tonne,
        gap_usd_per_tonne]`, the largest contribution first; `side` is `both`, `unlike` (traded by
        both, not comparable; so are goods without a code), `province` or `reference`. Goods
        weighed on neither side are left out; no rows at all where one of them weighed nothing.

    Sources: Bennet (1920); Oaxaca (1973), symmetric form.
    """
    both = paired(province, reference, [product], ("_province", "_reference"))
    mass_r, u_r = _tonnes_and_unit_value(both, "_province")
    mass_n, u_n = _tonnes_and_unit_value(both, "_reference")
    common = comparable(both, ("_province", "_reference"), within) & both[product].notna()
    s_r, mean_r = _common_shares(mass_r, u_r, common)
    s_n, mean_n = _common_shares(mass_n, u_n, common)
    w_r, w_n = mass_r / mass_r.sum(), mass_n / mass_n.sum()
    traded = [common, (mass_r > 0) & (mass_n > 0), mass_r > 0]
    lines = both[[product]].assign(
        side=np.select(traded, ["both", "unlike", "province"], "reference"),
        tonne_share_province=w_r,
        tonne_share_reference=w_n,
        unit_value_usd_per_tonne_province=u_r,
        unit_value_usd_per_tonne_reference=u_n,
        mix_usd_per_tonne=(s_r - s_n) * ((u_r + u_n) - (mean_r + mean_n)) / 2,
        price_usd_per_tonne=(u_r - u_n) * (s_r + s_n) / 2,
        only_province_usd_per_tonne=(w_r * (u_r - mean_r)).where(~common),
        only_reference_usd_per_tonne=(-w_n * (u_n - mean_n)).where(~common),
    )[((mass_r > 0) | (mass_n > 0)) & (mass_r.sum() > 0) & (mass_n.sum() > 0)]
    # A side without the good has no unit value: its NA products are no contribution.
    lines[GAP_PARTS] = lines[GAP_PARTS].fillna(0.0)
    lines["gap_usd_per_tonne"] = lines[GAP_PARTS].sum(axis=1)
    return _largest_first(lines, "gap_usd_per_tonne")


GAP_PARTS = [
    "mix_usd_per_tonne", "price_usd_per_tonne", "only_province_usd_per_tonne",
    "only_reference_usd_per_tonne",
]  # fmt: skip
"""The four parts of a gap in value per tonne, as `gap_split` names them."""


def _tonnes_and_unit_value(both: pd.DataFrame, suffix: str) -> tuple[pd.Series, pd.Series]:
    mass = both["net_mass_kg" + suffix].fillna(0.0) / KG_PER_TONNE
    return mass, ratio(both["value_usd_weighed" + suffix], mass)


def _common_shares(
    mass: pd.Series, unit_value: pd.Series, common: pd.Series
) -> tuple[pd.Series, float]:
    """Tonne shares among the common goods, and their mean unit value."""
    if not common.any():
        return mass * 0.0, 0.0
    part = mass.where(common, 0.0) / mass[common].sum()
    return part, float((part * unit_value).sum())


def _most_first(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table.sort_values(column, ascending=False, ignore_index=True, kind="stable")


def _largest_first(lines: pd.DataFrame, column: str) -> pd.DataFrame:
    order = lines[column].abs().sort_values(ascending=False, kind="stable").index
    return lines.loc[order].reset_index(drop=True)


def gap_split_facts(
    lines: pd.DataFrame, *, province: str, reference: str, period: str
) -> GapSplitFacts:
    """The lines of `gap_split` added up, ready for a sentence; None where there are no lines."""
    worth, other = (
        lines[f"tonne_share_{side}"] * lines[f"unit_value_usd_per_tonne_{side}"]
        for side in ("province", "reference")
    )
    is_common = lines["side"] == "both"
    amounts = {
        "province_usd_per_tonne": worth.sum(),
        "reference_usd_per_tonne": other.sum(),
        "gap_usd_per_tonne": worth.sum() - other.sum(),
        **{part: lines[part].sum() for part in GAP_PARTS},
        "common_value_share": worth[is_common].sum() / worth.sum() if worth.sum() else 0.0,
    }
    return GapSplitFacts(
        province=province,
        reference=reference,
        period=period,
        n_common=int(is_common.sum()),
        **{name: float(value) if len(lines) else None for name, value in amounts.items()},
    )


def gap_split_by_level(
    province: pd.DataFrame, reference: pd.DataFrame, levels: Sequence[str]
) -> pd.DataFrame:
    """The parts of the gap at several levels of the tariff: the coarser, the more mix is in price.

    Args:
        province: totals with a column for each level.
        reference: the same of the other side.
        levels: the columns, from coarse to fine.

    Returns:
        One row a level: `[level, n_common, gap_usd_per_tonne]`, the parts of `GAP_PARTS`, and
        `unlike_usd_per_tonne`, of goods that both trade and that are not comparable: the `only_`
        parts are here of goods of one side alone. NA where one side weighed nothing.
    """
    rows, one_sided = [], GAP_PARTS[2:]
    for level in levels:
        lines = gap_split(province, reference, level)
        unlike = lines["side"] == "unlike"
        lines["unlike_usd_per_tonne"] = lines[one_sided].sum(axis=1).where(unlike, 0.0)
        lines[one_sided] = lines[one_sided].mask(unlike, 0.0)
        parts = lines[["gap_usd_per_tonne", *GAP_PARTS, "unlike_usd_per_tonne"]].sum(min_count=1)
        rows.append({"level": level, "n_common": int((lines["side"] == "both").sum()), **parts})
    return pd.DataFrame(rows)


# ---------------------------------------------------------------- over time


def same_months(totals: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The rows of a period's months in its year and in each year before that has all of them.

    Args:
        totals: totals by `year_sh, month_first_sh, month_last_sh` and other keys.
        period: the months, and the last year.
    """
    months = totals[["year_sh", "month_first_sh", "month_last_sh"]].astype(int)
    first, last = months["month_first_sh"], months["month_last_sh"]
    is_inside = (
        (months["year_sh"] <= period.year)
        & (first >= period.month_first)
        & (last <= period.month_last)
    )
    wanted = set(range(period.month_first, period.month_last + 1))
    full = [
        year
        for year, spans in months[is_inside].drop_duplicates().groupby("year_sh")
        if wanted <= {m for _, a, b in spans.to_numpy() for m in range(a, b + 1)}
    ]
    return totals[is_inside & months["year_sh"].isin(full)]


def value_growth_split(
    now: pd.DataFrame, before: pd.DataFrame, product: str, within: float = COMPARABLE_WITHIN
) -> pd.DataFrame:
    """Where the change of value came from, product by product and in total; exact [3, 4].

    For products `measures.comparable` in both periods: quantity U (q1 - q0), tonnes at the mean
    value per tonne U = (U0 + U1)/2 of them all; mix (u - U)(q1 - q0), u = (u0 + u1)/2, tonnes
    moving to dearer goods; price (u1 - u0)(q0 + q1)/2, the same goods dearer (Bennet, as in
    `measures.value_change`). Entry, exit and what cannot be compared have lines of their own.

    Returns:
        `[product, change_usd, quantity_usd, mix_usd, price_usd, entry_usd, exit_usd,
        not_comparable_usd]`, the largest change first; in each row the last six add up to
        `change_usd`.
    """
    lines = value_change(now, before, product, within=within)
    both = paired(now, before, [product], ("", "_before"))
    q1, u1 = _tonnes_and_unit_value(both, "")
    q0, u0 = _tonnes_and_unit_value(both, "_before")
    continuing = comparable(both, ("_before", ""), within) & both[product].notna()
    mean = sum(_common_shares(q, u, continuing)[1] for q, u in ((q0, u0), (q1, u1))) / 2
    quantity = both[[product]].assign(quantity_at_mean=(mean * (q1 - q0)).where(continuing, 0.0))
    table = lines.merge(quantity, on=product, validate="1:1")
    table["mix_usd"] = table["quantity_usd"] - table["quantity_at_mean"]
    table["quantity_usd"] = table["quantity_at_mean"]
    return table[[product, "change_usd", *GROWTH_PARTS]]


GROWTH_PARTS = [
    "quantity_usd", "mix_usd", "price_usd", "entry_usd", "exit_usd", "not_comparable_usd",
]  # fmt: skip
"""The six parts of a change of value, as `value_growth_split` names them."""


def shift_share(
    now: pd.DataFrame,
    before: pd.DataFrame,
    reference_now: pd.DataFrame,
    reference_before: pd.DataFrame,
    by: Sequence[str],
) -> pd.DataFrame:
    """What the province's growth owes to the nation, to its structure and to itself [8].

    Dunn: national v_i0 G; mix v_i0 (g_in - G); competitive v_i0 (g_ir - g_in). Esteban-Marquillas
    splits competitive with the value h_i = V_r0 v_in0 / V_n0 that the province would have with the
    nation's structure: pure h_i (g_ir - g_in) and allocation (v_i0 - h_i)(g_ir - g_in), positive
    where it is specialised in what it does better. A line that the province did not have before
    has no growth rate: its value is `new_usd`. Where the reference had none, g_in is taken as G.
    For a large province pass the rest of the nation as reference.

    Returns:
        `[*by, value_usd_before, value_usd, change_usd, national_usd, mix_usd, competitive_usd,
        new_usd, pure_competitive_usd, allocation_usd]`. national + mix + competitive + new =
        change; pure + allocation = competitive.

    Raises:
        NotEnoughData: the reference had no trade before.

    Sources: Dunn (1960), Papers of the Regional Science Association 6; Esteban-Marquillas (1972),
        Regional and Urban Economics 2(3).
    """
    keys = list(by)
    own = paired(now, before, keys, ("", "_before"))[[*keys, "value_usd", "value_usd_before"]]
    wide = paired(reference_now, reference_before, keys, ("_n1", "_n0"))
    table = own.merge(
        wide[[*keys, "value_usd_n1", "value_usd_n0"]], on=keys, how="left", validate="1:1"
    ).fillna({"value_usd_n1": 0.0, "value_usd_n0": 0.0})
    base, reference_base = table["value_usd_before"], wide["value_usd_n0"].sum()
    if not reference_base > 0:
        raise NotEnoughData("shift-share needs trade of the reference in the earlier period")
    nation_growth = wide["value_usd_n1"].sum() / reference_base - 1
    line_growth = (ratio(table["value_usd_n1"], table["value_usd_n0"]) - 1).fillna(nation_growth)
    own_lead = (ratio(table["value_usd"], base) - 1 - line_growth).fillna(0.0)
    homothetic = base.sum() * table["value_usd_n0"] / reference_base
    return table[[*keys, "value_usd_before", "value_usd"]].assign(
        change_usd=table["value_usd"] - base,
        national_usd=base * nation_growth,
        mix_usd=base * (line_growth - nation_growth),
        competitive_usd=base * own_lead,
        new_usd=table["value_usd"].where(base == 0, 0.0),
        pure_competitive_usd=homothetic * own_lead,
        allocation_usd=(base - homothetic) * own_lead,
    )


def market_share_split(
    now: pd.DataFrame,
    before: pd.DataFrame,
    nation_now: pd.DataFrame,
    nation_before: pd.DataFrame,
    *,
    product: str = "hs4_code",
    market: str = "partner_iso3",
) -> MarketShareSplit:
    """Why the province's share of national exports changed: constant-market-share analysis [9].

    With a the province's share of the nation's exports of good i to market j, b the weight of good
    i in the nation's exports to j, c the weight of j, and m_j = sum_i a b: share M = sum_j c m_j.
    Market share effect sum (a1-a0) b0 c0; product effect sum a0 (b1-b0) c0; market effect
    sum m0 (c1-c0); product adaptation sum (a1-a0)(b1-b0) c0; market adaptation sum (m1-m0)(c1-c0).
    Exact, and no effect depends on an order of steps. Absent trade is a 0 share. A pair of product
    and market to which more came back than was sent is left out on all sides.

    Raises:
        NotEnoughData: the nation exported nothing in one of the periods.
        CheckFailed: the province is no part of the nation (`measures.rest_of_nation`).

    Sources: Fagerberg and Sollie (1987), Applied Economics 19(12).
    """
    keys = [product, market]
    own = {"0": before, "1": now}
    nation = {"0": nation_before, "1": nation_now}
    sides = {f"own{k}": own[k].dropna(subset=keys) for k in own}
    sides |= {
        f"rest{k}": rest_of_nation(nation[k].dropna(subset=keys), sides[f"own{k}"], keys)
        for k in nation
    }
    sums = {k: summed(t, keys).set_index(keys)["value_usd"] for k, t in sides.items()}
    pairs = pd.concat(sums, axis=1).fillna(0.0)
    pairs = pairs.mask((pairs < 0).any(axis=1), 0.0)
    # Products down, markets across, the four tables side by side on the same rows and columns.
    r0, r1, rest0, rest1 = (pairs[k].unstack(market, fill_value=0.0).to_numpy() for k in sides)
    (a0, b0, c0), (a1, b1, c1) = _share_layers(r0, r0 + rest0), _share_layers(r1, r1 + rest1)
    m0, m1 = (a0 * b0).sum(axis=0), (a1 * b1).sum(axis=0)
    effects = {
        "share_before": c0 * m0,
        "share": c1 * m1,
        "change": c1 * m1 - c0 * m0,
        "market_share_effect": (a1 - a0) * b0 * c0,
        "product_effect": a0 * (b1 - b0) * c0,
        "market_effect": m0 * (c1 - c0),
        "product_adaptation": (a1 - a0) * (b1 - b0) * c0,
        "market_adaptation": (m1 - m0) * (c1 - c0),
    }
    return MarketShareSplit(**{name: float(effect.sum()) for name, effect in effects.items()})


def _share_layers(own: np.ndarray, nation: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    by_market = nation.sum(axis=0)
    if not by_market.sum() > 0:
        raise NotEnoughData("a market-share split needs national exports in both periods")
    part = np.divide(own, nation, out=np.zeros_like(own), where=nation > 0)
    weight = np.divide(nation, by_market, out=np.zeros_like(nation), where=by_market > 0)
    return part, weight, by_market / by_market.sum()


# ---------------------------------------------------------------- structure


def rca(values: pd.Series, reference: pd.Series) -> pd.Series:
    """Balassa index, also called location quotient: share here / share in the reference [7].

    Args:
        values: value (USD) by code.
        reference: the same of the reference (nation, rest, world): must list every code.

    Returns:
        A ratio by code of `reference`: above 1 more specialised than it, 0 where the place trades
        none, NA where the reference trades none.

    Raises:
        CheckFailed: codes with trade are missing from the reference.

    Sources: Balassa (1965).
    """
    missing = values.index[values > 0].difference(reference.index)
    if len(missing):
        raise CheckFailed(f"{len(missing)} codes are not in the reference: {list(missing[:5])}")
    here = values.reindex(reference.index, fill_value=0.0)
    return ratio(shares(here), shares(reference)).rename("rca")


def symmetric_rca(rca_values: pd.Series) -> pd.Series:
    """(RCA - 1) / (RCA + 1), from -1 (none) over 0 (as the reference) to 1 [7]. Laursen (2015)."""
    return ((rca_values - 1) / (rca_values + 1)).rename("rca_symmetric")


def specialisation(
    province: pd.DataFrame, reference: pd.DataFrame, by: str, *, reference_name: str = "nation"
) -> pd.DataFrame:
    """What the province is specialised in, the reference named in the columns [7].

    Returns:
        `[by, value_usd, share_in_province, share_in_<reference>, rca_vs_<reference>,
        rca_symmetric_vs_<reference>]`, the largest value first; rows without a code left out.
    """
    here, there = (
        summed(side.dropna(subset=[by]), [by]).set_index(by)["value_usd"]
        for side in (province, reference)
    )
    index = rca(here, there)
    table = pd.DataFrame(
        {
            "value_usd": here.reindex(there.index, fill_value=0.0),
            "share_in_province": shares(here).reindex(there.index, fill_value=0.0),
            f"share_in_{reference_name}": shares(there),
            f"rca_vs_{reference_name}": index,
            f"rca_symmetric_vs_{reference_name}": symmetric_rca(index),
        }
    ).reset_index()
    return _most_first(table, "value_usd")


def similarity(values: pd.Series, reference: pd.Series) -> Similarity:
    """How alike the structures of two places are, by value of each code [13].

    Krugman sum |s_r - s_n|; Hachman 1 / sum (s_r^2 / s_n), 0 where the place trades a code that
    the reference does not; Finger-Kreinin sum min(s_r, s_n). NA without trade on a side.

    Sources: Krugman (1991); Hachman (1995); Finger and Kreinin (1979).
    """
    sides = values.align(reference, fill_value=0.0)
    here, there = (shares(side).to_numpy(dtype="float64") for side in sides)
    if np.isnan(here).all() or np.isnan(there).all():
        return Similarity(np.nan, np.nan, np.nan)
    traded = here > 0
    only_here = traded & (there == 0)
    weighted = 0.0 if only_here.any() else 1 / np.nansum(here[traded] ** 2 / there[traded])
    return Similarity(
        krugman=float(np.nansum(np.abs(here - there))),
        hachman=float(weighted),
        finger_kreinin=float(np.nansum(np.minimum(here, there))),
    )


def margins(values: pd.Series, nation: pd.Series) -> Margins:
    """Broad or deep: the province's share of the nation as extensive x intensive margin [12].

    XM = the nation's trade in the province's codes / the nation's trade; IM = the province's
    trade / the nation's in these codes. Codes may be products or product x market pairs.

    Raises:
        NotEnoughData: one of the two has no trade.

    Sources: Hummels and Klenow (2005), American Economic Review 95(3).
    """
    mine, whole = values.sum(), nation.sum()
    covered = nation.reindex(values.index[values > 0], fill_value=0.0).sum()
    if not (whole > 0 and covered > 0):
        raise NotEnoughData("margins need trade of the province in codes that the nation trades")
    return Margins(float(covered / whole), float(mine / covered), float(mine / whole))


STRUCTURE = (
    "hhi_normalised", "equivalent_number", "theil", "finger_kreinin", "extensive_margin",
    "intensive_margin", "diversity", "eci",
)  # fmt: skip
"""What `structure` measures, in the order of its rows."""


def structure(totals: pd.DataFrame, province: str, product: str = "hs4_code") -> pd.DataFrame:
    """The make-up of a province's exports beside that of the other provinces [10-13, 21].

    Concentration (`measures.concentration`, `measures.theil` over the products that the nation
    exports), likeness to the nation (`similarity`), margins (`margins`) and complexity
    (`complexity`), each of every province with exports.

    Args:
        totals: totals by `province` and `product`.
        province: slug.
        product: the column that names a product; rows without one are left out, and so are
            products of which more came back to a province than it sent.

    Returns:
        A row for each of `STRUCTURE`: `[measure, province_value, provinces_median, rank,
        n_provinces]`, rank 1 the highest; NA where it cannot be computed.
    """
    coded = summed(totals.dropna(subset=[product]), ["province", product])
    coded = coded[~(coded["value_usd"] < 0)]
    nation = summed(coded, [product])
    placed = coded[coded["province"].isin(PROVINCES) & (coded["value_usd"] > 0)]
    # A product that a province does not export is a line of its basket with nothing in it.
    baskets = placed.pivot(index=product, columns="province", values="value_usd")
    baskets = baskets.reindex(nation[product]).fillna(0.0).reset_index(drop=True)
    by_province = {slug: _structure_of(baskets[slug], nation["value_usd"]) for slug in baskets}
    table = pd.DataFrame(by_province).T.reindex(columns=STRUCTURE[:6])
    try:
        places = complexity(coded, product=product).places.set_index("province")
    except NotEnoughData:
        places = pd.DataFrame(columns=["eci", "diversity"], dtype="float64")
    table = table.join(places).astype("float64")
    ranks = table.rank(ascending=False, method="min")
    own = (side.reindex([province]).loc[province] for side in (table, ranks))
    return pd.DataFrame(
        {
            "measure": STRUCTURE,
            **{
                name: values.reindex(STRUCTURE).to_numpy()
                for name, values in zip(("province_value", "rank"), own, strict=True)
            },
            "provinces_median": table.median().reindex(STRUCTURE).to_numpy(),
            "n_provinces": table.count().reindex(STRUCTURE).to_numpy(),
        }
    )[["measure", "province_value", "provinces_median", "rank", "n_provinces"]]


def _structure_of(values: pd.Series, nation: pd.Series) -> dict[str, float]:
    spread, part = concentration(values), margins(values, nation)
    return {
        "hhi_normalised": spread.hhi_normalised,
        "equivalent_number": spread.equivalent_number,
        "theil": theil(values).total,
        "finger_kreinin": similarity(values, nation).finger_kreinin,
        "extensive_margin": part.extensive,
        "intensive_margin": part.intensive,
    }


def rank_provinces(totals: pd.DataFrame, measure: str = "value_usd") -> pd.DataFrame:
    """The 31 provinces ranked, ties sharing the better rank, unallocated trade last and unranked.

    Args:
        totals: totals by `province` (a finer table is added up).
        measure: `value_usd`, `net_mass_kg`, `unit_value_usd_per_tonne` or another column of
            `measures.unit_values`.

    Returns:
        32 rows `[province, <measure>, national_share, rank, n_tied, best_rank]`. A province
        without rows has 0 trade; NA has no rank. `best_rank` is the rank if all unallocated
        trade were this province's; NA for ratios, where that cannot be said.
    """
    table = summed(totals, ["province"]).set_index("province")[AMOUNTS]
    every = unit_values(table.reindex([*PROVINCES, UNALLOCATED], fill_value=0.0))
    values = every[measure].drop(UNALLOCATED).astype("float64")
    ranked = pd.DataFrame({measure: every[measure]})
    is_sum = measure in AMOUNTS
    ranked["national_share"] = shares(every[measure]) if is_sum else np.nan
    ranked["rank"] = values.rank(method="min", ascending=False).astype("Int64")
    ranked["n_tied"] = values.groupby(values).transform("size").astype("Int64")
    reach = values + (every.loc[UNALLOCATED, measure] if is_sum else np.nan)
    # Its own value is never above its reach, so it is not counted among those ahead.
    n_ahead = (values.to_numpy() > reach.to_numpy()[:, None]).sum(axis=1)
    ranked["best_rank"] = pd.Series(n_ahead + 1, reach.index).where(reach.notna()).astype("Int64")
    order = ranked.sort_values("rank", kind="stable", na_position="last").index
    return ranked.loc[[*order.drop(UNALLOCATED), UNALLOCATED]].reset_index(names="province")


def complexity(
    totals: pd.DataFrame, place: str = "province", product: str = "hs4_code"
) -> Complexity:
    """Economic complexity of places and products from who exports what with RCA >= 1 [21].

    M = 1 where RCA >= 1; diversity and ubiquity its row and column sums. ECI is the eigenvector of
    the second largest eigenvalue of D^-1 M U^-1 M', standardised (mean 0, standard deviation 1),
    its sign such that it rises with diversity; PCI likewise over products, as the mean ECI of the
    places that export them. Left out are unallocated trade, places and products without any
    RCA, and places that share no product with the main group, whose eigenvector would only mark
    them. Among the provinces of one country it says who exports what few others do, not what the
    world's ECI says.

    Returns:
        `places` `[place, eci, diversity]` and `products` `[product, pci, ubiquity]`.

    Raises:
        NotEnoughData: fewer than three places or products remain, or all are alike.

    Sources: Hidalgo and Hausmann (2009), PNAS 106(26); Hausmann, Hidalgo et al. (2013), The Atlas
        of Economic Complexity.
    """
    matrix = _advantages(totals, place, product)
    diversity, ubiquity = matrix.sum(axis=1), matrix.sum(axis=0)
    if min(matrix.shape) < 3:
        raise NotEnoughData(
            f"complexity needs three places and three products with an advantage; "
            f"{matrix.shape[0]} places and {matrix.shape[1]} products have one. Take more provinces"
        )
    # The symmetric form has the same eigenvalues and real, orthogonal eigenvectors.
    scaled = matrix.div(np.sqrt(diversity), axis=0).div(np.sqrt(ubiquity), axis=1).to_numpy()
    _, vectors = np.linalg.eigh(scaled @ scaled.T)
    eci = _standardised(pd.Series(vectors[:, -2], matrix.index) / np.sqrt(diversity))
    eci *= -1.0 if (eci * (diversity - diversity.mean())).sum() < 0 else 1.0
    pci = _standardised((matrix.T @ eci) / ubiquity)
    return Complexity(
        _complexity_table(place, eci=eci, diversity=diversity),
        _complexity_table(product, pci=pci, ubiquity=ubiquity),
    )


def _advantages(totals: pd.DataFrame, place: str, product: str) -> pd.DataFrame:
    """Places x products, 1 where RCA >= 1, in the largest block that shares products."""
    rows = totals[totals[place] != UNALLOCATED].dropna(subset=[place, product])
    if rows.empty:
        return pd.DataFrame()
    values = summed(rows, [place, product]).pivot(index=place, columns=product, values="value_usd")
    values = values.fillna(0.0).astype("float64")
    # RCA >= 1 without a division: value x grand total >= row total x column total.
    expected = np.outer(values.sum(axis=1), values.sum(axis=0))
    advantage = (values * values.to_numpy().sum() >= expected) & (values > 0)
    matrix = advantage.astype("float64")
    matrix = matrix.loc[_largest_block((matrix @ matrix.T).to_numpy() > 0)]
    return matrix.loc[:, matrix.any(axis=0)]


def _largest_block(linked: np.ndarray) -> np.ndarray:
    """Which places belong to the largest group that is linked, directly or through others."""
    none = len(linked)
    label = np.where(linked.any(axis=1), np.arange(none), none)
    for _ in range(none):
        label = np.where(linked, label, none).min(axis=1)
    labelled = label[label < none]
    return label == (np.bincount(labelled).argmax() if len(labelled) else -1)


def _standardised(values: pd.Series) -> pd.Series:
    spread = values.std(ddof=0)
    if not spread > 1e-12:
        raise NotEnoughData("complexity needs places that export different goods; these are alike")
    return (values - values.mean()) / spread


def _complexity_table(key: str, **columns: pd.Series) -> pd.DataFrame:
    table = pd.DataFrame(columns).rename_axis(key).reset_index()
    first = next(iter(columns))
    return _most_first(table, first)


# ---------------------------------------------------------------- markets


def won_and_lost(
    now: pd.DataFrame,
    before: pd.DataFrame,
    by: Sequence[str] = ("partner_iso3",),
    *,
    floor_usd: float = 0.0,
    absent_from: Sequence[pd.DataFrame] = (),
) -> pd.DataFrame:
    """Markets (or products, or pairs) kept, won and lost, with the value each moved [12].

    Present is a value above `floor_usd`. Won: present now, absent before and in every table of
    `absent_from` (earlier periods), so that a market that skips one year is not new.

    Returns:
        `[*by, value_usd, value_usd_before, change_usd, status]`, `status` one of `kept`, `won`,
        `lost`, `returned` and `below_floor`; the largest change first.
    """
    keys = list(by)
    both = paired(now, before, keys, ("", "_before"))
    present, was_present = both["value_usd"] > floor_usd, both["value_usd_before"] > floor_usd
    ever = pd.Series(False, index=both.index)
    for earlier in absent_from:
        past = both[keys].merge(summed(earlier, keys), on=keys, how="left", validate="1:1")
        ever |= past["value_usd"].fillna(0.0) > floor_usd
    status = np.select(
        [present & was_present, present & ever, present, was_present],
        ["kept", "returned", "won", "lost"],
        "below_floor",
    )
    lines = both[[*keys, "value_usd", "value_usd_before"]].assign(
        change_usd=both["value_usd"] - both["value_usd_before"], status=status
    )
    return _largest_first(lines, "change_usd")


def candidate_markets(
    province: pd.DataFrame,
    nation: pd.DataFrame,
    *,
    product: str = "hs4_code",
    market: str = "partner_iso3",
    floor_usd: float = 0.0,
) -> pd.DataFrame:
    """Markets where the rest of the nation sells what the province makes and it does not.

    Over pairs of product and market that the province does not serve, of products that it exports
    above `floor_usd` in all: expected_usd = sum over products of the province's exports x the
    market's share in the rest of the nation's exports of that product, what it would sell there
    with the rest's choice of markets. It ranks; it does not forecast. Free zones and unknown
    destinations are no markets.

    Returns:
        `[market, n_products, rest_value_usd, rest_unit_value_usd_per_tonne, expected_usd,
        province_value_usd, is_new_market]`, the most expected first; `province_value_usd` is what
        the province sells there already, of other products.
    """
    keys = [product, market]
    own = summed(province.dropna(subset=keys), keys)
    rest = rest_of_nation(nation.dropna(subset=keys), own, keys)
    pairs = _unserved_pairs(own, rest, keys, floor_usd)
    by_market = pairs.groupby(market)
    sold_by_rest = unit_values(summed(pairs, [market])).set_index(market)
    already = own.groupby(market)["value_usd"].sum().reindex(sold_by_rest.index, fill_value=0.0)
    table = pd.DataFrame(
        {
            "n_products": by_market[product].nunique(),
            "rest_value_usd": sold_by_rest["value_usd"],
            "rest_unit_value_usd_per_tonne": sold_by_rest["unit_value_usd_per_tonne"],
            "expected_usd": by_market["expected_usd"].sum(),
            "province_value_usd": already,
            "is_new_market": already == 0,
        }
    )
    return _most_first(table.rename_axis(market).reset_index(), "expected_usd")


def _unserved_pairs(
    own: pd.DataFrame, rest: pd.DataFrame, keys: list[str], floor_usd: float
) -> pd.DataFrame:
    """The rest's trade in the product-market pairs that the province could serve, and does not."""
    product, market = keys
    made = rest[product].map(own.groupby(product)["value_usd"].sum()).astype("float64")
    part = ratio(rest["value_usd"], rest.groupby(product)["value_usd"].transform("sum"))
    served = pd.MultiIndex.from_frame(own.loc[own["value_usd"] > 0, keys])
    is_open = (
        (made > floor_usd)
        & (rest["value_usd"] > 0)
        & ~pd.MultiIndex.from_frame(rest[keys]).isin(served)
        & ~rest[market].isin([FREE_ZONES_ISO3, UNKNOWN_ISO3])
    )
    return rest.assign(expected_usd=made * part)[is_open]


# ---------------------------------------------------------------- imports and foreign currency


def input_dependence(
    imports: pd.DataFrame, exports: pd.DataFrame, by: str = "sector", use: str = "use"
) -> pd.DataFrame:
    """Imported inputs per dollar exported, by sector [15].

    Inputs are raw materials, intermediate goods and machinery. The sector of an import is that of
    the good itself, not of the factory that buys it, which no customs table tells.

    Returns:
        `[by, raw_material_usd, intermediate_usd, capital_usd, input_usd, export_usd,
        inputs_per_export_usd]`, the most inputs first; the ratio is NA where nothing is exported.
    """
    inputs = summed(imports[imports[use].isin(INPUT_USES)], [by, use])
    table = inputs.pivot(index=by, columns=use, values="value_usd")
    table = table.reindex(columns=list(INPUT_USES)).fillna(0.0).add_suffix("_usd")
    sold = summed(exports, [by]).set_index(by)["value_usd"]
    table = table.reindex(table.index.union(sold.index), fill_value=0.0).rename_axis(None, axis=1)
    table["input_usd"] = table.sum(axis=1)
    table["export_usd"] = sold.reindex(table.index, fill_value=0.0)
    table["inputs_per_export_usd"] = ratio(table["input_usd"], table["export_usd"])
    return (
        table.rename_axis(by)
        .reset_index()
        .sort_values("input_usd", ascending=False, ignore_index=True, kind="stable")
    )


def currency_cut(
    imports: pd.DataFrame,
    cut_share: float,
    *,
    use: str = "use",
    order: Sequence[str] = CUT_ORDER,
) -> pd.DataFrame:
    """What a cut of foreign currency touches first, if uses lose it in `order`.

    A scenario, not a forecast: the cut is taken from the first use until nothing is left, then
    from the next. `even_cut_usd` beside it is the same cut spread evenly.

    Args:
        imports: totals with the column `use`; a missing use counts as `not_assigned`.
        cut_share: part of all imports that cannot be paid, from 0 to 1.
        use: the column of the use.
        order: who loses first; a judgement, see `CUT_ORDER`.

    Returns:
        One row a use in that order: `[use, value_usd, cut_usd, cut_share, even_cut_usd]`; the two
        cuts add up to the same sum.

    Raises:
        CheckFailed: `cut_share` is not between 0 and 1, or a use is not in `order`.
    """
    if not 0 <= cut_share <= 1:
        raise CheckFailed(f"cut_share is a part of 1, from 0 to 1; got {cut_share}")
    values = imports["value_usd"].groupby(imports[use].fillna("not_assigned")).sum()
    unknown = values.index.difference(list(order))
    if len(unknown):
        raise CheckFailed(f"uses without a place in the order {list(order)}: {list(unknown[:5])}")
    values = values.reindex(list(order), fill_value=0.0)
    spared = (values.cumsum() - values).clip(upper=cut_share * values.sum())
    cut = (cut_share * values.sum() - spared).clip(upper=values)
    return pd.DataFrame(
        {
            "value_usd": values,
            "cut_usd": cut,
            "cut_share": ratio(cut, values),
            "even_cut_usd": cut_share * values,
        }
    ).reset_index(names=use)


# ---------------------------------------------------------------- the province on one page


def overview(now: pd.DataFrame, before: pd.DataFrame, province: str) -> pd.DataFrame:
    """Province, rest of nation and nation: value, weight, value per tonne, share and growth.

    Args:
        now: totals with the column `province`; without any row nothing was declared, which is not
            known rather than 0.
        before: the same for the same months a year before; it may be empty.
        province: slug.

    Returns:
        Three rows `[scope, value_usd, net_mass_kg, value_usd_weighed, n_declarations,
        unit_value_*, coverage_share, national_share, growth_share,
        unit_value_growth_share]`; growth is NA where a year before is not known.
    """
    table, earlier = (_scopes(rows, province) for rows in (now, before))
    per_tonne = "unit_value_usd_per_tonne"
    return table.assign(
        national_share=table["value_usd"] / table["value_usd"].iloc[-1],
        growth_share=ratio(table["value_usd"], earlier["value_usd"]) - 1,
        unit_value_growth_share=ratio(table[per_tonne], earlier[per_tonne]) - 1,
    )


def value_per_tonne_by_quarter(totals: pd.DataFrame, province: str, until: Period) -> pd.DataFrame:
    """Value per tonne of province and rest of nation, by full quarters up to the end of a period.

    By quarter and not by month, because a small province ships too little in a month for its mean
    to say anything.

    Args:
        totals: totals by `province, year_sh, month_first_sh, month_last_sh`; rows that reach over
            a quarter's end are left out.
        province: slug.
        until: nothing after its last month is used, nor the quarter that this month does not end.

    Returns:
        `[year_sh, quarter_sh, scope, unit_value_usd_per_tonne]`, in order of time; `scope` is the
        slug or `rest_of_nation`.
    """
    first, last = ((totals[f"month_{end}_sh"].astype(int) - 1) // 3 for end in ("first", "last"))
    quarter_ends = totals["year_sh"].astype(int) * 12 + (last + 1) * 3
    inside = totals[(first == last) & (quarter_ends <= until.year * 12 + until.month_last)]
    scope = (inside["province"] == province).map({True: province, False: "rest_of_nation"})
    inside = inside.assign(quarter_sh=last[inside.index] + 1, scope=scope)
    keys = ["year_sh", "quarter_sh", "scope"]
    return unit_values(summed(inside, keys))[[*keys, "unit_value_usd_per_tonne"]]


def province_growth(
    now: pd.DataFrame, before: pd.DataFrame, province: str, *, period: str
) -> GrowthFacts:
    """Growth of a province's value; arguments as of `overview`."""
    values = [
        _summed_of(rows, rows[rows["province"] == province])["value_usd"].iloc[0]
        for rows in (now, before)
    ]
    return growth_facts(*values, scope=province, measure="value_usd", period=period)


def _scopes(totals: pd.DataFrame, province: str) -> pd.DataFrame:
    is_own = totals["province"] == province
    sides = {province: totals[is_own], "rest_of_nation": totals[~is_own], "nation": totals}
    rows = [_summed_of(totals, side).assign(scope=scope) for scope, side in sides.items()]
    return unit_values(pd.concat(rows, ignore_index=True))


def _summed_of(nation: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """A part of the nation added up; NA, not 0, where nobody in the nation declared anything."""
    return summed(part) if len(nation) else summed(part) * np.nan

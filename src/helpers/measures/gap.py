"""Why values differ, split exactly: the gap in value per tonne, and the growth of value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.measures.indexes import COMPARABLE_WITHIN, comparable, value_change
from helpers.measures.values import KG_PER_TONNE, largest_first, paired, ratio

GAP_PARTS = [
    "mix_usd_per_tonne", "price_usd_per_tonne", "only_province_usd_per_tonne",
    "only_reference_usd_per_tonne",
]  # fmt: skip
"""The four parts of a gap in value per tonne, as `gap_split` names them."""


GROWTH_PARTS = [
    "quantity_usd", "mix_usd", "price_usd", "entry_usd", "exit_usd", "not_comparable_usd",
]  # fmt: skip
"""The six parts of a change of value, as `value_growth_split` names them."""


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


def gap_split(
    province: pd.DataFrame,
    reference: pd.DataFrame,
    product: str,
    within: float = COMPARABLE_WITHIN,
) -> pd.DataFrame:
    """Who drives the gap in value per tonne, product by product; adds up to it exactly [3].

    UV_r - UV_n = sum (s_r - s_n)(u_r + u_n)/2 [mix] + sum (u_r - u_n)(s_r + s_n)/2 [the same goods
    dearer], over goods `comparable` on both sides, s their tonne shares among these. The
    mix of one good is taken against the mean unit value, so that more of a cheap good counts as
    negative; the sum is the same. Any other good contributes w (u - U) on its side, w its share of
    all tonnes of that side and U the side's unit value of the common goods (0 where there are
    none); the reference's with a minus.

    Args:
        province: totals with the column `product`.
        reference: the same of the nation or, better for a large province, of its rest.
        product: the column that names a product; the finer, the less mix hides in price.
        within: as in `comparable`.

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
    return largest_first(lines, "gap_usd_per_tonne")


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


def value_growth_split(
    now: pd.DataFrame, before: pd.DataFrame, product: str, within: float = COMPARABLE_WITHIN
) -> pd.DataFrame:
    """Where the change of value came from, product by product and in total; exact [3, 4].

    For products `comparable` in both periods: quantity U (q1 - q0), tonnes at the mean
    value per tonne U = (U0 + U1)/2 of them all; mix (u - U)(q1 - q0), u = (u0 + u1)/2, tonnes
    moving to dearer goods; price (u1 - u0)(q0 + q1)/2, the same goods dearer (Bennet, as in
    `value_change`). Entry, exit and what cannot be compared have lines of their own.

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

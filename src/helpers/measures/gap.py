"""Why values differ, split exactly: the gap in value per tonne, its change, the growth of value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.classification import threshold
from helpers.measures.indexes import COMPARABLE_WITHIN, comparable, prices
from helpers.measures.values import (
    KG_PER_TONNE,
    known,
    largest_first,
    paired,
    ratio,
    summed,
    unit_values,
)

_WEIGHED = "value_usd_weighed"
GAP_PARTS = [
    "mix_usd_per_tonne", "price_usd_per_tonne", "only_province_usd_per_tonne",
    "only_reference_usd_per_tonne", "unlike_usd_per_tonne",
]  # fmt: skip
"""The five parts of a gap in value per tonne, as `gap_split` names them."""

CHANGE_PARTS = [
    "mix_usd_per_tonne", "price_usd_per_tonne", "entry_usd_per_tonne", "exit_usd_per_tonne",
    "not_comparable_usd_per_tonne",
]  # fmt: skip
"""The five parts of a change of value per tonne, as `unit_value_change` names them."""

GROWTH_PARTS = [
    "quantity_usd", "mix_usd", "price_usd", "entry_usd", "exit_usd", "not_comparable_usd",
]  # fmt: skip
"""The six parts of a change of value, as `value_growth_split` names them."""


@dataclass(frozen=True)
class HeadlineFacts:
    """Value per tonne (USD/t) now and before, of all goods and without the bulk; None: not known.

    `bulk_tonne_share` and `bulk_value_share` are the bulk's parts of what was weighed now.
    """

    usd_per_tonne: float | None
    usd_per_tonne_before: float | None
    growth: float | None
    light_usd_per_tonne: float | None
    light_usd_per_tonne_before: float | None
    light_growth: float | None
    bulk_tonne_share: float | None
    bulk_value_share: float | None
    n_bulk_declarations: int


def main_parts(parts: Mapping[str, float], whole: float) -> tuple[str, list[str]]:
    """Which parts of a split make the whole.

    Args:
        parts: name to amount; together they are the whole.
        whole: the gap or change that was split.

    Returns:
        `most` and one name: only this part has the sign of the whole and more than half of its
        size. `two` and two names, the largest first: no part has, or several have, so the largest
        two are named with their signs. `none` and no name: the whole is 0 or not known.
    """
    if pd.isna(whole) or whole == 0 or any(pd.isna(part) for part in parts.values()):
        return "none", []
    by_size = sorted(parts, key=lambda name: -abs(parts[name]))
    most = [name for name in by_size if parts[name] / whole > 0.5]
    return ("most", most) if len(most) == 1 else ("two", by_size[:2])


def gap_split(
    province: pd.DataFrame,
    reference: pd.DataFrame,
    product: str,
    within: float = COMPARABLE_WITHIN,
) -> pd.DataFrame:
    """Who drives the gap in value per tonne, product by product; adds up to it exactly [3].

    UV_r - UV_n = sum (s_r - s_n)(u_r + u_n)/2 [mix] + sum (u_r - u_n)(s_r + s_n)/2 [the same goods
    dearer], over goods `comparable` on both sides, s their tonne shares among these. The mix of
    one good is taken against the mean unit value, so that more of a cheap good counts as negative;
    the sum is the same. Any other good contributes (v - U q)/Q on its side, Q all tonnes of that
    side and U its unit value of the common goods (0 where there are none); the reference's with a
    minus. So the parts add up whatever the sign of a weight: goods that came back, or differences
    of two tables, count as they are.

    Args:
        province: totals with the column `product`.
        reference: the same of the nation or, better for a large province, of its rest.
        product: the column that names a product; the finer, the less mix hides in price.
        within: as in `comparable`.

    Returns:
        `[product, side, tonne_share_*, unit_value_usd_per_tonne_*, adds_usd_per_tonne_*]`, the
        last three of `province` and `reference`, `*GAP_PARTS` and `gap_usd_per_tonne`, the largest
        contribution first. `adds` is the good's value over all tonnes of the side: they add up to
        its value per tonne. `side` is `both`, `unlike` (traded by both, not comparable; so are
        goods without a code), `province` or `reference`. Goods weighed on neither side are left
        out; no rows at all where the mass of one of them is not above 0.

    Sources: Bennet (1920); Oaxaca (1973), symmetric form.
    """
    both = paired(province, reference, [product], ("_province", "_reference"))
    common = comparable(both, ("_province", "_reference"), within) & both[product].notna()
    common = common.to_numpy()
    here, there = (_side_of(both, suffix, common) for suffix in ("_province", "_reference"))
    shown = ["tonne_share", "unit_value_usd_per_tonne", "adds_usd_per_tonne"]
    traded = [common, here["has"] & there["has"], here["has"]]
    side = np.select(traded, ["both", "unlike", "province"], "reference")
    share_gap, unit_gap = (here[name] - there[name] for name in ("s", "u"))
    mean_share, mean_unit = ((here[name] + there[name]) / 2 for name in ("s", "u"))
    mix = share_gap * (mean_unit - (here["mean"] + there["mean"]) / 2)
    apart = here["apart"] - there["apart"]
    of_one = zip(GAP_PARTS[2:], ("province", "reference", "unlike"), strict=True)
    parts = {
        "mix_usd_per_tonne": np.where(common, mix, 0.0),
        "price_usd_per_tonne": np.where(common, unit_gap * mean_share, 0.0),
        **{part: np.where(side == name, apart, 0.0) for part, name in of_one},
    }
    lines = both[[product]].assign(
        side=side,
        **{f"{name}_province": here[name] for name in shown},
        **{f"{name}_reference": there[name] for name in shown},
        **parts,
        gap_usd_per_tonne=np.nansum(list(parts.values()), axis=0),
    )
    is_weighed = here["tonnes"] > 0 and there["tonnes"] > 0
    return largest_first(lines[(here["has"] | there["has"]) & is_weighed], "gap_usd_per_tonne")


def _side_of(both: pd.DataFrame, suffix: str, common: np.ndarray) -> dict[str, Any]:
    """One side of a split by product; `s` and `u` are of the common goods, 0 elsewhere."""
    kg, value = (both[name + suffix].to_numpy("float64") for name in ("net_mass_kg", _WEIGHED))
    tonnes, value = np.nan_to_num(kg) / KG_PER_TONNE, np.nan_to_num(value)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit_value = value / np.where(tonnes == 0, np.nan, tonnes)
        s = np.where(common, tonnes, 0.0) / (tonnes[common].sum() or 1.0)
        u = np.where(common, unit_value, 0.0)
        mean = s @ u
        return {
            "has": (tonnes != 0) | (value != 0),
            "tonnes": tonnes.sum(),
            "tonne_share": tonnes / tonnes.sum(),
            "unit_value_usd_per_tonne": unit_value,
            "adds_usd_per_tonne": value / tonnes.sum(),
            "s": s,
            "u": u,
            "mean": mean,
            "apart": np.where(common, 0.0, value - mean * tonnes) / tonnes.sum(),
        }


def gap_split_by_level(
    province: pd.DataFrame, reference: pd.DataFrame, levels: Sequence[str]
) -> pd.DataFrame:
    """The parts of the gap at several levels of the tariff: the coarser, the more mix is in price.

    Args:
        province: totals with a column for each level.
        reference: the same of the other side.
        levels: the columns, from coarse to fine.

    Returns:
        One row a level: `[level, gap_usd_per_tonne, *GAP_PARTS]`; NA where one side weighed
        nothing.
    """
    columns = ["gap_usd_per_tonne", *GAP_PARTS]
    rows = [gap_split(province, reference, level)[columns].sum(min_count=1) for level in levels]
    return pd.DataFrame(rows).assign(level=list(levels))[["level", *columns]].reset_index(drop=True)


def unit_value_change(now: pd.DataFrame, before: pd.DataFrame, product: str) -> pd.DataFrame:
    """Why a place's value per tonne changed, product by product; adds up to the change exactly.

    The split of `gap_split` with the year before as the reference: a good of now alone is entry,
    one of before alone exit.

    Returns:
        `[product, side, tonne_share, tonne_share_before, unit_value_usd_per_tonne,
        unit_value_usd_per_tonne_before, *CHANGE_PARTS, change_usd_per_tonne]`, the product that
        moved it most first; `side` is `both`, `not_comparable`, `entry` or `exit`.
    """
    sides = {"unlike": "not_comparable", "province": "entry", "reference": "exit"}
    lines = gap_split(now, before, product).replace({"side": sides})
    kept = ["tonne_share", "unit_value_usd_per_tonne"]
    names = {f"{name}_province": name for name in kept}
    names |= {f"{name}_reference": f"{name}_before" for name in kept}
    names |= dict(zip(GAP_PARTS, CHANGE_PARTS, strict=True))
    names |= {"gap_usd_per_tonne": "change_usd_per_tonne"}
    return lines.rename(columns=names)[[product, "side", *names.values()]]


def bulk_goods(totals: pd.DataFrame) -> list[str]:
    """The headings worth less per tonne than `bulk_below_usd_per_tonne` (reference/thresholds.csv).

    Args:
        totals: totals of the nation by `hs4_code` over both periods that are compared, so that
            every province and both periods leave out the same goods; rows without a code are no
            bulk.
    """
    goods = unit_values(summed(totals.dropna(subset=["hs4_code"]), ["hs4_code"]))
    is_bulk = goods["unit_value_usd_per_tonne"] < threshold("bulk_below_usd_per_tonne")
    return goods.loc[is_bulk, "hs4_code"].tolist()


def headline(now: pd.DataFrame, before: pd.DataFrame, bulk: Collection[str]) -> HeadlineFacts:
    """Whether the value per tonne moved with or without its bulkiest goods.

    Args:
        now: totals of the place with the column `hs4_code`.
        before: the same a year before.
        bulk: the headings to leave out, as `bulk_goods` lists them.
    """
    heavy = now[now["hs4_code"].isin(list(bulk))]
    light = [side[~side["hs4_code"].isin(list(bulk))] for side in (now, before)]
    shares_of_bulk = (
        known(heavy[amount].sum() / now[amount].sum()) if now[amount].sum() else None
        for amount in ("net_mass_kg", "value_usd_weighed")
    )
    n_bulk = int(heavy["n_declarations"].sum())
    return HeadlineFacts(*_moved(now, before), *_moved(*light), *shares_of_bulk, n_bulk)


def _moved(now: pd.DataFrame, before: pd.DataFrame) -> list[float | None]:
    """Value per tonne now and before, and its growth."""
    name = "unit_value_usd_per_tonne"
    here, there = (unit_values(summed(side))[name] for side in (now, before))
    return [known(each.iloc[0]) for each in (here, there, ratio(here, there) - 1)]


def value_growth_split(
    now: pd.DataFrame, before: pd.DataFrame, product: str, within: float = COMPARABLE_WITHIN
) -> pd.DataFrame:
    """Where the change of value came from, product by product and in total; exact [3, 4].

    For products `comparable` in both periods, p value per kilogram and q kilograms: price
    (p1 - p0)(q0 + q1)/2 (Bennet), the same goods dearer; quantity U (q1 - q0), at the mean value
    U = (U0 + U1)/2 of them all; mix ((p0 + p1)/2 - U)(q1 - q0), weight moving to dearer goods.
    Products of one period only are entry or exit, whole: a price of 0 for them would send half of
    their value into the price effect. The change of value without a mass, and of products that are
    not comparable or have no code, is `not_comparable`.

    Returns:
        `[product, change_usd, *GROWTH_PARTS]`, the largest change first; in each row the parts add
        up to `change_usd`.

    Sources: Bennet (1920); Diewert (2005), Review of Income and Wealth 51(4).
    """
    both = paired(now, before, [product], ("", "_before"))
    v0, v1 = both["value_usd_before"].fillna(0.0), both["value_usd"].fillna(0.0)
    continuing = (comparable(both, ("_before", ""), within) & both[product].notna()).to_numpy()
    (p0, q0), (p1, q1) = (
        [np.where(continuing, side, 0.0) for side in prices(both, suffix)]
        for suffix in ("_before", "")
    )
    means = [p @ q / q.sum() if q.sum() else 0.0 for p, q in ((p0, q0), (p1, q1))]
    mean = sum(means) / 2
    lines = both[[product]].assign(
        change_usd=v1 - v0,
        quantity_usd=mean * (q1 - q0),
        mix_usd=((p0 + p1) / 2 - mean) * (q1 - q0),
        price_usd=(p1 - p0) * (q0 + q1) / 2,
        entry_usd=v1.where(both["n_declarations_before"] == 0, 0.0),
        exit_usd=(0.0 - v0).where(both["n_declarations"] == 0, 0.0),
    )
    explained = lines[GROWTH_PARTS[:-1]].sum(axis=1)
    return largest_first(
        lines.assign(not_comparable_usd=lines["change_usd"] - explained), "change_usd"
    )

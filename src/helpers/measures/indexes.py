"""Price indexes over goods that are the same in both periods, and the turn from weight to value."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.classification import threshold
from helpers.measures.values import summed, unit_values
from helpers.schema import NotEnoughData

COMPARABLE_WITHIN = threshold("comparable_within")
"""Goods under one code are taken for the same good while their values per weight lie within this
factor of each other; the reason stands in `reference/thresholds.csv`."""


def comparable(
    both: pd.DataFrame, suffixes: tuple[str, str], within: float = COMPARABLE_WITHIN
) -> pd.Series:
    """Which rows of a `paired` table hold the same good on both sides.

    Weighed and worth something on both, at values per weight no further apart than the factor
    `within`: beyond it a code covers different goods, or one of the weights is wrong.
    """
    left, right = (prices(both, suffix)[0] for suffix in suffixes)
    return pd.Series(_is_within(left, right, within), index=both.index)


def prices(both: pd.DataFrame, suffix: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Value per kilogram and kilograms of one side; NA where the side is not weighed."""
    value, mass = both["value_usd_weighed" + suffix], both["net_mass_kg" + suffix]
    mass = mass.where((mass > 0) & (value > 0)).astype("float64")
    return (value / mass).to_numpy("float64"), mass.to_numpy()


def _is_within(left: np.ndarray, right: np.ndarray, factor: float) -> np.ndarray:
    return (left <= factor * right) & (right <= factor * left)  # False where one is NA


def geks_fisher(
    totals: pd.DataFrame, product: str, time: str, within: float = COMPARABLE_WITHIN
) -> pd.Series:
    """GEKS-Fisher price index over many periods, the first period = 1 [5].

    Fisher = sqrt(Laspeyres x Paasche) of two periods, unit values of `product` taken as prices
    over the goods that are comparable in both; GEKS = product over k of (F_0k F_kt)^(1 / T) uses
    every pair of periods and does not drift, but moves when a period is added. Of two periods it
    is Fisher. The finer the product, the less a unit value hides a change of quality.

    Args:
        totals: totals by `product` and `time`; the order of periods is the sorted order of `time`.
        product: the column that names a product; rows without one are left out.
        time: the column that names a period.
        within: as in `comparable`, for each pair of periods.

    Returns:
        The index by `time`; NA where two periods share no comparable product.

    Sources: IMF, Export and Import Price Index Manual (2009), ch. 2 and 16; Ivancic, Diewert and
        Fox (2011), Journal of Econometrics 161(1).
    """
    periods = pd.Index(sorted(totals[time].unique()), name=time)
    sums = summed(totals.dropna(subset=[product]), [product, time])
    sums["price"], sums["kg"] = prices(sums)
    p, q = (
        sums.pivot(index=time, columns=product, values=column).reindex(periods).to_numpy("float64")
        for column in ("price", "kg")
    )
    pairs = np.eye(len(periods))
    for k, t in zip(*np.triu_indices(len(periods), 1), strict=True):
        pairs[k, t] = _fisher(p[k], q[k], p[t], q[t], within)
        pairs[t, k] = 1 / pairs[k, t]
    return pd.Series(np.exp((np.log(pairs[:1]).T + np.log(pairs)).mean(axis=0)), periods)


def _fisher(p0: np.ndarray, q0: np.ndarray, p1: np.ndarray, q1: np.ndarray, within: float) -> float:
    same = _is_within(p0, p1, within)
    if not same.any():
        return np.nan
    p0, q0, p1, q1 = (side[same] for side in (p0, q0, p1, q1))
    return float(np.sqrt((p1 @ q0) / (p0 @ q0) * (p1 @ q1) / (p0 @ q1)))


def weight_to_value(totals: pd.DataFrame, product: str, time: str) -> pd.DataFrame:
    """From weight to value, one row a period, the first period = 1 [1, 5].

    Returns:
        `[time, value_usd, net_mass_kg, unit_value_usd_per_tonne, coverage_share, value_index,
        mass_index, unit_value_index, price_index]`; the price index is GEKS-Fisher, and the rest
        of the unit value index is composition.

    Raises:
        NotEnoughData: there are no rows.
    """
    if totals.empty:
        raise NotEnoughData("a turn from weight to value needs rows of at least one period")
    table = unit_values(summed(totals, [time]))
    geks = table[time].map(geks_fisher(totals, product, time))
    unit_value = table["unit_value_usd_per_tonne"] / table["unit_value_usd_per_tonne"].iloc[0]
    return table.drop(
        columns=["n_declarations", "value_usd_weighed", "unit_value_usd_per_kg"]
    ).assign(
        value_index=table["value_usd"] / table["value_usd"].iloc[0],
        mass_index=table["net_mass_kg"] / table["net_mass_kg"].iloc[0],
        unit_value_index=unit_value,
        price_index=geks,
    )

"""What our own records say of what comes next: goods near to those sold, flows that last, rates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.classification import threshold
from helpers.measures.structure import baskets, rca
from helpers.measures.values import MONTHS, by_year, most_first, ratio
from helpers.schema import PROVINCES


def densities(sold: pd.DataFrame) -> pd.DataFrame:
    """How near each good is to those in which a place has an advantage [20].

    A good is near another where places with an advantage (RCA of 1 and more, against all places
    together) in one have it in the other: proximity is the smaller of the two conditional
    probabilities, 0 to itself. Density is the sum of a good's proximities to the goods in which the
    place has an advantage, over the sum of all its proximities.

    Args:
        sold: value (USD) by place (rows) and good (columns), none below 0.

    Returns:
        0 to 1 by place and good; NA for a good that is near to none, or that nobody leads in.

    Sources: Hidalgo, Klinger, Barabási and Hausmann (2007), Science 317.
    """
    whole = sold.sum()
    leads = sold.apply(lambda place: rca(place, whole) >= 1, axis=1).astype("float64")
    together, ubiquity = leads.T @ leads, leads.sum()
    larger = np.maximum.outer(ubiquity.to_numpy(), ubiquity.to_numpy())
    near = (together / np.where(larger > 0, larger, np.nan)).fillna(0.0)
    near = near * (1 - np.eye(len(near)))
    return (leads @ near) / near.sum().where(lambda total: total > 0)


def nearest_goods(
    totals: pd.DataFrame, province: str, product: str = "hs4_code", floor_usd: float = 0.0
) -> pd.DataFrame:
    """Goods that other provinces sell and this one does not yet, the nearest first [20].

    Args:
        totals: totals by `province` and `product`.
        province: slug.
        product: the column that names a good; rows without one are left out.
        floor_usd: what the province must sell of a good, at least, for it to count as sold.

    Returns:
        `[product, density, n_provinces, value_usd]`: how many provinces sell it, and for how much;
        without rows where the province sells nothing.
    """
    sold = baskets(totals, product)
    sold = sold[sold.index.isin(PROVINCES)]
    if province not in sold.index:
        return pd.DataFrame(columns=[product, "density", "n_provinces", "value_usd"])
    table = pd.DataFrame({
        "density": densities(sold).loc[province],
        "n_provinces": (sold > 0).sum(),
        "value_usd": sold.sum(),
    })  # fmt: skip
    is_new = (sold.loc[province] <= floor_usd) & table["density"].notna()
    return most_first(table[is_new].rename_axis(product).reset_index(), "density")


def outside_complexity(totals: pd.DataFrame, world: pd.DataFrame) -> pd.DataFrame:
    """Complexity of what places lead in, by the world's measure of products [21].

    Args:
        totals: totals by `province` and `hs4_code` of the world's edition.
        world: `hs4_code`, `pci` and the world's `value_usd`.

    Returns:
        `[province, complexity, n_goods, covered_share]`: the mean complexity of the goods in which
        its RCA against the world is 1 and more, how many these are, and the share of its value
        whose goods the world's table has; the most complex first. NA without such goods.

    Sources: Hausmann and others (2013), The Atlas of Economic Complexity; the mean over a place's
        goods with an index from outside: py-economic-complexity, `complexity_subnational`.
    """
    there = world.set_index("hs4_code")
    rows = []
    for province, own in totals.groupby("province"):
        values = own.groupby("hs4_code")["value_usd"].sum()
        known = values[values.index.isin(there.index) & (values > 0)]
        leading = rca(known, there["value_usd"]) >= 1 if len(known) else pd.Series(dtype=bool)
        chosen = there.loc[leading.index[leading], "pci"]
        covered = known.sum() / own["value_usd"].sum()
        rows.append((province, chosen.mean(), len(chosen), covered))
    names = ["province", "complexity", "n_goods", "covered_share"]
    return most_first(pd.DataFrame(rows, columns=names), "complexity")


# Flows that last


def new_flows(totals: pd.DataFrame, by: Sequence[str], floor_usd: float = 0.0) -> pd.DataFrame:
    """Flows that began within the years on record, how long each lived, and whether it ended.

    A flow lives in a year whose average month is above a twelfth of `floor_usd`; it is new in the
    first year in which it lives, if that is not the first on record. Flows that began in that one
    may be old, and are left out.

    Args:
        totals: totals of the nation by `by` and `values.MONTHS`, of consecutive years.
        by: what a flow is: `province`, `partner_iso3` and, where known, `hs4_code`.

    Returns:
        `[*by, n_years, has_ended]`; a flow that still lives in the last year has not.
    """
    keys = list(by)
    path = by_year(totals.dropna(subset=keys), keys, within=[])
    alive = path.assign(lives=path["value_usd_per_month"] > floor_usd / 12)
    table = alive.pivot(index=keys, columns="year_sh", values="lives").fillna(value=False)
    lives = table.to_numpy(dtype=bool)
    first = lives.argmax(axis=1)
    is_new = lives.any(axis=1) & (first > 0)
    later = np.arange(lives.shape[1]) >= first[:, None]
    gone = later & ~lives
    end = np.where(gone.any(axis=1), gone.argmax(axis=1), lives.shape[1])
    rows = table.index.to_frame(index=False).assign(
        n_years=end - first, has_ended=end < lives.shape[1]
    )
    return rows[is_new].reset_index(drop=True)


def survival(n_years: pd.Series, has_ended: pd.Series) -> pd.DataFrame:
    """The share of flows that live on after 1, 2, … years (Kaplan-Meier) [22].

    Args:
        n_years: how long each was seen to live.
        has_ended: whether it ended then; one that lives still was only seen so far.

    Returns:
        `[n_years, n_at_risk, n_ended, survival_share]`, a row for the beginning and for each length
        at which one ended.

    Sources: Kaplan and Meier (1958), Journal of the American Statistical Association 53.
    """
    lengths = np.array([0, *sorted(n_years[has_ended.astype(bool)].unique())])
    at_risk = np.array([(n_years >= t).sum() for t in lengths], dtype="float64")
    ended = np.array([((n_years == t) & has_ended.astype(bool)).sum() for t in lengths])
    return pd.DataFrame({
        "n_years": lengths, "n_at_risk": at_risk, "n_ended": ended,
        "survival_share": np.cumprod(1 - ended / np.maximum(at_risk, 1)),
    })  # fmt: skip


# Rials


def implied_rates(sums: pd.DataFrame, apart: float) -> pd.DataFrame:
    """Rials a dollar that the records of each file and span of months imply [23].

    Each is held against the records of the same months in other files, else against those within
    `rate_near_months` of any file, and of these against the nearest rate: after a leap of the
    official rate the months on its own side agree with it.

    Args:
        sums: `store.rial_sums`.
        apart: how far (a share) a rate may lie from the nearest other, as a ratio either way.

    Returns:
        `[*MONTHS, source_file, value_usd, value_irr, rate_irr_per_usd, others_irr_per_usd,
        is_apart]`, in order of time; nothing is apart where there is nothing near.
    """
    table = sums.sort_values([*MONTHS, "source_file"], ignore_index=True)
    rate = ratio(table["value_irr"], table["value_usd"])
    at = table["year_sh"] * 12 + (table["month_first_sh"] + table["month_last_sh"]) / 2
    near = np.abs(np.subtract.outer(at.to_numpy(), at.to_numpy())) <= threshold("rate_near_months")
    np.fill_diagonal(near, val=False)
    table["rate_irr_per_usd"] = rate
    span = table.groupby(MONTHS).ngroup().to_numpy()
    same = np.equal.outer(span, span) & near
    peers = np.where(same.any(axis=1, keepdims=True), same, near)
    far = [np.log(rate / own).abs() for own in rate]
    table["others_irr_per_usd"] = [
        rate[by[row].idxmin()] if row.any() else np.nan for by, row in zip(far, peers, strict=True)
    ]
    table["is_apart"] = np.log(rate / table["others_irr_per_usd"]).abs() > np.log1p(apart)
    return table

"""What trade is made of: concentration, specialisation, likeness, and shift-share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.measures.values import most_first, paired, ratio, shares, summed
from helpers.schema import PROVINCES, UNALLOCATED, CheckFailed, NotEnoughData


@dataclass(frozen=True)
class Concentration:
    """How much trade rests on how few parts; all but the counts are fractions of 1."""

    n_parts: int
    hhi: float
    hhi_normalised: float
    equivalent_number: float
    top1_share: float
    top3_share: float
    top5_share: float


@dataclass(frozen=True)
class Theil:
    """The Theil index of a distribution and its two parts; `total` = `between` + `within`."""

    total: float
    between: float
    within: float


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
class Complexity:
    """Economic complexity of places and products, each a table, the most complex first."""

    places: pd.DataFrame
    products: pd.DataFrame


def concentration(values: pd.Series) -> Concentration:
    """Herfindahl-Hirschman index of positive values by part, and its relatives [10].

    HHI = sum of squared shares, in (0, 1]; normalised (HHI - 1/n) / (1 - 1/n), 1 for a single
    part; equivalent number 1/HHI, the number of equal parts with that HHI.

    Raises:
        NotEnoughData: no value is positive.

    Sources: Hirschman (1945, 1964); Herfindahl (1950).
    """
    part_shares = np.sort(_positive_shares(values))[::-1]
    n_parts = len(part_shares)
    hhi = float((part_shares**2).sum())
    return Concentration(
        n_parts=n_parts,
        hhi=hhi,
        hhi_normalised=(hhi - 1 / n_parts) / (1 - 1 / n_parts) if n_parts > 1 else 1.0,
        equivalent_number=1 / hhi,
        top1_share=float(part_shares[:1].sum()),
        top3_share=float(part_shares[:3].sum()),
        top5_share=float(part_shares[:5].sum()),
    )


def _positive_shares(values: pd.Series) -> np.ndarray:
    kept = _not_negative(values).to_numpy(dtype="float64")
    return kept[kept > 0] / kept.sum()


def theil(values: pd.Series, groups: pd.Series | None = None) -> Theil:
    """Theil's inequality of values over their lines, between and within groups [11].

    T = sum s ln(n s); between = sum S_g ln(S_g n / n_g); within = sum S_g T_g. Zero is a line that
    exists and is not traded: it counts in n (0 ln 0 = 0), so leave in the table only lines that
    could be traded. NA and values below 0 leave. 0 is perfect equality, ln n one line only.
    Without groups, all is within.

    Args:
        values: value by line (USD), at least one above 0.
        groups: the group of each line, on the same index.

    Sources: Theil (1967); Cadot, Carrere and Strauss-Kahn (2011), Review of Economics and
        Statistics 93(2).
    """
    values = _not_negative(values)
    line_shares = values / values.sum()
    total = _entropy(line_shares.to_numpy(dtype="float64"))
    if groups is None:
        return Theil(total, 0.0, total)
    by_group = line_shares.groupby(groups.reindex(values.index), dropna=False)
    relative_size = by_group.size() / len(values)
    group_shares = by_group.sum()
    traded = group_shares > 0
    logs = np.log(group_shares[traded] / relative_size[traded])
    between = float((group_shares[traded] * logs).sum())
    return Theil(total, between, total - between)


def _entropy(line_shares: np.ndarray) -> float:
    positive = line_shares[line_shares > 0]
    return float((positive * np.log(len(line_shares) * positive)).sum())


def _not_negative(values: pd.Series) -> pd.Series:
    """Without what is NA, or below 0 since more came back than was sent."""
    kept = values[values >= 0]
    if not kept.sum() > 0:
        raise NotEnoughData(
            f"a concentration needs values, at least one above 0; none of {len(values)} is. "
            "Choose a wider period or area"
        )
    return kept


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
    return most_first(table, "value_usd")


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

    Concentration (`concentration`, `theil` over the products that the nation
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
    return most_first(table, first)

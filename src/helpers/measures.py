"""Totals, shares, unit values, growth, concentration and price indexes of one place.

Works on totals tables, as `store.totals` returns them: key columns beside `value_usd`,
`net_mass_kg`, `value_usd_weighed` and `n_declarations`. A key that a totals table does not list
had no declarations, so its trade is 0; an amount that it lists as NA is unknown and stays NA.
Every ratio is a ratio of sums, because the mean of row ratios lets a parcel of one gram outweigh
a shipload. Dollars are nominal, as declared.

Sources: numbers in brackets refer to the formulas of `docs/measures.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.schema import CheckFailed, NotEnoughData

AMOUNTS = ["value_usd", "net_mass_kg", "value_usd_weighed", "n_declarations"]
KG_PER_TONNE = 1000.0

COMPARABLE_WITHIN = 10.0
"""Goods under one code are taken for the same good while their values per weight lie within this
factor of each other. One parcel of a kilogram at a million dollars would otherwise be multiplied
by the tonnes of the other side: on real customs data of 28 provinces the two effects of a gap of
874 USD/t came out as 17,734 and -16,920, with the factor as 798 and -7, at the price of 2 % of
the value; factors from 5 to 100 and logarithmic weights gave much the same."""


@dataclass(frozen=True)
class ShareFacts:
    """A part of a whole now and in the same months a year before; None is not known."""

    scope: str
    part: str
    period: str
    value_usd: float | None
    share: float | None
    share_before: float | None


@dataclass(frozen=True)
class ShareRange:
    """A share, and the least and the most it could be if every judgement fell the other way."""

    part: str
    share: float | None
    share_low: float | None
    share_high: float | None
    judgement_share: float | None


@dataclass(frozen=True)
class GrowthFacts:
    """A value now and in the same months a year before; None is not known."""

    scope: str
    measure: str
    period: str
    value: float | None
    value_before: float | None
    growth: float | None


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
class PriceIndex:
    """Price indexes of one period on another (1 = unchanged) over goods comparable in both.

    `unit_value` is the ratio of mean values per kilogram of the same goods: where it differs from
    `fisher`, the composition of trade moved, not its prices.
    """

    laspeyres: float
    paasche: float
    fisher: float
    tornqvist: float
    unit_value: float
    n_products: int


# ---------------------------------------------------------------- totals


def known(number: float | None) -> float | None:
    """The number, or None where it is NA: facts for sentences carry no NaN."""
    return None if pd.isna(number) else float(number)


def summed(totals: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """A totals table added up to fewer keys; one row without any key.

    Returns:
        `[*by, value_usd, net_mass_kg, value_usd_weighed, n_declarations]`. A sum is NA only where
        all its parts are. A missing key (no HS code given) is a key of its own.
    """
    if not by:
        # No rows are no trade, which is 0; rows without an amount are an amount not known.
        return totals[AMOUNTS].sum(min_count=min(len(totals), 1)).to_frame().T
    keys = totals.groupby(list(by), dropna=False, observed=True, sort=True)
    return keys[AMOUNTS].sum(min_count=1).reset_index()


def paired(
    left: pd.DataFrame, right: pd.DataFrame, by: Sequence[str], suffixes: tuple[str, str]
) -> pd.DataFrame:
    """Two totals tables side by side, one row a key of either, absent trade as 0."""
    sides = [
        summed(side, by)
        .set_index(list(by))
        .rename(columns={amount: amount + suffix for amount in AMOUNTS})
        for side, suffix in zip((left, right), suffixes, strict=True)
    ]
    keys = sides[0].index.union(sides[1].index)
    return pd.concat([side.reindex(keys, fill_value=0.0) for side in sides], axis=1).reset_index()


def rest_of_nation(
    nation: pd.DataFrame, province: pd.DataFrame, by: Sequence[str] = ()
) -> pd.DataFrame:
    """The nation without the province: a totals table over the keys of the nation.

    An amount of the rest is below 0 where more came back to the others than they sent.

    Raises:
        CheckFailed: the province has more declarations than the nation somewhere, or other amounts
            of the same ones, so it is no part of it.
    """
    keys = list(by) or ["_all"]
    whole, part = (side if by else side.assign(_all="all") for side in (nation, province))
    both = paired(whole, part, keys, ("_nation", "_province"))
    rest = both[keys].copy()
    for amount in AMOUNTS:
        total, mine = both[f"{amount}_nation"], both[f"{amount}_province"].fillna(0.0)
        # Floating sums of the same rows in another order differ in the last digits.
        rest[amount] = (total - mine).mask((total - mine).abs() <= 1e-9 * total.abs(), 0.0)
    none_left = rest["n_declarations"] == 0
    excess = rest[(rest["n_declarations"] < 0) | none_left & (rest[AMOUNTS] < 0).any(axis=1)]
    if len(excess):
        raise CheckFailed(
            f"the province exceeds the nation in {len(excess)} of {len(rest)} rows; both tables "
            f"must be of one flow and period. First: {excess.head(5).to_dict('records')}"
        )
    return rest[[*by, *AMOUNTS]]


# ---------------------------------------------------------------- values per weight, shares


def ratio(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    """Numerator over denominator; NA where the denominator is 0 or NA."""
    return numerator.astype("float64") / denominator.astype("float64").where(denominator != 0)


def unit_values(totals: pd.DataFrame) -> pd.DataFrame:
    """The totals with value per weight and its coverage beside them [1].

    UV = sum of value / sum of mass, over the rows that have a mass: rows without one leave both
    sums. It is a mean over whatever was shipped, not a price.

    Returns:
        The table with `unit_value_usd_per_kg`, `unit_value_usd_per_tonne` (NA where the mass is not
        above 0) and `coverage_share`, the share of value that was weighed (NA where value is 0).

    Sources: IMF, Export and Import Price Index Manual (2009), ch. 2; Silver (2010).
    """
    mass = totals["net_mass_kg"]
    per_kg = ratio(totals["value_usd_weighed"], mass.where(mass > 0))
    return totals.assign(
        unit_value_usd_per_kg=per_kg,
        unit_value_usd_per_tonne=per_kg * KG_PER_TONNE,
        coverage_share=ratio(totals["value_usd_weighed"].fillna(0.0), totals["value_usd"]),
    )


def shares(values: pd.Series) -> pd.Series:
    """Each value's share of their sum [6], a fraction of 1; they add to 1.

    NA stays NA and is not in the sum; all NA where the sum is 0.
    """
    total = values.sum()
    return (values / total if total else values * np.nan).rename("share")


def with_shares(
    totals: pd.DataFrame, within: Sequence[str] = (), amount: str = "value_usd"
) -> pd.DataFrame:
    """The totals with `share`, each row's part of its group `within` (of all, if none is named)."""
    if not within:
        return totals.assign(share=shares(totals[amount]))
    groups = totals.groupby(list(within), dropna=False, observed=True)[amount]
    return totals.assign(share=ratio(totals[amount], groups.transform("sum")))


def share_facts(
    now: pd.DataFrame,
    before: pd.DataFrame,
    key: str,
    part: str,
    *,
    scope: str,
    period: str,
) -> ShareFacts:
    """The share of the rows whose `key` is `part`, now and in the same months a year before.

    It is not known where `key` is missing in all rows: goods without a code have no sector.
    """
    return ShareFacts(
        scope=scope,
        part=part,
        period=period,
        value_usd=known(_part_value(now, key, part)),
        share=_part_share(now, key, part),
        share_before=_part_share(before, key, part),
    )


def _part_value(totals: pd.DataFrame, key: str, part: str) -> float:
    if len(totals) and totals[key].isna().all():
        return np.nan  # Nothing says of any row what it is.
    return totals.loc[(totals[key] == part).fillna(False).astype(bool), "value_usd"].sum()


def _part_share(totals: pd.DataFrame, key: str, part: str) -> float | None:
    whole = totals["value_usd"].sum()
    return known(_part_value(totals, key, part) / whole) if whole else None


def share_range(
    totals: pd.DataFrame, key: str, part: str, *, certainty: str = "certainty"
) -> ShareRange:
    """A share of value and how far the reviewed table's judgements could move it [6].

    The least share counts only rows of the part that are `sure`; the most counts these, the
    part's judgements, and every judgement or unassigned row elsewhere.

    Args:
        totals: totals with the columns `key` and `certainty` (`sure` or `judgement`).
        key: for example `sector`.
        part: the value of `key` whose share is asked.
        certainty: the column that tells sure rows from judgements.

    Returns:
        The shares, all None where there is no value at all, or `key` is missing in all rows.
    """
    value, whole = totals["value_usd"].fillna(0.0), totals["value_usd"].sum()
    if not whole > 0 or totals[key].isna().all():
        return ShareRange(part, None, None, None, None)
    mine = (totals[key] == part).fillna(False).to_numpy(dtype=bool)
    sure = (totals[certainty] == "sure").fillna(False).to_numpy(dtype=bool)
    open_rows = ~sure | totals[key].isna().to_numpy()
    return ShareRange(
        part=part,
        share=float(value[mine].sum() / whole),
        share_low=float(value[mine & ~open_rows].sum() / whole),
        share_high=float(value[mine | open_rows].sum() / whole),
        judgement_share=float(value[open_rows].sum() / whole),
    )


# ---------------------------------------------------------------- growth


def growth(now: float, before: float) -> float:
    """now / before - 1; NA where the base is 0 or either is NA [18]."""
    return now / before - 1 if before and pd.notna(before) else np.nan


def cagr(first: float, last: float, n_years: int) -> float:
    """Compound annual growth (last / first)^(1 / n) - 1 [18]; NA without a positive base."""
    return (last / first) ** (1 / n_years) - 1 if first > 0 and n_years > 0 else np.nan


def growth_by(now: pd.DataFrame, before: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Growth of value on the same months a year before, and who contributed it [6, 18].

    Contribution c_i = (v_i1 - v_i0) / V_0: over the rows it adds up to the growth of the total.

    Returns:
        `[*by, value_usd, value_usd_before, change_usd, growth_share, contribution_share, status]`,
        largest contribution first. `growth_share` is NA where there was nothing before; `status`
        is `continuing`, `new` or `lost`.
    """
    both = paired(now, before, by, ("", "_before"))
    change = both["value_usd"] - both["value_usd_before"]
    base = both["value_usd_before"].sum()
    was_none, is_none = both["value_usd_before"] == 0, both["value_usd"] == 0
    table = both[[*by, "value_usd", "value_usd_before"]].assign(
        change_usd=change,
        growth_share=ratio(change, both["value_usd_before"]),
        contribution_share=change / base if base else np.nan,
        status=np.select([was_none, is_none], ["new", "lost"], "continuing"),
    )
    return table.sort_values("contribution_share", ascending=False, ignore_index=True)


def growth_facts(
    now: float | None, before: float | None, *, scope: str, measure: str, period: str
) -> GrowthFacts:
    """Growth on the same months a year before, ready for a sentence."""
    now, before = known(now), known(before)
    rate = None if now is None or before is None else known(growth(now, before))
    return GrowthFacts(scope, measure, period, now, before, rate)


def rolling_sums(values: pd.Series, n: int = 4) -> pd.Series:
    """Sums of the last `n` periods (4 quarters, 12 months), which carry no season [18].

    NA for the first n - 1 periods and wherever one of the n is NA.
    """
    return values.rolling(n, min_periods=n).sum()


# ---------------------------------------------------------------- concentration


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


def _positive_shares(values: pd.Series) -> np.ndarray:
    kept = _not_negative(values).to_numpy(dtype="float64")
    return kept[kept > 0] / kept.sum()


# ---------------------------------------------------------------- both flows


def trade_balance(exports: pd.DataFrame, imports: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Exports against imports by key: balance, relative balance, two-way trade [14].

    Relative balance (X - M) / (X + M) in [-1, 1]; Grubel-Lloyd 1 - |X - M| / (X + M) in [0, 1], 1
    where trade goes both ways equally. NA without trade. Imports are usually valued CIF and
    exports FOB: the balance mixes them.

    Returns:
        `[*by, export_usd, import_usd, balance_usd, relative_balance, grubel_lloyd]`.

    Sources: Grubel and Lloyd (1975).
    """
    both = paired(exports, imports, by, ("_x", "_m"))
    sold, bought = both["value_usd_x"], both["value_usd_m"]
    relative = ratio(sold - bought, sold + bought)
    return both[list(by)].assign(
        export_usd=sold,
        import_usd=bought,
        balance_usd=sold - bought,
        relative_balance=relative,
        grubel_lloyd=1 - relative.abs(),
    )


def grubel_lloyd(exports: pd.Series, imports: pd.Series) -> float:
    """Two-way trade over all lines: 1 - sum |X - M| / sum (X + M); NA without trade [14]."""
    sold, bought = exports.align(imports, fill_value=0.0)
    turnover = (sold + bought).sum()
    return float(1 - (sold - bought).abs().sum() / turnover) if turnover else np.nan


# ---------------------------------------------------------------- price indexes


def price_index(
    now: pd.DataFrame, before: pd.DataFrame, product: str, within: float = COMPARABLE_WITHIN
) -> PriceIndex:
    """Price indexes between two periods, unit values of `product` taken as prices [5].

    p = value / mass and q = mass by product, over the products that are `comparable`.
    Laspeyres = sum p1 q0 / sum p0 q0; Paasche = sum p1 q1 / sum p0 q1; Fisher = sqrt(L P);
    Tornqvist = exp sum (s0 + s1) / 2 ln(p1 / p0). The finer the product, the less a unit value
    hides a change of quality.

    Raises:
        NotEnoughData: no product is weighed in both periods.

    Sources: IMF, Export and Import Price Index Manual (2009), ch. 2 and 16.
    """
    both = paired(now, before, [product], ("", "_before"))
    return _price_index(*_prices(both, "_before"), *_prices(both, ""), within)


def price_index_series(
    totals: pd.DataFrame,
    product: str,
    time: str,
    method: str = "fisher",
    within: float = COMPARABLE_WITHIN,
) -> pd.DataFrame:
    """Price index over many periods, the first period = 1: direct, chained and GEKS [5].

    Direct compares each period with the first and loses goods that came later; chained multiplies
    neighbours and drifts when quantities bounce; GEKS = product over k of (F_0k F_kt)^(1 / T) uses
    every pair and does not drift, but moves when a period is added.

    Args:
        totals: totals by `product` and `time`; the order of periods is the sorted order of `time`.
        product: the column that names a product.
        time: the column that names a period.
        method: `fisher` or `tornqvist`.
        within: as in `comparable`, for each pair of periods.

    Returns:
        `[time, direct, chained, geks, unit_value, n_products]`; `unit_value` is the mean value per
        kilogram of everything weighed, against the first period, and `n_products` counts products
        matched with the period before. NA where two periods share no weighed product; rows
        without a code count only in `unit_value`.

    Sources: Ivancic, Diewert and Fox (2011), Journal of Econometrics 161(1).
    """
    sums = summed(totals.dropna(subset=[product]), [product, time])
    per_kg = unit_values(summed(totals, [time])).set_index(time)["unit_value_usd_per_kg"]
    prices, quantities = _panel(sums, product, time, per_kg.index)
    pairs = _pairwise(prices, quantities, method, within)
    matched = ~np.isnan(prices)
    steps = [1.0, *np.diag(pairs, 1)]
    return pd.DataFrame(
        {
            time: per_kg.index,
            "direct": pairs[0],
            "chained": np.cumprod(steps),
            "geks": np.exp((np.log(pairs[0])[:, None] + np.log(pairs)).mean(axis=0)),
            "unit_value": (per_kg / per_kg.iloc[0]).to_numpy(),
            "n_products": (matched & np.vstack([matched[:1], matched[:-1]])).sum(axis=1),
        }
    )


def price_indexes(totals: pd.DataFrame, product: str, time: str) -> pd.DataFrame:
    """The unit-value index beside the price indexes that it is taken for, first period = 1 [5].

    Args:
        totals: as for `price_index_series`.
        product: the column that names a product.
        time: the column that names a period.

    Returns:
        `[time, unit_value_index, fisher, tornqvist, chained_fisher, geks_fisher]`, the second and
        third on the first period directly.

    Raises:
        NotEnoughData: there are fewer than two periods.
    """
    if totals[time].nunique() < 2:
        raise NotEnoughData("a price index needs two periods; add the files of earlier years")
    fisher, tornqvist = (
        price_index_series(totals, product, time, method) for method in ("fisher", "tornqvist")
    )
    names = {"unit_value": "unit_value_index", "direct": "fisher", "tornqvist": "tornqvist",
             "chained": "chained_fisher", "geks": "geks_fisher"}  # fmt: skip
    both = fisher.assign(tornqvist=tornqvist["direct"]).rename(columns=names)
    return both[[time, *names.values()]]


def _panel(
    sums: pd.DataFrame, product: str, time: str, periods: pd.Index
) -> tuple[np.ndarray, np.ndarray]:
    """Prices and quantities, periods down and products across, NA where not weighed."""
    weighed = sums[_is_weighed(sums, "")]
    value, mass = (
        weighed.pivot(index=time, columns=product, values=column).reindex(periods)
        for column in ("value_usd_weighed", "net_mass_kg")
    )
    return (value / mass).to_numpy("float64"), mass.to_numpy("float64")


def _pairwise(prices: np.ndarray, quantities: np.ndarray, method: str, within: float) -> np.ndarray:
    """Index of period t (column) on period k (row); both methods satisfy time reversal."""
    pairs = np.eye(len(prices))
    for k, t in zip(*np.triu_indices(len(prices), 1), strict=True):
        try:
            index = _price_index(prices[k], quantities[k], prices[t], quantities[t], within)
            pairs[k, t] = getattr(index, method)
        except NotEnoughData:
            pairs[k, t] = np.nan
        pairs[t, k] = 1 / pairs[k, t]
    return pairs


def comparable(
    both: pd.DataFrame, suffixes: tuple[str, str], within: float = COMPARABLE_WITHIN
) -> pd.Series:
    """Which rows of a `paired` table hold the same good on both sides.

    Weighed and worth something on both, at values per weight no further apart than the factor
    `within`: beyond it a code covers different goods, or one of the weights is wrong.
    """
    left, right = (_prices(both, suffix)[0] for suffix in suffixes)
    return pd.Series(_is_within(left, right, within), index=both.index)


def _is_within(left: np.ndarray, right: np.ndarray, factor: float) -> np.ndarray:
    return (left <= factor * right) & (right <= factor * left)  # False where one is NA


def _is_weighed(table: pd.DataFrame, suffix: str) -> pd.Series:
    return (table["net_mass_kg" + suffix] > 0) & (table["value_usd_weighed" + suffix] > 0)


def _prices(both: pd.DataFrame, suffix: str) -> tuple[np.ndarray, np.ndarray]:
    mass = both["net_mass_kg" + suffix].where(_is_weighed(both, suffix))
    return (both["value_usd_weighed" + suffix] / mass).to_numpy(), mass.to_numpy()


def _price_index(
    p0: np.ndarray, q0: np.ndarray, p1: np.ndarray, q1: np.ndarray, within: float
) -> PriceIndex:
    matched = _is_within(p0, p1, within)
    if not matched.any():
        raise NotEnoughData(
            f"a price index needs a product weighed in both periods, at values within a factor of "
            f"{within:g}; of {len(p0)} products none is. Compare nearer periods or a coarser level"
        )
    p0, q0, p1, q1 = (side[matched] for side in (p0, q0, p1, q1))
    laspeyres = (p1 @ q0) / (p0 @ q0)
    paasche = (p1 @ q1) / (p0 @ q1)
    mean_shares = (p0 * q0 / (p0 @ q0) + p1 * q1 / (p1 @ q1)) / 2
    return PriceIndex(
        laspeyres=float(laspeyres),
        paasche=float(paasche),
        fisher=float(np.sqrt(laspeyres * paasche)),
        tornqvist=float(np.exp(mean_shares @ np.log(p1 / p0))),
        unit_value=float((p1 @ q1) / q1.sum() / ((p0 @ q0) / q0.sum())),
        n_products=int(matched.sum()),
    )


def weight_to_value(totals: pd.DataFrame, product: str, time: str) -> pd.DataFrame:
    """From weight to value, one row a period, the first period = 1 [1, 5].

    Returns:
        `[time, value_usd, net_mass_kg, unit_value_usd_per_tonne, coverage_share, value_index,
        mass_index, unit_value_index, price_index, composition_index]`: the unit value index is
        the GEKS-Fisher price index times composition, so what is not price is mix.

    Raises:
        NotEnoughData: there are no rows.
    """
    if totals.empty:
        raise NotEnoughData("a turn from weight to value needs rows of at least one period")
    table = unit_values(summed(totals, [time]))
    prices = price_index_series(totals, product, time).set_index(time)
    geks = table[time].map(prices["geks"])
    unit_value = table["unit_value_usd_per_tonne"] / table["unit_value_usd_per_tonne"].iloc[0]
    return table.drop(
        columns=["n_declarations", "value_usd_weighed", "unit_value_usd_per_kg"]
    ).assign(
        value_index=table["value_usd"] / table["value_usd"].iloc[0],
        mass_index=table["net_mass_kg"] / table["net_mass_kg"].iloc[0],
        unit_value_index=unit_value,
        price_index=geks,
        composition_index=unit_value / geks,
    )


# ---------------------------------------------------------------- value change: price and quantity


def value_change(
    now: pd.DataFrame,
    before: pd.DataFrame,
    product: str,
    method: str = "bennet",
    within: float = COMPARABLE_WITHIN,
) -> pd.DataFrame:
    """The change of value by product, split into price, quantity, entry and exit [4]. Exact.

    Products `comparable` in both periods: Bennet price (q0 + q1)/2 (p1 - p0), quantity
    (p0 + p1)/2 (q1 - q0); Montgomery L ln(p1/p0) and L ln(q1/q0), with L the logarithmic mean of
    v0 and v1. Products of one period only are entry or exit, whole: a price of 0 for them would
    send half of their value into the price effect. The change of value without a mass, and of
    products that are not comparable or have no code, is `not_comparable`.

    Returns:
        `[product, change_usd, price_usd, quantity_usd, entry_usd, exit_usd, not_comparable_usd]`,
        the largest change first; in each row the last five add up to `change_usd`.

    Sources: Bennet (1920); Montgomery (1929); Diewert (2005), Review of Income and Wealth 51(4).
    """
    both = paired(now, before, [product], ("", "_before"))
    v0, v1 = both["value_usd_before"].fillna(0.0), both["value_usd"].fillna(0.0)
    continuing = (comparable(both, ("_before", ""), within) & both[product].notna()).to_numpy()
    price, quantity = _SPLITS[method](*_prices(both, "_before"), *_prices(both, ""))
    lines = both[[product]].assign(
        change_usd=v1 - v0,
        price_usd=np.where(continuing, price, 0.0),
        quantity_usd=np.where(continuing, quantity, 0.0),
        entry_usd=v1.where(both["n_declarations_before"] == 0, 0.0),
        exit_usd=(0.0 - v0).where(both["n_declarations"] == 0, 0.0),
    )
    explained = lines[["price_usd", "quantity_usd", "entry_usd", "exit_usd"]].sum(axis=1)
    lines["not_comparable_usd"] = lines["change_usd"] - explained
    order = lines["change_usd"].abs().sort_values(ascending=False, kind="stable").index
    return lines.loc[order].reset_index(drop=True)


def _bennet(
    p0: np.ndarray, q0: np.ndarray, p1: np.ndarray, q1: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    return (q0 + q1) / 2 * (p1 - p0), (p0 + p1) / 2 * (q1 - q0)


def _montgomery(
    p0: np.ndarray, q0: np.ndarray, p1: np.ndarray, q1: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    weight = logarithmic_mean(p0 * q0, p1 * q1)
    return weight * np.log(p1 / p0), weight * np.log(q1 / q0)


_SPLITS = {"bennet": _bennet, "montgomery": _montgomery}


def logarithmic_mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(b - a) / ln(b / a), and a where b = a; it lies between the two."""
    log_ratio = np.log(b / a)
    flat = np.abs(log_ratio) < 1e-6
    # Near a = b the quotient loses its digits; the series a (1 + x/2 + x^2/6) does not.
    series = a * (1 + log_ratio / 2 + log_ratio**2 / 6)
    return np.where(flat, series, (b - a) / np.where(flat, 1.0, log_ratio))

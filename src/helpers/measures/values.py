"""Sums, values per weight, shares and growth, of one place or of a province beside the nation.

Works on totals tables, as `store.totals` returns them: key columns beside `value_usd`,
`net_mass_kg`, `value_usd_weighed` and `n_declarations`. A key that a totals table does not list
had no declarations, so its trade is 0; an amount that it lists as NA is unknown and stays NA.
Every ratio is a ratio of sums, because the mean of row ratios lets a parcel of one gram outweigh
a shipload. Dollars are nominal, as declared.

`nation` always includes the province; `rest` is the nation without it. A large province pulls the
nation's mean towards itself, so wherever the two differ in meaning the rest is shown as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.periods import Period
from helpers.schema import CheckFailed

AMOUNTS = ["value_usd", "net_mass_kg", "value_usd_weighed", "n_declarations"]


KG_PER_TONNE = 1000.0
MONTHS = ["year_sh", "month_first_sh", "month_last_sh"]
YEAR_COLUMNS = ["n_months", "value_usd", "value_usd_per_month", "growth_share"]
"""What `by_year` says of a key in a year."""


@dataclass(frozen=True)
class ShareRange:
    """A share, and the least and the most it could be if every judgement fell the other way."""

    share: float | None
    share_low: float | None
    share_high: float | None
    judgement_share: float | None


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
    total, mine = (
        both[[f"{amount}_{of}" for amount in AMOUNTS]].to_numpy("float64")
        for of in ("nation", "province")
    )
    left = total - np.nan_to_num(mine)
    # Floating sums of the same rows in another order differ in the last digits.
    left[np.abs(left) <= 1e-9 * np.abs(total)] = 0.0
    rest = both[keys].assign(**dict(zip(AMOUNTS, left.T, strict=True)))
    none_left = rest["n_declarations"] == 0
    excess = rest[(rest["n_declarations"] < 0) | none_left & (rest[AMOUNTS] < 0).any(axis=1)]
    if len(excess):
        raise CheckFailed(
            f"the province exceeds the nation in {len(excess)} of {len(rest)} rows; both tables "
            f"must be of one flow and period. First: {excess.head(5).to_dict('records')}"
        )
    return rest[[*by, *AMOUNTS]]


def ratio(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    """Numerator over denominator; NA where the denominator is 0 or NA."""
    above, below = numerator.align(denominator)
    amounts, parts = (side.astype("float64").to_numpy() for side in (above, below))
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.Series(amounts / np.where(parts == 0, np.nan, parts), above.index)


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


def part_share(totals: pd.DataFrame, key: str, part: str) -> float | None:
    """The share of the rows whose `key` is `part`; None without value, or where no row has a key.

    Goods without a code have no sector, so of them nothing is known, rather than 0.
    """
    return share_range(totals.assign(certainty="sure"), key, part).share


def share_range(totals: pd.DataFrame, key: str, part: str) -> ShareRange:
    """A share of value and how far the reviewed table's judgements could move it [6].

    The least share counts only rows of the part that are `sure`; the most counts these, the
    part's judgements, and every judgement or unassigned row elsewhere.

    Args:
        totals: totals with the columns `key` and `certainty` (`sure` or `judgement`).
        key: for example `sector`.
        part: the value of `key` whose share is asked.

    Returns:
        The shares, all None where there is no value at all, or `key` is missing in all rows.
    """
    value, whole = totals["value_usd"].fillna(0.0), totals["value_usd"].sum()
    if not whole > 0 or totals[key].isna().all():
        return ShareRange(None, None, None, None)
    mine = (totals[key] == part).fillna(False).to_numpy(dtype=bool)
    sure = (totals["certainty"] == "sure").fillna(False).to_numpy(dtype=bool)
    open_rows = ~sure | totals[key].isna().to_numpy()
    return ShareRange(
        share=float(value[mine].sum() / whole),
        share_low=float(value[mine & ~open_rows].sum() / whole),
        share_high=float(value[mine | open_rows].sum() / whole),
        judgement_share=float(value[open_rows].sum() / whole),
    )


def growth_by(now: pd.DataFrame, before: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Growth of value on the same months a year before, and who contributed it [6, 18].

    Contribution c_i = (v_i1 - v_i0) / V_0: over the rows it adds up to the growth of the total.

    Returns:
        `[*by, value_usd, value_usd_before, share, share_before, change_usd, growth_share,
        contribution_share]`, largest contribution first. `growth_share` is NA where there was
        nothing before.
    """
    both = paired(now, before, by, ("", "_before"))
    change = both["value_usd"] - both["value_usd_before"]
    base = both["value_usd_before"].sum()
    table = both[[*by, "value_usd", "value_usd_before"]].assign(
        share=shares(both["value_usd"]),
        share_before=shares(both["value_usd_before"]),
        change_usd=change,
        growth_share=ratio(change, both["value_usd_before"]),
        contribution_share=change / base if base else np.nan,
    )
    return most_first(table, "contribution_share")


def per_month(totals: pd.DataFrame, n_months: int) -> pd.DataFrame:
    """The totals of an average month; the number of declarations stays.

    Two periods of different length compare by their months' averages: `growth_by`, and
    `markets.won_and_lost` with a floor a month, take these tables as they take others. An average
    over part of a year still has that part's season in it.
    """
    return totals.assign(**{amount: totals[amount] / n_months for amount in AMOUNTS[:-1]})


def by_year(
    totals: pd.DataFrame, by: Sequence[str], within: Sequence[str] | None = None
) -> pd.DataFrame:
    """The value of every year's declared months, their average, and its growth [18].

    Years may differ in the months that are declared (the public table seems to hold ten of 1404),
    so growth is that of the month's average: of the same months it is that of the value.

    Args:
        totals: totals by `MONTHS`, `by` and other keys, of the whole nation: its rows tell which
            months of a year are declared.
        by: keys whose path over the years is wanted, such as `province`.
        within: the keys of `by` that must have a row in a year for the absence of the others there
            to be 0: with `["province"]`, a market to which a declaring province sold nothing. By
            default all of `by`, so that what has no row is not known.

    Returns:
        A row for each key and year: `[*by, year_sh, n_months, value_usd, value_usd_per_month,
        growth_share]`. Growth is NA without a value in the year before.
    """
    keys = list(by)
    years = [(year, len(months_spanned(rows))) for year, rows in totals.groupby("year_sh")]
    sums = summed(totals, [*keys, "year_sh"])[[*keys, "year_sh", "value_usd"]]
    grid = (
        sums[keys]
        .drop_duplicates()
        .merge(pd.DataFrame(years, columns=["year_sh", "n_months"]), how="cross")
    )
    table = grid.merge(
        sums, on=[*keys, "year_sh"], how="left", validate="1:1", indicator="is_listed"
    )
    known_of = [*(keys if within is None else within), "year_sh"]
    is_declared = pd.MultiIndex.from_frame(table[known_of]).isin(
        pd.MultiIndex.from_frame(totals[known_of])
    )
    is_absent = (table.pop("is_listed") == "left_only") & is_declared
    table["value_usd"] = table["value_usd"].mask(is_absent, 0.0)
    table["value_usd_per_month"] = table["value_usd"] / table["n_months"]
    before = table.groupby(keys, dropna=False)["value_usd_per_month"].shift()
    before = before.where(table["year_sh"].diff() == 1)  # A year may lack between two.
    table["growth_share"] = ratio(table["value_usd_per_month"], before) - 1
    return table[[*keys, "year_sh", *YEAR_COLUMNS]]


def months_spanned(rows: pd.DataFrame) -> frozenset[int]:
    """The months of a year that the spans of some rows cover."""
    spans = rows[MONTHS[1:]].drop_duplicates().astype(int).to_numpy()
    return frozenset(month for first, last in spans for month in range(first, last + 1))


def same_months(totals: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The rows of a period's months in its year and in each year before that has all of them.

    Args:
        totals: totals by `year_sh, month_first_sh, month_last_sh` and other keys.
        period: the months, and the last year.
    """
    year, first, last = (totals[column].astype(int) for column in MONTHS)
    inside = totals[
        (year <= period.year) & (first >= period.month_first) & (last <= period.month_last)
    ]
    wanted = set(range(period.month_first, period.month_last + 1))
    full = [year for year, rows in inside.groupby("year_sh") if wanted <= months_spanned(rows)]
    return inside[inside["year_sh"].isin(full)]


def against_nation(
    province: pd.DataFrame, nation: pd.DataFrame, by: Sequence[str], least_rows: float = 0
) -> pd.DataFrame:
    """Province, nation and rest of nation side by side, one row a key of the nation [1, 2, 6, 7].

    Args:
        province: totals of the province.
        nation: totals of the nation, the province among them.
        by: keys.
        least_rows: a side with fewer declarations of a key gets no unit value there, because it
            would be that of single consignments; pages ask for five.

    Returns:
        `[*by, value_usd_province, value_usd_nation, national_share, share_in_province,
        share_in_nation, rca_vs_nation]`, then `unit_value_usd_per_tonne_*`, `coverage_share_*` and
        `n_declarations_*` of `province`, `nation` and `rest`, and `relative_unit_value_vs_rest`
        (1 = same). Largest value of the province first. Unit values and ratios are
        NA where nothing was weighed.
    """
    keys, unit = list(by), "unit_value_usd_per_tonne"
    province, nation = summed(province, keys), summed(nation, keys)
    sides = {"province": province, "nation": nation, "rest": rest_of_nation(nation, province, keys)}
    whole = nation.set_index(keys).index
    parts = []
    for name, side in sides.items():
        own = side.set_index(keys).reindex(whole, fill_value=0)
        own = unit_values(own)[["value_usd", unit, "coverage_share", "n_declarations"]]
        own[unit] = own[unit].where(own["n_declarations"] >= least_rows)
        parts.append(own.add_suffix(f"_{name}"))
    table = pd.concat(parts, axis=1).reset_index().drop(columns="value_usd_rest")
    mine, whole = table["value_usd_province"], table["value_usd_nation"]
    table = table.assign(
        national_share=ratio(mine, whole),
        share_in_province=shares(mine),
        share_in_nation=shares(whole),
        rca_vs_nation=ratio(shares(mine), shares(whole)),
        relative_unit_value_vs_rest=ratio(table[f"{unit}_province"], table[f"{unit}_rest"]),
    )
    return most_first(table, "value_usd_province")


def with_nation(totals: pd.DataFrame) -> pd.DataFrame:
    """Totals by `province`, and below them all of them again as those of the `nation`."""
    return pd.concat([totals, totals.assign(province="nation")])


def overview(now: pd.DataFrame, before: pd.DataFrame, province: str) -> pd.DataFrame:
    """Province, rest of nation and nation: value, weight, value per tonne, share and growth.

    Args:
        now: totals with the column `province`; without any row nothing was declared, which is not
            known rather than 0.
        before: the same for the same months a year before; it may be empty.
        province: slug.

    Returns:
        Three rows `[scope, value_usd, net_mass_kg, value_usd_weighed, n_declarations,
        unit_value_*, coverage_share, national_share]`, then `value_usd_before` with
        `growth_share`, `net_mass_kg_before` with `net_mass_growth_share`, and
        `unit_value_usd_per_tonne_before` with `unit_value_growth_share`; these are NA where a year
        before is not known.
    """
    table, earlier = (_scopes(rows, province) for rows in (now, before))
    table["national_share"] = table["value_usd"] / table["value_usd"].iloc[-1]
    growths = {
        "value_usd": "growth_share",
        "net_mass_kg": "net_mass_growth_share",
        "unit_value_usd_per_tonne": "unit_value_growth_share",
    }
    for measure, rate in growths.items():
        table[f"{measure}_before"] = earlier[measure]
        table[rate] = ratio(table[measure], earlier[measure]) - 1
    return table


def _scopes(totals: pd.DataFrame, province: str) -> pd.DataFrame:
    is_own, amounts = totals["province"] == province, totals[AMOUNTS]
    sides = {province: amounts[is_own], "rest_of_nation": amounts[~is_own], "nation": amounts}
    rows = pd.concat([summed(side).assign(scope=scope) for scope, side in sides.items()])
    # Where nobody in the nation declared anything, amounts are not known, rather than 0.
    rows[AMOUNTS] = rows[AMOUNTS] if len(totals) else np.nan
    return unit_values(rows.reset_index(drop=True))


def value_per_tonne_by_quarter(totals: pd.DataFrame, province: str, until: Period) -> pd.DataFrame:
    """Value per tonne of province and rest of nation, by full quarters up to the end of a period.

    By quarter and not by month, because a small province ships too little in a month for its mean
    to say anything. A quarter is full where somebody in the nation declared each of its months.

    Args:
        totals: totals by `province` and `MONTHS`; rows that reach over a quarter's end are left
            out.
        province: slug.
        until: nothing after its last month is used, nor the quarter that this month does not end.

    Returns:
        `[year_sh, quarter_sh, scope, unit_value_usd_per_tonne]`, in order of time; `scope` is the
        slug or `rest_of_nation`.
    """
    first, last = ((totals[month].astype(int) - 1) // 3 for month in MONTHS[1:])
    quarter = totals["year_sh"].astype(int) * 4 + last  # counted through the years
    is_inside = (first == last) & ((quarter + 1) * 3 <= until.year * 12 + until.month_last)
    scope = np.where(totals["province"] == province, province, "rest_of_nation")
    inside = totals[[*MONTHS[1:], *AMOUNTS]].assign(quarter=quarter, scope=scope)[is_inside]
    full = [each for each, rows in inside.groupby("quarter") if len(months_spanned(rows)) == 3]
    table = unit_values(summed(inside[inside["quarter"].isin(full)], ["quarter", "scope"]))
    table = table.assign(year_sh=table["quarter"] // 4, quarter_sh=table["quarter"] % 4 + 1)
    return table[["year_sh", "quarter_sh", "scope", "unit_value_usd_per_tonne"]]


def largest_first(lines: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows by the size of a column, whatever its sign; ties stay in order."""
    return lines.sort_values(column, key=abs, ascending=False, ignore_index=True, kind="stable")


def most_first(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows by a column, the most first; ties stay in order."""
    return table.sort_values(column, ascending=False, ignore_index=True, kind="stable")

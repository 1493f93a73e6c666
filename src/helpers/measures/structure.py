"""What trade is made of: concentration, specialisation, likeness, and shift-share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
import pandas as pd

from helpers.measures.values import most_first, paired, ratio, shares, summed
from helpers.schema import PROVINCES, CheckFailed, NotEnoughData


@dataclass(frozen=True)
class Concentration:
    """How much trade rests on how few parts; all but the equivalent number are fractions of 1."""

    hhi: float
    equivalent_number: float
    top1_share: float
    top5_share: float


def concentration(values: pd.Series) -> Concentration:
    """Herfindahl-Hirschman index of positive values by part, and its relatives [10].

    HHI = sum of squared shares, in (0, 1]; equivalent number 1/HHI, the number of equal parts with
    that HHI.

    Args:
        values: value (USD) by market, product or whatever is shared out; zeros, NA and values below
            0, of which more came back than was sent, are no parts.

    Raises:
        NotEnoughData: no value is above 0.

    Sources: Hirschman (1945), National Power and the Structure of Foreign Trade; Herfindahl (1950).
    """
    parts = values[values > 0].to_numpy(dtype="float64")
    if not len(parts):
        raise NotEnoughData(
            f"a concentration needs values, at least one above 0; none of {len(values)} is. "
            "Choose a wider period or area"
        )
    part_shares = np.sort(parts / parts.sum())[::-1]
    hhi, first = float(part_shares @ part_shares), float(part_shares[0])
    return Concentration(hhi, 1 / hhi, first, float(part_shares[:5].sum()))


def concentration_by(table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """`concentration` of each group of rows, such as each year of `markets.market_path` [10].

    Returns:
        `[*by]` and the fields of `Concentration`, groups without a value above 0 left out.
    """
    groups = table[table["value_usd"] > 0].groupby(list(by))["value_usd"]
    rows = [(*key, *astuple(concentration(values))) for key, values in groups]
    return pd.DataFrame(rows, columns=[*by, *Concentration.__dataclass_fields__])


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


def specialisation(province: pd.DataFrame, nation: pd.DataFrame, by: str) -> pd.DataFrame:
    """What the province is specialised in, against the nation [7].

    Ranked by excess value v_ir - s_in V_r, what the province exports beyond its share of all
    exports: the largest RCA belongs to whatever the nation exports least.

    Returns:
        `[by, value_usd, excess_usd, share_in_province, share_in_nation, rca_vs_nation]`, the
        largest excess first; rows without a code left out.
    """
    here, there = (
        summed(side, [by]).dropna(subset=[by]).set_index(by)["value_usd"]
        for side in (province, nation)
    )
    index, here = rca(here, there), here.reindex(there.index, fill_value=0.0)
    table = here.to_frame().assign(
        excess_usd=here - shares(there) * here.sum(),
        share_in_province=shares(here),
        share_in_nation=shares(there),
        rca_vs_nation=index,
    )
    return most_first(table.reset_index(), "excess_usd")


def overlap(left: pd.DataFrame, right: pd.Series) -> pd.Series:
    """Finger-Kreinin similarity of structures, sum min(s, s'): 0 nothing alike, 1 the same [13].

    Args:
        left: shares by code, one column a place.
        right: shares of the other place, on the same index.

    Sources: Finger and Kreinin (1979), Economic Journal 89.
    """
    least = np.nansum(np.minimum(left.T.to_numpy(), right.to_numpy()), axis=1)
    return pd.Series(least, left.columns)


def baskets(totals: pd.DataFrame, by: str) -> pd.DataFrame:
    """What each province sells (USD), a row a province, a column a code of `by`; 0 for none.

    Rows without a code are left out, and so is that of which more came back than was sent.
    """
    sums = summed(totals.dropna(subset=[by]), ["province", by])
    sold = sums[sums["value_usd"] > 0]
    return sold.pivot(index="province", columns=by, values="value_usd").fillna(0.0)


def export_structure(totals: pd.DataFrame, province: str) -> pd.DataFrame:
    """The make-up of a province's exports beside that of the other provinces [7, 10, 13].

    On how many equal products they would rest as much (1/HHI), in how many the province has an RCA
    above 1, and how like the nation's they are (`overlap`): of every province with exports.

    Args:
        totals: totals by `province` and `hs4_code`.
        province: slug.

    Returns:
        `[measure, province_value, provinces_median, n_provinces]` of `equivalent_number`,
        `n_advantages` and `finger_kreinin`; NA where it cannot be computed.
    """
    sold = baskets(totals, "hs4_code")
    nation, placed = shares(sold.sum()), sold[sold.index.isin(PROVINCES)].T
    part = placed / placed.sum()
    table = pd.DataFrame(
        {
            "equivalent_number": 1 / (part**2).sum(),
            "n_advantages": part.gt(nation, axis=0).sum(),
            "finger_kreinin": overlap(part, nation),
        },
        dtype="float64",
    )
    sides = {"province_value": table.reindex([province]).iloc[0],
             "provinces_median": table.median(), "n_provinces": table.count()}  # fmt: skip
    return pd.DataFrame(sides).rename_axis("measure").reset_index()


def shift_share(
    now: pd.DataFrame,
    before: pd.DataFrame,
    reference_now: pd.DataFrame,
    reference_before: pd.DataFrame,
    by: Sequence[str],
) -> pd.DataFrame:
    """What the province's growth owes to the nation, to its structure and to itself [8].

    Dunn: national v_i0 G; mix v_i0 (g_in - G); competitive v_i0 (g_ir - g_in). A line that the
    province did not have before has no growth rate: its value is `new_usd`. Where the reference
    had none, g_in is taken as G. For a large province pass the rest of the nation as reference.

    Returns:
        `[*by, value_usd_before, value_usd, change_usd, national_usd, mix_usd, competitive_usd,
        new_usd]`; the last four add up to `change_usd`.

    Raises:
        NotEnoughData: the reference had no trade before.

    Sources: Dunn (1960), Papers of the Regional Science Association 6.
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
    return table[[*keys, "value_usd_before", "value_usd"]].assign(
        change_usd=table["value_usd"] - base,
        national_usd=base * nation_growth,
        mix_usd=base * (line_growth - nation_growth),
        competitive_usd=base * own_lead,
        new_usd=table["value_usd"].where(base == 0, 0.0),
    )

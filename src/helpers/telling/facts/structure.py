"""Facts on what the exports are made of: sectors, specialisation, shift-share, weight to value."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.measures import values
from helpers.measures.indexes import weight_to_value
from helpers.measures.structure import shift_share
from helpers.measures.values import ShareRange
from helpers.schema import NotEnoughData
from helpers.telling.facts.common import of_like_length, told_as_new
from helpers.telling.numbers import direction, is_missing, threshold
from helpers.telling.page import Fact, Page

NONE = "none"
"""The part of goods that belong to no sector."""


# Sectors


def sector_rows(
    own: pd.DataFrame, goods: pd.DataFrame, own_before: pd.DataFrame, page: Page
) -> pd.DataFrame:
    """Every sector, then the named groups of goods inside them, beside the nation and last year.

    Args:
        own: totals of the province by `sector` and `group`.
        goods: totals of the nation by these keys.
        own_before: as `own`, of the page's base.
        page: whose exports.

    Returns:
        `values.against_nation` (values per tonne of few rows left out) with `part`, `list`
        (`sectors` or `named_goods`), `growth_share` and `contribution_share`.
    """
    lists = []
    for key, name in (("sector", "sectors"), ("group", "named_goods")):
        mine, nation, before = (
            values.summed(side, [key]).assign(
                part=lambda s, key=key: s[key].astype("object").fillna(NONE)
            )
            for side in (own, goods, own_before)
        )
        moved = values.growth_by(*of_like_length(mine, before, page.base), ["part"])
        moved = moved[["part", "growth_share", "contribution_share"]]
        table = values.against_nation(mine, nation, ["part"], threshold("least_rows"))
        lists.append(table.merge(moved, on="part", how="left", validate="1:1").assign(list=name))
    rows = pd.concat(lists, ignore_index=True)
    sold, is_group = rows["value_usd_province"], rows["list"] == "named_goods"
    is_told = np.where(is_group, (rows["part"] != NONE) & (sold > 0), sold != 0)
    return told_as_new(rows[is_told], own_before, page)


def sectors_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """What part of the exports each sector makes up, beside the nation.

    Args:
        rows: `sector_rows`.
        page: whose exports.

    Returns:
        Case `up`, `down` or `steady` by the share of industry against the nation's; `missing`
        where no goods are known.
    """
    listed = rows[rows["list"] == "sectors"].set_index("part")
    known = listed.drop(NONE, errors="ignore")
    if known.empty:
        return Fact("structure.sectors", "missing")
    own, nation = (listed[f"share_in_{s}"].get("industry", 0.0) for s in ("province", "nation"))
    largest, movers = known["share_in_province"].idxmax(), known["contribution_share"].dropna()
    mover = movers.abs().idxmax() if len(movers) else "missing"
    moved = page.number("contribution_share", movers.get(mover), "point")
    sides = {"own": {"industry_share": own}, "nation": {"industry_share": nation}}
    beside = page.fact("structure.beside", "same" if largest == "industry" else "other", **sides)
    return page.fact(
        "structure.sectors", direction(own - nation, "steady_share"), **sides,
        beside=beside,
        largest={"part": largest, "share": known["share_in_province"].max()},
        mover=page.fact("structure.mover", "moved" if len(movers) else "missing",
                        mover={"part": mover}, moved=moved),
    )  # fmt: skip


def industry_fact(
    share: float | None,
    share_before: float | None,
    judged: ShareRange,
    stated: pd.DataFrame,
    page: Page,
) -> Fact:
    """The share of industry, how far it depends on definitions, and what was stated of it.

    Args:
        share: `values.part_share` of industry.
        share_before: the same a year before.
        judged: `values.share_range` of it.
        stated: the rows of `industry_stated` of the province; may be empty.
        page: whose exports.

    Returns:
        Case `inside`, `above` or `below` by where the stated share lies to the range, `alone`
        where none was stated, `missing` where no goods are known.
    """
    if is_missing(judged.share) or is_missing(share):
        return Fact("structure.industry", "missing")
    moved = None if share_before is None else share - share_before
    points = {"points": page.number("industry_share_change", moved, "point")}
    case, last = "alone", {}
    if len(stated):
        last, low, high = stated.iloc[-1], judged.share_low, judged.share_high
        value = last["stated_industry_share"]
        case = "above" if value > high else "below" if value < low else "inside"
    return page.fact(
        "structure.industry", case, stated=last, industry_share=share,
        industry_share_low=judged.share_low, industry_share_high=judged.share_high,
        judgement_share=judged.judgement_share,
        moved=Fact("structure.points", direction(moved, "steady_share"), points),
    )  # fmt: skip


def industry_stated(shares: pd.DataFrame) -> pd.DataFrame:
    """The undoubted rows of `published.sector_shares` for industry, with `province`."""
    rows = shares[(shares["category"] == "industry") & ~shares["is_doubtful"]]
    rows = rows.sort_values(["year_sh", "month_last_sh"], kind="stable")
    return rows.assign(province=rows["scope"], stated_industry_share=rows["share"])


def stated_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """The published share of industry, where the declarations know no goods.

    Args:
        rows: `industry_stated`.
        page: of published figures.

    Returns:
        Case `own` or `missing`.
    """
    own = rows[rows["scope"] == page.province]
    if own.empty:
        return Fact("structure.stated", "missing")
    others = rows.loc[rows["scope"] != page.province, "scope"].nunique()
    return page.fact("structure.stated", "own", last=own.iloc[-1], n_provinces=others)


# Specialisation and structure


def special_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """In which headings the province exports more than its share of all national exports.

    Args:
        rows: `structure.specialisation` by `hs4_code`, the largest excess first.
        page: whose exports.

    Returns:
        Case `some`, or `missing` without a heading beyond its share.
    """
    ahead = rows[(rows["excess_usd"] > 0) & rows["rca_vs_nation"].notna()]
    if ahead.empty:
        return Fact("structure.special", "missing")
    first = ahead.iloc[0]
    return page.fact(
        "structure.special", "some", n_advantages=len(ahead),
        n_headings=(rows["value_usd"] > 0).sum(), first=first,
        goods=ahead.head(int(threshold("goods_named"))), share=first["share_in_province"],
        nation={"share": first["share_in_nation"]},
    )  # fmt: skip


def basket_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """On how many goods the exports rest, in how many the province has an advantage, how alike.

    Args:
        rows: `structure.export_structure`.
        page: whose exports.

    Returns:
        Case `up` (spread wider than the median province), `down` or `steady`; `missing`.
    """
    measures = rows.set_index("measure")
    own, median = measures["province_value"], measures["provinces_median"]
    if is_missing(own["equivalent_number"]):
        return Fact("structure.basket", "missing")
    apart = own["equivalent_number"] / median["equivalent_number"] - 1
    return page.fact(
        "structure.basket", direction(apart, "alike_number"), own=own,
        median={**median, "scope": "provinces_median"}, n_provinces=measures["n_provinces"].max(),
    )  # fmt: skip


# Growth: nation, structure, province


def shift_rows(
    own: pd.DataFrame,
    own_before: pd.DataFrame,
    goods: pd.DataFrame,
    goods_before: pd.DataFrame,
    page: Page,
) -> pd.DataFrame:
    """`structure.shift_share` by sector against the other provinces, of periods of like length.

    Args:
        own: totals of the province by `sector`.
        own_before: the same of the page's base.
        goods: totals of the nation.
        goods_before: the same of the page's base.
        page: whose exports.

    Returns:
        Its rows with `part`, and `own_usd`: competitive effect and new lines together; none
        where goods or a year before are not known.
    """
    sides = of_like_length(own, own_before, page.base)
    nations = of_like_length(goods, goods_before, page.base)
    if own_before.empty or not all(side["sector"].notna().any() for side in sides if len(side)):
        return pd.DataFrame()
    rest = (values.rest_of_nation(*pair, ["sector"]) for pair in zip(nations, sides, strict=True))
    try:
        rows = shift_share(*sides, *rest, ["sector"])
    except NotEnoughData:
        return pd.DataFrame()
    # What the province did not have before has no growth rate: it is its own doing.
    own_usd = rows["competitive_usd"] + rows["new_usd"]
    return rows.assign(part=rows["sector"].fillna(NONE), own_usd=own_usd)


def shift_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """What the growth owes to the nation, to the structure and to the province itself.

    Args:
        rows: `shift_rows`.
        page: whose exports.

    Returns:
        Case `up`, `down` or `steady` by the competitive effect; `missing` without rows.
    """
    sums = rows.select_dtypes("number").sum() if len(rows) else {}
    if not len(rows) or not sums["value_usd_before"] > 0:
        return Fact("structure.shift", "missing")
    effects = {"national": "national_usd", "mix": "mix_usd", "competitive": "own_usd"}
    amounts = {name: page.number(f"{name}_usd", sums[of]) for name, of in effects.items()}
    return page.fact(
        "structure.shift",
        direction(sums["own_usd"] / sums["value_usd_before"], "steady_growth"),
        before=page.number("value_usd", sums["value_usd_before"], period=""), sums=sums,
        competitive=amounts["competitive"],
        parts=[Fact("structure.effect", k, {"amount": v}) for k, v in amounts.items()],
    )  # fmt: skip


def turn_rows(own: pd.DataFrame, nation: pd.DataFrame, page: Page) -> pd.DataFrame:
    """How value, weight, value per tonne and unit values moved over the years, same months.

    Args:
        own: `values.same_months` of the province, by `hs6_code` and `year_sh`.
        nation: the same of the nation.
        page: whose exports.

    Returns:
        Province and nation: `[province, first, last, value, mass, unit_value, price]`, growth
        from the first year to the last as fractions (value of goods with a weight); no rows
        where there are not two years with weights.
    """
    rows = []
    for scope, side in ((page.province, own), ("nation", nation)):
        weighed = side[side["net_mass_kg"] > 0]
        if weighed["year_sh"].nunique() < 2 or weighed["hs6_code"].isna().all():
            return pd.DataFrame()
        table = weight_to_value(side, "hs6_code", "year_sh")
        last, years = table.iloc[-1], table["year_sh"].astype(int).astype(str)
        moved = {name: last[f"{name}_index"] - 1 for name in ("mass", "unit_value", "price")}
        # Over the weight it is the value per tonne, so it leaves out what has no weight.
        moved["value"] = last["mass_index"] * last["unit_value_index"] - 1
        rows.append({"province": scope, "first": years.iloc[0], "last": years.iloc[-1], **moved})
    return pd.DataFrame(rows)


def turn_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """Whether exports turned from weight to value over the years.

    Args:
        rows: `turn_rows`.
        page: whose exports.

    Returns:
        Case `up`, `down` or `steady` by the value per tonne; `missing` without two years.
    """
    if rows.empty or is_missing(rows["unit_value"].iloc[0]):
        return Fact("structure.turn", "missing")
    own, nation = rows.iloc[0], rows.iloc[1]
    parts = {"first": {"period": own["first"]}, "last": {"period": own["last"]}}
    sides = {name: (own, name, page.province) for name in ("value", "mass", "unit_value", "price")}
    for part, (row, name, scope) in {**sides, "nation": (nation, "unit_value", "nation")}.items():
        amount = {"change": page.number(f"{name}_change_share", row[name], scope=scope)}
        parts[part] = Fact("common.growth", direction(row[name], "steady_growth"), amount)
    return page.fact("structure.turn", direction(own["unit_value"], "steady_growth"), **parts)

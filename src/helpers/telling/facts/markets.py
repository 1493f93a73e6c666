"""Facts on target markets: where exports go, how much rests on few, what changed, where next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.measures.demand import unserved
from helpers.measures.markets import (
    NO_MARKETS,
    SHARE_EFFECTS,
    market_path,
    market_share_split,
    won_and_lost,
)
from helpers.measures.structure import concentration, concentration_by
from helpers.measures.values import most_first
from helpers.schema import FREE_ZONES_ISO3, UNKNOWN_ISO3, NotEnoughData
from helpers.telling.facts.common import movers
from helpers.telling.numbers import both_or_one, direction, how_many, threshold
from helpers.telling.page import Fact, Page, growth_fact

UNIT_VALUE = "unit_value_usd_per_tonne"
ALL_GOODS = "all"
"""The heading of all goods together, where the declarations know none."""


def named(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of countries: free zones and unknown destinations are no markets."""
    return rows[~rows["partner_iso3"].isin(NO_MARKETS)]


def mix_fact(markets: pd.DataFrame, page: Page) -> Fact:
    """Where the exports went: the largest markets of the province, and of the nation.

    Args:
        markets: `values.against_nation` by `partner_iso3`.
        page: whose exports.

    Returns:
        Case `several` or `one` by how many named markets are served; `missing` without exports.
    """
    known = named(markets)
    served = known[known["value_usd_province"] > 0]
    if served.empty:
        return Fact("markets.mix", "missing")
    n = int(threshold("markets_named"))
    first, nation = (known.nlargest(n, f"value_usd_{of}") for of in ("province", "nation"))
    first = first[first["value_usd_province"] > 0]
    same = page.number("share", first["share_in_nation"].sum(), scope="nation")
    return page.fact(
        "markets.mix", "one" if len(served) == 1 else "several", served=len(served),
        first=first.iloc[0], first_market_share=first["share_in_province"].iloc[0],
        markets=first, n_parts=len(first), top_markets_share=first["share_in_province"].sum(),
        same=same, nation_markets=nation, nation={"share": nation["share_in_nation"].sum()},
    )  # fmt: skip


def unnamed_fact(markets: pd.DataFrame, page: Page) -> Fact:
    """How much went to free zones and unknown destinations; `none`, `some`, `missing`."""
    shares = markets.set_index("partner_iso3")[["share_in_province", "share_in_nation"]]
    shares = shares.astype("float64")
    if shares["share_in_province"].isna().all():
        return Fact("markets.unnamed", "missing")
    codes = (FREE_ZONES_ISO3, UNKNOWN_ISO3)
    own, nation = (
        {f"{code}_share": shares[column].get(code, 0.0) for code in codes} for column in shares
    )
    case = "some" if sum(own.values()) > 0 else "none"
    return page.fact("markets.unnamed", case, own=own, nation=nation)


def concentration_fact(markets: pd.DataFrame, page: Page) -> Fact:
    """Whether exports rest on few markets, against the nation; `values.against_nation` by market.

    The index is of named markets; the shares of the first are of all exports, as in every table.
    """
    known = named(markets)
    try:
        own, nation = (concentration(known[f"value_usd_{of}"]) for of in ("province", "nation"))
    except NotEnoughData:
        return Fact("markets.concentration", "missing")
    shares = known["share_in_province"].astype("float64")
    apart = own.equivalent_number / nation.equivalent_number - 1
    high, moderate = threshold("concentrated_hhi"), threshold("moderate_hhi")
    band = "high" if own.hhi > high else "moderate" if own.hhi >= moderate else "low"
    return page.fact(
        "markets.concentration", direction(apart, "alike_number"),
        own=vars(own), nation=vars(nation), top1_share=shares.max(),
        top5_share=shares.nlargest(5).sum(), band=Fact("markets.concentration_band", band),
    )  # fmt: skip


def largest_paths(path: pd.DataFrame, n: int = 6) -> pd.DataFrame:
    """The path of the first markets over the years, as a chart of small panels takes it."""
    rows = named(path)
    return with_period(rows[rows["partner_iso3"].isin(rows["partner_iso3"].unique()[:n])])


def with_period(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of years with the code of their `period`; fewer months than a year are its first."""
    part = rows["year_sh"].astype(str) + "M01-" + rows["n_months"].astype(str).str.zfill(2)
    return rows.assign(period=rows["year_sh"].astype(str).where(rows["n_months"] == 12, part))


def spread_path(path: pd.DataFrame, nation: pd.DataFrame) -> pd.DataFrame:
    """The effective number of markets of the province and the nation, year by year.

    Args:
        path: `markets.market_path` of the province.
        nation: the nation's totals by `partner_iso3` and `values.MONTHS`.
    """
    whole = market_path(nation[nation["year_sh"].isin(path["year_sh"])].assign(province="nation"))
    both = named(pd.concat([path.assign(province="province"), whole]))
    spread = concentration_by(both, ["province", "year_sh", "n_months"])
    spread = spread.rename(columns={"province": "scope"})
    return with_period(spread.sort_values(["scope", "year_sh"], ignore_index=True))


def paths_fact(path: pd.DataFrame, page: Page) -> Fact:
    """Which market fell most from its best year, and which rose most on the year before the last.

    Args:
        path: `markets.market_path` of the province; all by month's average, since years differ in
            the months that are declared.
        page: whose exports.

    Returns:
        Case `both`, `down`, `up` or `steady` (none by a hundredth of all exports); `missing`
        without two years.
    """
    table = named(path).pivot(index="partner_iso3", columns="year_sh", values="value_usd_per_month")
    table = table.dropna(axis=1, how="all").fillna(0.0)
    if table.shape[1] < 2:
        return Fact("markets.paths", "missing")
    last, before = table.columns[-1], table.columns[-2]
    fall = (table[last] - table.max(axis=1)).sort_values(kind="stable")
    rise = (table[before] - table[last]).sort_values(kind="stable")
    least = threshold("least_share") * table[last].sum()
    parts: dict[str, Any] = {}
    best = table.loc[fall.index[0]].idxmax()
    for side, moved, year in (("down", fall, best), ("up", rise, before)):
        if moved.iloc[0] < -least:
            market = moved.index[0]
            for name, y in ((side, year), (f"{side}_now", last)):
                about = {"partner_iso3": market, "of": market, "period": str(y)}
                parts[name] = {**about, "value_usd_per_month": table.loc[market, y]}
    case = both_or_one([side for side in ("down", "up") if side in parts], "steady")
    return page.fact("markets.paths", case, **parts)


def moves_fact(changes: pd.DataFrame, page: Page) -> Fact:
    """The destinations whose value rose and fell most; `values.growth_by` by `partner_iso3`.

    Where the two periods differ in length the table holds averages of months. A market that alone
    moved more than all of them is told apart, with how the others moved.
    """
    moved = movers("markets.moves", changes, named(changes), ["partner_iso3"], page)
    sums = changes[["value_usd", "value_usd_before"]].sum()
    total, others = growth_fact(page, "value_usd", *sums), Fact("markets.others", "none")
    if not moved.is_missing and total.case in ("up", "down"):
        market = moved[f"{total.case}.partner_iso3"].codes[0]
        rest = changes.loc[changes["partner_iso3"] != market, list(sums.index)].sum()
        growth = growth_fact(page, "others_value_usd", *rest)
        if growth.case != total.case:
            row = moved[total.case]
            others = page.fact("markets.others", "some", market=row, growth=growth)
    return page.fact("markets.moves", moved.case, **moved.parts, growth=total, others=others)


def largest_moves(changes: pd.DataFrame, n: int = 8) -> pd.DataFrame:
    """The destinations whose value changed most, rises first."""
    rows = named(changes).dropna(subset="change_usd")
    first = rows.loc[rows["change_usd"].abs().nlargest(n).index]
    return first[first["change_usd"] != 0].sort_values("change_usd", ascending=False)


def won_and_lost_rows(
    now: pd.DataFrame, before: pd.DataFrame, path: pd.DataFrame, floor_usd: float, page: Page
) -> pd.DataFrame:
    """`markets.won_and_lost`, with what was sold in the year before the earlier period.

    Args:
        now: totals of the page's period by `partner_iso3`, as they compare.
        before: the same of the page's base.
        path: `markets.market_path` of the province.
        floor_usd: of a market in the period; a twelfth of it where months are compared.
        page: whose markets.
    """
    n_months, least = (1, 12) if page.is_by_month else (page.period.n_months, 1)
    year = page.base.period.year - 1 if page.base and page.base.period else 0
    earlier = path[path["year_sh"] == year]
    earlier = earlier.assign(value_usd=earlier["value_usd_per_month"] * n_months)
    return named(won_and_lost(now, before, floor_usd=floor_usd / least, earlier=earlier))


def won_and_lost_fact(lines: pd.DataFrame, floor_usd: float, page: Page) -> Fact:
    """How many markets were kept, won, lost and came back; `won_and_lost_rows` by their floor."""
    if lines.empty or not (lines[["value_usd", "value_usd_before"]].sum() > 0).all():
        return Fact("markets.won_lost", "missing")
    parts = {}
    for status in ("kept", "won", "lost", "returned"):
        rows = lines[lines["status"] == status]
        amount = rows["value_usd_before" if status == "lost" else "value_usd"]
        parts |= {f"n_{status}": len(rows), f"{status}_value_usd": amount.sum()}
        if len(rows):
            parts[status] = rows.loc[amount.idxmax()]
    case = both_or_one([status for status in ("won", "lost") if status in parts], "none")
    n_back = parts["n_returned"]
    back = page.fact("markets.regained", "some" if n_back else "none", n_returned=n_back)
    # Where months are compared, the floor is of a year, as a reader thinks of it.
    floor = page.fact(
        "markets.floor", "year" if page.is_by_month else "period", floor_usd=floor_usd
    )
    return page.fact("markets.won_lost", case, **parts, regained=back, floor=floor)


def sales_share_fact(path: pd.DataFrame, page: Page) -> tuple[Fact, pd.DataFrame]:
    """In which of its markets the province has most of Iran's sales, in the last year of the path.

    Returns:
        The fact (`several`, `one`, `missing`), and the markets of at least a hundredth of the
        province's sales, the largest share of Iran's first.
    """
    last = path[path["year_sh"] == path["year_sh"].max()]
    rows = named(last)[lambda t: (t["value_usd"] > 0) & (t["share"] >= threshold("least_share"))]
    rows = rows.sort_values("national_share", ascending=False, kind="stable")
    if rows.empty:
        return Fact("markets.sales_share", "missing"), rows
    first = {**rows.iloc[0], "of": rows["partner_iso3"].iloc[0]}
    overall = last["value_usd"].sum() / (last["value_usd"] / last["national_share"]).sum()
    return page.fact(
        "markets.sales_share", "several" if len(rows) > 1 else "one", first=first,
        next=rows.iloc[1:3], national_share_of_markets=overall,
    ), rows  # fmt: skip


def unit_values_fact(markets: pd.DataFrame, page: Page) -> tuple[Fact, pd.DataFrame]:
    """In how many markets the province's unit value lies above the other provinces'.

    Markets whose unit value rests on fewer than `least_rows` records of the province are left out.

    Returns:
        The fact (`all`, `some`, `none`, `missing`), and the markets compared.
    """
    both = named(markets[markets["relative_unit_value_vs_rest"] > 0])
    enough = both[both["n_declarations_province"] >= threshold("least_rows")]
    if enough.empty:
        return Fact("markets.unit_values", "missing"), enough
    above = enough[enough["relative_unit_value_vs_rest"] > 1]
    first = enough.iloc[0]
    own, rest = (
        {"of": first["partner_iso3"], UNIT_VALUE: first[f"{UNIT_VALUE}_{side}"]}
        for side in ("province", "rest")
    )
    return page.fact(
        "markets.unit_values", how_many(len(above), len(enough)), compared=len(enough),
        above=len(above), left_out=len(both) - len(enough), share=above["share_in_province"].sum(),
        first=first, n_rows=first["n_declarations_province"], own=own, rest=rest,
    ), enough  # fmt: skip


def share_split(
    own: pd.DataFrame, own_before: pd.DataFrame, nation: pd.DataFrame, nation_before: pd.DataFrame
) -> pd.DataFrame | None:
    """`markets.market_share_split` by market, and by chapter where goods are known; or nothing."""
    sides = [own, own_before, nation, nation_before]
    has_goods = all(side["hs4_code"].notna().any() for side in sides)
    if has_goods:
        sides = [side.assign(hs2_code=side["hs4_code"].str[:2]) for side in sides]
    try:
        return market_share_split(*sides, product="hs2_code" if has_goods else None)
    except NotEnoughData:
        return None


def share_change_fact(split: pd.DataFrame | None, page: Page) -> tuple[Fact, pd.DataFrame]:
    """Why the share of the nation's exports moved: the own effect, products and markets.

    Args:
        split: `markets.market_share_split`; None is too little data.
        page: whose share.

    Returns:
        The fact (`up`, `down`, `steady`; `still` where no effect is of any size; `missing`), and
        the rows of its waterfall.
    """
    if split is None or not (split[["share_before", "share"]].sum() > 0).all():
        return Fact("markets.share_change", "missing"), pd.DataFrame()
    sums = split[["share_before", "share", "change", *SHARE_EFFECTS]].sum()
    effects = [name for name in SHARE_EFFECTS if split[name].abs().sum() > 0]
    largest = max(effects, key=lambda name: abs(sums[name]), default="own_effect")
    before = str(page.base.period) if page.base and page.base.period else ""
    # Slight beside the largest of them, so that what is told adds up.
    clauses = [
        Fact(f"markets.{name}", direction(sums[name] / abs(sums[largest]), "alike_ratio"),
             {"effect": page.number(f"{name}_share_effect", sums[name])})
        for name in effects
    ]  # fmt: skip
    is_still = sums[effects].abs().max() < threshold("steady_points")
    bars = pd.DataFrame({"part": ["before", *effects, "now"]})
    bars["share"] = [sums["share_before"], *sums[effects], sums["share"]]
    bars["is_total"] = bars["part"].isin(["before", "now"])
    return page.fact(
        "markets.share_change", "still" if is_still else direction(sums["change"], "steady_points"),
        before=page.number("national_share", sums["share_before"], period=before),
        national_share=sums["share"], national_share_growth=sums["change"], effects=clauses,
        largest=Fact("markets.effect_name", largest),
    ), bars  # fmt: skip


def offered(own: pd.DataFrame, nation: pd.DataFrame, floor_usd: float = 0.0) -> pd.DataFrame:
    """`demand.unserved` by four digits; where none are known, of all goods at once."""
    sides = (own, nation)
    if own["hs4_code"].isna().all():
        sides = (side.assign(hs4_code=ALL_GOODS) for side in sides)
    return unserved(*sides, floor_usd)


def potential_fact(pairs: pd.DataFrame, page: Page, *, enter: bool) -> tuple[Fact, pd.DataFrame]:
    """Potential target markets: those to `enter` (no sales yet), or to deepen (other goods sold).

    Args:
        pairs: `offered`.
        page: whose goods.
        enter: whether markets without any sale of the province are meant.

    Returns:
        The fact (`some`; `whole` without goods, where there is no index of potential and nothing is
        known of other goods; `none` where there is no such market; `missing`), and its markets.
    """
    question, has_goods = "markets.enter" if enter else "markets.deepen", by_goods(pairs)
    if pairs.empty or not (enter or has_goods):
        return Fact(question, "missing"), pairs.head(0)
    rows = pairs[pairs["is_new_market"] == enter].groupby("partner_iso3", as_index=False)
    rows = rows[["rest_value_usd", "expected_usd"]].sum()
    if rows.empty:
        return Fact(question, "none"), rows
    rows = most_first(rows, "expected_usd")
    rows["expected_usd"] *= 1 if has_goods else np.nan
    first = rows.iloc[0]
    rest = {"of": first["partner_iso3"], "value_usd": first["rest_value_usd"]}
    return page.fact(
        question, "some" if has_goods else "whole", potential_markets=len(rows), first=first,
        next=rows.head(3), rest=rest,
    ), rows  # fmt: skip


def offers_fact(pairs: pd.DataFrame, page: Page) -> tuple[Fact, pd.DataFrame]:
    """Which goods for which market (`offered`).

    Returns:
        The fact (`some`, `missing`), and a row for each cell of the matrix of the six first
        markets by the five first goods.
    """
    if pairs.empty or not by_goods(pairs):
        return Fact("markets.offers", "missing"), pairs.head(0)
    first = pairs.iloc[0]
    rest = {"offer_value_usd": first["rest_value_usd"]}
    fact = page.fact("markets.offers", "some", first=first, rest=rest)
    return fact, first_cells(pairs, "expected_usd", "hs4_code")


def by_goods(pairs: pd.DataFrame) -> bool:
    """Whether what is `offered` is told good by good."""
    return not (pairs["hs4_code"] == ALL_GOODS).any()


def first_cells(rows: pd.DataFrame, value: str, good: str) -> pd.DataFrame:
    """Of pairs of a good and a market, those of the five first goods in the six first markets."""
    for key, n in (("partner_iso3", 6), (good, 5)):
        rows = rows[rows[key].isin(rows.groupby(key)[value].sum().nlargest(n).index)]
    return rows

"""Facts on the demand side: what markets buy and from whom, what is open there, what lasts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from helpers import classification, store, world
from helpers.measures import relatedness
from helpers.measures.demand import (
    PAIR,
    by_market,
    ease_of_trade,
    export_potential,
    growth_per_year,
    largest_suppliers,
    mirror,
)
from helpers.measures.markets import NO_MARKETS
from helpers.measures.values import MONTHS, most_first, ratio, summed, unit_values
from helpers.periods import Period
from helpers.schema import PROVINCES, Number
from helpers.telling.facts.markets import named
from helpers.telling.numbers import direction, is_missing, threshold, words_of
from helpers.telling.page import Fact, Name, Page, text


@dataclass(frozen=True)
class Demand:
    """What world trade says of the markets of a province, worked out once for all its sections.

    Attributes:
        page: with the producer of the files as its source.
        trade: which files; None where there are none.
        years: the first and the last year that are compared, of the Common Era.
        markets: a row a market, `[partner_iso3, value_usd, demand_usd, growth_share, iran_share,
            reported_by, last_report]`: what the province sells there, and what the market buys, of
            the province's goods where they are known, else of all goods.
        pairs: `demand.export_potential` with `growth_share`, `iran_share` and `reported_by`; no
            rows where goods are not known, or cannot be joined.
        suppliers: `demand.largest_suppliers` of the targets, or else of the first markets, Iran
            left out.
        covered_share: the part of the province's exports whose goods the files have.
        lost_usd: value that no code could carry over to the edition of the files.
        own_codes: code in that edition -> our own code with most of the province's value.
        worth: value per tonne of the province and (`_nation`) of Iran, by `hs6_code`.
    """

    page: Page
    trade: world.WorldTrade | None = None
    years: tuple[int, int] = (0, 0)
    markets: pd.DataFrame = field(default_factory=pd.DataFrame)
    pairs: pd.DataFrame = field(default_factory=pd.DataFrame)
    suppliers: pd.DataFrame = field(default_factory=pd.DataFrame)
    covered_share: float = np.nan
    lost_usd: float = 0.0
    own_codes: dict[str, str] = field(default_factory=dict)
    worth: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def targets(self) -> pd.DataFrame:
        """The pairs of a good and a market with the largest gaps."""
        n = int(threshold("targets_named"))
        return self.pairs[self.pairs["gap_usd"] > 0].head(n) if len(self.pairs) else self.pairs

    @property
    def year(self) -> Name:
        """The year that demand is of."""
        return Name("year_ce", [str(self.years[1])])

    def number(self, name: str, value: float | None, unit: str = "USD", **other: str) -> Number:
        """A number of world trade, which is of no Iranian period."""
        return self.page.number(name, value, unit, **{"period": "", **other})

    def good(self, code: str) -> Name:
        """A good of the files' edition, by our own code."""
        return Name("hs6_code", [self.own_codes.get(code, code)])


def demand_of(page: Page) -> Demand:
    """What the markets of a province buy, and what of it the province could sell.

    Without world trade there is nothing in it; where goods are not known, or are in an edition to
    which no concordance leads, it is of markets alone.
    """
    trade = world.world_trade() if store.has_declarations() else None
    if trade is None:
        return Demand(page)
    source = f"{words_of('demand')['sources'][trade.layout][page.lang]}؛ {page.source}"
    source = source if page.lang == "fa" else source.replace("؛", ";")
    last = trade.years[-1]
    first = min(year for year in trade.years if year >= last - threshold("growth_years"))
    demand = Demand(replace(page, source=source, is_presumed=False), trade, (first, last))
    keys = ["province", "hs6_code", "partner_iso3"]
    months = page.base.months if page.base else None
    totals = store.totals(keys, period=page.period, months=months)
    sold = totals[totals["province"] == page.province]
    reports = world.markets(trade)
    if sold.empty:
        return demand
    if world.joins(trade.edition) and sold["hs6_code"].notna().any():
        return _by_goods(demand, totals, sold, reports)
    demand = replace(demand, markets=_market_rows(demand, sold, reports, reports))
    largest = demand.markets.head(words_of("demand")["size"]["table"]["n"])
    return replace(demand, suppliers=_suppliers(demand, largest, ["partner_iso3"]))


def _by_goods(
    demand: Demand, totals: pd.DataFrame, sold: pd.DataFrame, reports: pd.DataFrame
) -> Demand:
    nation, _ = world.in_edition(totals, demand.trade.edition)
    own, lost = world.in_edition(sold, demand.trade.edition)
    own = own[own["value_usd"] > 0]
    bought = world.demand(demand.trade, nation["hs6_code"])
    now = bought[bought["year"] == demand.years[1]]
    bought = bought[bought["hs6_code"].isin(own["hs6_code"])]
    moved = growth_per_year(bought, PAIR, demand.years)[[*PAIR, "growth_share"]]
    pairs = export_potential(own, now, ease_of_trade(nation, now))
    # Where customs record more than the market says it buys, the benchmark would exceed all of it.
    pairs["potential_usd"] = pairs[["potential_usd", "demand_usd"]].min(axis=1)
    pairs["gap_usd"] = pairs["potential_usd"] - pairs["actual_usd"]
    pairs = most_first(pairs, "gap_usd")
    for table in (moved, now[[*PAIR, "iran_value_usd", "reported_by"]]):
        pairs = pairs.merge(table, on=PAIR, how="left", validate="1:1")
    pairs["iran_share"] = ratio(pairs["iran_value_usd"], pairs["demand_usd"])
    by_code = own.groupby(["hs6_code", "own_hs6_code"])["value_usd"].sum().sort_values()
    sides = (unit_values(summed(side, ["hs6_code"])) for side in (own, nation))
    demand = replace(
        demand,
        pairs=pairs,
        lost_usd=lost,
        covered_share=own.loc[own["hs6_code"].isin(now["hs6_code"]), "value_usd"].sum()
        / sold["value_usd"].sum(),
        own_codes=dict(by_code.index),
        worth=pd.merge(*sides, on="hs6_code", suffixes=("", "_nation"), validate="1:1"),
        markets=_market_rows(demand, sold, bought, reports),
    )
    return replace(demand, suppliers=_suppliers(demand, demand.targets, PAIR))


def _market_rows(
    demand: Demand, sold: pd.DataFrame, bought: pd.DataFrame, reports: pd.DataFrame
) -> pd.DataFrame:
    key = ["partner_iso3"]
    rows = growth_per_year(bought, key, demand.years).rename(columns={"value_usd": "demand_usd"})
    rows = rows.drop(columns="value_usd_before")
    now = bought[bought["year"] == demand.years[1]].groupby("partner_iso3")
    rows["iran_share"] = ratio(
        rows["partner_iso3"].map(now["iran_value_usd"].sum()), rows["demand_usd"]
    )
    told = reports[reports["year"] == demand.years[1]].set_index("partner_iso3")["reported_by"]
    own_words = reports[reports["reported_by"] != "exporter"]
    last = own_words.groupby("partner_iso3")["year"].max()
    rows = summed(named(sold), key)[["partner_iso3", "value_usd"]].merge(
        rows, on="partner_iso3", how="outer", validate="1:1"
    )
    rows["reported_by"] = rows["partner_iso3"].map(told)
    rows["last_report"] = rows["partner_iso3"].map(last)
    rows = named(rows.fillna({"value_usd": 0.0}))
    return rows.sort_values(["value_usd", "demand_usd"], ascending=False, ignore_index=True)


def _suppliers(demand: Demand, lines: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The three largest competitors of Iran in each; shares are of all suppliers."""
    if lines.empty:
        return pd.DataFrame()
    flows = world.suppliers(demand.trade, lines[keys])
    first = largest_suppliers(flows, keys, demand.years, n=4)
    return first[first["supplier_iso3"] != world.IRAN].groupby(keys).head(3)


# Size, growth and suppliers of the markets


def size_fact(demand: Demand) -> Fact:
    """How large the province's markets are, whether they grow, and what Iran has of them.

    Returns:
        Case `goods` (of the province's own goods) or `all` (of all goods); `missing` without world
        trade, or without a market whose purchases are known.
    """
    known = demand.markets.dropna(subset="demand_usd") if len(demand.markets) else demand.markets
    served = known[known["value_usd"] > 0] if len(known) else known
    if served.empty:
        return Fact("demand.size", "missing")
    first = served.iloc[0]
    name = first["partner_iso3"]
    grown = served[served["demand_usd"] >= threshold("least_share") * served["demand_usd"].sum()]
    fastest = grown.sort_values("growth_share", ascending=False, kind="stable").iloc[0]
    parts = {
        "n": demand.number("n_markets", len(served), "n"),
        "year": demand.year,
        "total": demand.number("demand_usd", served["demand_usd"].sum()),
        "market": Name("partner_iso3", [name]),
        "demand": demand.number(f"{name}_demand_usd", first["demand_usd"]),
        "iran": demand.number(f"{name}_iran_share", first["iran_share"], "1", scope="nation"),
        "fastest": _growth(demand, fastest, "fastest"),
    }
    return Fact("demand.size", "goods" if len(demand.pairs) else "all", parts)


def _growth(demand: Demand, row: pd.Series, question: str) -> Fact:
    """How what a market buys moved a year, as a clause; `missing` without two years."""
    rate = row["growth_share"]
    parts = {
        "market": Name("partner_iso3", [row["partner_iso3"]]),
        "growth": demand.number(f"{row['partner_iso3']}_demand_growth_share", rate, "1"),
        "since": Name("year_ce", [str(demand.years[0])]),
    }
    return Fact(f"demand.{question}", direction(rate, threshold("steady_growth")), parts)


def size_rows(demand: Demand) -> pd.DataFrame:
    """The markets of the province with who supplies them, and whether they report, in words."""
    rows = demand.markets[demand.markets["value_usd"] > 0].copy()
    rows["basis"] = [_basis(demand, row) for _, row in rows.iterrows()]
    if "hs6_code" not in demand.suppliers and len(demand.suppliers):
        table = demand.suppliers.groupby("partner_iso3")
        rows["suppliers"] = rows["partner_iso3"].map(
            {market: _names(demand, group) for market, group in table}
        )
    else:
        rows["suppliers"] = None
    return rows


def _names(demand: Demand, suppliers: pd.DataFrame) -> str:
    name = Name("partner_iso3", list(suppliers["supplier_iso3"]))
    return text(Fact("demand.names", "some", {"names": name}), "sentence", demand.page)


def _basis(demand: Demand, row: pd.Series) -> str:
    """Who says what a market buys: itself, both sides, or others since it is silent."""
    case = row["reported_by"] if isinstance(row["reported_by"], str) else "missing"
    last = row["last_report"]
    if case == "exporter":
        case = "never" if is_missing(last) else "since"
    year = "" if is_missing(last) else str(int(last))
    parts = {"year": Name("year_ce", [year] if year else [])}
    return text(Fact("demand.basis", case, parts), "sentence", demand.page)


def silent_fact(demand: Demand) -> Fact:
    """The province's markets that do not report: `some`, or `missing` where all do."""
    rows = demand.markets[demand.markets["value_usd"] > 0] if len(demand.markets) else None
    silent = rows[~rows["reported_by"].isin(["importer", "both"])] if rows is not None else []
    if not len(silent):
        return Fact("demand.silent", "missing")
    is_absent, n = silent["last_report"].isna(), int(threshold("markets_named"))
    lines = [_silence(row) for _, row in silent[~is_absent].head(n).iterrows()]
    if is_absent.any():
        absent = Name("partner_iso3", list(silent.loc[is_absent, "partner_iso3"].head(n)))
        count = demand.number("n_markets", int(is_absent.sum()), "n")
        lines.append(Fact("demand.silence", "absent", {"market": absent, "n": count}))
    part = silent["value_usd"].sum() / rows["value_usd"].sum()
    share = demand.page.number("silent_markets_share", part)
    return Fact("demand.silent", "some", {"markets": lines, "share": share})


def _silence(row: pd.Series) -> Fact:
    market = Name("partner_iso3", [row["partner_iso3"]])
    year = Name("year_ce", [str(int(row["last_report"]))])
    return Fact("demand.silence", "since", {"market": market, "year": year})


def coverage_fact(demand: Demand) -> Fact:
    """What the tables compare: `goods`, `carried` (through a concordance), `all`, or `missing`."""
    if demand.trade is None or demand.markets.empty:
        return Fact("demand.coverage", "missing")
    parts = {
        "year": demand.year,
        "covered": demand.page.number("covered_share", demand.covered_share),
        "lost": Fact(
            "demand.lost",
            "some" if demand.lost_usd > 0 else "none",
            {"lost": demand.page.number("lost_usd", demand.lost_usd, "USD")},
        ),
    }
    is_own = demand.trade.edition == world.OWN_EDITION
    case = ("goods" if is_own else "carried") if len(demand.pairs) else "all"
    return Fact("demand.coverage", case, parts)


# What is open there


def potential_rows(demand: Demand) -> pd.DataFrame:
    """`demand.by_market`; no rows where goods cannot be joined."""
    return by_market(demand.pairs) if len(demand.pairs) else pd.DataFrame()


def unrealised_fact(rows: pd.DataFrame, demand: Demand) -> Fact:
    """What of the export potential is not realised, and where most of it lies.

    Args:
        rows: `potential_rows`.
        demand: of the province.

    Returns:
        Case `some`, `none` (no gap above 0), or `missing`.
    """
    if rows.empty:
        return Fact("demand.gap", "missing")
    open_usd = rows["unrealised_usd"]
    first = rows.iloc[0]
    sold = rows["is_sold"]
    parts = {
        "potential": demand.page.number("potential_usd", rows["potential_usd"].sum(), "USD"),
        "actual": demand.page.number("actual_usd", rows["actual_usd"].sum(), "USD"),
        "open": demand.page.number("unrealised_usd", open_usd.sum(), "USD"),
        "n": demand.page.number("n_markets", int((open_usd > 0).sum()), "n"),
        "market": Name("partner_iso3", [first["partner_iso3"]]),
        "share": demand.page.number("unrealised_share", first["unrealised_usd"] / open_usd.sum()),
        "deepen": demand.page.number("deepen_usd", open_usd[sold].sum(), "USD"),
        "enter": demand.page.number("enter_usd", open_usd[~sold].sum(), "USD"),
        "year": demand.year,
    }
    return Fact("demand.gap", "some" if open_usd.sum() > 0 else "none", parts)


def opening_fact(demand: Demand, floor_usd: float, *, is_sold: bool) -> tuple[Fact, pd.DataFrame]:
    """Pairs of a good and a market with a gap: to deepen (sold there already), or to enter.

    Args:
        demand: of the province.
        floor_usd: gaps below it are left out.
        is_sold: whether pairs that the province serves are meant.

    Returns:
        The fact (`some`, `none`, `missing`), and its pairs, the largest gap first.
    """
    question = "demand.deepen" if is_sold else "demand.enter"
    if demand.pairs.empty:
        return Fact(question, "missing"), demand.pairs
    is_open = (demand.pairs["is_sold"] == is_sold) & (demand.pairs["gap_usd"] > floor_usd)
    rows = demand.pairs[is_open].reset_index(drop=True)
    if rows.empty:
        return Fact(question, "none"), rows
    first = rows.iloc[0]
    parts = {
        "n": demand.page.number("n_openings", len(rows), "n"),
        "floor": demand.page.number("floor_usd", floor_usd, "USD"),
        "good": demand.good(first["hs6_code"]),
        "market": Name("partner_iso3", [first["partner_iso3"]]),
        "gap": demand.page.number("gap_usd", first["gap_usd"], "USD"),
        "potential": demand.page.number("potential_usd", first["potential_usd"], "USD"),
        "actual": demand.page.number("actual_usd", first["actual_usd"], "USD"),
        "total": demand.page.number("gap_usd", rows["gap_usd"].sum(), "USD"),
    }
    return Fact(question, "some", parts), _in_own_codes(rows, demand)


def _in_own_codes(rows: pd.DataFrame, demand: Demand) -> pd.DataFrame:
    codes = rows["hs6_code"].map(demand.own_codes).fillna(rows["hs6_code"])
    return rows.assign(hs6_code=codes, code=codes)


def matrix_rows(demand: Demand) -> pd.DataFrame:
    """The gaps of the five first goods in the six first markets, as a matrix takes them."""
    if demand.pairs.empty:
        return demand.pairs
    rows = demand.pairs[demand.pairs["gap_usd"] > 0]
    for key, n in (("partner_iso3", 6), ("hs6_code", 5)):
        first = rows.groupby(key)["gap_usd"].sum().nlargest(n).index
        rows = rows[rows[key].isin(first)]
    return _in_own_codes(rows, demand)


def target_facts(demand: Demand) -> list[Fact]:
    """The targets: good, market, demand, growth, suppliers, conditions, rank and what to ask."""
    lines = enumerate(demand.targets.to_dict("records"), start=1)
    return [_target(demand, pd.Series(row), rank) for rank, row in lines]


def _target(demand: Demand, row: pd.Series, rank: int) -> Fact:
    market, code = row["partner_iso3"], row["hs6_code"]
    name = f"{market}_{code}"
    suppliers = _of_pair(demand.suppliers, row)
    own = demand.worth.set_index("hs6_code").loc[code]
    theirs = suppliers.dropna(subset="unit_value_usd_per_tonne").head(1)
    per_tonne = own["unit_value_usd_per_tonne"]
    is_known = len(theirs) > 0 and not is_missing(per_tonne)
    is_dearer = is_known and per_tonne > theirs["unit_value_usd_per_tonne"].iloc[0]
    parts = {
        "rank": demand.number("target_rank", rank, "n"),
        "good": demand.good(code),
        "market": Name("partner_iso3", [market]),
        "year": demand.year,
        "demand": demand.number(f"{name}_demand_usd", row["demand_usd"]),
        "growth": _growth(demand, row, "pace"),
        "suppliers": [_supplier(demand, each, name) for _, each in suppliers.iterrows()],
        "iran": Fact(
            "demand.iran",
            "some" if row["iran_share"] > 0 else "none",
            {"share": demand.number(f"{name}_iran_share", row["iran_share"], "1", scope="nation")},
        ),
        "worth": Fact(
            "demand.worth",
            "missing" if not is_known else "above" if is_dearer else "below",
            {
                "own": demand.page.number(f"{code}_unit_value_usd_per_tonne", per_tonne, "USD/t"),
                "theirs": demand.number(
                    f"{name}_unit_value_usd_per_tonne",
                    theirs["unit_value_usd_per_tonne"].iloc[0] if is_known else None, "USD/t",
                    scope=theirs["supplier_iso3"].iloc[0] if is_known else "",
                ),
                "supplier": Name("partner_iso3", list(theirs["supplier_iso3"])),
            },
        ),
        "silence": Fact("demand.told_by", row["reported_by"]),
        "potential": demand.page.number(f"{name}_potential_usd", row["potential_usd"], "USD"),
        "actual": demand.page.number(f"{name}_actual_usd", row["actual_usd"], "USD"),
    }  # fmt: skip
    ask = "price" if is_dearer else "deepen" if row["is_sold"] else "enter"
    parts["ask"] = Fact("demand.ask", ask, {"market": parts["market"]})
    return Fact("demand.target", "sold" if row["is_sold"] else "new", parts)


def _of_pair(table: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    if "hs6_code" not in table:
        return pd.DataFrame(columns=["supplier_iso3", "share", "unit_value_usd_per_tonne"])
    is_pair = table["hs6_code"] == row["hs6_code"]
    return table[is_pair & (table["partner_iso3"] == row["partner_iso3"])]


def _supplier(demand: Demand, row: pd.Series, name: str) -> Fact:
    share = demand.number(f"{name}_supplier_share", row["share"], "1", scope=row["supplier_iso3"])
    parts = {"supplier": Name("partner_iso3", [row["supplier_iso3"]]), "share": share}
    return Fact("demand.supplier", "some", parts)


def targets_fact(demand: Demand) -> Fact:
    """Whether there are targets: `some`, `none`, or `missing` where goods cannot be joined."""
    n = len(demand.targets)
    case = "missing" if demand.pairs.empty else "some" if n else "none"
    return Fact("demand.targets", case, {"n": demand.number("n_targets", n, "n")})


def supplier_rows(demand: Demand) -> pd.DataFrame:
    """The suppliers of each target, their values per tonne beside the province's and Iran's."""
    if "hs6_code" not in demand.suppliers:
        return pd.DataFrame()
    rank = demand.targets[PAIR].assign(target_rank=np.arange(1, len(demand.targets) + 1))
    worth = demand.worth[
        ["hs6_code", "unit_value_usd_per_tonne", "unit_value_usd_per_tonne_nation"]
    ].rename(columns={"unit_value_usd_per_tonne": "unit_value_usd_per_tonne_province"})
    rows = demand.suppliers.merge(rank, on=PAIR, validate="m:1")
    rows = rows.merge(worth, on="hs6_code", validate="m:1").sort_values(
        ["target_rank", "share"], ascending=[True, False], ignore_index=True
    )
    rows["target"] = [_of(demand, row) for _, row in rows.iterrows()]
    return _in_own_codes(rows, demand)


def _of(demand: Demand, row: pd.Series) -> str:
    parts = {
        "rank": demand.number("target_rank", row["target_rank"], "n"),
        "good": demand.good(row["hs6_code"]),
        "market": Name("partner_iso3", [row["partner_iso3"]]),
    }
    return text(Fact("demand.of", "some", parts), "sentence", demand.page)


# The mirror


def mirror_fact(page: Page, demand: Demand) -> tuple[Fact, pd.DataFrame]:
    """What partners report of imports from Iran beside what Iran declares to them, for the nation.

    The last year that is declared as a whole and told in the files: an Iranian year begins in
    March of the year that it is held against.

    Returns:
        The fact (`reported`, `both` of reconciled files, `missing`), and a row a market.
    """
    years = demand.trade.years[::-1] if demand.trade else ()
    pairs = [(year, Period(year - 621)) for year in years]
    pairs = [(year, sh) for year, sh in pairs if len(store.months_declared(sh)) == 12]
    if not pairs:
        return Fact("demand.mirror", "missing"), pd.DataFrame()
    year, sh = pairs[0]
    reported = world.markets(demand.trade)
    rows = mirror(store.totals(["partner_iso3"], period=sh), reported[reported["year"] == year])
    told = rows[rows["reported_usd"].notna()]
    if told.empty:
        return Fact("demand.mirror", "missing"), rows
    first = told.iloc[0]
    about = {"scope": "nation", "period": str(sh)}
    parts = {
        "year": Name("year_ce", [str(year)]),
        "year_sh": Name("period", [str(sh)]),
        "n": demand.number("n_markets", len(told), "n"),
        "declared": page.number("declared_usd", told["declared_usd"].sum(), "USD", **about),
        "reported": demand.number("reported_usd", told["reported_usd"].sum(), scope="nation"),
        "covered": page.number(
            "covered_share", told["declared_usd"].sum() / rows["declared_usd"].sum(), **about
        ),
        "market": Name("partner_iso3", [first["partner_iso3"]]),
        "ours": page.number("declared_usd", first["declared_usd"], "USD", **about),
        "theirs": demand.number("reported_usd", first["reported_usd"], scope="nation"),
    }
    is_reported = world.LAYOUTS[demand.trade.layout].is_reported
    rows = told.reindex(told["declared_usd"].sort_values(ascending=False).index)
    return Fact("demand.mirror", "reported" if is_reported else "both", parts), rows


# From our own records: what lasts, what is near, at which rate


def survival_fact(page: Page, floor_usd: float) -> tuple[Fact, pd.DataFrame]:
    """Whether new flows of the province last as long as those of the other provinces.

    A flow is a market, and a good in it where goods are known in all years.

    Returns:
        The fact (`goods` or `markets`, by what a flow is; `missing` with fewer than
        `least_new_flows`), and the lines of both sides, `[scope, n_years, survival_share]`.
    """
    totals = store.totals(["province", "partner_iso3", "hs4_code", *MONTHS])
    totals = totals[totals["province"].isin(PROVINCES) & ~totals["partner_iso3"].isin(NO_MARKETS)]
    coded = totals[totals["hs4_code"].notna()].groupby("year_sh")["value_usd"].sum()
    by_year = totals.groupby("year_sh")["value_usd"].sum()
    has_goods = (coded.reindex(by_year.index, fill_value=0.0) > by_year / 2).all()
    by = ["province", "partner_iso3", *(["hs4_code"] if has_goods else [])]
    rows = summed(totals, [*by, *MONTHS])
    if by_year.size < 3:
        return Fact("demand.survival", "missing"), pd.DataFrame()
    flows = relatedness.new_flows(rows, by, floor_usd)
    is_own = flows["province"] == page.province
    sides = [
        relatedness.survival(side["n_years"], side["has_ended"]).set_index("n_years")
        for side in (flows[is_own], flows[~is_own])
    ]
    if is_own.sum() < threshold("least_new_flows") or min(map(len, sides)) == 0:
        return Fact("demand.survival", "missing"), pd.DataFrame()
    own = sides[0]
    first = int(own.index.min())
    shares = [side["survival_share"].get(first, np.nan) for side in sides]
    change = shares[0] - shares[1]
    parts = {
        "n": page.number("n_new_flows", int(is_own.sum()), "n", period=""),
        "years": page.number("n_years", first, "n", period=""),
        "own": page.number("survival_share", shares[0], period=""),
        "rest": page.number("survival_share", shares[1], scope="rest_of_nation", period=""),
        "beside": Fact("demand.lasting", direction(change, threshold("alike_share"))),
        "first_year": Name("period", [str(int(by_year.index.min()))]),
    }
    named_sides = zip(("province", "rest_of_nation"), sides, strict=True)
    table = pd.concat([side.assign(scope=scope) for scope, side in named_sides]).reset_index()
    starts = pd.DataFrame({"n_years": 0, "scope": ["province", "rest_of_nation"]})
    starts = starts.assign(survival_share=1.0)
    table = pd.concat([starts, table]).sort_values(["scope", "n_years"], ignore_index=True)
    return Fact("demand.survival", "goods" if has_goods else "markets", parts), table


def nearest_fact(goods: pd.DataFrame, page: Page, floor_usd: float) -> tuple[Fact, pd.DataFrame]:
    """The goods nearest to what the province sells that it does not sell yet.

    Args:
        goods: totals of the nation by `province` and `hs4_code`.
        page: of the province.
        floor_usd: what counts as selling, and what the others must sell of a good at least.

    Returns:
        The fact (`some`, `missing`), and `relatedness.nearest_goods` above the floor that enough
        provinces sell.
    """
    rows = relatedness.nearest_goods(goods, page.province, floor_usd=floor_usd)
    is_told = rows["hs4_code"].isin(classification.hs_codes(4)) & (rows["value_usd"] > floor_usd)
    is_told &= rows["n_provinces"] >= threshold("least_exporters")
    rows = rows[is_told].reset_index(drop=True)
    if rows.empty:
        return Fact("demand.nearest", "missing"), rows
    n = int(threshold("goods_named"))
    parts = {
        "goods": Name("hs4_code", list(rows["hs4_code"].head(n))),
        "first": Name("hs4_code", [rows["hs4_code"].iloc[0]]),
        "density": page.number("density", rows["density"].iloc[0], "ratio"),
        "n": page.number("n_provinces", rows["n_provinces"].iloc[0], "n"),
    }
    return Fact("demand.nearest", "some", parts), rows.assign(code=rows["hs4_code"])


def complexity_fact(page: Page) -> Fact:
    """How complex the goods are in which the province leads, by the world's own measure.

    Returns:
        Case `up`, `down` or `steady` against Iran as a whole; `missing` without a table of
        complexities, a concordance to its edition, or goods.
    """
    world_rows = world.complexities()
    if world_rows.empty or not store.has_declarations():
        return Fact("demand.complexity", "missing")
    edition = world_rows["edition"].iloc[0]
    totals = store.totals(["province", "hs6_code"], period=page.period)
    coded, _ = world.in_edition(totals, edition)
    if not world.joins(edition) or coded[coded["province"] == page.province].empty:
        return Fact("demand.complexity", "missing")
    coded = coded.assign(hs4_code=coded["hs6_code"].str[:4])
    both = pd.concat([coded, coded.assign(province="nation")])
    rows = relatedness.outside_complexity(both, world_rows).set_index("province")
    own, nation = rows.loc[page.province], rows.loc["nation"]
    change = own["complexity"] - nation["complexity"]
    case = direction(change, threshold("alike_ratio"))
    parts = page.pair("outside_complexity", own["complexity"], nation["complexity"], "ratio") | {
        "n": page.number("n_goods", own["n_goods"], "n"),
        "covered": page.number("covered_share", own["covered_share"]),
        "year": Name("year_ce", [str(world_rows["year"].max())]),
    }
    return Fact("demand.complexity", case, parts)


def rate_fact(page: Page) -> tuple[Fact, pd.DataFrame]:
    """At how many rials a dollar the page's records were converted, and which files stand apart.

    Returns:
        The fact (`one`, `apart` where a file was converted at another rate, `missing` without
        rials), and `relatedness.implied_rates` of the page's months with their `period`.
    """
    sums = store.rial_sums() if store.has_declarations() else pd.DataFrame()
    if sums.empty:
        return Fact("demand.rate", "missing"), sums
    rates = relatedness.implied_rates(sums, threshold("rate_apart"))
    first, last = page.period.month_first, page.period.month_last
    is_inside = (rates["year_sh"] == page.period.year) & (rates["month_first_sh"] >= first)
    rows = rates[is_inside & (rates["month_last_sh"] <= last)]
    if rows.empty:
        return Fact("demand.rate", "missing"), rows
    rate = rows["value_irr"].sum() / rows["value_usd"].sum()
    own = store.totals([], period=page.period, province=page.province)["value_usd"].iloc[0]
    apart = rows[rows["is_apart"]]
    parts = {
        "rate": page.number("rate_irr_per_usd", rate, "IRR/USD", scope="nation"),
        "low": page.number("rate_irr_per_usd", rows["rate_irr_per_usd"].min(), "IRR/USD"),
        "high": page.number("rate_irr_per_usd", rows["rate_irr_per_usd"].max(), "IRR/USD"),
        "value": page.number("value_irr", None if is_missing(own) else own * rate, "IRR"),
        "n": page.number("n_files", apart["source_file"].nunique(), "n"),
    }
    months = rows["month_first_sh"].astype(str).str.zfill(2), rows["month_last_sh"].astype(str)
    code = rows["year_sh"].astype(str) + "M" + months[0] + "-" + months[1].str.zfill(2)
    one = rows["year_sh"].astype(str) + "M" + months[0]
    is_one = rows["month_first_sh"] == rows["month_last_sh"]
    rows = rows.assign(period=code.where(~is_one, one))
    return Fact("demand.rate", "apart" if len(apart) else "one", parts), rows

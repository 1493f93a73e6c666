"""Facts on the demand side: what markets buy and from whom, what is open there, what lasts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from helpers import classification, store, world
from helpers.measures import demand as measured
from helpers.measures import relatedness, values
from helpers.measures.demand import PAIR, POTENTIAL
from helpers.measures.indexes import COMPARABLE_WITHIN
from helpers.measures.markets import NO_MARKETS
from helpers.measures.values import MONTHS
from helpers.periods import Period
from helpers.schema import PROVINCES
from helpers.telling.facts.markets import first_cells, named
from helpers.telling.numbers import direction, is_missing, threshold, words_of
from helpers.telling.page import Fact, Name, Page, text

NOT_TOLD = {"missing", "exporter"}
"""Markets that the world's file lacks, or of which only others speak."""


MARKET = ["partner_iso3", "value_usd", "demand_usd", "reported_by"]


def _rows(*columns: str) -> partial[pd.DataFrame]:
    return partial(pd.DataFrame, columns=list(columns), dtype="float64")


@dataclass(frozen=True)
class Demand:
    """What world trade says of the markets of a province, worked out once for all its sections.

    Attributes:
        page: with the producer of the files as its source.
        trade: which files; None where there are none.
        years: the first and the last year that are compared, of the Common Era.
        markets: a row a market: what the province sells there, and what the market buys, of the
            province's goods where they are known, else of all goods; who tells it (`missing` where
            the file lacks the market), and the last year in which it told it itself.
        pairs: `demand.export_potential`, the largest gap first, by our own code (`world_code` is
            that of the files) with `growth_share`, `iran_share`, `reported_by`, and the values per
            tonne of the province and the nation; no rows where goods are not known, or cannot be
            joined.
        suppliers: `demand.largest_suppliers`, Iran left out: of each of the `targets`, with its
            rank, or else of the first markets.
        covered_share: the part of the province's exports whose goods the files have.
        lost_usd: value that no code could carry over to the edition of the files.
    """

    page: Page
    trade: world.WorldTrade | None = None
    years: tuple[int, int] = (0, 0)
    markets: pd.DataFrame = field(default_factory=_rows(*MARKET))
    pairs: pd.DataFrame = field(default_factory=_rows(*PAIR, *POTENTIAL, "iran_share"))
    suppliers: pd.DataFrame = field(default_factory=_rows("partner_iso3", "supplier_iso3"))
    covered_share: float = np.nan
    lost_usd: float = 0.0

    @property
    def served(self) -> pd.DataFrame:
        """The markets to which the province sells, the largest first."""
        return self.markets[self.markets["value_usd"] > 0]

    @property
    def targets(self) -> pd.DataFrame:
        """The pairs of a good and a market with the largest gaps, few of one market, ranked.

        Only those of which Iran is not the main supplier already.
        """
        rows = _contested(self.pairs[self.pairs["gap_usd"] > 0])
        rows = rows.groupby("partner_iso3", sort=False)
        first = rows.head(int(threshold("targets_of_market"))).head(int(threshold("targets_named")))
        return first.assign(target_rank=np.arange(1, len(first) + 1))

    @property
    def year(self) -> Name:
        """The year that demand is of."""
        return _year(self.years[1])

    def missing(self, question: str) -> Fact:
        """The question has no answer; without world trade all of them are one question."""
        return Fact(question if self.trade else "demand.world", "missing")


def demand_of(page: Page) -> Demand:
    """What the markets of a province buy, from whom, and what of it the province could sell.

    Who supplies them is one scan of the files of the world.
    """
    demand = potential_of(page)
    if demand.pairs.empty:
        largest = demand.markets.head(words_of("demand")["size"]["table"]["n"])
        return replace(demand, suppliers=_suppliers(demand, largest, PAIR[1:]))
    targets, key = demand.targets, ["world_code", "partner_iso3"]
    lines = targets[key].rename(columns={"world_code": "hs6_code"})
    sellers = _suppliers(demand, lines, PAIR).rename(columns={"hs6_code": "world_code"})
    sellers = targets.merge(sellers, on=key, suffixes=("_target", ""), validate="1:m")
    return replace(demand, suppliers=sellers)


def potential_of(page: Page) -> Demand:
    """`demand_of` without suppliers.

    Without world trade there is nothing in it; where goods are not known, or are in an edition to
    which no concordance leads, it is of markets alone.
    """
    trade = world.world_trade() if store.has_declarations() else None
    if trade is None:
        return Demand(page)
    producer = words_of("demand")["sources"][trade.layout][page.lang]
    source = ("؛ " if page.lang == "fa" else "; ").join([producer, page.source])
    first = min(y for y in trade.years if y >= trade.years[-1] - threshold("growth_years"))
    years = (first, trade.years[-1])
    demand = Demand(replace(page, source=source, is_presumed=False), trade, years)
    keys = ["province", "hs6_code", "partner_iso3"]
    totals = store.totals(keys, period=page.period, months=page.base.months if page.base else None)
    sold = totals[totals["province"] == page.province]
    reports = world.markets(trade)
    if sold.empty:
        return demand
    if world.joins(trade.edition) and sold["hs6_code"].notna().any():
        return _by_goods(demand, totals, sold, reports)
    return replace(demand, markets=_market_rows(years, sold, reports, reports))


def _by_goods(
    demand: Demand, totals: pd.DataFrame, sold: pd.DataFrame, reports: pd.DataFrame
) -> Demand:
    nation, _ = world.in_edition(totals, demand.trade.edition)
    own, lost = world.in_edition(sold, demand.trade.edition)
    own = own[own["value_usd"] > 0]
    bought = world.demand(demand.trade, nation["hs6_code"])
    now = bought[bought["year"] == demand.years[1]]
    is_covered = own["hs6_code"].isin(now["hs6_code"])
    bought = bought[bought["hs6_code"].isin(own["hs6_code"])]
    pairs = measured.export_potential(own, now, measured.ease_of_trade(nation, now))
    # Where customs record more than the market says it buys, the benchmark would exceed all of it.
    pairs["potential_usd"] = pairs[["potential_usd", "demand_usd"]].min(axis=1)
    pairs["gap_usd"] = pairs["potential_usd"] - pairs["actual_usd"]
    grown = measured.growth_per_year(bought, PAIR, demand.years)[[*PAIR, "growth_share"]]
    told = now[[*PAIR, "iran_value_usd", "reported_by"]]
    for rows, keys in ((grown, PAIR), (told, PAIR), (_worth(own, nation), PAIR[:1])):
        pairs = pairs.merge(rows, on=keys, how="left", validate="m:1")
    pairs["iran_share"] = values.ratio(pairs["iran_value_usd"], pairs["demand_usd"])
    largest = own.groupby(["hs6_code", "own_hs6_code"])["value_usd"].sum().sort_values().index
    pairs = pairs.assign(
        world_code=pairs["hs6_code"], hs6_code=pairs["hs6_code"].map(dict(largest))
    )
    return replace(
        demand,
        pairs=values.most_first(pairs, "gap_usd"),
        markets=_market_rows(demand.years, sold, bought, reports),
        covered_share=own.loc[is_covered, "value_usd"].sum() / sold["value_usd"].sum(),
        lost_usd=lost,
    )


def _worth(own: pd.DataFrame, nation: pd.DataFrame) -> pd.DataFrame:
    """Value per tonne of each good that the province sells, its own and the nation's."""
    columns = ["hs6_code", "unit_value_usd_per_tonne"]
    sides = (
        values.unit_values(values.summed(side, ["hs6_code"]))[columns] for side in (own, nation)
    )
    return pd.merge(*sides, on="hs6_code", suffixes=("_province", "_nation"), validate="1:1")


def _market_rows(
    years: tuple[int, int], sold: pd.DataFrame, bought: pd.DataFrame, reports: pd.DataFrame
) -> pd.DataFrame:
    key = ["partner_iso3"]
    rows = measured.growth_per_year(bought, key, years).rename(columns={"value_usd": "demand_usd"})
    now = bought[bought["year"] == years[1]].groupby("partner_iso3")["iran_value_usd"].sum()
    rows["iran_share"] = values.ratio(rows["partner_iso3"].map(now), rows["demand_usd"])
    ours = values.summed(named(sold), key)[["partner_iso3", "value_usd"]]
    rows = ours.merge(rows, on=key, how="outer", validate="1:1")
    told = reports[reports["year"] == years[1]].set_index("partner_iso3")["reported_by"]
    itself = reports[reports["reported_by"] != "exporter"].groupby("partner_iso3")["year"].max()
    rows["reported_by"] = rows["partner_iso3"].map(told).fillna("missing")
    rows["last_report"] = rows["partner_iso3"].map(itself)
    rows = named(rows.fillna({"value_usd": 0.0}))
    return rows.sort_values(["value_usd", "demand_usd"], ascending=False, ignore_index=True)


def _suppliers(demand: Demand, lines: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The three largest competitors of Iran in each; shares are of all suppliers."""
    if lines.empty:
        return demand.suppliers
    flows = world.suppliers(demand.trade, lines[keys], demand.years)
    first = measured.largest_suppliers(flows, keys, demand.years, n=4)
    return first[first["supplier_iso3"] != world.IRAN].groupby(keys).head(3)


# Size, growth and suppliers of the markets


def size_fact(demand: Demand) -> Fact:
    """What the province's first market buys, what Iran has of it, and which market grows fastest.

    Returns:
        Case `goods` (of the province's own goods) or `all` (of all goods); `missing` without world
        trade, or without a market whose purchases are known.
    """
    served = demand.served.dropna(subset="demand_usd")
    if served.empty:
        return demand.missing("demand.size")
    grown = served[served["demand_usd"] >= threshold("least_share") * served["demand_usd"].sum()]
    first = {**served.iloc[0], "of": served["partner_iso3"].iloc[0], "period": ""}
    return demand.page.fact(
        "demand.size", "goods" if len(demand.pairs) else "all", year=demand.year, first=first,
        nation=first,
        fastest=_growth(demand, values.most_first(grown, "growth_share").iloc[0], "fastest"),
    )  # fmt: skip


def _growth(demand: Demand, row: pd.Series, question: str) -> Fact:
    """How what a market buys moved a year, as a clause; `missing` without two years."""
    case = direction(row["growth_share"], "steady_growth")
    of = {**row, "of": f"{row['partner_iso3']}_demand", "period": ""}
    return demand.page.fact(f"demand.{question}", case, row=of, since=_year(demand.years[0]))


def size_rows(demand: Demand) -> pd.DataFrame:
    """The markets of the province with who supplies them and, of reports, who says so, in words."""
    rows, page = demand.served.copy(), demand.page
    rows["basis"] = None
    if demand.trade and world.LAYOUTS[demand.trade.layout].is_reported:
        rows["basis"] = [text(_basis(row), "sentence", page) for _, row in rows.iterrows()]
    sellers = {}
    if not len(demand.pairs):
        for market, group in demand.suppliers.groupby("partner_iso3"):
            names = {"names": Name("partner_iso3", list(group["supplier_iso3"]))}
            sellers[market] = text(Fact("demand.names", "some", names), "sentence", page)
    rows["suppliers"] = rows["partner_iso3"].map(sellers)
    return rows


def entry_rows(demand: Demand, markets: pd.DataFrame) -> pd.DataFrame:
    """Markets of `markets.potential_fact` with what they buy, how it grows, and Iran's share."""
    columns = ["partner_iso3", "demand_usd", "growth_share", "iran_share"]
    return markets.merge(demand.markets[columns], on="partner_iso3", how="left", validate="1:1")


def _basis(row: pd.Series) -> Fact:
    """Who says what a market buys: itself, both sides, or others since it is silent."""
    case, last = row["reported_by"], row["last_report"]
    if case == "exporter":
        case = "never" if is_missing(last) else "since"
    return Fact("demand.basis", case, {} if is_missing(last) else {"year": _year(last)})


def silent_fact(demand: Demand) -> Fact:
    """The province's markets that do not report: `some`, or `missing` where all do."""
    silent = demand.served[demand.served["reported_by"].isin(NOT_TOLD)]
    if silent.empty:
        return demand.missing("demand.silent")
    first = silent.head(int(threshold("markets_named")))
    return demand.page.fact(
        "demand.silent", "some", count={"n_markets": len(silent), "period": ""}, year=demand.year,
        markets=[demand.page.fact("demand.silence", "some", row=row, basis=_basis(row))
                 for _, row in first.iterrows()],
        silent_markets_share=silent["value_usd"].sum() / demand.served["value_usd"].sum(),
    )  # fmt: skip


def _year(year: float) -> Name:
    return Name("year_ce", [str(int(year))])


def coverage_fact(demand: Demand) -> Fact:
    """What the tables compare: `goods`, `carried` (through a concordance), `all`, or `missing`."""
    if demand.markets.empty:
        return demand.missing("demand.coverage")
    page, lost_usd = demand.page, demand.lost_usd
    lost = page.fact("demand.lost", "some" if lost_usd > 0 else "none", lost_usd=lost_usd)
    is_own = demand.trade.edition == world.OWN_EDITION
    case = ("goods" if is_own else "carried") if len(demand.pairs) else "all"
    parts = {"year": demand.year, "covered_share": demand.covered_share, "lost": lost}
    return page.fact("demand.coverage", case, **parts)


# What is open there


def unrealised_fact(demand: Demand) -> tuple[Fact, pd.DataFrame]:
    """What of the export potential is not realised, and where most of it lies.

    Returns:
        The fact (`some`; `none`, no gap above 0; `missing` where goods cannot be joined), and
        `demand.by_market`. What is open is split into goods that the province sells in the market
        already, to deepen, and goods to enter with.
    """
    rows = measured.by_market(demand.pairs)
    if rows.empty:
        return demand.missing("demand.gap"), rows
    open_usd, first = rows["unrealised_usd"].sum(), rows.iloc[0]
    share = first["unrealised_usd"] / (open_usd or np.nan)
    gaps = demand.pairs["gap_usd"].clip(lower=0.0)
    deepen = gaps[demand.pairs["is_sold"]].sum()
    return demand.page.fact(
        "demand.gap", "some" if open_usd > 0 else "none", unrealised_usd=open_usd, first=first,
        n_markets=(rows["unrealised_usd"] > 0).sum(), deepen_usd=deepen,
        enter_usd=open_usd - deepen, unrealised_share=share,
    ), rows  # fmt: skip


def opening_fact(demand: Demand, floor_usd: float, *, is_sold: bool) -> tuple[Fact, pd.DataFrame]:
    """Pairs of a good and a market with a gap: to deepen (sold there already), or to enter.

    Args:
        demand: of the province.
        floor_usd: gaps below it are left out.
        is_sold: whether pairs that the province serves are meant.

    Returns:
        The fact (`some`; `home` where Iran is the main supplier of all already; `none`, `missing`),
        and its pairs, the largest gap first.
    """
    question = "demand.deepen" if is_sold else "demand.enter"
    if demand.pairs.empty:
        return demand.missing("demand.gap"), demand.pairs
    is_open = (demand.pairs["is_sold"] == is_sold) & (demand.pairs["gap_usd"] > floor_usd)
    rows = demand.pairs[is_open].reset_index(drop=True)
    if rows.empty:
        return Fact(question, "none"), rows
    rows = rows.assign(code=rows["hs6_code"])
    first = _contested(rows).head(1)
    parts = {"n_openings": len(rows), "floor_usd": floor_usd, "gap_usd": rows["gap_usd"].sum()}
    if first.empty:
        return demand.page.fact(question, "home", **parts), rows
    return demand.page.fact(question, "some", **parts, first=first.iloc[0]), rows


def _contested(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs of which Iran is not the main supplier already."""
    return pairs[pairs["iran_share"] < threshold("home_share")]


def matrix_rows(demand: Demand) -> pd.DataFrame:
    """The gaps of the five first goods in the six first markets, as a matrix takes them."""
    return first_cells(demand.pairs[demand.pairs["gap_usd"] > 0], "gap_usd", "hs6_code")


def targets_fact(demand: Demand) -> Fact:
    """Whether there are targets: `some`, `none`, or `missing` where goods cannot be joined."""
    if demand.pairs.empty:
        return demand.missing("demand.gap")
    n = len(demand.targets)
    count = {"n_targets": n, "period": ""}
    return demand.page.fact("demand.targets", "some" if n else "none", count=count)


def target_facts(demand: Demand) -> list[Fact]:
    """The targets: good, market, demand, growth, suppliers, conditions, rank and what to ask."""
    return [_target(demand, row) for _, row in demand.targets.iterrows()]


def _target(demand: Demand, row: pd.Series) -> Fact:
    name = f"{row['partner_iso3']}_{row['hs6_code']}"
    sellers = demand.suppliers[demand.suppliers["target_rank"] == row["target_rank"]]
    worth = _worth_fact(demand, row, sellers.dropna(subset="unit_value_usd_per_tonne"), name)
    growth = _growth(demand, row, "pace")
    ask = "deepen" if row["is_sold"] else "enter"
    if growth.case == "down":
        ask = "falling"
    elif worth.case in ("above", "below"):
        ask = worth.case
    fact, own = demand.page.fact, {**row, "of": name}
    bought = own | {"period": ""}
    iran = "some" if row["iran_share"] > 0 else "none"
    return fact(
        "demand.target", "sold" if row["is_sold"] else "new", own=own,
        bought=bought, year=demand.year, growth=growth, worth=worth,
        suppliers=[fact("demand.supplier", "some", seller={
            **each, "of": f"{name}_supplier", "scope": each["supplier_iso3"], "period": "",
            "partner_iso3": each["supplier_iso3"],
        }) for _, each in sellers.iterrows()],
        iran=fact("demand.iran", iran, nation=bought),
        silence=Fact("demand.told_by", row["reported_by"]),
        ask=fact("demand.ask", ask, **worth.parts, row=row),
    )  # fmt: skip


def _worth_fact(demand: Demand, row: pd.Series, sellers: pd.DataFrame, name: str) -> Fact:
    """The province's value per tonne beside that of the first supplier who has one.

    Case `above`, `below` or `steady`; `unlike` beyond the factor within which lots are one good;
    `missing` where one is not known.
    """
    unit = "unit_value_usd_per_tonne"
    own = row[f"{unit}_province"]
    if sellers.empty or is_missing(own):
        return Fact("demand.worth", "missing")
    seller, theirs = sellers.iloc[0][["supplier_iso3", unit]]
    times = own / theirs
    sides = {"up": "above", "down": "below", "steady": "steady"}
    case = sides[direction(times - 1, "alike_unit_value")]
    is_one_good = 1 / COMPARABLE_WITHIN <= times <= COMPARABLE_WITHIN
    return demand.page.fact(
        "demand.worth", case if is_one_good else "unlike", own={"of": row["hs6_code"], unit: own},
        theirs={"of": name, "scope": seller, "period": "", "partner_iso3": seller, unit: theirs},
    )  # fmt: skip


def supplier_rows(demand: Demand) -> pd.DataFrame:
    """The suppliers of each target, their values per tonne beside the province's and Iran's."""
    heads = [
        demand.page.fact("demand.of", "some", row={**row, "period": ""})
        for _, row in demand.suppliers.iterrows()
    ]
    return demand.suppliers.assign(target=[text(f, "sentence", demand.page) for f in heads])


# The mirror


def mirror_fact(page: Page, demand: Demand) -> tuple[Fact, pd.DataFrame]:
    """What partners report of imports from Iran beside what Iran declares to them, for the nation.

    The last year that is declared as a whole and told in the files: an Iranian year begins in
    March of the year that it is held against.

    Returns:
        The fact (`reported`, `both` of reconciled files, `missing`), and a row a market.
    """
    years = demand.trade.years[::-1] if demand.trade else ()
    whole = [y for y in years if len(store.months_declared(Period(y - 621))) == 12]
    if not whole:
        return demand.missing("demand.mirror"), pd.DataFrame()
    year, sh = whole[0], Period(whole[0] - 621)
    reported = world.markets(demand.trade)
    rows = measured.mirror(
        store.totals(["partner_iso3"], period=sh), reported[reported["year"] == year]
    )
    told = rows[rows["reported_usd"].notna()]
    if told.empty:
        return demand.missing("demand.mirror"), told
    sums, whole_usd = told[["declared_usd", "reported_usd"]].sum(), rows["declared_usd"].sum()
    ours = {"scope": "nation", "period": str(sh), "source": page.source}
    theirs = {"scope": "nation", "period": ""}
    covered = sums["declared_usd"] / whole_usd
    fact = demand.page.fact(
        "demand.mirror", "reported" if world.LAYOUTS[demand.trade.layout].is_reported else "both",
        year=_year(year), ours={**sums, **ours, "covered_share": covered},
        theirs={**sums, **theirs}, count={"n_markets": len(told), "period": ""},
        our_first={**told.iloc[0], **ours}, their_first={**told.iloc[0], **theirs},
    )  # fmt: skip
    return fact, values.most_first(told, "declared_usd")


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
    value = totals["value_usd"].groupby(totals["year_sh"]).sum()
    coded = totals["value_usd"].where(totals["hs4_code"].notna()).groupby(totals["year_sh"]).sum()
    has_goods = (coded > value / 2).all()
    by = ["province", "partner_iso3", *(["hs4_code"] if has_goods else [])]
    flows = relatedness.new_flows(values.summed(totals, [*by, *MONTHS]), by, floor_usd)
    is_own = flows["province"] == page.province
    curves = {
        scope: relatedness.survival(side["n_years"], side["has_ended"])
        for scope, side in (("province", flows[is_own]), ("rest_of_nation", flows[~is_own]))
    }
    if is_own.sum() < threshold("least_new_flows") or min(map(len, curves.values())) < 2:
        return Fact("demand.survival", "missing"), pd.DataFrame()
    years = int(curves["province"]["n_years"].iloc[1])
    own, rest = (side.set_index("n_years")["survival_share"].get(years) for side in curves.values())
    change = None if rest is None else own - rest
    table = pd.concat([side.assign(scope=scope) for scope, side in curves.items()])
    return page.fact(
        "demand.survival", "goods" if has_goods else "markets",
        own={"n_new_flows": is_own.sum(), "n_years": years, "survival_share": own, "period": ""},
        rest={"survival_share": rest, "period": ""},
        beside=Fact("demand.lasting", direction(change, "alike_share")),
        first={"period": str(value.index.min())},
    ), table  # fmt: skip


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
    parts = {"goods": rows.head(int(threshold("goods_named"))), "first": rows.iloc[0]}
    return page.fact("demand.nearest", "some", **parts), rows.assign(code=rows["hs4_code"])


def complexity_fact(page: Page, demand: Demand) -> Fact:
    """How complex the goods are in which the province leads, by the world's own measure.

    Returns:
        Case `up`, `down` or `steady` against Iran as a whole; `missing` without a table of
        complexities, a concordance to its edition, or goods.
    """
    table = world.complexities()
    if table.empty or not store.has_declarations():
        return demand.missing("demand.complexity")
    edition = table["edition"].iloc[0]
    totals = store.totals(["province", "hs6_code"], period=page.period)
    coded, _ = world.in_edition(totals, edition)
    if not world.joins(edition) or coded[coded["province"] == page.province].empty:
        return Fact("demand.complexity", "missing")
    coded = coded.assign(hs4_code=coded["hs6_code"].str[:4])
    rows = relatedness.outside_complexity(values.with_nation(coded), table).set_index("province")
    rows = rows.rename(columns={"complexity": "outside_complexity"})
    own, nation = rows.loc[page.province], rows.loc["nation"]
    apart = own["outside_complexity"] - nation["outside_complexity"]
    return page.fact(
        "demand.complexity", direction(apart, "alike_ratio"), own=own,
        nation=nation, year=_year(table["year"].max()),
    )  # fmt: skip


def rate_fact(page: Page) -> tuple[Fact, pd.DataFrame]:
    """At how many rials a dollar the page's records were converted, and which files stand apart.

    Returns:
        The fact (`one`, `apart` where a file was converted at another rate, `missing` without
        rials), and `relatedness.implied_rates` of the page's months with their `period`.
    """
    if not store.has_declarations():
        return Fact("demand.rate", "missing"), pd.DataFrame()
    rates = relatedness.implied_rates(store.rial_sums(), threshold("rate_apart"))
    spans = [Period(*map(int, months)) for months in rates[MONTHS].to_numpy()]
    rows = rates.assign(period=list(map(str, spans)))
    rows = rows.loc[[page.period.contains(span) for span in spans]]
    if rows.empty:
        return Fact("demand.rate", "missing"), rows
    rate, of_files = rows["value_irr"].sum() / rows["value_usd"].sum(), rows["rate_irr_per_usd"]
    own = store.totals([], period=page.period, province=page.province)["value_usd"].iloc[0]
    n_apart = rows.loc[rows["is_apart"], "source_file"].nunique()
    mean, low, high = (
        {"scope": "nation", "rate_irr_per_usd": of} for of in (rate, of_files.min(), of_files.max())
    )
    return page.fact(
        "demand.rate", "apart" if n_apart else "one", mean=mean, low=low, high=high,
        value_irr=own * rate, n_files=n_apart,
    ), rows  # fmt: skip

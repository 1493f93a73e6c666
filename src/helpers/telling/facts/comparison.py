"""Facts on the province beside the nation: value, share and rank, value per tonne and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from helpers.measures import values
from helpers.measures.gap import CHANGE_PARTS, GAP_PARTS, GROWTH_PARTS, HeadlineFacts, main_parts
from helpers.measures.ranks import peers, rank_path
from helpers.published import ROUGH
from helpers.schema import PROVINCES, NotEnoughData
from helpers.store import DeclaredPeriod
from helpers.telling.facts.common import of_like_length, until
from helpers.telling.numbers import direction, is_missing, threshold
from helpers.telling.page import Fact, Page, growth_fact

UNIT_VALUE = "unit_value_usd_per_tonne"

# How much was exported, and where the province stands


def overview_rows(now: pd.DataFrame, before: pd.DataFrame, page: Page) -> pd.DataFrame:
    """Province, other provinces and nation as `values.overview`, by fair comparison.

    Args:
        now: totals by `province` of the page's period.
        before: `store.totals_before` of the page's base.
        page: whose province, and what it is compared with.

    Returns:
        Its rows with the amounts of the whole period, `province` (the scope),
        `value_usd_per_month`, and `compared_usd`, which stands beside `value_usd_before`.
    """
    rows = values.overview(*of_like_length(now, before, page.base), page.province)
    whole, n = values.overview(now, before, page.province), max(1, len(page.base.months))
    return rows.assign(
        compared_usd=rows["value_usd"], **whole[["value_usd", "net_mass_kg"]],
        province=rows["scope"], value_usd_per_month=whole["value_usd"] / n,
    )  # fmt: skip


def exports_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """What the exports came to and how they moved, the nation's beside them.

    Args:
        rows: `overview_rows`.
        page: whose exports.

    Returns:
        Case `same_months`, `monthly_average` or `alone` by what there is to compare with; `none`
        where only other provinces have records, `missing` where nobody has.
    """
    own, _, nation = rows.to_dict("records")
    growth, nation_growth = (_growth_of(row, page) for row in (own, nation))
    case = "alone" if growth.is_missing else page.base.kind
    case = case if own["n_declarations"] > 0 else "none"
    case = "missing" if is_missing(nation["value_usd"]) else case
    return page.fact(
        "comparison.exports", case, own=own, growth=growth, nation_growth=nation_growth
    )


def _growth_of(row: Mapping, page: Page) -> Fact:
    """Growth as a clause, of what compares; nothing is known of it where nothing was before."""
    now, before = row["compared_usd"], row["value_usd_before"] or None
    return growth_fact(page, "value_usd", now, before, scope=row["scope"])


def weight_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """The weight of the exports and its growth, beside the growth of value; `missing` without."""
    own, *_ = rows.to_dict("records")
    mass, change = own["net_mass_kg"], values.known(own["net_mass_growth_share"])
    if not mass > 0 or change is None:
        return Fact("comparison.weight", "missing")
    growth = growth_fact(page, "net_mass_kg", mass, mass / (1 + change))
    case = direction(change, "steady_growth")
    growths = {"growth": growth, "value_growth": _growth_of(own, page)}
    return page.fact("comparison.weight", case, own=own, **growths)


def path_rows(totals: pd.DataFrame, declared: Sequence[DeclaredPeriod], page: Page) -> pd.DataFrame:
    """`ranks.rank_path` of all provinces up to the page's period, with the code of each `period`.

    Args:
        totals: totals of the nation by `province` and `values.MONTHS`.
        declared: `store.periods_declared`.
        page: whose period is the last.
    """
    about, rows = page.period, until(totals, page)
    is_earlier = (rows["year_sh"] == about.year) & (rows["month_first_sh"] < about.month_first)
    rows = rank_path(rows[~is_earlier])
    codes = {each.period.year: str(each.period) for each in declared} | {about.year: str(about)}
    return rows.assign(period=rows["year_sh"].astype(int).map(codes))


def own_path(paths: pd.DataFrame, overview: pd.DataFrame, page: Page) -> pd.DataFrame:
    """The province's years; the growth of the last is that of `overview`.

    Args:
        paths: `path_rows`.
        overview: `overview_rows` of the page's period.
        page: whose years.
    """
    rows = paths[paths["province"] == page.province].copy()
    is_last = rows["period"] == str(page.period)
    rate = overview.set_index("scope")["growth_share"].get(page.province)
    return rows.assign(growth_share=rows["growth_share"].mask(is_last, rate))


def path_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """Share of national exports and rank over the declared years.

    Args:
        rows: `path_rows`.
        page: whose path.

    Returns:
        Case `up`, `down` or `steady` by the share from the known year before to the last, `once`
        with one known year; `missing` without a value in the last.
    """
    own = rows[rows["province"] == page.province].dropna(subset="value_usd")
    years = own.to_dict("records")
    if not years or years[-1]["period"] != str(page.period):
        return Fact("comparison.path", "missing")
    first, before, last = years[0], years[-2:][0], years[-1]
    best = min(years, key=lambda year: year["rank"])
    is_better = best["rank"] < min(year["rank"] for year in (first, before, last))
    since, better = ("earlier" if len(years) > 2 else "none", "between" if is_better else "none")
    clauses = {
        "since": page.fact("comparison.since", since, year=first),
        "better": page.fact("comparison.better", better, year=best),
    }
    moved = last["national_share"] - before["national_share"]
    case = "once" if len(years) == 1 else direction(moved, "steady_points")
    return page.fact("comparison.path", case, before=before, last=last, **clauses)


def alike_rows(now: pd.DataFrame, before: pd.DataFrame, by: str, page: Page) -> pd.DataFrame:
    """The province, then those whose exports are most like its own, and the nation.

    Args:
        now: totals by `province` and `by` of the page's period.
        before: `store.totals_before` of the page's base, by `province`.
        by: the key of the structure: `hs4_code` where goods are known, else `partner_iso3`.
        page: whose peers.

    Returns:
        `ranks.peers`, of the others the first `peers_named`, with `growth_share`; no rows where
        the province has no exports.
    """
    try:
        rows = peers(now, page.province, by)
    except NotEnoughData:
        return pd.DataFrame(columns=["province", "growth_share"])
    sides = map(values.with_nation, of_like_length(now, before, page.base))
    rates = values.growth_by(*sides, ["province"]).set_index("province")["growth_share"]
    rows = rows.assign(growth_share=rows["province"].map(rates))
    return rows.drop(rows.index[1 + int(threshold("peers_named")) : -1])


def alike_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """Where the province stands among those whose exports are most like its own.

    Args:
        rows: `alike_rows`.
        page: whose peers.

    Returns:
        Case `goods` where values per tonne are known, `value` where only growth is, `size` where
        neither is; `missing` without peers.
    """
    if len(rows) < 3:
        return Fact("comparison.alike", "missing")
    own, others = rows.iloc[0], rows.iloc[1:-1]
    measures = ("value_usd", "growth_share", UNIT_VALUE)
    places = {f"{name}_place": (others[name] > own[name]).sum() + 1 for name in measures}
    has_weight, has_growth = rows[[UNIT_VALUE, "growth_share"]].notna().all()
    return page.fact(
        "comparison.alike", "goods" if has_weight else "value" if has_growth else "size",
        peers=others, most=others.iloc[0], least=others.iloc[-1], n_peers=len(rows) - 1, **places,
    )  # fmt: skip


# Value per tonne


def per_tonne_fact(rows: pd.DataFrame, ranked: pd.DataFrame, n_rows: float, page: Page) -> Fact:
    """Whether a tonne of the province is worth more than one of the other provinces.

    Args:
        rows: `overview_rows`.
        ranked: `ranks.rank_provinces` by `unit_value_usd_per_tonne`.
        n_rows: how many records of the province have a weight.
        page: whose exports.

    Returns:
        Case `up`, `down`, `steady` (within `alike_unit_value`), `few` (fewer than `least_rows`
        records), or `missing` where one side has no weight.
    """
    own, rest, nation = rows.to_dict("records")
    every = ranked[ranked["province"].isin(PROVINCES)]
    ratio = values.known(own[UNIT_VALUE] / rest[UNIT_VALUE])
    if ratio is None:
        return Fact("comparison.per_tonne", "missing")
    case = direction(ratio - 1, "alike_unit_value")
    return page.fact(
        "comparison.per_tonne", "few" if n_rows < threshold("least_rows") else case,
        own=own, rest=rest, nation=nation, relative_unit_value=ratio, n_rows=n_rows,
        rank=every.set_index("province")["rank"][page.province],
        n_ranked=every[UNIT_VALUE].count(),
        n_above=(every[UNIT_VALUE] > nation[UNIT_VALUE]).sum(),
    )  # fmt: skip


def weight_coverage_fact(fact: Fact) -> Fact:
    """What a value per tonne rests on; `missing` where there is none.

    Args:
        fact: `per_tonne_fact`.
    """
    case = "missing" if fact.is_missing or fact.case == "few" else "known"
    return Fact("comparison.coverage", case, fact.parts)


def quarter_rows(months: pd.DataFrame, bulk: Sequence[str], page: Page) -> pd.DataFrame:
    """Value per tonne of the last quarters: other provinces, province, and it without bulk.

    Args:
        months: totals by `province`, `values.MONTHS` and `hs4_code`.
        bulk: `gap.bulk_goods`.
        page: whose province, and until when.

    Returns:
        `values.value_per_tonne_by_quarter` with `period`; `scope` may also be `without_bulk`.
    """
    light = months[~months["hs4_code"].isin(list(bulk))]
    rows, less = (
        values.value_per_tonne_by_quarter(table, page.province, page.period)
        for table in (months, light)
    )
    less = less[less["scope"] == page.province].assign(scope="without_bulk")
    rows = pd.concat([rows, less], ignore_index=True)
    rows["period"] = rows["year_sh"].astype(str) + "Q" + rows["quarter_sh"].astype(str)
    last = sorted(rows["period"].unique())[-int(threshold("quarters_drawn")) :]
    return rows[rows["period"].isin(last)].sort_values("period", kind="stable")


def quarters_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """How the last full quarter's value per tonne stands to the same quarter of the year before.

    Args:
        rows: `values.value_per_tonne_by_quarter`, with `period`.
        page: whose exports.
    """
    own = rows[rows["scope"] == page.province].dropna(subset=UNIT_VALUE)
    times = own["year_sh"].astype(int) * 4 + own["quarter_sh"]
    before = own[times == times.max() - 4]
    if before.empty:
        return Fact("comparison.quarters", "missing")
    last, was = own.iloc[-1], before[UNIT_VALUE].iloc[0]
    moved = growth_fact(page, UNIT_VALUE, last[UNIT_VALUE], was, period=last["period"])
    case = direction(last[UNIT_VALUE] / was - 1, "steady_growth")
    return page.fact("comparison.quarters", case, last=last, growth=moved)


def n_weighed(own: pd.DataFrame) -> int:
    """How many records of some totals have a weight."""
    return int(own.loc[own["net_mass_kg"] > 0, "n_declarations"].sum())


def strip_rows(ranked: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """The provinces of `ranks.rank_provinces` for a strip, the first of its like named."""
    rows = ranked[ranked["province"].isin(PROVINCES)]
    return rows.assign(is_named=rows["province"].isin(like["province"].head(4)))


# Why: splits as waterfalls


def both(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Two totals tables below one another, such as of both periods of a comparison."""
    return pd.concat([now, before], ignore_index=True) if len(before) else now


def steps(fact: Fact, lines: pd.DataFrame | None = None, amount: str = "") -> pd.DataFrame:
    """A split as the rows of a waterfall: the first total, the parts that are not 0, the last.

    Args:
        fact: `change_fact`, `value_growth_fact` or `gap_fact`.
        lines: the split, where the goods that made it are drawn instead of its parts.
        amount: the column of their contributions.

    Returns:
        `[part, amount, is_total]`, or `hs4_code` instead of `part` for goods.
    """
    if fact.is_missing:
        return pd.DataFrame()
    is_gap = "rest" in fact
    totals = (f"rest.{UNIT_VALUE}", "before", "moved.before")
    start = next(fact[name] for name in totals if name in fact).value
    first, last = ("reference", "province") if is_gap else ("before", "now")
    goods = {} if lines is None else largest_goods(lines, amount, threshold("goods_drawn"))
    parts = goods or {each.case: each["amount"].value for each in fact["parts"]}
    names, amounts = [first, *parts, last], [start, *parts.values(), start + sum(parts.values())]
    is_total = [name in (first, last) for name in names]
    label = "hs4_code" if goods else "part"
    return pd.DataFrame({label: names, "amount": amounts, "is_total": is_total})


def largest_goods(lines: pd.DataFrame, amount: str, n: float) -> dict[str, float]:
    """The headings that contribute most to a split, and what all others together do (`others`).

    Args:
        lines: a split by `hs6_code`, added up to headings.
        amount: the column of contributions.
        n: how many are named.
    """
    codes = lines["hs6_code"].astype("string").str[:4]
    sums = lines.groupby(codes)[amount].sum().rename_axis("hs4_code").reset_index()
    first = values.largest_first(sums, amount).head(int(n))
    named = dict(zip(first["hs4_code"], first[amount].astype(float), strict=True))
    return {**named, "others": float(lines[amount].sum()) - sum(named.values())}


def _split_parts(
    lines: pd.DataFrame, parts: Sequence[str], amount: str, page: Page
) -> dict[str, object]:
    """Parts of the sentences on every split: its parts, the main ones, the goods that made them."""
    sums = {name: value for name, value in lines[list(parts)].sum().items() if value}
    is_value, whole = amount == "change_usd", float(lines[amount].sum())
    kind = "change_" if amount == "change_usd_per_tonne" else ""
    measured = {name: _part_fact(name, value, page, kind) for name, value in sums.items()}
    case, main = main_parts(sums, whole)
    contribution = amount if is_value else "contribution_usd_per_tonne"
    goods = [
        page.fact("comparison.good", "named", good={"hs4_code": code},
                  amount=page.number(contribution, value))
        for code, value in largest_goods(lines, amount, threshold("goods_named")).items()
        if value and code != "others"
    ]  # fmt: skip
    written_as_zero = 5e4 if is_value else 0.5
    sizable = [fact for part, fact in measured.items() if abs(sums[part]) >= written_as_zero]
    return {
        "parts": list(measured.values()),
        "sizable": sizable or list(measured.values()),
        "whole": page.number(amount, whole),
        "main": Fact("comparison.main", case, {"names": [measured[part] for part in main]}),
        "goods": goods,
    }


def change_fact(lines: pd.DataFrame, facts: HeadlineFacts, page: Page) -> Fact:
    """Why the value per tonne moved on the same period of last year.

    Args:
        lines: `gap.unit_value_change` by `hs6_code`.
        facts: `gap.headline`.
        page: whose exports.

    Returns:
        Case `up`, `down` or `steady`; `missing` where one of the years has no weight or no code.
    """
    if not lines.iloc[:, 0].notna().any() or facts.growth is None:
        return Fact("comparison.change", "missing")
    moved = growth_fact(page, UNIT_VALUE, facts.usd_per_tonne, facts.usd_per_tonne_before)
    return page.fact(
        "comparison.change", direction(facts.growth, "steady_growth"),
        **_split_parts(lines, CHANGE_PARTS, "change_usd_per_tonne", page),
        moved=replace(moved, question="comparison.moved"),
    )  # fmt: skip


def without_bulk_fact(facts: HeadlineFacts, page: Page) -> Fact:
    """How the value per tonne moved without bulk goods.

    Returns:
        Case `turns` (the sign turns without them), `same`, `none` (nothing of it is bulk), or
        `missing`.
    """
    if facts.growth is None or facts.light_growth is None:
        return Fact("comparison.without_bulk", "missing")
    amounts = (facts.light_usd_per_tonne, facts.light_usd_per_tonne_before)
    moved = growth_fact(page, f"light_{UNIT_VALUE}", *amounts)
    # By what one office's mix moves: a per cent more of a few records is no rise.
    rates = (facts.growth, facts.light_growth)
    whole, light = (direction(rate, "alike_unit_value") for rate in rates)
    is_none = facts.growth == facts.light_growth
    return page.fact(
        "comparison.without_bulk", "none" if is_none else "turns" if whole != light else "same",
        growth=replace(moved, case="steady") if light == "steady" else moved,
        bulk_mass_share=facts.bulk_tonne_share, bulk_value_share=facts.bulk_value_share,
        bulk_below_usd_per_tonne=threshold("bulk_below_usd_per_tonne"),
        n_bulk_rows=facts.n_bulk_declarations,
    )  # fmt: skip


def value_growth_fact(lines: pd.DataFrame, rows: pd.DataFrame, page: Page) -> Fact:
    """Why the value of the exports moved: quantity, mix, unit value, entry and exit.

    Args:
        lines: `gap.value_growth_split` by `hs6_code`, of tables of like length.
        rows: `overview_rows`.
        page: whose exports.
    """
    own, *_ = rows.to_dict("records")
    if not lines.iloc[:, 0].notna().any() or is_missing(own["growth_share"]):
        return Fact("comparison.value_growth", "missing")
    return page.fact(
        "comparison.value_growth", direction(own["growth_share"], "steady_growth"),
        **_split_parts(lines, GROWTH_PARTS, "change_usd", page), n_rows=own["n_declarations"],
        moved=replace(_growth_of(own, page), question="comparison.moved"),
    )  # fmt: skip


def lumps_fact(fact: Fact, lines: pd.DataFrame, page: Page) -> Fact:
    """How much of entry and exit is an effect of few records: the same by headings.

    Args:
        fact: `value_growth_fact`.
        lines: `gap.value_growth_split` by `hs4_code`.
        page: whose exports.

    Returns:
        Case `few` below `few_rows` records of the province, else `missing`.
    """
    if fact.is_missing or fact["n_rows"].value >= threshold("few_rows"):
        return Fact("comparison.lumps", "missing")
    sums = {f"{part}_by_heading_usd": lines[f"{part}_usd"].sum() for part in ("entry", "exit")}
    return page.fact("comparison.lumps", "few", n_rows=fact["n_rows"], **sums)


def gap_fact(lines: pd.DataFrame, page: Page) -> Fact:
    """Why a tonne of the province differs from one of the other provinces.

    Args:
        lines: `gap.gap_split` by `hs6_code`, the other provinces as the reference.
        page: whose exports.

    Returns:
        Case `up`, `down` or `steady` by the gap; `missing` where one side has no weight or code.
    """
    if not lines.iloc[:, 0].notna().any():
        return Fact("comparison.gap", "missing")
    own, rest = (lines[f"adds_usd_per_tonne_{s}"].sum() for s in ("province", "reference"))
    return page.fact(
        "comparison.gap", direction(own / rest - 1 if rest else None, "alike_unit_value"),
        **_split_parts(lines, GAP_PARTS, "gap_usd_per_tonne", page),
        own={UNIT_VALUE: own}, rest={UNIT_VALUE: rest},
    )  # fmt: skip


def levels_fact(by_level: pd.DataFrame, page: Page) -> Fact:
    """Whether the largest part of the gap is the same at every level of the tariff.

    Args:
        by_level: `gap.gap_split_by_level`, from coarse to fine.
        page: whose exports.
    """
    parts = by_level[GAP_PARTS].astype("float64")
    if parts.empty or parts.isna().any(axis=None):
        return Fact("comparison.levels", "missing")
    largest = parts.abs().idxmax(axis=1)
    case = "same" if largest.nunique() == 1 else "turns"
    coarse, fine = (
        _part_fact(largest.iloc[at], parts[largest.iloc[at]].iloc[at], page) for at in (0, -1)
    )
    return page.fact("comparison.levels", case, coarse=coarse, fine=fine, n_levels=len(parts))


# Imports beside exports


def balance_fact(sold: pd.DataFrame, bought: pd.DataFrame, page: Page) -> Fact:
    """Exports against imports of the page's period [14].

    Imports are usually valued CIF and exports FOB: the balance mixes them.

    Args:
        sold: totals of the exports of all provinces.
        bought: totals of the imports; without any row they are not known, rather than 0.
        page: whose trade.

    Returns:
        Case `surplus`, `deficit` or `missing`.
    """
    exports, imports = (
        values.summed(flow[flow["province"] == page.province])["value_usd"].iloc[0]
        for flow in (sold, bought)
    )
    if sold.empty or is_missing(exports) or not imports > 0:
        return Fact("comparison.balance", "missing")
    return page.fact(
        "comparison.balance", "surplus" if exports >= imports else "deficit",
        export_usd=exports, import_usd=imports, balance_usd=exports - imports,
        export_import_ratio=exports / imports,
    )  # fmt: skip


# What was published


def own_published_rows(beside: pd.DataFrame, page: Page) -> pd.DataFrame:
    """The rows of `published.beside_nation` of the page's province, with `kind`.

    A doubtful figure is shown as one, and no sentence rests on it.
    """
    rows = beside[beside["scope"] == page.province]
    kind = rows["is_derived"].map({True: "derived", False: "printed"})
    return rows.assign(kind=kind.mask(rows["is_doubtful"].astype(bool), "doubtful"))


def published_per_tonne_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """The published values per tonne of the province beside the nation's.

    Args:
        rows: `own_published_rows`, in order of time.
        page: whose exports.

    Returns:
        Case `several`, `one` or `alone` (never with the nation's beside it); `missing` without.
    """
    rows = rows[~rows["is_doubtful"]]
    if rows.empty:
        return Fact("comparison.published_per_tonne", "missing")
    compared = rows.dropna(subset="unit_value_nation_usd_per_tonne")
    last = rows if compared.empty else compared
    # Of several figures of the last period, the one on the basis of all others of the page.
    last = last[last["period"] == last["period"].iloc[-1]]
    last = last.sort_values("attribution", key=lambda a: a != "clearance", kind="stable").iloc[0]
    n_periods = rows["period"].nunique()
    name = f"published_{UNIT_VALUE}"
    nation = {
        name: last["unit_value_nation_usd_per_tonne"], "scope": "nation",
        "period": str(last["nation_period"]), "source": last["source"],
    }  # fmt: skip
    case = "alone" if compared.empty else "one" if n_periods == 1 else "several"
    return page.fact(
        "comparison.published_per_tonne", case, n_periods=n_periods, first=rows.iloc[0],
        last={**last, name: last[UNIT_VALUE]}, nation=nation,
        age=age_fact(int(last["year_sh"]), page),
    )  # fmt: skip


def age_fact(year: int, page: Page) -> Fact:
    """How old a figure of a year is, as a clause for other sentences: `same`, `older`, `newer`."""
    years = page.period.year - year
    case = "same" if not years else "older" if years > 0 else "newer"
    return page.fact("comparison.age", case, n_years=abs(years))


def published_nation_fact(series: pd.DataFrame, page: Page) -> Fact:
    """How the nation's published value per tonne moved between like periods of two years.

    Args:
        series: `published.national_series`.
        page: whose period is not passed.

    Returns:
        Case `up`, `down` or `steady` of the last year, or first months of one, that has the same of
        the year before, both undoubted and as printed; `missing` without. A figure "over" or
        "about" a round one, such as a statement's own, moves a growth by as much as is told here.
    """
    is_rough = series["qualifier"].str.contains("|".join(("doubtful", *ROUGH)))
    is_sure = ~is_rough & (series["month_first_sh"] == 1)
    rows = until(series[is_sure], page)
    earlier = rows.assign(year_sh=rows["year_sh"] + 1)
    keys, unit = ["year_sh", "month_last_sh"], UNIT_VALUE
    pairs = rows.merge(earlier[[*keys, unit]], on=keys, suffixes=("", "_before"), validate="1:1")
    if pairs.empty:
        return Fact("comparison.published_nation", "missing")
    last = pairs.sort_values(keys).iloc[-1]
    at = {"scope": "nation", "period": last["period"], "source": last["source"]}
    moved = growth_fact(page, f"published_{unit}", last[unit], last[f"{unit}_before"], **at)
    case = direction(moved["change"].value, "steady_growth")
    return page.fact("comparison.published_nation", case, last=last, growth=moved)


def base_rows(pairs: pd.DataFrame, page: Page) -> pd.DataFrame:
    """The undoubted rows of `published.both_bases` whose two numbers differ, the page's first."""
    apart = (pairs["ratio"] - 1).abs() > threshold("steady_growth")
    rows = pairs[~pairs["is_doubtful"] & apart].assign(province=pairs["scope"])
    return rows.sort_values("scope", key=lambda scope: scope != page.province, kind="stable")


def bases_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """How far a province's published exports depend on the basis: where declared, where made.

    Args:
        rows: `base_rows`.
        page: whose province.

    Returns:
        Case `own` (the province has two bases itself), `others`, or `missing`.
    """
    if rows.empty:
        return Fact("comparison.bases", "missing")
    low, high = (
        page.number("basis_ratio", ratio, scope="")
        for ratio in (rows["ratio"].min(), rows["ratio"].max())
    )
    span = {"n_pairs": len(rows), "low": low, "high": high}
    own = rows[rows["scope"] == page.province]
    if own.empty:
        return page.fact("comparison.bases", "others", **span)
    last = own.iloc[-1]
    first, other = (
        {"attribution": last[f"attribution{of}"], "source": last[f"source{of}"],
         "published_value_usd": last[f"value_usd{of}"], "period": last["period"]}
        for of in ("_first", "")
    )  # fmt: skip
    ratio = page.number("basis_ratio", last["ratio"], period=last["period"])
    return page.fact("comparison.bases", "own", first=first, other=other, ratio=ratio, **span)


def _part_fact(column: str, value: float, page: Page, kind: str = "") -> Fact:
    """A part of a split, called as its column without the unit."""
    name = column.removesuffix("_usd_per_tonne").removesuffix("_usd")
    return Fact("comparison.part", name, {"amount": page.number(kind + column, value)})

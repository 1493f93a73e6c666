"""Export potential, suppliers, mirror; relatedness, survival, rates: outside examples and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.measures import demand, relatedness
from helpers.measures.structure import rca
from measured import totals


def sales(*rows: tuple[str, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["hs6_code", "partner_iso3", "value_usd"])
    return table.assign(net_mass_kg=np.nan, value_usd_weighed=np.nan, n_declarations=1)


def bought(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["hs6_code", "partner_iso3", "value_usd"])


# Two goods and two markets by hand. Of good a the world trades 100, of b 50; we sell 10 and 5 of
# them, a tenth each. Iraq buys 40 of a and 10 of b: at our share of the world 4 and 1, 5 in all; it
# takes 10 of ours, so its ease is 2.
SALES = sales(("a", "IRQ", 8.0), ("a", "TUR", 2.0), ("b", "IRQ", 2.0), ("b", "TUR", 3.0))
WORLD = bought(("a", "IRQ", 40.0), ("a", "TUR", 60.0), ("b", "IRQ", 10.0), ("b", "TUR", 40.0))


def test_potential_is_supply_times_demand_times_ease():
    assert demand.ease_of_trade(SALES, WORLD).to_dict() == {"IRQ": 2.0, "TUR": 0.5}
    rows = demand.export_potential(SALES, WORLD).set_index(["hs6_code", "partner_iso3"])
    assert rows["potential_usd"].to_dict() == {
        ("a", "IRQ"): 8.0, ("a", "TUR"): 3.0, ("b", "IRQ"): 2.0, ("b", "TUR"): 2.0,
    }  # fmt: skip
    assert rows.loc[("a", "TUR"), "gap_usd"] == 1.0
    assert rows.index[0] == ("a", "TUR")  # the largest gap first


def test_potential_is_the_share_that_itc_writes_with_the_rca():
    """ITC, Global Statistics, lecture 5.1.4 (T. Decreux): the potential share of a good in what an
    exporter sells to a market is RCA_ik s_jk / sum_k RCA_ik s_jk."""
    supply, world = (t.groupby("hs6_code")["value_usd"].sum() for t in (SALES, WORLD))
    for market in ("IRQ", "TUR"):
        there = WORLD[WORLD["partner_iso3"] == market].set_index("hs6_code")["value_usd"]
        weight = rca(supply, world) * there / there.sum()
        total = SALES.loc[SALES["partner_iso3"] == market, "value_usd"].sum()
        rows = demand.export_potential(SALES, WORLD)
        rows = rows[rows["partner_iso3"] == market].set_index("hs6_code")["potential_usd"]
        assert (total * weight / weight.sum()).to_dict() == pytest.approx(rows.to_dict())


def test_potential_of_brazils_soybeans_is_their_rca_times_what_the_market_buys():
    """Printed in Wikipedia, "Revealed comparative advantage": soybeans are 0.35 % of world trade and
    7.9 % of Brazil's exports in 2010, an index of 22. By ITC's lecture a market that buys as the
    world does would take 22.6 x 0.35 = 7.9 % soybeans of Brazil; the more it buys, the more."""
    own = sales(("soy", "CHN", 7.9), ("rest", "CHN", 92.1))
    soy = {"AAA": 0.35, "BBB": 3.5}
    parts = [
        bought(("soy", market, share), ("rest", market, 100 - share))
        for market, share in soy.items()
    ]
    # The rest of the world buys what leaves 0.35 % of the whole.
    rest = bought(("soy", "CHN", 35 - 3.85), ("rest", "CHN", 9965 - 196.15))
    rows = demand.export_potential(own, pd.concat([*parts, rest]), pd.Series(1.0, [*soy, "CHN"]))
    usd = rows.pivot(index="partner_iso3", columns="hs6_code", values="potential_usd")
    share = 100 * usd["soy"] / usd.sum(axis=1)
    assert share["AAA"] == pytest.approx(7.9)
    weight = 7.9 / 0.35 * 3.5  # RCA times what the market buys, beside that of the rest
    assert share["BBB"] == pytest.approx(100 * weight / (weight + 92.1 / 99.65 * 96.5))


def test_goods_that_are_not_sold_and_places_that_are_no_market_are_given_no_dollars():
    world = pd.concat([WORLD, bought(("c", "IRQ", 9.0), ("a", "XXU", 5.0))])
    rows = demand.export_potential(SALES, world)
    assert set(rows["hs6_code"]) == {"a", "b"}
    assert set(rows["partner_iso3"]) == {"IRQ", "TUR"}


def test_a_market_without_sales_has_the_nations_ease():
    alone = sales(("a", "IRQ", 1.0))
    own, national = (
        demand.export_potential(alone, WORLD, ease).set_index("partner_iso3")
        for ease in (None, demand.ease_of_trade(SALES, WORLD))
    )
    assert own.loc["TUR", "potential_usd"] == 0.0
    assert national.loc["TUR", "potential_usd"] == pytest.approx(0.01 * 60 * 0.5)
    assert list(national["is_sold"]) == [False, True]


amounts = st.integers(min_value=0, max_value=10**6).map(float)


@st.composite
def worlds(draw):
    """What two provinces sell, and what the world buys, of up to four goods in three markets."""
    goods, places = ["a", "b", "c", "d"], ["IRQ", "TUR", "ARE"]
    tables = [
        [(good, place, draw(amounts)) for good in goods for place in places] for _ in range(3)
    ]
    return sales(*tables[0]), sales(*tables[1]), bought(*tables[2])


@settings(max_examples=25)
@given(worlds())
def test_potentials_of_a_market_add_up_to_what_is_sold_there(world):
    """By the formula: with its own ease, an exporter's potentials in a market are its sales."""
    own, _, there = world
    rows = demand.export_potential(own, there)
    sums = rows.groupby("partner_iso3")[["potential_usd", "actual_usd"]].sum()
    assert sums["potential_usd"].to_numpy() == pytest.approx(sums["actual_usd"].to_numpy())
    assert (rows["potential_usd"] >= 0).all()
    assert (rows["gap_usd"] == rows["potential_usd"] - rows["actual_usd"]).all()


@settings(max_examples=25)
@given(worlds())
def test_potentials_of_the_provinces_add_up_to_the_nations(world):
    first, second, there = world
    nation = pd.concat([first, second])
    ease = demand.ease_of_trade(nation, there)
    keys = ["hs6_code", "partner_iso3"]
    parts = [demand.export_potential(side, there, ease) for side in (first, second)]
    summed = pd.concat(parts).groupby(keys)["potential_usd"].sum()
    whole = demand.export_potential(nation, there).set_index(keys)["potential_usd"]
    assert summed.reindex(whole.index).to_numpy() == pytest.approx(whole.to_numpy())


def test_markets_count_only_gaps_above_zero():
    rows = demand.by_market(demand.export_potential(SALES, WORLD)).set_index("partner_iso3")
    assert rows["unrealised_usd"].to_dict() == {"TUR": 1.0, "IRQ": 0.0}
    assert rows["actual_usd"].to_dict() == {"TUR": 5.0, "IRQ": 10.0}


def flows(*rows: tuple[str, int, float, float | None]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["supplier_iso3", "year", "value_usd", "net_mass_kg"])
    weighed = table["value_usd"].where(table["net_mass_kg"].notna())
    return table.assign(hs6_code="a", partner_iso3="IRQ", value_usd_weighed=weighed)


def test_the_largest_suppliers_have_share_growth_and_value_per_tonne():
    rows = demand.largest_suppliers(
        flows(("TUR", 2020, 40.0, 10.0), ("TUR", 2022, 90.0, 30.0), ("CHN", 2022, 60.0, None),
              ("IND", 2022, 30.0, 60.0), ("USA", 2022, 20.0, 1.0), ("USA", 2020, 90.0, 1.0)),
        ["hs6_code", "partner_iso3"], (2020, 2021, 2022),
    )  # fmt: skip
    assert list(rows["supplier_iso3"]) == ["TUR", "CHN", "IND"]
    assert list(rows["share"]) == [0.45, 0.3, 0.15]
    assert rows["growth_share"].iloc[0] == pytest.approx(0.5)  # 1.5 squared is 90 / 40
    assert rows["growth_share"].iloc[1:].isna().all()
    per_tonne = rows["unit_value_usd_per_tonne"]
    assert (per_tonne.iloc[0], per_tonne.iloc[2]) == (3000.0, 500.0)
    assert np.isnan(per_tonne.iloc[1])  # a mass that was estimated or is missing


# Agriculture and Agri-Food Canada, "Canada's food security dependencies" (May 2020), table of Canada's
# suppliers of agri-food and seafood: million Canadian dollars of 2015 and 2019, and the growth a year
# (per cent) printed beside them; the United States' is printed as 0.9, and their values give 0.85. For
# the share: its "Competitive Trade Analysis – United States" has 37.3 of 223.4 billion as 16.7 %.
CANADA = [("MEX", 2_116.0, 3_096.5, 10.0),
          ("CHN", 1_432.1, 1_773.7, 5.5), ("ITA", 1_099.6, 1_415.4, 6.5)]  # fmt: skip


def test_growth_a_year_is_that_printed_of_canadas_suppliers():
    table = flows(*[(code, year, value, None) for code, *values, _ in CANADA
                    for year, value in zip((2015, 2019), values, strict=True)],
                  ("USA", 2015, 27_768.9, None), ("USA", 2019, 28_722.2, None), ("XXU", 2015, 14_679.7, None), ("XXU", 2019, 17_156.0, None))  # fmt: skip
    rows = demand.largest_suppliers(table, ["partner_iso3"], (2015, 2019), n=9)
    found = rows.set_index("supplier_iso3")["growth_share"]
    assert {code: round(100 * found[code], 1) for code, *_ in CANADA} == {
        code: printed for code, *_, printed in CANADA
    }
    world = demand.growth_per_year(table, ["partner_iso3"], (2015, 2019))
    assert world["value_usd"].item() == pytest.approx(52_163.8)
    assert round(100 * world["growth_share"].item(), 1) == 2.6


def test_the_share_of_a_supplier_is_that_printed_of_canada_in_the_united_states():
    table = flows(("CAN", 2019, 37.3, None), ("XXU", 2019, 223.4 - 37.3, None))
    rows = demand.largest_suppliers(table, ["partner_iso3"], (2019,)).set_index("supplier_iso3")
    assert round(100 * rows.loc["CAN", "share"], 1) == 16.7


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(["TUR", "CHN", "IND"]), amounts), min_size=1))
def test_the_shares_of_all_suppliers_add_up_to_one(pairs):
    table = flows(*[(code, 2022, value, None) for code, value in pairs])
    rows = demand.largest_suppliers(table, ["partner_iso3"], (2022,), n=99)
    if table["value_usd"].sum():
        assert rows["share"].sum() == pytest.approx(1.0)
    else:
        assert rows["share"].isna().all()


def test_the_mirror_shows_both_sides_and_no_zero_for_a_market_that_is_silent():
    declared = sales(("a", "IRQ", 100.0), ("a", "TUR", 50.0), ("a", "XXA", 9.0))
    reported = pd.DataFrame({
        "partner_iso3": ["TUR", "IRQ", "CHN"], "iran_value_usd": [80.0, 0.0, 7.0],
        "reported_by": ["importer", "exporter", "importer"],
    })  # fmt: skip
    rows = demand.mirror(declared, reported).set_index("partner_iso3")
    assert list(rows.index) == ["TUR", "CHN", "IRQ"]
    assert (rows.loc["TUR", "difference_usd"], rows.loc["TUR", "mirror_ratio"]) == (30.0, 1.6)
    assert rows.loc["CHN", "declared_usd"] == 0.0
    assert np.isnan(rows.loc["IRQ", "reported_usd"])


# Mint, "India-China trade: An alarming $18 billion discrepancy" (27 November 2024), from WITS and
# India's DGCI&S: billion dollars of exports that China declares and of imports that India reports,
# and their difference in per cent of the latter.
INDIA = [(2023, 117.68, 99.59, 18.09, 18.2), (2022, 118.50, 102.63, 15.87, 15.5)]


@pytest.mark.parametrize(("year", "declared", "reported", "apart", "printed"), INDIA)
def test_the_mirror_of_india_and_china_is_that_printed(year, declared, reported, apart, printed):
    theirs = pd.DataFrame(
        {"partner_iso3": ["IND"], "iran_value_usd": [reported], "reported_by": ["importer"]}
    )
    row = demand.mirror(sales(("a", "IND", declared)), theirs).iloc[0]
    assert round(row["difference_usd"], 2) == -apart
    assert round(100 * (1 / row["mirror_ratio"] - 1), 1) == printed


# Relatedness: eight countries by six sections of the HS, in million dollars, out of the exports in
# tests/fixture_exports.csv of Datawheel/py-economic-complexity (commit 782f6a6); the densities and
# the complexity are what its version 0.3.0 gives for them.
SECTIONS = ["1", "5", "6", "11", "15", "16"]
COUNTRIES = pd.DataFrame({
    "DNK": [13327, 6112, 27850, 6219, 7178, 25190], "ESP": [17425, 23940, 51961, 20236, 34840, 46495],
    "EST": [570, 3146, 1262, 517, 1745, 5246], "FIN": [933, 7058, 7201, 626, 13326, 17564],
    "GRC": [3655, 26428, 9657, 3716, 9778, 6841], "HUN": [2499, 4430, 12712, 1970, 6883, 53517],
    "IRL": [9294, 1864, 126830, 758, 1778, 36073], "ISL": [2359, 96, 139, 24, 3156, 211],
}, index=SECTIONS, dtype=float).T  # fmt: skip
DENSITY = {
    "DNK": [0.585106, 0.609756, np.nan, 0.504587, 0.6, 0.357143],
    "ESP": [0.840426, 0.756098, np.nan, 0.862385, 0.8, 1.0],
    "EST": [0.574468, 0.634146, np.nan, 0.633028, 0.6, 0.642857],
    "GRC": [0.840426, 0.634146, np.nan, 0.495413, 0.6, 0.821429],
    "HUN": [0.159574, 0.243902, np.nan, 0.137615, 0.2, 0.0],
    "IRL": [0.0, 0.0, np.nan, 0.0, 0.0, 0.0],
    "ISL": [0.255319, 0.512195, np.nan, 0.587156, 0.2, 0.464286],
}


@pytest.mark.parametrize("country", DENSITY)
def test_densities_are_those_of_py_economic_complexity(country):
    found = relatedness.densities(COUNTRIES).loc[country]
    assert list(found) == pytest.approx(DENSITY[country], abs=1e-6, nan_ok=True)


def test_complexity_from_outside_is_that_of_py_economic_complexity():
    """`complexity_subnational`, which takes RCAs against all places of its own table."""
    pci = dict(zip(SECTIONS, [-1.0, -2.0, 1.5, -0.5, 0.25, 2.0], strict=True))
    world = pd.DataFrame({"hs4_code": SECTIONS, "pci": pci.values(), "value_usd": COUNTRIES.sum()})
    totals = (
        COUNTRIES.rename_axis("province")
        .reset_index()
        .melt("province", None, "hs4_code", "value_usd")
    )
    rows = relatedness.outside_complexity(totals, world).set_index("province")
    expected = {"DNK": 1 / 6, "ESP": -0.8125, "EST": 1 / 12, "FIN": 1 / 12, "GRC": -0.75,
                "HUN": 2.0, "IRL": 1.5, "ISL": -0.375}  # fmt: skip
    assert rows["complexity"].to_dict() == pytest.approx(expected)
    assert rows.index[0] == "HUN"
    assert (rows["covered_share"] == 1.0).all()


def test_goods_that_the_world_does_not_list_are_said():
    world = pd.DataFrame({"hs4_code": ["3004"], "pci": [1.5], "value_usd": [10.0]})
    totals = pd.DataFrame(
        {"province": ["qom", "qom"], "hs4_code": ["3004", "5701"], "value_usd": [1.0, 3.0]}
    )
    (row,) = relatedness.outside_complexity(totals, world).to_dict("records")
    assert row == {"province": "qom", "complexity": 1.5, "n_goods": 1, "covered_share": 0.25}


@settings(max_examples=25)
@given(st.lists(st.lists(amounts, min_size=4, max_size=4), min_size=2, max_size=6))
def test_density_lies_between_zero_and_one(rows):
    baskets = pd.DataFrame(rows)
    values = relatedness.densities(baskets).to_numpy()
    known = values[~np.isnan(values)]
    assert ((known >= 0) & (known <= 1 + 1e-12)).all()


def test_the_nearest_goods_are_those_not_yet_sold():
    table = COUNTRIES.set_axis(
        ["qom", "yazd", "fars", "ilam", "alborz", "tehran", "kerman", "gilan"]
    )
    table.loc["alborz", ["1", "16"]] = 0.0
    totals = (
        table.rename_axis("province").reset_index().melt("province", None, "hs4_code", "value_usd")
    )
    totals = totals.assign(net_mass_kg=np.nan, value_usd_weighed=np.nan, n_declarations=1)
    rows = relatedness.nearest_goods(totals, "alborz")
    assert list(rows["hs4_code"]) == ["1", "16"]
    assert list(rows["n_provinces"]) == [7, 7]
    assert rows["density"].is_monotonic_decreasing
    assert relatedness.nearest_goods(totals, "zanjan").empty


# Freireich and others (1963), 6-mercaptopurine: weeks in remission, a plus for still in it. The
# estimate is that printed for it by NAG (g12aac, example) and in textbooks.
REMISSION = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
KAPLAN_MEIER = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}


def test_survival_is_that_of_kaplan_and_meier():
    weeks = pd.Series([int(word.strip("+")) for word in REMISSION.split()])
    rows = relatedness.survival(
        weeks, pd.Series([not word.endswith("+") for word in REMISSION.split()])
    )
    found = dict(zip(rows["n_years"], rows["survival_share"].round(3), strict=True))
    assert found == pytest.approx({0: 1.0} | KAPLAN_MEIER)
    assert list(rows["n_at_risk"])[1:4] == [21, 17, 15]


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1))
def test_survival_falls_and_stays_a_share(spells):
    n_years, has_ended = (pd.Series(side) for side in zip(*spells, strict=True))
    share = relatedness.survival(n_years, has_ended)["survival_share"]
    assert share.is_monotonic_decreasing
    assert ((share >= 0) & (share <= 1)).all()


def years(*rows: tuple[str, int, int, float]) -> pd.DataFrame:
    """Totals of Qom from rows of market, year, last month and value."""
    table = pd.DataFrame(rows, columns=["partner_iso3", "year_sh", "month_last_sh", "value_usd"])
    table = table.assign(province="qom", month_first_sh=1, net_mass_kg=np.nan)
    return table.assign(value_usd_weighed=np.nan, n_declarations=1)


SPELLS = [
    ("new and still there", [("TUR", 1401, 12, 9.0), ("TUR", 1402, 12, 9.0)], [(2, False)]),
    ("new and gone", [("TUR", 1401, 12, 9.0)], [(1, True)]),
    ("gone, and what comes back is not new", [("TUR", 1400, 12, 9.0), ("TUR", 1402, 12, 9.0)], []),
    ("there from the first year on record", [("TUR", 1400, 12, 9.0)], []),
    ("below the floor", [("TUR", 1401, 12, 0.5)], []),
    ("a floor by the month", [("TUR", 1402, 1, 0.5)], [(1, False)]),
]


@pytest.mark.parametrize(("reason", "rows", "spells"), SPELLS, ids=[s[0] for s in SPELLS])
def test_a_flow_is_new_where_it_was_absent_and_lives_until_it_is(reason, rows, spells):
    every_year = [
        ("IRQ", year, 1 if rows[0][2] == 1 and year == 1402 else 12, 100.0)
        for year in (1400, 1401, 1402)
    ]
    table = relatedness.new_flows(years(*rows, *every_year), ["province", "partner_iso3"], 1.0)
    found = table[["n_years", "has_ended"]].itertuples(index=False, name=None)
    assert list(found) == spells


RATES = pd.DataFrame({
    "year_sh": 1403, "month_first_sh": [1, 1, 2, 3], "month_last_sh": [1, 1, 2, 3],
    "source_file": ["a.csv", "b.csv", "a.csv", "c.csv"],
    "value_usd": [10.0, 10.0, 10.0, 10.0], "value_irr": [4.0e6, 4.1e6, 4.2e6, 2.85e6],
})  # fmt: skip


def test_a_file_converted_at_another_rate_is_found():
    rows = relatedness.implied_rates(RATES, apart=0.1).set_index(["source_file", "month_first_sh"])
    assert rows.loc[("a.csv", 1), "rate_irr_per_usd"] == 400_000
    assert rows.loc[("c.csv", 3), "others_irr_per_usd"] == 400_000  # the nearest of those near
    assert rows[rows["is_apart"]].index.tolist() == [("c.csv", 3)]
    alone = relatedness.implied_rates(RATES.head(1), apart=0.1)
    assert not alone["is_apart"].any()


def test_a_leap_of_the_official_rate_sets_no_file_apart():
    leap = RATES.assign(month_first_sh=[1, 2, 3, 4], month_last_sh=[1, 2, 3, 4])
    leap["value_irr"] = [4.0e6, 4.0e6, 6.0e6, 6.1e6]
    assert not relatedness.implied_rates(leap, apart=0.1)["is_apart"].any()


def test_a_file_of_many_months_at_another_rate_is_found_by_one_of_the_same_months():
    wrong = RATES.assign(source_file="d.csv", value_irr=RATES["value_irr"] * 0.8).iloc[[0, 2]]
    rows = relatedness.implied_rates(pd.concat([RATES.iloc[[0, 2]], wrong]), apart=0.1)
    assert rows["is_apart"].all()  # of two files, neither is known to be the right one


def test_the_rate_of_a_month_is_that_printed_and_the_wrong_one_is_found():
    """Exports of Pakistan, August 2017: 196,454 million rupees. The Bureau of Statistics printed
    2,069 million dollars on 11 September and corrected them a day later: at the month's rate of
    105.3079 they are 1,866 (The Financial Daily; The News, 13 September 2017)."""
    month = {"year_sh": 1396, "month_first_sh": 6, "month_last_sh": 6, "value_irr": 196_454.0}
    right, wrong = (
        month | {"source_file": name, "value_usd": usd}
        for name, usd in (("corrected", 1_866.0), ("first", 2_069.0))
    )
    rows = relatedness.implied_rates(pd.DataFrame([right, wrong]), apart=0.1)
    rate = rows.set_index("source_file")["rate_irr_per_usd"]
    assert rate["corrected"] == pytest.approx(105.3079, rel=0.5 / 1_866)
    assert rows["is_apart"].all()  # of two, neither is known to be the right one


def test_what_the_rest_sells_and_the_province_does_not_by_hand():
    # The province makes 0101 (100 USD, all to IRQ). The rest sells 300 to IRQ and 100 to TUR.
    province = totals([100], hs4_code=["0101"], partner_iso3=["IRQ"])
    nation = totals(
        [400, 100, 50, 70, 30],
        [400, 50, 50, 70, 30],
        hs4_code=["0101", "0101", "0202", "0101", "0101"],
        partner_iso3=["IRQ", "TUR", "TUR", "XXA", "XXU"],
    )
    table = demand.unserved(province, nation)
    assert table["partner_iso3"].tolist() == ["TUR"]  # zones and unknown are no markets
    row = table.iloc[0]
    assert row["rest_value_usd"] == 100
    assert row["expected_usd"] == pytest.approx(100 * 100 / 500)
    assert bool(row["is_new_market"])


def test_nothing_is_unserved_where_the_province_sells_all_it_makes():
    table = totals([5], hs4_code=["0101"], partner_iso3=["IRQ"])
    assert demand.unserved(table, table).empty

"""Facts on the demand side: files and records in, case and numbers out; an example of every case."""

import numpy as np
import pandas as pd
import pytest

from helpers import memory, store, telling, world
from helpers.customs.sources import received
from helpers.periods import parse_period
from helpers.telling import numbers
from helpers.telling.facts import demand as facts
from helpers.telling.page import Fact, Name, Page

PAGE = Page("alborz", parse_period("1403"), "en", "customs")
BACI = [  # year, exporter, importer, good, USD, kg
    (2022, "792", "368", "300490", 40_000_000, 1_000_000), (2024, "792", "368", "300490", 90_000_000, 3_000_000),
    (2024, "364", "368", "300490", 10_000_000, 1_000_000), (2024, "156", "792", "300490", 60_000_000, 2_000_000),
    (2024, "364", "792", "870899", 5_000_000, 900_000), (2024, "156", "784", "300490", 40_000_000, None),
    (2022, "156", "784", "300490", 40_000_000, None), (2024, "156", "4", "010121", 1_000_000, None),
]  # fmt: skip
RECORDS = [  # the province, its market, good, USD: all in 1403
    ("alborz", "IRQ", "300490", 3_000_000.0), ("tehran", "IRQ", "300490", 5_000_000.0), ("tehran", "ARE", "300490", 2_000_000.0),
    ("alborz", "TUR", "870899", 400_000.0), ("tehran", "TUR", "870899", 100_000.0), ("alborz", "LBY", "300490", 100_000.0),
]  # fmt: skip


def records(*, with_goods: bool = True) -> list[dict]:
    return [
        {
            "province": province, "partner_iso3": market, "value_usd": value, "year_sh": 1403, "month_first_sh": 1,
            "month_last_sh": 12, "net_mass_kg": value / 20, "value_irr": value * 600_000,
            "hs_code": code if with_goods else None, "hs6_code": code if with_goods else None,
            "hs4_code": code[:4] if with_goods else None, "hs2_code": code[:2] if with_goods else None,
        }
        for province, market, code, value in RECORDS
    ]  # fmt: skip


@pytest.fixture
def given(keep, processed, tmp_path):
    """Keeps records and a file of world trade, and opens the page of 1403."""

    def made(rows: list[dict], files: dict[str, str], province: str = "alborz") -> Page:
        keep(*rows)
        folder = tmp_path / "raw" / "world"
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text)
        hashes = memory.Hashes(tmp_path / "hashes")
        found = received(tmp_path / "raw").others
        accounts = world.prepare_world(found, processed, hashes, tmp_path / "before")
        assert not [account.error for account in accounts if account.error]
        return telling.open_page(province, "1403", "en")

    return made


def baci(rows=BACI) -> str:
    lines = [
        f"{t},{i},{j},{k},{v / 1000},{'NA' if q is None else q / 1000}" for t, i, j, k, v, q in rows
    ]
    return "\n".join(["t,i,j,k,v,q", *lines])


WORLD = {"BACI_HS22_V1.csv": baci()}


def test_without_world_trade_each_question_is_left_for_the_list(given):
    page = given(records(), {})
    demand = facts.demand_of(page)
    told = [
        facts.size_fact(demand), facts.unrealised_fact(demand)[0], facts.targets_fact(demand),
        facts.opening_fact(demand, 0.0, is_sold=True)[0], facts.opening_fact(demand, 0.0, is_sold=False)[0],
        facts.mirror_fact(page, demand)[0], facts.silent_fact(demand), facts.coverage_fact(demand),
        facts.complexity_fact(page, demand),
    ]  # fmt: skip
    assert all(fact.is_missing for fact in told)
    assert {fact.question for fact in told} == {"demand.world"}  # one line in "not answered"
    assert facts.target_facts(demand) == []
    assert "world" in store.used()


def test_a_province_without_exports_is_not_asked_for_the_file_that_is_there(given):
    demand = facts.demand_of(given(records(), WORLD, "qom"))
    assert (facts.size_fact(demand).question, facts.size_fact(demand).case) == (
        "demand.size",
        "missing",
    )
    assert facts.unrealised_fact(demand)[0].is_missing
    assert facts.supplier_rows(demand).empty


def test_with_goods_markets_are_told_by_what_they_buy_of_them(given):
    demand = facts.demand_of(given(records(), WORLD))
    fact = facts.size_fact(demand)
    assert fact.case == "goods"
    assert fact["first.demand_usd"].value == 100_000_000
    assert fact["nation.iran_share"].value == pytest.approx(0.1)
    assert fact["fastest"].case == "up"
    assert facts.coverage_fact(demand).case == "goods"
    assert demand.covered_share == 1.0
    assert facts.size_rows(demand)["basis"].isna().all()  # both sides were reconciled for all
    silent = facts.silent_fact(demand)
    assert silent["markets"][0]["basis"].case == "missing"
    assert silent["silent_markets_share"].value == pytest.approx(0.1 / 3.5)


def test_potential_has_the_nations_ease_and_is_never_above_what_the_market_buys(given):
    demand = facts.demand_of(given(records(), WORLD))
    rows = demand.pairs.set_index(["hs6_code", "partner_iso3"])
    # Of 200 M the nation's 10.1 M are 5.05 %, Alborz's 3.1 M 1.55 %; Iraq buys 100 M: at the world's
    # share it would take 5.05 M from Iran and takes 8 M.
    assert rows.loc[("300490", "IRQ"), "potential_usd"] == pytest.approx(1.55e6 * 8 / 5.05)
    assert rows.loc[("300490", "ARE"), "potential_usd"] == pytest.approx(0.62e6 * 2 / 2.02)
    assert (demand.pairs["potential_usd"] <= demand.pairs["demand_usd"]).all()
    enter, pairs = facts.opening_fact(demand, 0.0, is_sold=False)
    assert (enter.case, list(pairs["partner_iso3"])) == ("some", ["ARE", "TUR"])
    deepen, no_pairs = facts.opening_fact(demand, 0.0, is_sold=True)
    assert deepen.case == "none"
    assert not telling.table(deepen, no_pairs, demand.page)  # and no table of no rows
    assert facts.opening_fact(demand, 1e9, is_sold=False)[0].case == "none"
    gap = facts.unrealised_fact(demand)[0]
    turkey = 0.93e6 * 0.5 / (3.03 + 0.5)  # its ease is that of all goods together
    assert gap["enter_usd"].value == pytest.approx(0.62e6 * 2 / 2.02 + turkey)
    assert gap["deepen_usd"].value == 0.0  # in Turkey it is another good that is sold already


def test_a_target_is_told_in_order_with_competitors_and_what_to_ask(given):
    demand = facts.demand_of(given(records(), WORLD))
    target, other = facts.target_facts(demand)
    assert target.case == "new"
    assert [fact["seller.partner_iso3"].codes for fact in target["suppliers"]] == [["CHN"]]
    assert target["worth"].case == "missing"  # China's mass is not reported
    assert target["bought.target_rank"].value == 1
    assert [fact["ask"].case for fact in (target, other)] == ["enter", "below"]
    table = facts.supplier_rows(demand)
    assert list(table["supplier_iso3"]) == ["CHN", "CHN"]
    assert table["target"].iloc[0].startswith("1. Packaged medicines to ")
    assert table["unit_value_usd_per_tonne_province"].iloc[0] == pytest.approx(20_000)
    assert list(facts.matrix_rows(demand)["partner_iso3"]) == ["ARE", "TUR"]


ASKS = [  # what the data say of the target, and what is asked of it first
    ("the market shrinks", {"growth_share": -0.1}, "falling"),
    ("worth more than the first supplier's", {"unit_value_usd_per_tonne_province": 6_000.0}, "above"),
    ("worth less", {"unit_value_usd_per_tonne_province": 2_000.0}, "below"),
    ("worth as much", {"unit_value_usd_per_tonne_province": 4_100.0}, "deepen"),
    ("of unlike goods, tenfold apart", {"unit_value_usd_per_tonne_province": 90_000.0}, "deepen"),
    ("weight not known", {}, "deepen"),
    ("not sold there yet", {"is_sold": False}, "enter"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "what", "ask"), ASKS, ids=[reason for reason, *_ in ASKS])
def test_what_is_asked_of_a_target_is_what_its_data_call_for(reason, what, ask):
    row = {
        "hs6_code": "300490", "partner_iso3": "IRQ", "gap_usd": 1e6, "potential_usd": 2e6, "actual_usd": 1e6, "is_sold": True,
        "iran_share": 0.1, "growth_share": 0.05, "demand_usd": 9e6, "reported_by": "both", "unit_value_usd_per_tonne_province": np.nan,
    }  # fmt: skip
    sellers = pd.DataFrame({
        "target_rank": [1, 1], "supplier_iso3": ["TUR", "CHN"], "share": [0.5, 0.2],
        "unit_value_usd_per_tonne": [np.nan, 4_000.0],
    })  # fmt: skip
    demand = facts.Demand(PAGE, pairs=pd.DataFrame([row | what]), suppliers=sellers)
    (target,) = facts.target_facts(demand)
    assert target["ask"].case == ask
    assert target.case == ("new" if ask == "enter" else "sold")


def test_an_opening_is_named_where_iran_is_not_the_main_supplier():
    rows = pd.DataFrame({
        "partner_iso3": ["AFG", "TUR"], "hs6_code": ["300490", "870899"], "is_sold": False, "gap_usd": [10.0, 1.0],
        "potential_usd": [10.0, 1.0], "actual_usd": 0.0, "iran_share": [0.6, 0.1],
    })  # fmt: skip
    fact, table = facts.opening_fact(facts.Demand(PAGE, pairs=rows), 0.0, is_sold=False)
    assert (fact.case, fact["first.partner_iso3"].codes, fact["gap_usd"].value) == (
        "some",
        ["TUR"],
        11.0,
    )
    assert len(table) == 2
    fact, _ = facts.opening_fact(facts.Demand(PAGE, pairs=rows.head(1)), 0.0, is_sold=False)
    assert fact.case == "home"


def test_few_targets_lie_in_one_market_and_none_where_iran_sells_most_already():
    rows = pd.DataFrame({
        "partner_iso3": ["AFG", "IRQ", "IRQ", "IRQ", "TUR"], "gap_usd": [10.0, 9.0, 8.0, 7.0, 1.0],
        "iran_share": [0.6, 0.1, 0.1, 0.1, 0.0],
    })  # fmt: skip
    targets = facts.Demand(PAGE, pairs=rows).targets
    assert list(targets["partner_iso3"]) == ["IRQ", "IRQ", "TUR"]
    assert list(targets["target_rank"]) == [1, 2, 3]


def test_markets_not_served_are_told_with_what_they_buy(given):
    demand = facts.demand_of(given(records(with_goods=False), WORLD))
    rows = facts.entry_rows(demand, pd.DataFrame({"partner_iso3": ["ARE", "QAT"]}))
    assert list(rows["demand_usd"].fillna(-1)) == [40_000_000, -1]
    assert rows["growth_share"].iloc[0] == 0.0


def test_of_values_alone_markets_are_told_by_all_they_buy(given):
    demand = facts.demand_of(given(records(with_goods=False), WORLD))
    fact = facts.size_fact(demand)
    assert fact.case == "all"
    assert facts.coverage_fact(demand).case == "all"
    assert facts.targets_fact(demand).is_missing
    rows = facts.size_rows(demand).set_index("partner_iso3")
    assert rows.loc["IRQ", "suppliers"] == "Turkey"  # Iran itself is no competitor of Iran
    assert rows.loc["TUR", "demand_usd"] == 65_000_000


def test_goods_of_another_edition_are_told_only_through_a_concordance(given, tmp_path):
    old = {"BACI_HS17_V1.csv": baci()}
    assert facts.size_fact(facts.demand_of(given(records(), old))).case == "all"


def test_what_a_concordance_does_not_carry_is_said(given):
    demand = facts.demand_of(
        given(records(), {"BACI_HS17_V1.csv": baci(), "c.csv": "H6,H5\n300490,300490\n"})
    )
    fact = facts.coverage_fact(demand)
    assert (fact.case, fact["lost"].case) == ("carried", "some")
    assert fact["lost.lost_usd"].value == 400_000
    assert demand.covered_share == pytest.approx(3.1 / 3.5)


def test_the_mirror_takes_the_iranian_year_that_begins_in_the_files_year(given):
    page = given(records(), WORLD)
    fact, rows = facts.mirror_fact(page, facts.demand_of(page))
    assert fact.case == "both"
    assert (fact["year"].codes, fact["ours.period"].codes) == (["2024"], ["1403"])
    assert dict(zip(rows["partner_iso3"], rows["reported_usd"], strict=True))["IRQ"] == 10_000_000
    assert "LBY" not in set(rows["partner_iso3"])


def test_a_silent_market_is_told_by_its_suppliers_and_since_when(given):
    head = "period,reporterCode,partnerCode,flowCode,classificationCode,cmdCode,primaryValue\n"
    rows = [
        "2023,368,792,M,H6,300490,50", "2024,792,368,X,H6,300490,70", "2024,784,156,M,H6,300490,30",
        "2024,792,156,M,H6,300490,30", "2024,156,434,X,H6,300490,5",
    ]  # fmt: skip
    demand = facts.demand_of(given(records(), {"a.csv": head + "\n".join(rows) + "\n"}))
    iraq = facts.size_rows(demand).set_index("partner_iso3").loc["IRQ"]
    assert (iraq["demand_usd"], iraq["basis"]) == (70.0, "no report since 2023; suppliers’ figures")
    silent = facts.silent_fact(demand)["markets"]
    assert [fact["basis"].case for fact in silent] == ["since", "never"]


def test_complexity_needs_a_table_and_a_concordance(given):
    pci = "country_iso3_code,product_hs92_code,year,export_value,pci\nTUR,3004,2024,1000,1.5\nTUR,8708,2024,900000000,2.5\n"
    page = given(records(), {"pci.csv": pci, "c.csv": "H6,H0\n300490,300490\n870899,870899\n"})
    fact = facts.complexity_fact(page, facts.Demand(page))
    assert (fact.case, fact["own.outside_complexity"].value, fact["own.n_goods"].value) == (
        "steady",
        1.5,
        1,
    )
    assert facts.complexity_fact(
        telling.open_page("qom", "1403", "en"), facts.Demand(page)
    ).is_missing


def test_rials_are_told_and_a_file_at_another_rate_is_found(given):
    rows = records()
    page = given(
        [*rows, rows[0] | {"source_file": "b.csv", "value_irr": 3_000_000.0 * 400_000}], {}
    )
    fact, rates = facts.rate_fact(page)
    assert fact.case == "apart"
    assert list(rates["period"]) == ["1403"] * 2
    assert fact["n_files"].value == 2  # of two files neither is known to be the right one


def test_without_rials_no_rate_is_told(given):
    page = given([row | {"value_irr": np.nan} for row in records()], {})
    assert facts.rate_fact(page)[0].is_missing


def test_survival_is_told_of_markets_where_goods_are_not_known(given):
    rows = records(with_goods=False)
    old = [rows[0] | {"year_sh": year} for year in (1400, 1401, 1402)]
    codes = ["IRQ", "TUR", "ARE", "LBY", "CHN", "IND", "PAK", "OMN", "QAT", "SAU", "KWT", "SYR", "LBN",
             "EGY", "KEN", "GHA", "NGA", "UZB", "KGZ", "TJK", "AZE", "ARM"]  # fmt: skip
    new = [rows[0] | {"year_sh": 1401, "partner_iso3": code} for code in codes]
    others = [row | {"province": "tehran"} for row in new[:3]]
    kept = [row | {"year_sh": 1402} for row in [*new[:12], *others[:2]]]
    page = given([*old, *new, *others, *kept], {})
    fact, curves = facts.survival_fact(page, 1.0)
    assert (fact.case, fact["own.n_new_flows"].value) == ("markets", 21)  # Iraq was there before
    assert fact["own.survival_share"].value == pytest.approx(11 / 21)
    assert list(curves.loc[curves["n_years"] == 0, "survival_share"]) == [1.0, 1.0]
    assert facts.survival_fact(telling.open_page("tehran", "1402", "en"), 1.0)[0].is_missing


def test_the_nearest_goods_are_real_headings_worth_something(given):
    rows = records()
    extra = [
        rows[1] | {"hs4_code": code, "hs6_code": f"{code}00", "province": p}
        for code in ("8450", "7703", "8451")
        for p in ("tehran", "qom", "yazd", "fars")[: 2 if code == "8451" else 4]
    ]
    page = given([*rows, *extra, rows[3] | {"province": "qom"}], {})
    goods = store.totals(["province", "hs4_code"], period=page.period)
    fact, table = facts.nearest_fact(goods, page, 1_000.0)
    assert (fact.case, list(table["hs4_code"])) == ("some", ["8450"]), "two sellers are chance"
    assert facts.nearest_fact(goods.head(0), page, 1_000.0)[0].is_missing


def test_a_year_of_the_common_era_is_named_as_one():
    assert numbers.year_ce("2024", "fa") == "سال ۲۰۲۴ میلادی"


# An example of every case

YEARS = {"year": Name("year_ce", ["2024"]), "since": Name("year_ce", ["2021"])}
ROW = {"partner_iso3": "IRQ", "hs6_code": "300490", "target_rank": 1}
GROWTH = YEARS | {"row": ROW | {"growth_share": 0.147}}
GAPS = YEARS | {
    "first": ROW | {"gap_usd": 3.9e6, "potential_usd": 4.9e6, "actual_usd": 1e6}, "n_markets": 8, "n_openings": 8,
    "count": {"n_targets": 8}, "floor_usd": 50_000, "gap_usd": 9.9e6, "unrealised_usd": 9.9e6, "unrealised_share": 0.26,
    "deepen_usd": 6e6, "enter_usd": 3.9e6,
}  # fmt: skip
LOST = [PAGE.fact("demand.lost", case, lost_usd=2e6) for case in ("none", "some")]
UNIT_VALUE = "unit_value_usd_per_tonne"
WORTH = {"own": {UNIT_VALUE: 4564}, "theirs": {UNIT_VALUE: 4239, "partner_iso3": "TUR"}}
SUPPLIERS = [
    PAGE.fact("demand.supplier", "some", seller={"partner_iso3": code, "share": part})
    for code, part in (("TUR", 0.52), ("CHN", 0.2), ("IND", 0.08))
]
SIZE = YEARS | {"first": ROW | {"demand_usd": 115.8e6}, "nation": {"iran_share": 0.043}}
MIRROR = {
    "year": YEARS["year"], "count": {"n_markets": 40}, "ours": {"period": "1403", "declared_usd": 45e9, "covered_share": 0.9},
    "theirs": {"reported_usd": 30e9}, "our_first": ROW | {"declared_usd": 10e9}, "their_first": {"reported_usd": 2e9},
}  # fmt: skip
LASTING = [Fact("demand.lasting", case) for case in ("up", "down", "steady")]
SURVIVAL = {
    "own": {"n_new_flows": 35, "n_years": 1, "survival_share": 0.743}, "rest": {"survival_share": 0.576},
    "beside": LASTING[0], "first": {"period": "1400"},
}  # fmt: skip
RATES = {"mean": 751_000, "low": 727_102, "high": 770_400}
RATE = {name: {"rate_irr_per_usd": rate} for name, rate in RATES.items()}
RATE |= {"value_irr": 1.27e14, "n_files": 2}
COMPLEX = YEARS | {
    "own": {"outside_complexity": 0.41, "n_goods": 31, "covered_share": 0.93},
    "nation": {"outside_complexity": -0.2},
}
NEAREST = {
    "goods": pd.DataFrame({"hs4_code": ["8450", "3006"]}),
    "first": {"hs4_code": "8450", "density": 0.62, "n_provinces": 18},
}


def target(case: str, growth: str, worth: str, iran: str, told_by: str, ask: str) -> Fact:
    parts = {
        "bought": ROW | {"demand_usd": 115.8e6}, "own": {"potential_usd": 4.9e6, "actual_usd": 1e6}, "year": YEARS["year"],
        "iran": PAGE.fact("demand.iran", iran, nation={"iran_share": 0.043}),
        "growth": PAGE.fact("demand.pace", growth, **GROWTH), "suppliers": SUPPLIERS,
        "worth": PAGE.fact("demand.worth", worth, **WORTH),
        "silence": Fact("demand.told_by", told_by), "ask": PAGE.fact("demand.ask", ask, **WORTH, row=ROW),
    }  # fmt: skip
    return PAGE.fact("demand.target", case, **parts)


def nested(fact: Fact) -> list[Fact]:
    return [part for part in fact.parts.values() if isinstance(part, Fact)]


BASIS = {
    case: Fact("demand.basis", case, YEARS | {"year": Name("year_ce", ["2014"])})
    for case in ("importer", "both", "since", "never", "missing")
}
SILENCE = [
    PAGE.fact("demand.silence", "some", row={"partner_iso3": code}, basis=BASIS[case])
    for code, case in (("IRQ", "since"), ("LBY", "missing"))
]
TARGETS = [
    target("new", "up", "above", "none", "both", "above"), target("sold", "down", "below", "some", "importer", "falling"),
    target("new", "steady", "missing", "some", "exporter", "enter"), target("new", "missing", "unlike", "some", "exporter", "enter"),
    target("sold", "up", "steady", "some", "both", "deepen"), target("sold", "up", "below", "some", "both", "below"),
]  # fmt: skip


def examples():
    """A fact of every case that has words."""
    return [
        *[PAGE.fact("demand.fastest", case, **GROWTH) for case in ("up", "down", "steady", "missing")],
        *[PAGE.fact("demand.size", case, **SIZE, fastest=PAGE.fact("demand.fastest", "up", **GROWTH)) for case in ("goods", "all")],
        Fact("demand.names", "some", {"names": Name("partner_iso3", ["TUR", "CHN"])}),
        *BASIS.values(),
        SILENCE[0],
        PAGE.fact("demand.silent", "some", **YEARS, count={"n_markets": 2}, markets=SILENCE, silent_markets_share=0.37),
        *LOST,
        *[PAGE.fact("demand.coverage", case, **YEARS, covered_share=0.93, lost=LOST[1]) for case in ("goods", "carried", "all")],
        *[PAGE.fact("demand.gap", case, **GAPS) for case in ("some", "none")],
        *[PAGE.fact(f"demand.{name}", case, **GAPS) for name in ("deepen", "enter", "targets") for case in ("some", "none")],
        *[PAGE.fact(f"demand.{name}", "home", **GAPS) for name in ("deepen", "enter")],
        *TARGETS,
        *{(fact.question, fact.case): fact for each in TARGETS for fact in nested(each)}.values(),
        SUPPLIERS[0],
        PAGE.fact("demand.of", "some", row=ROW),
        *[PAGE.fact("demand.mirror", case, **MIRROR) for case in ("reported", "both")],
        *LASTING,
        *[PAGE.fact("demand.survival", case, **SURVIVAL) for case in ("markets", "goods")],
        PAGE.fact("demand.nearest", "some", **NEAREST),
        *[PAGE.fact("demand.complexity", case, **COMPLEX) for case in ("up", "down", "steady")],
        *[PAGE.fact("demand.rate", case, **RATE) for case in ("one", "apart")],
        *[Fact(f"demand.{name}", "missing") for name in ("world", "size", "gap", "mirror", "survival", "nearest", "complexity", "rate")],
    ]  # fmt: skip

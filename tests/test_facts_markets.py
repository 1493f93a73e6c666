"""Facts on target markets: rows in, case and numbers out; and an example of every case."""

import pandas as pd
import pytest

from helpers.measures import markets as measures
from helpers.periods import parse_period
from helpers.telling.facts import common
from helpers.telling.facts import markets as facts
from helpers.telling.page import Fact, Page

PAGE = Page("alborz", parse_period("1403"), "en", "customs")


def destinations(own: dict[str, float], nation: dict[str, float]) -> pd.DataFrame:
    """Like `values.against_nation` by `partner_iso3`."""
    rows = pd.DataFrame({"value_usd_province": own, "value_usd_nation": nation}).fillna(0.0)
    for of in ("province", "nation"):
        rows[f"share_in_{of}"] = rows[f"value_usd_{of}"] / rows[f"value_usd_{of}"].sum()
    return rows.rename_axis("partner_iso3").reset_index()


IRAN = {"CHN": 50.0, "IRQ": 30.0, "ARE": 15.0, "TUR": 5.0}
SEVERAL = destinations({"IRQ": 6.0, "ARE": 3.0, "TUR": 1.0}, IRAN)
ONE = destinations({"IRQ": 6.0}, IRAN)
NONE = destinations({"XXA": 6.0}, IRAN)

MIX = [
    ("three markets take all, as is known of the nation", SEVERAL, "several", 3, 1.0, 0.5),
    ("a single market", ONE, "one", 1, 1.0, 0.3),
    ("free zones are no market", NONE, "missing", None, None, None),
]


@pytest.mark.parametrize(
    ("reason", "rows", "case", "n", "own", "same"), MIX, ids=[m[0] for m in MIX]
)
def test_the_mix_of_markets(reason, rows, case, n, own, same):
    fact = facts.mix_fact(rows, PAGE)
    assert fact.case == case
    if n:
        values = [
            fact[name].value
            for name in ("served", "top_markets_share", "same", "top_markets_share")
        ]
        assert values == pytest.approx([n, own, same, own]), "its tile shows what it says"


def test_what_went_to_free_zones_is_told_apart():
    assert facts.unnamed_fact(NONE, PAGE)["own.XXA_share"].value == 1.0
    assert facts.unnamed_fact(SEVERAL, PAGE).case == "none"
    assert facts.unnamed_fact(destinations({}, IRAN), PAGE).is_missing


SPREADS = [
    ("one market against four", [10.0], "down"),
    ("as even as the nation", [50.0, 30.0, 15.0, 5.0], "steady"),
    ("eight equal markets", [1.0] * 8, "up"),
]


def spread(values):
    return destinations(dict(zip([*IRAN, "AFG", "PAK", "OMN", "SYR"], values, strict=False)), IRAN)


@pytest.mark.parametrize(("reason", "values", "case"), SPREADS, ids=[s[0] for s in SPREADS])
def test_concentration_is_told_beside_the_nation(reason, values, case):
    fact = facts.concentration_fact(spread(values), PAGE)
    assert fact.case == case


def test_the_largest_market_has_the_same_share_as_in_the_table_of_destinations():
    rows = destinations({"IRQ": 5.0, "TUR": 3.0, "XXA": 2.0}, IRAN)
    fact = facts.concentration_fact(rows, PAGE)
    assert [fact[name].value for name in ("top1_share", "top5_share")] == pytest.approx([0.5, 0.8])
    # The index is of markets, and a free zone is none.
    assert fact["own.hhi"].value == pytest.approx(0.625**2 + 0.375**2)


def test_without_exports_concentration_is_not_known():
    assert facts.concentration_fact(NONE, PAGE).is_missing


def path_of(*rows: tuple[str, int, int, float]) -> pd.DataFrame:
    """`market_path` of Alborz from rows of market, year, last month and value."""
    table = pd.DataFrame(rows, columns=["partner_iso3", "year_sh", "month_last_sh", "value_usd"])
    table = table.assign(province="alborz", month_first_sh=1, net_mass_kg=float("nan"))
    return measures.market_path(table.assign(value_usd_weighed=float("nan"), n_declarations=1))


PATHS = [
    ("ten months are no fall from twelve", [("IRQ", 1403, 12, 12.0), ("IRQ", 1404, 10, 10.0)], "steady"),
    ("a fall from the best year and a rise", [("ARE", 1402, 12, 120.0), ("ARE", 1403, 12, 60.0), ("IRQ", 1403, 12, 12.0), ("ARE", 1404, 10, 10.0), ("IRQ", 1404, 10, 20.0)], "both"),
    ("only a rise", [("IRQ", 1403, 12, 12.0), ("IRQ", 1404, 10, 20.0)], "up"),
    ("only a fall", [("IRQ", 1403, 12, 24.0), ("IRQ", 1404, 10, 10.0)], "down"),
    ("one year is no path", [("IRQ", 1403, 12, 24.0)], "missing"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "rows", "case"), PATHS, ids=[p[0] for p in PATHS])
def test_the_path_of_markets_goes_by_average_months(reason, rows, case):
    fact = facts.paths_fact(path_of(*rows), PAGE)
    assert fact.case == case
    if case == "both":
        amounts = [
            fact[f"{name}.value_usd_per_month"].value
            for name in ("down", "down_now", "up", "up_now")
        ]
        assert amounts == pytest.approx([10.0, 1.0, 1.0, 2.0])


def test_a_part_of_a_year_is_marked_on_the_axis():
    rows = facts.largest_paths(path_of(("IRQ", 1403, 12, 12.0), ("IRQ", 1404, 10, 10.0)))
    assert list(rows["period"]) == ["1403", "1404M01-10"]


def changes(**pairs: tuple[float, float]) -> pd.DataFrame:
    rows = pd.DataFrame(pairs, index=["value_usd", "value_usd_before"]).T.rename_axis(
        "partner_iso3"
    )
    return rows.reset_index().assign(change_usd=lambda t: t["value_usd"] - t["value_usd_before"])


MOVES = [
    ("up and down", {"IRQ": (9.0, 5.0), "TUR": (1.0, 3.0)}, "both"),
    ("up alone", {"IRQ": (9.0, 5.0)}, "up"),
    ("down alone", {"IRQ": (4.0, 5.0)}, "down"),
    ("nothing moved", {"IRQ": (5.0, 5.0)}, "steady"),
    ("nothing before", {"IRQ": (5.0, 0.0)}, "missing"),
]


@pytest.mark.parametrize(("reason", "pairs", "case"), MOVES, ids=[m[0] for m in MOVES])
def test_which_markets_moved(reason, pairs, case):
    assert facts.moves_fact(changes(**pairs), PAGE).case == case


def test_a_market_that_moved_more_than_all_together_is_told_apart():
    told_apart = changes(IRQ=(9.0, 5.0), ARE=(1.0, 10.0), TUR=(10.0, 10.0))
    others = facts.moves_fact(told_apart, PAGE)["others"]
    assert (others.case, others["market.partner_iso3"].codes) == ("some", ["ARE"])
    assert others["growth"]["change"].value == pytest.approx(4 / 15)
    # Without Turkey exports still fell.
    shared = changes(ARE=(1.0, 10.0), TUR=(5.0, 10.0))
    assert facts.moves_fact(shared, PAGE)["others"].case == "none"


def lines(**status: str) -> pd.DataFrame:
    rows = [(market, 2.0 * (s != "lost"), 3.0 * (s != "won"), s) for market, s in status.items()]
    return pd.DataFrame(rows, columns=["partner_iso3", "value_usd", "value_usd_before", "status"])


WON = [
    ("won and lost", {"IRQ": "won", "TUR": "lost", "ARE": "kept"}, "both"),
    ("won alone", {"IRQ": "won", "ARE": "kept"}, "won"),
    ("lost alone", {"TUR": "lost", "ARE": "kept"}, "lost"),
    ("neither", {"ARE": "kept"}, "none"),
    ("no earlier period", {"IRQ": "won"}, "missing"),
]


@pytest.mark.parametrize(("reason", "status", "case"), WON, ids=[w[0] for w in WON])
def test_markets_won_and_lost(reason, status, case):
    assert facts.won_and_lost_fact(lines(**status), 50_000.0, PAGE).case == case


def test_the_share_of_irans_sales_is_told_of_markets_that_matter():
    last = pd.DataFrame({
        "partner_iso3": ["SOM", "IRQ", "TUV"], "year_sh": 1404,
        "value_usd": [5.0, 80.0, 0.1], "share": [0.06, 0.94, 0.001], "national_share": [0.1, 0.01, 1.0],
    })  # fmt: skip
    fact, rows = facts.sales_share_fact(last, PAGE)
    assert list(rows["partner_iso3"]) == ["SOM", "IRQ"]
    assert fact["first.national_share"].value == 0.1
    assert facts.sales_share_fact(last.head(1), PAGE)[0].case == "one"
    assert facts.sales_share_fact(last.assign(value_usd=0.0), PAGE)[0].is_missing


def by_market(*ratios: float, n: int = 5) -> pd.DataFrame:
    table = pd.DataFrame({"relative_unit_value_vs_rest": ratios})
    table = table.assign(partner_iso3=["IRQ", "TUR", "ARE"][: len(ratios)], share_in_province=0.2)
    table["unit_value_usd_per_tonne_province"] = 1000.0 * table["relative_unit_value_vs_rest"]
    return table.assign(unit_value_usd_per_tonne_rest=1000.0, n_declarations_province=n)


UNIT_VALUES = [
    ("above in all", by_market(2.0, 1.5), "all"),
    ("above in one", by_market(2.0, 0.5), "some"),
    ("above in none", by_market(0.5), "none"),
    ("four records are too few", by_market(2.0, n=4), "missing"),
    ("no weights", by_market(float("nan")), "missing"),
]


@pytest.mark.parametrize(("reason", "rows", "case"), UNIT_VALUES, ids=[u[0] for u in UNIT_VALUES])
def test_unit_values_by_market_need_five_records(reason, rows, case):
    assert facts.unit_values_fact(rows, PAGE)[0].case == case


def split(own: float, market: float) -> pd.DataFrame:
    row = {"partner_iso3": "IRQ", "share_before": 0.01, "share": 0.01 + own + market}
    row |= {
        "change": own + market,
        "own_effect": own,
        "product_effect": 0.0,
        "market_effect": market,
    }
    return pd.DataFrame([row])


SPLITS = [
    ("lost in its markets, which grew", split(-0.003, 0.001), "down", "own_effect"),
    ("markets that grew", split(0.001, 0.003), "up", "market_effect"),
    ("effects that meet", split(-0.003, 0.003), "steady", "own_effect"),
    ("less than a hundredth of a point", split(0.00004, 0.0), "still", "own_effect"),
]


def test_in_a_small_province_every_effect_that_makes_up_the_change_has_its_number():
    fact, _ = facts.share_change_fact(split(-0.00015, 0.00005), PAGE)
    assert [effect.case for effect in fact["effects"]] == ["down", "up"]
    # Beside a large effect a small one is none.
    fact, _ = facts.share_change_fact(split(-0.003, 0.00009), PAGE)
    assert [effect.case for effect in fact["effects"]] == ["down", "steady"]


def test_months_after_the_page_s_period_are_not_its():
    months = [(1402, 12), (1403, 7), (1403, 8), (1404, 1)]
    totals = pd.DataFrame(months, columns=["year_sh", "month_last_sh"])
    page = Page("alborz", parse_period("1403M01-07"), "en")
    kept = common.until(totals, page)[["year_sh", "month_last_sh"]]
    assert [tuple(row) for row in kept.to_numpy()] == [(1402, 12), (1403, 7)]


@pytest.mark.parametrize(("reason", "rows", "case", "largest"), SPLITS, ids=[s[0] for s in SPLITS])
def test_the_change_of_share_is_split_and_its_waterfall_ends_where_it_should(
    reason, rows, case, largest
):
    fact, bars = facts.share_change_fact(rows, PAGE)
    assert (fact.case, fact["largest"].case) == (case, largest)
    assert bars["share"].iloc[:-1].sum() == pytest.approx(bars["share"].iloc[-1])


def test_without_two_periods_the_share_is_not_split():
    assert facts.share_change_fact(None, PAGE)[0].is_missing


OFFERED = pd.DataFrame({
    "hs4_code": "3004", "partner_iso3": ["IRQ", "IND"], "rest_value_usd": [9e6, 5e6],
    "expected_usd": [3e6, 1e6], "is_new_market": [False, True],
})  # fmt: skip
ALL_AT_ONCE = OFFERED.assign(hs4_code=facts.ALL_GOODS)


def test_markets_to_enter_and_to_deepen_are_apart():
    enter, new = facts.potential_fact(OFFERED, PAGE, enter=True)
    deepen, present = facts.potential_fact(OFFERED, PAGE, enter=False)
    assert (enter.case, list(new["partner_iso3"])) == ("some", ["IND"])
    assert (deepen.case, list(present["partner_iso3"])) == ("some", ["IRQ"])
    assert facts.potential_fact(OFFERED.tail(1), PAGE, enter=False)[0].case == "none"
    assert facts.potential_fact(OFFERED.head(0), PAGE, enter=True)[0].is_missing


def test_the_goods_of_a_market_are_added_up():
    two = pd.concat([OFFERED, OFFERED.assign(hs4_code="3926", expected_usd=5e6)])
    fact, rows = facts.potential_fact(two, PAGE, enter=True)
    assert rows[["rest_value_usd", "expected_usd"]].to_numpy().tolist() == [[10e6, 6e6]]
    assert fact["first.expected_usd"].value == 6e6


def test_without_goods_markets_stand_by_size_and_have_no_index_of_potential():
    fact, rows = facts.potential_fact(ALL_AT_ONCE, PAGE, enter=True)
    assert fact.case == "whole"
    assert rows["expected_usd"].isna().all()
    # Of other goods nothing is known.
    assert facts.potential_fact(ALL_AT_ONCE, PAGE, enter=False)[0].is_missing
    assert facts.offers_fact(ALL_AT_ONCE, PAGE)[0].is_missing


def test_the_largest_offer_is_named():
    fact, cells = facts.offers_fact(OFFERED, PAGE)
    assert fact["rest.offer_value_usd"].value == 9e6
    assert list(cells["partner_iso3"]) == ["IRQ", "IND"]
    assert facts.offers_fact(OFFERED.head(0), PAGE)[0].is_missing


GOODS = [("the heading is known", "3004", "3004"), ("value alone knows none", None, "all")]


@pytest.mark.parametrize(("reason", "code", "good"), GOODS, ids=[g[0] for g in GOODS])
def test_what_is_offered_is_told_by_goods_where_the_province_has_them(reason, code, good):
    sold = [("alborz", "IRQ", 6.0), ("tehran", "IRQ", 4.0), ("tehran", "IND", 4.0)]
    nation = pd.DataFrame(sold, columns=["province", "partner_iso3", "value_usd"])
    nation = nation.assign(hs4_code=code, net_mass_kg=1.0, value_usd_weighed=1.0, n_declarations=1)
    own = nation[nation["province"] == "alborz"]
    (row,) = facts.offered(own, nation).to_dict("records")
    assert (row["hs4_code"], row["partner_iso3"], row["expected_usd"]) == (good, "IND", 3.0)


def examples():
    return [
    *[facts.mix_fact(rows, PAGE) for _, rows, *_ in MIX],
    *[facts.unnamed_fact(rows, PAGE) for rows in (NONE, SEVERAL)],
    *[facts.concentration_fact(spread(v), PAGE) for _, v, _ in SPREADS],
    *[Fact("markets.concentration_band", band) for band in ("low", "moderate", "high")],
    *[facts.paths_fact(path_of(*rows), PAGE) for _, rows, _ in PATHS],
    *[facts.moves_fact(changes(**pairs), PAGE) for _, pairs, _ in MOVES],
    facts.moves_fact(changes(IRQ=(9.0, 5.0), ARE=(1.0, 10.0), TUR=(10.0, 10.0)), PAGE),
    *[Fact("markets.others", "none"), facts.moves_fact(changes(IRQ=(9.0, 5.0), ARE=(1.0, 10.0), TUR=(10.0, 10.0)), PAGE)["others"]],
    *[facts.won_and_lost_fact(lines(**status), 50_000.0, PAGE) for _, status, _ in WON],
    Fact("markets.sales_share", "missing"),
    *[facts.sales_share_fact(pd.DataFrame({"partner_iso3": ["SOM", "IRQ"][:n], "year_sh": 1404, "value_usd": 5.0, "share": 0.5, "national_share": 0.1}), PAGE)[0] for n in (1, 2)],
    *[facts.unit_values_fact(rows, PAGE)[0] for _, rows, _ in UNIT_VALUES],
    *[facts.share_change_fact(rows, PAGE)[0] for _, rows, *_ in SPLITS],
    *[
        Fact(f"markets.{name}", case, {"effect": PAGE.number("own_effect_share_effect", 0.001)})
        for name in measures.SHARE_EFFECTS
        for case in ("up", "down", "steady")
    ],
    *[Fact("markets.effect_name", name) for name in measures.SHARE_EFFECTS],
    *[facts.potential_fact(OFFERED, PAGE, enter=enter)[0] for enter in (True, False)],
    facts.potential_fact(ALL_AT_ONCE, PAGE, enter=True)[0],
    *[Fact("markets.floor", case, {"floor_usd": PAGE.number("floor_usd", 50_000.0, "USD")}) for case in ("period", "year")],
    *[Fact("markets.regained", case, {"n_returned": PAGE.number("n_returned", 2, "n")}) for case in ("some", "none")],
    Fact("markets.enter", "none"),
    Fact("markets.deepen", "none"),
    Fact("markets.enter", "missing"),
    facts.offers_fact(OFFERED, PAGE)[0],
]  # fmt: skip

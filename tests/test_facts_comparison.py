"""Facts on the province beside the nation: rows in, case and numbers out; an example of each."""

import pandas as pd
import pytest

from helpers import store
from helpers.measures import gap, values
from helpers.periods import Period, parse_period
from helpers.telling.facts import comparison as facts
from helpers.telling.page import Fact, Page, name_of

SAME = store.Base(Period(1403, 1, 7), "same_months", tuple(range(1, 8)), 7)
AVERAGE = store.Base(Period(1403), "monthly_average", tuple(range(1, 11)), 12)
ALONE = store.Base(None, "none", tuple(range(1, 8)), 0)


def page(base=SAME, period="1404M01-07", province="alborz"):
    return Page(province, parse_period(period), "en", "customs", base=base)


def totals(*rows, keys=("province",)):
    """Totals by some keys: each row the keys, the value, and tonnes where they are known."""
    table = pd.DataFrame(
        [dict(zip((*keys, "value_usd", "tonnes"), row, strict=False)) for row in rows]
    )
    tonnes = table.pop("tonnes") if "tonnes" in table else pd.Series(float("nan"), table.index)
    return table.assign(
        net_mass_kg=tonnes * 1000,
        value_usd_weighed=table["value_usd"].where(tonnes.notna()),
        n_declarations=10,
    )


NOW = totals(("alborz", 90.0, 1.0), ("tehran", 900.0, 30.0))
BEFORE = totals(("alborz", 100.0, 0.5), ("tehran", 800.0, 20.0))
NOTHING = BEFORE.head(0)
OTHERS = NOW[NOW["province"] != "alborz"]


def exports(now, before, base):
    at = page(base)
    return facts.exports_fact(facts.overview_rows(now, before, at), at)


EXPORTS = [
    ("the same months are there", NOW, BEFORE, SAME, "same_months", 90.0),
    ("only the whole year before is", NOW, BEFORE, AVERAGE, "monthly_average", 90.0),
    ("nothing is there to compare with", NOW, NOTHING, ALONE, "alone", 90.0),
    ("the province had nothing before", NOW, OTHERS, SAME, "alone", 90.0),
    ("only others have records", OTHERS, BEFORE, SAME, "none", 0.0),
    ("nobody has: not 0 but not known", NOTHING, BEFORE, SAME, "missing", None),
]


@pytest.mark.parametrize(
    ("reason", "now", "before", "base", "case", "value"), EXPORTS, ids=[e[0] for e in EXPORTS]
)
def test_what_was_exported(reason, now, before, base, case, value):
    fact = exports(now, before, base)
    assert fact.case == case
    if value:
        assert fact["own.value_usd"].value == value


def test_unequal_periods_are_compared_by_their_average_month():
    fact = exports(NOW, BEFORE, AVERAGE)
    assert fact["own.value_usd_per_month"].value == pytest.approx(9.0)
    growth = fact["growth"]["change"].value
    assert growth == pytest.approx((90 / 10) / (100 / 12) - 1)


def weight(tonnes):
    now = totals(("alborz", 90.0, tonnes), ("tehran", 900.0, 30.0))
    at = page()
    return facts.weight_fact(facts.overview_rows(now, BEFORE, at), at)


WEIGHTS = [(1.0, "up"), (0.2, "down"), (0.5, "steady"), (float("nan"), "missing")]


@pytest.mark.parametrize(("tonnes", "case"), WEIGHTS)
def test_weight_rises_falls_or_is_not_known(tonnes, case):
    assert weight(tonnes).case == case


def test_more_than_threefold_growth_is_told_by_both_amounts_of_the_whole_period():
    before = totals(("alborz", 10.0, 0.5), ("tehran", 800.0, 20.0))
    growth = exports(NOW, before, SAME)["growth"]
    assert growth.case == "multiple"
    assert [growth[side].value for side in ("before", "now")] == [10.0, 90.0]
    # Of averages of months, those.
    growth = exports(NOW, before, AVERAGE)["growth"]
    assert [growth[side].value for side in ("before", "now")] == pytest.approx([10 / 12, 9.0])


def path(*shares, years=None):
    """The path of a province with these exports beside 1,000 of others."""
    years = years or list(range(1405 - len(shares), 1405))
    months = [(y, 1, 7 if y == 1404 else 12) for y in years]
    rows = [
        (slug, *span, value)
        for span, own in zip(months, shares, strict=True)
        for slug, value in (("alborz", own), ("tehran", 1000.0))
        if value is not None
    ]
    keys = ("province", *values.MONTHS)
    declared = [store.DeclaredPeriod(Period(*span)) for span in months]
    at = page()
    return facts.path_fact(facts.path_rows(totals(*rows, keys=keys), declared, at), at)


PATHS = [
    ("a larger share", (1.0, 2.0, 10.0), "up"),
    ("a smaller share", (10.0, 2.0, 1.0), "down"),
    (
        "a smaller share than last year, though a larger one than at first",
        (1.0, 20.0, 10.0),
        "down",
    ),
    ("less than a hundredth of a point", (2.0, 10.0, 10.001), "steady"),
    ("two years", (1.0, 2.0), "up"),
    ("one year only", (10.0,), "once"),
    ("others have a record this year, the province has none", (10.0, None), "missing"),
]


@pytest.mark.parametrize(("reason", "shares", "case"), PATHS, ids=[p[0] for p in PATHS])
def test_the_path_of_share_and_rank(reason, shares, case):
    fact = path(*shares)
    assert fact.case == case
    if case != "missing":
        assert fact["last.rank"].value == 2
        assert fact["last.n_ranked"].value == 2


def test_a_better_rank_than_those_named_is_told():
    assert path(1.0, 2000.0, 2.0, 10.0)["better"].case == "between"
    assert path(1.0, 2.0, 10.0)["better"].case == "none"


def test_the_last_year_of_the_path_grew_as_the_overview_says():
    paths = pd.DataFrame({
        "province": ["alborz", "alborz"], "period": ["1403", "1404M01-07"], "growth_share": [0.1, 0.2],
    })  # fmt: skip
    overview = pd.DataFrame({"scope": ["alborz", "nation"], "growth_share": [0.06, 0.01]})
    assert list(facts.own_path(paths, overview, page())["growth_share"]) == [0.1, 0.06]


def test_months_after_the_page_s_period_are_not_in_its_path():
    keys = ("province", *values.MONTHS)
    rows = totals(
        ("alborz", 1404, 1, 7, 10.0), ("alborz", 1404, 8, 8, 90.0), ("tehran", 1404, 1, 7, 90.0),
        keys=keys,
    )  # fmt: skip
    declared = [store.DeclaredPeriod(Period(1404, 1, 8))]
    fact = facts.path_fact(facts.path_rows(rows, declared, page()), page())
    assert fact["last.national_share"].value == pytest.approx(0.1)
    assert fact["last.national_share"].period == "1404M01-07"


def alike(now, before=BEFORE):
    at = page()
    return facts.alike_fact(facts.alike_rows(now, before, "hs4_code", at), at)


GOODS = ("province", "hs4_code")
PEERS = totals(("alborz", "3004", 90.0, 1.0), ("tehran", "3004", 900.0, 30.0), keys=GOODS)
PEERS_BY_VALUE = totals(("alborz", "3004", 90.0), ("tehran", "3004", 900.0), keys=GOODS)
ALIKE = [
    ("with weights", PEERS, BEFORE, "goods"),
    ("without", PEERS_BY_VALUE, BEFORE, "value"),
    ("without a year before", PEERS_BY_VALUE, NOTHING, "size"),
    ("the province has no exports", PEERS[PEERS["province"] == "tehran"], BEFORE, "missing"),
]


def test_the_nation_stands_below_those_that_are_alike():
    at = page()
    both = facts.alike_rows(PEERS, BEFORE, "hs4_code", at)
    assert list(both["province"]) == ["alborz", "tehran", "nation"]
    nation = both.iloc[-1]
    assert nation["value_usd"] == 990.0
    assert nation["unit_value_usd_per_tonne"] == pytest.approx(990 / 31)
    assert nation["overlap_share"] == 1.0  # all sell the same good
    assert nation["growth_share"] == pytest.approx(990 / BEFORE["value_usd"].sum() - 1)
    assert name_of("province", "nation", "en") == "Iran"
    none = PEERS[PEERS["province"] == "tehran"]
    assert facts.alike_rows(none, BEFORE, "hs4_code", at).empty


@pytest.mark.parametrize(
    ("reason", "now", "before", "case"), ALIKE, ids=[each[0] for each in ALIKE]
)
def test_the_province_stands_among_its_like(reason, now, before, case):
    fact = alike(now, before)
    assert fact.case == case
    if case == "goods":
        assert fact["value_usd_place"].value == 2
        assert fact["unit_value_usd_per_tonne_place"].value == 1


def per_tonne(own, n_rows=100):
    nation = totals(("alborz", own, 1.0), ("tehran", 1000.0, 10.0), ("fars", 500.0, 10.0))
    ranked = pd.DataFrame(
        {"province": nation["province"], "unit_value_usd_per_tonne": [own, 100.0, 50.0]}
    )
    ranked["rank"] = ranked["unit_value_usd_per_tonne"].rank(ascending=False)
    rows = values.overview(nation, nation, "alborz")
    return facts.per_tonne_fact(rows, ranked, n_rows, page())


PER_TONNE = [
    ("twice the others'", 150.0, 100, "up"),
    ("half of it", 30.0, 100, "down"),
    ("within five per cent", 76.0, 100, "steady"),
    ("four records decide nothing", 150.0, 4, "few"),
    ("without a weight", float("nan"), 0, "missing"),
]


@pytest.mark.parametrize(
    ("reason", "own", "n_rows", "case"), PER_TONNE, ids=[each[0] for each in PER_TONNE]
)
def test_value_per_tonne_beside_the_other_provinces(reason, own, n_rows, case):
    fact = per_tonne(own, n_rows)
    assert fact.case == case
    assert facts.weight_coverage_fact(fact).is_missing == (case in ("few", "missing"))


def quarters(now):
    rows = pd.DataFrame(
        [(1403, 2, "alborz", 100.0), (1404, 1, "alborz", 90.0), (1404, 2, "alborz", now)],
        columns=["year_sh", "quarter_sh", "scope", "unit_value_usd_per_tonne"],
    ).assign(period=["1403Q2", "1404Q1", "1404Q2"])
    return facts.quarters_fact(rows, page())


@pytest.mark.parametrize(("now", "case"), [(120.0, "up"), (80.0, "down"), (100.0, "steady")])
def test_a_quarter_is_compared_with_the_same_of_the_year_before(now, case):
    fact = quarters(now)
    assert (fact.case, fact["growth.before"].value) == (case, 100.0)


def lines(*rows):
    table = pd.DataFrame(rows, columns=["hs6_code", "value_usd", "tonnes"])
    return totals(*table.itertuples(index=False, name=None), keys=("hs6_code",)).assign(
        hs4_code=lambda t: t["hs6_code"].str[:4]
    )


CHEAP, DEAR = ("251710", 100.0, 10.0), ("300490", 900.0, 1.0)
LAST_YEAR = lines(("300490", 900.0, 1.0), ("040610", 100.0, 1.0))
THIS_YEAR = lines(CHEAP, DEAR)


def change(now, before, bulk=("2517",)):
    return facts.change_fact(
        gap.unit_value_change(now, before, "hs6_code"), gap.headline(now, before, bulk), page()
    )


CHANGES = [
    ("gravel enters", THIS_YEAR, LAST_YEAR, "down"),
    ("gravel leaves", LAST_YEAR, THIS_YEAR, "up"),
    ("hardly anything moves", lines(CHEAP, ("300490", 901.0, 1.0)), THIS_YEAR, "steady"),
    ("no year before", THIS_YEAR, LAST_YEAR.head(0), "missing"),
    ("no codes", THIS_YEAR.assign(hs6_code=None), LAST_YEAR.assign(hs6_code=None), "missing"),
]


@pytest.mark.parametrize(
    ("reason", "now", "before", "case"), CHANGES, ids=[each[0] for each in CHANGES]
)
def test_the_change_of_value_per_tonne_is_explained_and_adds_up(reason, now, before, case):
    fact = change(now, before)
    assert fact.case == case
    steps = facts.steps(fact)
    if case != "missing":
        ends = steps["amount"].iloc[[0, -1]]
        assert list(ends) == pytest.approx([fact[f"moved.{n}"].value for n in ("before", "now")])
        middle = steps[~steps["is_total"]]["amount"].sum()
        assert ends.iloc[0] + middle == pytest.approx(ends.iloc[1])


def test_the_goods_of_a_waterfall_add_up_to_the_same_change():
    split = gap.unit_value_change(THIS_YEAR, LAST_YEAR, "hs6_code")
    goods = facts.largest_goods(split, "change_usd_per_tonne", 1)
    assert list(goods) == ["2517", "others"]
    assert sum(goods.values()) == pytest.approx(split["change_usd_per_tonne"].sum())
    assert (
        facts.steps(change(THIS_YEAR, LAST_YEAR), split, "change_usd_per_tonne")["hs4_code"].iloc[1]
        == "2517"
    )


def without_bulk(now, before, bulk=("2517",)):
    return facts.without_bulk_fact(gap.headline(now, before, bulk), page())


RISEN = lines(CHEAP, ("300490", 1200.0, 1.0))
BULK = [
    ("without gravel it rose", RISEN, lines(("300490", 900.0, 1.0)), ("2517",), "turns"),
    ("it fell without it too", THIS_YEAR, lines(("300490", 1000.0, 1.0)), ("2517",), "same"),
    ("there is no bulk", THIS_YEAR, LAST_YEAR, (), "none"),
    ("nothing before", THIS_YEAR, LAST_YEAR.head(0), ("2517",), "missing"),
]


@pytest.mark.parametrize(
    ("reason", "now", "before", "bulk", "case"), BULK, ids=[each[0] for each in BULK]
)
def test_bulk_goods_may_turn_the_headline(reason, now, before, bulk, case):
    assert without_bulk(now, before, bulk).case == case


def in_millions(side):
    amounts = ["value_usd", "value_usd_weighed", "net_mass_kg"]
    return side.assign(**{name: 1e6 * side[name] for name in amounts})


def value_growth(own, own_before):
    at = page()
    own, own_before = (in_millions(side).assign(province="alborz") for side in (own, own_before))
    rows = facts.overview_rows(own, own_before, at)
    return facts.value_growth_fact(gap.value_growth_split(own, own_before, "hs6_code"), rows, at)


GROWN_LINES = (CHEAP, ("300490", 1200.0, 1.2))
GROWN = lines(*GROWN_LINES, ("040610", 90.0, 1.0))
GROWTHS = [
    ("more is sold", GROWN, LAST_YEAR, "up"),
    ("less is", LAST_YEAR, GROWN, "down"),
    ("the same is", lines(*GROWN_LINES, ("040610", 91.0, 1.0)), GROWN, "steady"),
    ("goods are not known", GROWN.assign(hs6_code=None), LAST_YEAR, "up"),
    ("no year before", GROWN, LAST_YEAR.head(0), "missing"),
]


@pytest.mark.parametrize(
    ("reason", "now", "before", "case"), GROWTHS, ids=[each[0] for each in GROWTHS]
)
def test_the_change_of_value_is_explained(reason, now, before, case):
    assert value_growth(now, before).case == case


BY_HEADING = gap.value_growth_split(in_millions(GROWN), in_millions(LAST_YEAR), "hs4_code")


def test_few_records_are_told_with_entry_and_exit_by_headings():
    fact = facts.lumps_fact(value_growth(GROWN, LAST_YEAR), BY_HEADING, page())
    assert (fact.case, fact["entry_by_heading_usd"].value) == ("few", 100e6)
    assert facts.lumps_fact(value_growth(GROWN, LAST_YEAR.head(0)), BY_HEADING, page()).is_missing


def gap_fact(own, rest):
    return facts.gap_fact(gap.gap_split(own, rest, "hs6_code"), page())


GAPS = [(THIS_YEAR, lines(CHEAP), "up"), (lines(CHEAP), THIS_YEAR, "down")]
GAPS += [
    (lines(CHEAP, ("300490", 901.0, 1.0)), THIS_YEAR, "steady"),
    (THIS_YEAR, THIS_YEAR.head(0), "missing"),
]


@pytest.mark.parametrize(("own", "rest", "case"), GAPS)
def test_the_gap_to_the_other_provinces(own, rest, case):
    fact = gap_fact(own, rest)
    assert fact.case == case
    if case != "missing":
        assert facts.steps(fact)["part"].iloc[[0, -1]].tolist() == ["reference", "province"]


def levels(*rows):
    table = pd.DataFrame(rows, columns=gap.GAP_PARTS)
    return facts.levels_fact(table.assign(level=range(len(rows))), page())


LEVELS = [
    ("the mix at both", [(5.0, 1, 0, 0, 0), (6.0, 0, 0, 0, 0)], "same"),
    ("unit values hide it at the coarse one", [(1.0, 5, 0, 0, 0), (6.0, 0, 0, 0, 0)], "turns"),
    ("not known", [(float("nan"),) * 5], "missing"),
]


@pytest.mark.parametrize(("reason", "rows", "case"), LEVELS, ids=[each[0] for each in LEVELS])
def test_whether_the_level_of_the_tariff_matters(reason, rows, case):
    assert levels(*rows).case == case


def balance(sold, bought):
    flows = [totals(("alborz", v), ("tehran", 10.0)) for v in (sold, bought)]
    return facts.balance_fact(*flows, page())


def test_the_trade_balance_has_a_sign():
    assert (balance(3.0, 1.0).case, balance(1.0, 3.0).case) == ("surplus", "deficit")
    assert balance(1.0, 3.0)["balance_usd"].value == -2.0


def test_without_imports_there_is_no_balance_rather_than_one_of_all_exports():
    sold = totals(("alborz", 1.0))
    assert facts.balance_fact(sold, sold.head(0), page()).is_missing
    assert facts.balance_fact(sold.head(0), sold, page()).is_missing
    assert balance(1.0, 0.0).is_missing


def published(*rows):
    columns = ["year_sh", "period", "nation_period", "unit_value_usd_per_tonne",
               "unit_value_nation_usd_per_tonne", "is_doubtful"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns).assign(source="s", attribution="clearance")
    ratio = table["unit_value_usd_per_tonne"] / table["unit_value_nation_usd_per_tonne"]
    return facts.published_per_tonne_fact(table.assign(relative_unit_value=ratio), page())


NA = float("nan")
EARLY, LATE = (1394, "1394Q1", None, 1694.0, NA, False), (
    1401, "1401M01-05", "1401M01-05", 837.0, 474.0, False,
)  # fmt: skip
PUBLISHED = [
    ("several, the last beside the nation", [EARLY, LATE], "several"),
    ("a single one", [LATE], "one"),
    ("never beside the nation", [EARLY], "alone"),
    ("doubtful ones decide nothing", [(*LATE[:-1], True)], "missing"),
]


@pytest.mark.parametrize(("reason", "rows", "case"), PUBLISHED, ids=[p[0] for p in PUBLISHED])
def test_published_values_per_tonne(reason, rows, case):
    fact = published(*rows)
    assert fact.case == case
    if case == "several":
        assert fact["n_periods"].value == 2
        assert fact["age.n_years"].value == 3


AGES = [(1404, "same"), (1401, "older"), (1405, "newer")]


@pytest.mark.parametrize(("year", "case"), AGES)
def test_how_old_a_figure_is(year, case):
    assert facts.age_fact(year, page()).case == case


def nation(now, doubt="exact"):
    rows = [
        (1402, "1402", 12, 363.0, "exact"), (1403, "1403", 12, 380.0, "exact"),
        (1403, "1403M01-06", 6, 369.0, "exact"), (1404, "1404M01-06", 6, now, doubt),
        (1404, "1404M01-10", 10, 900.0, "exact"), (1403, "1403M01-10", 10, 900.0, "exact"),
    ]  # fmt: skip
    columns = ["year_sh", "period", "month_last_sh", "unit_value_usd_per_tonne", "qualifier"]
    table = pd.DataFrame(rows, columns=columns).assign(month_first_sh=1, source="s")
    return facts.published_nation_fact(table, page())


NATIONS = [
    ("the last like months before the page's end", 346.0, "exact", "down", "1404M01-06"),
    ("a rise", 400.0, "exact", "up", "1404M01-06"),
    ("no change", 369.0, "exact", "steady", "1404M01-06"),
    ("a doubtful figure decides nothing", 346.0, "period_doubtful", "up", "1403"),
    ("nor does one that a speaker rounded", 346.0, "over", "up", "1403"),
]


@pytest.mark.parametrize(
    ("reason", "now", "doubt", "case", "period"), NATIONS, ids=[each[0] for each in NATIONS]
)
def test_the_nation_s_value_per_tonne_moves_between_like_periods(reason, now, doubt, case, period):
    fact = nation(now, doubt)
    assert (fact.case, fact["last.period"].codes) == (case, [period])


def test_without_two_like_periods_the_nation_s_path_is_not_known():
    assert facts.published_nation_fact(NO_SERIES, page()).is_missing


NO_SERIES = pd.DataFrame(
    {
        "year_sh": [1404], "period": ["1404M01-06"], "month_first_sh": 1, "month_last_sh": 6,
        "unit_value_usd_per_tonne": 346.0, "qualifier": "exact", "source": "s",
    }
)  # fmt: skip


def bases(*scopes):
    table = pd.DataFrame({"scope": list(scopes)}).assign(
        period="1403", attribution_first="clearance", attribution="unstated",
        value_usd_first=308e6, value_usd=1e9, source="s", source_first="t", ratio=3.25,
    )  # fmt: skip
    return facts.bases_fact(table, page())


BASES = [(("alborz", "tehran"), "own"), (("tehran",), "others"), ((), "missing")]


@pytest.mark.parametrize(("scopes", "case"), BASES)
def test_two_bases_of_one_period(scopes, case):
    assert bases(*scopes).case == case


AMOUNT = {"amount": page().number("mix_usd_per_tonne", 387.0, "USD/t")}
PARTS = ("mix", "price", "quantity", "entry", "exit", "not_comparable", "only_province",
         "only_reference", "unlike")  # fmt: skip


def examples():
    return [
        *[exports(now, before, base) for _, now, before, base, *_ in EXPORTS],
        *[weight(tonnes) for tonnes, _ in WEIGHTS],
        *[path(*shares) for _, shares, _ in PATHS],
        path(1.0, 2000.0, 2.0, 10.0)["better"],
        path(1.0, 2.0, 10.0)["since"],
        path(2.0, 10.0)["since"],
        path(1.0, 2.0, 10.0)["better"],
        *[alike(now, before) for _, now, before, _ in ALIKE],
        *[per_tonne(own, n) for _, own, n, _ in PER_TONNE],
        facts.weight_coverage_fact(per_tonne(150.0)),
        *[quarters(now) for now in (120.0, 80.0, 100.0)],
        *[change(now, before) for _, now, before, _ in CHANGES],
        value_growth(GROWN, lines(("300490", 9.0, 1.0)))["moved"],
        *[value_growth(now, before)["moved"] for _, now, before, _ in GROWTHS[:3]],
        *[without_bulk(*each) for _, *each, _ in BULK],
        *[value_growth(now, before) for _, now, before, _ in GROWTHS],
        facts.lumps_fact(value_growth(GROWN, LAST_YEAR), BY_HEADING, page()),
        *[gap_fact(own, rest) for own, rest, _ in GAPS],
        *[levels(*rows) for _, rows, _ in LEVELS],
        balance(3.0, 1.0),
        balance(1.0, 3.0),
        balance(1.0, 0.0),
        *[published(*rows) for _, rows, _ in PUBLISHED],
        *[facts.age_fact(year, page()) for year, _ in AGES],
        *[nation(now, doubt) for _, now, doubt, *_ in NATIONS],
        facts.published_nation_fact(NO_SERIES, page()),
        *[bases(*scopes) for scopes, _ in BASES],
        *[Fact("comparison.part", part, AMOUNT) for part in PARTS],
        Fact("comparison.main", "most", {"names": [Fact("comparison.part", "mix", AMOUNT)]}),
        Fact("comparison.main", "two", {"names": [Fact("comparison.part", "mix", AMOUNT)] * 2}),
        Fact("comparison.main", "none", {"names": []}),
        change(THIS_YEAR, LAST_YEAR)["goods"][0],
    ]

"""The store: what it adds up, what it leaves out, and what it refuses."""

import json

import pandas as pd
import pytest

from helpers import store
from helpers.periods import parse_period
from helpers.schema import REJECT_COLUMNS, HelpersError, NotEnoughData, UnknownCode

NA = float("nan")


def one(totals: pd.DataFrame) -> dict[str, float]:
    assert len(totals) == 1
    return totals.iloc[0].to_dict()


# Sums


def test_totals_are_sums_by_key(keep):
    keep(
        {"province": "alborz", "value_usd": 100, "net_mass_kg": 10},
        {"province": "alborz", "value_usd": 50, "net_mass_kg": 5},
        {"province": "tehran", "value_usd": 7, "net_mass_kg": 1},
    )
    totals = store.totals(["province"])
    expected = pd.DataFrame(
        {
            "province": pd.Series(["alborz", "tehran"], dtype="str"),
            "value_usd": [150.0, 7.0],
            "net_mass_kg": [15.0, 1.0],
            "value_usd_weighed": [150.0, 7.0],
            "n_declarations": [2, 1],
        }
    )
    pd.testing.assert_frame_equal(totals, expected, check_dtype=False)


def test_months_that_are_declared_choose_the_same_of_another_year(keep):
    keep(
        {"year_sh": 1404, "month_first_sh": 1, "month_last_sh": 2},
        {"year_sh": 1404, "month_first_sh": 4, "month_last_sh": 4},
        {"year_sh": 1404, "month_first_sh": 3, "month_last_sh": 8},
        *(
            {"year_sh": 1403, "month_first_sh": m, "month_last_sh": m, "value_usd": m}
            for m in range(1, 8)
        ),
    )
    now = parse_period("1404M01-07")
    declared = store.months_declared(now)
    assert declared == [1, 2, 4], "what reaches over the end of the period is not in it"
    assert store.months_declared(now, "import") == []
    before = store.totals([], period=now.year_before, months=declared)
    assert one(before)["value_usd"] == 1 + 2 + 4
    assert store.totals(["province"], period=now.year_before, months=[]).empty


def test_without_keys_there_is_one_row(keep):
    keep({"value_usd": 1}, {"value_usd": 2, "province": "unallocated"})
    assert one(store.totals([]))["value_usd"] == 3


@pytest.mark.parametrize(
    ("rows", "expected", "reason"),
    [
        ([(100, 10), (1, NA)], (101, 10, 100), "a row without weight leaves the weighed sums only"),
        ([(100, 10), (1, 0)], (101, 10, 100), "a weight of 0 is no weight"),
        ([(100, 10), (NA, 5)], (100, 10, 100), "a weight without a value is in no unit value"),
        ([(100, NA), (1, NA)], (101, NA, NA), "sums of nothing but missing weights are missing"),
        ([(NA, 10), (NA, 5)], (NA, NA, NA), "sums of nothing but missing values are missing"),
        ([(0, 10), (0, 5)], (0, 15, 0), "zero stays zero"),
        ([(100, 50), (-20, -10)], (80, 40, 80), "what came back is taken off, weight and value"),
        ([(100, 100), (1, 0.01)], (101, 100.01, 101), "sums, so that ratios are of sums"),
    ],
)
def test_missing_is_not_zero_and_weights_go_with_their_values(keep, rows, expected, reason):
    keep(*({"value_usd": value, "net_mass_kg": mass} for value, mass in rows))
    totals = one(store.totals(["province"]))
    got = [totals[name] for name in ("value_usd", "net_mass_kg", "value_usd_weighed")]
    assert got == pytest.approx(expected, nan_ok=True), reason


def test_missing_sums_stay_missing_when_codes_are_looked_up(keep):
    keep({"value_usd": NA}, {"value_usd": NA, "hs_code": "30042000"})
    assert pd.isna(one(store.totals(["sector"]))["value_usd"])


def test_keys_that_follow_from_the_code_group_as_the_reviewed_tables_say(keep):
    keep(
        {"hs_code": "30049099", "value_usd": 1},
        {"hs_code": "57011000", "value_usd": 2},
        {"hs_code": "57023200", "value_usd": 4},
        {"hs_code": None, "hs2_code": None, "hs4_code": None, "hs6_code": None, "value_usd": 8},
    )
    totals = store.totals(["sector"])
    sums = {str(k): v for k, v in zip(totals["sector"], totals["value_usd"], strict=True)}
    assert sums.pop("industry") + sums.pop("carpets_handicrafts", 0) == 7
    assert list(sums.values()) == [8]
    assert store.totals(["group", "use"])["value_usd"].sum() == 15


def test_grouping_by_any_key_keeps_the_total(keep):
    keep(
        {"province": "qom", "hs_code": "0802", "hs2_code": "08", "hs6_code": None},
        {"partner_iso3": "XXU", "customs_office": None},
        {"month_first_sh": 1, "month_last_sh": 7},
    )
    for key in store.KEYS:
        totals = store.totals([key])
        assert totals["value_usd"].sum() == 300, key
        assert totals["n_declarations"].sum() == 3, key


# Periods


@pytest.mark.parametrize(
    ("period", "expected", "reason"),
    [
        ("1404M07", 1, "the single month; the cumulative rows are not one month"),
        ("1404M01-07", 1 + 10, "the month and the seven months lie inside"),
        ("1404", 1 + 10 + 100, "the whole year holds them all"),
        ("1404M01-06", 0, "seven months do not lie inside six"),
        ("1403", 1000, "another year"),
    ],
)
def test_a_row_counts_for_a_period_only_if_all_its_months_lie_inside(
    keep, period, expected, reason
):
    keep(
        {"value_usd": 1},
        {"value_usd": 10, "month_first_sh": 1, "month_last_sh": 7},
        {"value_usd": 100, "month_first_sh": 1, "month_last_sh": 12},
        {"value_usd": 1000, "year_sh": 1403},
    )
    totals = store.totals(["flow"], period=parse_period(period))
    assert totals["value_usd"].sum() == expected, reason


@pytest.mark.parametrize(
    ("period", "expected"), [("1404M07", 110), ("1404M01-07", 100), ("1404", 0), ("1402", 0)]
)
def test_what_straddles_a_period_is_said_to_be_left_out(keep, period, expected):
    keep(
        {"value_usd": 1},
        {"value_usd": 10, "month_first_sh": 1, "month_last_sh": 7},
        {"value_usd": 100, "month_first_sh": 1, "month_last_sh": 12},
    )
    assert store.left_out(parse_period(period)) == expected


def test_periods_declared_are_those_of_the_flow(keep):
    keep({}, {"month_first_sh": 1}, {"flow": "import", "year_sh": 1403})
    assert [str(declared.period) for declared in store.periods_declared()] == ["1404M01-07"]
    assert [str(declared.period) for declared in store.periods_declared("import")] == ["1403M07"]


# Flows and provinces


def test_flows_are_not_added_up_unless_asked(keep):
    keep(
        {"value_usd": 1}, {"value_usd": 2, "flow": "import"}, {"value_usd": 4, "flow": "re_export"}
    )
    assert one(store.totals([]))["value_usd"] == 1
    assert one(store.totals([], flow="import"))["value_usd"] == 2
    assert one(store.totals([], flow=None))["value_usd"] == 7


def test_the_nation_holds_what_no_province_could_be_given(keep):
    keep({"value_usd": 1}, {"value_usd": 2, "province": "unallocated"})
    assert one(store.totals([]))["value_usd"] == 3
    assert one(store.totals([], province="alborz"))["value_usd"] == 1
    assert one(store.totals([], province="unallocated"))["value_usd"] == 2


def test_a_province_without_rows_has_none(keep):
    keep({})
    assert store.totals(["province"], province="ilam").empty


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"by": ["provinse"]}, r"'provinse' is not a key.*did you mean 'province'"),
        ({"by": [], "province": "karaj"}, r"'karaj' is not a province.*alborz, ardabil"),
        ({"by": [], "flow": "exports"}, r"'exports' is not a flow \(did you mean 'export'\?\)"),
        ({"by": ["1; DROP TABLE x"]}, r"is not a key"),
    ],
)
def test_totals_refuse_words_outside_the_vocabulary(keep, asked, message):
    keep({})
    with pytest.raises(UnknownCode, match=message):
        store.totals(**asked)


# Real and synthetic


def test_real_figures_never_mix_with_synthetic_ones(keep):
    keep({"value_usd": 1, "is_synthetic": True})
    assert store.is_synthetic()
    assert one(store.totals([]))["value_usd"] == 1
    keep({"value_usd": 10, "is_synthetic": False, "flow": "import", "year_sh": 1399})
    assert not store.is_synthetic()
    assert one(store.totals([], flow=None))["value_usd"] == 10
    assert store.totals(["province"]).empty, "not even in a flow that has no real rows"


def test_rejects_and_doubts_of_synthetic_files_leave_with_their_rows(keep, keep_quality):
    keep_quality({"sample/a.xlsx": True, "b.xlsx": False})
    rejects = pd.DataFrame(
        {
            **{name: pd.Series(["?"] * 3, dtype="string") for name in REJECT_COLUMNS},
            "source_file": ["sample/a.xlsx", "sample/a.xlsx#1", "b.xlsx#1"],
        }
    )
    folder = keep({"is_synthetic": True})
    for name in ("rejects", "doubts"):
        rejects.to_parquet(folder / f"{name}.parquet")
    assert len(store.rejects()) == len(store.doubts()) == 3
    keep({"is_synthetic": False})
    assert list(store.rejects()["source_file"]) == ["b.xlsx#1"]
    assert list(store.doubts()["source_file"]) == ["b.xlsx#1"]


def test_nothing_cleaned_is_neither_synthetic_nor_an_empty_answer(processed):
    assert not store.has_declarations()
    assert not store.is_synthetic()
    with pytest.raises(NotEnoughData, match=r"data/raw.*workbench clean"):
        store.totals(["province"])


def test_files_that_all_failed_are_named_where_no_declarations_are(processed):
    bad = {"source_file": "a.xlsx", "status": "failed", "error": "its layout is not known"}
    processed.mkdir(parents=True, exist_ok=True)
    (processed / "quality.json").write_text(json.dumps({"files": [bad]}))
    with pytest.raises(NotEnoughData, match=r"1 files failed, the first a.xlsx: its layout is not"):
        store.totals(["province"])


# What was used


@pytest.mark.parametrize("question", ["quality", "rejects", "doubts"])
def test_whoever_asks_about_the_files_used_the_declarations(keep, keep_quality, question):
    keep({"is_synthetic": True})
    path = keep_quality({"a.xlsx": True})
    for name in ("rejects", "doubts"):
        pd.DataFrame({"source_file": ["a.xlsx"]}).to_parquet(path.parent / f"{name}.parquet")
    getattr(store, question)()
    assert "declarations" in store.used()


def test_the_store_remembers_what_it_was_asked(keep):
    folder = keep({})
    (folder / "published").mkdir()
    pd.DataFrame({"figure": ["a"]}).to_parquet(folder / "published" / "figures.parquet")
    assert store.used() == frozenset()
    store.published("figures")
    assert store.used() == {"published/figures"}
    store.totals([])
    assert store.used() == {"published/figures", "declarations"}


def test_a_statement_is_found_by_name_and_noted(processed):
    claims = processed / "published" / "claims"
    claims.mkdir(parents=True)
    (claims / "2025-12-17.yml").write_text("statement: {}", encoding="utf-8")
    assert store.statement("2025-12-17").read_text("utf-8") == "statement: {}"
    assert store.used() == {"published/claims"}
    with pytest.raises(
        HelpersError, match=r"'2025-12-71' \(did you mean '2025-12-17'\?\).*there are"
    ):
        store.statement("2025-12-71")
    (processed / "elsewhere.yml").write_text("secret: 1")
    for name in ("../../elsewhere", str(processed / "elsewhere"), "./2025-12-17", ""):
        with pytest.raises(HelpersError, match="no statement"):
            store.statement(name)


# Errors in words


def test_published_figures_are_read_from_the_raw_files_where_nothing_was_cleaned(processed):
    assert not (processed / "published").exists()
    assert len(store.published()) > 100
    assert store.statement("2025-12-17").is_file()


def test_published_says_what_there_is(processed, monkeypatch, tmp_path):
    with monkeypatch.context() as nowhere:
        nowhere.setenv("WORKBENCH_ROOT", str(tmp_path))
        nowhere.setenv("WORKBENCH_RAW", str(tmp_path))
        with pytest.raises(HelpersError, match=r"there is none: run `workbench clean` first"):
            store.published()
    (processed / "published").mkdir()
    pd.DataFrame({"figure": ["a"]}).to_parquet(processed / "published" / "figures.parquet")
    assert list(store.published()["figure"]) == ["a"]
    with pytest.raises(
        HelpersError, match=r"'figuers' \(did you mean 'figures'\?\); there are: \[.*'figures'.*\]"
    ):
        store.published("figuers")


@pytest.mark.parametrize("question", [store.quality, store.rejects, store.doubts])
def test_what_is_not_there_yet_says_how_to_make_it(processed, question):
    with pytest.raises(HelpersError, match=r"is not there yet: run `workbench clean` first"):
        question()


def test_accounts_of_another_version_are_made_anew(keep_quality):
    keep_quality({}).write_text('{"files": {}}')
    with pytest.raises(HelpersError, match=r"damaged or of another version: run `workbench clean`"):
        store.quality()


def test_a_folder_with_a_quote_in_its_name_is_no_trap(keep, processed, monkeypatch, tmp_path):
    keep({})
    moved = processed.rename(tmp_path / "it's here")
    monkeypatch.setenv("WORKBENCH_PROCESSED", str(moved))
    assert one(store.totals([]))["n_declarations"] == 1


def test_a_question_in_sql_sees_the_contracts_columns(keep):
    from helpers.schema import DECLARATION_COLUMNS

    keep({})
    assert set(store.query("SELECT * FROM declarations").columns) == set(DECLARATION_COLUMNS)
    assert store.query("SELECT year_sh FROM declarations WHERE flow = ?", ["export"]).size == 1


# The ladder of evidence


def span(year: int, first: int, last: int, **more: object) -> dict[str, object]:
    return {"year_sh": year, "month_first_sh": first, "month_last_sh": last, **more}


BARE = dict.fromkeys(("hs_code", "hs2_code", "hs4_code", "hs6_code"))


@pytest.mark.parametrize(
    ("rows", "expected", "reason"),
    [
        ([{}], ("goods", 1.0, 1.0), "a code and a mass"),
        ([BARE | {"net_mass_kg": NA}], ("value", 0.0, 0.0), "value alone"),
        ([{"net_mass_kg": NA}], ("value", 1.0, 0.0), "goods without mass give no unit value"),
        ([BARE], ("value", 0.0, 1.0), "mass without goods"),
        (
            [{"value_usd": 25}, BARE | {"value_usd": 75, "net_mass_kg": NA}],
            ("goods", 0.25, 0.25),
            "one office by line, the others by destination: the shares say how far",
        ),
        ([{"province": "qom"}], ("none", None, None), "nothing of this province"),
        ([{"year_sh": 1403}], ("none", None, None), "nothing of this period"),
        ([{"value_usd": NA}], ("none", None, None), "nothing but missing values"),
    ],
)
def test_evidence_says_how_far_the_declarations_reach(keep, rows, expected, reason):
    keep(*rows)
    found = store.evidence("alborz", parse_period("1404"))
    assert (found.rung, found.goods_share, found.weight_share) == expected, reason


def test_evidence_of_the_nation_and_of_an_empty_store(keep, processed):
    assert store.evidence("alborz", parse_period("1404")).rung == "none"
    keep(BARE | {"province": "unallocated", "value_usd": 300}, {"province": "qom"})
    nation = store.evidence(None, parse_period("1404"))
    assert (nation.rung, nation.goods_share, nation.months) == ("goods", 0.25, (7,))
    missing = store.evidence("alborz", parse_period("1404"))
    assert (missing.rung, missing.months) == ("none", (7,)), "others declared, Alborz did not"


@pytest.mark.parametrize(
    ("rows", "period", "expected", "reason"),
    [
        ([(1404, 7, 7), (1403, 7, 7)], "1404M07", ("1403M07", "same_months", 1), "the fair one"),
        (
            [(1404, 1, 10), (1403, 1, 12)],
            "1404M01-10",
            ("1403", "monthly_average", 12),
            "only the whole year before is declared",
        ),
        (
            [(1404, 1, 10), (1403, 1, 12)],
            "1404",
            ("1403", "monthly_average", 12),
            "ten months of a year are no year",
        ),
        (
            [(1404, 1, 2), *((1403, m, m) for m in range(1, 13))],
            "1404",
            ("1403", "same_months", 2),
            "the months that are declared, taken from single months",
        ),
        ([(1404, 1, 12), (1403, 1, 12)], "1404", ("1403", "same_months", 12), "two whole years"),
        ([(1404, 1, 12), (1403, 1, 10)], "1404", (None, "none", 0), "the year before is no year"),
        ([(1404, 1, 12)], "1404", (None, "none", 0), "nothing before"),
        ([(1403, 1, 12)], "1404", (None, "none", 0), "nothing to compare"),
    ],
)
def test_a_period_is_compared_with_the_same_months_or_by_months_average(
    keep, rows, period, expected, reason
):
    keep(*(span(*row) for row in rows))
    base = store.comparison_base(parse_period(period))
    found = str(base.period) if base.period else None, base.kind, base.n_months
    assert found == expected, reason


def test_without_a_store_there_is_nothing_to_compare(processed):
    assert store.comparison_base(parse_period("1404")).kind == "none"
    assert store.periods_declared() == []


def test_periods_declared_are_in_order_and_say_what_is_presumed(keep, processed):
    keep(
        span(1404, 1, 10, source_file="b.csv#sheet"),
        span(1403, 1, 1),
        span(1403, 2, 2),
        span(1403, 5, 6),
        span(1402, 1, 12),
        span(1402, 3, 3, flow="import"),
    )
    note = {"fa": "گویا", "en": "presumably"}
    files = [{"source_file": "b.csv", "months_note": note}, {"source_file": "a.csv"}]
    files = [{**file, "status": "clean"} for file in files]
    (processed / "quality.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    declared = store.periods_declared()
    assert [(str(d.period), d.is_presumed) for d in declared] == [
        ("1402", False),
        ("1403M01-02", False),
        ("1403M05-06", False),
        ("1404M01-10", True),
    ]
    assert declared[-1].months_note == note
    assert [str(d.period) for d in store.periods_declared("import")] == ["1402M03"]

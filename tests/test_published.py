"""The carried published figures, the checks that guard them, and the questions asked of them."""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers import published
from helpers.periods import Period
from helpers.schema import PUBLISHED_COLUMNS, CheckFailed, NotEnoughData, UnreadableFile

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "data" / "raw" / "published"
RECEIVED = ROOT.parent / "shared" / "data"

SCOPES_RECEIVED = {
    "Iran": "nation",
    "Alborz": "alborz",
    "Payam SEZ customs (Karaj)": "payam_sez",
    "Markazi": "markazi",
    "Gilan": "gilan",
    "Isfahan customs": "isfahan_customs",
    "South Khorasan (in province)": "khorasan_south",
    "South Khorasan (anywhere)": "khorasan_south_anywhere",
    "Tehran province": "tehran",
}
OTHER_SOURCE = {
    # The note of the row names the item that the cell really comes from.
    ("Iran", "1401", "cum05", "import_musd"): "https://de.abna24.com/story/1301207",
    ("Iran", "1401", "cum05", "import_kt"): "https://de.abna24.com/story/1301207",
    ("Iran", "1402", "cum05", "import_musd"): "presstv.ir 709868",
    ("Iran", "1404", "cum06", "export_kt"): "https://ru.trend.az/business/4102879.html",
}
DERIVED = {"imports": ("import_musd", "import_kt"), "exports": ("export_musd", "export_kt")}
DERIVED |= {"weights": ("export_kt", "import_kt"), "partial": ("export_musd",), "": ()}


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return published.clean_published(FOLDER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "published"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def figure(tables: dict[str, pd.DataFrame], key: str) -> pd.Series:
    return tables["all_figures"].set_index("figure").loc[key]


# The figures are those that were received


def months(period: str) -> tuple[int, int]:
    if period == "year":
        return 1, 12
    if period == "year?":
        return 1, 10
    number = int(period[-2:].lstrip("mq"))
    return {"c": (1, number), "m": (number, number), "q": (3 * number - 2, 3 * number)}[period[0]]


def received(name: str) -> list[dict[str, str]]:
    path = RECEIVED / name
    if not path.is_file():
        pytest.skip(f"{name} is only there on the developers' machines")
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def cells(row: dict[str, str]) -> list[tuple]:
    """What figures.csv must say for one received row."""
    place = (row["scope"], row["iranian_year"], row["period"])
    return [
        (
            SCOPES_RECEIVED[row["scope"]],
            int(row["iranian_year"]),
            *months(row["period"]),
            flow,
            measure,
            Decimal(row[f"{flow}_{unit}"]) * 10**6,
            f"{flow}_{unit}" in DERIVED[row["derived"]],
            OTHER_SOURCE.get((*place, f"{flow}_{unit}"), row["source"]),
        )
        for flow in ("export", "import")
        for measure, unit in (("value_usd", "musd"), ("net_mass_kg", "kt"))
        if row[f"{flow}_{unit}"]
    ]


def test_every_received_cell_is_a_figure_and_no_other_is(tables: dict[str, pd.DataFrame]) -> None:
    expected = [cell for row in received("published_figures.csv") for cell in cells(row)]
    columns = ["scope", "year_sh", "month_first_sh", "month_last_sh", "flow", "measure", "value"]
    rows = tables["figures"][[*columns, "is_derived", "source"]]
    carried = [(*r[:6], Decimal(int(r[6])), *r[7:]) for r in rows.itertuples(index=False)]
    assert sorted(carried) == sorted(expected)


def test_the_largest_flows_are_the_received_ones(tables: dict[str, pd.DataFrame]) -> None:
    rows = received("irica-excerpt/largest_flows_1404.csv")
    assert tables["largest_flows_1404"].astype(str).replace(
        r"\.0$", "", regex=True
    ).to_numpy().tolist() == [list(row.values()) for row in rows]


def test_year_totals_are_the_received_ones(tables: dict[str, pd.DataFrame]) -> None:
    rows = received("irica-excerpt/national_export_year_totals.csv")
    carried = tables["year_totals"]
    for column, given in {
        "value_usd": "detail_value_usd",
        "net_mass_kg": "detail_weight_kg",
        "value_usd_by_office_and_partner": "aggregate_value_usd",
        "n_rows": "detail_rows",
        "months_in_source": "months_in_source",
    }.items():
        assert carried[column].astype("int64").tolist() == [int(row[given]) for row in rows]


def test_derived_figures_follow_from_the_totals_they_were_derived_from(
    tables: dict[str, pd.DataFrame],
) -> None:
    rows = tables["all_figures"].query("scope == 'nation' and category == 'total'")
    keys = ["year_sh", "month_first_sh", "month_last_sh", "measure"]
    trade = rows[rows["flow"] == "trade"].query("qualifier == 'exact'")
    for row in trade[trade["measure"].isin(["value_usd", "net_mass_kg"])].itertuples():
        same = rows.query(
            f"year_sh == {row.year_sh} and month_first_sh == {row.month_first_sh} "
            f"and month_last_sh == {row.month_last_sh} and measure == '{row.measure}' "
            "and qualifier == 'exact'"
        )
        sides = [same[same["flow"] == flow]["value"].iloc[0] for flow in ("export", "import")]
        assert sum(sides) == pytest.approx(row.value, rel=0.002), (row.figure, keys)


def test_payam_adds_up_to_the_figure_of_payam(tables: dict[str, pd.DataFrame]) -> None:
    sums = tables["payam_destinations"].groupby("year_sh")["value_usd"].sum()
    assert sums[1403] == pytest.approx(
        figure(tables, "payam_sez-1403-export-value_usd-mirror")["value"], abs=1e5
    )
    assert sums[1404] == pytest.approx(
        figure(tables, "payam_sez-1404M01-10-export-value_usd-mirror")["value"], abs=1e5
    )


def test_the_year_1404_of_the_mirror_keeps_its_doubt(tables: dict[str, pd.DataFrame]) -> None:
    doubted = tables["figures"].query(
        "year_sh == 1404 and source.str.startswith('github')", engine="python"
    )
    assert len(doubted) == 3
    assert doubted["qualifier"].str.contains("period_doubtful").all()
    assert doubted["note"].str.contains("very likely ten months").all()
    assert set(doubted["month_last_sh"]) == {10}


def test_every_figure_has_the_columns_of_the_contract(tables: dict[str, pd.DataFrame]) -> None:
    for name in (*published.FIGURE_TABLES, "all_figures"):
        assert {c: str(t) for c, t in tables[name].dtypes.items()} == PUBLISHED_COLUMNS


@pytest.mark.parametrize(
    ("key", "value", "qualifier"),
    [
        ("alborz-1404M01-07-export-industry-value_share-iribnews5659880", 0.77, "over"),
        ("alborz-1399M01-08-export-value_growth-tehrantimes455377", 0.75, "exact"),
        ("nation-1404M01-07-export-value_usd-ilna1729338", 32e9, "about"),
        ("nation-1403M01-07-import-unit_value_usd_per_tonne-tehrantimes506674", 1819, "exact"),
        ("isfahan_customs-1404M01-09-export-carpets-value_usd-trend4140242", 88e6, "exact"),
        ("zanjan-1397-export-mining-value_share-yjc6956710", 0.0864, "period_doubtful"),
    ],
)
def test_figures_printed_in_text_are_carried(
    tables: dict[str, pd.DataFrame], key: str, value: float, qualifier: str
) -> None:
    row = figure(tables, key)
    assert (row["value"], row["qualifier"]) == (value, qualifier)


def test_every_sidecar_says_who_what_where() -> None:
    sidecars = sorted(FOLDER.glob("*.yml"))
    assert "_source.yml" in {path.name for path in sidecars}
    for path in sidecars:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert content["layout"] == "published"
        assert {"producer", "title", "url", "licence"} <= set(content)


def test_row_accounts_leave_no_line_out(tables: dict[str, pd.DataFrame]) -> None:
    for account in published.row_accounts(FOLDER, tables):
        parts = [account[f"rows_{part}"] for part in ("kept", "rejected", "structural")]
        with (FOLDER.parent / str(account["file"])).open(encoding="utf-8") as lines:
            assert account["rows_read"] == sum(parts) == len(list(csv.reader(lines)))


# What is wrong is refused, with file, row and offenders


FIGURES, NUMBERS = "figures.csv", "contradiction_numbers.csv"


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (
            FIGURES,
            ",13566000000,",
            ",n/a,",
            r"figures.csv, 1 rows: value is not a number.*row 2.*n/a",
        ),
        (FIGURES, "nation,Iran", "natoin,Iran", r"scope is not one of nation.*row 2.*natoin"),
        (FIGURES, "USD,exact", "USD,roughly", r"qualifier is not made of exact.*roughly"),
        (FIGURES, "USD,exact", "EUR,exact", r"the unit is not the measure's.*EUR"),
        (FIGURES, ",1,6,export", ",6,1,export", r"the months are not a period"),
        (FIGURES, "Tehran Times,https", ",https", r"a required cell is empty.*row 2"),
        (FIGURES, "exact,false", "exact,no", r"is_derived is neither true nor false.*no"),
        (FIGURES, "figure,scope", "figures,scope", r"figures.csv has the columns \['figures'"),
        (NUMBERS, "ilna1729338", "ilna99", r"names a figure that no file has.*ilna99"),
        (NUMBERS, "founding_item", "founding", r"not a row of contradictions.csv.*founding"),
    ],
)
def test_a_wrong_cell_is_refused_by_file_row_and_content(
    folder: Path, name: str, old: str, new: str, words: str
) -> None:
    edit(folder, name, old, new)
    with pytest.raises((UnreadableFile, CheckFailed), match=words):
        published.clean_published(folder)


@pytest.mark.parametrize(
    "content",
    [b"", b"a,b\n1,2,3,4\n", b"a,b\n\xff\xfe,2\n"],
    ids=["empty", "a cell too many", "another encoding"],
)
def test_what_is_no_table_is_said_to_be_none(folder: Path, content: bytes) -> None:
    (folder / FIGURES).write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"figures.csv (is no CSV in UTF-8|has the columns)"):
        published.clean_published(folder)


def test_a_figure_listed_twice_is_refused(folder: Path) -> None:
    path = folder / "figures.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    with pytest.raises(CheckFailed, match=r"figures.csv, 2 rows: key twice.*row 2"):
        published.clean_published(folder)


def test_a_key_may_not_return_in_another_file(folder: Path) -> None:
    line = (folder / "figures.csv").read_text(encoding="utf-8").splitlines()[1]
    with (folder / "printed_figures.csv").open("a", encoding="utf-8") as printed:
        printed.write(line + "\n")
    with pytest.raises(CheckFailed, match="key twice"):
        published.clean_published(folder)


def test_missing_and_unexpected_files_are_named(folder: Path) -> None:
    (folder / "figures.csv").rename(folder / "figure.csv")
    with pytest.raises(UnreadableFile, match=r"figure.csv is not a table.*did you mean 'figures'"):
        published.clean_published(folder)
    (folder / "figure.csv").unlink()
    with pytest.raises(UnreadableFile, match=r"published/figures.csv is missing"):
        published.clean_published(folder)


# Questions


def unit_value(table: pd.DataFrame, scope: str, period: str, flow: str) -> float:
    row = table.query(f"scope == '{scope}' and period == '{period}' and flow == '{flow}'")
    return row["unit_value_usd_per_tonne"].item()


@pytest.mark.parametrize(
    ("scope", "period", "flow", "expected"),
    [
        ("alborz", "1401M01-05", "export", 837),  # 82 / 98
        ("alborz", "1401M01-05", "import", 7811),  # 289 / 37
        ("nation", "1401M01-05", "export", 474),  # 20,924 / 44,140
        ("nation", "1401M01-05", "import", 1548),  # 21,665 / 14,000, both of another item
        ("markazi", "1404M01-06", "export", 732),  # 655 / 895, not the 721 in print
        ("nation", "1404M01-06", "export", 346),  # value and weight of two items
        ("nation", "1404M01-08", "export", 352),
    ],
)
def test_value_per_tonne_of_published_figures(
    tables: dict[str, pd.DataFrame], scope: str, period: str, flow: str, expected: int
) -> None:
    assert (
        round(unit_value(published.unit_values(tables["figures"]), scope, period, flow)) == expected
    )


def test_a_value_per_tonne_says_whether_it_is_of_one_source(
    tables: dict[str, pd.DataFrame],
) -> None:
    values = published.unit_values(tables["all_figures"])
    mixed = values[~values["is_one_source"]]
    assert set(mixed["period"]) == {"1404M01-06"}
    assert mixed["source"].str.contains(" ; ").all()


@pytest.mark.parametrize(
    ("flow", "alborz", "nation"), [("export", 837, 474), ("import", 7811, 1548)]
)
def test_alborz_against_the_nation(
    tables: dict[str, pd.DataFrame], flow: str, alborz: int, nation: int
) -> None:
    row = published.against_nation(tables["figures"]).query(
        f"scope == 'alborz' and flow == '{flow}'"
    )
    assert row["period"].item() == "1401M01-05"
    assert round(row["unit_value_usd_per_tonne"].item()) == alborz
    assert round(row["unit_value_nation_usd_per_tonne"].item()) == nation
    assert row["relative_unit_value"].item() == pytest.approx(alborz / nation, rel=2e-3)


def test_the_national_series_has_one_release_a_period(tables: dict[str, pd.DataFrame]) -> None:
    series = published.national_series(tables["figures"])
    assert series["period"].is_unique
    years = series[series["kind"] == "year"].set_index("period")
    assert list(years.index) == ["1399", "1400", "1401", "1402", "1403"]
    assert years["source"].str.startswith("github").tolist() == [False, True, True, True, True]
    kinds = series.set_index("period")["kind"]
    assert kinds[["1400M03", "1400Q3", "1404M01", "1400Q1", "1404M01-10"]].tolist() == [
        "part", "part", "part", "cumulative", "cumulative",
    ]  # fmt: skip


def test_the_preferred_release_is_undoubted_then_printed_then_mirror_then_latest() -> None:
    def release(value: float, qualifier: str, is_derived: bool, source: str) -> dict:
        subject = {"scope": "nation", "year_sh": 1400, "month_first_sh": 1, "month_last_sh": 12}
        what = {"flow": "export", "category": "total", "measure": "value_usd", "value": value}
        return subject | what | {"qualifier": qualifier, "is_derived": is_derived, "source": source}

    releases = [
        release(1.0, "value_doubtful", False, "github:amirreza-torbat/Market-Research"),
        release(2.0, "exact", True, "github:amirreza-torbat/Market-Research"),
        release(3.0, "exact", False, "github:amirreza-torbat/Market-Research"),
        release(4.0, "exact", False, "first"),
        release(5.0, "exact", False, "updated"),
    ]
    for expected, left in ((3.0, [0, 1, 2, 3, 4]), (5.0, [0, 1, 3, 4]), (2.0, [0, 1]), (1.0, [0])):
        table = pd.DataFrame([releases[i] for i in left])
        assert published.preferred(table)["value"].tolist() == [expected]


def test_growth_compares_the_same_months(tables: dict[str, pd.DataFrame]) -> None:
    growth = published.growth(tables["figures"]).set_index("period")
    assert growth.loc["1404M01-06", "growth"] == pytest.approx(25.944 / 25.8 - 1)
    assert growth.loc["1404M01-10", "is_doubtful"]
    assert "1404" not in growth.index


@pytest.mark.parametrize(
    ("now", "before", "qualifiers", "is_open"),
    [
        ([(32.0, "over"), (32.0, "about")], [(32.5, "exact")], ["over", "about"], True),
        ([(32.0, "exact")], [(32.5, "about")], ["about"], True),  # the base may be rough as well
        ([(32.0, "exact")], [(32.5, "exact")], [], False),
        ([(32.0, "over")], [(40.0, "exact")], ["over"], False),  # no rounding makes up a fifth
    ],
)
def test_growth_from_a_rough_figure_may_leave_its_sign_open(now, before, qualifiers, is_open):
    subject = {
        "scope": "nation", "month_first_sh": 1, "month_last_sh": 7, "flow": "export",
        "category": "total", "measure": "value_usd", "is_derived": False, "source": "x",
    }  # fmt: skip
    rows = [
        subject | {"year_sh": year, "value": value, "qualifier": qualifier}
        for year, releases in ((1403, before), (1404, now))
        for value, qualifier in releases
    ]
    row = published.growth(pd.DataFrame(rows)).iloc[0]
    assert (row["qualifiers"], row["is_open"]) == (qualifiers, is_open)


def test_a_figure_in_a_contradiction_is_compared_with_nothing(
    tables: dict[str, pd.DataFrame],
) -> None:
    every = published.against_nation(tables["all_figures"])
    kept = published.uncontradicted(every, tables["contradiction_numbers"])
    left_out = every.drop(kept.index)
    # Six months of Tehran exceed the whole of its year; the year itself is what they are held to.
    assert left_out[["scope", "period", "flow"]].to_numpy().tolist() == [
        ["tehran", "1401M01-06", "export"]
    ]
    assert "1401" in set(kept["period"])


def test_payam_lost_the_emirates_and_gained_iraq(tables: dict[str, pd.DataFrame]) -> None:
    change = published.destination_change(tables["payam_destinations"]).set_index("partner_iso3")
    assert change.loc["ARE", "growth"] == pytest.approx(-0.885, abs=5e-4)
    assert change.loc["IRQ", "growth"] == pytest.approx(0.487, abs=5e-4)
    assert pd.isna(change.loc["RUS", "value_usd_before"])  # below the floor, not zero
    assert pd.isna(change.loc["ARM", "growth"])


def test_the_matrix_of_clearance_keeps_the_total_and_shows_the_remainder(
    tables: dict[str, pd.DataFrame],
) -> None:
    total = tables["year_totals"].set_index("year_sh").loc[1404, "value_usd_by_office_and_partner"]
    matrix = published.clearance_matrix(tables["largest_flows_1404"], total)
    assert matrix["value_usd"].sum() == pytest.approx(total)
    assert matrix["national_share"].sum() == pytest.approx(1)
    rest = matrix.iloc[-1]
    assert (rest["province"], round(rest["national_share"], 2)) == ("below_floor", 0.18)
    assert "unallocated" not in set(matrix["province"])
    assert matrix["partner_iso3"].isna().sum() == 1
    assert matrix.query("province == 'alborz'")["value_usd"].tolist() == [80_522_726]
    with pytest.raises(CheckFailed, match="exceed the total"):
        published.clearance_matrix(tables["largest_flows_1404"], total / 2)


def test_imports_by_use_are_computed_where_the_total_is_printed(
    tables: dict[str, pd.DataFrame],
) -> None:
    shares = published.use_shares(tables["imports_by_use"]).set_index(["period", "category"])
    assert shares.loc[("1395", "intermediate"), "value_share"] == pytest.approx(28.02 / 43.684)
    assert shares.loc[("1397", "capital"), "value_share"] == 0.1552
    assert shares.loc[("1397", "capital"), "is_printed_share"]
    printed = tables["imports_by_use"].query("measure == 'value_share'")
    for row in printed.itertuples():
        period = str(Period(row.year_sh, row.month_first_sh, row.month_last_sh))
        assert shares.loc[(period, row.category), "value_share"] == pytest.approx(
            row.value, abs=5e-3
        )


def test_a_second_release_of_a_use_is_chosen_from_and_not_an_error(
    tables: dict[str, pd.DataFrame],
) -> None:
    uses = tables["imports_by_use"]
    last = uses[(uses["measure"] == "value_usd") & (uses["category"] == "capital")].tail(1)
    later = last.assign(figure="later", value=last["value"] / 2)
    shares = published.use_shares(pd.concat([uses, later], ignore_index=True))
    period = published.period_codes(last).item()
    chosen = shares.set_index(["period", "category"]).loc[(period, "capital"), "value_usd"]
    assert chosen == later["value"].item()


@pytest.mark.parametrize(
    ("contradiction", "line", "stated", "against"),
    [
        ("alborz_swapped_digits", 0, 579e6, 597e6),
        ("ten_months_1403", 0, 47.8e9, 40.4e9),
        ("imports_do_not_add_up", 0, 26.31e9, 26.031e9),
        ("imports_do_not_add_up", 1, 26.031e9, 26.031e9),
        ("growth_called_volume", 0, 0.13, 0.126),
        ("growth_1402", 0, 0.0887, -0.0665),
        ("growth_1402", 1, 0.829, 0.118),
        ("markazi_unit_value", 0, 721, 732),
        ("markazi_unit_value", 1, 360, 346),
        ("tehran_totals", 2, 2.477e9, 0.591e9),
        ("swapped_weight_and_value", 0, 859, 1214),
        ("two_bodies_one_sector", 0, 1.449e9, 1.937e9),
        ("mirror_1404", 0, 130.026e9, 130e9),
        ("mixed_scopes", 0, 99.7e9, 72.0e9),
        ("mixed_scopes", 1, 99.7e9, 99.7e9),
    ],
)
def test_both_sides_of_a_contradiction_are_recomputed(
    tables: dict[str, pd.DataFrame], contradiction: str, line: int, stated: float, against: float
) -> None:
    numbers = published.contradiction_numbers(
        tables["contradiction_numbers"], tables["all_figures"]
    )
    row = numbers[numbers["contradiction"] == contradiction].iloc[line]
    assert row["stated_value"] == pytest.approx(stated, rel=1e-3)
    assert row["against_value"] == pytest.approx(against, rel=5e-3)
    assert row["difference"] == pytest.approx(row["stated_value"] - row["against_value"])


def test_there_are_fourteen_contradictions_and_all_but_the_calendar_have_numbers(
    tables: dict[str, pd.DataFrame],
) -> None:
    listed = set(tables["contradictions"]["contradiction"])
    numbered = set(tables["contradiction_numbers"]["contradiction"])
    assert len(listed) == 14
    assert listed - numbered == {"gregorian_ends"}
    assert Period(1404, 1, 8).gregorian()[1].isoformat() == "2025-11-21"


def test_the_evidence_that_1404_is_ten_months(tables: dict[str, pd.DataFrame]) -> None:
    evidence = published.ten_month_evidence(tables["figures"], tables["year_totals"])
    values = {number.name: number.value for number in evidence}
    assert values["net_mass_to_printed_ten_months"] == pytest.approx(1, abs=5e-4)
    assert values["value_a_month_if_ten_to_first_eight"] == pytest.approx(0.973, abs=1e-3)
    assert values["growth_if_read_as_year"] == pytest.approx(-0.22, abs=5e-3)
    with pytest.raises(NotEnoughData, match=r"no published net_mass_kg .* 1404M01-10"):
        published.ten_month_evidence(tables["figures"].head(3), tables["year_totals"])


def test_questions_do_not_change_their_table(tables: dict[str, pd.DataFrame]) -> None:
    before = tables["all_figures"].copy()
    published.unit_values(tables["all_figures"])
    published.growth(tables["all_figures"])
    pd.testing.assert_frame_equal(tables["all_figures"], before)


def test_the_longest_period_of_each_year_is_chosen_and_keeps_its_doubt(
    tables: dict[str, pd.DataFrame],
) -> None:
    longest = published.longest_of_each_year(published.national_series(tables["figures"]))
    assert longest["period"].tolist() == ["1399", "1400", "1401", "1402", "1403", "1404M01-10"]
    assert published.is_doubtful(longest).tolist() == [False] * 5 + [True]


def test_the_latest_months_stand_beside_the_same_months_that_are_not_in_doubt(
    tables: dict[str, pd.DataFrame],
) -> None:
    series = published.national_series(tables["all_figures"])
    assert "1403M01-10" in set(series["period"])  # its weight is in doubt
    same = published.same_months(series)["period"].tolist()
    assert same == ["1399M01-10", "1400M01-10", "1402M01-10", "1404M01-10"]
    years = published.same_months(series[series["year_sh"] < 1404])["period"].tolist()
    assert years == ["1399", "1400", "1401", "1402", "1403"]


def test_a_year_that_holds_ten_months_is_told_from_its_weight(tables):
    """The mirror's 1404 weighs what ten months weigh in print; 1402 weighs what a year weighs."""
    totals = pd.DataFrame(
        {
            "flow": "export",
            "year_sh": [1404, 1402, 1403],
            "month_first_sh": 1,
            "month_last_sh": [12, 12, 7],
            "net_mass_kg": [130_025_551_438.0, 136_391_091_000.0, 88_700_000_000.0],
        }
    )
    found = published.mislabelled(totals, tables["all_figures"])
    assert found[["period", "likely_period"]].to_numpy().tolist() == [["1404", "1404M01-10"]]

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
from helpers.memory import Hashes
from helpers.periods import Period
from helpers.schema import CheckFailed, UnknownCode, UnreadableFile

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "data" / "raw" / "published"
RECEIVED = ROOT.parent / "shared" / "data"

SCOPES_RECEIVED = {
    "Iran": "nation",
    "Alborz": "alborz",
    "Markazi": "markazi",
    "Gilan": "gilan",
    "Isfahan customs": "isfahan",
    "South Khorasan (in province)": "khorasan_south",
    "South Khorasan (anywhere)": "khorasan_south",
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


def of_file(tables: dict[str, pd.DataFrame], name: str) -> pd.DataFrame:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as lines:
        keys = [row["figure"] for row in csv.DictReader(lines)]
    return tables["figures"].set_index("figure").loc[keys].reset_index()


def figure(tables: dict[str, pd.DataFrame], key: str) -> pd.Series:
    return tables["figures"].set_index("figure").loc[key]


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
    # What is known of Payam, the only office of Alborz, is carried from its own table.
    rows = [r for r in received("published_figures.csv") if not r["scope"].startswith("Payam")]
    expected = [cell for row in rows for cell in cells(row)]
    columns = ["scope", "year_sh", "month_first_sh", "month_last_sh", "flow", "measure", "value"]
    rows = of_file(tables, "figures")[[*columns, "is_derived", "source"]]
    own = rows["source"].str.contains("_aggregate.csv|yjc.ir") & rows["scope"].eq("alborz")
    rows = rows[~own]
    carried = [(*r[:6], Decimal(int(r[6])), *r[7:]) for r in rows.itertuples(index=False)]
    assert sorted(carried) == sorted(expected)


def test_no_value_of_the_further_figures_was_changed(tables: dict[str, pd.DataFrame]) -> None:
    """What an address prints is carried in base units; where it dropped a thousand, with it."""
    scale = {
        "USD": 1.0, "million USD": 1e6, "billion USD": 1e9, "kg": 1.0, "t": 1e3, "share": 1.0,
        "thousand t": 1e6, "million t": 1e9, "%": 0.01, "USD/t": 1.0,
    }  # fmt: skip
    printed = {
        (row["source"], f"{float(row['value']) * scale[row['unit']] * times:.10g}")
        for name in ("alborz_figures", "province_figures")
        for row in received(f"published-more/{name}.csv")
        if row["unit"] in scale and row["value"].replace(".", "").lstrip("-").isdigit()
        for times in ((1.0, 1e3) if "thousand meant" in row["note"] else (1.0,))
    }
    carried = of_file(tables, "more_figures")
    carried = carried[~carried["source"].str.startswith("IRNA Urdu")]  # a copy without an address
    other = [
        row.figure
        for row in carried.itertuples()
        if (row.source, f"{row.value:.10g}") not in printed
    ]
    assert len(carried) > 800
    assert other == []


def test_what_was_inferred_is_marked_and_what_was_derived_is_so(
    tables: dict[str, pd.DataFrame],
) -> None:
    rows = of_file(tables, "more_figures")
    inferred = rows["note"].str.contains(r"\[C\]", na=False) & ~rows["note"].str.contains(
        "basis likely|basis production|likely \\[C\\]", na=False
    )
    assert published.is_doubtful(rows[inferred]).all()
    derived = rows["is_derived"]
    assert rows.loc[derived, "note"].str.contains(r"\[B\]").all()


def test_payam_is_the_sum_of_its_destinations(tables: dict[str, pd.DataFrame]) -> None:
    sums: dict[int, int] = {}
    for row in received("office-destination/exports_1400_1404.csv"):
        if row["customs_office_fa"] == "منطقه ویژه اقتصادی پیام":
            year = int(row["year_sh"])
            sums[year] = sums.get(year, 0) + int(row["export_value_usd"])
    cleared = tables["figures"].query("scope == 'alborz' and source.str.contains('_aggregate.csv')")
    assert dict(zip(cleared["year_sh"], cleared["value"], strict=True)) == sums


def test_derived_figures_follow_from_the_totals_they_were_derived_from(
    tables: dict[str, pd.DataFrame],
) -> None:
    rows = tables["figures"].query("scope == 'nation' and category == 'total'")
    keys = ["year_sh", "month_first_sh", "month_last_sh", "measure"]
    trade = rows[rows["flow"] == "trade"].query("qualifier == 'exact'")
    for row in trade[trade["measure"].isin(["value_usd", "net_mass_kg"])].itertuples():
        same = rows.query(
            f"year_sh == {row.year_sh} and month_first_sh == {row.month_first_sh} "
            f"and month_last_sh == {row.month_last_sh} and measure == '{row.measure}' "
            "and qualifier == 'exact'"
        )
        sides = [same[same["flow"] == flow]["value"].iloc[0] for flow in ("export", "import")]
        assert sum(sides) == pytest.approx(row.value, rel=0.008), (row.figure, keys)


def test_the_year_1404_of_the_mirror_keeps_its_doubt(tables: dict[str, pd.DataFrame]) -> None:
    doubted = tables["figures"].query(
        "year_sh == 1404 and source.str.startswith('github')", engine="python"
    )
    assert len(doubted) == 3  # the nation's value and weight, and Payam's value
    assert doubted["qualifier"].str.contains("period_doubtful").all()
    assert doubted["note"].str.contains("very likely ten months").all()
    assert set(doubted["month_last_sh"]) == {10}


@pytest.mark.parametrize(
    ("key", "value", "qualifier"),
    [
        ("alborz-1404M01-07-export-industry-value_share-iribnews5659880", 0.77, "over"),
        ("alborz-1399M01-08-export-value_growth-tehrantimes455377", 0.75, "exact"),
        ("nation-1404M01-07-export-value_usd-ilna1729338", 32e9, "about"),
        ("nation-1403M01-07-import-unit_value_usd_per_tonne-tehrantimes506674", 1819, "exact"),
        ("isfahan-1404M01-09-export-carpets-value_usd-trend4140242", 88e6, "exact"),
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


def test_file_accounts_leave_no_line_out(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    accounts = published.file_accounts(FOLDER, tables, Hashes(tmp_path))
    assert len(accounts) == len(list(FOLDER.glob("*.csv")))
    for account in accounts:
        rows = account.rows
        with (FOLDER.parent / account.source_file).open(encoding="utf-8") as lines:
            assert rows.read == rows.kept + rows.structural == len(list(csv.reader(lines)))


def test_file_accounts_show_a_row_that_was_lost(
    tables: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    lacking = tables | {"figures": tables["figures"].drop(index=5)}
    with pytest.raises(CheckFailed, match=r"rows were read, but .* a row was lost"):
        published.file_accounts(FOLDER, lacking, Hashes(tmp_path))


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
        (FIGURES, "454152,nation,", "454152,natoin,", r"scope is not made of nation.*natoin"),
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
    with pytest.raises(
        UnreadableFile, match=r"figures.csv (is no CSV in UTF-8|has the columns|has more cells)"
    ):
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


# Questions


def unit_value(table: pd.DataFrame, scope: str, period: str, flow: str) -> float:
    row = published.preferred(table)
    row = row.query(f"scope == '{scope}' and period == '{period}' and flow == '{flow}'")
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
        round(unit_value(published.weighed(of_file(tables, "figures")), scope, period, flow))
        == expected
    )


def test_a_value_per_tonne_says_whether_it_is_of_one_source(
    tables: dict[str, pd.DataFrame],
) -> None:
    values = published.weighed(of_file(tables, "figures")).dropna(
        subset=["value_usd", "net_mass_kg"]
    )
    mixed = values[values["source"].str.contains(" ; ", regex=False)]
    assert set(mixed["period"]) == {"1404M01-06"}


def test_the_national_series_has_one_release_a_period(tables: dict[str, pd.DataFrame]) -> None:
    series = published.national_series(tables["weighed"])
    assert series["period"].is_unique
    years = series[series["month_last_sh"] - series["month_first_sh"] == 11].set_index("period")
    assert list(years.index) == ["1398", "1399", "1400", "1401", "1402", "1403"]
    assert years["source"].str.startswith("github").tolist() == [False] * 2 + [True] * 4


def test_the_preferred_release_is_undoubted_then_printed_then_mirror_then_latest() -> None:
    def release(value: float, qualifier: str, is_derived: bool, source: str) -> dict:
        subject = {
            "scope": "nation",
            "attribution": "clearance",
            "year_sh": 1400,
            "month_first_sh": 1,
            "month_last_sh": 12,
        }
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
    growth = published.yearly_growth(tables["figures"]).set_index("period")
    assert growth.loc["1404M01-06", "growth"] == pytest.approx(
        25.944 / 25.922 - 1
    )  # the later release
    assert growth.loc["1404M01-10", "is_doubtful"]
    assert "1404" not in growth.index


@pytest.mark.parametrize(
    ("now", "before", "is_open"),
    [
        ([(32.0, "over"), (32.0, "about")], [(32.5, "exact")], True),
        ([(32.0, "exact")], [(32.5, "about")], True),  # the base may be rough as well
        ([(32.0, "exact")], [(32.5, "exact")], False),
        ([(32.0, "over")], [(40.0, "exact")], False),  # no rounding makes up a fifth
    ],
)
def test_growth_from_a_rough_figure_may_leave_its_sign_open(now, before, is_open):
    subject = {
        "scope": "nation", "attribution": "clearance", "month_first_sh": 1, "month_last_sh": 7,
        "flow": "export", "category": "total", "measure": "value_usd",
        "is_derived": False, "source": "x",
    }  # fmt: skip
    rows = [
        subject | {"year_sh": year, "value": value, "qualifier": qualifier}
        for year, releases in ((1403, before), (1404, now))
        for value, qualifier in releases
    ]
    row = published.yearly_growth(pd.DataFrame(rows)).iloc[0]
    assert row["is_open"] == is_open


def test_imports_by_use_are_computed_where_the_total_is_printed(
    tables: dict[str, pd.DataFrame],
) -> None:
    shares = published.use_shares(of_file(tables, "imports_by_use")).set_index("period")
    assert shares.loc["1395", "intermediate"] == pytest.approx(28.02 / 43.684)
    assert shares.loc["1397", "capital"] == 0.1552
    assert shares[[*published.OFFICIAL_USES, "other"]].sum(axis=1).between(0.99, 1.01).all()
    printed = of_file(tables, "imports_by_use").query("measure == 'value_share'")
    for row in printed[printed["category"].isin(published.OFFICIAL_USES)].itertuples():
        period = str(Period(row.year_sh, row.month_first_sh, row.month_last_sh))
        if period in shares.index:
            assert shares.loc[period, row.category] == pytest.approx(row.value, abs=5e-3)


def test_a_period_without_all_three_classes_is_left_out(tables: dict[str, pd.DataFrame]) -> None:
    uses = of_file(tables, "imports_by_use")
    lacks = uses[(uses["year_sh"] != 1395) | (uses["category"] != "capital")]
    assert set(published.use_shares(uses)["period"]) - set(
        published.use_shares(lacks)["period"]
    ) == {"1395"}


def test_a_second_release_of_a_use_is_chosen_from_and_not_an_error(
    tables: dict[str, pd.DataFrame],
) -> None:
    uses = of_file(tables, "imports_by_use")
    last = uses[(uses["measure"] == "value_usd") & (uses["category"] == "capital")].tail(1)
    later = last.assign(figure="later", value=last["value"] / 2)
    period = published.period_codes(last).item()
    before, after = (
        published.use_shares(table).set_index("period").loc[period, "capital"]
        for table in (uses, pd.concat([uses, later], ignore_index=True))
    )
    assert after == pytest.approx(before / 2)


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
    numbers = published.contradiction_numbers(tables["contradiction_numbers"], tables["figures"])
    row = numbers[numbers["contradiction"] == contradiction].iloc[line]
    assert row["stated_value"] == pytest.approx(stated, rel=1e-3)
    assert row["against_value"] == pytest.approx(against, rel=5e-3)
    assert row["difference"] == pytest.approx(row["stated_value"] - row["against_value"])


def test_every_contradiction_has_numbers_and_three_touch_the_province(
    tables: dict[str, pd.DataFrame],
) -> None:
    listed = tables["contradictions"]
    assert set(listed["contradiction"]) == set(tables["contradiction_numbers"]["contradiction"])
    assert listed.loc[~listed["is_annex"], "contradiction"].tolist() == [
        "alborz_swapped_digits", "alborz_attribution", "mirror_1404",
    ]  # fmt: skip


def test_clearance_and_the_governor_lie_2_7_fold_apart_and_payam_fits_five_months(
    tables: dict[str, pd.DataFrame],
) -> None:
    worked = published.contradiction_numbers(
        tables["contradiction_numbers"], tables["figures"]
    ).query("contradiction == 'alborz_attribution'")
    assert worked["ratio"].tolist() == pytest.approx([2.656, 1.049], abs=1e-3)


# Provinces beside the nation


@pytest.fixture(scope="module")
def beside(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return published.beside_nation(tables["weighed"])


@pytest.mark.parametrize(
    ("period", "own", "nation_period", "ratio", "is_derived"),
    [
        ("1394Q1", 1694, None, None, True),  # from the growth of the next year
        ("1395Q1", 1162, None, None, False),
        ("1400M01-05", 716, "1400M01-06", 1.97, True),  # the nation's nearest first months
        ("1401M01-05", 837, "1401M01-05", 1.77, False),
    ],
)
def test_alborz_over_the_years_beside_the_nation(
    beside: pd.DataFrame, period: str, own: int, nation_period: str, ratio: float, is_derived: bool
) -> None:
    row = beside.query(f"scope == 'alborz' and period == '{period}'").iloc[0]
    assert round(row["unit_value_usd_per_tonne"]) == own
    assert row["is_derived"] == is_derived
    assert row["is_same_period"] == (period == nation_period)
    if ratio is None:
        assert pd.isna(row["relative_unit_value"])
    else:
        assert row["nation_period"] == nation_period
        assert row["relative_unit_value"] == pytest.approx(ratio, abs=0.01)


def test_being_above_the_nation_is_the_rule(beside: pd.DataFrame) -> None:
    """Four rows in five lie above: a rank among provinces says more than 'above'."""
    assert beside["is_doubtful"].dtype == bool, "nothing is half in doubt, nation or no nation"
    like = published.comparable_rows(beside)
    assert len(like) > 80
    assert 0.75 < (like["relative_unit_value"] > 1).mean() < 0.85


def test_the_nearest_like_period_of_each_province(beside: pd.DataFrame) -> None:
    nearest = published.nearest_of_each_province(beside, Period(1404, 1, 7)).set_index("scope")
    assert nearest.index.is_unique
    assert nearest["rank"].tolist() == list(range(1, len(nearest) + 1))
    assert nearest.loc["qom", "period"] == "1404M01-07"
    assert nearest.loc["alborz", "period"] == "1401M01-05"
    # By clearance where several bases were published; what is in doubt decides nothing.
    assert nearest.loc["tehran", ["attribution", "period"]].tolist() == ["clearance", "1401"]
    assert not nearest["is_doubtful"].any()


def test_a_month_has_no_neighbour_that_could_stand_for_it() -> None:
    def rows(scope: str, first: int, last: int) -> list[dict[str, object]]:
        base = {
            "scope": scope, "attribution": "clearance", "year_sh": 1404, "month_first_sh": first,
            "month_last_sh": last, "flow": "export", "category": "total", "qualifier": "exact",
            "is_derived": False, "publisher": "p", "source": "s",
        }  # fmt: skip
        values = {"value_usd": 2.0, "net_mass_kg": 1.0}
        return [
            base | {"measure": m, "value": v, "figure": f"{scope}-{first}-{last}-{m}-x"}
            for m, v in values.items()
        ]

    for own, nation, expected in (
        ((1, 7), (1, 9), "1404M01-09"),
        ((1, 7), (1, 10), None),
        ((1, 1), (1, 2), None),
        ((7, 7), (7, 8), None),
        ((7, 7), (7, 7), "1404M07"),
    ):
        figures = pd.DataFrame([*rows("qom", *own), *rows("nation", *nation)])
        found = published.beside_nation(published.weighed(figures))["nation_period"].item()
        assert (None if pd.isna(found) else found) == expected


def test_provinces_on_two_bases(tables: dict[str, pd.DataFrame]) -> None:
    bases = published.both_bases(tables["weighed"]).set_index(["scope", "period", "attribution"])
    assert bases.loc[("alborz", "1402", "unstated"), "ratio"] == pytest.approx(2.656, abs=1e-3)
    south = bases.loc[("khorasan_south", "1404M01-07", "production")]
    assert south["attribution_first"] == "made_and_cleared"
    assert [round(south[f"unit_value_usd_per_tonne{side}"]) for side in ("_first", "")] == [
        235,
        298,
    ]
    # An impossible weight, 27,618 USD a tonne, is shown as doubtful.
    assert bases.loc[("tehran", "1401", "production"), "is_doubtful"]


def test_what_was_published_of_a_flow_and_of_sectors(tables: dict[str, pd.DataFrame]) -> None:
    imports = published.published_totals(tables["weighed"], "alborz", "import")
    assert imports["period"].tolist() == ["1394Q1", "1395Q1", "1400M01-05", "1401M01-05"]
    assert round(imports["unit_value_usd_per_tonne"].iloc[-1]) == 7811
    exports = published.published_totals(tables["weighed"], "alborz").set_index("period")
    assert pd.isna(exports.loc["1400", "net_mass_kg"])  # value alone, and no weight made up
    shares = published.sector_shares(tables["figures"]).set_index(["scope", "period", "category"])
    assert shares.loc[("alborz", "1404M01-07", "industry"), "share"] == 0.77
    gilan = shares.loc[("gilan", "1404M01-07", "industry")]
    assert gilan["share"] == pytest.approx(135 / 434, abs=1e-3)
    assert shares.loc[("zanjan", "1398", "industry"), "share"] == 0.83
    with pytest.raises(UnknownCode, match=r"'alborzz' is not a scope \(did you mean 'alborz'"):
        published.published_totals(tables["weighed"], "alborzz")


@pytest.mark.parametrize(
    "question",
    [published.beside_nation, published.national_series, published.both_bases,
     published.published_totals],
)  # fmt: skip
def test_the_table_of_figures_in_place_of_that_of_releases_is_told(tables, question) -> None:
    with pytest.raises(
        CheckFailed, match=r'`store.published\("weighed"\)` .* found .* figure, scope'
    ):
        question(tables["figures"])


def test_questions_do_not_change_their_table(tables: dict[str, pd.DataFrame]) -> None:
    before = tables["figures"].copy()
    published.weighed(tables["figures"])
    published.yearly_growth(tables["figures"])
    pd.testing.assert_frame_equal(tables["figures"], before)


def test_the_longest_period_of_each_year_is_chosen_and_keeps_its_doubt(
    tables: dict[str, pd.DataFrame],
) -> None:
    longest = published.longest_of_each_year(published.national_series(tables["weighed"]))
    assert longest["period"].tolist()[-6:] == ["1399", "1400", "1401", "1402", "1403", "1404M01-10"]
    assert published.is_doubtful(longest).tolist()[-6:] == [False] * 5 + [True]


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
    found = published.mislabelled(totals, tables["figures"])
    assert found[["period", "likely_period"]].to_numpy().tolist() == [["1404", "1404M01-10"]]

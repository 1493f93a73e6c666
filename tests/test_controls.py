"""Finer beats coarser: lines count, their control keeps the total, and nothing counts twice."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dirty
from helpers.customs import cleaning, quality
from helpers.customs.quality import Quality
from helpers.customs.vintages import disjoint

LINES = ["سال", "ماه", "گمرک", "کشور مقصد", "شماره تعرفه", "وزن", "ارزش دلاری"]
CONTROL = ["سال", "گمرک", "کشور مقصد", "ارزش (دلار)"]
OFFICES = ("بازرگان", "پیام", "مهران")
COUNTRIES = {"ترکیه": "TUR", "عراق": "IRQ"}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw"


def control(raw: Path, name: str = "control", months: str = "1-12", **usd: int) -> None:
    """A table by office and destination: `بازرگان_ترکیه=100`."""
    rows = [["1403", *cell.split("_"), str(value)] for cell, value in usd.items()]
    put(raw, name, [CONTROL, *rows], f"flow: export\nmonths: {months}\n")


def lines(raw: Path, name: str, months: str = "1-12", code: str = "39012000", **usd: int) -> None:
    """A table by tariff line, one line an office and destination."""
    rows = [["1403", "", *cell.split("_"), code, "10", str(value)] for cell, value in usd.items()]
    put(raw, name, [LINES, *rows], f"flow: export\nmonths: {months}\n")


def put(raw: Path, name: str, rows: list[list[str]], sidecar: str) -> None:
    (raw / f"{name}.csv").write_text(dirty.csv_text(rows), encoding="utf-8")
    (raw / f"{name}.source.yml").write_text(sidecar, encoding="utf-8")


def clean(raw: Path) -> tuple[Quality, pd.DataFrame]:
    document = cleaning.clean(raw, raw.parent / "processed")
    rows = pd.read_parquet(raw.parent / "processed" / "declarations")
    kept = sum(file.value_usd.kept for file in document.files)
    assert kept == pytest.approx(rows["value_usd"].sum()), "kept is what stands in the store"
    # Rows whose months turn out to add nothing are kept, and leave no row.
    assert sum(file.rows.kept for file in document.files) >= len(rows)
    return document, rows


def standing(rows: pd.DataFrame) -> list[tuple[str, str, str, int, int, float]]:
    """(office, partner, grain, first month, last month, dollars), sorted."""
    names = ["customs_office", "partner_iso3", "grain", "month_first_sh", "month_last_sh"]
    return sorted(rows[[*names, "value_usd"]].itertuples(index=False, name=None))


def test_lines_replace_their_cell_and_the_rest_of_the_control_stays(raw):
    control(raw, بازرگان_ترکیه=1000, بازرگان_عراق=500, پیام_عراق=70)
    lines(raw, "lines", بازرگان_ترکیه=990)
    document, rows = clean(raw)
    assert standing(rows) == [
        ("بازرگان", "IRQ", "office_destination", 1, 12, 500),
        ("بازرگان", "TUR", "line", 1, 12, 990),
        ("بازرگان", "TUR", "residual", 1, 12, 10),
        ("پیام", "IRQ", "office_destination", 1, 12, 70),
    ]
    rest = rows[rows["grain"] == "residual"].iloc[0]
    assert rest["flags"] == "residual_of_control"
    assert rest[["hs_code", "net_mass_kg", "value_irr", "goods"]].isna().all()
    assert (rest["source_file"], rest["source_row"]) == ("control.csv", 2)
    of_control = next(file for file in document.files if file.source_file == "control.csv")
    assert of_control.replaced_by == ["lines.csv"]
    sums = of_control.value_usd
    assert (sums.read, sums.kept, sums.replaced) == (1570, 580, 990)
    assert (of_control.rows.kept, of_control.rows.replaced) == (3, 0), "one row stands, less"


def test_where_lines_meet_their_control_no_row_of_it_stays(raw):
    control(raw, بازرگان_ترکیه=1000)
    lines(raw, "lines", بازرگان_ترکیه=1000)
    document, rows = clean(raw)
    assert standing(rows) == [("بازرگان", "TUR", "line", 1, 12, 1000)]
    (said,) = quality.replacements(document)
    assert said == (
        "control.csv: control of lines.csv, whose tariff lines count for 1,000 of its 1,000 USD; "
        "0 USD of it stand without goods and weight"
    )


def test_lines_above_their_control_are_said_and_never_clipped(raw):
    control(raw, بازرگان_ترکیه=1000)
    lines(raw, "lines", بازرگان_ترکیه=1200)
    document, rows = clean(raw)
    assert rows["value_usd"].sum() == 1200
    (above,) = document.above_control
    assert (above.value_usd, above.control_usd, above.source_file) == (1200, 1000, "lines.csv")
    assert (
        "adds up to 1,200 USD, above its control of 1,000"
        in list(quality.replacements(document))[1]
    )


def test_two_rows_of_a_control_for_one_cell_leave_one_residual(raw):
    rows = [["1403", "بازرگان", "ترکیه", "600"], ["1403", "گمرک بازرگان", "ترکیه", "500"]]
    put(raw, "control", [CONTROL, *rows], "flow: export\nmonths: 1-12\n")
    lines(raw, "lines", بازرگان_ترکیه=1000)
    document, kept = clean(raw)
    assert kept["value_usd"].sum() == 1100
    assert sorted(kept["grain"]) == ["line", "residual"]
    assert (document.files[0].rows.kept, document.files[0].rows.replaced) == (1, 1)


@pytest.mark.parametrize(
    ("months", "expected", "reason"),
    [
        (["7"], 900, "one month of the year: the control is less it"),
        (["1-6", "7"], 800, "half a year and a month"),
        (["1-6", "1-7"], 900, "cumulative lines become single months first"),
        (["1-12"], 900, "the whole year"),
    ],
)
def test_lines_of_some_months_are_taken_off_the_control_of_the_year(raw, months, expected, reason):
    control(raw, بازرگان_ترکیه=1000)
    for n, each in enumerate(months):
        lines(raw, f"lines{n}", months=each, بازرگان_ترکیه=100)
    _, rows = clean(raw)
    assert rows["value_usd"].sum() == 1000, reason
    rest = rows[rows["grain"] == "residual"]
    assert rest["value_usd"].tolist() == [expected], reason
    assert (rest["month_first_sh"].item(), rest["month_last_sh"].item()) == (1, 12)


def test_lines_that_reach_beyond_the_control_s_months_count_and_leave_no_residual(raw):
    control(raw, months="1-10", بازرگان_ترکیه=1000, بازرگان_عراق=5)
    lines(raw, "lines", months="1-12", بازرگان_ترکیه=800)
    document, rows = clean(raw)
    assert [cell[2:] for cell in standing(rows)] == [
        ("office_destination", 1, 10, 5),
        ("line", 1, 12, 800),
    ]
    assert document.above_control == []
    assert document.files[0].value_usd.replaced == 1000


@pytest.mark.parametrize("key", ["scope: north", "province_basis: production"])
def test_parts_of_one_whole_and_other_bases_stand_beside_the_control(raw, key):
    control(raw, بازرگان_ترکیه=1000)
    lines(raw, "lines", بازرگان_ترکیه=800)
    (raw / "lines.source.yml").write_text(f"flow: export\nmonths: 1-12\n{key}\n")
    document, rows = clean(raw)
    assert rows["value_usd"].sum() == 1800
    assert not [file for file in document.files if file.replaced_by]


@pytest.mark.parametrize(
    ("months", "total", "reason"),
    [
        ("1-12", 1000, "the same year"),
        ("7", 1000, "a month of it"),
        ("", 1000, "months that nobody gives are the year"),
    ],
)
def test_lines_that_name_no_office_do_not_count_beside_a_table_that_does(
    raw, months, total, reason
):
    """The nation's table by tariff line beside its table by office: the same trade."""
    control(raw, بازرگان_ترکیه=1000)
    rows = [[LINES[0], *LINES[3:]], ["1403", "ترکیه", "39012000", "10", "1000"]]
    put(raw, "nation", rows, "flow: export\n" + (f"months: {months}\n" if months else ""))
    document, kept = clean(raw)
    assert kept["value_usd"].sum() == total, reason
    assert document.files[1].replaced_by == ["control.csv"]
    assert "alone names customs offices" in next(iter(quality.replacements(document)))
    (raw / "control.csv").unlink()
    (raw / "control.source.yml").unlink()
    assert clean(raw)[1]["value_usd"].sum() == 1000, "alone it counts"


@pytest.mark.parametrize(
    ("province", "scope", "total", "reason"),
    [
        ("", "", 800, "all goods of the nation, so those of the office too"),
        ("البرز", "", 1800, "of another place"),
        ("", "scope: rest\n", 1800, "a part of its own, as its sidecar says"),
    ],
)
def test_a_file_of_no_place_does_not_count_beside_lines_of_offices(
    raw, province, scope, total, reason
):
    lines(raw, "lines", بازرگان_ترکیه=800)
    rows = [
        [LINES[0], "استان", *LINES[3:]],
        ["1403", province, "ترکیه", "39012000", "10", "1000"],
    ]
    put(raw, "nation", rows, f"flow: export\nmonths: 1-12\n{scope}")
    document, kept = clean(raw)
    assert kept["value_usd"].sum() == total, reason
    assert document.files[1].replaced_by == ["lines.csv"] * (total == 800)


def test_the_newer_of_two_controls_is_the_control(raw):
    control(raw, "a_control", بازرگان_ترکیه=1000)
    control(raw, "b_control", بازرگان_ترکیه=1100)
    lines(raw, "lines", بازرگان_ترکیه=800)
    _, rows = clean(raw)
    assert sorted(zip(rows["grain"], rows["value_usd"], strict=True)) == [
        ("line", 800),
        ("residual", 300),
    ]


def test_cumulative_controls_with_lines_of_a_month(raw):
    control(raw, "c06", months="1-6", بازرگان_ترکیه=600)
    control(raw, "c07", months="1-7", بازرگان_ترکیه=750)
    lines(raw, "lines", months="7", بازرگان_ترکیه=140)
    _, rows = clean(raw)
    assert [cell[2:] for cell in standing(rows)] == [
        ("line", 7, 7, 140),
        ("office_destination", 1, 6, 600),
        ("residual", 7, 7, 10),
    ]


CELLS = [f"{office}_{country}" for office in OFFICES for country in COUNTRIES]


@pytest.mark.slow
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    of_control=st.dictionaries(st.sampled_from(CELLS), st.integers(1, 1000), min_size=1),
    of_lines=st.lists(
        st.tuples(
            st.sampled_from(["1-12", "3", "5-8"]),
            st.dictionaries(st.sampled_from(CELLS), st.integers(1, 300), min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=2,
        unique_by=lambda file: file[0],
    ),
    data=st.data(),
)
def test_the_total_is_the_control_s_in_any_order_of_arrival(
    tmp_path_factory, of_control, of_lines, data
):
    """A cell is its control, or its lines where these are more; however the files arrive."""
    files = [("control", None, of_control)]
    files += [(f"lines{n}", months, usd) for n, (months, usd) in enumerate(of_lines)]
    one_by_one = data.draw(st.permutations(files))
    stores = []
    # All at once, and cleaned again with each that arrives.
    for order, cleaned_after in ((files, files[-1:]), (one_by_one, one_by_one)):
        raw = tmp_path_factory.mktemp("any") / "raw"
        raw.mkdir()
        for file in order:
            name, months, usd = file
            if months:
                lines(raw, name, months=months, **usd)
            else:
                control(raw, **usd)
            if file in cleaned_after:
                document, rows = clean(raw)
        stores.append(standing(rows))
    assert stores[0] == stores[1]
    above = sum(cell.value_usd - cell.control_usd for cell in document.above_control)
    alone = rows[[f"{o}_{_country(p)}" not in of_control for o, p in _cells(rows)]]
    assert rows["value_usd"].sum() == sum(of_control.values()) + above + alone["value_usd"].sum()


def _cells(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["customs_office"], rows["partner_iso3"], strict=True))


def _country(iso3: str) -> str:
    return next(name for name, code in COUNTRIES.items() if code == iso3)


RUNS = [(a, b) for a, b in itertools.product(range(1, 13), repeat=2) if a <= b]


@given(st.sets(st.sampled_from(RUNS), min_size=1, max_size=8))
def test_runs_of_months_become_disjoint_and_none_is_lost(runs):
    counted, out = disjoint(runs)
    months = [n for first, last in counted for n in range(first, last + 1)]
    assert len(months) == len(set(months)), "no month counts twice"
    assert {newest for newest, _ in counted.values()} | set(out) == runs
    for left, (_, signs) in counted.items():
        net = sum(
            sign * (n in range(run[0], run[1] + 1)) for run, sign in signs.items() for n in months
        )
        assert net == left[1] - left[0] + 1, "what is taken away was counted"


@pytest.mark.parametrize(
    ("runs", "counted", "out"),
    [
        ([(1, 6), (1, 7)], [(1, 6), (7, 7)], []),
        ([(1, 1), (2, 2), (1, 4)], [(1, 1), (2, 2), (3, 4)], []),
        ([(1, 1), (2, 2), (1, 2)], [(1, 1), (2, 2)], [(1, 2)]),
        ([(3, 3), (1, 4)], [(1, 4)], [(3, 3)]),
        ([(1, 6), (4, 9)], [(1, 6)], [(4, 9)]),
    ],
)
def test_which_runs_count(runs, counted, out):
    found = disjoint(runs)
    assert (sorted(found[0]), sorted(found[1])) == (counted, out)

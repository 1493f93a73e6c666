"""No month is counted twice, and what was replaced is said."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pandas as pd
import pytest

import dirty
from helpers.customs import cleaning, quality

HEADINGS = ["سال", "ماه", "گمرک", "کشور مقصد", "شماره تعرفه", "وزن", "ارزش دلاری"]


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw", tmp_path / "processed"


def clean(raw: Path, processed: Path) -> dict:
    """The quality document as it is written; what was replaced only where something was."""
    document = msgspec.to_builtins(cleaning.clean(raw, processed))
    for file in (*document["files"], document["totals"]):
        for name in ("rows", *quality.MEASURES):
            if not file[name].get("replaced", True):
                del file[name]["replaced"]
    return document


def write(
    raw: Path,
    name: str,
    rows: list[tuple[str, str, int, int]],
    *,
    month: str = "",
    **sidecar: object,
) -> None:
    """A file of (office, code, kilograms, dollars) to Turkey in 1404, with its sidecar."""
    lines = [
        ["1404", month, office, "ترکیه", code, str(kg), str(usd)] for office, code, kg, usd in rows
    ]
    (raw / name).write_text(dirty.csv_text([HEADINGS, *lines]), encoding="utf-8")
    told = "".join(f"{key}: {value}\n" for key, value in sidecar.items())
    (raw / name).with_suffix(".source.yml").write_text(told, encoding="utf-8")


def kept(processed: Path) -> list[tuple[int, int, float]]:
    """(first month, last month, dollars), sorted."""
    rows = pd.read_parquet(processed / "declarations")
    return sorted(
        zip(rows["month_first_sh"], rows["month_last_sh"], rows["value_usd"], strict=True)
    )


def test_a_later_file_for_the_same_month_replaces_the_earlier_and_the_revision_is_told(places):
    raw, processed = places
    write(raw, "b_first.csv", [("بازرگان", "39012000", 10, 100)], month="7", accessed="2025-11-01")
    write(raw, "a_later.csv", [("بازرگان", "39012000", 10, 120)], month="7", accessed="2025-12-01")
    quality = clean(raw, processed)
    assert kept(processed) == [(7, 7, 120.0)]
    (revision,) = quality["revisions"]
    assert (revision["earlier"], revision["later"]) == ("b_first.csv", "a_later.csv")
    assert revision["value_usd"] == {"earlier": 100, "later": 120, "difference": 20}
    earlier = next(f for f in quality["files"] if f["source_file"] == "b_first.csv")
    assert earlier["rows"] == {"read": 2, "kept": 0, "replaced": 1, "rejected": 0, "structural": 1}
    assert earlier["replaced_by"] == ["a_later.csv"]


def test_a_persian_date_is_later_than_an_earlier_day_of_the_common_era(places):
    raw, processed = places
    write(raw, "a.csv", [("بازرگان", "39012000", 10, 120)], month="7", accessed="1404/08/01")
    write(raw, "b.csv", [("بازرگان", "39012000", 10, 100)], month="7", accessed="2025-10-01")
    clean(raw, processed)
    assert kept(processed) == [(7, 7, 120.0)]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("بازرگان", "گمرک بازرگان"), ("گمرک پيام", "پیام"), ("پرویزخان", "گمرک پرویز خان")],
)
def test_one_office_in_two_spellings_is_counted_once(places, earlier, later):
    raw, processed = places
    write(raw, "a.csv", [(earlier, "39012000", 10, 100)], month="7")
    write(raw, "b.csv", [(later, "39012000", 10, 120)], month="7")
    write(raw, "cum02.csv", [(earlier, "39012000", 1, 10)], months="1-2")
    write(raw, "cum03.csv", [(later, "39012000", 3, 30)], months="1-3")
    quality = clean(raw, processed)
    assert kept(processed) == [(1, 2, 10.0), (3, 3, 20.0), (7, 7, 120.0)]
    assert quality["differences"][0]["n_negative"] == 0


def test_two_spellings_of_an_office_in_one_file_are_replaced_together(places):
    raw, processed = places
    both = [("بازرگان", "39012000", 10, 100), ("گمرک بازرگان", "39012000", 10, 100)]
    write(raw, "a.csv", both, month="7")
    write(raw, "b.csv", [("بازرگان", "39012000", 20, 210)], month="7")
    quality = clean(raw, processed)
    assert kept(processed) == [(7, 7, 210.0)]
    assert quality["revisions"][0]["value_usd"]["difference"] == 10


def test_without_dates_the_later_name_counts(places):
    raw, processed = places
    write(raw, "1404-07 v1.csv", [("بازرگان", "39012000", 10, 100)], month="7")
    write(raw, "1404-07 v2.csv", [("بازرگان", "39012000", 10, 120)], month="7")
    clean(raw, processed)
    assert kept(processed) == [(7, 7, 120.0)]


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ({"office": "بازرگان"}, {"office": "خسروی"}, "each customs office sent its own"),
        ({"code": "39012000"}, {"code": "71081200"}, "one file a chapter"),
        ({"scope": "north"}, {"scope": "south"}, "the sidecars say that they are parts"),
    ],
)
def test_parts_of_one_whole_stand_side_by_side(places, first, second, why):
    raw, processed = places
    for name, told in (("a.csv", first), ("bb.csv", second)):
        rows = [(told.get("office", "بازرگان"), told.get("code", "39012000"), 1, len(name))]
        scope = {"scope": told["scope"]} if "scope" in told else {"title": name}
        write(raw, name, rows, month="7", **scope)
    quality = clean(raw, processed)
    assert len(kept(processed)) == 2, why
    assert quality["revisions"] == []


def test_a_month_is_the_difference_of_two_cumulative_files(places):
    raw, processed = places
    write(
        raw,
        "cum06.csv",
        [("بازرگان", "39012000", 60, 600), ("خسروی", "71081200", 1, 5)],
        months="1-6",
    )
    write(
        raw,
        "cum07.csv",
        [("بازرگان", "39012000", 75, 720), ("خسروی", "71081200", 1, 5)],
        months="1-7",
    )
    write(
        raw,
        "cum08.csv",
        [("بازرگان", "39012000", 95, 900), ("خسروی", "71081200", 3, 9)],
        months="1-8",
    )
    quality = clean(raw, processed)
    # 720 - 600 and 900 - 720; the other office adds nothing in month 7 and 9 - 5 in month 8.
    assert kept(processed) == [
        (1, 6, 5.0),
        (1, 6, 600.0),
        (7, 7, 120.0),
        (8, 8, 4.0),
        (8, 8, 180.0),
    ]
    rows = pd.read_parquet(processed / "declarations")
    assert rows["value_usd"].sum() == 909
    assert rows["net_mass_kg"].sum() == 98
    assert set(rows.loc[rows["month_first_sh"] > 6, "flags"]) == {"month_by_difference"}
    assert [d["value_usd"] for d in quality["differences"]] == [120, 184]


def test_a_negative_month_is_kept_flagged_and_reported(places):
    raw, processed = places
    write(
        raw,
        "cum06.csv",
        [("بازرگان", "39012000", 60, 600), ("بازرگان", "71081200", 1, 50)],
        months="1-6",
    )
    write(raw, "cum07.csv", [("بازرگان", "39012000", 75, 720)], months="1-7")
    quality = clean(raw, processed)
    assert kept(processed) == [(1, 6, 50.0), (1, 6, 600.0), (7, 7, -50.0), (7, 7, 120.0)]
    (report,) = quality["differences"]
    assert (report["n_negative"], report["value_usd_negative"]) == (1, -50)


def test_single_months_are_taken_from_the_cumulative_file_that_follows_them(places):
    raw, processed = places
    write(raw, "m1.csv", [("بازرگان", "39012000", 1, 10)], month="1")
    write(raw, "m2.csv", [("بازرگان", "39012000", 2, 20)], month="2")
    write(raw, "cum04.csv", [("بازرگان", "39012000", 10, 100)], months="1-4")
    clean(raw, processed)
    assert kept(processed) == [(1, 1, 10.0), (2, 2, 20.0), (3, 4, 70.0)]


def test_a_cumulative_file_whose_months_are_all_there_is_left_out(places):
    raw, processed = places
    write(raw, "m1.csv", [("بازرگان", "39012000", 1, 10)], month="1")
    write(raw, "m2.csv", [("بازرگان", "39012000", 2, 20)], month="2")
    write(raw, "cum02.csv", [("بازرگان", "39012000", 3, 31)], months="1-2")
    quality = clean(raw, processed)
    assert kept(processed) == [(1, 1, 10.0), (2, 2, 20.0)]
    whole = next(f for f in quality["files"] if f["source_file"] == "cum02.csv")
    assert (whole["value_usd"]["kept"], whole["value_usd"]["replaced"]) == (0, 31)


def test_single_months_with_gaps_give_way_to_the_longer_period(places):
    raw, processed = places
    write(raw, "m3.csv", [("بازرگان", "39012000", 1, 10)], month="3")
    write(raw, "cum04.csv", [("بازرگان", "39012000", 10, 100)], months="1-4")
    clean(raw, processed)
    assert kept(processed) == [(1, 4, 100.0)]


def test_taking_a_file_away_brings_back_what_it_replaced(places):
    raw, processed = places
    write(raw, "a.csv", [("بازرگان", "39012000", 10, 100)], month="7")
    write(raw, "b.csv", [("بازرگان", "39012000", 10, 120)], month="7")
    clean(raw, processed)
    (raw / "b.csv").unlink()
    clean(raw, processed)
    assert kept(processed) == [(7, 7, 100.0)]

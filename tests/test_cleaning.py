"""Every row of every file ends in one place, and every repair and doubt is said."""

from __future__ import annotations

import json
import re
from pathlib import Path

import dirty
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from helpers import cleaning, parsing
from helpers.schema import DECLARATION_COLUMNS, REJECT_COLUMNS, HelpersError, declarations_model

REAL_VOLUME = Path("/work/shared/data/real-volume/exports-month-01.csv.gz")


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    raw, processed = tmp_path / "raw", tmp_path / "processed"
    raw.mkdir()
    return raw, processed


def declarations(processed: Path) -> pd.DataFrame:
    """The processed table in the order of its source rows."""
    rows = pd.read_parquet(processed / "declarations")
    rows = rows.astype({"flow": "string", "year_sh": "int16"})
    return rows[list(DECLARATION_COLUMNS)].sort_values(
        ["source_file", "source_row"], ignore_index=True
    )


def write_csv(path: Path, rows: dirty.Table) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dirty.csv_text(rows), encoding="utf-8")
    return path


def row(**changes: str) -> list[str]:
    """The first clean row of the corpus, with some cells changed by heading."""
    return [changes.get(h, cell) for h, cell in zip(dirty.HEADINGS, dirty.ROWS[0], strict=True)]


@pytest.mark.parametrize("dress", dirty.DRESSES)
def test_one_table_in_any_dress_gives_the_same_declarations(places, dress):
    raw, processed = places
    dirty.put_on(dress, raw)
    (file,) = cleaning.clean(raw, processed)["files"]
    assert file.get("error") is None
    rows = declarations(processed)
    found = {name: rows[name].tolist() for name in dirty.EXPECTED}
    assert found == dirty.EXPECTED
    assert set(rows["flow"]) == {"export"}
    assert set(rows["month_first_sh"]) == set(rows["month_last_sh"]) == {7}
    assert file["control_total"]["difference"] == {"value_usd": 0, "value_irr": 0, "net_mass_kg": 0}
    counts = file["rows"]
    assert counts["kept"] == 6
    assert counts["read"] == counts["kept"] + counts["rejected"] + counts["structural"]


def test_the_processed_table_is_the_one_the_contract_names(places):
    raw, processed = places
    dirty.put_on("csv", raw)
    cleaning.clean(raw, processed)
    declarations_model().validate(declarations(processed))
    rejects = pd.read_parquet(processed / "rejects.parquet")
    assert list(rejects.columns) == list(REJECT_COLUMNS)


def test_source_rows_count_from_the_first_line_of_the_sheet(places):
    raw, processed = places
    dirty.put_on("xlsx under ten titles", raw)
    cleaning.clean(raw, processed)
    assert declarations(processed)["source_row"].tolist() == [12, 13, 14, 15, 16, 17]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"شماره تعرفه": "7654321"}, "hs_zero_lost"),
        ({"شماره تعرفه": "0802120"}, "hs_zero_lost"),
        ({"شماره تعرفه": "بادام"}, "hs_unreadable"),
        ({"شماره تعرفه": "8481.8"}, "hs_unreadable"),
        ({"شماره تعرفه": "0802120000"}, "hs_too_long"),
        ({"سال": "2025"}, "year_unreadable"),
        ({"ماه": "13"}, "month_unreadable"),
        ({"ارزش (دلار)": "4٬00"}, "value_usd_unreadable"),
        ({"ارزش (دلار)": "چهار"}, "value_usd_unreadable"),
        ({"وزن (کیلوگرم)": "1,23"}, "net_mass_kg_unreadable"),
        ({"وزن (کیلوگرم)": "", "ارزش (ریال)": "", "ارزش (دلار)": "-"}, "no_figures"),
    ],
)
def test_a_row_that_cannot_be_used_is_rejected_with_its_reason(places, changes, reason):
    raw, processed = places
    write_csv(raw / "export.csv", [dirty.HEADINGS, row(), row(**changes)])
    (file,) = cleaning.clean(raw, processed)["files"]
    rejects = pd.read_parquet(processed / "rejects.parquet")
    assert rejects["reason"].tolist() == [reason]
    assert rejects["source_row"].tolist() == [3]
    assert json.loads(rejects["raw"][0])["نام گمرک"] == "بازرگان"
    assert file["rows"] == {"read": 3, "kept": 1, "rejected": 1, "structural": 1}


def test_a_rejected_row_keeps_the_value_that_could_be_read(places):
    raw, processed = places
    write_csv(raw / "export.csv", [dirty.HEADINGS, row(), row(**{"ماه": "13"})])
    (file,) = cleaning.clean(raw, processed)["files"]
    assert file["value_usd"] == {"read": 8000.0, "kept": 4000.0, "rejected": 4000.0}
    assert pd.read_parquet(processed / "rejects.parquet")["value_usd"].tolist() == [4000.0]


def test_months_that_nobody_gives_are_a_year_and_are_flagged(places):
    raw, processed = places
    write_csv(raw / "export.csv", [dirty.HEADINGS, row(**{"ماه": ""})])
    cleaning.clean(raw, processed)
    only = declarations(processed).iloc[0]
    assert (only["month_first_sh"], only["month_last_sh"]) == (1, 12)
    assert only["flags"] == "months_not_given"


def test_a_sidecar_says_what_the_file_does_not(places):
    raw, processed = places
    write_csv(raw / "table.csv", [dirty.HEADINGS, row(**{"ماه": "", "سال": ""})])
    (raw / "table.source.yml").write_text(
        "flow: import\nyear_sh: 1403\nmonths: 1-10\nsynthetic: true\n"
        "units: {net_mass_kg: tonne, value_usd: thousand_usd}\nprovince_basis: production\n"
    )
    cleaning.clean(raw, processed)
    only = declarations(processed).iloc[0]
    assert only["flow"] == "import"
    assert (only["year_sh"], only["month_first_sh"], only["month_last_sh"]) == (1403, 1, 10)
    assert (only["net_mass_kg"], only["value_usd"]) == (1_000_000, 4_000_000)
    assert only["province_basis"] == "production"
    assert only["is_synthetic"]


@pytest.mark.parametrize(
    ("name", "headings", "words"),
    [
        ("table.csv", dirty.HEADINGS, "exports or imports"),
        ("export.csv", [h for h in dirty.HEADINGS if h != "سال"], "the year is not"),
        ("export.csv", ["الف", "ب", "پ"], "nearest|no heading"),
        ("export.csv", [h for h in dirty.HEADINGS if h != "شماره تعرفه"], "lacks .'hs_code'"),
    ],
)
def test_what_cannot_be_known_fails_that_file_and_not_the_others(places, name, headings, words):
    raw, processed = places
    kept = [dict(zip(dirty.HEADINGS, dirty.ROWS[0], strict=True)).get(h, "x") for h in headings]
    write_csv(raw / name, [headings, kept])
    write_csv(raw / "good" / "export.csv", [dirty.HEADINGS, row(**{"ماه": "8"})])
    files = {f["source_file"]: f for f in cleaning.clean(raw, processed)["files"]}
    assert files[name]["status"] == "failed"
    assert re.search(words, files[name]["error"])
    assert files["good/export.csv"]["status"] == "clean"

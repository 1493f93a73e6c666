"""A long file is cleaned in pieces, and comes out as it would in one."""

from __future__ import annotations

import json
import random
from pathlib import Path

import msgspec
import pandas as pd
import pytest

import crossed
import dirty
from helpers.customs import cleaning, files, pieces

CASES = Path(__file__).parents[2] / "shared" / "data" / "field-cases"
HEAD = ["ماه", "سال", "نام گمرک", "نام کشور", "شماره تعرفه", "وزن (کیلوگرم)", "ارزش (دلار)"]


def outcome(raw: Path, processed: Path) -> dict[str, object]:
    """All that cleaning says of the files below a folder, whatever the order of rows."""
    quality = msgspec.to_builtins(cleaning.clean(raw, processed))
    names = ("declarations", "rejects.parquet", "doubts.parquet")
    tables = {
        name: sorted(map(str, pd.read_parquet(processed / name).itertuples(index=False)))
        for name in names
        if (processed / name).is_file() or any((processed / name).rglob("*.parquet"))
    }
    entries = [json.loads(p.read_text("utf-8")) for p in processed.glob(".files/*/entry.json")]
    cells = sorted(str(cell) for e in entries for cell in zip(*e["cells"].values(), strict=True))
    runs = [run | {"chapters": sorted(run["chapters"])} for e in entries for run in e["runs"]]
    return {"quality": quality, **tables, "cells": cells, "runs": sorted(map(str, runs))}


def check_pieces(raw: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Fails unless a file comes out in pieces as it does in one; what came out is returned."""
    monkeypatch.setattr(files, "BATCH_BYTES", 600)  # several chunks
    whole = outcome(raw, folder / "whole")
    monkeypatch.setattr(pieces, "ROWS_HELD", 2)
    assert outcome(raw, folder / "pieces") == whole
    return whole


@pytest.mark.parametrize("kind", ["levels", "world", "groups", "copy", "summary", "flow_column"])
def test_trouble_of_any_kind_comes_out_alike(tmp_path, monkeypatch, kind):
    crossed.made(1404, (kind,), tmp_path)
    check_pieces(tmp_path / "raw", tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("kinds", random.Random(1406).sample(crossed.PAIRS, 100), ids=" and ".join)
def test_two_kinds_of_trouble_come_out_alike(tmp_path, monkeypatch, kinds):
    crossed.made(1406, kinds, tmp_path)
    check_pieces(tmp_path / "raw", tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.skipif(not CASES.exists(), reason="the shared field cases are not here")
@pytest.mark.parametrize("case", sorted(p.parent.name for p in CASES.glob("*/raw")))
def test_a_field_case_comes_out_alike(tmp_path, monkeypatch, case):
    check_pieces(CASES / case / "raw", tmp_path, monkeypatch)


def line(code: str, usd: int, partner: str = "عراق", month: str = "7", kg: int = 10) -> list[str]:
    return [month, "1404", "بازرگان", partner, code, str(kg), str(usd)]


MANY = [line(code, 100 + n) for code in ("84713010", "39012000") for n in range(12)]


@pytest.mark.parametrize(
    ("rows", "flags", "reason"),
    [
        ([*MANY, line("84713010", 900_000)], {"unit_value_outlier"}, "the usual value of a code"),
        ([*MANY, MANY[3], MANY[20]], {"duplicate"}, "the same row twice"),
        ([*MANY, line("8471", 1266, kg=120)], set(), "a heading and its lines"),
        ([*MANY, line("27101290", 5, "جهان")], set(), "the world, its members in other chapters"),
        ([*MANY, line("99", 2532, kg=240)], set(), "all goods, in a chapter of its own"),
        ([line("77", 2532, kg=240), *MANY], set(), "all goods, in a chapter that comes first"),
        ([*MANY, line("99999900", 2532, kg=240)], set(), "all goods, under nines"),
        ([*MANY, line("99999900", 2531, kg=240)], set(), "not quite all goods"),
        ([*MANY, line("", 7), line("", 8), line("", 7)], {"hs_missing", "duplicate"}, "no code"),
        ([*MANY, line("7654321", 7)], set(), "a row rejected"),
        ([*MANY, line("84713010", 1266, month="1-7")], set(), "months run together"),
    ],
)  # fmt: skip
def test_what_rows_say_of_each_other_is_seen_in_pieces_too(
    tmp_path, monkeypatch, rows, flags, reason
):
    (tmp_path / "raw").mkdir()
    text = dirty.csv_text([HEAD, *rows])
    (tmp_path / "raw" / "export.csv").write_text(text, encoding="utf-8")
    made = check_pieces(tmp_path / "raw", tmp_path, monkeypatch)
    assert flags <= set(made["quality"]["files"][0]["repairs"]), reason


def test_a_long_file_is_never_held_whole(tmp_path, monkeypatch):
    (tmp_path / "raw").mkdir()
    rows = [line(f"{chapter}011000", n) for n in range(20) for chapter in range(10, 20)]
    text = dirty.csv_text([HEAD, *rows])
    (tmp_path / "raw" / "export.csv").write_text(text, encoding="utf-8")
    sizes = []
    take_out = cleaning.sums.take_out
    monkeypatch.setattr(files, "BATCH_BYTES", 600)
    monkeypatch.setattr(pieces, "ROWS_HELD", 80)
    monkeypatch.setattr(
        cleaning.sums, "take_out", lambda kept, of: sizes.append(len(kept)) or take_out(kept, of)
    )
    cleaning.clean(tmp_path / "raw", tmp_path / "processed")
    assert sizes == [20] * 10

"""One bad file never takes the others, and no limit is passed without a word."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from pathlib import Path

import msgspec
import pytest
import xlsxwriter

import dirty
from helpers.customs import cleaning, files

FAULTS = Path(__file__).parents[2] / "shared" / "data" / "fault-cases"
CASES = FAULTS.with_name("field-cases")
HEAD = ["شماره تعرفه", "نام کشور", "وزن (کیلوگرم)", "ارزش (دلار)"]
ROWS = [["84713010", "عراق", "100", "1000"], ["27101290", "عراق", "2000", "500"]]


def entries(tmp_path: Path, **contents: bytes) -> dict[str, dict]:
    """What became of files of these contents, and of a healthy one beside them."""
    raw = tmp_path / "raw"
    raw.mkdir(exist_ok=True)
    (raw / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    (raw / "healthy.csv").write_text(dirty.csv_text([HEAD, ROWS[0]]), encoding="utf-8")
    (raw / "healthy.source.yml").write_text("scope: its own\n")  # else it replaces the others
    for name, content in contents.items():
        (raw / name.replace("__", ".")).write_bytes(content)
    quality = msgspec.to_builtins(cleaning.clean(raw, tmp_path / "processed"))
    found = {file["source_file"]: file for file in quality["files"]}
    assert found.pop("healthy.csv")["value_usd"]["kept"] == 1000
    return found


def xlsx(*rows: list[str], change=lambda book, sheet: None) -> bytes:
    """A workbook of one sheet that may be changed before it is written."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(
                number, 0, [float(c) if c.isdigit() and c[0] != "8" else c for c in row]
            )
        change(book, sheet)
    return content.getvalue()


def deep(n_levels: int) -> bytes:
    return b"<html><body><table>" + b"<tr><td><div>" * n_levels + b"x"


def bomb(n_bytes: int) -> bytes:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w") as member,
    ):
        for _ in range(n_bytes >> 20):
            member.write(b"84713010,1\n" * 95_325)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a__zip", dirty.zipped("a.csv", b"x", **{f"m{n}.csv": b"x" for n in range(1000)}), "holds 1,001 files"),
        ("a__csv", b",".join([b"x"] * 100_000), "more columns than"),
        ("a__xls", b"<table><tr>" + b"<td colspan=1000>x" * 20, "columns or more"),
        ("a__xls", deep(100_000), "stopped|layout is not known|too deep|damaged"),
        ("a__xls", b"<table>" + b"<tr><td rowspan=1000 colspan=1000>x" * 50, "layout is not known|columns or more"),
        ("a__gz", gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"x"))))), "archives within"),
    ],
    ids=["many members", "many columns", "wide spans", "deep", "spans of a thousand", "archives in archives"],
)  # fmt: skip
def test_what_is_beyond_a_limit_is_one_named_failure(tmp_path, name, content, words):
    (entry,) = entries(tmp_path, **{name: content}).values()
    assert entry["status"] == "failed"
    assert re.search(words, entry["error"])


def test_a_bomb_is_refused_before_the_disk_is_full(tmp_path, monkeypatch):
    room = files.Room.for_file(str(tmp_path), Path(__file__))
    assert room.left == 1 << 30  # a small file may take a GiB
    monkeypatch.setattr(files.Room, "for_file", lambda folder, _: files.Room(Path(folder), 1 << 20))
    (entry,) = entries(tmp_path, a__zip=bomb(3 << 20)).values()
    assert "unpacks to more than" in entry["error"]


def test_a_reader_that_takes_too_long_is_ended(tmp_path, monkeypatch):
    files._READER._end() if files._READER.process else None
    monkeypatch.setattr(files, "READ_SECONDS", 0)
    (entry,) = entries(tmp_path, a__xlsx=xlsx(HEAD, *ROWS)).values()
    assert "its reader stopped (signal 9)" in entry["error"]
    monkeypatch.undo()
    (entry,) = entries(tmp_path, a__xlsx=xlsx(HEAD, *ROWS)).values()
    assert entry["status"] == "clean"


@pytest.mark.skipif(not FAULTS.exists(), reason="the shared fault cases are not here")
def test_a_reader_that_aborts_fails_one_file(tmp_path):
    (entry,) = entries(tmp_path, a__xls=(FAULTS / "reader-aborts-1.xls").read_bytes()).values()
    assert "its reader stopped (signal 6)" in entry["error"]


@pytest.mark.skipif(not CASES.exists(), reason="the shared field cases are not here")
@pytest.mark.parametrize(
    ("case", "name", "words"),
    [("c05_stray_cell", "stray.xlsx", "stray cell"), ("c05b_stray_near", "a.xlsx", None)],
)
def test_a_stray_cell_far_away_is_refused_or_read(tmp_path, case, name, words):
    (entry,) = entries(tmp_path, a__xlsx=(CASES / case / "raw" / name).read_bytes()).values()
    assert words in entry["error"] if words else entry["value_usd"]["kept"] == 1500


def hide(book, sheet) -> None:
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.set_column(1, 1, None, None, {"hidden": True})


def footnote(book, sheet) -> None:
    raised = book.add_format({"font_script": 1})
    sheet.write_rich_string(2, 3, "500", raised, "2", " ")


def merge(book, sheet) -> None:
    sheet.merge_range(1, 0, 2, 0, "84713010")


@pytest.mark.parametrize(
    ("change", "usd", "words", "reason"),
    [
        (
            hide,
            1500,
            "1 hidden rows were read|hidden columns were read like the others: 2-2",
            "hidden",
        ),
        (footnote, 1000, "value_usd_unreadable", "a raised digit"),
        (merge, 1500, "", "a code for two rows"),
    ],
)
def test_what_a_workbook_hides_is_said(tmp_path, change, usd, words, reason):
    (entry,) = entries(tmp_path, a__xlsx=xlsx(HEAD, *ROWS, change=change)).values()
    assert entry["value_usd"]["kept"] == usd, reason
    assert re.search(words, f"{entry['warnings']} {entry['rejects']}"), reason


def changed(content: bytes, part: str, before: str, after: str) -> bytes:
    """A workbook with one of its XML parts changed, as no writer of workbooks would."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == part:
                assert re.search(before.encode(), text)
                text = re.sub(before.encode(), after.encode(), text)
            new.writestr(name, text)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (r'<c r="D3"><f>C3*2</f><v></v></c>', "formulas hold no value"),
        (r'<c r="D3"><f>C3*2</f></c>', "formulas hold no value"),
        (r'<c r="D3" t="e"><v>#DIV/0!</v></c>', "cells hold an error"),
    ],
)
def test_a_cell_that_the_reader_loses_is_rejected_and_said(tmp_path, cell, words):
    content = changed(xlsx(HEAD, *ROWS), "xl/worksheets/sheet1.xml", r'<c r="D3">.*?</c>', cell)
    (entry,) = entries(tmp_path, a__xlsx=content).values()
    assert entry["rejects"] == {"value_usd_unreadable": 1}
    assert words in entry["warnings"][0]


@pytest.mark.parametrize(
    ("cells", "usd", "reason"),
    [
        ("<td>1<br>000", None, "two lines"),
        ("<td><p>1</p><p>000</p>", None, "two paragraphs"),
        ("<td>1000<sup>2</sup>", None, "a footnote mark"),
        ("<td><b>1</b>,000", 1000, "bold letters are of one number"),
        ("<td><!-- 9 -->1000", 1000, "a comment is not seen"),
        ("<td><span style='display: none'>7</span>1000", 1000, "a sort key is not seen"),
        ("<td><span class=key>7</span>1000", 1000, "nor one of a class"),
        ("<td hidden>1000", None, "a cell that is not seen has no value"),
    ],
)
def test_of_a_page_only_what_can_be_seen_is_read(tmp_path, cells, usd, reason):
    row = "".join(f"<td>{cell}</td>" for cell in ROWS[0][:3])
    heads = "".join(f"<th>{cell}</th>" for cell in HEAD)
    page = f"<html><meta charset=utf-8><style>.key {{ display:none }}</style><table><tr>{heads}<tr>{row}{cells}</table>"
    (entry,) = entries(tmp_path, a__xls=page.encode()).values()
    assert entry["value_usd"]["kept"] == (usd or 0), reason


def test_rows_of_another_width_above_a_heading_are_accounted_for(tmp_path):
    """The first heading is none that is known, and a row below it is wider than the others."""
    rows = dirty.furnished()
    rows[0] = [*rows[0][:5], "شما", *rows[0][6:]]
    rows[3] = [*rows[3][:5], "", "", "", "", *rows[3][5:]]
    (entry,) = entries(tmp_path, a__csv=dirty.csv_text(rows).encode()).values()
    assert (entry["status"], entry["rows"]["kept"], entry["rows"]["read"]) == (
        "clean",
        4,
        len(rows),
    )


def test_rows_that_a_page_hides_are_left_out_and_said(tmp_path):
    lines = ["".join(f"<td>{cell}</td>" for cell in row) for row in (HEAD, *ROWS)]
    page = f"<meta charset=utf-8><table><tr>{lines[0]}<tr>{lines[1]}<tr style='display:none'>{lines[2]}</table>"
    (entry,) = entries(tmp_path, a__xls=page.encode()).values()
    assert entry["value_usd"]["kept"] == 1000
    assert "1 rows that the page hides were left out, row 3 first" in entry["warnings"]


def test_a_cell_that_spans_rows_counts_for_each(tmp_path):
    head = "".join(f"<th>{cell}</th>" for cell in HEAD)
    body = "<tr><td rowspan=2>84713010<td>عراق<td>1<td>5<tr><td>ترکیه<td>2<td>6"
    (entry,) = entries(
        tmp_path, a__xls=f"<meta charset=utf-8><table><tr>{head}{body}</table>".encode()
    ).values()
    assert entry["rows"]["kept"] == 2
    assert "hs_missing" not in entry["repairs"]


@pytest.mark.parametrize(("n_rows", "is_cut"), [(65_534, False), (65_535, True)])
def test_a_table_that_ends_where_its_format_does_may_be_cut(tmp_path, n_rows, is_cut):
    rows = [HEAD, *([["84713010", "عراق", "1", "1"]] * n_rows)]
    (entry,) = entries(tmp_path, a__csv=dirty.csv_text(rows).encode()).values()
    assert any("cut off" in warning for warning in entry["warnings"]) == is_cut


@pytest.mark.parametrize(
    "name", ["~$a.csv", "Thumbs.db", "desktop.ini", "._a.csv", ".DS_Store", "__MACOSX/a"]
)
def test_files_of_the_system_are_passed_over_in_archives_too(tmp_path, name):
    inside = {name: b"\x00\x01"}
    content = dirty.zipped("a.csv", dirty.csv_text([HEAD, *ROWS]).encode(), **inside)
    (entry,) = entries(tmp_path, a__zip=content).values()
    assert entry["value_usd"]["kept"] == 1500
    (tmp_path / "raw" / "a.zip").unlink()
    if "/" not in name:
        assert entries(tmp_path, **{name.replace(".", "__"): b"\x00\x01"}) == {}

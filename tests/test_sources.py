"""What lies in the raw folder: what its sidecars say, and what cannot be a raw file."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest

from helpers.customs.sources import Received, Source, received
from helpers.documents import MOST_BYTES
from helpers.places import DEMO_MARK
from helpers.schema import HelpersError


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.csv").write_text("x")
    return tmp_path / "raw"


def said(raw: Path, text: str) -> Source:
    (raw / "a.source.yml").write_text(text, encoding="utf-8")
    return received(raw).files[0].source


def names(found: Received) -> list[str]:
    return [file.name for file in found.files]


# Sidecars


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "flw: export",
            r"unknown field `flw` \(did you mean 'flow'\?\); it may have: layout, flow,",
        ),
        ("flow: exprot", r", flow: Invalid enum value 'exprot' \(did you mean 'export'\?\)"),
        ("months: 0-7", "months '0-7' are not a month or a run of months"),
        ("months: 1-7, 9", "months '1-7, 9' are not"),
        ("months: [1, 3, 7]", r"months \[1, 3, 7\] are not"),
        ("months: 7-1", "months '7-1' are not"),
        ("year_sh: 2025", "not a Solar Hijri year"),
        ("year_sh: 1404.7", "year_sh 1404.7 is not a Solar Hijri year"),
        ("year_sh:", "year_sh None is not a Solar Hijri year"),
        ("units: tonne", "units are said by column, as {value_usd: usd}, not 'tonne'"),
        (
            "units: {value: dollars}",
            "units: 'dollars' of 'value': its unit is one of usd, thousand",
        ),
        (
            "units: {net_mass_kg: usd}",
            "units: 'usd' of 'net_mass_kg': its unit is one of kg, tonne",
        ),
        ("units: {valeu: kg}", r"'valeu' \(did you mean 'value'\?\): no column with units"),
        ("synthetic: perhaps", ", synthetic: Expected `bool`, got `str`"),
        ("months_note: {de: was}", ", months_note: Invalid enum value 'de'"),
        ("link: yes", ", link: Expected `str"),
        ("[", "is not YAML"),
        ("- 1", "should hold `key: value` lines"),
        ("accessed: 1404-06-31", "Persian dates written as 1404/06/31: day is out of range"),
        (
            "accessed: 1404/12/31",
            "accessed '1404/12/31' is no date; write it as 2025-10-23 or 1404",
        ),
        ("accessed: last week", "accessed 'last week' is no date"),
        ("accessed: 01/08/1404", "accessed '01/08/1404' is no date"),
        ("[" * 100_000, "nested deeper than 20 levels"),
        ("a: &a [1]\nb: *a", "refers back to &a"),
        ("title: " + "x" * MOST_BYTES, "is larger than 1,048,576 bytes"),
        ("title: \x00", "is not YAML"),
    ],
    ids=lambda text: text[:20],
)
def test_a_sidecar_with_a_mistake_fails_its_file_with_the_place(raw, text, words):
    (raw / "a.source.yml").write_text(text, encoding="utf-8")
    (raw / "b.csv").write_text("x")
    found = received(raw)
    assert names(found) == ["b.csv"], "the others are done"
    assert list(found.failures) == ["a.csv"]
    assert found.failures["a.csv"].startswith("sidecar a.source.yml")
    assert re.search(words, found.failures["a.csv"])


def test_a_bomb_of_references_is_not_unfolded(raw):
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    (raw / "a.source.yml").write_text("\n".join(lines))
    assert "may multiply without end" in received(raw).failures["a.csv"]


@pytest.mark.parametrize(
    ("months", "run"),
    [("7", (7, 7)), ("1-7", (1, 7)), ("[1, 7]", (1, 7)), ("۱-۷", (1, 7)), ("1 – 7", (1, 7))],
)
def test_a_sidecar_s_months_are_one_run(raw, months, run):
    assert said(raw, f"months: {months}").months == run


@pytest.mark.parametrize(
    ("accessed", "day"),
    [
        ("2025-10-01", "2025-10-01"),
        ("2025/10/1", "2025-10-01"),
        ("1404/08/01", "2025-10-23"),
        ("1404-08-01", "2025-10-23"),  # YAML makes it a date of the Common Era
        ("۱۴۰۴/۸/۱", "2025-10-23"),
        ("", ""),
    ],
)
def test_a_sidecar_s_date_is_of_either_calendar(raw, accessed, day):
    assert said(raw, f"accessed: {accessed}").accessed == day


def test_other_values_are_taken_as_they_are_meant(raw):
    source = said(raw, "year_sh: ۱۴۰۴\nscope: 1\nmonths_note: why\nunits: {value: usd}\ntitle:\n")
    assert (source.year_sh, source.scope, source.title) == (1404, "1", "")
    assert source.months_note == {"fa": "why", "en": "why"}
    assert source.units == {"value": "usd"}


def test_the_nearer_sidecar_wins_key_by_key(raw):
    (raw / "deep").mkdir()
    (raw / "deep" / "a.csv.gz").write_text("x")
    (raw / "_source.yml").write_text("flow: export\nproducer: customs\nmonths: 7\n")
    (raw / "deep" / "a.source.yml").write_text("flow: import\nmonths:\n")
    deep = received(raw).files[1]
    assert (deep.name, deep.source) == (
        "deep/a.csv.gz",
        Source(flow="import", producer="customs", inherited=("producer",)),
    )


def test_a_mistake_in_a_folder_s_sidecar_fails_what_lies_in_it(raw):
    (raw / "deep" / "deeper").mkdir(parents=True)
    (raw / "deep" / "deeper" / "b.csv").write_text("x")
    (raw / "deep" / "_source.yml").write_text("flw: export")
    found = received(raw)
    assert names(found) == ["a.csv"]
    assert found.failures["deep/deeper/b.csv"].startswith(
        "sidecar _source.yml: Object contains unknown"
    )


# What lies there


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(HelpersError, match=r"no folder of raw files at .*nowhere; create it"):
        received(tmp_path / "nowhere")


def test_files_of_other_modules_and_of_nobody_are_told_apart(raw):
    for name in ("README.md", ".hidden.csv", "~$a.xlsx", "own.layout.yml", "claims.yml"):
        (raw / name).write_text("x: y")
    (raw / "published").mkdir()
    (raw / "published" / "_source.yml").write_text("layout: published")
    (raw / "published" / "figures.csv").write_text("x")
    found = received(raw)
    assert names(found) == ["a.csv"]
    assert [file.name for file in found.others] == ["published/figures.csv"]
    assert [path.name for path in found.layouts] == ["own.layout.yml"]
    assert found.failures == {}


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    server = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket may have no more than 107 bytes
    server.bind(path.name)
    server.close()
    os.chdir(here)


def link_to_a_folder(path: Path) -> None:
    (path.parents[1] / "elsewhere").mkdir()
    path.symlink_to(path.parents[1] / "elsewhere")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes among its files")
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (make_pipe, "a pipe, a socket or a device"),
        (make_socket, "a pipe, a socket or a device"),
        (lambda path: path.symlink_to("/dev/null"), "a link to nothing|a pipe"),
        (lambda path: path.symlink_to("not there"), "a link to nothing"),
        (lambda path: path.symlink_to(path), "a link to nothing"),
        (link_to_a_folder, "a link to a folder; .*pass it as --raw"),
        (lambda path: path.symlink_to(path.parent / "a.csv"), "`link: allowed` into z.source.yml"),
    ],
    ids=["pipe", "socket", "device", "dangling", "itself", "folder", "file"],
)
def test_what_is_no_file_is_named_and_the_rest_is_done(raw, make, words):
    make(raw / "z.csv")
    found = received(raw)
    assert names(found) == ["a.csv"]
    assert list(found.failures) == ["z.csv"]
    assert re.search(words, found.failures["z.csv"])


def test_a_link_is_followed_where_its_sidecar_says_so_and_as_the_raw_folder(raw, tmp_path):
    (raw / "z.csv").symlink_to(raw / "a.csv")
    (raw / "z.source.yml").write_text("link: allowed")
    (tmp_path / "linked").symlink_to(raw)
    assert names(received(tmp_path / "linked")) == ["a.csv", "z.csv"]


def test_a_sidecar_that_is_a_pipe_or_a_link_is_not_opened(raw):
    os.mkfifo(raw / "a.source.yml")
    (raw / "b.csv").write_text("x")
    (raw / "b.source.yml").symlink_to(raw / "a.csv")
    assert set(received(raw).failures) == {"a.source.yml", "b.source.yml"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("line\nbreak.csv", r"line\nbreak.csv"),
        ("bell\x07.csv", r"bell\x07.csv"),
        ("not utf-8 \udcff.csv", r"not utf-8 \udcff.csv"),
    ],
)
def test_a_name_that_cannot_be_printed_is_printed_all_the_same(raw, name, shown):
    (raw / name).write_text("x")
    found = received(raw)
    assert names(found) == ["a.csv"]
    assert found.failures == {shown: "its name holds letters that cannot be printed; rename it"}


def test_half_spaces_in_a_name_are_letters(raw):
    (raw / "ده\u200cماهه.csv").write_text("x")
    assert names(received(raw))[1:] == ["ده\u200cماهه.csv"]


def test_long_names_and_deep_folders_are_read(raw):
    deep = raw.joinpath(*["d"] * 300)
    deep.mkdir(parents=True)
    for folder in (raw, deep):
        (folder / ("n" * 251 + ".csv")).write_text("x")
    found = received(raw)
    assert len(found.files) == 3
    assert found.failures == {}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_listed_is_named(raw):
    (raw / "closed").mkdir(mode=0)
    found = received(raw)
    (raw / "closed").chmod(0o700)
    assert "nothing in it was read" in found.failures["closed"]


def test_made_up_figures_are_received_in_a_demo_s_folder_only(raw, tmp_path):
    (raw / "sample").mkdir()
    (raw / "sample" / "b.csv").write_text("x")
    (raw / "sample" / "b.source.yml").write_text("synthetic: true")
    found = received(raw)
    assert names(found) == ["a.csv"]
    assert "delete or move it; `workbench demo` makes" in found.failures["sample/b.csv"]
    (tmp_path / DEMO_MARK).write_text("")
    assert names(received(raw)) == ["a.csv", "sample/b.csv"]

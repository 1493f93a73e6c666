"""What a batch reads is made once: declarations, published figures, and the UN's table of uses."""

import errno
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

import dirty
from cut_short import CUT_SHORT
from helpers import memory, places, preparation, store
from helpers.customs import cleaning, vintages
from helpers.customs.quality import Quality
from helpers.schema import UnreadableFile, WrongCall

ROOT = Path(__file__).parents[1]
LINES = (
    "ردیف,ماه,سال,نام گمرک,نام کشور,شماره تعرفه,وزن (کیلوگرم),ارزش (دلار)",
    "1,1,1404,غرب تهران,عراق,30049000,1000,50000",
)


@pytest.fixture
def raw(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("WORKBENCH_ROOT", str(ROOT))
    monkeypatch.setenv("WORKBENCH_PROCESSED", str(tmp_path / "processed"))
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "export_1404.csv").write_text("\n".join(LINES), encoding="utf-8")
    return folder


def prepared(raw: Path) -> Quality:
    hashes = memory.Hashes(raw.parent / "hashes.json")
    return preparation.prepare(raw, raw.parent / "processed", hashes)


def stale(raw: Path) -> list[str]:
    hashes = memory.Hashes(raw.parent / "hashes.json")
    return preparation.stale_because(raw, raw.parent / "processed", hashes)


def write_un_workbook(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("HS17BEC5")
        for line, row in enumerate(
            [("HS6", "BEC5EndUse", "BEC5Processing"), ("300490", "CAP", "PROCESSED")]
        ):
            sheet.write_row(line, 0, row)
    path.with_suffix(".source.yml").write_text("layout: un_bec5\n", encoding="utf-8")


def store_of(raw: Path) -> Path:
    return places.current(raw.parent / "processed")


def value_usd() -> float:
    return store.totals([])["value_usd"].item()


def use_of_the_row() -> str:
    return store.totals(["use"])["use"].item()


def test_another_raw_folder_reads_the_published_figures_of_the_project(raw):
    quality = prepared(raw)
    assert [file.source_file for file in quality.files] == ["export_1404.csv"]
    assert "published/figures.csv" in [file.source_file for file in quality.carried]
    assert len(store.published("figures")) > 100


def test_goods_take_the_uses_of_the_un_workbook_only_while_it_is_there(raw):
    prepared(raw)
    assert use_of_the_row() == "consumption"
    assert "uses" in store.used(), "or the workbook's coming would leave pages as good as new"
    write_un_workbook(raw / "bec.xlsx")
    quality = prepared(raw)
    assert use_of_the_row() == "capital"
    assert store.uses_in_force()[0] == "HS-BEC5", "the page names it"
    assert [file.source_file for file in quality.files] == ["export_1404.csv"]
    (raw / "bec.xlsx").unlink()
    (raw / "bec.source.yml").unlink()
    prepared(raw)
    assert use_of_the_row() == "consumption"


@pytest.mark.parametrize("content", ["", "[]", "{broken", '{"raw": 1}'])
def test_a_mark_that_is_none_of_ours_means_never_cleaned(raw, content):
    prepared(raw)
    (store_of(raw) / ".made_from.json").write_text(content)
    assert stale(raw) == ["never cleaned"]
    prepared(raw)
    assert stale(raw) == []


def test_a_raw_file_that_changes_makes_the_data_stale(raw):
    prepared(raw)
    assert stale(raw) == []
    rows = pd.read_csv(raw / "export_1404.csv", dtype="string")
    rows.assign(**{"ارزش (دلار)": "1"}).to_csv(raw / "export_1404.csv", index=False)
    assert stale(raw) == ["raw data changed: export_1404.csv"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("un.xlsx", b"HS6,BEC5EndUse", "sheet HS17BEC5, found: "),
        ("un.csv", b"HS6,BEC5EndUse", "sheet HS17BEC5, found: "),  # whatever its name
        ("un.xlsx", dirty.zipped("xl/workbook.xml", b"<w/>"), "sheet HS17BEC5, found: "),
        ("un.xlsx", None, "sheet HS17BEC5, found: .*HS17BEC5"),  # another workbook
    ],
    ids=["no workbook", "csv", "damaged", "another"],
)
def test_a_wrong_workbook_of_uses_is_told_in_words(raw, name, content, words):
    if content is None:
        dirty.write_xlsx(raw / name, {"Sheet1": dirty.table()})
    else:
        (raw / name).write_bytes(content)
    (raw / "un.source.yml").write_text("layout: un_bec5\n")
    with pytest.raises(UnreadableFile, match=f"{name}: its sidecar says .*{words}"):
        prepared(raw)


# The store is switched as a whole


def change(raw: Path) -> None:
    lines = [LINES[0], LINES[1].replace("50000", "70000"), LINES[1].replace("50000", "1")]
    (raw / "export_1404.csv").write_text("\n".join(lines), encoding="utf-8")


def test_what_is_fresh_is_not_made_again(raw):
    before = prepared(raw)
    store_before = store_of(raw)
    assert prepared(raw) == before
    assert store_of(raw) == store_before


def test_a_reader_who_began_with_the_old_store_can_end_with_it(raw):
    prepared(raw)
    old = store_of(raw)
    change(raw)
    prepared(raw)
    assert store_of(raw) != old
    assert pd.read_parquet(old / "declarations")["value_usd"].tolist() == [50_000]
    assert value_usd() == 70_001
    (raw / "export_1404.csv").write_text("\n".join(LINES), encoding="utf-8")
    prepared(raw)
    assert not old.exists(), "nobody reads the last but two"


def test_a_file_that_is_another_only_while_it_is_read_is_not_taken_for_clean(raw, monkeypatch):
    """Its hash is the same before and after; what was read is neither."""
    file, read = raw / "export_1404.csv", cleaning.clean_file
    as_received = file.read_bytes()

    def read_meanwhile(*given):
        change(raw)
        entry = read(*given)
        file.write_bytes(as_received)
        return entry

    monkeypatch.setattr(cleaning, "clean_file", read_meanwhile)
    (account,) = prepared(raw).files
    assert "it changed while it was read" in account.error
    assert stale(raw) == ["raw data changed: export_1404.csv"]
    monkeypatch.undo()
    monkeypatch.setenv("WORKBENCH_PROCESSED", str(raw.parent / "processed"))
    monkeypatch.setenv("WORKBENCH_ROOT", str(ROOT))
    prepared(raw)
    assert value_usd() == 50_000
    assert stale(raw) == []


def parts_of(raw: Path) -> list[Path]:
    return sorted(p for p in (raw.parent / "processed").rglob("*") if p.suffix == ".parquet")


@pytest.mark.parametrize(
    ("place", "is_linked", "damage"),
    [
        ("store", True, lambda b: b[: len(b) // 2]),  # what is remembered is the same file
        ("store", False, lambda b: b[:99] + b"x" + b[100:]),
        (".files", False, lambda b: b""),
    ],
    ids=["half", "a byte", "empty"],
)
def test_a_damaged_part_of_store_or_memory_is_told_and_heals(
    raw, place, is_linked, damage, monkeypatch
):
    monkeypatch.setattr(vintages, "SMALL_BYTES", 0 if is_linked else 1 << 18)
    prepared(raw)
    for path in (p for p in parts_of(raw) if f"/{place}" in str(p)):
        with path.open("r+b") as file:  # in place, so that all its names are damaged
            content = damage(file.read())
            file.seek(0)
            file.truncate()
            file.write(content)
    kind = "store" if place == "store" else "memory of raw files"
    assert any(reason.startswith(f"{kind} changed: ") for reason in stale(raw))
    prepared(raw)
    assert stale(raw) == []
    assert value_usd() == 50_000
    assert len(store.published("figures")) > 100


def test_what_failed_is_tried_again_by_the_next_call(raw, monkeypatch):
    """For want of room on the disk, say; but no page waits for it."""

    def fails(*_):
        raise UnreadableFile("it unpacks to half of the free disk")

    monkeypatch.setattr(cleaning, "clean_file", fails)
    assert [file.status for file in prepared(raw).files] == ["failed"]
    assert stale(raw) == []
    monkeypatch.undo()
    monkeypatch.setenv("WORKBENCH_ROOT", str(ROOT))
    assert [file.status for file in prepared(raw).files] == ["clean"]


def test_a_full_disk_ends_the_call_and_leaves_the_old_store(raw, monkeypatch):
    """It is not the fault of the file that was being cleaned."""
    prepared(raw)
    change(raw)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cleaning, "write_partitions", full)
    with pytest.raises(OSError, match="No space left"):
        prepared(raw)
    assert value_usd() == 50_000
    assert stale(raw) == ["raw data changed: export_1404.csv"]


def test_without_hard_links_the_store_holds_copies(raw, monkeypatch):
    monkeypatch.setattr(vintages, "SMALL_BYTES", 0)  # every part is linked
    monkeypatch.setattr(os, "link", _no_links)
    prepared(raw)
    assert value_usd() == 50_000


def _no_links(*_: object) -> None:
    raise PermissionError("Operation not permitted")


def test_what_killed_calls_left_goes(raw):
    work, ended = raw.parent / "processed" / ".work", subprocess.Popen(["true"])
    ended.wait()
    (work / f"{platform.node()}-{ended.pid}-1").mkdir(parents=True)
    beside = raw.parent / f".{platform.node()}-{ended.pid}-a.xlsx"
    beside.touch()
    places.write_whole(raw.parent / "b.xlsx", lambda path: path.touch())
    assert beside.exists(), "it is of another file"
    places.write_whole(raw.parent / "a.xlsx", lambda path: path.touch())
    assert not beside.exists()
    (work.parent / f".{platform.node()}-{ended.pid}-CURRENT").touch()
    prepared(raw)
    assert list(work.iterdir()) == []
    assert not [p for p in work.parent.iterdir() if str(ended.pid) in p.name]


def test_what_an_older_version_left_in_the_folder_itself_goes(raw):
    processed = raw.parent / "processed"
    (processed / "declarations").mkdir(parents=True)
    (processed / "quality.json").write_text("{}")
    prepared(raw)
    assert not (processed / "declarations").exists()
    assert not (processed / "quality.json").exists()


KILLED = (
    CUT_SHORT
    + """
import sys
from pathlib import Path
from helpers import memory, places, preparation
raw, processed, left = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
cut_short()
preparation.prepare(raw, processed, memory.Hashes(processed / ".hashes.json"))
print(left)
"""
)


@pytest.mark.slow
def test_whenever_it_is_killed_the_store_is_the_old_or_the_new(raw):
    """Before each change of a name on the disk, the process ends without a word."""
    prepared(raw)
    change(raw)
    processed, values = raw.parent / "processed", []
    for n_left in range(100):
        command = [sys.executable, "-c", KILLED, str(raw), str(processed), str(n_left)]
        done = subprocess.run(command, capture_output=True, check=False)
        values.append(value_usd())
        if done.returncode == 0:
            break
        assert done.returncode == 9, done.stderr
    assert set(values) == {50_000, 70_001}
    assert values == sorted(values), "once new, never old again"
    assert len(values) > 4, "it was killed in several places"
    assert len(list(processed.glob("store-*"))) <= 2, "what was not finished is cleaned away"


def test_a_processed_folder_is_never_made_again_from_another_raw_folder(raw, tmp_path):
    prepared(raw)
    other = tmp_path / "other"
    shutil.copytree(raw, other)
    change(other)
    processed, hashes = tmp_path / "processed", memory.Hashes(tmp_path / "hashes.json")
    assert preparation.stale_because(other, processed, hashes) == []
    words = (
        f"{processed} was made from {raw}, not from {other}: it is read as it stands; pass --raw"
    )
    assert preparation.made_elsewhere(other, processed).startswith(words)
    with pytest.raises(WrongCall, match="or another --processed to clean"):
        preparation.prepare(other, processed, hashes)
    assert value_usd() == 50_000


def test_a_project_may_be_moved_with_its_data(raw, tmp_path):
    prepared(raw)
    for name in ("raw", "processed"):
        shutil.copytree(tmp_path / name, tmp_path / "moved" / name)
    assert preparation.made_elsewhere(tmp_path / "moved/raw", tmp_path / "moved/processed") == ""

"""What a batch reads is made once: declarations, published figures, and the UN's table of uses."""

from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

import dirty
from helpers import memory, preparation, store
from helpers.schema import UnreadableFile

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


def prepared(raw: Path) -> dict:
    hashes = memory.Hashes(raw.parent / "hashes.json")
    return preparation.prepare(raw, raw.parent / "processed", hashes)


def write_un_workbook(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("HS17BEC5")
        for line, row in enumerate(
            [("HS6", "BEC5EndUse", "BEC5Processing"), ("300490", "CAP", "PROCESSED")]
        ):
            sheet.write_row(line, 0, row)
    path.with_suffix(".source.yml").write_text("layout: un_bec5\n", encoding="utf-8")


def use_of_the_row() -> str:
    return store.totals(["use"])["use"].item()


def test_another_raw_folder_reads_the_published_figures_of_the_project(raw):
    quality = prepared(raw)
    assert [file["source_file"] for file in quality["files"]] == ["export_1404.csv"]
    assert "published/figures.csv" in [file["source_file"] for file in quality["carried"]]
    assert len(store.published("figures")) > 100


def test_goods_take_the_uses_of_the_un_workbook_only_while_it_is_there(raw):
    prepared(raw)
    assert use_of_the_row() == "consumption"
    assert "uses" in store.used(), "or the workbook's coming would leave pages as good as new"
    write_un_workbook(raw / "bec.xlsx")
    quality = prepared(raw)
    assert use_of_the_row() == "capital"
    assert store.uses_in_force()[0] == "HS-BEC5", "the page names it"
    assert [file["source_file"] for file in quality["files"]] == ["export_1404.csv"]
    (raw / "bec.xlsx").unlink()
    (raw / "bec.source.yml").unlink()
    prepared(raw)
    assert use_of_the_row() == "consumption"


@pytest.mark.parametrize("content", ["", "[]", "{broken"])
def test_a_mark_that_is_none_of_ours_means_never_cleaned(raw, content):
    prepared(raw)
    (raw.parent / "processed" / preparation.MARK).write_text(content)
    hashes = memory.Hashes(raw.parent / "hashes.json")
    assert preparation.stale_because(raw, raw.parent / "processed", hashes) == ["never cleaned"]


def test_a_raw_file_that_changes_makes_the_data_stale(raw):
    hashes = memory.Hashes(raw.parent / "hashes.json")
    prepared(raw)
    assert preparation.stale_because(raw, raw.parent / "processed", hashes) == []
    rows = pd.read_csv(raw / "export_1404.csv", dtype="string")
    rows.assign(**{"ارزش (دلار)": "1"}).to_csv(raw / "export_1404.csv", index=False)
    assert preparation.stale_because(raw, raw.parent / "processed", hashes) == [
        "raw data changed: export_1404.csv"
    ]


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

"""The workbook for a trade office: what it says, and that what is filled in comes back whole."""

import msgspec
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

from helpers import store, telling
from helpers.customs import asking, cleaning
from helpers.periods import Period
from helpers.schema import UnknownCode
from workbench import cli

SHIPMENTS = [
    # code, office, country, month, kilograms, dollars
    ("30049099", "شهید رجایی", "عراق", 1, 12_500, 250_000),
    ("04041000", "غرب تهران", "افغانستان", 2, 7_300.5, 18_000),
    (4041000, "منطقه ویژه اقتصادی پیام", "ترکیه", 3, 1_000, 2_000),  # Excel ate the zero
    ("84303000", "بازرگان", "ترکیه", 12, 640, None),  # the value is not known
]


def filled(path, shipments=SHIPMENTS, province="alborz", title=None):
    """The workbook as it comes back from the trade office."""
    asking.write_workbook(path, province, 1404)
    book = openpyxl.load_workbook(path)
    sheet = book["صادرات"]
    if title is not None:
        sheet.cell(1, 1, title)
    for row, shipment in enumerate(shipments, start=asking.FIRST_ROW):
        for column, value in enumerate(shipment, start=1):
            sheet.cell(row, column, value)
    book.save(path)


@pytest.fixture
def cleaned(processed, tmp_path):
    """What cleaning makes of a filled workbook beside a table of the same trade by clearance."""
    raw = tmp_path / "raw"
    raw.mkdir()
    filled(raw / "alborz.xlsx")
    (raw / "export_1404.csv").write_text(
        "ماه,سال,نام گمرک,نام کشور,شماره تعرفه,وزن (کیلوگرم),ارزش (دلار)\n"
        "1,1404,شهید رجایی,عراق,30049099,99000,990000\n",
        encoding="utf-8",
    )
    return msgspec.to_builtins(cleaning.clean(raw, processed))


@pytest.mark.usefixtures("cleaned")
def test_what_was_filled_in_comes_back_to_the_kilogram():
    rows = store.query("SELECT * FROM declarations_by_production ORDER BY month_first_sh")
    assert list(rows["net_mass_kg"]) == [row[4] for row in SHIPMENTS]
    assert rows["value_usd"].sum() == sum(row[5] or 0 for row in SHIPMENTS)
    assert pd.isna(rows["value_usd"].iloc[3])
    assert list(rows["hs_code"]) == ["30049099", "04041000", "04041000", "84303000"]
    assert list(rows["partner_iso3"]) == ["IRQ", "AFG", "TUR", "TUR"]
    assert list(rows["month_first_sh"]) == [1, 2, 3, 12]
    assert set(rows["province"]) == {"alborz"}  # whatever the office
    assert set(rows["flow"] + rows["year_sh"].astype(str)) == {"export1404"}


@pytest.mark.usefixtures("cleaned")
def test_it_stands_beside_the_clearance_basis_and_is_never_added_to_it():
    year = Period(1404)
    by_clearance = store.totals(["province"], period=year)
    assert list(by_clearance["province"]) == ["hormozgan"]
    assert by_clearance["net_mass_kg"].sum() == 99_000
    made = store.totals(["province"], period=year, basis="production")
    assert made["value_usd"].sum() == sum(row[5] or 0 for row in SHIPMENTS)


@pytest.mark.usefixtures("cleaned")
def test_every_page_says_it_beside_its_own_figures():
    """`telling.scope` opens every page."""
    told = telling.scope(telling.open_page("alborz", "1404", "en"))
    assert 'value="270000.0" data-name="made_value_usd"' in told
    assert "added to no figure of this page" in told
    assert 'data-name="made_value_usd"' in told or "270" in told
    elsewhere = telling.scope(telling.open_page("tehran", "1404", "en"))
    assert "place of production" not in elsewhere


def test_nothing_of_it_is_rejected(cleaned):
    by_name = {file["source_file"]: file for file in cleaned["files"]}
    workbook = by_name["alborz.xlsx"]
    assert workbook["status"] == "clean"
    assert workbook["rows"]["rejected"] == 0
    assert workbook["rows"]["kept"] == len(SHIPMENTS)


@pytest.mark.parametrize("title", ["صادرات سال ۱۴۰۴", "صادرات البرز و تهران، سال ۱۴۰۴"])
def test_a_title_that_does_not_name_one_province_is_asked_for(tmp_path, title):
    (tmp_path / "raw").mkdir()
    filled(tmp_path / "raw" / "made.xlsx", title=title)
    quality = msgspec.to_builtins(cleaning.clean(tmp_path / "raw", tmp_path / "processed"))
    assert "expected the province in the title above" in quality["files"][0]["error"]


def test_the_workbook_says_what_to_do_from_right_to_left(tmp_path):
    path = tmp_path / "ask.xlsx"
    asking.write_workbook(path, "khorasan_razavi", 1404)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:2] == ["راهنما", "صادرات"]
    assert all(sheet.sheet_view.rightToLeft for sheet in book)
    guide = " ".join(str(row[0].value) for row in book["راهنما"].iter_rows())
    assert "خراسان رضوی" in guide
    assert "سال ۱۴۰۴" in guide
    assert tuple(cell.value for cell in book["صادرات"][2]) == tuple(
        asking.workbook_words()["headings"]
    )


def test_an_empty_workbook_is_empty_and_no_failure(tmp_path):
    (tmp_path / "raw").mkdir()
    filled(tmp_path / "raw" / "made.xlsx", shipments=[])
    quality = msgspec.to_builtins(cleaning.clean(tmp_path / "raw", tmp_path / "processed"))
    assert quality["files"][0]["status"] == "empty"


def test_the_same_question_gives_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        asking.write_workbook(tmp_path / name, "alborz", 1404)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_province_that_is_none_is_said(tmp_path):
    with pytest.raises(UnknownCode, match="did you mean 'alborz'"):
        asking.write_workbook(tmp_path / "a.xlsx", "albroz", 1404)


def test_the_command_writes_it(tmp_path):
    out = tmp_path / "alborz.xlsx"
    call = ["ask", "--province", "alborz", "--year", "1404", "--out", str(out)]
    result = CliRunner().invoke(cli.main, call)
    assert result.exit_code == 0, result.output
    assert str(out) in result.output
    assert out.is_file()
    wrong = CliRunner().invoke(cli.main, ["ask", "--province", "albroz", "--year", "1404",
                                          "--out", str(out)])  # fmt: skip
    assert wrong.exit_code == 2

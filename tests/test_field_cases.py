"""Inputs that other people's trackers report as read wrongly: the right number, or a refusal."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pandas as pd
import pytest
import xlsxwriter

import dirty
from helpers.customs import cleaning

CASES = Path(__file__).parents[2] / "shared" / "data" / "field-cases"


def cleaned(raw: Path, processed: Path) -> tuple[dict, pd.DataFrame]:
    """The entries of the files by name, and the declarations."""
    quality = msgspec.to_builtins(cleaning.clean(raw, processed))
    parts = list((processed / "declarations").rglob("*.parquet"))
    rows = pd.read_parquet(processed / "declarations") if parts else pd.DataFrame()
    return {file["source_file"]: file for file in quality["files"]}, rows


@pytest.mark.skipif(not CASES.exists(), reason="the shared field cases are not here")
@pytest.mark.parametrize(
    ("case", "file", "kept", "words", "reason"),
    [
        # kept: (USD, kg) of the rows kept; words: in the error, a reason of the rejects, or a warning.
        ("c01_hs_levels", "a.csv", (1500, 300), "", "sums at each HS level tie to the lines"),
        ("c03_hidden_sheet", "a.xlsx", (1500, 2100), "hidden_sheet", "a copy that nobody sees"),
        ("c06_stacked_other_order", "a.xlsx", (1500, 2100), "", "each table by its own heading"),
        ("c09_dot_thousands", "a.csv", (999, 1_250_000), "unreadable", "45.300 has two readings"),
        ("c13_two_values_in_cell", "a.xlsx", (500, 2000), "unreadable", "two lines in a cell"),
        ("c14_superscript", "a.csv", (0, 0), "unreadable", "a footnote mark is no digit"),
        ("c15_hs_ranges", "a.csv", (0, 0), "hs_unreadable", "a range is no code"),
        ("c16_flow_column", "a.csv", (1570, 2120), "", "three flows, each row by its own"),
        ("c17_summary_sheet", "a.xlsx", (1500, 2100), "", "the summary is the sum of the detail"),
        ("c18_unit_in_footnote", "a.csv", None, "units: {net_mass_kg: tonne}", "a note below"),
        ("c18b_unit_title_1000usd", "a.csv", None, "value_usd: thousand_usd", "1000 dollars"),
        ("c18b_unit_title_1000usd", "b.csv", None, "value_usd: thousand_usd", "US$ '000"),
        ("c19b_unknown_usd_heading_beside_rial", "a.csv", None, "rename the heading", "unknown"),
        ("c19b_unknown_usd_heading_beside_rial", "b.csv", (1000, 100), "", "a footnote mark"),
        ("c19b_unknown_usd_heading_beside_rial", "c.csv", (1000, 100), "", "export value"),
        ("c21_merged_body", "a.xlsx", (2500, 2200), "", "labels are merged downwards"),
        ("c24b_hs_as_date_text", "a.csv", (0, 0), "hs_unreadable", "a date is no code"),
        ("c32_carried_forward", "a.csv", (1550, 2110), "", "carried sums are no trade"),
        ("c36_datatables_split", "a.xls", (1500, 2100), "", "the rows are the next table"),
        ("c40_first_row_swallowed", "a.csv", (1500, 2100), "", "a declaration is no heading"),
        ("c45_period_gregorian_with_sidecar_year", "a.csv", (0, 0), "year_unreadable", "202403"),
        ("c46_unit_column_per_row", "a.csv", (1500, 2100), "", "2 of the rows' own tonnes"),
        ("c52_unquoted_thousands", "a.csv", (500, 100), "too_many_cells", "a cell was shifted"),
        ("c69_group_subtotals", "a.csv", (1050, 105), "group_beside_members", "neighbours, EU"),
    ],
)
def test_a_field_case_gives_its_number_or_is_refused(tmp_path, case, file, kept, words, reason):
    files, _ = cleaned(CASES / case / "raw", tmp_path)
    entry = files[file]
    assert (
        words in f"{entry.get('error')} {entry['rejects']} {entry['warnings'] if kept else ''}"
    ), reason
    if kept is None:
        assert entry["status"] == "failed"
    else:
        # What another file of the case replaces was read all the same.
        read = [entry[n]["kept"] + entry[n]["replaced"] for n in ("value_usd", "net_mass_kg")]
        assert tuple(read) == kept, reason


@pytest.mark.skipif(not CASES.exists(), reason="the shared field cases are not here")
def test_two_years_under_one_heading_are_two_years(tmp_path):
    _, rows = cleaned(CASES / "c11_two_years_under_one_heading" / "raw", tmp_path)
    sums = rows.astype({"year_sh": int}).groupby("year_sh")[["value_usd", "net_mass_kg"]].sum()
    assert sums.to_dict("index") == {
        1403: {"value_usd": 1350, "net_mass_kg": 1990},
        1404: {"value_usd": 1500, "net_mass_kg": 2100},
    }


# The same kinds in small, without the shared inputs

HEAD = ["شماره تعرفه", "نام کشور", "وزن (کیلوگرم)", "ارزش (دلار)"]
PAPER = ["شماره اظهارنامه", *HEAD]
PC, FUEL = ["84713010", "عراق", "100", "1000"], ["27101290", "عراق", "2000", "500"]


def in_file(
    folder: Path, rows: dirty.Table | dict[str, dirty.Table], sidecar: str = ""
) -> tuple[dict, pd.DataFrame]:
    """One file of these rows (or sheets) cleaned: its entry, and the declarations."""
    (folder / "raw").mkdir()
    (folder / "raw" / "_source.yml").write_text(sidecar or "flow: export\nyear_sh: 1404\n")
    if isinstance(rows, dict):
        dirty.write_xlsx(folder / "raw" / "a.xlsx", rows)
    else:
        (folder / "raw" / "a.csv").write_text(dirty.csv_text(rows), encoding="utf-8")
    files, declarations = cleaned(folder / "raw", folder / "processed")
    return next(iter(files.values())), declarations


def line(code: str, partner: str, kg: float, usd: float) -> list[str]:
    return [code, partner, str(kg), str(usd)]


@pytest.mark.parametrize(
    ("rows", "usd", "kg", "words", "reason"),
    [
        ([HEAD, line("84", "عراق", 100, 1000), line("8471", "عراق", 100, 1000), PC], 1000, 100, "", "levels"),
        ([HEAD, line("84", "عراق", 300, 3000), PC], 1000, 100, "sum_or_part", "a chapter with more than its lines"),
        ([HEAD, line("84", "ترکیه", 300, 3000), PC], 4000, 400, "", "another partner's chapter is no sum"),
        ([HEAD, line("84713010", "جهان", 100, 1000), PC], 1000, 100, "", "the world is the sum"),
        ([HEAD, line("84713010", "World", 300, 3000), PC], 1000, 100, "group_beside_members", "it is not"),
        ([HEAD, PC, line("84713010", "ترکیه", 3, 30), line("84713010", "", 103, 1030)], 1030, 103, "", "a sum over partners without a name"),
        ([["استان", *HEAD], ["تهران", *PC], ["البرز", *line("84713010", "عراق", 3, 30)],
          ["کشور", *line("84713010", "عراق", 103, 1030)]], 1030, 103, "", "the country as a province"),
        ([["تعرفه", "وزن (کیلوگرم)", "واحد وزن", "ارزش (دلار)"], ["84713010", "2", "تن", "5"],
          ["84713010", "3", "کیلوگرم", "6"]], 6, 3, "unit_unreadable", "heading against row"),
        ([HEAD, line("84713010", "جهان", 100, 1000)], 1000, 100, "", "only the world"),
        ([HEAD, line("84713010", "سایر کشورها", 5, 50), PC], 1050, 105, "", "others are a part"),
        ([HEAD, PC, FUEL, ["", "میانگین", "1050", "750"], ["", "درصد", "100", "100"]], 1500, 2100, "", "a mean"),
        ([HEAD, ["", "carried forward", "100", "1000"], FUEL], 500, 2000, "", "a sum of the page before"),
        ([[*HEAD, "جریان"], [*PC, "صادرات"], [*FUEL, "ترانزیت"]], 1000, 100, "flow_unreadable", "transit"),
        ([["تعرفه", "کشور", "وزن", "واحد", "ارزش (دلار)"], ["84713010", "عراق", "2", "تن", "5"]], 5, 2000, "", "tonnes"),
        ([["تعرفه", "کشور", "وزن", "واحد", "ارزش (دلار)"], ["84713010", "عراق", "2", "تن", "5"],
          ["84713010", "عراق", "7", "عدد", "6"]], 5, 2000, "unit_unreadable", "pieces are no weight"),
        ([["تعرفه", "کشور", "وزن (کیلوگرم)", "ارزش", "ارز"], ["84713010", "عراق", "1", "5", "USD"],
          ["84713010", "عراق", "1", "9", "EUR"]], 5, 1, "currency_unreadable", "euro"),
        ([HEAD, PC, ["", "", "", ""], [HEAD[0], HEAD[1], HEAD[3], HEAD[2]], ["27101290", "عراق", "500", "2000"]],
         1500, 2100, "", "the second heading has another order"),
        ([HEAD, PC, ["نام کشور", "ارزش (دلار)", "", ""], ["عراق", "1000", "", ""]], 1000, 100, "unknown_layout", "a table without codes"),
        ([["تعرفه", "کشور", "ارزش (دلار)", ""], ["", "", "مهر", "آبان"], ["84713010", "عراق", "5", "6"]],
         11, 0, "", "a column a month"),
        ([["تعرفه", "کشور", "ارزش (دلار)", "", ""], ["", "", "مهر", "آبان", "جمع"], ["84713010", "عراق", "5", "6", "11"]],
         11, 0, "", "a column of sums"),
        ([[*HEAD, ""], [*PC, ""], ["84713010", "عراق", "1", "234", "567"]], 1000, 100, "too_many_cells", "shifted"),
        ([[*HEAD, "ارزش گمرکی"], [*PC, "9"]], 1000, 100, "not read: ارزش گمرکی", "passed over, and said"),
        ([[*HEAD, "رویه"], [*PC, "ورود موقت"]], 1000, 100, "not read: رویه", "what may qualify a row is said"),
        ([["تعرفه", "کشور", "", "ارزش (دلار)"], ["84713010", "عراق", "9", "5"]], 5, 0, "not read: column 3", "no heading"),
        ([["سال", "ماه", "دوره", *HEAD], ["1404", "7", "هفت ماهه", *PC]], 1000, 100, "not read: دوره", "two columns of months"),
        ([HEAD, ["", "", "2100", "1500"], PC, FUEL], 1500, 2100, "", "a total at the top without a label"),
        ([HEAD, PC, ["", "Iraq Total", "100", "1000"], FUEL, ["", "عراق - جمع", "2000", "500"]], 1500, 2100, "", "the label ends with it"),
        ([HEAD, PC, L_TUR := line("84713010", "ترکیه", 1, 7), ["84 جمع", "", "101", "1007"]], 1007, 101, "", "in the column of codes"),
        ([["گمرک", *HEAD], ["بازرگان", *PC], ["گمرکات استان آذربایجان غربی", *line("84713010", "عراق", 110, 1100)]],
         1000, 100, "group_beside_members", "the offices of a province"),
        ([["گمرک", *HEAD], ["کرج", *line("84713010", "عراق", 1, 30)], ["پیام", *line("84713010", "عراق", 2, 70)], ["البرز", *line("84713010", "عراق", 3, 100)]],
         100, 3, "", "an office called as its province has what both others have"),
        ([["گمرک", *HEAD], ["کرج", *line("84713010", "عراق", 1, 30)], ["پیام", *line("84713010", "عراق", 2, 70)], ["البرز", *line("84713010", "عراق", 4, 100)]],
         200, 7, "", "and is one more where it has not"),
        ([["گمرک", *HEAD], ["بازرگان", *PC], ["پیام", *PC], ["گمرکات کشور", *line("84713010", "عراق", 210, 2100)]],
         2000, 200, "", "all offices"),
        ([["فصل", *HEAD], ["بهار", *PC], ["تابستان", *PC], ["سال", *line("84713010", "عراق", 200, 2000)]],
         2000, 200, "", "a column of seasons under another name, and their sum"),
        ([HEAD, line("99", "", 2100, 1500), PC, FUEL], 1500, 2100, "", "99 is all goods here"),
        ([HEAD, line("99", "عراق", 21, 15), PC, FUEL], 1515, 2121, "", "and a chapter there"),
        ([HEAD, line("00", "", 2100, 1500), PC, FUEL], 1500, 2100, "hs_unreadable", "no chapter"),
        ([HEAD, PC, line("84713010", "گروه بیست", 5000, 50000)], 1000, 100, "group_beside_members", "the twenty"),
        ([HEAD, line("84713010", "روسیه", 1, 7), line("84713010", "مشترک المنافع", 9, 70)], 7, 1, "group_beside_members", "CIS"),
        ([[*HEAD, "ارز"], [*PC, "دلار"], [*FUEL, "یورو"]], 1000, 100, "currency_unreadable", "row against heading"),
        ([["ارزش (ریال)", *HEAD, "ارز"], ["9", *PC, "یورو"]], 1000, 100, "", "the currency of the contract"),
        ([HEAD, ["بازرگان"], PC, ["پیام"], FUEL], 1500, 2100, "in row 2: 'بازرگان'", "sections are said"),
        ([[HEAD[0], *HEAD[2:], "شرح"], ["84713010", "1", "000", "x"], ["27101290", "5", "7", "x"]], 7, 5, "unreadable", "a cut number"),
        ([[HEAD[0], *HEAD[2:], "شرح"], ["84713010", "1", "234", "200"], ["27101290", "5", "7", "x"]], 7, 5, "too_many_cells", "no good is 200"),
        ([HEAD, line("84713010", "عراق", "...", 1000), line("84713010", "عراق", "…", 5)], 1005, 0, "", "not available"),
        ([HEAD, ['="84713010"', "عراق", '="100"', "'1000"]], 1000, 100, "", "text for a spreadsheet"),
        ([HEAD, PC, ["hs code", "country", "net weight (kg)", "value (usd)"], ["27101290", "Iraq", "2000", "500"]],
         1500, 2100, "", "the heading again, in English"),
        ([[*HEAD, "", *HEAD], [*PC, "", *FUEL], ["", "", "", "", "", *L_TUR]], 1507, 2101, "", "side by side"),
        ([[*HEAD, *HEAD], [*PC, *FUEL]], 1500, 2100, "", "side by side without a gap"),
        ([[*HEAD, "", *HEAD[1:]], [*PC, "", *PC[1:]], [*FUEL, "", "", "", ""]], 1500, 2100, "", "a summary by partner at the side"),
        ([["تعرفه", "ارزش (دلار)", ""], ["", "بهار", "تابستان"], ["84713010", "5", "6"]], 11, 0, "", "a column a season"),
        ([PAPER, ["7", *PC], ["7", "84714100", "عراق", "50", "1000"], ["8", *FUEL]], 500, 2000, "total_of_document", "a paper's total on each good"),
        ([PAPER, ["7", *PC], ["7", "84714100", "عراق", "100", "7"], ["8", *FUEL]], 500, 2000, "total_of_document", "its weight"),
        ([["ماه", *HEAD], ["6", *PC], ["6", "39012000", *PC[1:]], ["ماه", *HEAD[:2], HEAD[3], HEAD[2]], ["7", *PC[:2], "1000", "100"],
          ["6", "84714100", "عراق", "1000", "100"]], 4000, 400, "", "another month is no coarser table"),
        ([PAPER, ["7", *PC], ["7", *PC], ["8", *FUEL]], 2500, 2200, "", "the same good twice is no total"),
        ([PAPER, ["7", *PC], ["7", "84714100", "عراق", "50", "1000²"], ["8", *FUEL]], 500, 2000, "total_of_document", "one cannot be read"),
        ([PAPER, ["7", *PC], ["7", "84714100", "عراق", "50", ""], ["8", *FUEL]], 1500, 2150, "", "one is blank"),
        ([PAPER, ["عراق"], ["7", *PC[:1], "", *PC[2:]], ["ترکیه"], ["7", *PC[:1], "", *PC[2:]], ["8", *FUEL]], 500, 2000, "total_of_document", "and in two sections"),
        ([PAPER, ["7", *PC], ["7", PC[0], "ترکیه", *PC[2:]], ["8", *FUEL]], 500, 2000, "total_of_document", "but to two partners it may be"),
        ([HEAD, PC, ["27101290", "2000", "500", ""]], 1000, 100, "shifted", "a cell is missing"),
        ([["تعرفه", "شرح", "وزن (کیلوگرم)", "ارزش (دلار)"], ["84713010", "x", "1", "2"], ["27101290", "2000", "500", ""]],
         2, 1, "shifted", "before the good"),
        ([PAPER, ["7", *PC], ["7", "84714100", "عراق", "50", "1000"], *(["8", *line("84713010", "عراق", n, n)] for n in (1, 2)),
          *(["9", *line("84713010", "عراق", n, n)] for n in (3, 4))], 2010, 160, "", "one paper in three: chance"),
        *(([HEAD, PC, FUEL, ["", word, "2100", "1500"]], 1500, 2100, "nameless", "a sum by its figures") for word in ("Yekun", "Ukupno", "总数", "ﺟﻤﻊ", "ایران")),
        ([HEAD, PC, FUEL, ["", "عراق", "2100", "1500"], L_TUR, ["", "ترکیه", "1", "8"]], 1515, 2102, "nameless", "a partner's, and a row of no code"),
        ([HEAD, PC, ["", "سایر", "100", "1000"]], 2000, 200, "", "of one row it may be a part"),
        ([HEAD, PC, FUEL, ["", "Yekun", "2101", "1501"]], 1500, 2100, "nameless", "nobody that is known"),
        ([[*HEAD, "", *HEAD], ["", "Yekun", "2101", "1501", "", *PC], [PC[0], "همه کشورها", *PC[2:], "", *FUEL]], 1500, 2100, "nameless", "nor beside"),
        ([["گمرک", *HEAD], ["پیام", *PC], ["پیام", *FUEL], ["پیام", "", "", "3", "7"]], 1507, 2103, "", "an office's"),
        ([HEAD, line("99999999", "", 2100, 1500), PC, FUEL], 1500, 2100, "", "all goods"),
        ([[*HEAD, "شرح"], [*PC, "رایانه"], [*line(PC[0], "عراق", 60, 600), "از آن جمله: کیفی"], [*FUEL, "بنزین"]], 1500, 2100, "of_which", "a part of the good above"),
        ([HEAD, PC, ["", "از جمله: اربیل", "60", "600"], FUEL], 1500, 2100, "", "a part of the partner above"),
        ([HEAD, line(PC[0], "", 100, 1000), ["", "عراق", "60", "600"], ["", "ترکیه", "40", "400"], line(FUEL[0], "", 2000, 500), ["", "عراق", "2000", "500"]], 1500, 2100, "nameless", "codes, and below each its partners"),
        ([HEAD, ["", "عراق", "2100", "1500"], line(PC[0], "", 100, 1000), line(FUEL[0], "", 2000, 500), ["", "ترکیه", "8", "9"], line(PC[0], "", 8, 9)], 1509, 2108, "nameless", "partners, and below each its codes"),
        ([HEAD, PC, FUEL, ["دو قلم عمده"], HEAD, FUEL], 1500, 2100, "copy_of_table", "an extract below its table"),
        ([HEAD, PC, FUEL, ["عراق و ترکیه"], PC, L_TUR], 1507, 2101, "copy_of_table", "of half a page too"),
        ([HEAD, PC, FUEL, ["Top one"], ["hs code", "country", "net weight (kg)", "value (usd)"], FUEL], 1500, 2100, "copy_of_table", "below a heading in other words"),
        ([["گمرک", *HEAD], ["Σ", "", "", "2100", "1500"], ["پیام", *PC], ["پیام", *FUEL]], 1500, 2100, "", "a sigma labels a sum"),
        ([HEAD, PC, FUEL, ["عراق و ترکیه"], PC, L_TUR, line(FUEL[0], "چین", 1, 2)], 2509, 2202, "", "a page of rows of its own"),
        ([HEAD, ["", "عراق", "60", "600"], ["", "ترکیه", "40", "400"], line(FUEL[0], "", 2000, 500), ["", "عراق", "2000", "500"]], 1500, 2100, "nameless", "the end of a page before them"),
        ([HEAD, line(PC[0], "", 100, 1000), ["", "", "", ""], ["* ارقام موقت است"], ["", "عراق", "60", "600"], ["", "ترکیه", "40", "400"]], 1000, 100, "nameless", "a page between"),
        ([HEAD, line(PC[0], "پنج کشور اول", 110, 1100), PC], 1000, 100, "group_beside_members", "five partners in one row"),
        ([HEAD, line(PC[0], "OIC", 110, 1100), PC], 1000, 100, "group_beside_members", "a bloc"),
        ([["سال", *HEAD], ["1403", *PC], ["1404", *FUEL], ["", PC[0], "ترکیه", "9", "9"]], 1500, 2100, "year_unreadable", "a blank beside two years"),
        ([["جریان", *HEAD], ["صادرات", *PC], ["خالص صادرات", *FUEL], ["صادرات موقت", *FUEL]], 1000, 100, "flow_unreadable", "neither is an export"),
        ([["گمرک", *HEAD], ["آذربایجان غربی", *line(PC[0], "عراق", 110, 1100)], ["ارومیه", *PC], ["بازرگان", *line(PC[0], "عراق", 10, 100)]], 1100, 110, "", "a province beside its offices"),
        ([["گمرک", *HEAD], ["آذربایجان غربی", *line(PC[0], "عراق", 110, 1100)], ["ارومیه", *PC]], 1000, 100, "group_beside_members", "or one of them"),
        ([HEAD, line(PC[0], "عراق", 1, "1.2E+07"), FUEL], 500, 2000, "value_usd_unreadable", "its other digits are lost"),
        ([HEAD, line(PC[0], "عراق", 1, "1.2345678E+07")], 12_345_678, 1, "", "all its digits are there"),
        ([["رویه", *HEAD], ["صادرات قطعی", *PC], ["صادرات موقت", *FUEL], ["ترانزیت", *FUEL]], 1000, 100, "flow_unreadable", "most of them none"),
        ([["Trade in 2025"], HEAD, PC], 1000, 100, "a Gregorian year", "which of two years is meant"),
        ([["۱۴۰۴ (2025-26)"], HEAD, PC], 1000, 100, "[]", "both are said"),
        ([["Printed 2025-11-23"], HEAD, PC], 1000, 100, "[]", "a date is no year of trade"),
        ([HEAD, PC, ["", "سال قبل", "90", "900"], ["", "تفاوت", "10", "100"]], 1000, 100, "", "another year's"),
        ([[*PAPER, "ارزش کل اظهارنامه (دلار)"], ["7", *PC, "1007"], ["7", "84714100", "عراق", "50", "7", "1007"]], 1007, 150, "not read: شماره اظهارنامه, ارزش کل", "each one's own beside the total"),
    ],
)  # fmt: skip
def test_a_kind_in_small_gives_its_number(tmp_path, rows, usd, kg, words, reason):
    entry, _ = in_file(tmp_path, rows)
    assert words in f"{entry.get('error')} {entry['rejects']} {entry['warnings']}", reason
    assert (entry["value_usd"]["kept"], entry["net_mass_kg"]["kept"]) == (usd, kg), reason
    counts = entry["rows"]
    assert counts["read"] == counts["kept"] + counts["rejected"] + counts["structural"]


@pytest.mark.parametrize(
    ("rows", "words", "reason"),
    [
        ([["تعرفه", "کشور", "وزن", "ارزش (یورو)", "ارزش (ریال)"], ["84713010", "عراق", "1", "2", "3"]], "ارزش (یورو)", "euro"),
        ([["تعرفه", "کشور", "ارزش (دلار)", "ارزش ۱۴۰۳ (دلار)"], ["84713010", "عراق", "1", "2"]], "the same trade", "a year twice"),
        ([["تعرفه", "کشور", "ارزش ۱۴۰۳ (دلار)", "ارزش ۱۴۰۴ (دلار)", "ارزش هفت ماهه ۱۴۰۴ (دلار)"], ["84713010", "عراق", "1", "2", "1"]],
         "the same trade", "seven months of a year beside the year"),
        ([["صادرات به میلیون دلار"], ["تعرفه", "کشور", "ارزش (دلار)"], ["84713010", "عراق", "1"]], "million_usd", "title against heading"),
        ([["جدول ۱"], [HEAD[0], "ارزش دلاری"], ["84713010", "5"], [], ["جدول ۲ (هزار دلار)"],
          [HEAD[0], "ارزش دلاری"], ["27101290", "6"]], "thousand_usd", "a unit above the second table"),
        ([HEAD, PC, [";".join(FUEL)]], "another mark", "two files in one"),
        ([["ارقام به هزار دلار"], ["invoice", "ردیف", HEAD[0], "وزن (کیلوگرم)", "ارزش دلاری"], ["", "بازرگان"], ["7", "1", PC[0], *PC[2:]]], "value_usd: thousand_usd", "a heading between a title and a section"),
        ([[*HEAD[:3], "ارزش دلاری", "ارقام به هزار دلار"], [*PC, ""]], "value_usd: thousand_usd", "a unit as a heading of nothing"),
        ([[*HEAD[:3], "ارزش دلاری", ""], [*PC, "ارقام به هزار دلار"], FUEL], "value_usd: thousand_usd", "a unit at the side"),
        ([["تعرفه", "مقدار (هزار دلار)", ""], ["", "ارزش دلاری", "وزن (کیلوگرم)"], ["84713010", "5", "6"]], "value_usd: thousand_usd", "a unit over the heading"),
        ([["ارقام به هزار دلار"], ["", HEAD[0], HEAD[1], "ارزش دلاری"], ["", *PC[:2], PC[3]]], "value_usd: thousand_usd", "a title left of the table"),
        *(([[HEAD[0], "ارزش دلاری"], PC[::3], [unit]], "value_usd: ", unit)
          for unit in ("میلیون‌دلار", "م.دلار", "$M", "'000", "(000's)", "$000s", "×1000", "ارقام بر حسب هزار")),
        ([PAPER, ["7", *PC], ["8", *FUEL], ["declaration", "hs code", "country", "net weight (kg)", "value (usd)"],
          ["8", *line("84714100", "عراق", 1, 500)]], "all say the same value_usd", "a paper's goods in two tables, its total on each"),
        ([PAPER, ["7", *PC], [*PAPER[:3], HEAD[3], HEAD[2]], ["7", "84714100", "عراق", "1000²", "50"]], "all say the same value_usd", "one cannot be read"),
        ([HEAD, PC, ["واردات", "", "", ""], FUEL], "between its rows", "a flow between the rows"),
        ([["hs code", "unit", "value (usd)"], ["84713010", "kg", "100"], ["84713010", "usd", "5"]], "what its figure is", "long"),
        ([["تعرفه", "شاخص", "ارزش (دلار)"], ["84713010", "وزن", "100"], ["84713010", "ارزش", "5"]], "what its figure is", "long"),
        ([["آمار سال ۱۴۰۳"], HEAD, PC], "year_sh: 1404, and its sheet, title or name 1403", "title against the folder"),
        ([["واردات کشور"], HEAD, PC], "flow: export, and its sheet, title or name import", "title against the folder"),
        ([["ارقام به هزار دلار"], ["کد", *HEAD[:3], "ارزش دلاری"], ["7", *PC]], "beside the table stands", "a title above an unknown heading"),
        ([["ارقام به هزار دلار", "", "", "", "", "", "موقت"], ["کد", "ماه", "سال", *HEAD[:3], "ارزش دلاری"], ["7", "7", "1404", *PC]],
         "beside the table stands", "and one of two cells"),
        ([["جدول ۱"], ["ارقام به هزار دلار"], ["کد", *HEAD[:3], "ارزش دلاری"], ["7", *PC]], "beside the table stands", "and two titles"),
        *(([[text], [*HEAD[:2], "وزن", "ارزش دلاری"], PC], "beside the table stands", "a title: other units")
          for text in ("مبالغ به میلیون ریال", "ارزش به یورو", "واحد: تومان", "Weight: MT", "وزن به پوند", "ارزش × ۱۰۰۰",
                       "ارقام در هزار ضرب شود", "thousands", "in million", "واحد: هزار")),
        *(([[*HEAD[:2], "وزن", "ارزش دلاری"], PC, [text]], "beside the table stands", "a note: other units")
          for text in ("in 1,000 USD", "000 USD", "ارزش × ۱۰۰۰", "ارقام به هزار", "ارزش به درهم")),
        ([["آمار تجمعی"], ["ماه", *HEAD], ["1", *PC], ["2", *FUEL]], "beside its months", "each month counts the one before"),
        *(([[title], HEAD, PC], "it is called", "no sums of what was declared")
          for title in ("پیش‌بینی صادرات", "جدول ۲: میانگین ماهانه", "ترانزیت کالا", "Average of 1404")),
        ([[HEAD[0], "کشور مبدا", *HEAD[2:]], PC], "the heading 'کشور مبدا' says import", "an origin against the folder"),
    ],
)  # fmt: skip
def test_two_readings_are_refused_in_words(tmp_path, rows, words, reason):
    entry, _ = in_file(tmp_path, rows)
    assert entry["status"] == "failed", reason
    assert words in entry["error"], reason


@pytest.mark.parametrize(
    ("sheets", "usd", "words", "reason"),
    [
        ({"a": [HEAD, PC, FUEL], "b": [HEAD, PC, FUEL]}, 1500, "copy_of_table", "a copy in sight"),
        ({"a": [HEAD, PC, FUEL], "b": [HEAD, PC, [*FUEL[:3], "501"]]}, 0, "an older copy", "an older copy"),
        ({"a": [HEAD, PC, FUEL], "b": [[HEAD[0], HEAD[3]], ["84", "1000"], ["27", "500"]]}, 1500, "", "a summary"),
        ({"a": [HEAD, PC, FUEL], "b": [[HEAD[0], HEAD[3]], ["84", "1000"], ["27", "900"]]}, 1500, "coarser_table", "off"),
        ({"a": [[*HEAD, "نوع"], [*PC, "واردات"], [*FUEL, "واردات"]], "b": [[HEAD[0], HEAD[3]], ["84", "1000"], ["27", "500"]]},
         1500, "", "the flow of a summary is not known"),
        ({"مهر": [HEAD, PC, FUEL], "آبان": [HEAD, PC, FUEL]}, 3000, "", "a sheet a month"),
        ({"واردات": [HEAD, PC], "صادرات": [HEAD, PC]}, 2000, "", "a sheet a flow"),
        ({"هزار دلار": [[*HEAD[:3], "ارزش دلاری"], PC]}, 0, "thousand_usd", "a unit as the name of a sheet"),
        ({"a": [HEAD, PC], "b": [HEAD, FUEL]}, 1500, "", "a table on two sheets"),
        ({"1403": [HEAD, PC], "1404": [HEAD, FUEL]}, 0, "the sidecar says year_sh: 1404", "sheets of other years"),
        ({"مهر": [HEAD, PC], "آبان": [HEAD, PC], "سال": [HEAD, line("84713010", "عراق", 200, 2000)]}, 2000, "", "months and year"),
    ],
)  # fmt: skip
def test_sheets_of_one_file_count_once(tmp_path, sheets, usd, words, reason):
    sidecar = "year_sh: 1404\n" if "واردات" in sheets else "flow: export\nyear_sh: 1404\n"
    entry, _ = in_file(tmp_path, sheets, sidecar)
    assert words in f"{entry.get('error')} {entry['rejects']}", reason
    assert entry["value_usd"]["kept"] == usd, reason


def page(cell: str, above: str = "", below: str = "", head: str = "ارزش (دلار)") -> str:
    """A page of one declaration whose value is this markup."""
    first = "".join(f"<th>{text}</th>" for text in (*HEAD[:3], head))
    row = f"<td>84713010</td><td>عراق</td><td>100</td><td>{cell}</td>"
    return f"<body>{above}<table><tr>{first}</tr><tr>{row}</tr></table>{below}</body>"


@pytest.mark.parametrize(
    ("text", "usd", "words", "reason"),
    [
        (page("<span style='opacity:0'>9</span>1000"), 1000, "", "seen by nobody"),
        (page("<span style='position:absolute;left:-9999px'>9</span>1000"), 1000, "", "far off"),
        (page("<input type='text' value='1000'>"), 1000, "", "a field of a form"),
        (page("<del>9</del>1000"), 0, "unreadable", "struck out"),
        (page("<ruby>1000<rt>5</rt></ruby>"), 0, "unreadable", "small letters above"),
        (page("<svg><text>5</text></svg>1000"), 0, "unreadable", "a drawing beside it"),
        (page("<b><s>1000</s></b>"), 0, "unreadable", "all of it struck out"),
        (page("1000").replace("<tr><td>", "<tr style='text-decoration: line-through'><td>"), 0, "unreadable", "a row struck out"),
        ("<style>.x{text-decoration:line-through}</style>" + page("<i class=x>1000</i>"), 0, "unreadable", "by a class"),
        (page("<select><option>1<option>000</select>"), 0, "unreadable", "a choice"),
        (page("5", "<h1>ارزش به هزار دلار</h1>", head="ارزش دلاری"), 0, "thousand_usd", "above"),
        (page("5", below="<p>واحد: هزار دلار</p>", head="ارزش دلاری"), 0, "thousand_usd", "below"),
        (page("5", "<h2>آمار واردات</h2>"), 0, "flow: export, and", "a heading of the page"),
        (page('500<a href="#f1">1</a>'), 0, "unreadable", "a footnote that is a link"),
        (page('<span class="sr-only">9</span>500'), 500, "", "for those who do not see"),
        (page('<i>9</i>500', "<style>td i {display: none}</style>"), 0, "unreadable", "hidden by a rule of its own"),
        (page('<i id="x">9</i>500', "<style>#x {display: none}</style>"), 500, "", "hidden by its name"),
        (page("<b>1</b>,500<wbr>,000"), 1_500_000, "", "one number in two elements"),
        (page("5").replace("<table>", "<table><caption>آمار ۱۴۰۳</caption>"), 0, "1403", "caption"),
    ],
)  # fmt: skip
def test_a_page_gives_what_a_reader_sees(tmp_path, text, usd, words, reason):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    (tmp_path / "raw" / "a.xls").write_text(text, encoding="utf-8")
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    assert words in f"{entry.get('error')} {entry['rejects']}", reason
    assert entry["value_usd"]["kept"] == usd, reason


def test_what_the_sidecar_of_the_file_says_goes_before_its_title(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.csv").write_text(dirty.csv_text([["گزارش ۱۴۰۵"], HEAD, PC]), "utf-8")
    (tmp_path / "raw" / "a.source.yml").write_text("flow: export\nyear_sh: 1404\n")
    files, rows = cleaned(tmp_path / "raw", tmp_path / "processed")
    assert files["a.csv"]["status"] == "clean"
    assert rows["year_sh"].astype(int).tolist() == [1404]


def test_a_last_line_without_an_end_may_be_cut_off(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    (tmp_path / "raw" / "a.csv").write_text(dirty.csv_text([HEAD, PC, FUEL])[:-4], "utf-8")
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    assert entry["warnings"] == ["its last line has no end: see that it was not cut off on the way"]


def test_the_world_in_a_table_without_flows_beside_one_with_flows_does_not_count(tmp_path):
    sheets = {
        "a": [[*HEAD, "نوع"], [PC[0], "جهان", *PC[2:], ""]],
        "b": [[*HEAD, "نوع"], [*PC, "واردات"]],
    }
    entry, rows = in_file(tmp_path, sheets)
    assert (rows["flow"].tolist(), entry["rejects"]) == (["import"], {"group_beside_members": 1})


def test_a_sum_in_the_table_beside_that_of_its_parts_does_not_count(tmp_path):
    rows = [[*HEAD, "", *HEAD], [*PC, "", *FUEL], [*PC[:1], "چین", *PC[2:], "", "847130", *PC[1:]]]
    entry, kept = in_file(tmp_path, rows)
    assert (len(kept), kept["value_usd"].sum(), entry["rows"]["structural"]) == (3, 2500, 3)


def test_sums_in_another_sheet_whose_parts_were_rejected_do_not_count(tmp_path):
    sums = [["شماره تعرفه", *HEAD[2:]], ["84", "100", "1000"], ["27", "2000", "500"]]
    sheets = {"a": [HEAD, [*PC[:3], "1000²"]], "b": sums}
    entry, rows = in_file(tmp_path, sheets)
    assert (rows["hs_code"].tolist(), entry["value_usd"]["kept"]) == (["27"], 500)
    assert entry["rejects"] == {"value_usd_unreadable": 1, "sum_or_part": 1}


@pytest.mark.parametrize(
    ("sheets", "reason"),
    [
        ({"a": [PAPER, ["7", *PC]], "b": [PAPER, ["7", *FUEL]]}, "each one's own"),
        ({"a": [PAPER, ["7", *PC]], "b": [PAPER, ["8", *line("84714100", "عراق", 100, 1000)]]}, "another paper"),
        ({"a": [PAPER, ["7", *PC], ["8", *PC], ["9", *PC]],
          "b": [PAPER, *([n, *line("84714100", "عراق", k, 1000 * k)] for n, k in (("7", 1), ("8", 2), ("9", 3)))]}, "one in three: chance"),
    ],
)  # fmt: skip
def test_a_paper_in_two_tables_may_say_figures_of_its_own(tmp_path, sheets, reason):
    assert in_file(tmp_path, sheets)[0]["rows"]["rejected"] == 0, reason


@pytest.mark.parametrize(
    ("rows", "words", "reason"),
    [
        ([["نمایش ۱ تا ۲۵ از ۲۵۰ رکورد"], HEAD, PC], "'1 تا 25 از 250'", "above"),
        ([HEAD, PC, ["Showing 1 to 25 of 2,500 entries"]], "'1 to 25 of 2,500'", "below"),
        ([HEAD, PC, ["Showing 1 to 25 of 25 entries"]], "", "all of them"),
        ([["هفت ماهه ۱۴۰۴"], ["ماه", *HEAD], ["8", *PC], ["7", *FUEL]], "1 rows are of months after month 7", "a later month"),
        ([["هفت ماهه ۱۴۰۴"], ["ماه", *HEAD], ["7", *PC], ["1", *FUEL]], "", "within"),
        ([["سهم کشورها از صادرات"], HEAD, PC], "no shares or changes", "a title that may tell of another table"),
    ],
)  # fmt: skip
def test_what_a_title_says_otherwise_is_warned_of(tmp_path, rows, words, reason):
    entry, _ = in_file(tmp_path, rows)
    warnings = [w for w in entry["warnings"] if "'" in w or "months" in w]
    assert (len(warnings), words in f"{warnings}") == (bool(words), True), reason


def test_crude_oil_is_warned_of(tmp_path):
    (warning,) = in_file(tmp_path, [HEAD, PC, line("27090000", "چین", 9, 9)])[0]["warnings"]
    assert warning.startswith("it holds crude oil (2709), which figures of non-oil trade leave out")


def test_a_csv_of_its_byte_order_mark_alone_is_refused_in_words(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    (tmp_path / "raw" / "a.csv").write_bytes(b"\xff\xfe")
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    assert entry["error"] == "there is no text in it; ask the sender for it again"


@pytest.mark.parametrize(
    ("title", "name", "words"),
    [
        ("صادرات سال ۱۴۰۳", "1404.csv", "year_sh 1403, and its name 1404"),
        ("صادرات ۱۴۰۴", "import-1404.csv", "flow export, and its name import"),
        ("صادرات مهر ۱۴۰۴", "1404-08.csv", "months (7, 7), and its name (8, 8)"),
        ("صادرات هفت ماهه ۱۴۰۴", "1404-07.csv", ""),  # the last of the months
    ],
)
def test_title_and_name_say_two_things_and_no_sidecar_which(tmp_path, title, name, words):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / name).write_text(dirty.csv_text([[title], HEAD, PC]), "utf-8")
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    assert (words in (entry["error"] or "")) if words else entry["status"] == "clean"


def test_tables_side_by_side_have_titles_of_their_own(tmp_path):
    rows = [["صادرات", "", "", "", "", "واردات"], [*HEAD, "", *HEAD], [*PC, "", *FUEL]]
    _, declarations = in_file(tmp_path, rows, "year_sh: 1404\n")
    sums = declarations.groupby("flow", observed=True)["value_usd"].sum()
    assert sums.to_dict() == {"export": 1000, "import": 500}


def test_formulas_that_nobody_has_reckoned_are_no_zeros(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    with xlsxwriter.Workbook(str(tmp_path / "raw" / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, PC[:3])
        sheet.write_formula(1, 3, "=C2*10")
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    assert entry["warnings"][0].startswith("1 formulas hold no value")
    assert entry["rejects"] == {"value_usd_unreadable": 1}


NOTED = (
    "1 cells are struck out, hidden, in per cent or in thousands by their format: their figures do "
    "not count"
)


@pytest.mark.parametrize(
    ("form", "words", "reason"),
    [
        ("0%", NOTED, "9 % of what?"),
        ("#,##0,", NOTED, "a reader sees 1 where 1000 stands"),
        (";;;", NOTED, "nobody sees it"),
        ('0",000"', NOTED, "a reader sees a thousand times as much"),
        ('0 "هزار"', "beside the table stands '(هزار)", "a unit in the format"),
        ("[$€-2] #,##0", "other_money", "a currency in the format"),
        ("#,##0 €", "other_money", "and in plain sight"),
    ],
)
def test_the_format_of_a_cell_may_say_what_its_figure_is(tmp_path, form, words, reason):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    with xlsxwriter.Workbook(str(tmp_path / "raw" / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEAD[:3], "ارزش دلاری"])
        sheet.write_row(1, 0, PC[:3])
        sheet.write_number(1, 3, 1000, book.add_format({"num_format": form}))
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    assert (entry["status"], entry["value_usd"]["kept"]) == ("failed", 0), reason
    assert words in f"{entry['error']} {entry['warnings']}", reason


@pytest.mark.parametrize(
    ("cell", "words", "reason"),
    [
        ('value-type="percentage" office:value="5"', "per cent or in thousands", "5 % of what?"),
        ('value-type="currency" office:currency="EUR" office:value="5"', "other_money", "euros"),
    ],
)
def test_the_kind_of_a_cell_of_an_ods_is_heeded(tmp_path, cell, words, reason):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    content = dirty.ods_bytes([[*HEAD[:3], "ارزش دلاری"], [*PC[:3], "5"]])
    plain = b'value-type="string"><text:p>5<'
    (tmp_path / "raw" / "a.ods").write_bytes(
        dirty.rezipped(content, lambda text: text.replace(plain, f"{cell}><text:p>5<".encode()))
    )
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    assert words in f"{entry['error']} {entry['warnings']}", reason


def test_a_text_beside_the_table_in_an_archive_is_said(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    table = dirty.csv_text([HEAD, PC]).encode()
    content = dirty.zipped("a.csv", table, **{"readme.txt": "ارقام به هزار دلار است".encode()})
    (tmp_path / "raw" / "a.zip").write_bytes(content)
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    assert entry["warnings"] == [
        "no table was read in readme.txt; see that it says no unit or time: ارقام به هزار دلار است"
    ]


def test_comments_text_boxes_and_headers_are_said(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    with xlsxwriter.Workbook(str(tmp_path / "raw" / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate([HEAD, PC]):
            sheet.write_row(n, 0, row)
        sheet.write_comment(0, 3, "هزار دلار")
        sheet.insert_textbox(5, 0, "موقت")
        sheet.set_header("&Cارقام به هزار دلار")
        sheet.set_footer("&CPage &P of &N")
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    (warning,) = entry["warnings"]
    said = set(warning.split("a time: ")[1].split("; "))
    assert said == {"هزار دلار", "موقت", "ارقام به هزار دلار"}


@pytest.mark.parametrize("inside", [False, True])
def test_what_is_struck_out_in_a_workbook_does_not_count(tmp_path, inside):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    with xlsxwriter.Workbook(str(tmp_path / "raw" / "a.xlsx")) as book:
        sheet, struck = book.add_worksheet(), book.add_format({"font_strikeout": True})
        for n, row in enumerate([HEAD, PC, FUEL]):
            sheet.write_row(n, 0, row)
        if inside:
            sheet.write_rich_string(1, 3, struck, "900", "1000")
        else:
            sheet.write_number(1, 3, 1000, struck)
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    warnings = [] if inside else [NOTED]
    assert (entry["warnings"], entry["value_usd"]["kept"]) == (warnings, 500)
    assert entry["rejects"] == {"value_usd_unreadable": 1}


def test_a_value_under_a_merged_cell_is_seen_by_nobody(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    with xlsxwriter.Workbook(str(tmp_path / "raw" / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate([HEAD, PC, FUEL]):
            sheet.write_row(n, 0, row[:2])
            sheet.write_row(n, 2, row[2:] if n == 0 else [*map(float, row[2:])])
        sheet.merge_range(1, 3, 2, 3, 1000)
        sheet.write_number(2, 3, 500)
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    assert entry["warnings"] == ["1 cells under merged ones hold what nobody sees"]
    assert (entry["value_usd"]["kept"], entry["net_mass_kg"]["kept"]) == (1000, 2100)


def test_hidden_rows_and_columns_of_an_xls_are_counted(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    content = dirty.xls_bytes([HEAD, PC, FUEL], hidden_rows=(2,), hidden_columns=(3,))
    (tmp_path / "raw" / "a.xls").write_bytes(content)
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    assert entry["value_usd"]["kept"] == 1500
    assert entry["warnings"] == [
        "1 hidden rows were read like the others",
        "hidden columns were read like the others: 4-4",
    ]


@pytest.mark.parametrize(
    ("form", "color", "words", "reason"),
    [
        ("0%", 8, NOTED, "9 % of what?"),
        ("#,##0,", 8, NOTED, "in thousands"),
        (";;;", 8, NOTED, "nobody sees it"),
        ("#,##0", 9, NOTED, "white"),
        ("[$€-2] #,##0", 8, "other_money", "a currency in the format"),
        ("#,##0", 8, "", "plain"),
    ],
)
def test_the_format_of_a_cell_of_an_xls_is_heeded(tmp_path, form, color, words, reason):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    rows = [[*HEAD[:3], "ارزش دلاری"], ["8471.30", "عراق", "", "1000"]]
    (tmp_path / "raw" / "a.xls").write_bytes(dirty.xls_bytes(rows, form=form, color=color))
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    assert entry["value_usd"]["kept"] == (0 if words else 1000), reason
    assert words in f"{entry['error']} {entry['warnings']}", reason


@pytest.mark.parametrize(
    ("form", "n_noted", "reason"),
    [
        ({"font_color": "white"}, 1, "white on white"),
        ({"font_color": "white", "bg_color": "white"}, 1, "and on a white ground"),
        ({"font_color": "white", "bg_color": "navy"}, 0, "on another ground"),
    ],
)
def test_white_figures_on_white_cells_are_seen_by_nobody(tmp_path, form, n_noted, reason):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "_source.yml").write_text("flow: export\nyear_sh: 1404\n")
    with xlsxwriter.Workbook(str(tmp_path / "raw" / "a.xlsx")) as book:
        sheet, white = book.add_worksheet(), book.add_format(form)
        for n, row in enumerate([HEAD, PC, FUEL]):
            sheet.write_row(n, 0, row)
        sheet.write_number(1, 3, 1000, white)
    ((_, entry),) = cleaned(tmp_path / "raw", tmp_path / "processed")[0].items()
    assert entry["rejects"].get("value_usd_unreadable", 0) == n_noted, reason

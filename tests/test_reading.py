"""Files are known by their bytes, headings by their meaning, and what is unknown is refused."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

import dirty
from helpers.customs import cells, layouts, sheets
from helpers.customs.reading import TextTable, read_tables
from helpers.schema import UnreadableFile


def read(path: Path, **options: str) -> list[TextTable]:
    return list(read_tables(path, layouts.layouts(), **options))


def test_true_and_one_in_a_column_stay_two_words():
    words = sheets.word_column((True, 1, 1.0, "1", False))
    assert words.to_pylist() == ["True", "1", "1", "1", "False"]


def test_every_built_in_layout_is_well_formed():
    assert [layout.name for layout in layouts.layouts()] == [
        "customs_office_destination",
        "customs_ten_column",
        "exporters_by_production",
    ]


@pytest.mark.parametrize(
    ("heading", "column", "factor"),
    [
        ("شماره تعرفه", "hs_code", None),
        ("کد تعرفه", "hs_code", None),
        ("کدتعرفه", "hs_code", None),
        ("کد_تعرفه", "hs_code", None),
        ("كد تعرفه", "hs_code", None),  # Arabic kaf
        ("شرح كالا", "goods", None),
        ("گمرك", "customs_office", None),
        ("كشور مبدأ", "partner", None),  # hamza seat
        ("وزن (تن)", "net_mass_kg", 1000),
        ("وزن خالص (کیلوگرم)", "net_mass_kg", 1),
        ("وزن ناخالص", "gross_mass_kg", None),
        ("ارزش(دلار)", "value_usd", 1),
        ("ارزش به هزار دلار", "value_usd", 1000),
        ("ارزش (میلیون ریال)", "value_irr", 1_000_000),
        ("ارزش ریالی", "value_irr", None),
        ("ارزش", "value", None),  # says no unit
        ("ارزش (یورو)", None, None),  # no guess
    ],
)
def test_headings_are_known_by_meaning(heading, column, factor):
    (ten_column,) = [la for la in layouts.layouts() if la.name == "customs_ten_column"]
    found = ten_column.known.get(layouts.match_key(heading))
    assert found == (None if column is None else (column, factor))


@pytest.mark.parametrize("n_titles", [0, 1, 4, 10])
def test_the_heading_row_is_found_under_titles(tmp_path, n_titles):
    path = tmp_path / "a.csv"
    path.write_text(dirty.csv_text(dirty.titled(n_titles)), encoding="utf-8")
    (table, *_) = read(path)
    assert table.n_above == n_titles + 1
    assert table.source_rows[0] == n_titles + 2


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("[a, b]", "has no attribute"),
        ("{hs_code: [x]}", "has no attribute"),
        ("{hscode: {headings: [x]}}", "did you mean 'hs_code'"),
        ("{hs_code: {headings: [x], units: {kg: many}}}", "could not convert"),
        ("{hs_code: {headings: [x]}, value: {headings: [x]}}", "belongs to hs_code and to value"),
    ],
)
def test_a_layout_with_a_mistake_is_refused_with_a_model(tmp_path, columns, words):
    path = tmp_path / "my.layout.yml"
    path.write_text(f"name: mine\nrequired: [hs_code]\ncolumns: {columns}\n")
    with pytest.raises(UnreadableFile, match=f"(?s)my.layout.yml: .*{words}.*customs_ten_column"):
        layouts.read_layout(path)


@pytest.mark.parametrize(
    ("upper", "lower", "factors"),
    [
        (["وزن", "ارزش دلاری"], ["تن", ""], (1000, None)),
        (["وزن", "ارزش"], ["(تن)", "(هزار دلار)"], (1000, 1000)),
        (["وزن (تن)", "ارزش (دلار)"], ["1", "1"], (1000, 1)),  # the lower row is data
    ],
)
def test_units_in_a_row_below_the_heading_count(tmp_path, upper, lower, factors):
    path = tmp_path / "a.csv"
    rows = [["کد تعرفه", *upper], ["", *lower], ["08021200", "12", "34"]]
    path.write_text(dirty.csv_text(rows), encoding="utf-8")
    (table,) = read(path)
    names = ("net_mass_kg", "value_usd")
    assert tuple(table.columns[name].factor for name in names) == factors


def test_an_office_by_destination_table_is_its_own_layout(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "year,customs_office_fa,destination_country_fa,export_value_usd\n1404,بازرگان,ترکیه,5\n",
        encoding="utf-8",
    )
    (table,) = read(path)
    assert table.layout.name == "customs_office_destination"
    assert set(table.columns) == {"year_sh", "customs_office", "partner", "value_usd"}


def test_an_unknown_layout_says_what_was_seen_and_what_is_nearest(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("سال,ماه,گمرک,کشور,شرح کالا\n1404,7,بازرگان,عراق,5\n", encoding="utf-8")
    words = (
        r"seen: سال \| ماه(.|\n)*nearest is customs_ten_column(.|\n)*lacks \['hs_code', 'value_usd"
    )
    with pytest.raises(UnreadableFile, match=words):
        read(path)


def test_two_columns_of_one_meaning_are_not_guessed_between(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("تعرفه,کشور,ارزش دلاری,ارزش (دلار)\n39012000,عراق,5,6\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="more than one column reads as value_usd"):
        read(path)


def test_an_analyst_s_own_layout_is_read_from_the_raw_folder(tmp_path):
    (tmp_path / "oddity.layout.yml").write_text(
        "name: oddity\nrequired: [hs_code, value_usd]\ncolumns:\n"
        "  hs_code: {headings: [rubrik]}\n  value_usd: {headings: [belopp]}\n"
    )
    path = tmp_path / "a.csv"
    path.write_text("rubrik;belopp\n39012000;5\n")
    (table,) = read_tables(path, layouts.layouts([tmp_path / "oddity.layout.yml"]))
    assert table.layout.name == "oddity"


def zip_with_a_password() -> bytes:
    """The bit that says so, in both headers of the one member."""
    content = bytearray(dirty.zipped("a.csv", b"1,2"))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"PK\x03\x04 and then nothing", "damaged zip or xlsx"),
        (gzip.compress(b"a,b", mtime=0)[:-6], "damaged gzip"),
        (b"\xd0\xcf\x11\xe0 and then nothing", "damaged workbook"),
        (b"\x01\x02\x00" * 40, "neither a workbook nor text"),
        (b"just words", "layout is not known"),
        (b"\r\n  \r\n", "no text in it"),
        ("سال,ماه".encode("ascii", "replace"), "letters were lost"),
        (dirty.zipped("word/document.xml", b"<w/>"), "a Word or PowerPoint file"),
        (dirty.compound_file(bytes(9), "EncryptedPackage"), "has a password"),
        (zip_with_a_password(), "password required"),
        (dirty.zipped("a.pdf", b"%PDF-1.7"), "in a.pdf: it is a PDF"),
        (dirty.zipped("a/", b""), "nothing in it"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(tmp_path, content, words):
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=words):
        read(path)


def test_a_reader_that_panics_leaves_no_trace_on_the_screen(tmp_path, capfd):
    path = tmp_path / "a.xls"
    path.write_bytes(dirty.compound_file(b"x")[:1022])
    with pytest.raises(UnreadableFile, match="damaged workbook"):
        read(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("lines", ['73079100,"2 inch,5\n', '73079100,"2 inch,5\n' * 2])
def test_a_quote_that_is_only_a_letter_swallows_no_lines(tmp_path, lines):
    path = tmp_path / "a.csv"
    path.write_text(f"تعرفه,شرح,ارزش دلاری\n{lines}73079100,x,6\n{lines}", encoding="utf-8")
    (table,) = read(path)
    assert len(table) == 1 + 2 * lines.count("\n")
    assert table.column("goods").text(0) == '"2 inch'


def test_a_cell_of_two_lines_in_quotes_is_one_cell(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('تعرفه,شرح,ارزش دلاری\n73079100,"two\nlines, and more",5\n', encoding="utf-8")
    (table,) = read(path)
    assert table.column("goods").text(0) == "two\nlines, and more"


def refused_or_read(tmp_path, rows, unknown):
    """The unit that is not known is said, by its heading; without one, both figures are read."""
    path = tmp_path / "a.csv"
    path.write_text(dirty.csv_text(rows), encoding="utf-8")
    if unknown:
        with pytest.raises(UnreadableFile, match=f"the heading '{re.escape(unknown)}' is not kno"):
            read(path)
    else:
        assert {"net_mass_kg", "value_usd"} <= set(read(path)[0].columns)


@pytest.mark.parametrize(
    ("headings", "unknown"),
    [
        (["وزن", "ارزش (ریال)", "ارزش (یورو)"], "ارزش (یورو)"),
        (["وزن", "ارزش (ریال)", "ارزش به یورو"], "ارزش به یورو"),
        (["وزن (پوند)", "ارزش (دلار)"], "وزن (پوند)"),
        (["weight [lb]", "value (usd)"], "weight [lb]"),
        (["وزن (هزار کیلوگرم)", "ارزش (دلار)"], None),
        (["وزن", "ارزش (دلار)", "ارزش (درصد)"], None),  # the dollars are there
        (["وزن", "وزن (درصد)", "ارزش (دلار)"], None),
        (["وزن", "ارزش (دلار)", "توضیحات (اضافه)"], None),  # no figure
    ],
)
def test_a_weight_or_value_in_an_unknown_unit_is_not_dropped(tmp_path, headings, unknown):
    rows = [["کد تعرفه", *headings], ["08021200", *["12"] * len(headings)]]
    refused_or_read(tmp_path, rows, unknown)


@pytest.mark.parametrize(
    ("lower", "unknown"),
    [
        (["(پوند)", "(دلار)"], "وزن (پوند)"),  # pounds would be read as kilograms
        (["(تن)", "(یورو)"], "ارزش (یورو)"),
        (["(تن)", "(دلار)"], None),
        (["", "(دلار)"], None),
    ],
)
def test_an_unknown_unit_in_the_row_below_the_heading_is_said(tmp_path, lower, unknown):
    rows = [["کد تعرفه", "وزن", "ارزش"], ["", *lower], ["08021200", "12", "34"]]
    refused_or_read(tmp_path, rows, unknown)


NAN = float("nan")


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("۱٬۲۳۴٫۵", 1234.5),
        ("1,234", 1234),
        ("1,234,567.8", 1_234_567.8),
        ("(123)", -123),
        ("123-", -123),
        ("1.2E+05", 120_000),
        ("٣۴5", 345),  # three digit systems in one cell
        ("1 234 567", 1_234_567),
        ("1.234.567", 1_234_567),
        ("\u200f12\u202c", 12),  # direction marks
        ("0", 0),  # 0 stays 0
        (".5", 0.5),
        ("5.", 5),
        ("+5", 5),
        ("", NAN),
        ("-", NAN),
        ("1,23", None),  # a decimal comma, or a digit lost?
        ("12/5", None),
        ("12 kg", None),
        ("inf", None),
        ("1e999", None),
        ("1,234,56", None),
        ("45.300", None),  # forty-five, or thousands?
        ("۴۵٫۳۰۰", None),
        ("\u200f45.300", None),
        ("0.155", 0.155),  # no number of thousands starts with 0
        ("45.30", 45.3),
        ("1234.567", 1234.567),
        ("123\n456", None),  # two cells made one by a converter
        ("123\u2028456", None),
        ("123 456", None),
        ("1\u00a0234", 1234),  # a space that does not break is one of thousands
        ("1'234", 1234),
        ("5000²", None),  # a footnote mark is no digit
        ("5000①", None),
        ("5000½", None),
    ],
)
def test_numbers_are_read_or_refused(word, number):
    import pyarrow as pa

    # Alone, and beside a word that is no plain number, by which a column takes the slow way.
    for beside in ([], ["1,000"]):
        values, readable = cells.numbers_of(pa.array([word, *beside], pa.string()))
        assert readable[0] == (number is not None)
        assert values[0] == pytest.approx(NAN if number is None else number, nan_ok=True)


@pytest.mark.parametrize(
    ("word", "beside", "number", "why"),
    [
        ("45.300", "12.5", 45.3, "the other dot is a point"),
        ("45.300", "0.5", 45.3, "the other dot is a point"),
        ("45.300", "1.234.567", None, "the other dots are of thousands"),
        ("1,234", "1,234,567", 1234, "the other commas are of thousands"),
        ("1,234", "12,5", None, "the other comma is a decimal one"),
        ("1,234", "1.234,5", None, "the other comma is a decimal one"),
        ("1,234", "500", 1234, "a comma is one of thousands"),
    ],
)
def test_what_a_dot_or_comma_means_is_told_by_all_columns(word, beside, number, why):
    import pyarrow as pa

    for columns in ([[word, beside]], [[word, "x"], [beside]]):
        (values, readable), *_ = cells.numbers_of_columns([pa.array(c) for c in columns])
        assert (values[0] if readable[0] else None) == number, why


@pytest.mark.parametrize(
    ("word", "code", "said"),
    [
        ("09021000", "09021000", ""),
        ("9021000", "09021000", "hs_padded"),  # the zero a spreadsheet takes
        ("90210", "090210", "hs_padded"),
        ("902", "0902", "hs_padded"),
        ("9", "09", "hs_padded"),
        ("۰۹۰۲.۱۰", "090210", "hs_separators"),
        ("0902-10-00", "09021000", "hs_separators"),
        ("902.10", "090210", "hs_separators,hs_padded"),
        ("73079100.0", "73079100", ""),  # written by a spreadsheet
        ("09029999", "09029999", "hs_unknown"),  # well formed, not in HS 2022
        ("7654321", None, "hs_zero_lost"),  # 076543 is no subheading
        ("0902.1", None, "hs_unreadable"),  # never padded at the right
        ("8481.0", None, "hs_unreadable"),
        ("090210001", None, "hs_too_long"),
        ("چای", None, "hs_unreadable"),
        ("84.71", "8471", "hs_separators"),
        ("2008.11", "200811", "hs_separators"),
        ("2710.1210", "27101210", "hs_separators"),
        ("8471 3010", "84713010", "hs_separators"),
        *(
            (word, None, "hs_unreadable")
            for word in (
                "84-85",
                "84–85",
                "01-05",
                "8471/8473",
                "7208-7210",
                "8471-73",  # ranges
                "7208 7210",
                "8471\n8473",  # two codes
                "10/01/2001",
                "2008-11-01",
                "01.10.2001",
                "2008.11.01",
                "10.01.20",
                "Oct-01",  # dates
                "8471¹",  # a footnote mark
            )
        ),
        ("", None, ""),
    ],
)
def test_hs_codes_are_repaired_or_refused(word, code, said):
    assert cells.hs_code_of(word) == (code, said)


@pytest.mark.parametrize(
    ("word", "months"),
    [
        ("7", (7, 7)),
        ("۰۷", (7, 7)),
        ("مهر", (7, 7)),
        ("مهر ماه", (7, 7)),
        ("Mehr", (7, 7)),
        ("امرداد", (5, 5)),
        ("هفت ماهه", (1, 7)),
        ("7 ماهه", (1, 7)),
        ("سه ماهه دوم", (4, 6)),
        ("سه‌ماههٔ نخست", (1, 3)),
        ("شش ماهه‌ی دوم", (7, 12)),
        ("هفت ماهه دوم", None),
        ("1-7", (1, 7)),
        ("", (0, 0)),
        ("13", None),
        ("7-1", None),
        ("هفتم", None),
    ],
)
def test_months_are_read_by_number_name_or_count(word, months):
    assert cells.months_of(word) == months


@pytest.mark.parametrize(
    ("word", "year", "months"),
    [
        ("140307", 1403, (7, 7)),
        ("1404-07", 1404, (7, 7)),
        ("7/1404", 1404, (7, 7)),
        ("هفت ماهه ۱۴۰۴", 1404, (1, 7)),
        ("1404M01-07", 1404, (1, 7)),
        ("1404Q2", 1404, (4, 6)),
        ("مهر", 0, (7, 7)),  # the year is said elsewhere
        ("سال 1404", 1404, (0, 0)),
        ("", 0, (0, 0)),
        *(
            (word, None, None)
            for word in ("202403", "140313", "1404-13", "1403-1404", "1404/08/15", "2024")
        ),
    ],
)
def test_a_period_is_read_as_a_whole_or_refused(word, year, months):
    assert cells.period_of(word) == (year, months)


@pytest.mark.parametrize(
    ("text", "year", "months"),
    [
        ("exports-1404-07.xlsx", 1404, (7, 7)),
        ("صادرات هفت ماهه ۱۴۰۴", 1404, (1, 7)),
        ("صادرات مهر 1404", 1404, (7, 7)),
        ("1404M01-07.csv", 1404, (1, 7)),
        ("آمار صادرات سه ماهه دوم سال 1404", 1404, (4, 6)),
        ("صادرات هفت ماهه سال 1404 - تاریخ گزارش: 1404/08/15", 1404, (1, 7)),
        ("گزارش 1404/08/15 برای 1404/07", 1404, (7, 7)),
        ("exports_1404-05-12.xlsx", 1404, None),
        ("exports 1404.05.31", 1404, None),
        ("exports-month-01.csv.gz", None, (1, 1)),
        ("1403 and 1404", None, None),
        ("08021200", None, None),
    ],
)
def test_titles_and_names_tell_the_period(text, year, months):
    assert (cells.year_in(text), cells.months_in(text)) == (year, months)

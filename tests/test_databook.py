"""The workbook beside each page, and the rules of official statistics that it keeps."""

import io
import re
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from executed import markdown, notebook, number, provenance, shows
from workbench import export
from workbench.databook import TABLE_MIME

COLUMNS = [
    {"name": "hs2_code", "heading": "Chapter", "unit": ""},
    {"name": "label", "heading": "Good", "unit": ""},
    {"name": "value_usd", "heading": "Value (million USD)", "unit": "USD"},
    {"name": "share", "heading": "Share (%)", "unit": "1"},
]
ROWS = [["04", "=1+1", 1234567.25, 0.5], ["30", "http://example.org", None, 2e21]]


def table(title="All goods", rows=ROWS, columns=COLUMNS, notes="", source="customs"):
    data = {"title": title, "columns": columns, "rows": rows, "notes": notes, "source": source}
    return shows({"text/html": "<table></table>", TABLE_MIME: data})


def made(*cells, is_synthetic: bool = False, lang: str = "en") -> bytes:
    title = markdown("# Is it worth more?")
    nb = notebook(title, *cells, provenance(is_synthetic), lang=lang)
    return export.book_of(nb, export.export_page(nb))


def book(*cells, **given) -> CalamineWorkbook:
    return CalamineWorkbook.from_filelike(io.BytesIO(made(*cells, **given)))


def rows(workbook: CalamineWorkbook, sheet: str) -> list[list]:
    return workbook.get_sheet_by_name(sheet).to_python()


def parts(content: bytes, pattern: str) -> list[str]:
    """The members of the zip whose names fit, as text."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(n).decode() for n in archive.namelist() if re.search(pattern, n)]


def test_cover_contents_notes_then_a_sheet_a_table_in_the_order_of_the_page():
    workbook = book(table("One", notes="partial"), table("Two"), shows(f"<p>{number('8')}</p>"))
    names = ["Cover", "Contents", "Notes", "Table 1", "Table 2", "Table 3"]
    assert workbook.sheet_names == names
    assert rows(workbook, "Contents")[2:] == [
        ["Sheet", "Title"],
        ["Table 1", "One"],
        ["Table 2", "Two"],
        ["Table 3", "Where each number comes from"],
    ]
    assert rows(workbook, "Notes")[-1] == ["[note 1]", "partial"]


def test_a_sheet_says_what_it_holds_and_what_blanks_mean_and_its_table_is_last():
    sheet = [row[0] for row in rows(book(table(notes="partial")), "Table 1")]
    assert sheet == [
        "All goods",
        "This worksheet contains one table.",
        "An empty cell means that the value is not available; it does not mean zero.",
        "[note 1] partial",
        "customs",
        "Chapter [note 1]",
        "04",
        "30",
    ]


def test_headings_bear_the_unit_of_the_values_that_stand_below_them():
    """The page shows millions; the book holds dollars."""
    heading, first, second = rows(book(table()), "Table 1")[-3:]
    assert heading == ["Chapter", "Good", "Value (US dollars)", "Share (a fraction of 1)"]
    assert first == ["04", "=1+1", 1234567.25, 0.5]
    assert second == ["30", "http://example.org", "", 2e21]


def test_what_pandas_calls_missing_is_an_empty_cell_and_no_failure():
    sheet = rows(book(table(rows=[["30", "Medicines", float("nan"), 0.0]])), "Table 1")
    assert sheet[-1] == ["30", "Medicines", "", 0]
    assert "An empty cell means that the value is not available" in sheet[2][0]


def test_every_sheet_but_the_cover_has_one_table_with_a_name_a_header_row_and_alt_text():
    tables = parts(made(table(), table("Other", columns=COLUMNS)), r"^xl/tables/")
    assert len(tables) == 3
    names = [re.search(r'displayName="(\w+)"', text)[1] for text in tables]
    assert names == ["contents", "table_1_by_hs2_code", "table_2_by_hs2_code"]
    assert not [text for text in tables if 'headerRowCount="0"' in text or "autoFilter" in text]


def test_nothing_is_merged_frozen_filtered_hidden_or_filled():
    content = made(table(), table(rows=[]))
    sheets = "".join(parts(content, r"^xl/worksheets/sheet"))
    assert not re.findall(r"<mergeCell|<pane|<autoFilter|hidden=", sheets)
    (styles,) = parts(content, r"^xl/styles")
    assert re.findall(r"<fill>.*?</fill>", styles) == [
        '<fill><patternFill patternType="none"/></fill>',
        '<fill><patternFill patternType="gray125"/></fill>',
    ], "the two that every workbook has"


def test_no_text_is_a_formula_or_a_link():
    sheet = parts(made(table()), r"sheet3\.xml$")[0]
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_the_cover_says_what_is_synthetic_and_what_the_page_is_about():
    cover = [row[0] for row in rows(book(table(), is_synthetic=True), "Cover")]
    assert cover[0] == "Is it worth more?"
    assert cover[1].startswith("Synthetic data")
    assert "Alborz · the first seven months of 1404" in cover
    assert cover[-1] == "Values are not rounded."


def test_the_numbers_of_the_sentences_come_with_what_they_measure_and_their_unit():
    sheet = rows(book(shows(f"<p>{number('837')} {number('837')}</p>")), "Table 1")
    assert sheet[-2:] == [
        ["Measure", "Value", "Unit", "Number"],
        ["گمرک & IRICA", 837.25, "US dollars per tonne", "837"],
    ]


@pytest.mark.parametrize("title", ["[a]:*?/\\'b'", "x" * 300, "'quoted'", "History"])
def test_any_title_stands_whole_on_its_sheet(title):
    assert rows(book(table(title)), "Table 1")[0][0] == title


def test_a_page_of_words_has_a_cover_and_contents():
    assert book(markdown("## Words only")).sheet_names == ["Cover", "Contents"]


def test_a_persian_book_reads_from_right_to_left_and_counts_in_persian():
    content = made(table(), lang="fa")
    sheets = parts(content, r"^xl/worksheets/sheet")
    assert all('rightToLeft="1"' in sheet for sheet in sheets)
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert workbook.sheet_names == ["جلد", "فهرست", "جدول ۱"]


def test_two_columns_of_one_heading_are_told_apart():
    columns = [{"name": "a", "heading": "Value", "unit": ""}] * 2
    assert rows(book(table(columns=columns, rows=[[1, 2]])), "Table 1")[-2] == [
        "Value",
        "Value [2]",
    ]


def test_the_same_page_gives_the_same_bytes():
    assert made(table()) == made(table())

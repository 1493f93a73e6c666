"""The workbook beside each page."""

import io
import zipfile

import pandas as pd
import pytest
from matplotlib.figure import Figure
from python_calamine import CalamineWorkbook

from executed import markdown, notebook, number, provenance, shows
from helpers import tables
from helpers.figures import Chart
from workbench import export
from workbench.databook import data_book

HEADINGS = pd.DataFrame(
    {
        "hs2_code": ["04", "30"],
        "label": ["=1+1", "دارو"],
        "note": ["+98", "http://example.org"],
        "value_usd": [1234567.25, None],
        "change_usd": [-3.0, 2e21],
    }
)


def book(*cells, is_synthetic: bool = False, lang: str = "en") -> CalamineWorkbook:
    return CalamineWorkbook.from_filelike(
        io.BytesIO(made(*cells, is_synthetic=is_synthetic, lang=lang))
    )


def made(*cells, is_synthetic: bool = False, lang: str = "en") -> bytes:
    title = markdown("# Is it worth more?")
    page = export.export_html(notebook(title, *cells, provenance(is_synthetic), lang=lang))
    return data_book(page)


def chart(data: pd.DataFrame = HEADINGS, title: str = "Which goods?") -> str:
    return Chart(Figure((2, 1)), title, "alt", "customs", data, "en")._repr_html_()


def table() -> str:
    columns = {
        "label": tables.Column("Good"),
        "value_usd": tables.Column("Value (million USD)", "USD", 1e6, 1),
    }
    return tables.report_table(HEADINGS, columns, title="All goods", source="customs", lang="en")


def rows(workbook: CalamineWorkbook, sheet: str) -> list[list]:
    return workbook.get_sheet_by_name(sheet).to_python()


def test_every_chart_and_table_has_a_sheet_in_the_order_of_the_page():
    workbook = book(shows(chart()), shows(table()), shows(number("837")))
    assert workbook.sheet_names == [
        "About",
        "1 Which goods?".replace("?", ""),
        "2 All goods",
        "Numbers",
    ]


def test_numbers_are_numbers_codes_keep_their_zeros_and_missing_is_empty():
    heading, first, second = rows(book(shows(chart())), "1 Which goods")[3:]
    assert heading == ["hs2_code", "label", "note", "value_usd", "change_usd"]
    assert first == ["04", "=1+1", "+98", 1234567.25, -3.0]
    assert second == ["30", "دارو", "http://example.org", "", 2e21]


def test_no_text_is_a_formula_or_a_link():
    with zipfile.ZipFile(io.BytesIO(made(shows(chart())))) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_a_table_is_unrounded():
    assert rows(book(shows(table())), "1 All goods")[4] == ["=1+1", 1234567.25]


def test_the_first_sheet_says_what_is_synthetic_where_it_comes_from_and_in_which_units():
    about = rows(book(shows(chart()), is_synthetic=True), "About")
    words = [cell for row in about for cell in row if cell]
    assert words[0] == "Is it worth more?"
    assert words[1].startswith("Synthetic data")
    assert "Alborz · the first seven months of 1404" in words
    assert ["1 Which goods", "Which goods?", "Source: customs"] in about
    assert [row[:2] for row in about[-3:]] == [
        ["hs2_code", "a code"], ["value_usd", "US dollars"], ["change_usd", "US dollars"],
    ]  # fmt: skip


def test_the_numbers_of_the_sentences_come_with_scope_period_and_source():
    heading, *found = rows(book(shows(f"<p>{number('837')} {number('837')}</p>")), "Numbers")[3:]
    assert heading == ["name", "value", "unit", "scope", "period", "source", "shown"]
    assert found == [["unit_value", 837.25, "USD/t", "alborz", "1404M01-07", "گمرک & IRICA", "837"]]


@pytest.mark.parametrize("title", ["[a]:*?/\\'b'", "x" * 90, "'quoted'", "History"])
def test_any_title_gives_a_tab_that_excel_accepts(title):
    names = book(shows(chart(title=title)), shows(chart(HEADINGS.head(1), title))).sheet_names
    assert len(set(names)) == 3
    assert all(len(name) <= 31 and not set("[]:*?/\\") & set(name) for name in names)


def test_a_page_of_words_has_a_book_of_one_sheet():
    assert book(markdown("## Words only")).sheet_names == ["About"]


def test_a_chart_without_rows_gives_its_heading():
    assert rows(book(shows(chart(HEADINGS.head(0)))), "1 Which goods")[3][0] == "hs2_code"


def test_a_persian_book_reads_from_right_to_left():
    with zipfile.ZipFile(io.BytesIO(made(shows(chart()), lang="fa"))) as archive:
        sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
        assert all('rightToLeft="1"' in archive.read(name).decode() for name in sheets)


def test_the_same_page_gives_the_same_bytes():
    assert made(shows(chart())) == made(shows(chart()))

"""Report tables: what is escaped, noted, rounded, and always the same."""

import inspect
import re
from urllib.parse import unquote

import pandas as pd
import pytest
from lxml import html

from helpers import tables
from helpers.schema import Number
from helpers.tables import Column, report_table
from said import numbers

NAN = float("nan")
HOSTILE = '<script>document.title = "taken"</script><b onclick="x">'
COLUMNS = {
    "place": Column("Place"),
    "value_usd": Column("Value (million USD)", "USD", 1e6, 1),
    "share": Column("Share", "1", decimals=1),
    "n": Column("Rows", "n"),
}
ROWS = pd.DataFrame(
    {
        "place": ["Alborz", "Tehran"],
        "value_usd": [1_234_560_000.0, 50_000.0],
        "share": [0.7734, 0.5],
        "n": [3, 4],
    }
)


def made(rows=ROWS, columns=COLUMNS, lang="en", title="Finding", source="IRICA"):
    return report_table(rows, columns, title=title, source=source, lang=lang)


def root(markup):
    return html.fragment_fromstring(markup)


def cells(markup):
    return [[cell.text_content() for cell in row] for row in root(markup).findall(".//tbody/tr")]


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("en", [["Alborz", "1,234.6", "77.3%", "3"], ["Tehran", "0.1", "50.0%", "4"]]),
        ("fa", [["Alborz", "۱٬۲۳۴٫۶", "۷۷٫۳٪", "۳"], ["Tehran", "۰٫۱", "۵۰٫۰٪", "۴"]]),
    ],
)
def test_numbers_are_scaled_and_rounded_as_in_sentences(lang, expected):
    assert cells(made(lang=lang)) == expected


def test_numbers_stay_unrounded_behind_what_is_shown():
    told = {(name, float(value), unit, scope) for name, value, unit, scope, _ in numbers(made())}
    assert ("value_usd", 1_234_560_000.0, "USD", "Alborz") in told
    assert ("share", 0.5, "1", "Tehran") in told
    assert len(told) == 6


def test_what_a_line_is_about_can_be_said_in_words_of_no_language():
    rows = ROWS.assign(scope=["alborz", "tehran"])
    for lang in ("fa", "en"):
        assert {scope for *_, scope, _ in numbers(made(rows, lang=lang))} == {"alborz", "tehran"}


def test_title_headings_and_source_are_there():
    table = root(made())
    assert "Finding" in table.findtext(".//thead//td") or "Finding" in table.text_content()
    for column in COLUMNS.values():
        assert column.label in table.text_content()
    assert "Source: IRICA" in table.text_content()
    assert table.get("role") == "region"
    assert table.get("aria-label") == "Finding"
    assert "منبع: IRICA" in root(made(lang="fa")).text_content()


@pytest.mark.parametrize("lang", ["fa", "en"])
@pytest.mark.parametrize(
    ("value", "shown", "notes"),
    [
        (0.0, {"fa": "–", "en": "–"}, ("zero",)),
        (NAN, {"fa": "نامعلوم", "en": "n/a"}, ("missing",)),
        (5e6, {"fa": "۵٫۰", "en": "5.0"}, ()),
    ],
)
def test_zero_and_missing_differ_and_are_explained_where_they_occur(lang, value, shown, notes):
    markup = made(ROWS.head(1).assign(value_usd=value), lang=lang)
    assert cells(markup)[0][1] == shown[lang]
    for name, note in tables._WORDS["notes"].items():
        assert (note[lang] in markup) is (name in notes), name


def test_a_missing_number_is_no_data():
    rows = ROWS.head(1).assign(value_usd=NAN)
    assert "value_usd" not in {name for name, *_ in numbers(made(rows))}


@pytest.mark.parametrize("where", ["stub", "cell", "label", "title", "source"])
def test_hostile_text_stays_text(where):
    rows, columns, words = ROWS, dict(COLUMNS), {}
    if where == "stub":
        rows = rows.assign(place=HOSTILE)
    elif where == "cell":
        rows, columns = rows.assign(note=HOSTILE), {**columns, "note": Column("Note")}
    elif where == "label":
        columns = {**columns, "n": Column(HOSTILE, "n"), "place": Column(HOSTILE)}
    else:
        words = {where: HOSTILE}
    markup = made(rows, columns, **words)
    assert not root(markup).xpath("//script | //*[@onclick]")
    assert "document.title" in root(markup).text_content() + root(markup).get("aria-label")


def test_text_is_escaped_once():
    assert cells(made(ROWS.head(1).assign(place="A & B")))[0][0] == "A & B"


def test_ids_are_fixed_and_the_same_data_give_the_same_bytes():
    assert made() == made()
    assert re.findall(r'id="(t[0-9a-f]{8})"', made()) == re.findall(
        r'id="(t[0-9a-f]{8})"', made(lang="en")
    )
    assert made(title="Other") != made()


def test_two_tables_of_a_page_have_different_ids():
    first, second = (root(made(title=t)).xpath("//@id") for t in ("One", "Two"))
    assert not set(first[:1]) & set(second[:1])


def test_no_style_sheet_comes_along():
    assert "<style" not in made()


def test_a_year_takes_no_separator():
    columns = {"place": Column("Place"), "year": Column("Year", "year")}
    rows = pd.DataFrame({"place": ["a"], "year": [1404]})
    assert cells(made(rows, columns)) == [["a", "1404"]]
    assert cells(made(rows, columns, "fa")) == [["a", "۱۴۰۴"]]


def test_numbers_of_different_units_stand_in_one_column():
    columns = {"place": Column("What"), "stated": Column("Stated")}
    stated = [Number("published", 3.2e10, "USD"), Number("published", 0.77, "1")]
    rows = pd.DataFrame({"place": ["a", "b"], "stated": pd.Series(stated, dtype="object")})
    assert cells(made(rows, columns)) == [["a", "32.0 billion USD"], ["b", "77.0%"]]


def test_the_csv_is_the_unrounded_table_without_formulas():
    link = root(made(ROWS.assign(place="=1+1"))).xpath("//a[@download]")[0]
    csv = unquote(link.get("href")).split(",", 1)[1]
    assert csv.startswith("\ufeffplace,value_usd,share,n\n'=1+1,1234560000.0,0.7734,3")


def test_the_table_given_is_not_changed():
    before = ROWS.copy()
    made()
    pd.testing.assert_frame_equal(ROWS, before)


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_a_table_without_rows_is_a_table(lang):
    assert cells(made(ROWS.head(0), lang=lang)) == []


def test_the_tables_of_the_notebooks_take_a_language():
    made_here = [
        function
        for _, function in inspect.getmembers(tables, inspect.isfunction)
        if function.__module__ == tables.__name__ and not function.__name__.startswith("_")
    ]
    for table in made_here:
        assert "lang" in inspect.signature(table).parameters, table.__name__


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_the_overview_names_province_rest_and_nation(lang):
    rows = pd.DataFrame(
        {
            "scope": ["alborz", "rest_of_nation", "nation"], "value_usd": [1e9, 9e9, 1e10],
            "net_mass_kg": [1e9, NAN, 2e10], "unit_value_usd_per_tonne": [1000.0, NAN, 500.0],
            "coverage_share": [1.0, NAN, 0.9],
            "national_share": [0.1, 0.9, 1.0], "growth_share": [0.1, -0.1, NAN],
            "unit_value_growth_share": [NAN, NAN, NAN],
        }
    )  # fmt: skip
    shown = cells(tables.overview(rows, lang, place="X", source="s"))
    assert shown[0][0] == "X"
    assert len({row[0] for row in shown}) == 3
    assert shown[1][2] == {"fa": "نامعلوم", "en": "n/a"}[lang]


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_a_table_of_the_comparison_shows_what_a_reader_needs(lang):
    parts = dict.fromkeys(
        ("national_usd", "mix_usd", "competitive_usd"),
        1e6,
    )
    rows = pd.DataFrame(
        [
            {
                "sector": "industry",
                "value_usd_before": 5e6,
                "change_usd": 3e6,
                "new_usd": 0.0,
                **parts,
            }
        ]
    )
    shown = tables.comparison_table("shift_share", rows, lang, place="Alborz")
    assert shown.count('scope="col"') == 5, "without the column of new sectors, which is all zero"
    assert "wb-doubt" in tables.comparison_table("shift_share", None, lang, place="Alborz")
    assert "wb-doubt" in tables.comparison_table("shift_share", rows.head(0), lang, place="Alborz")


def test_the_sectors_are_headed_by_their_total():
    moves = pd.DataFrame(
        {
            "value_usd": [60e6, 50e6],
            "value_usd_before": [40e6, 60e6],
            "growth_share": [0.5, -1 / 6],
            "contribution_share": [0.2, -0.1],
        }
    )
    sectors = moves.assign(sector=["industry", "mining"])
    groups = moves.iloc[:0].assign(group=pd.Series(dtype="object"))
    shown = tables.sectors_in_short(sectors, groups, "en", place="Alborz", source="s")
    rows = [
        row.text_content().split() for row in html.document_fromstring(shown).xpath("//tbody/tr")
    ]
    assert rows[0] == ["All", "sectors", "110.0", "100.0", "10.0%", "10.0"]  # points, not %


def headings(markup):
    return [cell.text_content() for cell in root(markup).findall(".//thead//th")]


def test_amounts_of_a_unit_stand_in_one_scale_across_the_columns():
    rows = pd.DataFrame(
        {"sector": ["industry"], "change_usd": [2.5e6], "mix_usd": [-2e4], "net_mass_kg": [5e3],
         "unit_value_usd_per_tonne": [13_000.0]}
    )  # fmt: skip
    shown = tables.show(rows, "en")
    # Weights have a scale of their own, and a value per tonne is never scaled.
    assert cells(shown) == [["Industry", "2.5", "0.0", "5.0", "13,000"]]
    assert [heading for heading in headings(shown) if "million USD" in heading] == [
        "Change of value on a year before, million USD", "Structure, million USD",
    ]  # fmt: skip


def test_a_contribution_to_growth_is_written_in_points_and_stays_a_share_behind_it():
    rows = pd.DataFrame({"sector": ["industry"], "contribution_share": [0.0634]})
    shown = tables.show(rows, "en")
    assert cells(shown) == [["Industry", "6.3"]]
    assert "Contribution to growth (percentage points)" in headings(shown)
    assert [value for _, value, *_ in numbers(shown)] == ["0.0634"]


def test_what_a_heading_adds_to_the_gap_is_not_called_its_gap():
    rows = pd.DataFrame(
        {"hs4_code": ["2517"], "side": ["both"], "unit_value_usd_per_tonne_province": [13.0],
         "unit_value_usd_per_tonne_reference": [11.0], "gap_usd_per_tonne": [-65.0]}
    )  # fmt: skip
    shown = tables.comparison_table("gap_headings", rows, "en", place="X")
    assert headings(shown)[-1] == "Contribution to the gap, USD"
    assert cells(shown)[0][1:] == ["13", "11", "−65"]


@pytest.mark.parametrize(("lang", "year"), [("fa", "۱۴۰۴"), ("en", "1404")])
def test_a_year_is_a_name_in_the_digits_of_the_language(lang, year):
    rows = pd.DataFrame({"year_sh": [1404], "value_usd": [1e6]})
    assert cells(tables.show(rows, lang))[0][0] == year


# Any table


def test_any_table_of_the_helpers_is_shown_with_names_and_units():
    rows = {"hs2_code": ["30", "34"], "value_usd": [300.0, 100.0], "net_mass_kg": [1e6, 5e5]}
    page = tables.show(pd.DataFrame(rows | {"unit_value_usd_per_tonne": [0.3, 0.2]}), "en")
    for words in (
        "HS chapter",
        "30 Pharmaceuticals",
        "Value, USD",
        "Net mass, t",
        "Value per tonne, USD",
    ):
        assert words in page
    assert "2 of 2 rows" in page


@pytest.mark.parametrize(
    ("name", "largest", "label", "scale"),
    [
        ("value_usd", 2e9, "Value, million USD", 1e6),
        ("value_usd_before", 2e4, "Value (a year before), thousand USD", 1e3),
        ("net_mass_kg", 5e6, "Net mass, thousand t", 1e6),
        ("growth_share", 0.5, "Growth on a year before", 1.0),
        ("n_declarations", 12, "Declarations", 1.0),
    ],
)
def test_a_column_is_headed_by_its_name_and_size(name, largest, label, scale):
    column = tables.column_of(name, pd.Series([1.0, largest]), "en")
    assert (column.label, column.scale) == (label, scale)

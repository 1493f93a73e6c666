"""Views: the table, its code, its page, its files, and the widgets that change them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers import explore, tables
from helpers.explore import View
from helpers.schema import LANGS, PROVINCES, HelpersError, UnreadableFile

NOW = {"month_first_sh": 1, "month_last_sh": 1}
BEFORE = {**NOW, "year_sh": 1403}
SOAP = {"hs_code": "34011190", "hs2_code": "34", "hs4_code": "3401", "hs6_code": "340111"}


@pytest.fixture(autouse=True)
def declared(keep):
    """Alborz sold medicine for 300 (100 the year before) and soap for 100; Tehran soap for 50."""
    keep(
        {**NOW, "value_usd": 300.0, "net_mass_kg": 1000.0},
        {**BEFORE, "value_usd": 100.0, "net_mass_kg": 1000.0},
        {**NOW, **SOAP, "value_usd": 100.0, "net_mass_kg": 500.0, "partner_iso3": "AFG"},
        {**NOW, **SOAP, "value_usd": 50.0, "net_mass_kg": None, "province": "tehran"},
    )


VIEW = View(period="1404M01", lang="en")
VIEWS = [
    (VIEW, "one province"),
    (View(period="1404M01", peers=["tehran", "nation"]), "beside others"),
    (View(period="1404M01", by="province", measure="unit_value_usd_per_tonne"), "all provinces"),
    (View(period="1404", by="month", measure="net_mass_kg"), "months"),
    (View(period="1404", by="month", peers=["tehran"]), "months beside others"),
    (View(period="1404M01", by="line", hs="34", partner="AFG", measure="share"), "a few goods"),
    (View(period="1404M01", by="heading", sector="industry", use="consumption"), "a sector"),
    (View(period="1402", by="partner", flow="import", measure="growth_share"), "nothing at all"),
]
every_view = pytest.mark.parametrize("view", [v for v, _ in VIEWS], ids=[name for _, name in VIEWS])


def test_a_view_by_hand():
    table = explore.view_table(VIEW).set_index("hs2_code")
    assert table["value_usd"].to_dict() == {"30": 300.0, "34": 100.0}
    assert table["share"].to_dict() == {"30": 0.75, "34": 0.25}
    assert table.loc["30", "growth_share"] == pytest.approx(2.0)
    assert pd.isna(table.loc["34", "growth_share"]), "nothing was sold the year before"
    assert table["unit_value_usd_per_tonne"].to_dict() == {"30": 300.0, "34": 200.0}


def test_shares_beside_others_are_each_place_s_own():
    table = explore.view_table(View(period="1404M01", peers=["tehran"]))
    assert table.groupby("place")["share"].sum().to_dict() == {"alborz": 1.0, "tehran": 1.0}


@every_view
def test_the_code_that_is_shown_gives_the_same_table(view):
    names: dict = {}
    exec(explore.code(view), names)
    pd.testing.assert_frame_equal(names["table"], explore.view_table(view))


@every_view
@pytest.mark.parametrize("lang", LANGS)
def test_every_view_has_a_page_in_both_languages(view, lang):
    page = explore.view_page(explore.replace(view, lang=lang))
    assert "nan" not in page.replace("nance", "")
    assert "wb-table" in page or "wb-doubt" in page
    assert (lang == "fa") == ("منبع" in page or "نیست" in page)


def test_the_chart_names_what_is_highest_for_the_province_itself():
    chart = explore.view_chart(VIEW, explore.view_table(VIEW))
    assert chart.title == (
        "Exports of Alborz by HS chapter, Farvardin 1404; "
        "highest value: 30 Pharmaceuticals, 300 USD"
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"province": "albroz"}, "did you mean 'alborz'"),
        ({"period": "2025"}, "is not a period"),
        ({"by": "chapters"}, "did you mean 'chapter'"),
        ({"measure": "price"}, "value_usd"),
        ({"peers": ["teheran"]}, "did you mean 'tehran'"),
        ({"sector": "oil"}, "industry"),
        ({"partner": "Iraq"}, "alpha-3"),
        ({"hs": "3"}, "2, 4 or 6 digits"),
    ],
)
def test_a_wrong_choice_is_refused_with_what_there_is(wrong, words):
    with pytest.raises(HelpersError, match=words):
        View(**wrong)


def test_opening_rows_leads_from_a_sector_down_to_the_line():
    view = explore.opened(View(by="sector"), "industry")
    for row, by in (("30", "heading"), ("3004", "subheading"), ("300490", "line")):
        view = explore.opened(view, row)
        assert (view.sector, view.hs, view.by) == ("industry", row, by)


def test_opening_a_section_leads_to_its_chapters():
    view = explore.opened(View(by="section"), "XVI")
    assert (view.hs, view.by) == ("XVI", "chapter")
    assert set(explore.view_table(view)["hs2_code"]) <= {"84", "85"}


# Files


def test_a_saved_view_is_a_batch_file_and_comes_back(tmp_path):
    from pathlib import Path

    from workbench import batch

    view = View(peers=["qom"], by="sector", lang="en")
    saved = explore.save(view, tmp_path)
    assert explore.read_view(saved) == view
    notebooks = Path(__file__).parents[1] / "notebooks"
    wanted = batch.read_wanted(saved, batch.Wanted())
    [planned] = batch.plan(wanted, notebooks, tmp_path, tmp_path / "outputs")
    page = "1404M01-07/alborz/00_explore-export-qom-by-sector-value_usd.en"
    assert planned.report.name == page
    assert View(**planned.report.effective) == view


@pytest.mark.parametrize("text", ["", "[]", "notebooks: [00_explore]", "province: ["])
def test_what_is_no_saved_view_is_refused(text, tmp_path):
    path = tmp_path / "view.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"view saved by .* in .*view\.yml"):
        explore.read_view(path)


@pytest.mark.parametrize("form", explore.FORMATS)
def test_an_exported_file_says_where_it_comes_from(form, tmp_path):
    path = explore.export(VIEW, form, tmp_path)
    assert path.name == f"export-1404M01-alborz-by-chapter-value_usd-en.{form}"
    content = path.read_bytes()
    assert content.startswith({"png": b"\x89PNG", "svg": b"<?xml", "xlsx": b"PK"}.get(form, b""))
    if form == "csv":
        table = pd.read_csv(path, dtype={"hs2_code": "str"})
        assert table["hs2_code"].tolist() == ["30", "34"]
        assert set(table["source"]) == {"customs declarations"}


def test_a_chart_that_leaves_its_page_has_room_for_its_title_and_source():
    view = View(period="1404M01", peers=["tehran"], lang="en")
    figure = explore._with_words(view, explore.view_table(view)).figure
    figure.canvas.draw()
    inside = figure.axes[0].get_tightbbox()
    title, source = (text.get_window_extent() for text in figure.texts)
    assert title.y0 >= inside.y1
    assert source.y1 <= inside.y0


def test_nothing_is_not_drawn(tmp_path):
    with pytest.raises(HelpersError, match="choose other goods"):
        explore.export(View(period="1399"), "png", tmp_path)


# Widgets


@pytest.fixture
def explorer():
    return explore.Explorer(VIEW)


def test_what_is_chosen_is_shown_and_back_returns(explorer):
    before = explorer.drawn.value
    explorer.controls["measure"].value = "net_mass_kg"
    assert explorer.view == explore.replace(VIEW, measure="net_mass_kg")
    assert explorer.drawn.value != before
    explorer.back()
    assert (explorer.view, explorer.drawn.value) == (VIEW, before)
    explorer.back()
    assert explorer.view == VIEW


def test_opening_a_row_offers_the_rows_inside(explorer):
    explorer.controls["open"].value = "30"
    assert (explorer.view.by, explorer.view.hs) == ("heading", "30")
    assert [row for _, row in explorer.controls["open"].options] == ["", "3004"]


def test_a_wrong_code_is_explained_and_changes_nothing(explorer):
    explorer.controls["hs"].value = "3"
    assert "2, 4 or 6 digits" in explorer.said.value
    assert explorer.view == VIEW


def test_what_a_button_cannot_do_is_explained(explorer, monkeypatch):
    explorer.go(explore.replace(VIEW, flow="re_import"))
    explorer._try(lambda: explorer._export("png"))
    assert "there is nothing to draw" in explorer.said.value
    monkeypatch.setattr(explore, "save", lambda _: Path("/no/such/place").touch())
    explorer._try(explorer._save)
    assert "No such file" in explorer.said.value


def test_a_view_of_every_province_has_a_name_that_a_disk_takes():
    every, others = (explore.replace(VIEW, peers=tuple(p)) for p in (PROVINCES[1:], PROVINCES[2:]))
    assert len(every.name) < 100
    assert every.name != others.name


def test_the_language_changes_every_word(explorer):
    explorer.controls["lang"].value = "fa"
    assert explorer.controls["province"].description == "استان"
    assert "صادرات البرز" in explorer.drawn.value
    assert "wb-rtl" in explorer.box._dom_classes


def test_periods_offered_are_those_the_declarations_make_up(explorer):
    offered = explorer.controls["period"].options
    assert offered == (("Farvardin 1404", "1404M01"), ("Farvardin 1403", "1403M01"))
    explorer.go(View(period="1399", lang="en"))
    assert ("1399", "1399") in explorer.controls["period"].options, "what is looked at is offered"


def test_without_widgets_the_explorer_shows_chart_and_table(explorer):
    shown = explorer._repr_mimebundle_()
    assert {"wb-chart", "wb-table"} <= set(shown["text/html"].replace('"', " ").split())
    assert "application/vnd.jupyter.widget-view+json" in shown


# Any table


def test_any_table_of_the_helpers_is_shown_with_names_and_units():
    page = tables.show(explore.view_table(VIEW), "en")
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

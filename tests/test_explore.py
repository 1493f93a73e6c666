"""Views: the table, its code, its page, its files, and the widgets that change them."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from helpers import explore
from helpers.explore import View
from helpers.schema import LANGS, HelpersError, UnreadableFile

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


VIEW = View(period="1404M01", lang="en", by="chapter")
VIEWS = [
    (VIEW, "one province"),
    (View(period="1404M01", by="province", measure="unit_value_usd_per_tonne"), "all provinces"),
    (View(period="1404", by="month", measure="net_mass_kg"), "months"),
    (View(by="year", period="1404M01", within=["hs2_code:34"]), "years"),
    (View(period="1404M01", by="line", within=["hs2_code:34", "partner_iso3:AFG"]), "a few goods"),
    (View(period="1404M01", by="heading", within=["sector:industry"], measure="share"), "a sector"),
    (View(period="1404M01", by="office", within=["customs_office:O'\"ffice` @x"]), "odd letters"),
    (View(period="1402", flow="import", measure="growth_share"), "nothing at all"),
]
every_view = pytest.mark.parametrize("view", [v for v, _ in VIEWS], ids=[name for _, name in VIEWS])


def test_a_view_by_hand():
    table = explore.view_table(VIEW).set_index("hs2_code")
    assert table["value_usd"].to_dict() == {"30": 300.0, "34": 100.0}
    assert table["share"].to_dict() == {"30": 0.75, "34": 0.25}
    assert table.loc["30", "growth_share"] == pytest.approx(2.0)
    assert pd.isna(table.loc["34", "growth_share"]), "nothing was sold the year before"
    assert table["unit_value_usd_per_tonne"].to_dict() == {"30": 300.0, "34": 200.0}


def test_years_are_rows_with_their_growth():
    table = explore.view_table(View(by="year")).set_index("period")
    assert table["value_usd"].to_dict() == {"1403M01": 100.0, "1404M01": 400.0}
    assert table.loc["1404M01", "growth_share"] == pytest.approx(3.0)


def test_growth_is_that_of_the_month_s_average_where_the_year_before_has_no_months(keep):
    keep(
        {"year_sh": 1402, "month_first_sh": 1, "month_last_sh": 10, "value_usd": 100.0},
        {"year_sh": 1401, "month_first_sh": 1, "month_last_sh": 12, "value_usd": 60.0},
    )
    [growth] = explore.view_table(View(period="1402M01-10"))["growth_share"]
    assert growth == pytest.approx((100 / 10) / (60 / 12) - 1)


def test_what_was_sold_before_and_not_now_has_a_value_of_zero(keep):
    keep({**BEFORE, "partner_iso3": "CHN", "value_usd": 2.0})
    table = explore.view_table(View(period="1404M01")).set_index("partner_iso3")
    assert table.loc["CHN", ["value_usd", "growth_share"]].tolist() == [0.0, -1.0]


@every_view
def test_the_code_that_is_shown_gives_the_same_table(view):
    names: dict = {}
    exec(explore.code(view), names)
    pd.testing.assert_frame_equal(names["table"], explore.view_table(view))


@every_view
@pytest.mark.parametrize("lang", LANGS)
def test_every_view_has_a_page_in_both_languages(view, lang):
    view = explore.replace(view, lang=lang)
    page = explore.view_page(view, explore.view_table(view))
    assert not re.search("nan(?!swered|ce)", page)
    assert "wb-table" in page or "wb-unanswered" in page
    assert (lang == "fa") == ("منبع" in page or "بی‌پاسخ" in page)


def test_the_chart_names_what_is_highest():
    chart = explore.view_chart(VIEW, explore.view_table(VIEW))
    assert chart.title == (
        "Exports of Alborz by HS chapter, Farvardin 1404; "
        "highest value: 30 Pharmaceuticals, 300 USD"
    )


# Value alone


@pytest.fixture
def of_value(keep):
    """As the carried table: a year, an office, a destination, dollars; no goods and no weight."""
    of = {"month_first_sh": 1, "month_last_sh": 12, "net_mass_kg": None}
    goods = dict.fromkeys(SOAP, None)
    keep({**of, **goods, "year_sh": 1402, "value_usd": 5.0})


def test_value_alone_leads_from_province_to_market_to_year(of_value):
    views = [View(period="1402", by="province", lang="en")]
    for row in ("alborz", "IRQ", "1402"):
        views.append(explore.opened(views[-1], row))
    assert [view.by for view in views] == ["province", "partner", "year", "partner"]
    for view in views:
        table = explore.view_table(view)
        assert table["value_usd"].iloc[0] == 5.0
        page = explore.view_page(view, table)
        assert page.count("neither goods nor weight") == 1
        assert ("n/a" in page) == (view.by == "year"), "the growth of the first year alone"


def test_value_alone_offers_no_goods_and_no_weight(of_value):
    options = explore.Explorer(View(period="1402", lang="en")).controls
    rows = [row for _, row in options["by"].options]
    assert rows == ["province", "office", "partner", "year", "month"]
    assert [m for _, m in options["measure"].options] == list(explore.OF_VALUE)


def test_a_question_about_goods_names_the_file_that_would_answer_it(of_value):
    view = View(period="1402", by="chapter", lang="en")
    page = explore.view_page(view, explore.view_table(view))
    assert "Not answered by these data" in page
    assert "a customs table by tariff line, with weight" in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"province": "albroz"}, "did you mean 'alborz'"),
        ({"period": "2025"}, "is not a period"),
        ({"by": "chapters"}, "did you mean 'chapter'"),
        ({"measure": "price"}, "value_usd"),
        ({"within": ["sector:oil"]}, "industry"),
        ({"within": ["partner_iso3:Iraq"]}, "alpha-3"),
        ({"within": ["hs3_code:30"]}, "did you mean 'hs_code'"),
        ({"within": ["30"]}, "hs2_code"),
    ],
)
def test_a_wrong_choice_is_refused_with_what_there_is(wrong, words):
    with pytest.raises(HelpersError, match=words):
        View(**wrong)


def test_opening_rows_leads_from_a_sector_down_to_the_line():
    view = explore.opened(View(by="sector"), "industry")
    for row, by in (("30", "heading"), ("3004", "subheading"), ("300490", "line")):
        view = explore.opened(view, row)
        assert view.by == by
    held = ("sector:industry", "hs2_code:30", "hs4_code:3004", "hs6_code:300490")
    assert view.within == held


# Files


def test_a_saved_view_is_a_batch_file_and_comes_back(tmp_path):
    from pathlib import Path

    from workbench import batch
    from workbench.project import Folders

    view = View(by="sector", lang="en", within=["customs_office:شهید رجایی"])
    saved = explore.save(view, tmp_path)
    assert explore.read_view(saved) == view
    folders = Folders(Path(__file__).parents[1], tmp_path, tmp_path, tmp_path / "outputs")
    wanted = batch.read_wanted(saved, batch.Wanted())
    [planned] = batch.plan_reports(wanted, folders)
    page = "1404M01-10/alborz/00_explore-export-by-sector-شهید_رجایی-value_usd.en"
    assert planned.name == page
    assert View(**planned.effective) == view


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
        assert set(table["source"]) == {"customs statistics (place of clearance)"}


def test_a_chart_that_leaves_its_page_takes_title_and_source_along(tmp_path):
    path = explore.export(VIEW, "svg", tmp_path)
    chart = explore.view_chart(VIEW, explore.view_table(VIEW))
    explore._draw_alone(chart, path)
    figure = chart.figure
    title, source = (text for text in figure.texts if text.get_text() != "")
    axes = figure.axes[0].get_tightbbox()
    assert title.get_window_extent().y0 >= axes.y1
    assert source.get_window_extent().y1 <= axes.y0
    assert source.get_text() == chart.source


def test_nothing_is_not_drawn(tmp_path):
    with pytest.raises(HelpersError, match="choose other rows"):
        explore.export(View(period="1399"), "png", tmp_path)


# Widgets


@pytest.fixture
def explorer():
    return explore.Explorer(VIEW)


def test_what_is_chosen_is_shown(explorer):
    before = explorer.seen.value
    explorer.controls["measure"].value = "net_mass_kg"
    assert explorer.view == explore.replace(VIEW, measure="net_mass_kg")
    assert explorer.seen.value != before


def test_opening_a_row_offers_the_rows_inside_and_the_way_back(explorer):
    explorer.controls["open"].value = "30"
    assert (explorer.view.by, explorer.view.within) == ("heading", ("hs2_code:30",))
    assert [row for _, row in explorer.controls["open"].options] == ["", "3004"]
    assert [n for n, _ in explorer.controls["within"].options] == ["–", "30 Pharmaceuticals"]
    explorer.controls["within"].value = ()
    assert explorer.view.within == ()


def test_what_a_button_cannot_do_is_explained(explorer, monkeypatch):
    explorer.go(explore.replace(VIEW, flow="re_import"))
    explorer._try(explorer._acts["png"])
    assert "nothing to draw" in explorer.answer.value
    monkeypatch.setattr(explore, "save", lambda _: Path("/no/such/place").touch())
    explorer._try(explorer._acts["save"])
    assert "No such file" in explorer.answer.value


def test_the_language_changes_every_word(explorer):
    explorer.controls["lang"].value = "fa"
    assert explorer.controls["province"].description == "استان"
    assert "صادرات البرز" in explorer.seen.value
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

"""The small picture of a page."""

from urllib.parse import quote, unquote

import pandas as pd

import executed
from helpers import figures
from workbench import export, thumbnail


def chart(n_bars: int) -> figures.Chart:
    table = pd.DataFrame({"label": [f"bar {n}" for n in range(n_bars)], "y": range(n_bars)})
    return figures.bars(
        table, label="label", y="y", show=lambda value, _: f"{value:.0f}", title="Bars grow",
        alt="Bars", source="made up", unit="", lang="en",
    )  # fmt: skip


def test_the_bars_of_the_first_chart_stay_and_its_letters_go():
    page = chart(3)._repr_html_() + chart(9)._repr_html_()
    drawing = unquote(thumbnail.of_page(page))
    assert drawing.startswith("data:image/svg+xml,<svg")
    assert drawing.count(f"fill: {figures.PROVINCE}") == 3
    assert "text_" in unquote(chart(3).image())
    assert "text_" not in drawing
    assert len(drawing) < 5_000


def test_a_page_without_a_chart_or_with_a_large_one_has_none():
    assert thumbnail.of_page("<p>words</p>") == ""
    assert thumbnail.of_page(chart(200)._repr_html_()) == ""


def test_it_is_found_on_a_page_as_it_is_exported():
    page = export.export_html(executed.notebook(executed.shows(chart(3)._repr_html_())))
    assert thumbnail.of_page(page) == thumbnail.of_page(chart(3)._repr_html_())


def test_an_outline_of_missing_values_is_no_outline():
    drawing = quote('<svg xmlns="http://www.w3.org/2000/svg"><path id="line2d_1"/></svg>')
    page = f'<figure class="wb-chart"><img src="data:image/svg+xml,{drawing}"'
    assert thumbnail.of_page(page).startswith("data:image/svg+xml,")

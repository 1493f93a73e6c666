"""Charts: words that must be there, direction, sameness, missing values, hostile text."""

import inspect
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from lxml import html
from matplotlib.colors import to_rgb

from helpers import figures, narrative
from helpers.figures import (
    Chart,
    bars,
    heatmap,
    lines,
    paired_bars,
    safe_csv,
    small_multiples,
    stacked_shares,
)
from helpers.figures.forms import INK

NAN = float("nan")
HOSTILE = '</figcaption><script>document.title = "taken"</script>" onload="x'
MISSING = {"fa": "نامعلوم", "en": "n/a"}
LANGS = pytest.mark.parametrize("lang", ["fa", "en"])


def words(lang, **others):
    return {"title": "Finding", "alt": "What is seen", "source": "IRICA", "unit": "USD",
            "lang": lang, **others}  # fmt: skip


BARS = pd.DataFrame({"label": ["a", "b", "c"], "y": [3.0, -2.0, NAN]})
PAIRS = pd.DataFrame({"label": ["a", "b"], "before": [1.0, NAN], "now": [2.0, 3.0]})
LINES = pd.DataFrame(
    {"x": ["1403", "1404"] * 2, "of": ["p", "p", "n", "n"], "y": [1.0, 2.0, NAN, 4.0]}
)
SHARES = pd.DataFrame({"label": ["a", "b"], "one": [0.7, 0.4], "two": [0.3, 0.6]})
PANELS = LINES.assign(value=[1.0, 1.2, 1.0, 1.1], mass=[1.0, NAN, 1.0, 0.9])
MATRIX = pd.DataFrame({"IRQ": [1.0, NAN], "CHN": [2.0, 3.0]}, index=["a", "b"])


def every_form(lang, **others):
    given = words(lang, **others)
    plain, pair = narrative.plain, ("before", "now")
    shares = {name: text for name, text in given.items() if name != "unit"}
    return {
        "bars": bars(BARS, label="label", y="y", show=plain, **given),
        "paired": paired_bars(
            PAIRS, label="label", pair=pair, names=("1403", "1404"), show=plain, **given
        ),
        "lines": lines(
            LINES, x="x", y="y", hue="of", names={"p": "Alborz", "n": "Iran"}, show_x=str,
            show_y=plain, **given,
        ),
        "shares": stacked_shares(SHARES, label="label", parts={"one": "1", "two": "2"}, **shares),
        "matrix": heatmap(MATRIX, show=plain, **given),
        "panels": small_multiples(
            PANELS, x="x", hue="of", panels={"value": "V", "mass": "M"},
            names={"p": "Alborz", "n": "Iran"}, show_x=str, **shares,
        ),
    }  # fmt: skip


def written(chart: Chart) -> list[str]:
    """All text in the drawing."""
    texts = chart.figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return [text.get_text() for text in texts if text.get_text()]


def axes_of(chart: Chart):
    return chart.figure.axes[0]


@pytest.mark.parametrize("lacking", ["title", "alt", "source"])
@pytest.mark.parametrize("given", ["", "  \n"])
def test_a_chart_without_words_is_refused(lacking, given):
    with pytest.raises(ValueError, match=f"a chart without {lacking} is not shown: give it one"):
        bars(BARS, label="label", y="y", show=narrative.plain, **words("fa", **{lacking: given}))


@LANGS
def test_every_form_shows_title_source_words_and_data(lang):
    for name, chart in every_form(lang).items():
        figure = html.fragment_fromstring(chart._repr_html_())
        assert figure.findtext("figcaption") == "Finding", name
        image = figure.find("img")
        assert image.get("alt") == "What is seen"
        assert image.get("src").startswith("data:image/")
        assert "IRICA" in figure.text_content()
        assert unquote(figure.find(".//a").get("href")).startswith("data:text/csv")


@LANGS
def test_the_same_data_give_the_same_bytes(lang):
    first, second = (every_form(lang) for _ in range(2))
    for name in first:
        assert first[name]._repr_html_() == second[name]._repr_html_(), name


def test_persian_charts_run_from_right_to_left():
    fa, en = (every_form(lang) for lang in ("fa", "en"))
    for name in ("bars", "paired", "lines", "shares", "matrix"):
        assert axes_of(fa[name]).xaxis_inverted(), name
        assert not axes_of(en[name]).xaxis_inverted(), name
        assert axes_of(fa[name]).yaxis.get_ticks_position() == "right", name


def test_persian_charts_have_persian_digits():
    for name, chart in every_form("fa").items():
        shown = [t for t in written(chart) if t not in ("1403", "1404", "1", "2")]
        assert not [t for t in shown if any(c in "0123456789" for c in t)], name


@LANGS
def test_missing_values_are_written_as_words(lang):
    charts = every_form(lang)
    assert MISSING[lang] in written(charts["bars"])
    assert MISSING[lang] in written(charts["paired"])
    for chart in charts.values():
        assert "nan" not in " ".join(written(chart))


def test_a_missing_value_is_no_bar_and_no_point():
    widths = [bar.get_width() for bar in axes_of(every_form("en")["bars"]).patches]
    assert [np.nan_to_num(w) for w in widths] == [3.0, -2.0, 0.0]
    ends = [line.get_ydata() for line in axes_of(every_form("en")["lines"]).lines]
    assert np.isnan(ends[1][0])


def test_bars_keep_the_order_of_the_table_from_the_top():
    axes = axes_of(every_form("en")["bars"])
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a", "b", "c"]
    assert axes.yaxis_inverted()


@LANGS
@pytest.mark.parametrize("where", ["title", "alt", "source"])
def test_hostile_words_stay_words(lang, where):
    for chart in every_form(lang, **{where: HOSTILE}).values():
        markup = chart._repr_html_()
        assert "<script" not in markup
        assert not html.fragment_fromstring(markup).xpath("//*[@onload]")


def test_hostile_labels_are_drawn_and_not_interpreted():
    table = BARS.assign(label=[HOSTILE, r"US$ and \nosuch$", "%s & <b>"])
    chart = bars(table, label="label", y="y", show=narrative.plain, **words("en"))
    assert "<script" not in chart._repr_html_()
    assert not html.fragment_fromstring(chart._repr_html_()).xpath("//script")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("x;=1+1", "x;'=1+1"),  # a cell where lists are separated so
        (";@SUM(A1)", ";'@SUM(A1)"),
        ("", ""),
        ("plain", "plain"),
        ("a; b", "a; b"),
        ("گمرک", "گمرک"),
        ("a=1", "a=1"),
    ],
)
def test_no_text_of_a_csv_starts_a_formula(text, expected):
    rows = pd.DataFrame({"a": [text]})
    assert safe_csv(rows).splitlines()[1].strip('"') == expected


def test_numbers_of_a_csv_stay_numbers_and_missing_stays_empty():
    rows = pd.DataFrame({"a": [-1.5, NAN], "b": ["x", None]})
    assert safe_csv(rows) == "a,b\n-1.5,x\n,\n"


def test_no_heading_of_a_csv_starts_a_formula():
    assert safe_csv(pd.DataFrame({"=cmd()": [1]})).startswith("'=cmd()")


def test_the_data_of_a_chart_are_unrounded():
    table = pd.DataFrame({"label": ["a"], "y": [1234.5678]})
    chart = bars(table, label="label", y="y", show=narrative.plain, **words("en"))
    assert "1234.5678" in unquote(chart._repr_html_())


def test_drawing_does_not_pile_up_figures_or_change_the_table():
    from matplotlib import pyplot

    before = BARS.copy()
    every_form("fa")
    assert pyplot.get_fignums() == []
    pd.testing.assert_frame_equal(BARS, before)


def test_all_text_is_in_the_one_font():
    for name, chart in every_form("fa").items():
        texts = chart.figure.findobj(lambda artist: hasattr(artist, "get_family"))
        assert {family for text in texts for family in text.get_family()} == {figures.FAMILY}, name


def test_the_charts_of_the_notebooks_take_a_language_and_a_source():
    charts = [
        function
        for name, function in inspect.getmembers(figures, inspect.isfunction)
        if inspect.signature(function).return_annotation in SHOWN and name not in FORMS
    ]
    assert len(charts) > 12
    for chart in charts:
        asked = inspect.signature(chart).parameters
        assert {"lang", "source"} <= set(asked), chart.__name__


SHOWN = ("forms.Chart", "forms.Chart | narrative.Html", "forms.Chart | Html")
FORMS = {
    name
    for name, form in inspect.getmembers(figures.forms, inspect.isfunction)
    if form.__module__ == "helpers.figures.forms"
}


@LANGS
def test_panels_are_read_in_the_direction_of_the_language_on_one_scale(lang):
    panels = every_form(lang)["panels"].figure.axes
    headings = [axes.get_title() for axes in panels]
    assert headings == (["V", "M"] if lang == "en" else ["M", "V"])
    assert len({axes.get_ylim() for axes in panels}) == 1


@LANGS
def test_the_turn_from_weight_to_value_needs_two_years(lang):
    indexes = ("value_index", "mass_index", "unit_value_index", "price_index")
    years = pd.DataFrame({"year_sh": [1403, 1404], **{name: [1.0, 1.2] for name in indexes}})
    told = {"place": "Alborz", "source": "IRICA"}
    chart = figures.weight_to_value(years, years, lang, **told)
    assert len(chart.figure.axes) == 4
    for rows in (years.head(1), None):
        assert "wb-doubt" in figures.weight_to_value(rows, years, lang, **told)


@pytest.mark.parametrize(
    ("form", "under"),
    [("shares", lambda axes: [bar.get_facecolor() for bar in axes.patches]),
     ("matrix", lambda axes: axes.collections[0].get_facecolors()[[0, 1, 3]])],
)  # fmt: skip
def test_words_on_colour_stand_out_as_far_as_they_can(form, under):
    axes = axes_of(every_form("en")[form])

    def luminance(colour):
        parts = np.array(to_rgb(colour))
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return linear @ (0.2126, 0.7152, 0.0722) + 0.05

    def contrast(one, other):
        return max(luminance(one), luminance(other)) / min(luminance(one), luminance(other))

    colours = under(axes)
    best = [max(contrast("white", c), contrast(INK, c)) for c in colours]
    pairs = zip(axes.texts, colours, strict=True)
    assert [contrast(text.get_color(), c) for text, c in pairs] == pytest.approx(best)

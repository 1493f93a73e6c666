"""Charts and tables of facts: every form draws; words stay words; nothing missing is a number."""

import itertools
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from lxml import html
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.text import Text

from helpers.periods import parse_period
from helpers.telling import charts, numbers, tables
from helpers.telling import page as pages
from helpers.telling.page import Fact, Page

NAN = float("nan")
HOSTILE = '<script>alert(1)</script> & "x" $a_b$'
PAIR = {"fa": "یافته", "en": "Finding"}
LANGS = pytest.mark.parametrize("lang", ["fa", "en"])

PLACES = pd.DataFrame({"province": ["alborz", "tehran", "qom"], "v": [3.0, -2.0, NAN]})
SIDES = pd.DataFrame({"province": ["alborz", "tehran"], "a": [0.2, NAN], "b": [0.3, 0.1]})
STEPS = pd.DataFrame(
    {"part": ["reference", "mix", "exit", "province"], "amount": [100.0, 50.0, -30.0, 120.0]}
).assign(is_total=[True, False, False, True])
YEARS = pd.DataFrame(
    {
        "period": ["1402", "1403", "1404M01-10"] * 2,
        "scope": ["alborz"] * 3 + ["rest_of_nation"] * 3,
        "v": [1.0, NAN, 3.0, 2.0, 2.0, 2.0],
    }
)
CELLS = pd.DataFrame(
    {"hs4_code": ["3004", "3004", "0406"], "partner_iso3": ["IRQ", "CHN", "IRQ"], "v": [1e6, 5, 2]}
)
STRIP = pd.DataFrame({"province": ["alborz", "tehran", "qom", "fars"], "v": [5.0, 5.1, NAN, 1.0]})
FAN = pd.DataFrame(
    {"month": [1, 2, 3], "v": [1.0, 2.0, NAN], "mid": [NAN, NAN, 3.0], "lo": NAN, "hi": NAN}
)
FAN.loc[2, ["lo", "hi"]] = [2.0, 4.0]

FORMS = {
    "bars": (PLACES, {"label": "province", "values": ["v"]}),
    "dumbbell": (SIDES, {"label": "province", "values": ["a", "b"], "show": "share"}),
    "steps": (STEPS, {"form": "bars", "label": "part", "values": ["amount"]}),
    "strip": (STRIP, {"label": "province", "values": ["v"]}),
    "lines": (YEARS, {"x": "period", "hue": "scope", "values": ["v"]}),
    "panels": (YEARS, {"x": "period", "hue": "scope", "values": ["v"]}),
    "fan": (
        FAN,
        {"form": "lines", "x": "month", "values": ["v", "mid"], "bands": [["lo", "hi"]]},
    ),
    "matrix": (CELLS, {"label": "hs4_code", "x": "partner_iso3", "values": ["v"]}),
}
LONG = {
    "reference": {"fa": "سایر استان‌ها", "en": "The other provinces"},
    "mix": {"fa": "کالاهایی که تنها سایر استان‌ها صادر کرده‌اند", "en": "Only the others export"},
    "exit": {"fa": "ارزش واحد کالاهای مشترک", "en": "Unit values of common goods"},
}
NAMES = dict.fromkeys(("reference", "mix", "exit", "province", "a", "b", "v", "mid", "lo"), PAIR)


def drawn(form, lang="en", rows=None, **words):
    """A chart of one form; `words` stand in for its title and alternative text."""
    usual, usually = FORMS[form]
    given = words.pop("given", usually)
    names = NAMES if given is usually else LONG
    table = {form: {"form": form, **given, "names": names}, "title": PAIR, "alt": PAIR}
    table |= {name: {"fa": word, "en": word} for name, word in words.items() if name != "source"}
    fact, page = Fact("try.chart", "known"), Page("alborz", parse_period("1404"), lang, "customs")
    page = Page("alborz", page.period, lang, words.get("source", "customs"))
    with pytest.MonkeyPatch.context() as patch:
        for module in (pages, charts):
            patch.setattr(module, "question_words", lambda _: table)
        return charts.draw(fact, usual if rows is None else rows, page, name=form)


EVERY = pytest.mark.parametrize("form", list(FORMS))


def test_every_form_is_tried():
    assert set(charts.FORMS) <= set(FORMS)


def texts(chart):
    found = chart.figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return [text.get_text() for text in found if text.get_text()]


@LANGS
@EVERY
def test_a_form_draws_in_both_languages_with_title_words_source_and_data(form, lang):
    figure = html.fragment_fromstring(drawn(form, lang).markup())
    assert figure.findtext("figcaption") == PAIR[lang]
    assert figure.find("img").get("alt") == PAIR[lang]
    assert figure.find("img").get("src").startswith("data:image/svg+xml,")
    assert "customs" in figure.text_content()
    assert unquote(figure.find(".//a").get("href")).startswith("data:text/csv")


@EVERY
def test_the_same_data_give_the_same_bytes(form):
    assert drawn(form).drawn() == drawn(form).drawn()


@EVERY
def test_persian_charts_have_persian_digits_and_no_nan(form):
    shown = " ".join(texts(drawn(form, "fa")))
    assert not any(digit in shown for digit in "0123456789")
    assert "nan" not in " ".join(texts(drawn(form)))


@EVERY
@pytest.mark.parametrize("where", ["title", "alt", "source"])
def test_hostile_words_stay_words(form, where):
    markup = drawn(form, **{where: HOSTILE}).markup()
    assert "<script" not in markup
    assert HOSTILE in html.fragment_fromstring(markup).text_content() or where == "alt"


@pytest.mark.parametrize("lacking", ["title", "alt", "source"])
def test_a_chart_without_words_is_refused(lacking):
    with pytest.raises(ValueError, match=f"a chart without {lacking} is not shown"):
        drawn("bars", **{lacking: " "})


def test_without_a_known_amount_there_is_no_chart():
    assert drawn("bars", rows=PLACES.assign(v=NAN)) == ""
    assert drawn("bars", rows=PLACES.head(0)) == ""


def test_a_missing_value_is_no_bar_but_is_named_missing():
    chart = drawn("bars")
    widths = [bar.get_width() for bar in chart.figure.axes[0].patches]
    assert [np.nan_to_num(width) for width in widths] == [3.0, -2.0, 0.0]
    assert numbers.MISSING["en"] in texts(chart)


def test_number_and_time_run_from_left_to_right_in_both_languages():
    for form in ("bars", "lines", "steps"):
        assert not drawn(form, "fa").figure.axes[0].xaxis_inverted()


def test_the_steps_of_a_waterfall_begin_where_the_last_ended():
    bars = drawn("steps").figure.axes[0].patches
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars]
    assert ends == [(0.0, 100.0), (100.0, 150.0), (150.0, 120.0), (0.0, 120.0)]


@pytest.mark.parametrize("n_months", ["01", "10"])
def test_the_first_months_of_a_year_are_marked_on_its_axis_however_many(n_months):
    rows = YEARS.assign(period=["1402", "1403", f"1404M01-{n_months}"] * 2)
    chart = drawn("panels", rows=rows)
    assert "1404*" in texts(chart)
    assert chart.figure.axes[0].get_position().height > 0.3, "room for its curve"


def test_a_strip_with_one_far_out_is_drawn_on_a_log_scale():
    """The others would stand in one place else."""
    near = []
    for far in (5.2, 900.0):
        axes = drawn("strip", rows=STRIP.assign(v=[5.0, far, 4.0, 6.0])).figure.axes[0]
        (places,) = [line.get_ydata() for line in axes.lines if len(line.get_ydata()) == 3]
        heights = axes.transAxes.inverted().transform(
            axes.transData.transform([(0, place) for place in places])
        )[:, 1]
        near.append(float(np.ptp(np.sort(heights)[:2])))
    assert min(near) > 0.05


PEOPLE = ["IRQ", "ARE", "CHN", "TUR", "AFG", "AZE"]
YEARS_OF_ALL = [*map(str, range(1400, 1404)), "1404M01-10"]
MANY = ["alborz", "tehran", "qom", "fars", "yazd", "khuzestan", "azarbaijan_east", "bushehr"]
WAVES = 6 + 5 * np.sin(np.arange(30) ** 2)
"""Amounts that rise and fall by turns."""
CROWDED = {
    "bars": (
        pd.DataFrame({"partner_iso3": PEOPLE, "v": [12.3e6, 8e6, 5e5, -1.2e6, -4e6, -13.1e6]}),
        {"label": "partner_iso3", "values": ["v"], "show": "USD", "colour": "sign"},
    ),
    "dumbbell": (
        pd.DataFrame({"partner_iso3": PEOPLE[:3], "a": [0.12, 0.15, 0.3], "b": [0.3, 0.15, 0.02]}),
        {"label": "partner_iso3", "values": ["a", "b"], "show": "share"},
    ),
    "steps": (
        STEPS,
        {"form": "bars", "label": "part", "values": ["amount"], "unit": "usd_per_tonne"},
    ),
    "strip": (
        pd.DataFrame({"province": MANY, "v": [805, 1016, 796, 612, 498, 475, 424, 90.0]}).assign(
            is_named=True
        ),
        {"label": "province", "values": ["v"], "unit": "usd_per_tonne"},
    ),
    "lines": (
        pd.DataFrame({"period": YEARS_OF_ALL * 2, "v": WAVES[:10]}).assign(
            scope=["alborz"] * 5 + ["rest_of_nation"] * 5
        ),
        {"x": "period", "hue": "scope", "values": ["v"], "show": "decimal"},
    ),
    "panels": (
        pd.DataFrame({"period": YEARS_OF_ALL * 6, "v": 1e6 * WAVES}).assign(
            partner_iso3=np.repeat(PEOPLE, 5)
        ),
        {"x": "period", "hue": "partner_iso3", "values": ["v"], "show": "million"},
    ),
    "matrix": (
        pd.DataFrame({"partner_iso3": PEOPLE * 2, "v": 1e6 * WAVES[:12]}).assign(
            hs4_code=np.repeat(["3004", "0406"], 6)
        ),
        {"label": "hs4_code", "x": "partner_iso3", "values": ["v"], "show": "million"},
    ),
}


def boxes(figure):
    """Words -> left, bottom, right, top of where they stand, without the air above and below."""
    # dpi is 72: a point is a pixel here. Marks of an axis beyond its ends are not drawn.
    beyond = {
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for mark, label in zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=False)
        if not min(axis.get_view_interval()) <= mark <= max(axis.get_view_interval())
    }
    found = []
    for label in figure.findobj(Text):
        if label.get_visible() and label.get_text().strip() and label not in beyond:
            box = label.get_window_extent()
            air = 0.25 * box.height
            found.append((label.get_text(), box.x0, box.y0 + air, box.x1, box.y1 - air))
    return found


def strokes(axes):
    """Every line, mark and edge of bars as points that lie close, but for the grid."""
    drawn_lines = [line for line in axes.lines if line.get_linestyle() != "None"]
    paths = [axes.transData.transform(line.get_xydata()) for line in drawn_lines]
    for lines_ in axes.collections:
        if isinstance(lines_, LineCollection) and charts.GRID not in map(
            to_hex, lines_.get_colors()
        ):
            paths += [axes.transData.transform(path) for path in lines_.get_segments()]
    dense = [np.linspace(a, b, 60) for path in paths for a, b in itertools.pairwise(path)]
    return np.concatenate([*dense, np.empty((0, 2))])


@LANGS
@pytest.mark.parametrize("form", list(CROWDED))
def test_every_word_of_a_chart_is_large_enough_inside_and_touches_nothing(form, lang):
    rows, given = CROWDED[form]
    figure = drawn(form, lang, rows, given=given).figure
    FigureCanvasAgg(figure).draw()
    assert min(text.get_fontsize() for text in figure.findobj(Text)) * 4 / 3 >= 11
    words = boxes(figure)
    assert len(words) > 3
    outside = [
        word
        for word, left, low, right, high in words
        if left < 0 or low < 0 or right > figure.bbox.width or high > figure.bbox.height
    ]
    assert outside == []
    for (one, a0, b0, a1, b1), (other, c0, d0, c1, d1) in itertools.combinations(words, 2):
        assert a1 <= c0 or c1 <= a0 or b1 <= d0 or d1 <= b0, (one, other)
    for x, y in np.concatenate([strokes(axes) for axes in figure.axes]):
        assert [w for w, a, b, c, d in words if a < x < c and b < y < d] == []


# Tables

COLUMNS = {
    "province": {"fa": "استان", "en": "Province"},
    "value_usd": {"fa": "ارزش", "en": "Value", "unit": "USD", "scale": 1e6, "decimals": 1},
    "growth_share": {"fa": "رشد", "en": "Growth", "unit": "1"},
    "net_mass_kg": {"fa": "وزن", "en": "Weight", "unit": "kg"},
}
ROWS = pd.DataFrame(
    {
        "province": ["alborz", "tehran", "qom"],
        "value_usd": [1_234_560.0, 0.0, NAN],
        "growth_share": pd.Series([8.16, "new", -0.05], dtype="object"),
        "net_mass_kg": NAN,
    }
)


def table(rows=ROWS, lang="en", **form):
    words = {"table": {"columns": COLUMNS, **form}, "heading": PAIR}
    with pytest.MonkeyPatch.context() as patch:
        for module in (pages, tables):
            patch.setattr(module, "question_words", lambda _: words)
        page = Page("alborz", parse_period("1404"), lang, "customs")
        return tables.table(Fact("try.table", "known"), rows, page)


def cells(made):
    rows = html.fragment_fromstring(made.markup).xpath(".//tbody/tr")
    return [[cell.text_content() for cell in row] for row in rows]


def test_codes_become_names_zero_a_dash_and_missing_a_word():
    first = [row[:2] for row in cells(table())]
    assert first == [["Alborz", "1.2"], ["Tehran", "–"], ["Qom", "n/a"]]
    assert "“–” means zero." in table().notes


def test_growth_of_several_hundred_per_cent_and_from_nothing_is_told_otherwise():
    assert [row[2] for row in cells(table())] == ["9.2 times", "new", "−5.0%"]


def test_a_column_of_which_nothing_is_known_is_left_out():
    assert "net_mass_kg" not in table().frame
    assert len(cells(table())[0]) == 3


def test_a_table_without_rows_is_nothing_and_a_cut_one_says_so():
    assert table(ROWS.head(0)) == ""
    assert "2 of 3 rows are shown." in table(n=2).notes


def test_the_numbers_of_a_table_can_be_traced():
    number = html.fragment_fromstring(table().markup).xpath(".//data")[0]
    assert (number.get("value"), number.get("data-scope")) == ("1234560.0", "alborz")


def test_persian_tables_have_persian_digits():
    shown = html.fragment_fromstring(table(lang="fa").markup).find(".//tbody").text_content()
    assert not any(digit in shown for digit in "0123456789")


SAFE = [
    ("=1+1", "'=1+1"),
    ("+1", "'+1"),
    ("-1", "'-1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\tx", "'\tx"),
    ("＝1+1", "'＝1+1"),  # full-width, as a Japanese keyboard has it
    ("\u2060 \xa0=1", "'\u2060 \xa0=1"),  # behind what is not seen
    ("x;\u200f＝1", "x;'\u200f＝1"),
    ("x;=1+1", "x;'=1+1"),  # a cell where lists are separated so
    ("a; b", "a; b"),
    ("گمرک", "گمرک"),
    ("a=1", "a=1"),
]


@pytest.mark.parametrize(("text", "expected"), SAFE)
def test_no_text_of_a_csv_starts_a_formula(text, expected):
    assert tables.safe_csv(pd.DataFrame({"a": [text]})).splitlines()[1].strip('"') == expected


def test_numbers_of_a_csv_stay_numbers_missing_empty_and_headings_harmless():
    rows = pd.DataFrame({"=a": [-1.5, NAN], "b": ["x", None]})
    assert tables.safe_csv(rows) == "'=a,b\n-1.5,x\n,\n"

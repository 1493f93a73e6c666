"""Charts as data: a fact and its rows in, a drawing with title, alternative text and source out.

The form of a chart stands beside the words of its question:

    [mix.chart]
    form = "dumbbell"
    label = "partner_iso3"
    values = ["share_in_nation", "share_in_province"]
    show = "share"

A chart is drawn once, as wide as a phone of 360 pixels shows it at its own size, which is also a
half-page of print: names stand above their bars, nothing scrolls, no letter is below 11 pixels
there. What is written is measured before it is placed, so that no label touches a line or another.
Number and time axes run left to right in both languages. Colour means one thing: the province, the
nation, or neither; a rise is filled and a fall is hollow, or they differ by side and sign.
matplotlib 3.11 shapes Persian itself, so no text is reshaped here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from itertools import count, pairwise
from typing import Any, NamedTuple
from urllib.parse import quote

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

from helpers.schema import SECTORS, USES, Lang
from helpers.telling import fonts, numbers
from helpers.telling.page import Fact, Html, Page, name_of, question_words, text, unanswered
from helpers.telling.tables import TABLE_MIME, named_code, source_line, table_data

PROVINCE, NATION, REST, INK, GRID = "#b5471b", "#33566b", "#9fb2bf", "#22282d", "#d9dee2"
PARTS = ("#4f6d3a", "#8a8f3a", "#7a5c8e", "#c9a227", "#5f8a8b", REST)
"""The parts of a whole, which are neither the province nor the nation, in their order."""
PART_COLOURS = {
    **dict(zip((*SECTORS, "none"), PARTS, strict=True)),
    **dict(zip(USES[:-1], PARTS, strict=False)),
    **dict.fromkeys(("not_assigned", "other", "others"), REST),
}
DARK = {PROVINCE: "#f0875a", NATION: "#7fa9c2", REST: "#6f828f", INK: "#e7e9ea", GRID: "#3a444b"}
"""What each colour becomes where the reader's screen is dark."""
WIDTH_IN = 3.35
_SMALL, _USUAL = 8.5, 9.0
_WIDE = 72 * WIDTH_IN - 4
"""Axes without labels at their sides, in points as all below."""
_PITCH = 28.0
"""From a row to the next: its name, and its bar below it."""
_BAR, _NAMED = 0.38, 0.7
"""How high a bar is, and where the name above its middle ends, in rows."""
_APART = 7.0
TEXT = {
    "font.family": fonts.FAMILIES,
    "font.size": 9.5,
    "text.parse_math": False,  # A dollar sign in a name is a dollar sign.
    "svg.fonttype": "path",
    "svg.hashsalt": "workbench",  # The same data give the same bytes.
}
"""Settings under which every text of a chart is made and drawn; an analyst's own stay theirs."""

SHOW: dict[str, Callable[[float, Lang], str]] = {
    "plain": numbers.plain,
    "decimal": lambda value, lang: numbers.plain(value, lang, 1),
    "share": numbers.share,
    "share_fine": lambda value, lang: numbers.share(value, lang, 2),
    "points": lambda value, lang: numbers.plain(100 * value, lang, 1),
    "ratio": lambda value, lang: numbers.plain(value, lang, 2),
    "million": lambda value, lang: numbers.plain(value / 1e6, lang, 1),
    "billion": lambda value, lang: numbers.plain(value / 1e9, lang, 1),
    "thousand_tonnes": lambda value, lang: numbers.plain(value / 1e6, lang, 1),
    "USD": lambda value, lang: numbers.amount(value, "USD", lang),
    "kg": lambda value, lang: numbers.amount(value, "kg", lang),
    "USD/t": lambda value, lang: numbers.amount(value, "USD/t", lang),
}
"""How a chart writes an amount: `million` divides dollars, `share` a fraction of 1, and a unit is
written after the amount, in the scale that it calls for."""


@dataclass(frozen=True)
class Form:
    """The form of a chart, as its TOML table gives it.

    Attributes:
        form: which of `FORMS`.
        label: the column that names a bar, dot or cell; codes of a known kind become names.
        values: the columns of amounts; two for a dumbbell, several for stacked parts or panels.
        x: the column of time, or the columns of a matrix.
        hue: the column that tells lines or groups apart.
        show: which of `SHOW` writes an amount.
        unit: the unit above the chart: a key of `units` in common.toml; empty for none. With
            `_compared` at its end, by the month where averages of months are compared.
        colour: `province`, `nation`, `sign` (rise and fall), or the name of a boolean column
            whose true rows stand out.
        names: what values, hues or parts are called, fa and en, where not by themselves.
        bands: low and high column of each band of a fan, the widest first.
        n: how many rows are drawn at most; 0 is all.
        low: where the amount axis begins, where not at 0 (`free` lets matplotlib choose,
            `rank` turns 1 up).
    """

    form: str
    label: str = ""
    values: Sequence[str] = ()
    x: str = ""
    hue: str = ""
    show: str = "plain"
    unit: str = ""
    colour: str = "province"
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    bands: Sequence[Sequence[str]] = ()
    n: int = 0
    low: str = ""

    def name(self, key: str, page: Page) -> str:
        """What a value, hue or part is called on this chart."""
        if key in self.names:
            return self.names[key][page.lang].format(place=page.place)
        if key in ("province", page.province) or key.endswith("_province"):
            return page.place
        if key in ("nation", "rest_of_nation") or key.endswith("_nation"):
            is_scope = key in ("nation", "rest_of_nation")
            return numbers.scope_name(key if is_scope else "nation", page.lang)
        return name_of(self.hue or "", key, page.lang)

    def written(self, value: float, page: Page) -> str:
        """An amount as this chart writes it."""
        return SHOW[self.show](value, page.lang)


@dataclass(frozen=True)
class Chart:
    """A drawing with everything a page needs to show it to anybody.

    Attributes:
        figure: the matplotlib figure.
        title: the finding, as a sentence without its full stop.
        alt: what a sighted reader sees, in words.
        source: where the data come from.
        frame: the tidy table behind the drawing.
        lang: the language of all of these.
        columns: heading and unit of each column of `named`.
        named: `frame` with what its codes are called; None is as it is.
    """

    figure: Figure
    title: str
    alt: str
    source: str
    frame: pd.DataFrame
    lang: Lang
    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    named: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        for name in ("title", "alt", "source"):
            if not getattr(self, name).strip():
                raise ValueError(f"a chart without {name} is not shown: give it one")

    @mpl.rc_context(TEXT)
    def drawn(self, form: str = "svg") -> bytes:
        """The drawing alone as `svg` or `png`; the same data give the same bytes."""
        target = io.BytesIO()
        if form == "png":
            self.figure.savefig(
                target, format="png", dpi=200, facecolor="white", metadata={"Software": None}
            )
            return target.getvalue()
        # Not by `savefig`: it first draws all for nothing, for layouts that are not ours.
        # No date, for the same bytes.
        FigureCanvasSVG(self.figure).print_svg(target, metadata={"Date": None})
        return _with_dark(target.getvalue())

    def image(self) -> str:
        """The drawing as a data URL of SVG; its colours follow the reader's light or dark."""
        svg = quote(self.drawn("svg").decode(), safe="/:;=,+()'!*?@$ ~-._")
        return "data:image/svg+xml," + svg

    def markup(self) -> Html:
        """The figure with title, picture, source and data, as a page shows it."""
        width, height = (round(96 * inches) for inches in self.figure.get_size_inches())
        return Html(
            f'<figure class="wb-chart"><figcaption>{escape(self.title)}</figcaption>'
            f'<img src="{escape(self.image())}" alt="{escape(self.alt)}" '
            f'width="{width}" height="{height}">'
            f'<p class="wb-source">{source_line(self.source, self.frame, self.lang)}</p></figure>'
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        rows = self.frame if self.named is None else self.named
        columns = self.columns or {name: (name, "") for name in rows}
        data = table_data(self.title, self.source, columns, rows, "")
        return {"text/html": str(self.markup()), TABLE_MIME: data}


def draw(fact: Fact, rows: pd.DataFrame, page: Page, *, name: str = "chart") -> Chart | Html:
    """The rows as the chart of a fact.

    Args:
        fact: whose `title` and `alt` the chart bears, and whose words hold the form.
        rows: what is drawn, in the order it is read; missing amounts leave a gap.
        page: language, place and source.
        name: which form, where a question has several charts (`chart`, `path`, …); its title and
            alternative text are `title` and `alt`, or the forms that its table names.

    Returns:
        The chart; of a missing fact, the line that says so; without a known amount, nothing.
    """
    if fact.is_missing:
        return unanswered(fact, page)
    table = dict(question_words(fact)[name])
    titles = [table.pop(key, key) for key in ("title", "alt")]
    form = Form(**table)
    rows = rows.head(form.n) if form.n else rows
    amounts = rows[[column for column in form.values if column in rows]]
    if rows.empty or not amounts.notna().any(axis=None):
        return Html("")
    with mpl.rc_context(TEXT):
        figure = FORMS[form.form](rows, form, page)
    title, alt = (text(fact, form_of, page) for form_of in titles)
    kept = [c for c in dict.fromkeys((form.label, form.x, form.hue, *form.values)) if c in rows]
    bands = {column: band for band in form.bands for column in band}
    frame = rows[[*kept, *bands]]
    columns = {column: _headed(column, form, bands, page) for column in frame}
    named = frame.assign(**{
        column: [form.name(str(code), page) if str(code) in form.names or column == form.hue
                 else named_code(column, code, page.lang) for code in frame[column]]
        for column in (form.label, form.x, form.hue) if column in frame
    })  # fmt: skip
    return Chart(figure, title, alt, page.source, frame, page.lang, columns, named)


_UNITS = {
    **dict.fromkeys(("share", "share_fine"), "1"), "points": "point", "kg": "kg",
    **dict.fromkeys(("million", "billion", "USD"), "USD"), "USD/t": "USD/t",
    "thousand_tonnes": "kg",
}  # fmt: skip
"""Unit of the amounts behind a chart, by how it writes them."""


def _headed(
    column: str, form: Form, bands: Mapping[str, Sequence[str]], page: Page
) -> tuple[str, str]:
    """What a column of the data behind a chart is called, and its unit."""
    terms = numbers.words_of("common")["columns"]
    if column in (form.label, form.x, form.hue):
        return terms[column][page.lang], ""
    unit = _UNITS.get(form.show) or ("USD/t" if form.unit == "usd_per_tonne" else "")
    if column in bands:
        low = bands[column][0]
        return (
            f"{form.name(low, page)}: {terms['low' if column == low else 'high'][page.lang]}",
            unit,
        )
    is_known = column not in form.names and len(form.values) == 1
    name = numbers.measure_name(column, page.lang) if is_known else form.name(column, page)
    return name or terms["amount"][page.lang], unit


def bars(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Horizontal bars in the order of the rows, each named above and with its amount at its end.

    Coloured by `sign`, a rise is filled and a fall is hollow.
    """
    figure, axes = _canvas()
    amounts = rows[form.values[0]].to_numpy(float)
    at, ends = np.arange(len(rows)), np.nan_to_num(amounts)
    edges = _colours(rows, form)
    is_hollow = (form.colour == "sign") & (ends < 0)
    filled = ["none" if hollow else edge for hollow, edge in zip(is_hollow, edges, strict=True)]
    axes.barh(at, amounts, color=filled, edgecolor=edges, lw=1.2, height=_BAR)
    labels = [(end, y, form.written(value, page), end >= 0)
              for end, y, value in zip(ends, at, amounts, strict=True)]  # fmt: skip
    _write_beside(axes, [0, *ends], labels)
    return _finish_rows(figure, axes, rows, form, page)


def dumbbell(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Two dots on a line: before and now, or nation and province; the second is the province's."""
    figure, axes = _canvas()
    at = np.arange(len(rows))
    first, second = (rows[column].to_numpy(float) for column in form.values)
    axes.hlines(at, np.fmin(first, second), np.fmax(first, second), color=REST, lw=2.5, zorder=1)
    sides = ((first, REST if "before" in form.values[0] else NATION), (second, PROVINCE))
    for (amounts, colour), column in zip(sides, form.values, strict=True):
        axes.plot(amounts, at, "o", color=colour, markersize=7, label=form.name(column, page))
    labels = []
    for y, (one, other) in enumerate(zip(first, second, strict=True)):
        is_right = [np.isnan(other) or one > other, np.isnan(one) or other >= one]
        both = zip((one, other), is_right, strict=True)
        labels += [(v, y, form.written(v, page), bool(r)) for v, r in both if not np.isnan(v)]
    _write_beside(axes, [label[0] for label in labels], labels)
    return _finish_rows(figure, axes, rows, form, page, legend=True)


def waterfall(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """From a first to a last total over the parts between them, each from where the last ended.

    Rows: `label` (a key of `names`), the amount, and `is_total` of the first and last.
    """
    figure, axes = _canvas()
    amounts = rows[form.values[0]].to_numpy(float)
    is_total = rows["is_total"].to_numpy(bool)
    ends, starts, running = np.zeros(len(rows)), np.zeros(len(rows)), 0.0
    for i, value in enumerate(amounts):
        starts[i] = 0.0 if is_total[i] else running
        running = ends[i] = value if is_total[i] else running + value
    # A total bears the colour of whom it is of; a rise is filled and a fall is hollow.
    is_nation = rows[form.label].isin(["reference", "nation"]).to_numpy()
    whose = np.where(is_nation, NATION, PROVINCE)
    filled = np.where(is_total, whose, np.where(amounts >= 0, REST, "none"))
    edges = np.where(is_total, whose, REST)
    at = np.arange(len(rows))
    axes.barh(at, ends - starts, left=starts, color=filled, edgecolor=edges, lw=1.2, height=_BAR)
    # Towards the next bar, not through its name.
    axes.vlines(
        ends[:-1], at[:-1] + _BAR / 2, at[:-1] + _BAR / 2 + 0.07, color=REST, lw=0.8, zorder=0
    )
    signs = [
        "" if total or value < 0 else "+" for total, value in zip(is_total, amounts, strict=True)
    ]
    labels = [
        (max(start, end), y, sign + form.written(value, page), True)
        for start, end, y, sign, value in zip(starts, ends, at, signs, amounts, strict=True)
    ]
    _write_beside(axes, [0, *starts, *ends], labels)
    return _finish_rows(figure, axes, rows, form, page)


def strip(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Every row a dot on one axis; the province and the rows with `is_named` bear their names."""
    rows = rows.dropna(subset=form.values[0])
    figure, axes = _canvas()
    amounts = rows[form.values[0]].to_numpy(float)
    is_own = (rows[form.label] == page.province).to_numpy()
    # One far out would press all others together.
    is_wide = amounts.min() > 0 and amounts.max() > 8 * np.median(amounts)
    at = np.log(amounts) if is_wide else amounts
    across = 10 + (at - at.min()) / (np.ptp(at) or 1.0) * (_WIDE - 20)  # in points
    # Neighbours that would cover each other stand above one another.
    heights, last = np.zeros(len(rows)), {}
    for i in np.argsort(across):
        level = next(n for n in count() if across[i] - last.get(n, -np.inf) > 8)
        heights[i], last[level] = level * 8, across[i]
    top = heights.max() + 8
    is_named = is_own | (rows["is_named"].to_numpy(bool) if "is_named" in rows else False)
    named = rows[form.label].to_numpy()
    names = {
        i: f"{name_of(form.label, named[i], page.lang)} {form.written(amounts[i], page)}"
        for i in np.flatnonzero(is_named)
    }
    places = _below(across[list(names)], [_width(name, _SMALL, 600) for name in names.values()])
    for (i, name), (x, line) in zip(names.items(), places, strict=True):
        low, colour = -14 - 13 * line, PROVINCE if is_own[i] else INK
        axes.plot([across[i]] * 2, [heights[i] - 4, low + 7], color=REST, lw=0.6, zorder=0)
        axes.text(x, low, name, ha="center", va="center", color=colour, fontsize=_SMALL,
                  weight=600 if is_own[i] else 400)  # fmt: skip
    axes.plot(across[~is_own], heights[~is_own], "o", color=REST, markersize=6)
    axes.plot(across[is_own], heights[is_own], "o", color=PROVINCE, markersize=9)
    ticks = _ticks(amounts, is_log=is_wide)
    ticks_at = np.interp(np.log(ticks) if is_wide else ticks, np.sort(at), np.sort(across))
    axes.vlines(ticks_at, -5, top, color=GRID, lw=0.8, zorder=0)
    end = -np.inf
    for x, value in zip(ticks_at, ticks, strict=True):
        written = _ALL_ZERO.sub("", form.written(value, page))
        half = _width(written, _SMALL) / 2
        if end < x - half and x + half < _WIDE:
            axes.text(x, top + 2, written, ha="center", va="bottom", color=INK, fontsize=_SMALL)
            end = x + half + 4
    bottom = -21 - 13 * max((line for _, line in places), default=0)
    axes.set(xlim=(0, _WIDE), ylim=(bottom, top + 14), xticks=[], yticks=[])
    return _fixed(figure, axes, top + 14 - bottom, form, page)


def lines(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Lines over time, left to right, each named at its last point; `low = "rank"` turns 1 up."""
    figure, axes = _canvas(2.3)
    ticks = list(dict.fromkeys(rows[form.x]))
    place = {tick: i for i, tick in enumerate(ticks)}
    hues = list(dict.fromkeys(rows[form.hue])) if form.hue else [form.values[0]]
    ends, points = [], []
    for hue in hues:
        line = rows[rows[form.hue] == hue] if form.hue else rows
        at, amounts = line[form.x].map(place).to_numpy(), line[form.values[0]].to_numpy(float)
        colour = NATION if form.colour == "nation" else _line_colour(str(hue), hues, page)
        # Of many months the line is seen and not each point; the province's is the thicker.
        width = (2.6 if colour == PROVINCE else 1.4) if len(ticks) > 12 else 2.2
        marker = "" if len(ticks) > 12 else "o"
        axes.plot(at, amounts, color=colour, marker=marker, markersize=4, lw=width)
        known = np.flatnonzero(~np.isnan(amounts))
        written = [form.written(value, page) for value in amounts]
        is_main = colour == PROVINCE or len(hues) == 1
        chosen = known if is_main and len(ticks) <= 6 else np.unique(known[[0, -1][: len(known)]])
        if form.hue and len(known):  # Its last amount stands with its name.
            name = f"{_in_two_lines(form.name(str(hue), page))} {written[known[-1]]}"
            ends.append((at[known[-1]], amounts[known[-1]], name, colour))
            chosen = chosen[:-1]
        if form.low != "rank" and (is_main or len(hues) == 2):
            points += [(at[i], amounts[i], written[i], colour) for i in chosen]
    axes.margins(x=0.1, y=0.16)
    if form.low == "rank":
        axes.invert_yaxis()
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=2))
    elif form.low != "free":
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    _time_axis(axes, ticks, form, page)
    _amount_axis(axes.yaxis, form, page)
    beside = max((_width(name, _SMALL, 600) + 8 for *_, name, _ in ends), default=0)
    _finish(figure, axes, form, page, beside=beside)
    _label_points(axes, points, _name_ends(axes, ends))
    return figure


def panels(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """A small panel for each value of `hue`, two in a row, on one scale of time and amount."""
    hues = list(dict.fromkeys(rows[form.hue]))
    ticks = list(dict.fromkeys(rows[form.x]))
    height = (len(hues) + 1) // 2
    figure, _ = _canvas(0.2 + 0.95 * height, rows=height, columns=2)
    labels = []
    for axes, hue in zip(figure.axes, hues, strict=False):
        line = rows[rows[form.hue] == hue].set_index(form.x).reindex(ticks)
        amounts = line[form.values[0]].to_numpy(float)
        axes.fill_between(range(len(ticks)), 0, amounts, color=PROVINCE, alpha=0.16, lw=0)
        axes.plot(range(len(ticks)), amounts, color=PROVINCE, marker="o", markersize=3, lw=1.8)
        axes.set_title(form.name(str(hue), page), fontsize=_USUAL, color=INK, pad=3)
        known = np.flatnonzero(~np.isnan(amounts))
        ends = dict.fromkeys(known[[0, -1]]) if len(known) else ()
        labels.append([(i, amounts[i], form.written(amounts[i], page), INK) for i in ends])
        _time_axis(axes, ticks, form, page)
        axes.margins(x=0.15, y=0.3)
        axes.set_yticks([])
    for axes in figure.axes[len(hues) :]:
        axes.set_visible(False)
    _finish(figure, figure.axes[0], form, page)
    for axes, points in zip(figure.axes, labels, strict=False):
        _label_points(axes, points, [_Box(*axes.title.get_window_extent().extents)])
    return figure


def fan(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Known amounts as a line that opens into bands of what may come; dashed lines beside it."""
    figure, axes = _canvas(3.0)
    at = np.arange(len(rows))
    known = rows[form.values[0]]
    last = known.last_valid_index()
    joined = rows.copy()
    bounds = [column for band in form.bands for column in band[:2]]
    if last is not None and last != rows.index[-1]:
        columns = [*form.values[1:2], *bounds]
        joined.loc[last, columns] = joined.loc[last, columns].astype(float).fillna(known[last])
    for alpha, (low, high) in zip((0.16, 0.34), form.bands, strict=False):
        edges = (joined[side].to_numpy(float) for side in (low, high))
        axes.fill_between(at, *edges, color=PROVINCE, alpha=alpha, lw=0, label=form.name(low, page))
    styles = ("-", "--", ":")
    for i, column in enumerate(form.values):
        colour = PROVINCE if i < 2 else REST
        line = joined[column].to_numpy(float)
        axes.plot(at, line, styles[min(i, 2)], color=colour, lw=2, label=form.name(column, page))
    _time_axis(axes, list(rows[form.x]), form, page)
    axes.set_ylim(bottom=0)
    _amount_axis(axes.yaxis, form, page)
    return _finish(figure, axes, form, page, legend=True)


def columns(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Upright bars over time, left to right; with two values the first stands behind."""
    figure, axes = _canvas(2.2)
    at = np.arange(len(rows))
    for i, column in enumerate(form.values):
        last = i == len(form.values) - 1
        colour = NATION if column == "nation" else PROVINCE if last else REST
        width = 0.5 if last else 0.86
        amounts = rows[column].to_numpy(float)
        axes.bar(at, amounts, width=width, color=colour, label=form.name(column, page))
    axes.axhline(0, color=INK, lw=0.8)
    _time_axis(axes, list(rows[form.x]), form, page)
    _amount_axis(axes.yaxis, form, page)
    return _finish(figure, axes, form, page, legend=len(form.values) > 1)


def stacked(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Bars of equal length cut into shares that add to 1, each written inside its piece."""
    figure, axes = _canvas()
    at, left = np.arange(len(rows)), np.zeros(len(rows))
    for usual, column in zip(PARTS, form.values, strict=False):
        colour = PART_COLOURS.get(column, usual)
        shares = rows[column].fillna(0).to_numpy(float)
        name = form.name(column, page)
        axes.barh(at, shares, left=left, height=0.5, color=colour, label=name, ec="white")
        for y, start, part in zip(at, left, shares, strict=True):
            written = numbers.share(part, page.lang, 0)
            if part * _WIDE > _width(written) + 4:
                axes.text(start + part / 2, y, written, ha="center", va="center",
                          color=_ink_on(colour), fontsize=_USUAL)  # fmt: skip
        left = left + shares
    axes.set_xlim(0, 1)
    return _finish_rows(figure, axes, rows, form, page, legend=True)


def matrix(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Cells of `label`, named above them, by `x`, named at the top; each amount in its cell."""
    labels, across = (list(dict.fromkeys(rows[column])) for column in (form.label, form.x))
    figure, axes = _canvas()
    wide = _WIDE / len(across)
    heads = [name_of(form.x, code, page.lang).replace(" ", "\n") for code in across]
    is_upright = max(_width(head, _SMALL) for head in heads) > wide - 3
    heads = [head.replace("\n", " ") for head in heads] if is_upright else heads
    room = max(
        _width(head, _SMALL) if is_upright else 12 * (1 + head.count("\n")) for head in heads
    )
    for x, head in enumerate(heads):
        axes.text(x, -_NAMED - 4 / _PITCH, head, ha="center", va="bottom", color=INK,
                  fontsize=_SMALL, rotation=90 * is_upright, linespacing=0.6)  # fmt: skip
    largest = rows[form.values[0]].max()
    known = rows.dropna(subset=form.values[0])
    for code, label, amount in zip(
        known[form.x], known[form.label], known[form.values[0]], strict=True
    ):
        x, y = across.index(code), labels.index(label)
        axes.barh(y, 0.94, left=x - 0.47, height=0.48, color=NATION, lw=0,
                  alpha=0.08 + 0.42 * max(amount, 0) / (largest or 1))  # fmt: skip
        axes.text(
            x, y, form.written(amount, page), ha="center", va="center", color=INK, fontsize=_SMALL
        )
    axes.set_xlim(-0.5, len(across) - 0.5)
    named = rows.drop_duplicates(form.label)
    return _finish_rows(figure, axes, named, form, page, room=room + 4)


FORMS = {
    "bars": bars, "dumbbell": dumbbell, "waterfall": waterfall, "strip": strip, "lines": lines,
    "panels": panels, "columns": columns, "fan": fan, "stacked": stacked, "matrix": matrix,
}  # fmt: skip


# Drawing; every length is in points, of which a figure has 72 to the inch


def _canvas(height_in: float = 1.0, *, rows: int = 1, columns: int = 1) -> tuple[Figure, Axes]:
    # A Figure without pyplot: nothing is shown twice and nothing piles up in memory.
    fonts.register()
    figure = Figure(figsize=(WIDTH_IN, height_in), facecolor="none", dpi=72)
    is_grid = rows * columns > 1
    for axes in np.ravel(figure.subplots(rows, columns, sharex=is_grid, sharey=is_grid)):
        axes.spines[:].set_visible(False)
        axes.patch.set_visible(False)
        axes.tick_params(length=0, labelcolor=INK, labelsize=_SMALL)
    return figure, figure.axes[0]


@cache
def _width(words: str, size: float = _USUAL, weight: int = 400) -> float:
    """How wide words are, the widest of their lines."""
    with mpl.rc_context(TEXT):
        face = FontProperties(family=fonts.FAMILIES, size=size, weight=weight)
        sizes = [
            text_to_path.get_text_width_height_descent(w, face, False) for w in words.split("\n")
        ]
    return max(width for width, *_ in sizes)


def _colours(rows: pd.DataFrame, form: Form) -> list[str]:
    if form.colour in rows:
        return [PROVINCE if is_own else REST for is_own in rows[form.colour]]
    return [NATION if form.colour == "nation" else PROVINCE] * len(rows)


def _line_colour(hue: str, hues: Sequence, page: Page) -> str:
    if hue in ("nation", "rest_of_nation"):
        return NATION
    return PROVINCE if hue in ("province", page.province) or len(hues) == 1 else REST


def _write_beside(
    axes: Axes, amounts: Sequence[float], labels: Sequence[tuple[float, float, str, bool]]
) -> None:
    """Amounts beside the ends of bars or dots, on an axis that has room for all of them.

    Args:
        axes: as wide as `_WIDE`.
        amounts: all that is drawn.
        labels: of each the amount, the row, the words, and whether they stand at the right.
    """
    low, high = np.nanmin(amounts), np.nanmax(amounts)
    high += (high == low) * (abs(high) or 1.0)
    for _ in range(9):  # Room at one side takes from the other.
        for value, _, label, is_right in labels:
            kept = 1 - (_width(label) + _APART + 1) / _WIDE
            if is_right:
                high = max(high, low + (value - low) / kept)
            else:
                low = min(low, high - (high - value) / kept)
    # A bar's edge is drawn half outside of it.
    edge = 5 * (high - low) / _WIDE
    axes.set_xlim(low - edge, high + edge)
    for value, y, label, is_right in labels:
        axes.annotate(
            label, (value, y), xytext=(_APART if is_right else -_APART, 0),
            textcoords="offset points", va="center", ha="left" if is_right else "right",
            color=INK, fontsize=_USUAL,
        )  # fmt: skip


def _finish_rows(
    figure: Figure, axes: Axes, rows: pd.DataFrame, form: Form, page: Page, *,
    legend: bool = False, room: float = 0.0,
) -> Figure:  # fmt: skip
    """The name of each row above it, at the side where the language begins, and the layout.

    Args:
        figure: with one `axes`, a row at each whole number.
        rows: in their order, by `form.label`.
        legend: whether there is one.
        room: what is above the first row's name.
    """
    at = np.arange(len(rows))
    if form.form in ("bars", "waterfall"):  # Not through the names.
        axes.vlines(0 * at, at - _BAR / 2 - 0.04, at + _BAR / 2 + 0.04, color=INK, lw=0.8)
    side, anchor = (1, "right") if page.lang == "fa" else (0, "left")
    for y, code in enumerate(rows[form.label]):
        name = form.name(code, page) if code in form.names else name_of(form.label, code, page.lang)
        axes.text(
            side, y - 0.22, name, transform=axes.get_yaxis_transform(), ha=anchor, va="bottom",
            color=INK, fontsize=_USUAL,
        )  # fmt: skip
    axes.set(xticks=[], yticks=[])
    top, bottom = _NAMED + room / _PITCH, len(rows) - 0.72
    axes.set_ylim(bottom, -top)
    return _fixed(figure, axes, (top + bottom) * _PITCH, form, page, legend=legend)


def _fixed(
    figure: Figure, axes: Axes, height: float, form: Form, page: Page, *, legend: bool = False
) -> Figure:
    """The figure as high as its axes, its unit and its legend need."""
    above, below = _unit(figure, form, page), _legend(figure, axes, page) if legend else 0
    whole, wide = height + above + below + 2, figure.bbox.width
    figure.set_figheight(whole / 72)
    axes.set_position(
        ((wide - _WIDE) / 2 / wide, (below + 1) / whole, _WIDE / wide, height / whole)
    )
    return figure


def _finish(
    figure: Figure, axes: Axes, form: Form, page: Page, *, legend: bool = False, beside: float = 0
) -> Figure:
    """The layout of a chart with axes; `beside` is what stands at the right of them."""
    above, below = _unit(figure, form, page), _legend(figure, axes, page) if legend else 0
    # Not by its `rect`, with which the layout measures everything a second time.
    figure.tight_layout(pad=0.4)
    set_, high = figure.subplotpars, figure.bbox.height
    figure.subplots_adjust(
        top=min(set_.top, 1) - above / high, bottom=set_.bottom + below / high,
        right=min(set_.right, 1 - beside / figure.bbox.width),
    )  # fmt: skip
    for each in figure.axes:
        _thin(each)
    return figure


def _thin(axes: Axes) -> None:
    """Leaves out labels of the time axis where they would touch, the last one never."""
    labels = [label for label in axes.get_xticklabels() if label.get_text()]
    if len(labels) > 1:
        widest = max(_width(label.get_text(), _SMALL) for label in labels) + 5
        low, high = axes.get_xlim()
        step = axes.bbox.width / (high - low)
        every = next(n for n in count(1) if n * step >= widest)
        for i, label in enumerate(reversed(labels)):
            label.set_visible(i % every == 0)


def _legend(figure: Figure, axes: Axes, page: Page) -> float:
    """The legend below the axes, in two columns where they fit; how high it is."""
    handles, labels = axes.get_legend_handles_labels()
    widths = [_width(label, _SMALL) + 34 for label in labels]
    in_two = len(labels) > 1 and max(widths[::2]) + max(widths[1::2]) < figure.bbox.width
    figure.legend(
        handles, labels, loc="lower center", frameon=False, borderaxespad=0.1, fontsize=_SMALL,
        ncols=1 + in_two, markerfirst=page.lang == "en", labelcolor=INK, reverse=page.lang == "fa",
        labelspacing=0.3, columnspacing=1.0,
    )  # fmt: skip
    return figure.legends[0].get_window_extent().height + 5


def _unit(figure: Figure, form: Form, page: Page) -> float:
    """The unit above the chart, at the side where the language begins; how high it is."""
    if not form.unit:
        return 0
    unit = form.unit
    if unit.endswith("_compared"):  # as two periods compare: by the month, if they must
        unit = unit.replace("_compared", "_a_month" if page.is_by_month else "")
    side, anchor = (0.99, "right") if page.lang == "fa" else (0.01, "left")
    name = numbers.unit_name(unit, page.lang)
    figure.text(side, 0.995, name, ha=anchor, va="top", fontsize=_SMALL, color="#5b656d")
    return 18


def _below(at: np.ndarray, widths: Sequence[float]) -> list[tuple[float, int]]:
    """Where labels stand below their points: the middle of each and its line, the first on top.

    A mark that leads to a label further down passes through none.
    """
    places: dict[int, tuple[float, int]] = {}
    line = 0
    while left := [i for i in np.argsort(at) if i not in places]:
        end, before = 0.0, len(places)
        for i, last, after in zip(left, [None, *left], [*left[1:], None], strict=False):
            low = max(end, 0.0 if last is None else at[last] + 4)
            high = _WIDE if after is None else at[after] - 4
            # Where none has room, the last one takes it.
            if high - low >= widths[i] or (after is None and len(places) == before):
                middle = min(max(at[i], low + widths[i] / 2), high - widths[i] / 2)
                places[i], end = (middle, line), middle + widths[i] / 2 + 6
        line += 1
    return [places[i] for i in range(len(at))]


class _Box(NamedTuple):
    """Where something is drawn."""

    left: float
    bottom: float
    right: float
    top: float

    def touches(self, x: np.ndarray, y: np.ndarray) -> bool:
        """Whether a point is in it, or nearly."""
        near = (self.left - 2 < x) & (x < self.right + 2)
        return bool((near & (self.bottom - 2 < y) & (y < self.top + 2)).any())

    def covers(self, other: _Box) -> bool:
        """Whether the two overlap, or nearly."""
        is_across = self.left - 2 < other.right and other.left < self.right + 2
        return is_across and self.bottom < other.top and other.bottom < self.top


_AROUND = [(x, y * away) for away in (11, 14, 18, 23, 29) for x in (0, 1, -1) for y in (1, -1)]
"""Where a label may stand beside its point: sideways, and how far above or below; best first."""


def _label_points(
    axes: Axes, points: Sequence[tuple[float, float, str, str]], boxes: list[_Box]
) -> None:
    """Amounts beside points of lines, each where it touches no line, no mark and no other label.

    Args:
        axes: with its final layout.
        points: of each the place, the amount, its words and their colour.
        boxes: of what is written already; those of the labels join.
    """
    drawn = np.concatenate([_dense(axes.transData.transform(li.get_xydata())) for li in axes.lines])
    # Lines that start in one point say so once.
    for at, amount, label, colour in {point[:3]: point for point in reversed(points)}.values():
        x, y = axes.transData.transform((at, amount))
        half, best = _width(label, _SMALL) / 2, (np.inf, 0.0, 0.0, _Box(0, 0, 0, 0))
        for order, (side, away) in enumerate(_AROUND):
            across = side * (half + 1)
            box = _Box(x + across - half, y + away - 5.5, x + across + half, y + away + 5.5)
            is_out = box.left < axes.bbox.x0 - 2 or box.right > axes.figure.bbox.width
            is_out |= box.bottom < axes.bbox.y0 or box.top > axes.figure.bbox.height
            is_on = any(map(box.covers, boxes))
            cost = order / 100 + box.touches(*drawn.T) + 2 * is_on + 9 * is_out
            best = min(best, (cost, across, away, box))
        boxes.append(best[3])
        axes.annotate(
            label, (at, amount), xytext=best[1:3], textcoords="offset points", ha="center",
            va="center", color=colour, fontsize=_SMALL, annotation_clip=False,
        )  # fmt: skip


def _dense(path: np.ndarray) -> np.ndarray:
    """A path with its segments filled in with points."""
    path = path[~np.isnan(path).any(axis=1)]
    return np.concatenate([path, *(np.linspace(a, b, 40) for a, b in pairwise(path))])


def _name_ends(axes: Axes, ends: Sequence[tuple[float, float, str, str]]) -> list[_Box]:
    """Each line's name beside its last point, moved where it would cover another's; their boxes."""
    points = axes.transData.transform([end[:2] for end in ends]) if ends else []
    order = sorted(range(len(ends)), key=lambda i: points[i][1])
    halves = {i: 5.5 + 5 * ends[i][2].count("\n") for i in order}
    lowest, boxes = 0.0, []
    highest = axes.figure.bbox.height - 2 * sum(halves.values())
    for i in order:
        (x, y), (at, amount, name, colour) = points[i], ends[i]
        # Above those before it, and leaving room for those after it.
        highest += 2 * halves[i]
        middle = max(min(y, highest - halves[i]), lowest + halves[i])
        lowest = middle + halves[i]
        axes.annotate(
            name, (at, amount), xytext=(7, middle - y), textcoords="offset points",
            va="center", ha="left", color=colour, weight=600, fontsize=_SMALL,
            annotation_clip=False, linespacing=0.8,
        )  # fmt: skip
        wide = _width(name, _SMALL, 600)
        boxes.append(_Box(x + 7, middle - halves[i], x + 7 + wide, lowest))
    return boxes


def _ticks(amounts: np.ndarray, *, is_log: bool) -> np.ndarray:
    """Round amounts within those given."""
    locator = LogLocator(subs=(1, 2, 5)) if is_log else MaxNLocator(5, steps=(1, 2, 5, 10))
    ticks = np.asarray(locator.tick_values(amounts.min(), amounts.max()))
    return ticks[(ticks >= amounts.min()) & (ticks <= amounts.max())]


def _time_axis(axes: Axes, ticks: Sequence, form: Form, page: Page) -> None:
    axes.set_xticks(range(len(ticks)), [_tick(tick, form, page) for tick in ticks])


def _tick(value: Any, form: Form, page: Page) -> str:
    code = str(value)
    if code.isdigit() and form.x != "month":
        return numbers.year(int(code), page.lang)
    if form.x == "period" and "Q" in code:
        season = numbers.word("seasons", code[-1], page.lang)
        return season + (f"\n{numbers.year(int(code[:4]), page.lang)}" if code[-1] == "1" else "")
    if form.x == "period" and code[:4].isdigit():
        year, _, part = code.partition("M")
        if part.isdigit():
            month = numbers.month_name(int(part), page.lang)
            return f"{month}\n{numbers.year(int(year), page.lang)}"
        note = numbers.words_of("common")["partial_year"][page.lang] if "-" in part else ""
        return numbers.year(int(year[:4]), page.lang) + note
    return name_of(form.x, code, page.lang)


_ALL_ZERO = re.compile("[.٫][0۰]+(?![0-9۰-۹])")
"""Decimals of a round number, which the label of an axis does not need."""


def _amount_axis(axis: Any, form: Form, page: Page) -> None:
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: _ALL_ZERO.sub("", form.written(value, page)))
    )
    if form.low != "rank":
        axis.set_major_locator(MaxNLocator(5, steps=(1, 2, 5, 10)))
    axis.axes.grid(axis=axis.axis_name, color=GRID, lw=0.8)
    axis.axes.set_axisbelow(True)


def _in_two_lines(name: str, letters: int = 16) -> str:
    """A long name broken at the space nearest its middle."""
    spaces = [i for i, letter in enumerate(name) if letter == " "]
    if len(name) <= letters or not spaces:
        return name
    at = min(spaces, key=lambda i: abs(i - len(name) / 2))
    return f"{name[:at]}\n{name[at + 1 :]}"


def _ink_on(colour: str | Sequence[float]) -> str:
    """White or dark, whichever stands out more: the larger of the two contrasts of WCAG 2."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    # Contrast with white is 1.05 / (L + 0.05), with our dark ink (L + 0.05) / 0.071.
    return "white" if linear @ (0.2126, 0.7152, 0.0722) < 0.223 else INK


def _with_dark(svg: bytes) -> bytes:
    """The drawing with a style that turns its colours where the reader's screen is dark."""
    rules = "".join(
        f'[style*="{part}: {light}"]{{{part}:{dark} !important}}'
        for light, dark in {**DARK, "#5b656d": "#a9b3ba"}.items()
        for part in ("fill", "stroke")
    )
    style = f"<style>@media screen and (prefers-color-scheme: dark){{{rules}}}</style>".encode()
    head, mark, rest = svg.partition(b"<defs>")
    return head + style + mark + rest

"""Charts as data: a fact and its rows in, a drawing with title, alternative text and source out.

The form of a chart stands beside the words of its question:

    [mix.chart]
    form = "dumbbell"
    label = "partner_iso3"
    values = ["share_in_nation", "share_in_province"]
    show = "share"

A chart is drawn once, narrow enough for a phone and a half-page of print: names stand above their
bars, nothing scrolls. Number and time axes run left to right in both languages. Colour means one
thing: the province, the nation, or neither; a rise and a fall also differ by side and sign.
matplotlib 3.11 shapes Persian itself, so no text is reshaped here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import count
from typing import Any
from urllib.parse import quote

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from helpers.schema import SECTORS, USES, Lang
from helpers.telling import fonts, numbers
from helpers.telling.page import Fact, Html, Page, name_of, question_words, text, unanswered
from helpers.telling.tables import TABLE_MIME, source_line

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
WIDTH_IN = 4.0
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
        low: where the amount axis begins, where not at 0 (`free` lets matplotlib choose).
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
    """

    figure: Figure
    title: str
    alt: str
    source: str
    frame: pd.DataFrame
    lang: Lang

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
        columns = [{"name": name, "heading": name, "unit": ""} for name in self.frame.columns]
        # Made plain first: `map` would turn a missing value back into a NaN.
        values = self.frame.map(str_of_period).astype(object).where(self.frame.notna(), None)
        data = {"title": self.title, "source": self.source, "notes": "", "columns": columns}
        data["rows"] = values.to_numpy().tolist()
        return {"text/html": str(self.markup()), TABLE_MIME: data}


def str_of_period(value: Any) -> Any:
    """Plain values as they are, a period as its code."""
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


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
    bands = [column for band in form.bands for column in band]
    return Chart(figure, title, alt, page.source, rows[[*kept, *bands]], page.lang)


def bars(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Horizontal bars in the order of the rows, each named above and with its amount at its end."""
    figure, axes = _rows_canvas(len(rows))
    amounts = rows[form.values[0]].to_numpy(float)
    at = np.arange(len(rows))
    axes.barh(at, amounts, color=_colours(rows, amounts, form), height=0.38)
    _write_amounts(axes, amounts, at, form, page)
    _name_rows(axes, rows, form, page)
    return _finish(figure, axes, form, page)


def dumbbell(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Two dots on a line: before and now, or nation and province; the second is the province's."""
    figure, axes = _rows_canvas(len(rows), legend=True)
    at = np.arange(len(rows))
    first, second = (rows[column].to_numpy(float) for column in form.values)
    axes.hlines(at, np.fmin(first, second), np.fmax(first, second), color=REST, lw=2.5, zorder=1)
    sides = ((first, REST if "before" in form.values[0] else NATION), (second, PROVINCE))
    for (amounts, colour), column in zip(sides, form.values, strict=True):
        axes.plot(amounts, at, "o", color=colour, markersize=7, label=form.name(column, page))
    for y, (one, other) in enumerate(zip(first, second, strict=True)):
        for value, beyond in ((one, other), (other, one)):
            if not np.isnan(value):
                right = np.isnan(beyond) or value > beyond or (value == beyond and value is other)
                _annotate(axes, value, y, form, page, right=bool(right))
    axes.margins(x=0.22)
    _name_rows(axes, rows, form, page)
    return _finish(figure, axes, form, page, legend=True)


def waterfall(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """From a first to a last total over the parts between them, each from where the last ended.

    Rows: `label` (a key of `names`), the amount, and `is_total` of the first and last.
    """
    figure, axes = _rows_canvas(len(rows))
    amounts = rows[form.values[0]].to_numpy(float)
    is_total = rows["is_total"].to_numpy(bool)
    ends = np.where(is_total, amounts, 0.0)
    starts, running = np.zeros(len(rows)), 0.0
    for i, value in enumerate(amounts):
        starts[i] = 0.0 if is_total[i] else running
        running = value if is_total[i] else running + value
        ends[i] = running
    # A total bears the colour of whom it is of; a rise is filled and a fall is hollow.
    is_nation = rows[form.label].isin(["reference", "nation"]).to_numpy()
    whose = np.where(is_nation, NATION, PROVINCE)
    filled = np.where(is_total, whose, np.where(amounts >= 0, REST, "none"))
    edges = np.where(is_total, whose, REST)
    at = np.arange(len(rows))
    axes.barh(at, ends - starts, left=starts, color=filled, edgecolor=edges, lw=1.2, height=0.38)
    axes.vlines(ends[:-1], at[:-1], at[1:], color=REST, lw=0.6, zorder=0)
    for y, (start, end, value) in enumerate(zip(starts, ends, amounts, strict=True)):
        sign = "" if is_total[y] or value < 0 else "+"
        _annotate(axes, max(start, end), y, form, page, text=sign + form.written(value, page))
    axes.margins(x=0.18)
    _name_rows(axes, rows, form, page)
    return _finish(figure, axes, form, page)


def strip(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Every row a dot on one axis; the province and the rows with `is_named` bear their names."""
    rows = rows.dropna(subset=form.values[0])
    figure, axes = _canvas(1.9)
    amounts = rows[form.values[0]].to_numpy(float)
    is_own = (rows[form.label] == page.province).to_numpy()
    # One far out would press all others together.
    is_wide = amounts.min() > 0 and amounts.max() > 8 * np.median(amounts)
    at = np.log(amounts) if is_wide else amounts
    order, span = np.argsort(at), np.ptp(at) or 1.0
    # Neighbours that would cover each other stand a little above one another.
    heights, last = np.zeros(len(rows)), {}
    for i in order:
        level = next(n for n in count() if at[i] - last.get(n, -np.inf) > span / 28)
        heights[i], last[level] = level * 0.2, at[i]
    if is_wide:
        axes.set_xscale("log")
    axes.plot(amounts[~is_own], heights[~is_own], "o", color=REST, markersize=6)
    axes.plot(amounts[is_own], heights[is_own], "o", color=PROVINCE, markersize=9)
    named = rows["is_named"].to_numpy(bool) | is_own if "is_named" in rows else is_own
    taken: dict[int, float] = {}
    for i in (i for i in order if named[i]):
        name = name_of(form.label, rows[form.label].iloc[i], page.lang)
        label = f"{name} {form.written(amounts[i], page)}"
        half = span * 0.012 * len(label)  # about half of its width, in amounts
        line = next(n for n in count() if at[i] - half > taken.get(n, -np.inf))
        taken[line], low = at[i] + half, -0.35 - 0.28 * line
        axes.plot([amounts[i]] * 2, [heights[i] - 0.05, low + 0.1], color=REST, lw=0.6, zorder=0)
        axes.text(
            amounts[i], low, label, ha="center", va="center",
            color=PROVINCE if is_own[i] else INK, weight=600 if is_own[i] else 400, fontsize=8.5,
        )  # fmt: skip
    axes.set_ylim(-0.3 - 0.28 * (len(taken) or 1), max(0.8, heights.max() + 0.3))
    axes.set_yticks([])
    axes.margins(x=0.12)
    _amount_axis(axes.xaxis, form, page)
    return _finish(figure, axes, form, page)


def lines(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Lines over time, left to right, each named at its last point; `low = "rank"` turns 1 up."""
    figure, axes = _canvas(2.7)
    ticks = list(dict.fromkeys(rows[form.x]))
    place = {tick: i for i, tick in enumerate(ticks)}
    hues = list(dict.fromkeys(rows[form.hue])) if form.hue else [form.values[0]]
    ends = []
    for hue in hues:
        line = rows[rows[form.hue] == hue] if form.hue else rows
        at, amounts = line[form.x].map(place).to_numpy(), line[form.values[0]].to_numpy(float)
        colour = NATION if form.colour == "nation" else _line_colour(str(hue), hues, page)
        # Of many months the line is seen and not each point; the province's is the thicker.
        width = (2.6 if colour == PROVINCE else 1.4) if len(ticks) > 12 else 2.2
        marker = "" if len(ticks) > 12 else "o"
        axes.plot(at, amounts, color=colour, marker=marker, markersize=4, lw=width)
        known = np.flatnonzero(~np.isnan(amounts))
        if len(known):
            ends.append((amounts[known[-1]], at[known[-1]], str(hue), colour))
            if len(hues) <= 2 or colour == PROVINCE:
                many = len(ticks) > 6
                _label_points(axes, at, amounts, form, page, colour, ends_only=many)
    _time_axis(axes, ticks, form, page)
    if form.low == "rank":
        axes.invert_yaxis()
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    elif form.low != "free":
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    axes.margins(x=0.08)
    if form.hue:
        _name_ends(axes, ends, form, page)
    _amount_axis(axes.yaxis, form, page)
    return _finish(figure, axes, form, page)


def panels(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """A small panel for each value of `hue`, two in a row, on one scale of time and amount."""
    hues = list(dict.fromkeys(rows[form.hue]))
    ticks = list(dict.fromkeys(rows[form.x]))
    height = (len(hues) + 1) // 2
    figure = Figure(figsize=(WIDTH_IN, 0.4 + 1.15 * height), facecolor="none")
    fonts.register()
    grid = figure.subplots(height, 2, sharey=True, sharex=True, squeeze=False).ravel()
    for axes, hue in zip(grid, hues, strict=False):
        _bare(axes)
        line = rows[rows[form.hue] == hue].set_index(form.x).reindex(ticks)
        amounts = line[form.values[0]].to_numpy(float)
        axes.fill_between(range(len(ticks)), 0, amounts, color=PROVINCE, alpha=0.16, lw=0)
        axes.plot(range(len(ticks)), amounts, color=PROVINCE, marker="o", markersize=3, lw=1.8)
        axes.set_title(form.name(str(hue), page), fontsize=9, color=INK, pad=3)
        _label_points(axes, np.arange(len(ticks)), amounts, form, page, INK, ends_only=True)
        _time_axis(axes, ticks, form, page)
        axes.margins(x=0.15, y=0.25)
        axes.set_yticks([])
    for axes in grid[len(hues) :]:
        axes.set_visible(False)
    figure.tight_layout(pad=0.4)
    return _with_unit(figure, form, page)


def fan(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Known amounts as a line that opens into bands of what may come; dashed lines beside it."""
    figure, axes = _canvas(3.4)
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
    figure, axes = _canvas(2.5)
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
    figure, axes = _rows_canvas(len(rows), legend=True, legend_rows=(len(form.values) + 1) // 2)
    at, left = np.arange(len(rows)), np.zeros(len(rows))
    for usual, column in zip(PARTS, form.values, strict=False):
        colour = PART_COLOURS.get(column, usual)
        shares = rows[column].fillna(0).to_numpy(float)
        name = form.name(column, page)
        axes.barh(at, shares, left=left, height=0.5, color=colour, label=name, ec="white")
        for y, start, part in zip(at, left, shares, strict=True):
            if part >= 0.08:
                written = numbers.share(part, page.lang, 0)
                axes.text(
                    start + part / 2, y, written, ha="center", va="center", color=_ink_on(colour)
                )
        left = left + shares
    axes.set_xlim(0, 1)
    _name_rows(axes, rows, form, page)
    return _finish(figure, axes, form, page, legend=True)


def matrix(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Cells of `label` by `x`, shaded by amount, each amount written in its cell."""
    import seaborn as sns  # one chart needs it, and it takes a second to import

    labels, across = (list(dict.fromkeys(rows[column])) for column in (form.label, form.x))
    table = rows.pivot(index=form.label, columns=form.x, values=form.values[0])
    table = table.reindex(index=labels, columns=across).astype(float)
    figure, axes = _canvas(0.8 + 0.32 * len(table))
    written = table.map(lambda value: "" if pd.isna(value) else form.written(value, page))
    sns.heatmap(
        table, ax=axes, annot=written.to_numpy(str), fmt="", cbar=False, linewidths=1,
        cmap=sns.light_palette(NATION, as_cmap=True), annot_kws={"size": 8},
    )  # fmt: skip
    mesh = axes.collections[0]
    known = ~np.ma.getmaskarray(mesh.get_array()).ravel()
    for label, colour in zip(axes.texts, mesh.get_facecolors()[known], strict=True):
        label.set_color(_ink_on(colour))
    axes.set(xlabel="", ylabel="")
    axes.set_xticklabels([_short(name_of(form.x, c, page.lang)) for c in across])
    axes.set_yticklabels([_short(name_of(form.label, c, page.lang), 24) for c in labels])
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelsize=8, rotation=0)
    if page.lang == "fa":
        axes.yaxis.tick_right()
        axes.tick_params(axis="y", rotation=0)
    return _finish(figure, axes, form, page)


def scatter(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """A dot a row at (first value, second value), the rows with `is_named` named."""
    figure, axes = _canvas(3.2)
    x, y = (rows[column].to_numpy(float) for column in form.values)
    is_own = (rows[form.label] == page.province).to_numpy()
    axes.plot(x[~is_own], y[~is_own], "o", color=REST, markersize=6)
    axes.plot(x[is_own], y[is_own], "o", color=PROVINCE, markersize=9)
    named = rows.get("is_named", pd.Series(data=False, index=rows.index)).to_numpy(bool) | is_own
    for i in np.flatnonzero(named):
        name = _short(name_of(form.label, rows[form.label].iloc[i], page.lang), 24)
        axes.annotate(name, (x[i], y[i]), xytext=(0, 7), textcoords="offset points",
                      ha="center", fontsize=8.5, color=PROVINCE if is_own[i] else INK)  # fmt: skip
    axes.margins(0.15)
    for axis in (axes.xaxis, axes.yaxis):
        _amount_axis(axis, form, page)
    return _finish(figure, axes, form, page)


FORMS = {
    "bars": bars, "dumbbell": dumbbell, "waterfall": waterfall, "strip": strip, "lines": lines,
    "panels": panels, "columns": columns, "fan": fan, "stacked": stacked, "matrix": matrix,
    "scatter": scatter,
}  # fmt: skip


def _canvas(height: float) -> tuple[Figure, Axes]:
    # A Figure without pyplot: nothing is shown twice and nothing piles up in memory.
    fonts.register()
    figure = Figure(figsize=(WIDTH_IN, height), facecolor="none")
    axes = figure.subplots()
    _bare(axes)
    return figure, axes


def _bare(axes: Axes) -> None:
    axes.spines[:].set_visible(False)
    axes.patch.set_visible(False)
    axes.tick_params(length=0, labelcolor=INK, labelsize=8.5)


def _rows_canvas(n: int, *, legend: bool = False, legend_rows: int = 1) -> tuple[Figure, Axes]:
    return _canvas(0.45 + 0.46 * n + (0.15 + 0.2 * legend_rows) * legend)


def _colours(rows: pd.DataFrame, amounts: np.ndarray, form: Form) -> list[str]:
    if form.colour == "sign":
        return [PROVINCE if amount >= 0 else NATION for amount in amounts]
    if form.colour in rows:
        return [PROVINCE if is_own else REST for is_own in rows[form.colour]]
    return [NATION if form.colour == "nation" else PROVINCE] * len(rows)


def _line_colour(hue: str, hues: Sequence, page: Page) -> str:
    if hue in ("nation", "rest_of_nation"):
        return NATION
    return PROVINCE if hue in ("province", page.province) or len(hues) == 1 else REST


def _name_rows(axes: Axes, rows: pd.DataFrame, form: Form, page: Page) -> None:
    """The name of each row above its bar, at the side where the language begins."""
    axes.invert_yaxis()
    axes.set_yticks([])
    axes.set_xticks([])
    low, high = axes.get_xlim()
    if form.form == "bars":
        axes.margins(x=0.16 if low >= 0 or high <= 0 else 0.2)
    if form.form in ("bars", "waterfall"):
        axes.axvline(0, color=INK, lw=0.8)
    side, anchor = (1, "right") if page.lang == "fa" else (0, "left")
    for y, code in enumerate(rows[form.label]):
        name = form.name(code, page) if code in form.names else name_of(form.label, code, page.lang)
        axes.text(
            side, y - 0.2, name, transform=axes.get_yaxis_transform(), ha=anchor, va="bottom",
            color=INK, fontsize=9, parse_math=False,
        )  # fmt: skip
    axes.set_ylim(len(rows) - 0.6, -0.85)


def _write_amounts(axes: Axes, amounts: np.ndarray, at: np.ndarray, form: Form, page: Page) -> None:
    for y, value in zip(at, amounts, strict=True):
        at_end = 0 if np.isnan(value) else value
        _annotate(axes, at_end, y, form, page, right=at_end >= 0, text=form.written(value, page))


def _annotate(
    axes: Axes, x: float, y: float, form: Form, page: Page, *, right: bool = True, text: str = ""
) -> None:
    axes.annotate(
        text or form.written(x, page), (x, y), xytext=(6 if right else -6, 0),
        textcoords="offset points", va="center", ha="left" if right else "right",
        color=INK, fontsize=9,
    )  # fmt: skip


def _label_points(
    axes: Axes, at: np.ndarray, amounts: np.ndarray, form: Form, page: Page, colour: str,
    *, ends_only: bool = False,
) -> None:  # fmt: skip
    known = np.flatnonzero(~np.isnan(amounts))
    chosen = known if not ends_only else known[[0, -1]] if len(known) > 1 else known
    for i in chosen:
        axes.annotate(
            form.written(amounts[i], page), (at[i], amounts[i]), xytext=(0, 5),
            textcoords="offset points", ha="center", va="bottom", color=colour, fontsize=8,
        )  # fmt: skip


def _name_ends(
    axes: Axes, ends: Sequence[tuple[float, float, str, str]], form: Form, page: Page
) -> None:
    """Each line's name beside its last point, moved where it would cover another's."""
    low, high = axes.get_ylim()
    points_per_amount = 140 / ((high - low) or 1)  # the axes are about 140 points high
    lowest = -np.inf
    for value, at, hue, colour in sorted(ends, key=lambda end: end[0] * points_per_amount):
        name = _in_two_lines(form.name(hue, page))
        height = max(value * points_per_amount, lowest) + 5 * name.count("\n")
        lowest = height + 11 + 6 * name.count("\n")
        axes.annotate(
            name, (at, value),
            xytext=(7, (height - value * points_per_amount)), textcoords="offset points",
            va="center", ha="left", color=colour, weight=600, fontsize=8.5, annotation_clip=False,
            linespacing=0.9,
        )  # fmt: skip


def _time_axis(axes: Axes, ticks: Sequence, form: Form, page: Page) -> None:
    are_months = form.x == "period" and str(ticks[0])[-3:-2] == "M"  # their names are long
    every = max(1, -(-len(ticks) // (6 if are_months else 8)))
    places = range(0, len(ticks), every)
    axes.set_xticks(list(places), [_tick(ticks[i], form, page) for i in places])


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
    axis.axes.grid(axis=axis.axis_name, color=GRID, lw=0.8)
    axis.axes.set_axisbelow(True)


def _finish(figure: Figure, axes: Axes, form: Form, page: Page, *, legend: bool = False) -> Figure:
    if legend:
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="lower center", frameon=False, borderaxespad=0, fontsize=8.5,
            ncols=min(2, len(labels)), markerfirst=page.lang == "en", labelcolor=INK,
            reverse=page.lang == "fa",
        )  # fmt: skip
    # Not by its `rect`, with which the layout measures everything a second time.
    figure.tight_layout(pad=0.4)
    legends = [legend.get_window_extent().height for legend in figure.legends]
    if legends:
        below = (max(legends) + 6) / figure.bbox.height
        figure.subplots_adjust(bottom=figure.subplotpars.bottom + below)
    return _with_unit(figure, form, page)


def _with_unit(figure: Figure, form: Form, page: Page) -> Figure:
    """The unit above the chart, at the side where the language begins."""
    if form.unit:
        unit = form.unit
        if unit.endswith("_compared"):  # as two periods compare: by the month, if they must
            unit = unit.replace("_compared", "_a_month" if page.is_by_month else "")
        side, anchor = (0.99, "right") if page.lang == "fa" else (0.01, "left")
        room = 15 / (72 * figure.get_figheight())
        figure.subplots_adjust(top=min(figure.subplotpars.top, 1) - room)
        name = numbers.unit_name(unit, page.lang)
        figure.text(side, 0.995, name, ha=anchor, va="top", fontsize=8.5, color="#5b656d")
    return figure


def _short(name: str, letters: int = 14) -> str:
    return name if len(name) <= letters else name[: letters - 1].rstrip() + "…"


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

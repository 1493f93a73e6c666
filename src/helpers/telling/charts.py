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
import pickle
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from html import escape
from itertools import count, pairwise
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from matplotlib.transforms import Bbox

from helpers.periods import parse_period
from helpers.schema import Lang
from helpers.telling import fonts, numbers
from helpers.telling.page import Fact, Html, Page, name_of, question_words, text, unanswered
from helpers.telling.tables import TABLE_MIME, named_code, percent_encoded, source_line, table_data

PROVINCE, NATION, REST, INK, GRID = "#b5471b", "#33566b", "#9fb2bf", "#22282d", "#d9dee2"
DARK = {PROVINCE: "#f0875a", NATION: "#7fa9c2", REST: "#6f828f", INK: "#e7e9ea", GRID: "#3a444b"}
"""What each colour becomes where the reader's screen is dark."""
WIDTH_IN = 3.35
_SMALL, _USUAL = 8.5, 9.0
_WIDE = 72 * WIDTH_IN - 4
"""Axes without labels at their sides, in points as all below."""
_PITCH = 28.0
"""From a row to the next: its name, and its bar below it."""
_BAR, _NAMED, _ABOVE = 0.38, 0.7, 0.33
"""How high a bar is, where the name above its middle ends and where it stands, in rows: nearer to
its own bar than to the one above."""
_APART = 7.0
TEXT = {
    "font.family": fonts.FAMILIES,
    "font.size": 9.5,
    "text.parse_math": False,  # A dollar sign in a name is a dollar sign.
    "svg.fonttype": "path",
    "svg.hashsalt": "workbench",  # The same data give the same bytes.
}
"""Settings under which every text of a chart is made and drawn; an analyst's own stay theirs."""

SHOW: dict[str, tuple[str, Callable[[float, Lang], str]]] = {
    "plain": ("", numbers.plain),
    "decimal": ("", lambda value, lang: numbers.plain(value, lang, 1)),
    "share": ("1", numbers.share),
    "share_fine": ("1", lambda value, lang: numbers.share(value, lang, 2)),
    "share_finest": ("1", lambda value, lang: numbers.share(value, lang, 3)),
    "points": ("point", lambda value, lang: numbers.plain(100 * value, lang, 3)),
    "thousand": ("USD", lambda value, lang: numbers.plain(value / 1e3, lang)),
    "million": ("USD", lambda value, lang: numbers.plain(value / 1e6, lang, 1)),
    "USD": ("USD", lambda value, lang: numbers.amount(value, "USD", lang)),
    "kg": ("kg", lambda value, lang: numbers.amount(value, "kg", lang)),
    "USD/t": ("USD/t", lambda value, lang: numbers.amount(value, "USD/t", lang)),
}
"""How a chart writes an amount, and the unit of what is written: `million` divides dollars, `share`
a fraction of 1, and a unit is written after the amount, in the scale that it calls for."""


@dataclass(frozen=True)
class Form:
    """The form of a chart, as its TOML table gives it.

    Attributes:
        form: which of `FORMS`.
        label: the column that names a bar, dot or cell; codes of a known kind become names.
        values: the columns of amounts; two for a dumbbell, several for lines without a `hue`.
        x: the column of time, or the columns of a matrix.
        hue: the column that tells lines or panels apart.
        show: which of `SHOW` writes an amount.
        unit: the unit above the chart: a key of `units` in common.toml; empty for none. With
            `_compared` at its end, by the month where averages of months are compared.
        colour: `province`, `nation`, `sign` (rise and fall), or the name of a boolean column
            whose true rows stand out.
        names: what values, hues or parts are called, fa and en, where not by themselves.
        bands: low and high column of each band that lines open into, the widest first.
        n: how many rows are drawn at most; 0 is all.
        low: `rank` turns 1 up; else the amount axis begins at 0.
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
        """What a value, hue or part is called on this chart; English has a capital there."""
        if key in self.names:
            name = self.names[key][page.lang].format(place=page.place)
        elif key == page.province or key.rpartition("_")[2] == "province":
            name = page.place
        elif key.rpartition("_")[2] == "nation":
            name = numbers.scope_name(key if key == "rest_of_nation" else "nation", page.lang)
        else:
            name = name_of(self.hue, key, page.lang)
        return numbers.capital(name, page.lang)

    def written(self, value: float, page: Page) -> str:
        """An amount as this chart writes it."""
        return SHOW[self.show][1](value, page.lang)


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
        data: the table as a data book writes it (`tables.table_data`).
    """

    figure: Figure = field(repr=False)  # Notebooks ask every object for its words.
    title: str
    alt: str
    source: str
    frame: pd.DataFrame = field(repr=False)
    lang: Lang
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name in ("title", "alt", "source"):
            if not getattr(self, name).strip():
                raise ValueError(f"a chart without {name} is not shown: give it one")

    @mpl.rc_context(TEXT)
    def drawn(self) -> bytes:
        """The drawing as SVG, dark where the reader's screen is; the same data, the same bytes."""
        # Not by `savefig`: it first draws all for nothing, for layouts that are not ours.
        written = io.StringIO()
        renderer = _Renderer(*self.figure.bbox.size, written)
        self.figure.draw(renderer)
        renderer.finalize()
        return _with_dark(written.getvalue().encode())

    def markup(self) -> Html:
        """The figure with title, picture, source and data, as a page shows it."""
        width, height = (round(96 * inches) for inches in self.figure.get_size_inches())
        svg = percent_encoded(self.drawn().decode(), "/:;=,+()'!*?@$ ~-._")
        return Html(
            f'<figure class="wb-chart"><figcaption>{escape(self.title)}</figcaption>'
            f'<img src="data:image/svg+xml,{escape(svg)}" alt="{escape(self.alt)}" '
            f'width="{width}" height="{height}">'
            f'<p class="wb-source">{source_line(self.source, self.frame, self.lang)}</p></figure>'
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        data = {TABLE_MIME: dict(self.data)} if self.data else {}
        return {"text/html": str(self.markup()), **data}


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
    form = _finer(form, amounts.abs().max(axis=None))
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
    data = table_data(title, page.source, columns, named, "")
    return Chart(figure, title, alt, page.source, frame, page.lang, data)


def _finer(form: Form, largest: float) -> Form:
    """The form with a finer scale where its own would write the small amounts of a chart alike."""
    if form.show == "million" and largest < 1e6:
        return replace(form, show="thousand", unit=form.unit.replace("million", "thousand"))
    if form.show == "share_fine" and largest < 5e-4:
        return replace(form, show="share_finest")
    return form


def _headed(
    column: str, form: Form, bands: Mapping[str, Sequence[str]], page: Page
) -> tuple[str, str]:
    """What a column of the data behind a chart is called, and its unit."""
    terms = numbers.words_of("common")["columns"]
    if column in (form.label, form.x, form.hue):
        return terms[column][page.lang], ""
    unit = SHOW[form.show][0] or ("USD/t" if form.unit == "usd_per_tonne" else "")
    if column in bands:
        low = bands[column][0]
        side = terms["low" if column == low else "high"][page.lang]
        return f"{form.name(low, page)}: {side}", unit
    is_known = column not in form.names and len(form.values) == 1
    name = numbers.measure_name(column, page.lang) if is_known else form.name(column, page)
    return name or terms["amount"][page.lang], unit


def bars(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Horizontal bars in the order of the rows, each named above and with its amount at its end.

    Rows with `is_total` are the steps of a split: a total, the parts from where the last ended, and
    what they come to. Of steps and by `sign`, a rise is filled and a fall is hollow.
    """
    figure, axes = _canvas()
    amounts, at = rows[form.values[0]].to_numpy(float), np.arange(len(rows))
    has_steps = "is_total" in rows
    is_total = rows["is_total"].to_numpy(bool) if has_steps else np.full(len(rows), True)
    filled = np.nan_to_num(amounts)
    running = np.cumsum(np.where(is_total & (at > 0), 0.0, filled))
    ends = np.where(is_total, filled, running)
    starts = np.where(is_total, 0.0, ends - filled)
    whose = NATION if form.colour == "nation" else PROVINCE
    colours = np.full(len(rows), whose, dtype=object)
    if form.colour in rows:
        colours[~rows[form.colour].to_numpy(bool)] = REST
    colours[rows[form.label].isin(["reference", "nation"]).to_numpy() & has_steps] = NATION
    colours[~is_total] = REST
    is_hollow = (filled < 0) & (~is_total | (form.colour == "sign"))
    for y, start, wide, inside, around in zip(
        at, starts, ends - starts, np.where(is_hollow, "none", colours), colours, strict=True
    ):
        _bar(axes, start, y, wide, _BAR, facecolor=inside, edgecolor=around, lw=1.2)
    if has_steps:  # Towards the next bar, not through its name.
        below = at[:-1] + _BAR / 2
        axes.vlines(ends[:-1], below, below + 0.07, color=REST, lw=0.8, zorder=0)
    plus = np.where(is_total | (filled < 0), "", "+")
    beside = np.maximum(starts, ends) if has_steps else ends
    labels = [
        (x, y, sign + form.written(value, page), has_steps or x >= 0)
        for x, y, sign, value in zip(beside, at, plus, amounts, strict=True)
    ]
    _write_beside(axes, [0, *starts, *ends], labels)
    from_zero, around = at[is_total], _BAR / 2 + 0.02
    axes.vlines(0 * from_zero, from_zero - around, from_zero + around, color=INK, lw=0.8)
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


def strip(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Every row a dot beside one axis; the province and rows with `is_named` bear their names."""
    rows = rows.dropna(subset=form.values[0]).sort_values(form.values[0], ascending=False)
    figure, axes = _canvas(2.6)
    codes, amounts = list(rows[form.label]), rows[form.values[0]].to_numpy(float)
    is_own = (rows[form.label] == page.province).to_numpy()
    is_named = is_own | (rows["is_named"].to_numpy(bool) if "is_named" in rows else False)
    # One far out would press all others together.
    is_wide = amounts.min() > 0 and amounts.max() > 8 * np.median(amounts)
    axes.set(yscale="log" if is_wide else "linear", xticks=[])
    axes.update_datalim(np.column_stack([0 * amounts, amounts]))
    axes.autoscale_view()
    _amount_axis(axes, form, page)
    names = {
        i: f"{name_of(form.label, codes[i], page.lang)} {form.written(amounts[i], page)}"
        for i in np.flatnonzero(is_named)
    }
    wide = max((_width(name, _SMALL, 600) for name in names.values()), default=0)
    _finish(figure, axes, form, page, beside=wide)
    # Neighbours that would cover each other stand beside one another.
    across, lowest = np.zeros(len(rows)), {}
    for i, (_, y) in enumerate(axes.transData.transform([(0, amount) for amount in amounts])):
        place = next(n for n in count() if lowest.get(n, np.inf) - y > 8)
        across[i], lowest[place] = 8 * place, y
    axes.set_xlim(-8, axes.bbox.width - 8)
    for which, colour, size in ((~is_own, REST, 6), (is_own, PROVINCE, 9)):
        axes.plot(across[which], amounts[which], "o", color=colour, markersize=size)
    ends = [_Words(across[i], amounts[i], name, PROVINCE if is_own[i] else INK, is_end=True)
            for i, name in names.items()]  # fmt: skip
    _place(axes, ends, [])
    return figure


def lines(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Lines over time, left to right, each named at its last point; with bands in a legend.

    A line is the rows of a `hue`, or one of the `values`.
    """
    figure, axes = _canvas(3.0 if form.bands else 2.4 if form.hue else 2.0)
    rows = _bands(axes, rows, form, page) if form.bands else rows
    table = _over_time(rows, form)
    at, is_long = np.arange(len(table)), len(table) > 12
    ends, points = [], []
    for i, (side, of_side) in enumerate(table.items()):
        amounts = of_side.to_numpy(float)
        is_own = side in ("province", page.province) or len(table.columns) == 1
        is_own |= bool(form.bands) and i < 2
        is_nation = side in ("nation", "rest_of_nation") or form.colour == "nation"
        colour = NATION if is_nation else PROVINCE if is_own else REST
        # Of many months the line is seen and not each point; the province's is the thicker.
        axes.plot(at, amounts, ("-", "--", ":")[min(i, 2)] if form.bands else "-", color=colour,
                  marker="" if is_long or form.bands else "o", markersize=4,
                  lw=1.4 if is_long and not is_own else 2.4,
                  label=form.name(side, page))  # fmt: skip
        known = np.flatnonzero(~np.isnan(amounts))
        written = [form.written(amount, page) for amount in amounts]
        chosen = known if is_own and len(table) <= 6 else np.unique(known[[0, -1][: len(known)]])
        if (form.hue or len(table.columns) > 1) and len(known):  # Its last stands with its name.
            name = form.name(side, page)
            end = f"{textwrap.fill(name, max(16, len(name) // 2 + 4))} {written[known[-1]]}"
            ends.append(_Words(known[-1], amounts[known[-1]], end, colour, is_end=True))
            chosen = chosen[:-1]
        # Of many the axis tells enough, and there is no room.
        if form.low != "rank" and len(table) <= 10 and (is_own or len(table.columns) == 2):
            points += [_Words(j, amounts[j], written[j], colour) for j in chosen]
    axes.margins(x=0.1, y=0.22)
    if form.low == "rank":
        axes.invert_yaxis()
    else:
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    _amount_axis(axes, form, page)
    beside = max((_width(end.text, _SMALL, 600) + 8 for end in ends), default=0)
    _time_axis(axes, table.index, form, page, 0.85 * _WIDE - beside)
    if form.bands:
        return _finish(figure, axes, form, page, legend=True)
    _finish(figure, axes, form, page, beside=beside)
    # From the lowest up, so that names keep the order of their lines.
    ends.sort(key=lambda end: end.amount, reverse=form.low != "rank")
    _place(axes, [*ends, *points], [])
    return figure


def _bands(axes: Axes, rows: pd.DataFrame, form: Form, page: Page) -> pd.DataFrame:
    """Draws the bands that lines open into; the rows with all of them joined to the last known."""
    last = rows[form.values[0]].last_valid_index()
    if last is not None:
        columns = [*form.values[1:2], *(side for band in form.bands for side in band)]
        known = rows.loc[last, columns].astype(float).fillna(rows.loc[last, form.values[0]])
        rows = rows.copy()
        rows.loc[last, columns] = known
    for alpha, (low, high) in zip((0.16, 0.34), form.bands, strict=False):
        edges = (rows[side].to_numpy(float) for side in (low, high))
        axes.fill_between(range(len(rows)), *edges, color=PROVINCE, alpha=alpha, lw=0,
                          label=form.name(low, page))  # fmt: skip
    return rows


def _over_time(rows: pd.DataFrame, form: Form) -> pd.DataFrame:
    """A column for each line of the rows, by `hue` or by `values`."""
    if form.hue:
        return _crossed(rows, form.x, form.hue, form.values[0])
    return rows.set_index(form.x)[list(form.values)]


def _crossed(rows: pd.DataFrame, index: str, columns: str, values: str) -> pd.DataFrame:
    """A line for each `index`, a column for each of `columns`, both in the order of the rows."""
    table = rows.pivot(index=index, columns=columns, values=values)
    return table.reindex(index=rows[index].unique(), columns=rows[columns].unique())


def panels(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """A small panel for each value of `hue`, two in a row, on one scale of time and amount."""
    table = _over_time(rows, form)
    height = (len(table.columns) + 1) // 2
    figure, _ = _canvas(0.2 + 0.95 * height, rows=height, columns=2)
    at, labels = np.arange(len(table)), []
    for axes, (hue, of_hue) in zip(figure.axes, table.items(), strict=False):
        amounts = of_hue.to_numpy(float)
        axes.fill_between(at, 0, amounts, color=PROVINCE, alpha=0.16, lw=0)
        axes.plot(at, amounts, color=PROVINCE, marker="o", markersize=3, lw=1.8)
        axes.set_title(form.name(hue, page), fontsize=_USUAL, color=INK, pad=3)
        known = np.flatnonzero(~np.isnan(amounts))
        # The first, the last and the highest, of which a title speaks.
        chosen = np.unique([*known[[0, -1]], np.nanargmax(amounts)]) if len(known) else ()
        written = {form.written(amounts[i], page): i for i in chosen}
        labels.append([_Words(i, amounts[i], words, INK) for words, i in written.items()])
        _time_axis(axes, table.index, form, page, 0.45 * _WIDE)
        axes.margins(x=0.15, y=0.42)
        axes.set_yticks([])
    for axes in figure.axes[len(labels) :]:
        axes.set_visible(False)
    _finish(figure, figure.axes[0], form, page)
    for axes, words in zip(figure.axes, labels, strict=False):
        _place(axes, words, [axes.title.get_window_extent()])
    return figure


def matrix(rows: pd.DataFrame, form: Form, page: Page) -> Figure:
    """Cells of `label`, named above them, by `x`, named upright at the top; each amount in one."""
    table = _crossed(rows, form.label, form.x, form.values[0])
    figure, axes = _canvas()
    heads = [name_of(form.x, code, page.lang) for code in table.columns]
    for x, head in enumerate(heads):
        axes.text(x, -_NAMED - 4 / _PITCH, head, ha="center", va="bottom", color=INK,
                  fontsize=_SMALL, rotation=90)  # fmt: skip
    amounts = table.to_numpy(float)
    shades = 0.08 + 0.42 * amounts.clip(0) / (np.nanmax(amounts) or 1)
    for y, x in np.argwhere(~np.isnan(amounts)):
        _bar(axes, x - 0.47, y, 0.94, 0.48, color=NATION, lw=0, alpha=shades[y, x])
        axes.text(x, y, form.written(amounts[y, x], page), ha="center", va="center", color=INK,
                  fontsize=_SMALL)  # fmt: skip
    axes.set_xlim(-0.5, len(heads) - 0.5)
    room = 4 + max(_width(head, _SMALL) for head in heads)
    return _finish_rows(figure, axes, rows.drop_duplicates(form.label), form, page, room=room)


FORMS = {"bars": bars, "dumbbell": dumbbell, "strip": strip, "lines": lines, "panels": panels,
         "matrix": matrix}  # fmt: skip


# Drawing; every length is in points, of which a figure has 72 to the inch


def _canvas(height_in: float = 1.0, *, rows: int = 1, columns: int = 1) -> tuple[Figure, Axes]:
    figure = pickle.loads(_blank(rows, columns))
    _Canvas(figure)
    figure.set_figheight(height_in)
    return figure, figure.axes[0]


@cache
@mpl.rc_context(TEXT)  # Whoever asks first: all charts are made of it.
def _blank(rows: int, columns: int) -> bytes:
    """A figure of bare axes: to unpickle one takes a fraction of the time to make it."""
    # A Figure without pyplot: nothing is shown twice and nothing piles up in memory.
    fonts.register()
    figure = Figure(figsize=(WIDTH_IN, 1), facecolor="none", dpi=72)
    is_grid = rows * columns > 1
    for axes in np.ravel(figure.subplots(rows, columns, sharex=is_grid, sharey=is_grid)):
        axes.spines[:].set_visible(False)
        axes.patch.set_visible(False)
        axes.tick_params(length=0, labelcolor=INK, labelsize=_SMALL)
    return pickle.dumps(figure)


class _Renderer(RendererSVG):
    """matplotlib's own, but that the same words are measured once for all charts; without a date,
    for the same bytes."""

    def __init__(self, width: float, height: float, target: io.StringIO) -> None:
        super().__init__(width, height, target, metadata={"Date": None})

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: bool
    ) -> tuple[float, float, float]:
        return _measured(s, prop.copy(), ismath)


_measured = lru_cache(maxsize=4096)(text_to_path.get_text_width_height_descent)


class _Canvas(FigureCanvasBase):
    """Measures as the drawing will; without it, matplotlib draws all of a figure to measure it."""

    @cached_property
    def _renderer(self) -> _Renderer:
        return _Renderer(*self.figure.bbox.size, io.StringIO())

    def get_renderer(self) -> _Renderer:
        return self._renderer


def _bar(axes: Axes, start: float, y: float, wide: float, high: float, **look: Any) -> None:
    """A bar about a row, of which the axis learns nothing: its ends are set with the amounts."""
    axes.add_artist(Rectangle((start, y - high / 2), wide, high, **look))


@cache
def _width(words: str, size: float = _USUAL, weight: int = 400) -> float:
    """How wide words are, the widest of their lines."""
    face = FontProperties(family=fonts.FAMILIES, size=size, weight=weight)
    return max(_measured(line, face, False)[0] for line in words.split("\n"))


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
    room = {True: [5.0], False: [5.0]}
    for *_, label, is_right in labels:
        room[bool(is_right)].append(_width(label) + _APART + 6)
    left, right = max(room[False]), max(room[True])
    a_point = (high - low or abs(high) or 1.0) / (_WIDE - left - right)
    axes.set_xlim(low - left * a_point, high + right * a_point)
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
    side, anchor = (1, "right") if page.lang == "fa" else (0, "left")
    for y, code in enumerate(rows[form.label]):
        name = form.name(code, page) if code in form.names else name_of(form.label, code, page.lang)
        name = numbers.capital(name, page.lang)
        axes.text(
            side, y - _ABOVE, name, transform=axes.get_yaxis_transform(), ha=anchor, va="baseline",
            color=INK, fontsize=_USUAL,
        )  # fmt: skip
    top, bottom = _NAMED + room / _PITCH, len(rows) - 0.72
    axes.set_axis_off()
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(NullLocator())
    axes.set_ylim(bottom, -top)
    return _finish(figure, axes, form, page, legend=legend, height=(top + bottom) * _PITCH)


def _finish(
    figure: Figure, axes: Axes, form: Form, page: Page, *,
    legend: bool = False, beside: float = 0, height: float = 0,
) -> Figure:  # fmt: skip
    """The layout: the unit above, the legend below, `beside` at the right of the axes.

    With a `height` the axes have no labels at their sides, and the figure fits it.
    """
    above, below = _unit(figure, form, page), _legend(figure, axes, page) if legend else 0
    if height:
        whole, wide = height + above + below + 2, figure.bbox.width
        figure.set_figheight(whole / 72)
        edge = (wide - _WIDE) / 2 / wide
        axes.set_position((edge, (below + 1) / whole, _WIDE / wide, height / whole))
        return figure
    # Not by its `rect`, with which the layout measures everything a second time.
    figure.tight_layout(pad=0.4)
    set_, high = figure.subplotpars, figure.bbox.height
    figure.subplots_adjust(
        top=min(set_.top, 1) - above / high, bottom=set_.bottom + below / high,
        right=min(set_.right, 1 - beside / figure.bbox.width),
    )  # fmt: skip
    return figure


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
    # As two periods compare: by the month, if they must.
    unit = form.unit.replace("_compared", "_a_month" if page.is_by_month else "")
    side, anchor = (0.99, "right") if page.lang == "fa" else (0.01, "left")
    name = numbers.unit_name(unit, page.lang)
    figure.text(side, 0.995, name, ha=anchor, va="top", fontsize=_SMALL, color="#5b656d")
    return 18


class _Words(NamedTuple):
    """Words about a point of a line; at its end they stand at the right, else above or below."""

    at: float
    amount: float
    text: str
    colour: str
    is_end: bool = False


_AROUND = [(x, y * away) for away in (11, 14, 18, 23, 29) for x in (0, 1, -1) for y in (1, -1)]
"""Where an amount may stand: by halves of its width sideways, and how far above or below."""
_BESIDE = [0, *(y * away for away in range(3, 90, 3) for y in (-1, 1))]
"""How far below or above the end of its line a name may stand; best first, as above."""


def _place(axes: Axes, words: Sequence[_Words], boxes: list[Bbox]) -> None:
    """Writes words, each where it touches no line, no mark and no other words.

    Args:
        axes: with its final layout.
        words: what is written.
        boxes: of what is written already; those of the words join.
    """
    drawn, inside = np.concatenate([_dense(line) for line in axes.lines]), axes.figure.bbox
    # Lines that start in one point say so once.
    for at, amount, label, colour, is_end in {each[:3]: each for each in words[::-1]}.values():
        x, y = axes.transData.transform((at, amount))
        half = _width(label, _SMALL, 600 if is_end else 400) / 2
        tall = 5.5 * (1 + label.count("\n"))
        around = [(half + 7, dy) for dy in _BESIDE] if is_end else [
            (side * (half + 1), dy) for side, dy in _AROUND
        ]  # fmt: skip
        lowest = 0 if is_end else axes.bbox.y0
        tried = []
        for order, (dx, dy) in enumerate(around):
            box = Bbox.from_extents(x + dx - half, y + dy - tall, x + dx + half, y + dy + tall)
            is_out = box.x0 < axes.bbox.x0 - 2 or box.x1 > inside.x1
            is_out |= box.y0 < lowest or box.y1 > inside.y1
            cost = order / 100 + 9 * is_out + 2 * (box.padded(2, 0).count_overlaps(boxes) > 0)
            cost += box.padded(3).count_contains(drawn) > 0
            tried.append((cost, dx, dy, box))
            if cost < 1:  # Nothing is in its way.
                break
        _, dx, dy, box = min(tried)
        boxes.append(box)
        axes.annotate(
            label, (at, amount), xytext=(dx - half * is_end, dy), textcoords="offset points",
            ha="left" if is_end else "center", va="center", color=colour, fontsize=_SMALL,
            weight=600 if is_end else 400, annotation_clip=False, linespacing=0.8,
        )  # fmt: skip


def _dense(line: Line2D) -> np.ndarray:
    """Where a line runs, its segments filled in with points."""
    path = line.axes.transData.transform(line.get_xydata())
    path = path[~np.isnan(path).any(axis=1)]
    between = pairwise(path) if line.get_linestyle() != "None" else ()
    return np.concatenate([path, *(np.linspace(a, b, 40) for a, b in between)])


def _time_axis(axes: Axes, ticks: Sequence, form: Form, page: Page, wide: float) -> None:
    """Names the points of time, but for those that would touch; the last one always."""
    labels = [_tick(tick, form, page) for tick in ticks]
    step = wide / max(1, len(ticks))
    every = int(np.ceil(max(_width(label, _SMALL) + 5 for label in labels) / step))
    chosen = range(len(ticks))[::-every]
    axes.set_xticks(chosen, [labels[i] for i in chosen])


def _tick(value: Any, form: Form, page: Page) -> str:
    code, lang = str(value), page.lang
    if code.isdigit() and form.x != "month":
        return numbers.year(int(code), lang)
    if form.x != "period":
        return name_of(form.x, code, lang)
    period = parse_period(code)
    year = numbers.year(period.year, lang)
    if "Q" in code:
        return f"{numbers.capital(numbers.word('seasons', code[-1], lang), lang)}\n{year}"
    if period.n_months == 1 and "-" not in code:  # a year's first months may be one
        return f"{numbers.month_name(period.month_first, lang)}\n{year}"
    return year + numbers.words_of("common")["partial_year"][lang]


_ALL_ZERO = re.compile("[.٫][0۰]+(?![0-9۰-۹])")
"""Decimals of a round number, which the label of an axis does not need."""


def _amount_axis(axes: Axes, form: Form, page: Page) -> None:
    is_log = axes.get_yscale() == "log"
    steps = {"integer": True, "min_n_ticks": 2} if form.low == "rank" else {"steps": (1, 2, 5, 10)}
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if is_log else MaxNLocator(5, **steps))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: _ALL_ZERO.sub("", form.written(value, page)))
    )
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.set_axisbelow(True)


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

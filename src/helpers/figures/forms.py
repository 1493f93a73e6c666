"""A tidy table in, a chart out: readable without colour, without hovering, in either direction.

A chart is a `Chart`: the drawing with the title that states the finding, the source line, the
alternative text and the data behind it. Colour means the same everywhere: one for the province,
one for the nation. In Persian a chart reads from right to left. matplotlib 3.11 shapes Persian
itself, so no text is reshaped here.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from urllib.parse import quote

import fontpkg
import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from helpers import narrative
from helpers.schema import SECTORS, USES, Lang

PROVINCE, NATION, REST, INK, GRID = "#b5471b", "#33566b", "#9fb2bf", "#22282d", "#d9dee2"
SERIES = (PROVINCE, NATION, "#8a8f3a", "#7a5c8e", REST, "#c9a227")
PART_COLOURS = {
    **dict(zip((*SECTORS, "none"), SERIES, strict=True)),
    **dict(zip(USES, SERIES[:5], strict=True)),
    **dict.fromkeys(("other", "others"), SERIES[USES.index("not_assigned")]),
}
"""The colour of a sector or a use in every chart that is cut into them, whatever its order."""
FAMILY = "IBM Plex Sans Arabic"
WIDTH_IN = 7.2
LEGEND_LETTERS = 85
"""How many letters of a legend stand in one row of a chart's width."""
LARGE_SVG = 90_000
"""Below this many characters a drawing stays SVG, and is not drawn a second time to compare."""

TEXT = {
    "font.family": FAMILY,
    "font.size": 9.5,
    "text.parse_math": False,  # A dollar sign in a name is a dollar sign.
    "svg.fonttype": "path",
    "svg.hashsalt": "workbench",  # The same data give the same bytes.
}
"""Settings under which every text of a chart is made and drawn; an analyst's own stay theirs."""

WORDS = narrative.words_of("figures")
_FORMULA = re.compile(r"(^|;)(?=[=+\-@\t\r])")

NATION_NAME, MILLION_USD = WORDS["names"]["nation"], WORDS["names"]["million_usd"]

Format = Callable[[float, Lang], str]


@dataclass(frozen=True)
class Chart:
    """A drawing with everything a page needs to show it to anybody.

    Attributes:
        figure: the matplotlib figure.
        title: the finding, as a sentence without its full stop.
        alt: what a sighted reader sees, in words.
        source: where the data come from.
        data: the tidy table behind the drawing; offered to the reader as CSV.
        lang: the language of all of these.
    """

    figure: Figure
    title: str
    alt: str
    source: str
    data: pd.DataFrame
    lang: Lang

    def __post_init__(self) -> None:
        for name in ("title", "alt", "source"):
            if not getattr(self, name).strip():
                raise ValueError(f"a chart without {name} is not shown: give it one")

    def image(self) -> str:
        """The drawing as a data URL: SVG, or PNG at twice the size where a large SVG is larger."""
        svg = quote(self.drawn("svg").decode(), safe="/:;=,+()'!*?@$ ~-._")
        svg_url = "data:image/svg+xml," + svg
        if len(svg_url) < LARGE_SVG:
            return svg_url
        png_url = "data:image/png;base64," + base64.b64encode(self.drawn("png")).decode()
        return min(svg_url, png_url, key=len)

    @mpl.rc_context(TEXT)
    def drawn(self, form: str) -> bytes:
        """The drawing alone as `svg` or `png`; the same data give the same bytes."""
        target = io.BytesIO()
        if form == "svg":
            # Not by `savefig`: it first draws all for nothing, for layouts that are not ours.
            # No date, for the same bytes.
            FigureCanvasSVG(self.figure).print_svg(target, metadata={"Date": None})
        else:
            self.figure.savefig(target, format=form, dpi=200, metadata={"Software": None})
        return target.getvalue()

    def _repr_html_(self) -> str:
        width, height = (round(96 * inches) for inches in self.figure.get_size_inches())
        csv = "data:text/csv;charset=utf-8," + quote("\ufeff" + safe_csv(self.data))
        words = {"fa": ("منبع", "داده‌های نمودار (CSV)"), "en": ("Source", "Chart data (CSV)")}
        source, link = words[self.lang]
        return (
            f'<figure class="wb-chart"><figcaption>{escape(self.title)}</figcaption>'
            f'<img src="{escape(self.image())}" alt="{escape(self.alt)}" '
            f'width="{width}" height="{height}">'
            f'<p class="wb-source">{source}: {escape(self.source)}<span class="wb-take"> · '
            f'<a download="chart.csv" href="{escape(csv)}">{link}</a></span></p></figure>'
        )


@mpl.rc_context(TEXT)
def lines(
    table: pd.DataFrame,
    *,
    x: str,
    y: str,
    hue: str,
    names: Mapping[str, str],
    show_x: Callable[[object], str],
    show_y: Format,
    colours: Sequence[str] = SERIES,
    **words: str,
) -> Chart:
    """Lines over time, each named at its end; `table` has one row for each x and hue.

    Args:
        table: columns `x` (ordered), `y` (missing leaves a gap) and `hue`.
        x: the column of time.
        y: the column of amounts.
        hue: the column that tells the lines apart.
        names: what to call each value of `hue`; its order gives the colours.
        show_x: how a tick of x is written.
        show_y: how an amount is written, by the language.
        colours: one a line.
        **words: `title`, `alt`, `source`, `unit` and `lang`.
    """
    lang: Lang = words["lang"]  # type: ignore[assignment]
    figure, axes = _canvas(3.6)
    ticks = list(dict.fromkeys(table[x]))
    place = {tick: i for i, tick in enumerate(ticks)}
    ends = []
    for colour, (key, name) in zip(colours, names.items(), strict=False):
        rows = table[table[hue] == key]
        at, amounts = rows[x].map(place).to_numpy(), rows[y].to_numpy(float)
        axes.plot(at, amounts, color=colour, marker="o", markersize=4, lw=2.2)
        known = np.flatnonzero(~np.isnan(amounts))
        if len(known):
            ends.append((amounts[known[-1]], at[known[-1]], name, colour))
    axes.set_xticks(range(len(ticks)), [show_x(tick) for tick in ticks])
    axes.set_ylim(bottom=0)
    axes.margins(x=0.12)
    _name_ends(axes, ends, lang)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: show_y(value, lang)))
    return _finish(figure, axes, table, words)


@mpl.rc_context(TEXT)
def small_multiples(
    table: pd.DataFrame,
    *,
    x: str,
    panels: Mapping[str, str],
    hue: str,
    names: Mapping[str, str],
    show_x: Callable[[object], str],
    **words: str,
) -> Chart:
    """A panel for each measure, side by side on one scale, the same lines in each.

    Args:
        table: one row for each x and hue: `x` (ordered), `hue` and the columns of `panels`.
        x: the column of time.
        panels: the column of each panel, and its heading; read in the direction of the language.
        hue: the column that tells the lines apart.
        names: what to call each value of `hue`; its order gives the colours.
        show_x: how a tick of x is written.
        **words: `title`, `alt`, `source`, `unit` and `lang`.
    """
    lang: Lang = words["lang"]  # type: ignore[assignment]
    figure, first = _canvas(2.9, len(panels))
    every = figure.axes[::-1] if lang == "fa" else figure.axes
    ticks = list(dict.fromkeys(table[x]))
    for axes, (column, heading) in zip(every, panels.items(), strict=True):
        for colour, (key, name) in zip(SERIES, names.items(), strict=False):
            rows = table[table[hue] == key].set_index(x).reindex(ticks)
            amounts = rows[column].to_numpy(float)
            axes.plot(range(len(ticks)), amounts, color=colour, marker="o", lw=2.2, label=name)
        axes.axhline(1, color=INK, lw=0.6)
        # Half a dozen years would run into each other in a quarter of the width.
        named = sorted({0, len(ticks) // 2, len(ticks) - 1})
        axes.set_xticks(named, [show_x(ticks[at]) for at in named])
        axes.margins(x=0.15)
        axes.grid(axis="y", color=GRID, lw=0.8)
        axes.set_title(heading, y=1, fontsize=9.5, color=INK)
        if lang == "fa":
            axes.invert_xaxis()
    every[0].yaxis.set_major_formatter(FuncFormatter(lambda v, _: narrative.plain(v, lang, 1)))
    if lang == "fa":
        first.tick_params(labelleft=False)
        every[0].yaxis.tick_right()
        every[0].tick_params(labelright=True)
    _legend(figure, every[0], lang)
    return _finish(figure, every[0], table, {**words, "unit": ""}, frame=False)


@mpl.rc_context(TEXT)
def fan(
    table: pd.DataFrame,
    *,
    x: str,
    y: str,
    bands: Sequence[tuple[str, str, str]],
    names: Mapping[str, str],
    show_x: Callable[[object], str],
    show_y: Format,
    **words: str,
) -> Chart:
    """A line of what is known that opens into bands of what may come.

    Args:
        table: one row a time, in order: `x`; each column of `names` (missing leaves a gap); and
            the bounds of the bands (missing where the value is known).
        x: the column of time.
        y: the column of known amounts; the fan starts from its last one.
        bands: low column, high column and name of each band, the widest first.
        names: columns drawn as lines and what to call them; `y` solid, the others dashed.
        show_x: how a tick of x is written.
        show_y: how an amount is written, by the language.
        **words: `title`, `alt`, `source`, `unit` and `lang`.
    """
    lang: Lang = words["lang"]  # type: ignore[assignment]
    figure, axes = _canvas(3.8)
    at = np.arange(len(table))
    last = table[y].last_valid_index()
    joined = table.copy()
    if last is not None and last != table.index[-1]:
        columns = [column for column in joined.columns if column in {*names, *sum(bands, ())}]
        joined.loc[last, columns] = joined.loc[last, columns].fillna(joined.loc[last, y])
    for alpha, (low, high, name) in zip((0.16, 0.34), bands, strict=False):
        edges = (joined[side].to_numpy(float) for side in (low, high))
        axes.fill_between(at, *edges, color=PROVINCE, alpha=alpha, lw=0, label=name)
    for column, name in names.items():
        style = "-" if column == y else "--"
        axes.plot(at, joined[column].to_numpy(float), style, color=PROVINCE, lw=2, label=name)
    axes.set_xticks(at, [show_x(tick) for tick in table[x]])
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: show_y(value, lang)))
    _legend(figure, axes, lang)
    return _finish(figure, axes, table, words)


@mpl.rc_context(TEXT)
def bars(
    table: pd.DataFrame,
    *,
    label: str,
    y: str,
    show: Format,
    colours: Sequence[str] | None = None,
    **words: str,
) -> Chart:
    """Horizontal bars in the order of the table, each with its amount written at its end.

    Args:
        table: one row a bar: `label` (as shown) and `y` (missing is written as such).
        label: the column of names.
        y: the column of amounts.
        show: how an amount is written.
        colours: one colour a bar; the province's if not given.
        **words: `title`, `alt`, `source`, `unit` and `lang`.
    """
    lang: Lang = words["lang"]  # type: ignore[assignment]
    figure, axes = _canvas(0.8 + 0.36 * len(table))
    amounts = table[y].to_numpy(float)
    axes.barh(table[label].to_numpy(str), amounts, color=colours or PROVINCE, height=0.66)
    _write_amounts(axes, amounts, np.arange(len(table)), show, lang)
    _lay_bars(axes)
    return _finish(figure, axes, table, words)


@mpl.rc_context(TEXT)
def paired_bars(
    table: pd.DataFrame,
    *,
    label: str,
    pair: tuple[str, str],
    names: tuple[str, str],
    show: Format,
    **words: str,
) -> Chart:
    """Two bars for each row: before (pale) and now, or nation and province.

    Args:
        table: one row a pair: `label` and the two columns of `pair`; missing leaves no bar.
        label: the column of names.
        pair: the columns of the pale and of the strong bar.
        names: what to call them.
        show: how an amount is written.
        **words: `title`, `alt`, `source`, `unit` and `lang`.
    """
    lang: Lang = words["lang"]  # type: ignore[assignment]
    figure, axes = _canvas(1.0 + 0.56 * len(table))
    at = np.arange(len(table))
    for shift, column, name, colour in zip(
        (-0.19, 0.19), pair, names, (REST, PROVINCE), strict=True
    ):
        amounts = table[column].to_numpy(float)
        axes.barh(at + shift, amounts, height=0.36, color=colour, label=name)
        _write_amounts(axes, amounts, at + shift, show, lang)
    axes.set_yticks(at, table[label].to_numpy(str))
    _lay_bars(axes)
    _legend(figure, axes, lang)
    return _finish(figure, axes, table, words)


@mpl.rc_context(TEXT)
def stacked_shares(
    table: pd.DataFrame, *, label: str, parts: Mapping[str, str], **words: str
) -> Chart:
    """Bars of equal length cut into shares that add to 1, each share written inside its piece.

    Args:
        table: one row a bar: `label` and a column of shares for each part.
        label: the column of names.
        parts: column of each part, and what to call it, in order.
        **words: `title`, `alt`, `source` and `lang`.
    """
    lang: Lang = words["lang"]  # type: ignore[assignment]
    figure, axes = _canvas(1.2 + 0.46 * len(table))
    at = np.arange(len(table))
    left = np.zeros(len(table))
    for usual, (column, name) in zip(SERIES, parts.items(), strict=False):
        colour = PART_COLOURS.get(column, usual)
        shares = table[column].fillna(0).to_numpy(float)
        axes.barh(at, shares, left=left, height=0.7, color=colour, label=name, ec="white")
        for y, start, part in zip(at, left, shares, strict=True):
            if part >= 0.06:
                text = narrative.share(part, lang, 0)
                ink = _ink_on(colour)
                axes.text(start + part / 2, y, text, ha="center", va="center", color=ink)
        left = left + shares
    axes.set_yticks(at, table[label].to_numpy(str))
    _lay_bars(axes)
    _legend(figure, axes, lang)
    return _finish(figure, axes, table, {**words, "unit": ""})


@mpl.rc_context(TEXT)
def heatmap(table: pd.DataFrame, *, show: Format, **words: str) -> Chart:
    """A matrix shaded by amount, each amount written in its cell.

    Args:
        table: rows and columns labelled as shown; a missing cell stays blank.
        show: how an amount is written.
        **words: `title`, `alt`, `source`, `unit` and `lang`.
    """
    lang: Lang = words["lang"]  # type: ignore[assignment]
    figure, axes = _canvas(1.2 + 0.34 * len(table))
    written = table.map(lambda value: "" if pd.isna(value) else show(value, lang))
    sns.heatmap(
        table.astype(float), ax=axes, annot=written.to_numpy(str), fmt="", cbar=False,
        cmap=sns.light_palette(NATION, as_cmap=True), linewidths=1, annot_kws={"size": 8},
    )  # fmt: skip
    mesh = axes.collections[0]
    is_known = ~np.ma.getmaskarray(mesh.get_array()).ravel()
    for text, colour in zip(axes.texts, mesh.get_facecolors()[is_known], strict=True):
        text.set_color(_ink_on(colour))
    axes.set(xlabel="", ylabel="")
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelsize=8.5)
    axes.tick_params(axis="y", rotation=0)
    axes.tick_params(axis="x", rotation=0)
    if lang == "fa":
        axes.invert_xaxis()
        axes.yaxis.tick_right()
        axes.tick_params(axis="y", rotation=0)
    return _finish(figure, axes, table.reset_index(), words, frame=False)


def worded(chart: str, lang: Lang, case: str = "title", **parts: str) -> dict[str, str]:
    """What a form asks for in words: title and alternative text of a chart, and their language.

    Args:
        chart: whose words in `sentences/figures.toml`.
        lang: `fa` or `en`.
        case: which of its titles, by what the numbers say; it may have its own `_alt`.
        **parts: what is filled in; neither text needs all of them.
    """
    words = WORDS[chart]
    texts = {"title": words[case], "alt": words.get(f"{case}_alt", words["alt"])}
    return {part: text[lang].format(**parts) for part, text in texts.items()} | {"lang": lang}


def lead(amounts: pd.Series) -> str:
    """How the largest amount stands: `only` one there is, `tied` with another, or alone `first`."""
    some = amounts[amounts.astype("float64") > 0]
    if len(some) == 1:
        return "only"
    return "tied" if (some == some.max()).sum() > 1 else "first"


def term(part: str, lang: Lang, chart: str = "names") -> str:
    """What a part of a chart is called, or a name that charts have in common."""
    return WORDS[chart][part][lang]


def province_above_nation(
    chart: str,
    shares: pd.DataFrame,
    parts: Mapping[str, str],
    lang: Lang,
    *,
    place: str,
    source: str,
    names: Mapping[str, str],
    unassigned: str,
) -> Chart:
    """Shares of the province above the nation's, with the largest of the province in the title.

    Args:
        chart: whose words in `sentences/figures.toml`.
        shares: `share_in_province` and `share_in_nation`, by the keys of `parts`.
        parts: what the legend calls each part, in order.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
        names: what a sentence calls each part.
        unassigned: the key of what belongs to no part.
    """
    shares = shares[["share_in_province", "share_in_nation"]].astype("float64")
    table = shares.T.assign(label=[place, NATION_NAME[lang]]).reset_index(drop=True)
    ranked = shares.sort_values("share_in_province", ascending=False, kind="stable")
    first, second = ranked.index[0], ranked.index[min(1, len(ranked) - 1)]
    own, nation = (narrative.share(share, lang) for share in ranked.iloc[0])
    case = "unassigned" if first == unassigned else lead(ranked["share_in_province"])
    told = worded(
        chart, lang, case, place=place, first=names[first], second=names[second], share=own,
        nation=nation,
    )  # fmt: skip
    return stacked_shares(table, label="label", parts=parts, source=source, **told)


def terms(chart: str, lang: Lang, *parts: str) -> dict[str, str]:
    """What the parts of a chart are called, in order."""
    return {part: term(part, lang, chart) for part in parts}


def by_sign(amounts: pd.Series) -> list[str]:
    """The province's colour for what rises, the nation's for what falls."""
    return [PROVINCE if amount >= 0 else NATION for amount in amounts]


def safe_csv(table: pd.DataFrame) -> str:
    """The table as CSV in which no text can start a formula in a spreadsheet.

    Not after a semicolon either: where that is the separator of lists, it starts a cell.
    """

    def harmless(value: object) -> object:
        return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value

    return table.map(harmless).rename(columns=harmless).to_csv(index=False)


@cache
def _register_fonts() -> None:
    for weight in (400, 600):
        font_manager.fontManager.addfont(str(fontpkg.path(FAMILY, weight=weight)))


def _canvas(height: float, n_panels: int = 1) -> tuple[Figure, Axes]:
    # A Figure without pyplot: nothing is shown twice and nothing piles up in memory.
    _register_fonts()
    figure = Figure(figsize=(WIDTH_IN, height))
    figure.subplots(1, n_panels, sharey=True)
    for axes in figure.axes:
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, labelcolor=INK)
        # No axis has a label; placed by hand, it is not measured against every tick's.
        axes.xaxis.set_label_coords(0.5, 0)
        axes.yaxis.set_label_coords(0, 0.5)
    return figure, figure.axes[0]


def _finish(
    figure: Figure,
    axes: Axes,
    table: pd.DataFrame,
    words: Mapping[str, str],
    *,
    frame: bool = True,
) -> Chart:
    lang: Lang = words["lang"]  # type: ignore[assignment]
    if frame:
        axes.grid(axis="y" if axes.get_ylim()[0] == 0 else "x", color=GRID, lw=0.8)
        axes.set_axisbelow(True)
    if frame and lang == "fa":
        axes.invert_xaxis()
        axes.yaxis.tick_right()
        axes.yaxis.set_label_position("right")
    if words.get("unit"):
        side = "right" if lang == "fa" else "left"
        grey = {"fontsize": 9, "color": "#5b656d"}
        # Only above ticks does the unit have to make way.
        axes.set_title(words["unit"], loc=side, y=1 if frame else None, **grey)
    _lay_out(figure)
    return Chart(figure, words["title"], words["alt"], words["source"], table, lang)


def _lay_out(figure: Figure) -> None:
    """Room for every label, and for the legend below; once, for whatever form is drawn.

    Not the constrained layout: it measures everything twice, which takes as long as drawing.
    """
    legends = [legend.get_window_extent().height for legend in figure.legends]
    below = (max(legends) + 4) / figure.bbox.height if legends else 0
    # Not by its `rect`, with which the layout measures everything a second time.
    figure.tight_layout(pad=0.4)
    figure.subplots_adjust(bottom=figure.subplotpars.bottom + below)


def _name_ends(axes: Axes, ends: Sequence[tuple[float, float, str, str]], lang: Lang) -> None:
    """Each line's name beside its last point, moved up where it would cover another's."""
    points_per_amount = 200 / (axes.get_ylim()[1] or 1)  # the axes are about 200 points high
    lowest = -np.inf
    for amount, at, name, colour in sorted(ends):
        height = max(amount * points_per_amount, lowest)
        lowest = height + 13
        axes.annotate(
            name, (at, amount),
            xytext=(-8 if lang == "fa" else 8, height - amount * points_per_amount),
            textcoords="offset points", va="center", color=colour, weight=600,
            ha="right" if lang == "fa" else "left",
        )  # fmt: skip


def _write_amounts(
    axes: Axes, amounts: np.ndarray, at: np.ndarray, show: Format, lang: Lang
) -> None:
    for y, value in zip(at, amounts, strict=True):
        negative = value < 0
        axes.annotate(
            show(value, lang), (0 if np.isnan(value) else value, y), va="center",
            xytext=(4 * (-1 if negative else 1) * (-1 if lang == "fa" else 1), 0),
            textcoords="offset points", color=INK,
            ha="left" if (lang == "en") != negative else "right",
        )  # fmt: skip


def _ink_on(colour: str | Sequence[float]) -> str:
    """White or dark, whichever stands out more: the larger of the two contrasts of WCAG 2."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    # Contrast with white is 1.05 / (L + 0.05), with our dark ink (L + 0.05) / 0.071.
    return "white" if linear @ (0.2126, 0.7152, 0.0722) < 0.223 else INK


def _lay_bars(axes: Axes) -> None:
    axes.invert_yaxis()
    # Room for the amounts that are written at the ends, on both sides where bars go both ways.
    low, high = axes.get_xlim()
    axes.margins(x=0.14 if low >= 0 or high <= 0 else 0.2)
    axes.set_xticks([])
    axes.axvline(0, color=INK, lw=0.8)
    axes.tick_params(axis="y", labelsize=9.5)


def _legend(figure: Figure, axes: Axes, lang: Lang) -> None:
    handles, labels = axes.get_legend_handles_labels()
    # One row as long as it fits the width: a key takes about the room of six letters.
    fits = sum(len(label) + 6 for label in labels) <= LEGEND_LETTERS
    figure.legend(
        handles, labels, loc="lower center", frameon=False, borderaxespad=0,
        ncols=len(labels) if fits else 3, markerfirst=lang == "en", reverse=lang == "fa",
    )  # fmt: skip


def one_decimal(value: float, lang: Lang) -> str:
    """A number with one decimal."""
    return narrative.plain(value, lang, 1)


def money(value: float, lang: Lang) -> str:
    """An amount of dollars, scaled to be read."""
    return narrative.amount(value, "USD", lang)

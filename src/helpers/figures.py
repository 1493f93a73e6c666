"""A tidy table in, a chart out: readable without colour, without hovering, in either direction.

A chart is a `Chart`: the drawing with the title that states the finding, the source line, the
alternative text and the data behind it. Colour means the same everywhere: one for the province,
one for the nation. In Persian a chart reads from right to left. matplotlib 3.11 shapes Persian
itself, so no text is reshaped here.
"""

from __future__ import annotations

import base64
import io
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
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from helpers import narrative
from helpers.schema import Lang

PROVINCE, NATION, REST, INK, GRID = "#b5471b", "#33566b", "#9fb2bf", "#22282d", "#d9dee2"
SERIES = (PROVINCE, NATION, "#8a8f3a", "#7a5c8e", REST, "#c9a227")
FAMILY = "IBM Plex Sans Arabic"
WIDTH_IN = 7.2

Format = Callable[[float, Lang], str]


@dataclass(frozen=True)
class Chart:
    """A drawing with everything a page needs to show it to anybody.

    Attributes:
        figure: the matplotlib figure.
        title: the finding or the question, as a sentence without its full stop.
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
        """The drawing as a data URL: SVG, or PNG at twice the size where that is smaller."""
        svg, png = self._drawn("svg"), self._drawn("png")
        packed = quote(svg.decode(), safe="/:;=,+()'!*?@&$ ~-._<>")
        packed = packed.replace("<", "%3C").replace(">", "%3E").replace("&", "%26")
        png_url = "data:image/png;base64," + base64.b64encode(png).decode()
        svg_url = "data:image/svg+xml," + packed
        return min(svg_url, png_url, key=len)

    def _drawn(self, form: str) -> bytes:
        target = io.BytesIO()
        # Fixed salt and no date: the same data give the same bytes.
        metadata = {"Date": None} if form == "svg" else {"Software": None}
        with mpl.rc_context({"svg.hashsalt": "workbench", "svg.fonttype": "path"}):
            self.figure.savefig(target, format=form, dpi=200, metadata=metadata)
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
            f'<p class="wb-source">{source}: {escape(self.source)} · '
            f'<a download="chart.csv" href="{escape(csv)}">{link}</a></p></figure>'
        )


def lines(
    table: pd.DataFrame,
    *,
    x: str,
    y: str,
    hue: str,
    names: Mapping[str, str],
    show_x: Callable[[object], str],
    show_y: Format,
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
        **words: `title`, `alt`, `source`, `unit` and `lang`.
    """
    lang: Lang = words["lang"]  # type: ignore[assignment]
    figure, axes = _canvas(3.6)
    ticks = list(dict.fromkeys(table[x]))
    place = {tick: i for i, tick in enumerate(ticks)}
    for colour, (key, name) in zip(SERIES, names.items(), strict=False):
        rows = table[table[hue] == key]
        at = rows[x].map(place).to_numpy()
        axes.plot(at, rows[y].to_numpy(float), color=colour, marker="o", markersize=4, lw=2.2)
        _name_end(axes, at, rows[y].to_numpy(float), name, colour, lang)
    axes.set_xticks(range(len(ticks)), [show_x(tick) for tick in ticks])
    axes.set_ylim(bottom=0)
    axes.margins(x=0.12)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: show_y(value, lang)))
    return _finish(figure, axes, table, words)


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
    for colour, (column, name) in zip(SERIES, parts.items(), strict=False):
        shares = table[column].fillna(0).to_numpy(float)
        axes.barh(at, shares, left=left, height=0.7, color=colour, label=name, ec="white")
        for y, start, part in zip(at, left, shares, strict=True):
            if part >= 0.06:
                text = narrative.share(part, lang, 0)
                axes.text(start + part / 2, y, text, ha="center", va="center", color="white")
        left = left + shares
    axes.set_yticks(at, table[label].to_numpy(str))
    _lay_bars(axes)
    _legend(figure, axes, lang)
    return _finish(figure, axes, table, {**words, "unit": ""})


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


# The charts of the notebooks: the forms above with their words.


def value_per_tonne_over_time(
    table: pd.DataFrame, lang: Lang, *, names: Mapping[str, str], source: str
) -> Chart:
    """Value per tonne by period; `table` has `label`, `scope`, `unit_value_usd_per_tonne`."""
    last = table.groupby("scope", sort=False)["unit_value_usd_per_tonne"].last()
    ends = "، " if lang == "fa" else ", "
    ends = ends.join(
        f"{name} {narrative.amount(last.get(scope), 'USD/t', lang)}"
        for scope, name in names.items()
    )
    words = {
        "fa": ("هر تن صادرات چند دلار ارزید؟", f"خط ارزش هر تن در گذر زمان؛ در پایان: {ends}."),
        "en": (
            "What was a tonne of exports worth?",
            f"Value per tonne over time; at the end: {ends}.",
        ),
    }[lang]
    return lines(
        table, x="label", y="unit_value_usd_per_tonne", hue="scope", names=names,
        show_x=str, show_y=narrative.plain, title=words[0], alt=words[1], source=source,
        unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


def sector_shares(
    table: pd.DataFrame, lang: Lang, *, parts: Mapping[str, str], source: str
) -> Chart:
    """Shares of the sectors in each place's exports; `table` has `label` and a column a sector."""
    first = table.iloc[0]
    largest = max(parts, key=lambda part: first[part] if pd.notna(first[part]) else -1)
    share = narrative.share(first[largest], lang)
    words = {
        "fa": (
            f"{parts[largest]} با {share} بزرگ‌ترین بخش صادرات {first['label']} است",
            f"نوارهای هم‌اندازهٔ سهم بخش‌ها؛ در {first['label']} بزرگ‌ترین آن‌ها {parts[largest]} با {share}.",
        ),
        "en": (
            f"{parts[largest]} is the largest part of {first['label']}'s exports: {share}",
            f"Bars of equal length cut into sector shares; the largest of {first['label']} is "
            f"{parts[largest]} with {share}.",
        ),
    }[lang]
    return stacked_shares(
        table, label="label", parts=parts, title=words[0], alt=words[1], source=source, lang=lang
    )


def value_per_tonne_by_sector(table: pd.DataFrame, lang: Lang, *, place: str, source: str) -> Chart:
    """Province beside the rest, sector by sector; columns `label`, `province`, `rest` (USD/t)."""
    n_above = int((table["province"] > table["rest"]).sum())
    n_known = int((table["province"].notna() & table["rest"].notna()).sum())
    above, known = narrative.plain(n_above, lang), narrative.plain(n_known, lang)
    words = {
        "fa": (
            f"{place} در {above} بخش از {known} بخش گران‌تر می‌فروشد",
            f"برای هر بخش دو نوار: ارزش هر تن در دیگر استان‌ها و در {place}؛ {place} در {above} بخش بالاتر است.",
            ("دیگر استان‌ها", place),
        ),
        "en": (
            f"{place} earns more per tonne in {above} of {known} sectors",
            f"Two bars a sector: value per tonne of the other provinces and of {place}, which is "
            f"higher in {above} sectors.",
            ("Other provinces", place),
        ),
    }[lang]
    return paired_bars(
        table, label="label", pair=("rest", "province"), names=words[2], show=narrative.plain,
        title=words[0], alt=words[1], source=source, unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


def gap_drivers(table: pd.DataFrame, lang: Lang, *, place: str, source: str) -> Chart:
    """The goods that make the gap; columns `label`, `gap_usd_per_tonne`, largest first."""
    top = table.iloc[0]
    effect = narrative.amount(top["gap_usd_per_tonne"], "USD/t", lang)
    words = {
        "fa": (
            f"کدام کالاها شکاف ارزش هر تن را می‌سازند؟ بیش از همه «{top['label']}»",
            f"نوارهای سهم هر فصل از شکاف ارزش هر تن {place} و دیگر استان‌ها؛ بزرگ‌ترین: {top['label']} با {effect}.",
        ),
        "en": (
            f"Which goods make the gap in value per tonne? Above all “{top['label']}”",
            f"Bars of each chapter's part in the gap between {place} and the other provinces; the "
            f"largest is {top['label']} with {effect}.",
        ),
    }[lang]
    return bars(
        table, label="label", y="gap_usd_per_tonne", show=narrative.plain,
        colours=[PROVINCE if value >= 0 else NATION for value in table["gap_usd_per_tonne"]],
        title=words[0], alt=words[1], source=source, unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


def province_ranks(
    table: pd.DataFrame, lang: Lang, *, province: str, place: str, source: str
) -> Chart:
    """Provinces by value of exports, one of them marked; columns `province`, `label`, `value_usd`."""
    own = table.loc[table["province"] == province, "value_usd"].iloc[0]
    value, first = narrative.amount(own, "USD", lang), table["label"].iloc[0]
    words = {
        "fa": (
            f"{place} در میان بزرگ‌ترین استان‌های صادرکننده کجاست؟",
            f"نوارهای ارزش صادرات استان‌ها از بزرگ به کوچک؛ نخست {first}، و {place} با {value}.",
        ),
        "en": (
            f"Where does {place} stand among the exporting provinces?",
            f"Bars of the provinces' exports from the largest, {first}, down; {place} has {value}.",
        ),
    }[lang]
    return bars(
        table, label="label", y="value_usd", show=_money,
        colours=[PROVINCE if slug == province else REST for slug in table["province"]],
        title=words[0], alt=words[1], source=source, unit="", lang=lang,
    )  # fmt: skip


def _money(value: float, lang: Lang) -> str:
    return narrative.amount(value, "USD", lang)


def safe_csv(table: pd.DataFrame) -> str:
    """The table as CSV in which no text can start a formula in a spreadsheet."""

    def harmless(value: object) -> object:
        return "'" + value if isinstance(value, str) and value[:1] in "=+-@\t\r" else value

    return table.map(harmless).to_csv(index=False)


@cache
def _register_fonts() -> None:
    for weight in (400, 600):
        font_manager.fontManager.addfont(str(fontpkg.path(FAMILY, weight=weight)))


def _canvas(height: float) -> tuple[Figure, Axes]:
    # A Figure without pyplot: nothing is shown twice and nothing piles up in memory.
    _register_fonts()
    with mpl.rc_context({"font.family": FAMILY, "font.size": 9.5}):
        figure = Figure(figsize=(WIDTH_IN, height), layout="constrained")
        axes = figure.subplots()
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelcolor=INK)
    return figure, axes


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
        axes.set_title(words["unit"], loc=side, fontsize=9, color="#5b656d", family=FAMILY)
    for text in figure.findobj(mpl.text.Text):
        text.set_family(FAMILY)
    return Chart(figure, words["title"], words["alt"], words["source"], table, lang)


def _name_end(
    axes: Axes, at: np.ndarray, amounts: np.ndarray, name: str, colour: str, lang: Lang
) -> None:
    known = np.flatnonzero(~np.isnan(amounts))
    if len(known):
        last = known[-1]
        axes.annotate(
            name, (at[last], amounts[last]), xytext=(-8 if lang == "fa" else 8, 0),
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


def _lay_bars(axes: Axes) -> None:
    axes.invert_yaxis()
    # Room for the amounts that are written at the ends, on both sides where bars go both ways.
    low, high = axes.get_xlim()
    axes.margins(x=0.14 if low >= 0 or high <= 0 else 0.2)
    axes.set_xticks([])
    axes.axvline(0, color=INK, lw=0.8)
    axes.tick_params(axis="y", labelsize=9.5)


def _legend(figure: Figure, axes: Axes, lang: Lang) -> None:
    figure.legend(
        *axes.get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False,
        markerfirst=lang == "en", reverse=lang == "fa",
    )  # fmt: skip

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

from helpers import classification, narrative
from helpers.schema import Lang

PROVINCE, NATION, REST, INK, GRID = "#b5471b", "#33566b", "#9fb2bf", "#22282d", "#d9dee2"
SERIES = (PROVINCE, NATION, "#8a8f3a", "#7a5c8e", REST, "#c9a227")
FAMILY = "IBM Plex Sans Arabic"
WIDTH_IN = 7.2
LARGE_SVG = 60_000
"""Below this many characters a drawing stays SVG and is not drawn a second time to compare."""

NATION_NAME = {"fa": "کل کشور", "en": "Iran"}

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
        """The drawing as a data URL: SVG, or PNG at twice the size where a large SVG is larger."""
        svg = quote(self._drawn("svg").decode(), safe="/:;=,+()'!*?@$ ~-._")
        svg_url = "data:image/svg+xml," + svg
        if len(svg_url) < LARGE_SVG:
            return svg_url
        png_url = "data:image/png;base64," + base64.b64encode(self._drawn("png")).decode()
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
    for colour, (key, name) in zip(colours, names.items(), strict=False):
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


def value_per_tonne_by_month(months: pd.DataFrame, lang: Lang, *, place: str, source: str) -> Chart:
    """Value per tonne of the province and of the other provinces, month by month.

    Args:
        months: `comparison.value_per_tonne_by_month`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    table = months.assign(
        label=months["year_sh"].astype(int).astype(str) + months["month_sh"].map("M{:02}".format)
    )
    others = {"fa": "دیگر استان‌ها", "en": "Other provinces"}[lang]
    own = next(scope for scope in table["scope"].unique() if scope != "rest_of_nation")
    last = table.groupby("scope")["unit_value_usd_per_tonne"].last()
    ends = {s: narrative.amount(last.get(s), "USD/t", lang) for s in (own, "rest_of_nation")}
    words = {
        "fa": (
            f"ارزش هر تن در آخرین ماه: {place} {ends[own]}، دیگر استان‌ها {ends['rest_of_nation']}",
            f"دو خط ماهانهٔ ارزش هر تن. در پایان، {place} {ends[own]} و دیگر استان‌ها {ends['rest_of_nation']}.",
        ),
        "en": (
            f"Value per tonne in the last month: {place} {ends[own]}, other provinces {ends['rest_of_nation']}",
            f"Two monthly lines of value per tonne. At the end {place} has {ends[own]}, the other provinces {ends['rest_of_nation']}.",
        ),
    }[lang]
    return lines(
        table, x="label", y="unit_value_usd_per_tonne", hue="scope",
        names={own: place, "rest_of_nation": others}, show_x=lambda code: _month_tick(code, lang),
        show_y=narrative.plain, title=words[0], alt=words[1], source=source,
        unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


def national_value_per_tonne(
    exports: pd.DataFrame, imports: pd.DataFrame, lang: Lang, *, source: str
) -> Chart:
    """The nation's value per tonne by year, exports beside imports.

    Args:
        exports: `published.longest_of_each_year`.
        imports: the same of imports; years without exports are left out.
        lang: `fa` or `en`.
        source: where the data come from.
    """
    same_years = imports[imports["year_sh"].isin(exports["year_sh"])]
    table = pd.concat([exports, same_years], ignore_index=True).sort_values(["year_sh", "flow"])
    table = table.assign(label=[narrative.year(year, lang) for year in table["year_sh"]])
    ends = table[table["flow"] == "export"]["label"]
    last = exports.iloc[-1]
    value = narrative.amount(last["unit_value_usd_per_tonne"], "USD/t", lang)
    period = narrative.period_name(last["period"], lang)
    words = {
        "fa": (
            f"هر تن صادرات کشور در {period} {value} ارزید",
            f"دو خط ارزش هر تن صادرات و واردات کشور از {ends.iloc[0]} تا {ends.iloc[-1]}؛ خط صادرات با {value} پایان می‌یابد و خط واردات بالاتر از آن است.",
            ("صادرات", "واردات"),
        ),
        "en": (
            f"A tonne of Iran’s exports was worth {value} in {period}",
            f"Two lines, value per tonne of Iran’s exports and imports from {ends.iloc[0]} to {ends.iloc[-1]}; exports end at {value}, imports lie above.",
            ("Exports", "Imports"),
        ),
    }[lang]
    return lines(
        table[["label", "period", "flow", "unit_value_usd_per_tonne", "source"]],
        x="label", y="unit_value_usd_per_tonne", hue="flow",
        names=dict(zip(("export", "import"), words[2], strict=True)), show_x=str,
        show_y=narrative.plain, colours=(NATION, REST), title=words[0], alt=words[1],
        source=source, unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


def published_pairs(pairs: pd.DataFrame, lang: Lang, *, source: str) -> Chart:
    """Value per tonne of exports of provinces beside the nation's, where both were published.

    Args:
        pairs: export rows of `published.against_nation`.
        lang: `fa` or `en`.
        source: where the data come from.
    """
    comma = {"fa": "،", "en": ","}[lang]
    places = [classification.province_name(scope, lang) for scope in pairs["scope"]]
    periods = [narrative.period_name(period, lang) for period in pairs["period"]]
    labels = [f"{place}{comma} {period}" for place, period in zip(places, periods, strict=True)]
    table = pairs.assign(label=labels)
    n = narrative.plain(int((table["relative_unit_value"] > 1).sum()), lang)
    of = narrative.plain(len(table), lang)
    words = {
        "fa": (
            f"در {n} سنجش از {of}، استان برای هر تن بیش از کشور گرفته است",
            f"برای هر استان و دوره دو نوار: ارزش هر تن صادرات کشور و استان؛ در {n} مورد استان بالاتر است.",
            ("کل کشور", "استان"),
        ),
        "en": (
            f"In {n} of {of} comparisons the province earned more per tonne than the nation",
            f"Two bars for each province and period, value per tonne of the nation’s exports and of the province’s; the province is higher in {n}.",
            ("Iran", "Province"),
        ),
    }[lang]
    return paired_bars(
        table[["label", "unit_value_nation_usd_per_tonne", "unit_value_usd_per_tonne", "source"]],
        label="label", pair=("unit_value_nation_usd_per_tonne", "unit_value_usd_per_tonne"),
        names=words[2], show=narrative.plain, title=words[0], alt=words[1], source=source,
        unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


def payam_destinations(changes: pd.DataFrame, lang: Lang, *, source: str) -> Chart:
    """Destinations of the Payam customs office, 1403 beside 1404.

    Args:
        changes: `published.destination_change` of `payam_destinations`.
        lang: `fa` or `en`.
        source: where the data come from.
    """
    years = {"fa": ("۱۴۰۳", "۱۴۰۴ (ده ماه)"), "en": ("1403", "1404 (ten months)")}[lang]
    office = {"fa": "پیام", "en": "Payam"}[lang]
    table = changes.assign(
        label=[classification.partner_name(code, lang) for code in changes["partner_iso3"]]
    )
    first = table.iloc[0]
    value = narrative.amount(first["value_usd"], "USD", lang)
    words = {
        "fa": (
            f"بزرگ‌ترین مقصد {office} در {years[1]}: {first['label']} با {value}",
            f"برای هر مقصد دو نوار، {years[0]} و {years[1]}؛ بزرگ‌ترین در {years[1]} {first['label']} با {value}. مقصدهای زیر آستانهٔ فهرست نوار ندارند.",
        ),
        "en": (
            f"The largest destination of {office} in {years[1]}: {first['label']}, {value}",
            f"Two bars a destination, {years[0]} and {years[1]}; the largest in {years[1]} is {first['label']} with {value}. Destinations below the list’s floor have no bar.",
        ),
    }[lang]
    return paired_bars(
        table[["label", "value_usd_before", "value_usd"]],
        label="label", pair=("value_usd_before", "value_usd"), names=years, show=_money,
        title=words[0], alt=words[1], source=source, unit="", lang=lang,
    )  # fmt: skip


def clearance_matrix(
    matrix: pd.DataFrame, lang: Lang, *, source: str, n_rows: int = 9, n_columns: int = 6
) -> Chart:
    """Province of clearance by destination, the largest of each, the rest together.

    Args:
        matrix: `published.clearance_matrix`.
        lang: `fa` or `en`.
        source: where the data come from.
        n_rows: how many provinces are named.
        n_columns: how many destinations are named.
    """
    rest = {"fa": "دیگر", "en": "Others"}[lang]
    floor = {"fa": "زیر آستانه (نامعلوم)", "en": "Below the floor (unknown)"}[lang]
    listed = matrix.dropna(subset="partner_iso3")
    top = {
        column: listed.groupby(column)["value_usd"].sum().nlargest(n).index
        for column, n in (("province", n_rows), ("partner_iso3", n_columns))
    }
    names = {
        "province": {p: classification.province_name(p, lang) for p in top["province"]},
        "partner_iso3": {p: classification.partner_name(p, lang) for p in top["partner_iso3"]},
    }
    named = listed.assign(**{key: listed[key].map(names[key]).fillna(rest) for key in names})
    table = named.pivot_table("value_usd", "province", "partner_iso3", aggfunc="sum") / 1e9
    rows, columns = ([*names[key].values(), rest] for key in ("province", "partner_iso3"))
    table = table.reindex(index=rows, columns=columns)
    table.loc[floor, rest] = matrix.loc[matrix["partner_iso3"].isna(), "value_usd"].sum() / 1e9
    first = listed.iloc[0]
    value = narrative.amount(first["value_usd"], "USD", lang)
    place = classification.province_name(first["province"], lang)
    partner = classification.partner_name(first["partner_iso3"], lang)
    words = {
        "fa": (
            f"بزرگ‌ترین جریان: از گمرک‌های {place} به {partner}، {value}",
            f"ماتریس استان اظهار و مقصد؛ تیره‌ترین خانه {place} به {partner} با {value}. ردیف آخر آن چیزی است که در فهرست نیست.",
            "میلیارد دلار",
        ),
        "en": (
            f"The largest flow: cleared in {place} for {partner}, {value}",
            f"A matrix of province of clearance by destination; the darkest cell is {place} to {partner} with {value}. The last row is what the list leaves out.",
            "billion USD",
        ),
    }[lang]
    return heatmap(
        table, show=lambda v, of: narrative.plain(v, of, 1), title=words[0], alt=words[1],
        source=source, unit=words[2], lang=lang,
    )  # fmt: skip


def imports_by_use(uses: pd.DataFrame, lang: Lang, *, source: str) -> Chart:
    """The nation's imports by use, one bar a period.

    Args:
        uses: `published.use_shares`.
        lang: `fa` or `en`.
        source: where the data come from.
    """
    names = {
        "fa": ("کالاهای واسطه‌ای", "کالاهای سرمایه‌ای", "کالاهای مصرفی", "دیگر"),
        "en": ("Intermediate", "Capital", "Consumer", "Others"),
    }[lang]
    parts = dict(zip(("intermediate", "capital", "consumption", "others"), names, strict=True))
    wide = uses.pivot(index="period", columns="category", values="value_share")
    table = wide.reindex(columns=list(parts)).reset_index()
    table = table.assign(label=[narrative.period_name(p, lang) for p in table["period"]])
    low, high = (narrative.share(f(table["intermediate"]), lang, 0) for f in (min, max))
    words = {
        "fa": (
            f"میان {low} تا {high} ارزش واردات کشور کالای واسطه‌ای است",
            f"نوارهای سهم کالاهای واسطه‌ای، سرمایه‌ای و مصرفی در {narrative.plain(len(table), lang)} دوره؛ سهم کالاهای واسطه‌ای میان {low} و {high}.",
        ),
        "en": (
            f"Between {low} and {high} of the value of Iran’s imports are intermediate goods",
            f"Bars cut into the shares of intermediate, capital and consumer goods in {narrative.plain(len(table), lang)} periods; intermediate goods lie between {low} and {high}.",
        ),
    }[lang]
    return stacked_shares(
        table, label="label", parts=parts, title=words[0], alt=words[1], source=source, lang=lang
    )


def _month_tick(code: str, lang: Lang) -> str:
    """The year under its first month and the number of every third other month."""
    year, month = code.split("M")
    if month == "01":
        return narrative.year(int(year), lang)
    return narrative.year(int(month), lang) if month in ("04", "07", "10") else ""


def sector_shares(sectors: pd.DataFrame, lang: Lang, *, place: str, source: str) -> Chart:
    """Sector shares of the province's exports above the nation's.

    Args:
        sectors: `comparison.against_nation` by `sector`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    parts = _sector_names(sectors, lang)
    shares = sectors.assign(sector=list(parts)).set_index("sector")
    shares = shares[["share_in_province", "share_in_nation"]]
    table = shares.T.assign(label=[place, NATION_NAME[lang]]).reset_index(drop=True)
    largest = shares["share_in_province"].idxmax()
    share = narrative.share(shares["share_in_province"].max(), lang)
    words = {
        "fa": (
            f"{parts[largest]} با {share} بزرگ‌ترین بخش صادرات {place} است",
            f"دو نوار هم‌اندازه از سهم بخش‌ها، یکی برای {place} و یکی برای کل کشور؛ در {place} بزرگ‌ترین بخش {parts[largest]} با {share} است.",
        ),
        "en": (
            f"{parts[largest]}: the largest part of {place}’s exports, {share}",
            f"Two bars of equal length cut into sector shares, {place} and the nation; the largest part of {place} is {parts[largest]} with {share}.",
        ),
    }[lang]
    return stacked_shares(
        table, label="label", parts=parts, title=words[0], alt=words[1], source=source, lang=lang
    )


def value_per_tonne_by_sector(
    sectors: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> Chart:
    """Value per tonne of the province beside the rest of the nation, sector by sector.

    Args:
        sectors: `comparison.against_nation` by `sector`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    table = pd.DataFrame(
        {
            "label": list(_sector_names(sectors, lang).values()),
            "rest": sectors["unit_value_usd_per_tonne_rest"],
            "province": sectors["unit_value_usd_per_tonne_province"],
        }
    )
    above = narrative.plain(int((table["province"] > table["rest"]).sum()), lang)
    known = narrative.plain(int(table[["province", "rest"]].notna().all(axis=1).sum()), lang)
    words = {
        "fa": (
            f"{place} در {above} بخش از {known} بخش برای هر تن بیشتر می‌گیرد",
            f"برای هر بخش دو نوار: ارزش هر تن در دیگر استان‌ها و در {place}؛ {place} در {above} بخش بالاتر است.",
            ("دیگر استان‌ها", place),
        ),
        "en": (
            f"{place} earns more per tonne in {above} of {known} sectors",
            f"Two bars a sector: value per tonne of the other provinces and of {place}, which is higher in {above} sectors.",
            ("Other provinces", place),
        ),
    }[lang]
    return paired_bars(
        table, label="label", pair=("rest", "province"), names=words[2], show=narrative.plain,
        title=words[0], alt=words[1], source=source, unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


def gap_drivers(split: pd.DataFrame, lang: Lang, *, place: str, source: str) -> Chart:
    """The ten HS chapters that make most of the gap in value per tonne.

    Args:
        split: `comparison.gap_split` by `hs2_code`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    chapters = classification.hs_names(2).set_index("hs_code")[f"name_{lang}"]
    table = split.head(10).assign(label=lambda rows: rows["hs2_code"].map(chapters))
    top = table.iloc[0]
    effect = narrative.amount(top["gap_usd_per_tonne"], "USD/t", lang)
    words = {
        "fa": (
            f"کدام کالاها شکاف را می‌سازند؟ بیش از همه «{top['label']}»",
            f"نوار سهم ده فصل کالا از شکاف ارزش هر تن {place} و دیگر استان‌ها؛ بزرگ‌ترین: {top['label']} با {effect}.",
        ),
        "en": (
            f"Which goods make the gap? Above all “{top['label']}”",
            f"Bars of ten chapters’ parts in the gap between {place} and the other provinces; the largest is {top['label']} with {effect}.",
        ),
    }[lang]
    return bars(
        table[["hs2_code", "label", "gap_usd_per_tonne"]],
        label="label", y="gap_usd_per_tonne", show=narrative.plain,
        colours=[PROVINCE if value >= 0 else NATION for value in table["gap_usd_per_tonne"]],
        title=words[0], alt=words[1], source=source, unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


def province_ranks(
    ranks: pd.DataFrame, lang: Lang, *, province: str, place: str, source: str
) -> Chart:
    """The ten largest exporters among the provinces, and this province if it is not one of them.

    Args:
        ranks: `comparison.rank_provinces` by `value_usd`.
        lang: `fa` or `en`.
        province: the slug of the marked province.
        place: its name.
        source: where the data come from.
    """
    ranked = ranks.dropna(subset="rank")
    table = ranked[(ranked["rank"] <= 10) | (ranked["province"] == province)]
    table = table.assign(label=[classification.province_name(p, lang) for p in table["province"]])
    own = table.loc[table["province"] == province, "value_usd"].iloc[0]
    value, first = narrative.amount(own, "USD", lang), table["label"].iloc[0]
    words = {
        "fa": (
            f"{place} در میان بزرگ‌ترین استان‌های صادرکننده کجاست؟",
            f"نوار ارزش صادرات استان‌ها از بزرگ به کوچک؛ نخست {first}، و {place} با {value}.",
        ),
        "en": (
            f"Where does {place} stand among the exporting provinces?",
            f"Bars of the provinces’ exports from the largest, {first}, down; {place} has {value}.",
        ),
    }[lang]
    return bars(
        table[["province", "label", "rank", "value_usd"]], label="label", y="value_usd",
        show=_money, colours=[PROVINCE if p == province else REST for p in table["province"]],
        title=words[0], alt=words[1], source=source, unit="", lang=lang,
    )  # fmt: skip


def _sector_names(sectors: pd.DataFrame, lang: Lang) -> dict[str, str]:
    """Sector -> its name, in the order of the table; rows without a sector are `none`."""
    unknown = {"fa": "بدون بخش", "en": "No sector"}[lang]
    return {
        "none" if pd.isna(sector) else sector: unknown
        if pd.isna(sector)
        else classification.sector_name(sector, lang)
        for sector in sectors["sector"]
    }


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

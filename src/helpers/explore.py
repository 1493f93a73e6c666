"""The analyst's bench: a view of the declarations as widgets, as code, as a page, as files.

A `View` is everything that was chosen, and nothing else: the widgets change it, `code` writes the
lines of helpers that give its table, `save` writes it as a batch file that renders it. It stands
below `tables` because it puts tables and charts beside each other.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from html import escape
from pathlib import Path
from zlib import crc32

import ipywidgets as widgets
import matplotlib as mpl
import pandas as pd
import yaml

from helpers import classification, figures, narrative, store, tables
from helpers.measures import values
from helpers.narrative import Html
from helpers.periods import Period, parse_period
from helpers.places import outputs_dir
from helpers.schema import (
    FLOWS,
    LANGS,
    PROVINCES,
    SECTORS,
    USES,
    HelpersError,
    Lang,
    NotEnoughData,
    UnknownCode,
    UnreadableFile,
    check_word,
)

NATION = "nation"
BY = {
    "province": ["province"],
    "sector": ["sector"],
    "use": ["use"],
    "partner": ["partner_iso3"],
    "section": ["hs_section"],
    "chapter": ["hs2_code"],
    "heading": ["hs4_code"],
    "subheading": ["hs6_code"],
    "line": ["hs_code"],
    "month": ["month_first_sh", "month_last_sh"],
}
"""What the rows of a view are: the keys of `store.totals` that they need."""
MEASURES = {
    "value_usd": "USD",
    "net_mass_kg": "kg",
    "unit_value_usd_per_tonne": "USD/t",
    "share": "1",
    "growth_share": "1",
}
OPENS = {
    "province": ("province", "section"),
    "sector": ("sector", "chapter"),
    "use": ("use", "chapter"),
    "partner": ("partner", "section"),
    "section": ("hs", "chapter"),
    "chapter": ("hs", "heading"),
    "heading": ("hs", "subheading"),
    "subheading": ("hs", "line"),
}
"""What opening a row chooses, and what the rows are then."""
FORMATS = ("csv", "xlsx", "png", "svg")
MOST_BARS, MOST_ROWS = 12, 30
_LEVEL_OF = {2: "hs2_code", 4: "hs4_code", 6: "hs6_code"}


@dataclass(frozen=True)
class View:
    """What is looked at; its fields are the parameters of `00_explore`.

    Attributes:
        province: slug; the bars and the first column are its.
        period: code.
        lang: `fa` or `en`.
        flow: one of `schema.FLOWS`.
        by: what a row is, one of `BY`. By province, all provinces are rows.
        measure: what is drawn and sorted by, one of `MEASURES`; growth is that of value.
        peers: other slugs, or `nation`, to stand beside the province.
        sector, use, partner: only these goods and this partner; empty is all.
        hs: only goods of this section (`XVI`), or whose code begins so: 2, 4 or 6 digits; empty is
            all.
    """

    province: str = "alborz"
    period: str = "1404M01-07"
    lang: Lang = "fa"
    flow: str = "export"
    by: str = "chapter"
    measure: str = "value_usd"
    peers: Sequence[str] = ()
    sector: str = ""
    use: str = ""
    partner: str = ""
    hs: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "peers", tuple(self.peers))
        object.__setattr__(self, "period", str(parse_period(self.period)))
        words = {"province": PROVINCES, "lang": LANGS, "flow": FLOWS, "by": tuple(BY)}
        optional = {"sector": ("", *SECTORS), "use": ("", *USES)}
        for name, vocabulary in {**words, "measure": tuple(MEASURES), **optional}.items():
            check_word(name, getattr(self, name), vocabulary)
        for peer in self.peers:
            check_word("province", peer, (*PROVINCES, NATION))
        if self.partner:
            classification.partner_name(self.partner, self.lang)
        if self.hs and not (_is_section(self.hs) or re.fullmatch(r"(?:[0-9]{2}){1,3}", self.hs)):
            raise UnknownCode(
                f"{self.hs!r} is neither a section of the HS (I to XXI) nor the start of an HS "
                "code: give 2, 4 or 6 digits"
            )

    @property
    def name(self) -> str:
        """What its files are called."""
        peers = list(self.peers)
        if len(peers) > 3:  # A file's name has its limits.
            peers = [f"{len(peers)}_others_{crc32(' '.join(peers).encode()):08x}"]
        return "-".join((self.flow, self.period, self.province, *peers, *self.goods, self.lang))

    @property
    def goods(self) -> list[str]:
        """The part of the name that says what is counted, and by what."""
        chosen = (self.sector, self.use, self.partner, self.hs, self.measure)
        return ["by", self.by, *filter(None, chosen)]


def view_table(view: View) -> pd.DataFrame:
    """The table of a view, largest measure first (months in their order).

    Returns:
        `compared`, by `place` (with peers) and the keys of `view.by`; no rows where nothing was
        declared.
    """
    period, by = parse_period(view.period), _by(view)
    now, before = (_chosen(view, p) for p in (period, period.year_before))
    table = compared(now, before, by)
    if view.by == "month":
        return table.sort_values(by, ignore_index=True)
    return table.sort_values(view.measure, ascending=False, ignore_index=True)


def code(view: View) -> str:
    """The lines of helpers that give the table of the view, ready to run in a cell."""
    place = f", province={view.province!r}"
    call = f"store.totals({_keys(view)!r}, period=p, flow={view.flow!r}"
    if view.by == "province":
        place = ""
    elif view.peers:
        place = f", places={[view.province, *view.peers]!r}"
        call = call.replace("store.totals", "explore.totals_of_places")
    query = f".query({_where(view)!r})" if _where(view) else ""
    order = f".sort_values({view.measure!r}, ascending=False, ignore_index=True)"
    if view.by == "month":
        order = f".sort_values({_by(view)!r}, ignore_index=True)"
    return (
        "from helpers import explore, store\n"
        "from helpers.periods import parse_period\n\n"
        f"period = parse_period({view.period!r})\n"
        f"now, before = (\n    {call}{place}){query}\n"
        "    for p in (period, period.year_before)\n)\n"
        f"table = explore.compared(now, before, {_by(view)!r}){order}"
    )


def totals_of_places(
    by: Sequence[str], *, places: Sequence[str], period: Period, flow: str
) -> pd.DataFrame:
    """`store.totals` of several provinces (or `nation`) under each other, with a key `place`."""
    parts = [
        store.totals(by, period=period, flow=flow, province=None if place == NATION else place)
        for place in places
    ]
    return pd.concat([t.assign(place=p) for t, p in zip(parts, places, strict=True)])


def compared(now: pd.DataFrame, before: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Totals by some keys, beside the same months a year before.

    Args:
        now: a totals table; its other keys are added up.
        before: the same of the year before.
        by: keys; where `place` is one, shares are those of the place.

    Returns:
        `[*by, value_usd, share, growth_share, net_mass_kg, unit_value_usd_per_tonne,
        coverage_share, n_declarations]`: a row a key of either year. `growth_share` is of value,
        NA where there was none before.
    """
    by = list(by)
    growth = values.growth_by(now, before, by)[[*by, "value_usd", "growth_share"]]
    own = values.unit_values(values.summed(now, by)).drop(columns="value_usd")
    table = growth.merge(own, on=by, how="left", validate="1:1")
    table = values.with_shares(table, within=[key for key in by if key == "place"])
    measured = ["net_mass_kg", "unit_value_usd_per_tonne", "coverage_share", "n_declarations"]
    return table[[*by, "value_usd", "share", "growth_share", *measured]]


def view_chart(view: View, table: pd.DataFrame) -> figures.Chart | Html:
    """The first rows of the view's table as bars; with peers, as a matrix of rows and places."""
    known = table.dropna(subset=[view.measure])
    if known.empty:
        return narrative.nothing_to_show(view.lang)
    column = tables.column_of(view.measure, known[view.measure], view.lang)
    known = known.assign(label=_labels(view, known))
    title = _title(view, known)
    words = {
        "title": title, "alt": f"{title}.", "source": _source(view.lang), "lang": view.lang,
        "unit": column.label,
    }  # fmt: skip
    show = partial(_shown, column)
    if view.peers and view.by != "province":
        matrix = known.pivot_table(view.measure, "label", "place", sort=False)
        matrix = matrix.reindex(columns=[view.province, *view.peers])
        if view.by != "month":
            matrix = matrix.sort_values(view.province, ascending=False)
        matrix = matrix.head(MOST_BARS)
        names = [tables.name_of("place", place, view.lang) for place in matrix.columns]
        return figures.heatmap(matrix.set_axis(names, axis=1).rename_axis(None), show=show, **words)
    rows = known.head(MOST_BARS)
    own = rows.get("province", pd.Series(view.province, rows.index)) == view.province
    colours = [figures.PROVINCE if mine else figures.REST for mine in own]
    return figures.bars(rows, label="label", y=view.measure, show=show, colours=colours, **words)


def view_report(view: View, table: pd.DataFrame) -> Html:
    """The table of the view with names, units and source."""
    if table.empty:
        return narrative.nothing_to_show(view.lang)
    named = table
    if view.by == "month":
        named = table.drop(columns=BY["month"])
        named.insert(0, tables.KEY_NAMES["month"][view.lang], _labels(view, table))
    return tables.show(named, view.lang, title=_subject(view), n=MOST_ROWS)


def view_page(view: View) -> Html:
    """Chart and table of the view under each other, as a rendered page shows them."""
    table = view_table(view)
    chart = view_chart(view, table)
    return Html(chart._repr_html_() + view_report(view, table))


def export(view: View, form: str, folder: Path | None = None) -> Path:
    """Writes what is seen as a file, with its source in it.

    Args:
        view: what is seen.
        form: one of `FORMATS`: the whole table as `csv` or `xlsx`, the chart as `png` or `svg`.
        folder: `outputs/explore` if not given.

    Returns:
        The file.
    """
    check_word("format", form, FORMATS)
    path = _file(view, form, folder)
    table = view_table(view).assign(source=_source(view.lang))
    if form == "csv":
        path.write_text(figures.safe_csv(table), encoding="utf-8-sig")
    elif form == "xlsx":
        plain = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
        with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs=plain) as book:
            table.to_excel(book, index=False, sheet_name="view", freeze_panes=(1, 1))
    else:
        path.write_bytes(_with_words(view, table).drawn(form))
    return path


def save(view: View, folder: Path | None = None) -> Path:
    """Writes the view as a batch file: `workbench render --batch FILE.yml` makes its page.

    The page is named after the view, so that several of one province stand beside each other.
    """
    given = {**asdict(view), "peers": list(view.peers)}
    axes = {name: [given.pop(name)] for name in ("province", "period", "lang")}
    path = _file(view, "yml", folder)
    name = "-".join(["00_explore", view.flow, *view.peers, *view.goods])
    content = {"notebooks": ["00_explore"], "name": name, **axes, "parameters": given}
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), "utf-8")
    return path


def read_view(path: Path | str) -> View:
    """The view that `save` wrote.

    Raises:
        UnreadableFile: it is not such a file.
    """
    try:
        content = yaml.safe_load(Path(path).read_text("utf-8"))
        axes = {name: content[name][0] for name in ("province", "period", "lang")}
        given = {**axes, **content["parameters"]}
        return View(**{f.name: given[f.name] for f in fields(View)})
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise UnreadableFile(
            f"expected a view saved by the explorer in {path}: {error!r}"
        ) from None


def opened(view: View, row: str) -> View:
    """The view one step down, inside a row: a chapter's headings, a sector's chapters."""
    field, by = OPENS[view.by]
    return replace(view, **{field: row}, by=by)


class Explorer:
    """The view as widgets: whatever is chosen, chart and table follow.

    Where there are no widgets (a rendered page) it shows chart and table as they stand.

    Attributes:
        view: what is looked at now; `explorer.view` in a cell below goes on from there.
        controls: the widgets by the field of `View` that they set, and `open`.
        drawn, listed, said: the chart, the table, and what the last button answered, as HTML.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.trail: list[View] = []
        self._is_setting = False
        self.box = widgets.VBox().add_class("wb-bench")
        self.said = widgets.HTML().add_class("wb-said")
        self.drawn, self.listed = widgets.HTML(), widgets.HTML()
        self._compose()

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        shown = self.box._repr_mimebundle_() or {}
        return {**shown, "text/html": self.drawn.value + self.listed.value}

    def go(self, view: View) -> None:
        """Shows another view; Back returns."""
        self.trail.append(self.view)
        self._show(view)

    def back(self) -> None:
        """Shows the view before."""
        if self.trail:
            self._show(self.trail.pop())

    def _show(self, view: View) -> None:
        is_translated, self.view = view.lang != self.view.lang, view
        if is_translated:
            self._compose()
        else:
            self._draw()

    def _compose(self) -> None:
        """All widgets anew, in the language of the view."""
        lang, words = self.view.lang, _bench_words(self.view.lang)
        kinds = {"peers": widgets.SelectMultiple, "hs": widgets.Text}
        self.controls = {
            name: kinds.get(name, widgets.Dropdown)(
                description=words[name],
                tooltip=words.get(f"{name}_hint", ""),
                layout=widgets.Layout(width="22em"),
            ).add_class(f"wb-{name}")
            for name in (*(f.name for f in fields(View)), "open")
        }
        self.controls["hs"].continuous_update = False
        self.controls["peers"].rows = 4
        buttons = {"back": self.back, "code": self._tell_code, "save": self._save}
        buttons |= {form: partial(self._export, form) for form in FORMATS}
        pressed = []
        for name, act in buttons.items():
            button = widgets.Button(
                description=words.get(name, name.upper()), layout=widgets.Layout(width="auto")
            )
            button.on_click(lambda _, act=act: self._try(act))
            pressed.append(button)
        self._draw()
        for name, control in self.controls.items():
            control.observe(partial(self._choose, name), "value")
        wrapped = widgets.Layout(flex_flow="row wrap")
        self.box.children = [
            widgets.HTML(_STYLE + _banner(lang)),
            widgets.Box(list(self.controls.values()), layout=wrapped),
            widgets.Box(pressed, layout=wrapped),
            self.said,
            widgets.Box([self.drawn, self.listed], layout=wrapped).add_class("wb-seen"),
        ]
        for direction in ("rtl", "ltr"):
            self.box.remove_class(f"wb-{direction}")
        self.box.add_class("wb-rtl" if lang == "fa" else "wb-ltr")

    def _draw(self) -> None:
        table = view_table(self.view)
        self._set_controls(table)
        self.drawn.value = view_chart(self.view, table)._repr_html_()
        self.listed.value = str(view_report(self.view, table))
        self.said.value = ""

    def _set_controls(self, table: pd.DataFrame) -> None:
        self._is_setting = True
        for name, options in _options(self.view, table).items():
            self.controls[name].options = options
        for name, control in self.controls.items():
            control.value = getattr(self.view, name, "")
        self._is_setting = False

    def _choose(self, name: str, change: dict) -> None:
        if self._is_setting:
            return
        if name == "open":
            self._try(lambda: self.go(opened(self.view, change["new"])))
        else:
            self._try(lambda: self.go(replace(self.view, **{name: change["new"]})))

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (HelpersError, OSError) as error:
            self._say(escape(str(error)))

    def _say(self, markup: str) -> None:
        self.said.value = markup

    def _tell_code(self) -> None:
        self._say(f'<pre dir="ltr">{escape(code(self.view))}</pre>')

    def _save(self) -> None:
        command = f"workbench render --batch {_told(save(self.view))}"
        self._say(f'<pre dir="ltr">{escape(command)}</pre>')

    def _export(self, form: str) -> None:
        self._say(f'<pre dir="ltr">{escape(_told(export(self.view, form)))}</pre>')


# What the views are made of


def _by(view: View) -> list[str]:
    has_places = view.peers and view.by != "province"
    return [*BY[view.by], "place"] if has_places else BY[view.by]


def _filters(view: View) -> dict[str, str]:
    chosen = {"sector": view.sector, "use": view.use, "partner_iso3": view.partner}
    chosen["hs_section" if _is_section(view.hs) else _LEVEL_OF.get(len(view.hs), "")] = view.hs
    return {key: word for key, word in chosen.items() if word}


def _is_section(hs: str) -> bool:
    return (
        bool(hs) and not hs[0].isdigit() and hs in set(classification.hs_sections()["hs_section"])
    )


def _keys(view: View) -> list[str]:
    return list(dict.fromkeys([*BY[view.by], *_filters(view)]))


def _where(view: View) -> str:
    return " and ".join(f"{key} == {word!r}" for key, word in _filters(view).items())


def _chosen(view: View, period: Period) -> pd.DataFrame:
    places = {"places": [view.province, *view.peers]}
    if view.by == "province" or not view.peers:
        province = None if view.by == "province" else view.province
        rows = store.totals(_keys(view), period=period, flow=view.flow, province=province)
    else:
        rows = totals_of_places(_keys(view), period=period, flow=view.flow, **places)
    return rows.query(_where(view)) if _where(view) else rows


def _labels(view: View, table: pd.DataFrame) -> list[str]:
    key = BY[view.by][0]
    if view.by != "month":
        return [tables.name_of(key, row, view.lang) for row in table[key]]
    year = parse_period(view.period).year
    spans = zip(table["month_first_sh"], table["month_last_sh"], strict=True)
    return [narrative.period_name(Period(year, int(a), int(b)), view.lang) for a, b in spans]


def _subject(view: View) -> str:
    lang, key = view.lang, "month" if view.by == "month" else BY[view.by][0]
    places = [NATION] if view.by == "province" else [view.province, *view.peers]
    place = narrative.COMMA[lang].join(tables.name_of("place", p, lang) for p in places)
    chosen = [tables.name_of(key, word, lang) for key, word in _filters(view).items()]
    text = _WORDS["view"]["subject"][lang].format(
        flow=narrative.FLOW_NAMES[view.flow][lang], place=place,
        by=_lower(tables.KEY_NAMES[key][lang]), period=narrative.period_name(view.period, lang),
    )  # fmt: skip
    return " · ".join([text[:1].upper() + text[1:], *chosen])


def _lower(label: str) -> str:
    return label if label.startswith("HS") else label.lower()


def _title(view: View, known: pd.DataFrame) -> str:
    own = known[known["place"] == view.province] if "place" in known else known
    if own.empty:
        return _subject(view)
    top = own.loc[own[view.measure].idxmax()]
    return _WORDS["view"]["highest"][view.lang].format(
        subject=_subject(view),
        measure=narrative.measure_name(view.measure, view.lang),
        place=_WORDS["view"]["of"][view.lang].format(
            tables.name_of("place", view.province, view.lang)
        )
        if "place" in known
        else "",
        name=top["label"],
        amount=narrative.amount(top[view.measure], MEASURES[view.measure], view.lang),
    )


def _shown(column: tables.Column, value: float, lang: Lang) -> str:
    return narrative.MISSING[lang] if pd.isna(value) else tables.written(value, column, lang)


def _source(lang: Lang) -> str:
    return narrative.declarations_source(store.is_synthetic(), lang)


def _file(view: View, ending: str, folder: Path | None) -> Path:
    folder = folder or outputs_dir() / "explore"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{view.name}.{ending}"


def _told(path: Path) -> str:
    """The path as it is typed in the project's folder."""
    root = outputs_dir().parent
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


def _with_words(view: View, table: pd.DataFrame) -> figures.Chart:
    """A chart that leaves its page takes title and source along."""
    chart = view_chart(view, table)
    if isinstance(chart, Html):
        raise NotEnoughData(
            f"there is nothing to draw for {view.name}: choose other goods or months"
        )
    with mpl.rc_context({"font.family": figures.FAMILY, "axes.unicode_minus": False}):
        chart.figure.suptitle(textwrap.fill(chart.title, 75), fontsize=10.5, fontweight=600)
        chart.figure.supxlabel(chart.source, fontsize=8)
        chart.figure.tight_layout(pad=0.6)
    return chart


# The words and options of views and widgets

_WORDS = narrative.words_of("explore")


def _bench_words(lang: Lang) -> dict[str, str]:
    return {name: word[lang] for name, word in _WORDS["bench"].items()}


def _options(view: View, table: pd.DataFrame) -> dict[str, list]:
    """What can be chosen, named in the language of the view."""
    lang, words = view.lang, _bench_words(view.lang)
    provinces = sorted((classification.province_name(slug, lang), slug) for slug in PROVINCES)
    every = [(words["all"], "")]
    partners = set(store.totals(["partner_iso3"], flow=view.flow)["partner_iso3"]) | {view.partner}
    named = sorted((classification.partner_name(p, lang), p) for p in partners if p)
    measured = [(narrative.measure_name(m, lang), m) for m in MEASURES]
    key_names = {by: tables.KEY_NAMES["month" if by == "month" else BY[by][0]] for by in BY}
    return {
        "province": provinces,
        "period": [(narrative.period_name(p, lang), p) for p in _periods(view)],
        "lang": [("فارسی", "fa"), ("English", "en")],
        "flow": [(narrative.FLOW_NAMES[flow][lang], flow) for flow in FLOWS],
        "by": [(names[lang], by) for by, names in key_names.items()],
        "measure": measured,
        "peers": [(figures.NATION_NAME[lang], NATION), *provinces],
        "sector": every + [(classification.sector_name(s, lang), s) for s in SECTORS],
        "use": every + [(classification.use_name(u, lang), u) for u in USES],
        "partner": every + named,
        "open": [("–", ""), *_rows_to_open(view, table)],
    }


def _rows_to_open(view: View, table: pd.DataFrame) -> list[tuple[str, str]]:
    if view.by not in OPENS:
        return []
    key = BY[view.by][0]
    rows = table.dropna(subset=[key]).drop_duplicates(key).head(MOST_ROWS)
    return [
        (tables.name_of(key, row, view.lang), row)
        for row in rows[key]
        if row in PROVINCES or key != "province"
    ]


def _periods(view: View) -> list[str]:
    """The codes of the months there are, and of the years and first months that they make up."""
    months = store.months_covered(view.flow).sort_values(["year_sh", "month_last_sh"])
    spans = {Period(*map(int, row)) for row in months.itertuples(index=False)}
    sums = {Period(p.year, 1, p.month_last) for p in spans}
    quarters = {
        Period(p.year, p.month_last - 2, p.month_last) for p in spans if not p.month_last % 3
    }
    chosen = {parse_period(view.period)}
    return [str(p) for p in sorted(spans | sums | quarters | chosen, reverse=True)]


def _banner(lang: Lang) -> str:
    if not store.is_synthetic():
        return ""
    text = _WORDS["view"]["synthetic"][lang]
    return f'<p class="wb-synthetic" role="note">{text}</p>'


_STYLE = """<style>
.wb-bench.wb-rtl {direction: rtl} .wb-bench.wb-ltr {direction: ltr}
.wb-bench .wb-synthetic {background: #fff3cd; color: #5c4400; padding: .4em .8em; margin: 0}
.wb-bench .wb-seen {gap: 1.5em; margin-top: .5em}
.wb-bench .wb-seen > * {flex: 1 1 30em; min-width: 0; max-height: 40em; overflow: auto}
.wb-bench .widget-label {width: 8.5em; text-align: end; margin-inline-end: .5em}
.wb-bench .wb-open :is(select, label) {font-weight: 600}
.wb-bench .wb-said:not(:empty) {margin: .5em 0; padding: 0 .8em}
.wb-bench .wb-said:not(:empty) {border-inline-start: 3px solid #0b6e6e}
.wb-bench figure {margin: 0}
.wb-bench :is(figcaption, .gt_title) {font-weight: 600; line-height: 1.45}
.wb-bench img {max-width: 100%; height: auto; background: #fff}
.wb-bench table {border-collapse: collapse; font-size: 12px; line-height: 1.35}
.wb-bench :is(th, td) {padding: .25em .6em; border-bottom: 1px solid #d9dee2; text-align: start}
.wb-bench :is(th, td).gt_right {text-align: end; font-variant-numeric: tabular-nums}
.wb-bench pre {white-space: pre-wrap; line-height: 1.5}
</style>"""

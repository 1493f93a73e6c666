"""The analyst's bench: a view of the declarations as widgets, as code, as a page, as files.

A `View` is everything that was chosen, and nothing else: the widgets change it, `code` writes the
lines of helpers that give its table, `save` writes it as a batch file that renders it. What the
declarations cannot answer (goods and weight, where they hold value only) is not offered, and one
line names the file that would answer it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import matplotlib as mpl
import msgspec
import pandas as pd
import yaml

from helpers import classification, schema, store
from helpers.measures import values
from helpers.periods import Period, parse_period
from helpers.places import outputs_dir
from helpers.telling import charts, numbers, page, tables
from helpers.telling.numbers import Html, words_of

_WORDS = words_of("explore")
BY = {by: step["key"] for by, step in _WORDS["steps"].items()}
"""What a row of a view is, and the column that names it."""
GOODS = [by for by, step in _WORDS["steps"].items() if step.get("is_goods")]
"""Rows that only declarations with goods have."""
MEASURES = {measure: column["unit"] for measure, column in _WORDS["columns"].items()}
"""What a view says of a row, and its unit."""

TIME = ("year", "month")
OF_VALUE = ("value_usd", "share", "growth_share")
FORMATS = ("csv", "xlsx", "png", "svg")
MOST_BARS, MOST_ROWS = 12, 30
_ALLOWED = {
    "province": schema.PROVINCES, "lang": schema.LANGS, "flow": schema.FLOWS, "by": tuple(BY),
    "measure": tuple(MEASURES),
}  # fmt: skip
_HELD = tuple(key for key in dict.fromkeys(BY.values()) if key not in ("province", "period"))
_CODES = {"sector": schema.SECTORS, "use": schema.USES}
_STYLE = Path(__file__).with_suffix(".css").read_text("utf-8")


@dataclass(frozen=True)
class View:
    """What is looked at; its fields are the parameters of `00_explore`.

    Attributes:
        province: slug.
        period: code; rows by year are those of all years.
        lang: `fa` or `en`.
        flow: one of `schema.FLOWS`.
        by: what a row is, one of `BY`. By province, all provinces are rows.
        measure: the column that bars show and rows are sorted by, one of `MEASURES`.
        within: `KEY:CODE` of each row that was opened: `partner_iso3:IRQ`, `hs2_code:30`.
    """

    province: str = "alborz"
    period: str = "1404M01-10"
    lang: schema.Lang = "fa"
    flow: str = "export"
    by: str = "partner"
    measure: str = "value_usd"
    within: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "within", tuple(self.within))
        object.__setattr__(self, "period", str(parse_period(self.period)))
        for name, vocabulary in _ALLOWED.items():
            schema.check_word(name, getattr(self, name), vocabulary)
        for key, word in self.chosen.items():
            schema.check_word("key of within", key, _HELD)
            schema.check_word(key, word, _CODES.get(key, (word,)))
        classification.code_name("partner", self.chosen.get("partner_iso3", "IRQ"), self.lang)
        if self.by in TIME and self.measure == "share":  # of what? each row is a whole
            object.__setattr__(self, "measure", "value_usd")

    @property
    def chosen(self) -> dict[str, str]:
        """The key of each opened row, with its code."""
        return dict(str(pair).partition(":")[::2] for pair in self.within)

    @property
    def name(self) -> str:
        """What its files are called."""
        return "-".join([self.flow, self.period, self.province, *self.named, self.lang])

    @property
    def named(self) -> list[str]:
        """The part of the name for the rows and the measure."""
        codes = [re.sub(r"\W+", "_", code) for code in self.chosen.values()]
        return ["by", self.by, *codes, self.measure]

    @property
    def lacks(self) -> str:
        """`value` where its declarations have value only, `none` where there are none."""
        province = None if self.by == "province" else self.province
        rung = store.evidence(province, parse_period(self.period), self.flow).rung
        return rung.replace("goods", "")

    @property
    def periods(self) -> list[Period]:
        """Of which periods the rows are: one, or that of each row."""
        period = parse_period(self.period)
        if self.by == "month":
            months = store.months_declared(period, self.flow)
            return [Period(period.year, month, month) for month in months]
        declared = store.periods_declared(self.flow) if self.by == "year" else ()
        return [each.period for each in declared] or [period]


def view_table(view: View) -> pd.DataFrame:
    """The table of a view, largest measure first (years and months in their order).

    Returns:
        `[<column of BY>, *MEASURES, period]`, a row a key of the period or of what it is compared
        with (`store.comparison_base`). `growth_share` is of value, by month's average where
        `store.Base` says so, NA where there was none before. No rows where nothing was declared,
        or where rows are goods and the declarations name none.
    """
    first, is_time = BY[view.by], view.by in TIME
    if view.lacks and view.by in GOODS:
        return pd.DataFrame(columns=[first, *MEASURES, "period"])
    keys = list(dict.fromkeys(["flow" if is_time else first, *view.chosen]))
    about = {"flow": view.flow, "province": None if view.by == "province" else view.province}
    parts = []
    for period in view.periods:
        base = store.comparison_base(period, view.flow)
        now = store.totals(keys, period=period, **about)
        before = store.totals_before(keys, base, **about)
        for key, code in view.chosen.items():
            now, before = (side[side[key].eq(code).fillna(False)] for side in (now, before))
        table = values.unit_values(values.paired(now, before, keys[:1], ("", "_before")))
        table["share"] = values.shares(table["value_usd"])
        # Of a base of another length the average month counts.
        alike = table["value_usd_before"] / (base.n_months or 1) * len(base.months)
        table["growth_share"] = values.ratio(table["value_usd"], alike) - 1
        parts.append(table.assign(period=str(period)))
    columns = list(dict.fromkeys([keys[0], *MEASURES, "period"]))
    order = {"by": "period" if is_time else view.measure, "ascending": is_time}
    return pd.concat(parts)[columns].sort_values(**order, ignore_index=True)


def code(view: View) -> str:
    """The lines that give the table of the view and a chart to go on with, ready for a cell."""
    key, measure = BY[view.by], view.measure
    return f"""import seaborn
from helpers import explore

table = explore.view_table(explore.{view!r})
rows = table.dropna(subset={measure!r}).head({MOST_BARS}).astype({{{key!r}: str}})
seaborn.barplot(rows, x={measure!r}, y={key!r}, orient="h", color="{charts.PROVINCE}")"""


def view_chart(view: View, table: pd.DataFrame) -> charts.Chart | Html:
    """The first rows of the view's table as bars, titled by which is highest."""
    lang, seen, measure = view.lang, _page(view), view.measure
    rows, parts = table.dropna(subset=[measure]), {"subject": _subject(view)}
    if rows.empty:
        parts["file"] = _WORDS["lacks"][view.lacks or "none"]["file"][lang]
        return page.unanswered(page.Fact("explore.view", "missing", parts), seen)
    own = rows.get("province", pd.Series(view.province, rows.index)) == view.province
    rows = rows.assign(row=_labels(view, rows), is_own=own)
    highest = rows.iloc[rows[measure].argmax()]
    parts |= {"measure": _WORDS["measures"][measure][lang], "first": highest["row"]}
    parts["largest"] = seen.number(measure, highest[measure], MEASURES[measure])
    return charts.draw(page.Fact("explore.view", "rows", parts), rows, seen, name=measure)


def view_page(view: View, table: pd.DataFrame) -> Html:
    """What the declarations lack, chart and table under each other, as a page shows them."""
    chart, seen = view_chart(view, table), _page(view)
    if isinstance(chart, Html):
        return chart
    left_out = [m for m in MEASURES if view.lacks and m not in OF_VALUE]
    left_out += ["share"] if view.by in TIME else []
    forms = {"row": _WORDS["rows"][view.by]} | {
        name: form
        for name, form in _WORDS["columns"].items()
        if name not in left_out and table[name].notna().any()
    }
    columns = {name: tables.ColumnForm(**form) for name, form in forms.items()}
    rows = table.assign(row=_labels(view, table)).head(MOST_ROWS)
    report = tables.report_table(rows, columns, _subject(view), seen, whole=len(table))
    lacks = page.doubt(page.Fact("explore.lacks", "value"), seen)
    return Html(lacks * (view.lacks == "value") + chart.markup() + report.markup)


def export(view: View, form: str, folder: Path | None = None) -> Path:
    """Writes the table or the chart of a view as a file, with its source in it.

    Args:
        view: whose table or chart.
        form: one of `FORMATS`: the whole table as `csv` or `xlsx`, the chart as `png` or `svg`.
        folder: `outputs/explore` if not given.

    Returns:
        The file.

    Raises:
        NotEnoughData: there is nothing to draw.
    """
    schema.check_word("format", form, FORMATS)
    path, table = _file(view, form, folder), view_table(view)
    sourced = table.assign(source=_page(view).source)
    if form == "csv":
        path.write_text(tables.safe_csv(sourced), encoding="utf-8-sig")
    elif form == "xlsx":
        plain = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
        with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs=plain) as book:
            book.book.set_properties({"created": datetime(1980, 1, 1)})  # the same bytes again
            sourced.to_excel(book, index=False, sheet_name="view", freeze_panes=(1, 1))
    elif isinstance(chart := view_chart(view, table), Html):
        raise schema.NotEnoughData(f"nothing to draw for {view.name}: choose other rows or months")
    else:
        _draw_alone(chart, path)
    return path


def _draw_alone(chart: charts.Chart, path: Path) -> None:
    """A chart that leaves its page takes title and source along, above and below it."""
    side, anchor = (1, "right") if chart.lang == "fa" else (0, "left")
    with mpl.rc_context(charts.TEXT):
        for y, text, end in ((1.12, chart.title, "bottom"), (-0.06, chart.source, "top")):
            chart.figure.text(side, y, textwrap.fill(text, 62), ha=anchor, va=end)
        chart.figure.savefig(path, dpi=200, bbox_inches="tight", pad_inches=0.15)


def save(view: View, folder: Path | None = None) -> Path:
    """Writes the view as a batch file: `workbench render --batch FILE.yml` makes its page.

    The page is named after the view, so that several of one province stand beside each other.
    """
    given = {**asdict(view), "within": list(view.within)}
    axes = {name: [given.pop(name)] for name in ("province", "period", "lang")}
    name = "-".join(["00_explore", view.flow, *view.named])
    content = {"notebooks": ["00_explore"], "name": name, **axes, "parameters": given}
    path = _file(view, "yml", folder)
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), "utf-8")
    return path


def read_view(path: Path | str) -> View:
    """The view that `save` wrote.

    Raises:
        UnreadableFile: it is not such a file; the message names the fault.
    """
    try:
        content = yaml.safe_load(Path(path).read_text("utf-8"))
        axes = {name: content[name][0] for name in ("province", "period", "lang")}
        return msgspec.convert({**content["parameters"], **axes}, View)
    except (OSError, ValueError, LookupError, TypeError, yaml.YAMLError) as error:
        message = f"expected a view saved by the explorer in {path}: {error!r}"
        raise schema.UnreadableFile(message) from None


def opened(view: View, row: str) -> View:
    """The view one step down, inside a row: a province's partners, a chapter's headings."""
    key, inside = BY[view.by], _WORDS["steps"][view.by]["inside"]
    if key in ("province", "period"):
        return replace(view, **{key: row}, by=inside)
    return replace(view, within=(*view.within, f"{key}:{row}"), by=inside)


def _page(view: View) -> page.Page:
    return page.open_page(view.province, view.period, view.lang, view.flow)


def _labels(view: View, table: pd.DataFrame) -> list[str]:
    return [_name(BY[view.by], code, view.lang) for code in table[BY[view.by]]]


def _name(kind: str, code: Any, lang: schema.Lang) -> str:
    if pd.isna(code):
        return numbers.MISSING[lang]
    name = page.name_of(kind, code, lang)
    return f"{code} {name}" if kind.startswith("hs") and name != code else name


def _subject(view: View) -> str:
    lang, by = view.lang, _WORDS["rows"][view.by][view.lang]
    text = _WORDS["subject"]["years" if view.by == "year" else "period"][lang].format(
        flow=words_of("common")["flow_names"][view.flow][lang],
        place=numbers.scope_name("nation" if view.by == "province" else view.province, lang),
        by=by if by.startswith("HS") else by.lower(),
        period=_page(view).period_words,
    )
    chosen = (_name(key, word, lang) for key, word in view.chosen.items())
    return " · ".join([text[:1].upper() + text[1:], *chosen])


def _file(view: View, ending: str, folder: Path | None) -> Path:
    folder = folder or outputs_dir() / "explore"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{view.name}.{ending}"


class Explorer:
    """The view as widgets: whatever is chosen, chart and table follow.

    Where there are no widgets (a rendered page) it shows chart and table as they stand.

    Attributes:
        view: what is looked at now; `explorer.view` in a cell below goes on from there.
        controls: the widgets by the field of `View` that they set, and `open`.
        seen, answer: chart and table, and what the last button answered, as HTML.
    """

    def __init__(self, view: View) -> None:
        names = [*(field.name for field in fields(View)), "open"]
        self.controls = {name: widgets.Dropdown(layout={"width": "22em"}) for name in names}
        for name, control in self.controls.items():
            control.add_class(f"wb-{name}").observe(partial(self._choose, name), "value")
        self._acts = {
            "code": lambda: code(self.view),
            "save": lambda: f"workbench render --batch {_from_root(save(self.view))}",
        } | {form: lambda form=form: _from_root(export(self.view, form)) for form in FORMATS}
        self._buttons = {name: widgets.Button(description=name.upper()) for name in self._acts}
        for name, button in self._buttons.items():
            button.on_click(partial(self._try, self._acts[name]))
        self._banner, self.answer, self.seen = (widgets.HTML() for _ in range(3))
        rows = [
            widgets.Box(tuple(each.values()), layout={"flex_flow": "row wrap"})
            for each in (self.controls, self._buttons)
        ]
        said, seen = self.answer.add_class("wb-said"), self.seen.add_class("wb-seen")
        self.box = widgets.VBox((self._banner, *rows, said, seen)).add_class("wb-bench")
        self.go(view)

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return {**(self.box._repr_mimebundle_() or {}), "text/html": self.seen.value}

    def go(self, view: View) -> None:
        """Shows another view, all in its language."""
        table, words = view_table(view), {n: word[view.lang] for n, word in _WORDS["bench"].items()}
        self.view, options = view, _options(view, table)
        self._is_setting = True
        for name, control in self.controls.items():
            control.description, control.options = words[name], options[name]
            control.value = getattr(view, name, "")
        self._is_setting = False
        for name in ("code", "save"):
            self._buttons[name].description = words[name]
        banner = f'<p class="wb-synthetic" role="note">{words["synthetic"]}</p>'
        self._banner.value = f"<style>{_STYLE}</style>" + banner * store.is_synthetic()
        self.seen.value, self.answer.value = str(view_page(view, table)), ""
        ways = ("wb-rtl", "wb-ltr") if view.lang == "fa" else ("wb-ltr", "wb-rtl")
        self.box.add_class(ways[0]).remove_class(ways[1])

    def _choose(self, name: str, change: dict[str, Any]) -> None:
        step = opened if name == "open" else lambda view, new: replace(view, **{name: new})
        if not self._is_setting:
            self._try(lambda: self.go(step(self.view, change["new"])))

    def _try(self, act: Callable[[], str | None], _: object = None) -> None:
        try:
            answer = act()
            self.answer.value = f'<pre dir="ltr">{escape(answer)}</pre>' if answer else ""
        except (schema.HelpersError, OSError) as error:
            self.answer.value = escape(str(error))


def _from_root(path: Path) -> str:
    """The path as it is typed in the project's folder."""
    root = outputs_dir().parent
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


def _options(view: View, table: pd.DataFrame) -> dict[str, list[tuple[str, Any]]]:
    """What can be chosen, named in the language of the view.

    Rows and measures that the declarations do not have are not offered; of what was opened, each
    step back is.
    """
    lang, has_goods = view.lang, not view.lacks
    declared = [str(each.period) for each in reversed(store.periods_declared(view.flow))]
    periods = dict.fromkeys([view.period, *declared])
    rows = [by for by in BY if has_goods or by not in GOODS or by == view.by]
    measures = [m for m in MEASURES if has_goods or m in OF_VALUE or m == view.measure]
    opened_so_far = [view.within[:n] for n in range(len(view.within) + 1)]
    steps = ["–", *(_name(key, word, lang) for key, word in view.chosen.items())]
    inside = zip(_labels(view, table), table[BY[view.by]], strict=True)
    return {
        "province": sorted((numbers.scope_name(p, lang), p) for p in schema.PROVINCES),
        "period": [(numbers.period_name(period, lang), period) for period in periods],
        "lang": [("فارسی", "fa"), ("English", "en")],
        "flow": [(words_of("common")["flow_names"][flow][lang], flow) for flow in schema.FLOWS],
        "by": [(_WORDS["rows"][by][lang], by) for by in rows],
        "measure": [(_WORDS["measures"][measure][lang], measure) for measure in measures],
        "within": list(zip(steps, opened_so_far, strict=True)),
        "open": [("", ""), *(pair for pair in inside if not pd.isna(pair[1]))],
    }

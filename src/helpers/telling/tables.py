"""Report tables as data: which columns, under which heading, in which unit and scale.

The form of a table stands beside the words of its question:

    [mix.table]
    columns.partner_iso3 = { fa = "مقصد", en = "Destination" }
    columns.net_mass_kg = { fa = "وزن (هزار تن)", en = "Weight (kt)", unit = "kg", scale = 1e6 }

The first column names the line. A column of codes of a kind in `page.NAMES` is written as names.
The frame behind a table travels with it (`Table.frame`), so the data book is made from frames.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any
from urllib.parse import quote

import pandas as pd

from helpers.schema import Lang, Number
from helpers.telling import numbers
from helpers.telling.page import NAMES, Fact, Html, Page, name_of, question_words, text, unanswered

TABLE_MIME = "application/vnd.workbench.table+json"
"""A table as data beside its markup: title, source, notes, columns, rows; the export reads it."""


@dataclass(frozen=True)
class ColumnForm:
    """How a column is headed and written.

    Attributes:
        fa: the heading in Persian, with its unit.
        en: the same in English.
        unit: unit of the stored values (`USD`, `kg`, `USD/t`, `1` for a share, `point`, `n`);
            empty for text, `code` for what a program reads (a name of a file), `year` for an
            Iranian year.
        scale: what the values are divided by before they are written.
        decimals: how many of them.
    """

    fa: str
    en: str
    unit: str = ""
    scale: float = 1.0
    decimals: int = 0

    @property
    def css(self) -> str:
        """How its cells are laid out."""
        return "wb-text" if self.unit in ("", "code") else "wb-figure"

    def written(self, value: float, lang: Lang) -> str:
        """A number as this column writes it, without its unit; zero is a dash."""
        if value == 0:
            return numbers.ZERO
        if self.unit == "1":
            return numbers.share(value, lang, self.decimals or 1)
        scaled = value / (0.01 if self.unit == "point" else self.scale)
        return numbers.plain(scaled, lang, numbers.enough(scaled, self.decimals))


@dataclass(frozen=True)
class Table:
    """A report table: its markup for a notebook and a page, and the data behind it.

    Attributes:
        markup: the table as HTML; texts from the data are escaped.
        frame: what it shows, unrounded, in columns named by the codebook.
        data: the same as a data book writes it (`table_data`).
        notes: what blanks and marks mean.
    """

    markup: Html = field(repr=False)  # Notebooks ask every object for its words.
    frame: pd.DataFrame = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    notes: Sequence[str]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/html": str(self.markup), TABLE_MIME: dict(self.data)}


def table_data(
    title: str, source: str, columns: Mapping[str, tuple[str, str]], rows: pd.DataFrame, note: str
) -> dict[str, Any]:
    """A table as a data book writes it: headings, units and plain values; null is missing."""
    heads = [{"name": n, "heading": head, "unit": unit} for n, (head, unit) in columns.items()]
    plain = rows[list(columns)].astype(object)
    values = plain.where(plain.notna(), None).to_numpy().tolist()
    return {"title": title, "source": source, "notes": note, "columns": heads, "rows": values}


def named_code(kind: str, code: Any, lang: Lang) -> str:
    """What a code is called where nobody sees its column's name: goods with their code."""
    name = name_of(kind, code, lang)
    return f"{name} ({code})" if kind.startswith("hs") and str(code).isdigit() else name


def table(fact: Fact, rows: pd.DataFrame, page: Page, *, name: str = "table") -> Table | Html:
    """The rows as the report table of a fact.

    Args:
        fact: whose `heading` is the title, and whose words hold the form.
        rows: one row a line, in the order it is read; what a line is about in words of no
            language is its column `scope`, where it has one.
        page: language, place and source.
        name: which form, where a question has several tables.

    Returns:
        The table, without columns of which nothing is known; of a missing fact, the line that says
        so; without rows, nothing.
    """
    if fact.is_missing:
        return unanswered(fact, page)
    if rows.empty:
        return Html("")
    form = question_words(fact)[name]
    limit = form.get("n", len(rows))
    columns = {
        key: ColumnForm(**column)
        for key, column in form["columns"].items()
        if rows.head(limit)[key].notna().any()
    }
    title = text(fact, form.get("title", "heading"), page)
    group = form.get("group", "")
    return report_table(rows.head(limit), columns, title, page, group=group, whole=len(rows))


def report_table(
    rows: pd.DataFrame,
    columns: Mapping[str, ColumnForm],
    title: str,
    page: Page,
    *,
    group: str = "",
    whole: int = 0,
) -> Table:
    """The chosen columns of rows as a report table.

    Args:
        rows: one row a line.
        columns: column of `rows` -> how it is headed and written; the first names the line.
        title: the finding, or what the rows are.
        page: language and source.
        group: a column whose words head the rows that share them.
        whole: how many rows there are in all, which is noted where not all are shown.
    """
    lang = page.lang
    chosen = rows[list(columns)].reset_index(drop=True)
    scopes = list(rows["scope"] if "scope" in rows else chosen.iloc[:, 0])
    cells = [
        [
            _cell(value, name, column, str(of), page)
            for value, of in zip(chosen[name], scopes, strict=True)
        ]
        for name, column in columns.items()
    ]
    notes = _notes(cells, whole, lang)
    groups = [name_of(group, code, lang) for code in rows[group]] if group else [""] * len(rows)
    body = _body(cells, list(columns.values()), groups, lang)
    heads = "".join(
        f'<th scope="col" class="{column.css}">{escape(getattr(column, lang))}</th>'
        for column in columns.values()
    )
    frame = chosen.map(_bare)
    foot = source_line(". ".join(filter(None, (page.source, " ".join(notes)))), frame, lang)
    markup = (
        f'<div class="wb-table" role="region" aria-label="{escape(title)}" tabindex="0"><table>'
        f"<caption>{escape(title)}</caption><thead><tr>{heads}</tr></thead>{body}"
        f'<tfoot><tr><td colspan="{len(columns)}">{foot}</td></tr></tfoot></table></div>'
    )
    about = {name: (getattr(column, lang), column.unit) for name, column in columns.items()}
    named = frame.astype(object)
    for name, (_, unit) in about.items():
        if name in NAMES and not unit:
            named[name] = [c if pd.isna(c) else named_code(name, c, lang) for c in named[name]]
    # Its first note says whether it is cut.
    note = notes[0] if whole > len(rows) else ""
    return Table(Html(markup), frame, table_data(title, page.source, about, named, note), notes)


def _body(
    cells: Sequence[Sequence[str]], columns: Sequence[ColumnForm], groups: list[str], lang: Lang
) -> str:
    parts, open_group = [], ""
    for line, group in zip(zip(*cells, strict=True), groups, strict=True):
        if group != open_group:
            parts.append(
                f'<tr class="wb-group"><th scope="rowgroup" colspan="{len(columns)}">'
                f"{escape(group)}</th></tr>"
            )
            open_group = group
        first, *others = line
        tags = (
            f'<td class="{column.css}" data-label="{escape(getattr(column, lang))}">{cell}</td>'
            for cell, column in zip(others, columns[1:], strict=True)
        )
        parts.append(f'<tr><th scope="row">{first}</th>{"".join(tags)}</tr>')
    return f"<tbody>{''.join(parts)}</tbody>"


def _cell(value: Any, name: str, column: ColumnForm, scope: str, page: Page) -> str:
    lang = page.lang
    if isinstance(value, Number):
        # In a column of figures a count is no word.
        bare = numbers.plain(value.value, lang) if value.unit == "n" else None
        return numbers.number(value, lang, bare)
    if isinstance(value, Html):
        return value
    if pd.isna(value):
        return f'<span class="wb-missing">{numbers.MISSING[lang]}</span>'
    if column.unit == "code":
        return f'<code dir="ltr">{escape(str(value))}</code>'
    if not column.unit or isinstance(value, str):
        # A word may stand where a number would mislead, such as "new" for a growth from nothing.
        is_code = name in NAMES and not column.unit
        text = name_of(name, value, lang) if is_code else str(value)
        is_name = not column.unit and name != "source"
        return escape(numbers.capital(text, lang) if is_name else text)
    if column.unit == "year":
        return numbers.year(int(value), lang)
    figure = Number(name, float(value), column.unit, scope, source=getattr(column, lang))
    if "growth" in name and column.unit == "1" and value > numbers.threshold("multiple_growth"):
        # As in sentences: a per cent of several hundred tells of the base, not of the growth.
        times = numbers.plain(1 + value, lang, 1)
        return numbers.number(figure, lang, numbers.words_of("common")["times"][lang].format(times))
    return numbers.number(figure, lang, column.written(float(value), lang))


def _notes(cells: Sequence[Sequence[str]], whole: int, lang: Lang) -> list[str]:
    terms, text = numbers.words_of("common")["table"], "".join(map("".join, cells))
    counts = {"n": numbers.plain(len(cells[0]), lang), "of": numbers.plain(whole, lang)}
    is_so = {
        "rows": whole > len(cells[0]), "zero": f">{numbers.ZERO}<" in text,
        "missing": "wb-missing" in text,
    }  # fmt: skip
    return [terms[name][lang].format(**counts) for name, is_noted in is_so.items() if is_noted]


def source_line(source: str, frame: pd.DataFrame, lang: Lang) -> str:
    """Where numbers come from, with the data behind them to take away as CSV; markup."""
    terms = numbers.words_of("common")["table"]
    csv = "data:text/csv;charset=utf-8," + percent_encoded("\ufeff" + safe_csv(frame))
    return (
        f'{terms["source"][lang]}: {escape(source)}<span class="wb-take"> · '
        f'<a download="data.csv" href="{escape(csv)}">{terms["data"][lang]}</a></span>'
    )


def percent_encoded(text: str, kept: str = "/") -> str:
    """`urllib.parse.quote`, which takes every byte in turn; here a character that occurs, once."""
    for character in sorted(set(text), key="%".__ne__):  # What it stands for has the sign itself.
        text = text.replace(character, quote(character, kept))
    return text


_UNSEEN = r"[\s\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]*"
_FORMULA = re.compile(rf"(^|;)(?={_UNSEEN}[=+\-@＝＋－＠﹦﹢﹣﹫]|[\t\r])")


def safe_csv(table: pd.DataFrame) -> str:
    """The table as CSV in which no text can start a formula in a spreadsheet.

    Not after a semicolon either: where that is the separator of lists, it starts a cell.
    """

    def harmless(value: Any) -> Any:
        return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value

    return table.map(harmless).rename(columns=harmless).to_csv(index=False)


def _bare(value: Any) -> Any:
    if isinstance(value, Html):
        return unescape(re.sub("<[^>]*>", "", value))
    return value.value if isinstance(value, Number) else value

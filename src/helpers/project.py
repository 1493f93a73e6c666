"""The door to the workbench: all that it knows of trade.

The workbench finds this module by its entry point (`workbench.project`) and asks it for the names
below. Whatever is heavy is imported when it is asked for: `workbench --help` comes through here.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from helpers import commands
from helpers.commands import as_json, folder, listed, tell
from helpers.demo.command import demo, sample
from helpers.periods import FORMS, parse_period
from helpers.preparation import failures, made_elsewhere, stale_because
from helpers.schema import FLOWS, LANGS, PROVENANCE_MIME, PROVINCES, Number, UnknownCode, check_word

__all__ = [
    "PROVENANCE_MIME", "as_json", "failures", "folder", "listed", "made_elsewhere",
    "stale_because", "tell",
]  # fmt: skip

PACKAGE = Path(__file__).parent
"""What notebooks import: a change of anything in it makes their pages stale."""
NEW_NOTEBOOK = PACKAGE / "notebook_template.ipynb"
"""What `workbench new` begins with; `NN_name` in it becomes the new notebook's name."""
FIRST = "07_quarterly_briefing"
"""The notebook whose pages stand first, and larger, in the index."""
VOCABULARIES = {"province": PROVINCES, "flow": FLOWS}
"""Parameters whose name alone says what they may be, in every notebook that has them."""


@dataclass(frozen=True)
class Axis:
    """A parameter that distinguishes reports: an option, a level of folders, a filter.

    Attributes:
        name: of the parameter and of the option.
        metavar, help: of the option.
        read: a value in the form that records have; raises `UnknownCode` where it is none.
        name_in: the name of a value on a page, in a language; empty for values unknown here.
        order: sorts values, the newest last.
        every: what `all` stands for.
    """

    name: str
    metavar: str
    help: str
    read: Callable[[str], str]
    name_in: Callable[[Any, str], str]
    order: Callable[[str], Any] = str
    every: tuple[str, ...] = ()


def usual(stem: str) -> Mapping[str, tuple[str, ...]]:
    """What `workbench render` renders a notebook of the project for, where nothing is named."""
    if stem.startswith("02_"):  # The period that the statement speaks of.
        return {"period": ("1404M01-07",)}
    return {"period": ("1403", "1404M01-10")}


def banner(records: list[dict[str, Any]], shown: Iterable[str]) -> str:
    """The banner a page cannot be without: `synthetic`, `unknown`, or empty for real data.

    Only a record that says `is_synthetic: false` clears a page. A notebook without one is not
    known to be real, and one whose outputs speak of synthetic data is taken at its word.

    Args:
        records: what the notebook's provenance cells displayed.
        shown: all that its cells displayed, as text.
    """
    answers = [record.get("is_synthetic") for record in records]
    if any(answers):
        return "synthetic"
    if answers and all(answer is False for answer in answers):
        return ""
    return "synthetic" if any(map(_SYNTHETIC.search, shown)) else "unknown"


_SYNTHETIC = re.compile(r"\bsynthetic\b|ساختگی|wb-synthetic", re.IGNORECASE)


def trade_words(lang: str) -> dict[str, Any]:
    """The words of pages and of the index that speak of trade."""
    return json.loads((PACKAGE / "reference" / "page_words.json").read_text("utf-8"))[lang]


def tiles() -> list[list[str]]:
    """The provinces in rows, roughly where they lie on the map; empty for no province."""
    return json.loads((PACKAGE / "reference" / "province_tiles.json").read_text("utf-8"))


def on_the_map(axes: Mapping[str, Any], numbers: Iterable[Number]) -> dict[str, float | None]:
    """The numbers of a report that the map of the index shows of its province.

    Args:
        axes: `period` and `province` of the report.
        numbers: those that its page prints, in the order of reading.

    Returns:
        `ratio`, value per tonne as a multiple of the other provinces', and `share` of the nation;
        empty where the report lacks one side of the multiple for its own period.
    """
    province, measure = axes["province"], "unit_value_usd_per_tonne"
    values: dict[tuple[str, str], float | None] = {}
    for number in numbers:  # The first is the headline; later ones are of a sector.
        if number.period == axes["period"]:
            values.setdefault((number.name, number.scope), number.value)
    own, others = values.get((measure, province)), values.get((measure, "rest_of_nation"))
    if own is None or not others:
        return {}
    return {"ratio": own / others, "share": values.get(("national_share", province))}


def click_commands() -> list[click.Command]:
    """The commands that trade adds to `workbench`."""
    return [commands.ask, commands.clean_command, commands.fetch, demo, sample]


def warm_up(cells: str = "") -> None:
    """Imports the modules that notebooks import, draws once and reads the tables of names.

    Called once in a process that reports or kernels are forked from; it must leave no thread.

    Args:
        cells: of the notebooks that will run: what they do not speak of is not imported. Empty is
            any notebook.
    """
    for name, word in _PRELOADED.items():
        # What is missing or broken shows in the notebook that needs it.
        with suppress(Exception):
            if not cells or word in cells:
                importlib.import_module(name)
    with suppress(Exception):
        _rehearse()


_FACTS = [path.stem for path in (PACKAGE / "telling" / "facts").glob("[!_]*.py")]
_PRELOADED = dict.fromkeys((
    "pandas", "pyarrow.parquet", "pyarrow.dataset", "duckdb", "matplotlib.pyplot",
    "persiantools.jdatetime", "helpers.claims", "helpers.provenance", "helpers.published",
    "helpers.store", "helpers.telling.charts",
), "") | {f"helpers.telling.facts.{name}": name for name in _FACTS} | {
    # For a forecast alone, and slow to import.
    "helpers.measures.outlook": "outlook",
    "statsmodels.tsa.exponential_smoothing.ets": "outlook",
}  # fmt: skip
"""Module -> the word of a notebook that calls for it; empty where all do."""


def _rehearse() -> None:
    """Charts of both scripts drawn (fonts are found), the tables of names and words read."""
    import matplotlib as mpl
    import pandas as pd

    from helpers import classification
    from helpers.telling import charts, numbers, page

    rows = pd.DataFrame({"period": ["1402", "1403"], "share": [0.1, 0.2]})
    for lang in LANGS:
        for name in ("bars", "lines"):
            form = charts.Form(name, label="period", x="period", values=["share"], unit="per_cent")
            about = page.Page("alborz", parse_period("1403"), lang, "customs")
            with mpl.rc_context(charts.TEXT):
                figure = charts.FORMS[name](rows, form, about)
            charts.Chart(figure, "-", "-", "-", rows, lang).drawn()
    for path in numbers.WORDS.glob("*.toml"):
        numbers.words_of(path.stem)
    codes = pd.Series(["300490"], dtype="str")
    for kind in ("hs_section", "sector", "certainty", "group", "use"):
        classification.look_up(kind, codes)
    named = {"hs2_code": "30", "hs4_code": "3004", "hs6_code": "300490"}
    named |= {"sector": "industry", "group": "carpets", "use": "capital"}
    for lang in LANGS:
        for kind, code in (named | {"partner_iso3": "CHN", "province": "alborz"}).items():
            page.name_of(kind, code, lang)


def place_name(parameters: Mapping[str, Any], lang: str) -> str:
    """Whose page it is, as its imprint names the issuer; empty where it is of no province."""
    from helpers import classification

    slug = parameters.get("province")
    return classification.code_name("province", slug, lang) if slug in PROVINCES else ""


def _period_name(code: Any, lang: str) -> str:
    from helpers.telling import numbers

    try:
        return numbers.period_name(code, lang)
    except UnknownCode:  # A notebook of somebody else may mean another thing by "period".
        return ""


def _recency(code: str) -> tuple[int, int, int]:
    """By the last month, of equal ones the longer period; other codes come first."""
    try:
        period = parse_period(code)
    except UnknownCode:
        return (0, 0, 0)
    return (period.year, period.month_last, period.n_months)


AXES = (
    Axis(
        "period", "P,...", f"{FORMS}.", lambda code: str(parse_period(code)), _period_name, _recency
    ),
    Axis(
        "province",
        "SLUG,...|all",
        "Slugs.",
        lambda slug: check_word("province", slug, PROVINCES),
        lambda slug, lang: place_name({"province": slug}, lang),
        every=PROVINCES,
    ),
)
"""In the order of the folders below `outputs`."""

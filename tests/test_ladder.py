"""Every page of every province and declared year, on the real data that are carried.

The cells of the reports are run without drawing: what would be drawn, written and said is held
against what is known. No table of nothing but missing, no title, sentence or tile with a number
that is not known, in either language. Each province is run for one of the five declared periods,
so that six or more meet each of them; `LADDER=all pytest tests/test_ladder.py` runs all of all.
"""

import os
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from helpers import claims, published, store, telling
from helpers.customs import cleaning
from helpers.schema import PROVINCES, Number
from helpers.telling import charts, numbers
from helpers.telling import page as pages
from run_cells import run_cells

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
REPORTS = sorted((ROOT / "notebooks").glob("0[2-7]_*.ipynb"))
PERIODS = ("1400", "1401", "1402", "1403", "1404M01-10")
NOT_KNOWN = re.compile(r"\bnan\b|\bn/a\b|نامعلوم|[{}]|None")


def periods_of(province: str) -> list[str]:
    """One of the five in turn; all where that is asked for."""
    every = os.environ.get("LADDER") == "all"
    return PERIODS if every else PERIODS[PROVINCES.index(province) % 5 :][:1]


def asked_once(function):
    """The same answers without asking again: neither the figures nor the store change here."""
    answers = {}

    def ask(*given, **named):
        about = (*given, *sorted(named.items()))
        key = repr([each for each in about if not isinstance(each, pd.DataFrame)])
        return (
            answers[key] if key in answers else answers.setdefault(key, function(*given, **named))
        )

    return ask


OF_ALL = [
    (claims, "evaluate"), (store, "totals"), (store, "published"),
    (published, "beside_nation"), (published, "both_bases"), (published, "published_totals"),
    (published, "contradiction_numbers"), (published, "use_shares"), (published, "yearly_growth"),
]  # fmt: skip
"""What every page asks and no answer of which is the province's alone."""


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    processed = tmp_path_factory.mktemp("ladder") / "processed"
    cleaning.clean(ROOT / "data" / "raw", processed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_PROCESSED", str(processed))
        patch.setattr(store, "_used", set())
        for module, name in OF_ALL:
            patch.setattr(module, name, asked_once(getattr(module, name)))
        yield processed


class Heard:
    """Stands in for the telling of a page and notes what would not be fit to be shown."""

    def __init__(self, where: str) -> None:
        self.where, self.wrong, self.n = where, [], 0

    def _said(self, fact, page, *forms):
        for lang in ("fa", "en"):
            for form in forms:
                words = pages.text(fact, form, replace(page, lang=lang))
                if NOT_KNOWN.search(words):
                    self.wrong.append(f"{self.where} {fact.question} {lang} {form}: {words}")
        self.n += 1

    def say(self, fact, page, form="sentence"):
        self._said(fact, page, *(("asks", "needs") if fact.is_missing else (form,)))
        return numbers.Html("")

    def doubt(self, fact, page, form="sentence"):
        return numbers.Html("") if fact.is_missing else self.say(fact, page, form)

    def listing(self, facts, page, form="sentence"):
        tell = self.say if all(fact.is_missing for fact in facts) else self.doubt
        for fact in facts:
            tell(fact, page, form)
        return numbers.Html("")

    def cards(self, facts, page):
        for fact in facts:
            if not fact.is_missing and isinstance(fact.figure, Number):
                if numbers.is_missing(fact.figure.value):
                    continue
                self._said(fact, page, "label", "note")
        return numbers.Html("")

    def draw(self, fact, rows, page, *, name="chart"):
        if fact.is_missing:
            return self.say(fact, page)
        table = dict(pages.question_words(fact)[name])
        titles = [table.pop(key, key) for key in ("title", "alt")]
        form = charts.Form(**table)
        amounts = rows[[column for column in form.values if column in rows]]
        if not rows.empty and amounts.notna().any(axis=None):
            self._said(fact, page, *titles)
        return numbers.Html("")

    def table(self, fact, rows, page, *, name="table"):
        if fact.is_missing:
            return self.say(fact, page)
        form = pages.question_words(fact)[name]
        shown = rows[[column for column in form["columns"] if column in rows]]
        if not rows.empty:
            self._said(fact, page, form.get("title", "heading"))
            if shown.iloc[:, 1:].isna().all(axis=None):
                self.wrong.append(f"{self.where} {fact.question}: a table of nothing but missing")
        return numbers.Html("")


def run(path: Path, province: str, period: str, monkeypatch) -> Heard:
    heard = Heard(f"{path.stem} {province} {period}")
    for name in ("say", "doubt", "listing", "cards", "draw", "table"):
        monkeypatch.setattr(telling, name, getattr(heard, name))
    run_cells(path, without="provenance", province=province, period=period)
    return heard


@pytest.mark.parametrize("province", PROVINCES)
def test_no_page_shows_what_is_not_known(province, real, monkeypatch):
    wrong, n = [], 0
    for period in periods_of(province):
        for path in REPORTS:
            heard = run(path, province, period, monkeypatch)
            wrong += heard.wrong
            n += heard.n
    assert wrong == []
    assert n > 40

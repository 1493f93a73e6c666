"""Every sentence of both languages, in one file that an editor reads through.

The facts come from the examples of `test_facts_*`. After a change of wording:
`UPDATE_SNAPSHOTS=1 pytest tests/test_sentences.py`, then read the difference.
"""

import importlib
import os
import re
import tempfile
from functools import cache
from pathlib import Path

import pytest

from helpers import places
from helpers.periods import parse_period
from helpers.telling import page as pages
from helpers.telling.numbers import words_of

HERE = Path(__file__).parent
SNAPSHOT = HERE / "snapshots" / "sentences.md"
SUBJECTS = sorted(path.stem.removeprefix("test_facts_") for path in HERE.glob("test_facts_*.py"))
FORMS = ("title", "heading", "label", "sentence", "note", "verb", "clause", "alt")


@cache
def examples(subject):
    return importlib.import_module(f"test_facts_{subject}").examples()


def written(subject: str) -> str:
    """The section of a subject: a table a fact, a row a form, both languages side by side."""
    pages_of = [
        pages.Page("alborz", parse_period("1404M01-10"), lang, "-") for lang in ("fa", "en")
    ]
    lines = [f"# {subject}", ""]
    for fact in examples(subject):
        case = {**pages.question_words(fact), **pages.question_words(fact).get(fact.case, {})}
        forms = ("asks", "needs") if fact.is_missing else (*FORMS, "asks", "needs")
        lines += [f"## {fact.question} · {fact.case}", "", "| | فارسی | English |", "|---|---|---|"]
        for form in forms:
            if isinstance(case.get(form), dict) and "fa" in case[form]:
                texts = (pages.text(fact, form, page).replace("|", "¦") for page in pages_of)
                lines.append(f"| {form} | {' | '.join(texts)} |")
        lines.append("")
    return "\n".join(lines) + "\n"


def kept() -> dict[str, str]:
    """The sections of the file by their subject."""
    text = SNAPSHOT.read_text(encoding="utf-8") if SNAPSHOT.is_file() else ""
    return {part.split("\n")[0][2:]: part for part in re.split("^(?=# )", text, flags=re.M) if part}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_sentences_are_those_that_were_read(subject):
    section = written(subject)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        with places.locked(Path(tempfile.gettempdir()) / "sentences.lock"):
            sections = {**kept(), subject: section}
            text = "".join(sections[name] for name in sorted(sections) if name in SUBJECTS)
            places.write_whole(SNAPSHOT, lambda path: path.write_text(text, encoding="utf-8"))
    assert section == kept().get(subject, "")


def test_the_file_holds_the_subjects_that_there_are():
    assert list(kept()) == SUBJECTS


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_case_that_has_words_has_an_example(subject):
    seen = {(fact.question, fact.case) for fact in examples(subject)}
    for question, table in words_of(subject).items():
        if not isinstance(table, dict):
            continue
        for case, words in table.items():
            is_case = isinstance(words, dict) and any("fa" in words.get(f, ()) for f in FORMS)
            if is_case:
                assert (f"{subject}.{question}", case) in seen, f"{question}.{case}"

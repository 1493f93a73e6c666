"""Every sentence of both languages, in one file that an editor reads through.

The facts come from the examples of `test_facts_*`. After a change of wording:
`UPDATE_SNAPSHOTS=1 pytest tests/test_sentences.py`, then read the difference.
"""

import importlib
import os
from pathlib import Path

import pytest

from helpers.periods import parse_period
from helpers.telling import page as pages
from helpers.telling.numbers import words_of

HERE = Path(__file__).parent
SUBJECTS = sorted(path.stem.removeprefix("test_facts_") for path in HERE.glob("test_facts_*.py"))
FORMS = ("title", "heading", "label", "sentence", "note", "verb", "clause", "alt")


def examples(subject):
    return importlib.import_module(f"test_facts_{subject}").EXAMPLES


def written(subject: str) -> str:
    lines = [f"# {subject}", ""]
    for fact in examples(subject):
        lines += [f"## {fact.question} · {fact.case}", ""]
        case = {**pages.question_words(fact), **pages.question_words(fact).get(fact.case, {})}
        forms = [
            f
            for f in (*FORMS, "asks", "needs")
            if isinstance(case.get(f), dict) and "fa" in case[f]
        ]
        if fact.is_missing:
            forms = [form for form in forms if form in ("asks", "needs")]
        for lang in ("fa", "en"):
            page = pages.Page("alborz", parse_period("1404M01-10"), lang, "-")
            lines += [f"- {lang} {form}: {pages.text(fact, form, page)}" for form in forms]
        lines.append("")
    return "\n".join(lines)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_sentences_are_those_that_were_read(subject):
    kept = HERE / "snapshots" / f"{subject}.md"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(written(subject), encoding="utf-8")
    assert written(subject) == kept.read_text(encoding="utf-8")


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

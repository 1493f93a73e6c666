"""The words of the pages: both languages say the same, in the terms of the reviewed list."""

import csv
import json
import re
import string
from pathlib import Path

import pytest

from helpers.telling.numbers import WORDS, words_of

ROOT = Path(__file__).parents[1]
TERMS = ROOT / "src/helpers/reference/terms.csv"
SUBJECTS = sorted(path.stem for path in WORDS.glob("*.toml"))
PROSE = {"sentence", "title", "verb", "clause", "label", "note", "asks", "needs"}
LATIN_DIGITS = re.compile(r"[0-9]")


def forms(table, path=()):
    """Every pair of words below a table, with the names that lead to it."""
    for name, value in table.items():
        if isinstance(value, dict) and {"fa", "en"} <= set(value):
            yield (*path, name), value
        elif isinstance(value, dict):
            yield from forms(value, (*path, name))


every_subject = pytest.mark.parametrize("subject", SUBJECTS)


def pairs(subject: str) -> list[tuple[str, dict[str, str]]]:
    """Every pair of words of a subject, by the names that lead to it."""
    every = forms(words_of(subject))
    return [(".".join(path), pair) for path, pair in every if isinstance(pair["fa"], str)]


def parts(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@every_subject
def test_both_languages_are_filled_in_with_the_same_numbers_and_names(subject):
    optional = {"place", "nation", "period"}
    apart = {name: parts(pair["fa"]) ^ parts(pair["en"]) for name, pair in pairs(subject)}
    assert {name: names for name, names in apart.items() if names - optional} == {}


@every_subject
def test_persian_words_have_persian_digits_and_write_per_cent_out(subject):
    bare = {name: re.sub(r"{[^}]*}", "", pair["fa"]) for name, pair in pairs(subject)}
    assert {name: text for name, text in bare.items() if LATIN_DIGITS.search(text)} == {}
    prose = {name: text for name, text in bare.items() if name.rpartition(".")[2] in PROSE}
    assert {name: text for name, text in prose.items() if "٪" in text} == {}


def old_words(lang: str) -> list[tuple[str, str]]:
    rows = list(csv.DictReader(TERMS.open(encoding="utf-8")))
    return [(row[f"old_{lang}"], row[lang]) for row in rows if row[f"old_{lang}"]]


OLD = {
    lang: re.compile("|".join(rf"(?<!\w)(?:{old})(?!\w)" for old, _ in old_words(lang)), re.I)
    for lang in ("fa", "en")
}


@every_subject
def test_no_word_of_the_old_list_is_left_in_the_words(subject):
    seen = [(n, OLD[lang].search(p[lang])) for n, p in pairs(subject) for lang in ("fa", "en")]
    assert {name: match[0] for name, match in seen if match} == {}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_question_that_may_stay_unanswered_says_what_it_asks_and_what_it_needs(subject):
    for question, table in words_of(subject).items():
        if isinstance(table, dict) and ("asks" in table or "needs" in table):
            assert {"asks", "needs"} <= set(table), question


EVERY_NOTEBOOK = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOTEBOOKS = [path for path in EVERY_NOTEBOOK if "telling" in path.read_text("utf-8")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_word_of_the_old_list_is_left_in_a_notebook(path):
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        lang = next((tag for tag in cell["metadata"].get("tags", []) if tag in OLD), None)
        text = re.sub(r"`[^`]*`", "", "".join(cell["source"]))
        if lang and cell["cell_type"] == "markdown":
            assert not OLD[lang].search(text), (OLD[lang].search(text), text)
            if lang == "fa":
                assert not LATIN_DIGITS.search(text), text

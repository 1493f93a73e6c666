"""Sentences on what came in: each case in both languages, with the same numbers."""

import pandas as pd
import pytest

from helpers import narrative
from helpers.customs import declarations
from said import both


def file(read=10, kept=7, rejected=1, structural=2, **other):
    rows = {"read": read, "kept": kept, "rejected": rejected, "structural": structural}
    return {"source_file": "a.xls", "layout": "customs_ten_column", "rows": rows, **other}


def quality(*files, revisions=()):
    return {"files": list(files), "revisions": list(revisions)}


def total(difference):
    return {"control_total": {"difference": {"value_usd": difference}}}


CASES = [
    (narrative.files_read, quality(file()), "No row is lost", "the parts add up"),
    (narrative.files_read, quality(file(read=11)), "cannot be relied on", "a row is missing"),
    (narrative.files_read, quality(), "No file was read", "nothing there"),
    (narrative.control_totals, quality(file()), "No file carries a total", "no total row"),
    (narrative.control_totals, quality(file(**total(0.0))), "in all of them", "equal"),
    (narrative.control_totals, quality(file(**total(9.0))), "do not add up", "apart"),
    (narrative.files_failed, quality(file()), "Every file was read", "none failed"),
    (narrative.files_failed, quality(file(error="no heading")), "no heading", "one failed"),
    (narrative.revisions, quality(), "No file took the place", "none"),
    (narrative.revisions, quality(revisions=[{}]), "a later file took", "one"),
]


@pytest.mark.parametrize(("sentence", "given", "words", "reason"), CASES)
def test_sentences_on_files(sentence, given, words, reason):
    assert words in both(lambda lang: sentence(given, lang))["en"], reason


@pytest.mark.parametrize(("n", "words"), [(0, "No row was rejected"), (3, "3 rows were rejected")])
def test_sentence_on_rejects(n, words):
    assert words in both(lambda lang: narrative.rows_rejected(n, lang))["en"]


@pytest.mark.parametrize(("n", "words"), [(0, "No row looks doubtful"), (3, "3 rows were kept")])
def test_sentence_on_doubts(n, words):
    assert words in both(lambda lang: narrative.rows_doubted(n, 5e6, lang))["en"]


def test_sentence_on_a_period_that_holds_fewer_months():
    found = pd.DataFrame(
        {"net_mass_kg": 130.0e9, "published_kg": 130.0e9, "period": "1404",
         "likely_period": "1404M01-10"},
        index=[0],
    )  # fmt: skip
    assert (
        "very likely the first ten months"
        in both(lambda la: narrative.mislabelled(found, la))["en"]
    )
    assert "No period" in both(lambda lang: narrative.mislabelled(found.head(0), lang))["en"]


def test_a_file_name_cannot_bring_markup():
    hostile = quality(file(error="<b>") | {"source_file": "<script>x</script>.xls"})
    assert "<script>" not in narrative.files_failed(hostile, "en")


def test_every_flag_and_every_reason_is_explained_in_both_languages():
    for words, known in (
        (narrative.REPAIRS, declarations.FLAGS),
        (narrative.REJECTS, declarations.REASONS),
    ):
        assert set(words) == set(known)
        assert all(set(text) == {"fa", "en"} and all(text.values()) for text in words.values())

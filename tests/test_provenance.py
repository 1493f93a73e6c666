"""The record of a run: what it says of its data, its inputs and its software."""

import json

import pandas as pd
import pytest

from helpers import provenance, store
from helpers.provenance import NAMED_PACKAGES, record
from helpers.schema import PROVENANCE_MIME as MIME

FILES = {"sample/a.xlsx": True, "b.xlsx": False, "published/figures.csv": None}


def publish(folder, name="figures"):
    (folder / "published").mkdir(exist_ok=True)
    pd.DataFrame({"figure": ["a"]}).to_parquet(folder / "published" / f"{name}.parquet")


@pytest.mark.parametrize(
    ("kept", "asked", "expected", "reason"),
    [
        (True, ["totals"], True, "synthetic declarations were used"),
        (True, ["published"], False, "published figures alone are real"),
        (True, ["published", "totals"], True, "synthetic beside published is synthetic"),
        (True, ["rejects"], True, "rejects of synthetic files are synthetic"),
        (True, ["quality"], True, "so is what is said of them"),
        (False, ["totals"], False, "real declarations"),
        (False, ["published", "totals", "quality"], False, "all of it real"),
        (None, ["published"], False, "no declarations at all"),
        (True, [], False, "nothing was used"),
    ],
)
def test_a_page_is_synthetic_if_it_used_declarations_and_none_are_real(
    keep, keep_quality, processed, kept, asked, expected, reason
):
    keep_quality(FILES)
    publish(processed)
    pd.DataFrame({"source_file": ["b.xlsx"]}).to_parquet(processed / "rejects.parquet")
    if kept is not None:
        keep({"is_synthetic": kept})
    questions = {
        "totals": lambda: store.totals([]), "published": store.published,
        "rejects": store.rejects, "quality": store.quality,
    }  # fmt: skip
    for name in asked:
        questions[name]()
    assert record("n", lang="fa").facts["is_synthetic"] is expected, reason


def test_a_record_names_the_inputs_of_what_was_used(keep, keep_quality, processed):
    keep_quality(FILES)
    publish(processed)
    keep({})
    store.published()
    facts = record("n", lang="fa").facts
    assert [i["path"] for i in facts["inputs"]] == ["published/figures.csv"]
    assert facts["inputs"][0]["sha256"] == "2" * 64
    rows = {"read": 12, "kept": 9, "replaced": 0, "rejected": 2, "structural": 1}
    assert facts["rows"] == rows
    store.totals([])
    facts = record("n", lang="fa").facts
    assert [i["path"] for i in facts["inputs"]] == list(FILES)
    assert facts["tables"] == ["declarations", "published/figures"]


def test_writing_the_record_is_no_use_of_the_data(keep, keep_quality):
    keep_quality(FILES)
    keep({"is_synthetic": True})
    record("n", lang="fa")
    assert store.used() == frozenset()
    assert record("n", lang="fa").facts["is_synthetic"] is False


def test_a_record_names_the_software(processed):
    versions = record("n", lang="en").facts["versions"]
    assert set(versions) == {"python", *NAMED_PACKAGES}
    assert all(versions.values())


def test_a_record_holds_the_parameters_as_given(processed):
    facts = record("03", lang="en", province="qom", period="1404Q2", top=5).facts
    assert facts["notebook"] == "03"
    assert facts["parameters"] == {"province": "qom", "period": "1404Q2", "top": 5, "lang": "en"}


def test_a_record_holds_no_path_of_this_machine(keep, keep_quality, tmp_path):
    keep_quality(FILES)
    keep({})
    store.totals([])
    written = json.dumps(record("n", lang="fa")._repr_mimebundle_())
    assert str(tmp_path) not in written
    assert str(provenance.project_root()) not in written


def test_a_record_is_shown_as_a_folded_table_and_read_back_as_json(processed):
    hostile = "<script>x</script>"
    bundle = record(hostile, lang="en", province=hostile)._repr_mimebundle_()
    assert bundle[MIME]["notebook"] == hostile
    assert bundle["text/html"].startswith('<details class="wb-provenance"><summary>What this page')
    assert "<script" not in bundle["text/html"]
    assert json.loads(bundle["text/plain"]) == bundle[MIME]


def test_both_languages_show_the_same_lines(processed):
    shown = [record("n", lang=lang)._repr_mimebundle_()["text/html"] for lang in ("fa", "en")]
    assert shown[0].count("<dt>") == shown[1].count("<dt>") == 7
    assert "پارامترها" in shown[0]


def test_outside_git_there_is_no_commit(processed, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_ROOT", str(tmp_path))
    assert record("n", lang="fa").facts["git"] == ""

"""A report is stale if and only if something it is made from changed, and says which."""

import json
import os

import pytest

from helpers.rendering import freshness, report
from made_notebooks import write_notebook


@pytest.fixture
def place(tmp_path):
    """A notebook that uses a module beside it, and processed tables."""
    (tmp_path / "mine.py").write_text("import other\n")
    (tmp_path / "other.py").write_text("value = 1\n")
    notebook = write_notebook(
        tmp_path / "any.ipynb", "%matplotlib inline\nimport mine", "from helpers import store"
    )
    for name in ("published/figures", "declarations/flow=export/1"):
        path = tmp_path / "processed" / f"{name}.parquet"
        path.parent.mkdir(parents=True)
        path.write_text(name)
    return notebook


def parts(notebook, **parameters):
    hashes = freshness.Hashes(notebook.parent / "hashes.json")
    found = freshness.made_from(notebook, notebook.parent / "processed", hashes)
    return freshness.with_parameters(found, notebook, parameters, hashes)


def change(path, text="changed"):
    path.write_text(text)
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 10_000_000))


def test_nothing_changed_is_no_difference(place):
    assert freshness.differences(parts(place, lang="fa"), parts(place, lang="fa")) == []
    assert freshness.key(parts(place, lang="fa")) == freshness.key(parts(place, lang="fa"))


def test_code_is_followed_through_imports_and_magics(place):
    code = parts(place)["code"]
    assert {"mine.py", "other.py", "store.py", "schema.py"} <= set(code)
    assert "outlook.py" not in code
    assert "cli.py" not in code


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import mine", {"mine.py"}),
        ("import os, mine as m", {"mine.py"}),
        ("import os; import mine", {"mine.py"}),
        ("if True: import mine", {"mine.py"}),
        ("    from mine import a", {"mine.py"}),  # inside a function
        ("from mine import (\n    a,  # and\n    b as c,\n)\n", {"mine.py"}),
        ("from mine import a, \\\n    b", {"mine.py"}),
        ("%matplotlib inline\n!ls\nimport mine", {"mine.py"}),
        ("x = 'import mine'", set()),  # a text
        ("# import mine", set()),
        ("mine = 1", set()),
    ],
)
def test_every_form_of_import_is_followed_and_nothing_else(tmp_path, source, names):
    (tmp_path / "mine.py").touch()
    used = freshness.modules_used([source], tmp_path)
    assert {path.name for path in used} == names


def test_a_module_of_a_package_counts_with_the_package(tmp_path):
    used = freshness.modules_used(["from helpers.narrative import words as w"], tmp_path)
    assert {"narrative/__init__.py", "narrative/words.py"} <= {
        path.relative_to(freshness.PACKAGE).as_posix() for path in used
    }


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("other.py", "code changed: other.py"),
        ("processed/published/figures.parquet", "data changed: published/figures.parquet"),
    ],
)
def test_a_changed_file_is_named(place, file, reason):
    before = parts(place)
    change(place.parent / file)
    assert freshness.differences(before, parts(place)) == [reason]


def test_a_new_file_of_data_is_a_change(place):
    before = parts(place)
    change(place.parent / "processed/declarations/flow=export/2.parquet")
    (reason,) = freshness.differences(before, parts(place))
    assert "flow=export/2.parquet" in reason


def test_a_file_rewritten_with_the_same_bytes_is_none(place):
    before = parts(place)
    change(place.parent / "other.py", "value = 1\n")
    assert freshness.differences(before, parts(place)) == []


def test_data_that_was_not_read_does_not_matter(place):
    before = freshness.reading(parts(place), ["published/figures"])
    change(place.parent / "processed/declarations/flow=export/1.parquet")
    now = freshness.reading(parts(place), ["published/figures"])
    assert freshness.differences(before, now) == []
    assert list(now["data"]) == ["published/figures.parquet"]


def test_a_changed_parameter_is_named(place):
    found = freshness.differences(parts(place, lang="fa"), parts(place, lang="en"))
    assert found == ["parameters changed: lang"]


def test_a_file_named_by_a_parameter_is_data(place):
    (place.parent / "figures.csv").write_text("1")
    before = parts(place, source="figures.csv")
    change(place.parent / "figures.csv")
    assert freshness.differences(before, parts(place, source="figures.csv")) == [
        "data changed: file:figures.csv"
    ]


def test_running_a_notebook_by_hand_changes_nothing_but_editing_it_does(place):
    before = parts(place)
    content = json.loads(place.read_text())
    content["cells"][3]["execution_count"] = 7
    content["cells"][3]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    place.write_text(json.dumps(content))
    assert freshness.differences(before, parts(place)) == []
    content["cells"][3]["source"] = "import mine, sys"
    place.write_text(json.dumps(content))
    assert freshness.differences(before, parts(place)) == ["notebook changed: any.ipynb"]


def test_another_version_of_a_package_is_a_change(place):
    before = parts(place)
    now = before | {"environment": before["environment"] | {"pandas": "99"}}
    assert freshness.differences(before, now) == ["environment changed: pandas"]


def test_the_environment_names_the_packages_of_the_project():
    assert {"python", "pandas", "papermill", "nbconvert"} <= set(freshness.environment())


@pytest.mark.parametrize("content", ["{broken", "null", "[1]", '{"file": 5}', '{"file": [1, 2]}'])
def test_hashes_are_kept_and_a_broken_cache_is_an_empty_one(tmp_path, content):
    file, cache = tmp_path / "a", tmp_path / "cache" / "hashes.json"
    file.write_text("a")
    hashes = freshness.Hashes(cache)
    first = hashes.of(file)
    hashes.save()
    assert json.loads(cache.read_text())[str(file)][2] == first
    cache.write_text(content)
    assert freshness.Hashes(cache).of(file) == first


def test_a_report_says_why_it_is_stale(place):
    job = report.Report(place, {}, {"lang": "fa"}, ("html", "pdf"), ("fa",), parts(place))
    outputs = place.parent / "outputs"
    assert report.stale_because(job, outputs) == ["never rendered"]
    path = report.path_of(outputs, job.name, "json")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"tables": None, "key": {"parts": job.parts}}))
    for ending in ("html", "xlsx"):
        path.with_name(f"any.fa.{ending}").touch()
    assert report.stale_because(job, outputs) == ["no .pdf yet"]
    path.with_name("any.fa.pdf").touch()
    assert report.stale_because(job, outputs) == []

"""A report is stale if and only if something it is made from changed, and says which."""

import json
import os

import pytest

from helpers import memory
from made_notebooks import write_notebook
from workbench import freshness, report


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
    hashes = memory.Hashes(notebook.parent / "hashes.json")
    found = freshness.made_from(notebook, notebook.parent / "processed", hashes)
    return freshness.with_parameters(found, notebook, parameters, hashes)


def change(path, text="changed"):
    path.write_text(text)
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 10_000_000))


def test_nothing_changed_is_no_difference(place):
    assert memory.differences(parts(place, lang="fa"), parts(place, lang="fa")) == []
    assert memory.key(parts(place, lang="fa")) == memory.key(parts(place, lang="fa"))


def test_code_is_the_two_packages_and_what_lies_beside(place):
    assert set(parts(place)["code"]) == {"mine.py", "other.py", "helpers", "workbench"}


def test_helpers_do_not_count_for_a_notebook_that_does_not_speak_of_them(tmp_path):
    notebook = write_notebook(tmp_path / "foreign.ipynb", "1 + 1")
    assert set(parts(notebook)["code"]) == {"workbench"}
    assert not freshness.uses_project(parts(notebook))


def test_any_file_of_a_package_but_bytecode_is_its_code(tmp_path):
    package = tmp_path / "package"
    for name in ("a.py", "reference/sectors.csv", "__pycache__/a.pyc", ".hidden"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(name)
    hashes = memory.Hashes(tmp_path / "hashes.json")
    assert set(memory.files_in(package, hashes)) == {"a.py", "reference/sectors.csv"}
    before = memory.code_of(package, hashes)
    change(package / "reference/sectors.csv")
    assert memory.code_of(package, hashes) != before


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
    assert memory.differences(before, parts(place)) == [reason]


def test_a_new_file_of_data_is_a_change(place):
    before = parts(place)
    change(place.parent / "processed/declarations/flow=export/2.parquet")
    (reason,) = memory.differences(before, parts(place))
    assert "flow=export/2.parquet" in reason


def test_a_file_rewritten_with_the_same_bytes_is_none(place):
    before = parts(place)
    change(place.parent / "other.py", "value = 1\n")
    assert memory.differences(before, parts(place)) == []


def test_data_that_was_not_read_does_not_matter(place):
    before = freshness.reading(parts(place), ["published/figures"])
    change(place.parent / "processed/declarations/flow=export/1.parquet")
    now = freshness.reading(parts(place), ["published/figures"])
    assert memory.differences(before, now) == []
    assert list(now["data"]) == ["published/figures.parquet"]


def test_a_changed_parameter_is_named(place):
    found = memory.differences(parts(place, lang="fa"), parts(place, lang="en"))
    assert found == ["parameters changed: lang"]


def test_a_file_named_by_a_parameter_is_data(place):
    (place.parent / "figures.csv").write_text("1")
    before = parts(place, source="figures.csv")
    change(place.parent / "figures.csv")
    assert memory.differences(before, parts(place, source="figures.csv")) == [
        "data changed: file:figures.csv"
    ]


def test_running_a_notebook_by_hand_changes_nothing_but_editing_it_does(place):
    before = parts(place)
    content = json.loads(place.read_text())
    content["cells"][3]["execution_count"] = 7
    content["cells"][3]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    place.write_text(json.dumps(content))
    assert memory.differences(before, parts(place)) == []
    content["cells"][3]["source"] = "import mine, sys"
    place.write_text(json.dumps(content))
    assert memory.differences(before, parts(place)) == ["notebook changed: any.ipynb"]


def test_another_version_of_a_package_is_a_change(place):
    before = parts(place)
    now = before | {"environment": before["environment"] | {"pandas": "99"}}
    assert memory.differences(before, now) == ["environment changed: pandas"]


def test_the_environment_names_the_packages_of_the_project():
    assert {"python", "pandas", "papermill", "nbconvert"} <= set(memory.environment())


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

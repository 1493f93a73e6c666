"""A report is stale if and only if something it is made from changed, and says which."""

import json
import os

import nbformat
import pytest

from helpers import memory
from made_notebooks import write_notebook
from workbench import freshness, record


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


@pytest.fixture
def rendered(place):
    """A report as it stands after it was rendered, and its outputs."""
    job = record.Report(place, {}, {"lang": "fa"}, ("html", "pdf"), ("fa",), parts(place))
    outputs = place.parent / "outputs"
    assert because(job, outputs) == ["never rendered"]
    made = {ending: ending.encode() for ending in ("html", "ipynb", "xlsx", "pdf")}
    document = record.Record(
        notebook="any", source="../any.ipynb", title="", lang="fa", axes={}, parameters={},
        files={e: f"any.fa.{e}" for e in made},
        sha256={e: record.sha256(content) for e, content in made.items()}, inputs=[], tables=None,
        versions={}, is_synthetic=None, notice="unknown", seconds=1.0, peak_memory_bytes=None,
        numbers=[], created=memory.now(), key="", parts=job.parts,
    )  # fmt: skip
    (outputs / ".work").mkdir(parents=True)
    made["json"] = record.encode(document)
    record.publish(job.name, made, outputs, outputs / ".work")
    return job, outputs


def because(job, outputs):
    return record.why_stale(job, outputs, memory.Hashes(outputs / "hashes.json"))


def test_a_report_that_stands_as_it_was_rendered_is_as_good_as_new(rendered):
    assert because(*rendered) == []


def test_a_report_says_why_it_is_stale(rendered):
    job, outputs = rendered
    record.path_of(outputs, job.name, "pdf").unlink()
    assert because(job, outputs) == ["no .pdf yet"]


def test_a_report_killed_between_the_renames_of_its_files_is_stale(rendered):
    """Its page is new, its record old."""
    job, outputs = rendered
    record.path_of(outputs, job.name, "html").write_bytes(b"new")
    assert because(job, outputs) == ["its .html is another than the one its record speaks of"]


def test_a_pdf_of_before_does_not_stay_beside_a_page_rendered_without_one(rendered):
    job, outputs = rendered
    record.publish(job.name, {"html": b"new", "json": b"{}"}, outputs, outputs / ".work")
    assert not record.path_of(outputs, job.name, "pdf").exists()


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"key": {}}', '{"format": 1}', "[" * 100_000])
def test_a_record_that_is_damaged_or_of_an_older_version_is_stale_and_no_error(rendered, text):
    job, outputs = rendered
    record.path_of(outputs, job.name, "json").write_text(text)
    assert because(job, outputs) == ["its record is damaged or of an older version"]
    assert record.standing_records(outputs) == {}


@pytest.mark.parametrize(("value", "folder"), [("..", "_"), ("../x", "__x"), ("", "-"), (".", "_")])
def test_no_value_leads_out_of_the_outputs(place, value, folder):
    job = record.Report(place, {}, {"period": value, "province": ".."}, ("html",), (), {})
    assert job.name == f"{folder}/_/any"


def test_no_value_names_a_folder_of_ours_and_no_language_leads_anywhere(place):
    values = {"period": "failed", "province": ".work", "lang": "../../x"}
    assert record.Report(place, {}, values, ("html",), (), {}).name == "failed_/_work/any.__.._x"


def test_what_ran_has_the_hash_of_what_was_planned_and_a_notebook_saved_meanwhile_has_not(place):
    """papermill has put its cell of parameters in, and will put another one in its place."""
    planned = parts(place)["notebook"]
    ran = nbformat.read(place, as_version=4)
    injected = nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["injected-parameters"]})
    ran.cells.insert(3, injected)
    assert {place.name: freshness.source_hash(ran.cells)} == planned
    ran.cells[-1].source += "\n1"
    assert {place.name: freshness.source_hash(ran.cells)} != planned

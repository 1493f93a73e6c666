"""What a notebook declares, and what is refused before any kernel starts."""

import json

import pytest

from helpers.schema import PROVINCES, UnknownCode, UnknownParameter, UnreadableFile
from made_notebooks import write_notebook
from workbench import parameters

DECLARED = """
province: str = "alborz"  # slug of a province
period: str = "1404M01-07"  # a period
lang: str = "fa"  # one of: fa, en
hs_level: int = 4  # digits, one of: 2, 4, 6
tolerance: float = 0.01
is_real: bool = True
places: list[str] = ["alborz", "tehran"]
limit: int | None = None
flow: str = "export"
"""


@pytest.fixture
def notebook(tmp_path):
    return write_notebook(tmp_path / "any.ipynb", parameters=DECLARED)


def test_declarations_are_read_with_type_default_help_and_choices(notebook):
    declared = parameters.declared(notebook)
    assert list(declared)[:3] == ["province", "period", "lang"]
    assert declared["lang"] == parameters.Parameter(
        "lang", "str", "fa", "one of: fa, en", ("fa", "en")
    )
    assert declared["hs_level"].choices == ("2", "4", "6")
    assert declared["province"].choices == PROVINCES


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("province", "tehran", "tehran"),
        ("period", "1404M01-03", "1404Q1"),  # one code for one period
        ("period", 1404, "1404"),  # YAML takes a year for a number
        ("hs_level", "6", 6),
        ("tolerance", "0.5", 0.5),
        ("tolerance", 1, 1.0),
        ("is_real", "no", False),
        ("places", "yazd, qom", ["yazd", "qom"]),
        ("places", "['yazd']", ["yazd"]),
        ("limit", "7", 7),
        ("limit", None, None),
    ],
)
def test_a_value_is_read_as_the_declared_type(notebook, name, given, expected):
    value = parameters.checked(notebook, parameters.declared(notebook), {name: given})[name]
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("name", "given", "error", "words"),
    [
        ("provinse", "tehran", UnknownParameter, "did you mean 'province'.*it has: province"),
        ("province", "tehrn", UnknownCode, "did you mean 'tehran'"),
        ("province", "all", UnknownCode, "is not a province"),
        ("period", "1404M13", UnknownCode, "months run from 1 to 12"),
        ("period", "2025", UnknownCode, "is not a period"),
        ("lang", "ar", UnknownCode, "it is one of: fa, en"),
        ("hs_level", "5", UnknownCode, "'5' is not a hs_level; it is one of: 2, 4, 6"),
        ("hs_level", "four", UnknownParameter, "declared int, found 'four'"),
        ("hs_level", 2.5, UnknownParameter, "declared int"),
        ("is_real", "maybe", UnknownParameter, "declared bool"),
        ("tolerance", True, UnknownParameter, "declared float"),
        ("flow", "exports", UnknownCode, "did you mean 'export'"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(notebook, name, given, error, words):
    with pytest.raises(error, match=words):
        parameters.checked(notebook, parameters.declared(notebook), {name: given})


def test_a_notebook_without_parameters_takes_none(tmp_path):
    path = write_notebook(tmp_path / "plain.ipynb", "1", parameters="")
    assert parameters.declared(path) == {}
    with pytest.raises(UnknownParameter, match="no cell is tagged"):
        parameters.checked(path, {}, {"province": "alborz"})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json", "expected a notebook"),
        (json.dumps({"cells": None}), "expected a notebook"),
        ("[]", "expected a notebook"),
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(tmp_path, content, words):
    path = tmp_path / "x.ipynb"
    path.write_text(content)
    with pytest.raises(UnreadableFile, match=words):
        parameters.declared(path)


def test_a_missing_notebook_is_said_to_be_missing(tmp_path):
    with pytest.raises(UnreadableFile, match="no such file"):
        parameters.declared(tmp_path / "none.ipynb")


def test_a_computed_default_is_left_to_the_notebook_and_magics_are_passed_over(tmp_path):
    source = "%matplotlib inline\nyear: int = 1400 + today()"
    path = write_notebook(tmp_path / "x.ipynb", parameters=source)
    (year,) = parameters.declared(path).values()
    assert (year.default, year.computed) == (None, "1400 + today()")
    assert parameters.checked(path, {"year": year}, {"year": "1404"}) == {"year": 1404}


def test_a_parameters_cell_that_is_no_python_is_said_so(tmp_path):
    path = write_notebook(tmp_path / "x.ipynb", parameters="year <- ")
    with pytest.raises(UnreadableFile, match=r"parameters cell of x.ipynb cannot be read"):
        parameters.declared(path)


def test_a_cell_without_metadata_has_none(tmp_path):
    path = write_notebook(tmp_path / "x.ipynb")
    content = json.loads(path.read_text())
    del content["cells"][0]["metadata"]
    path.write_text(json.dumps(content))
    assert parameters.read_cells(path)[0]["metadata"] == {}
    del content["cells"][0]["source"]
    path.write_text(json.dumps(content))
    with pytest.raises(UnreadableFile, match="found something else \\('source'\\)"):
        parameters.read_cells(path)


def test_a_name_that_is_no_text_is_unknown(notebook):
    with pytest.raises(UnknownParameter, match="has no parameter 5"):
        parameters.checked(notebook, parameters.declared(notebook), {5: 3})


@pytest.mark.parametrize(
    ("given", "passed"),
    [("3", 3), ("0.5", 0.5), ("true", True), ("None", None), ("a,b", "a,b"), (7, 7), ("007", 7)],
)
def test_a_name_that_is_not_declared_is_passed_on_as_papermill_reads_it(notebook, given, passed):
    declared = parameters.declared(notebook)
    assert parameters.checked(notebook, declared, {"brightness": given}) == {"brightness": passed}


@pytest.mark.parametrize("kind", ["str", "int", "Any", "list"])
def test_none_is_none_where_the_default_is(tmp_path, kind):
    path = write_notebook(tmp_path / "x.ipynb", parameters=f"x: {kind} = None")
    assert parameters.checked(path, parameters.declared(path), {"x": "None"}) == {"x": None}


def test_a_notebook_in_another_language_is_refused(tmp_path):
    path = write_notebook(tmp_path / "x.ipynb")
    path.write_text(path.read_text().replace('"language": "python"', '"language": "R"'))
    with pytest.raises(UnreadableFile, match=r"x.ipynb is written in R, not in Python"):
        parameters.read_cells(path)

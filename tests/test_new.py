"""A new notebook is at once one of ours: it has their shape, and it runs."""

import json
import subprocess
import sys
from inspect import signature
from pathlib import Path

import pytest

import test_notebooks as shape
from helpers import clean_notebook
from helpers.schema import HelpersError
from workbench.new import new_notebook

ROOT = Path(__file__).parents[1]
RULES = [
    rule
    for name, rule in vars(shape).items()
    if name.startswith("test_") and list(signature(rule).parameters) == ["path"]
]


def test_it_has_the_shape_of_every_notebook(tmp_path):
    path = new_notebook("08_compare_ports", tmp_path)
    assert len(RULES) > 10
    for rule in RULES:
        rule(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("compare_ports", "expected two digits"),
        ("08_Compare", "lower-case"),
        ("../08_x", "expected two digits"),
        ("03_ports", "taken by 03_compare.ipynb; 01 is free"),
    ],
)
def test_a_name_that_is_none_or_taken_is_refused_with_what_to_do(name, words, tmp_path):
    (tmp_path / "03_compare.ipynb").touch()
    with pytest.raises(HelpersError, match=words):
        new_notebook(name, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["fa", "en"])
def test_it_runs_as_it_is(lang, sampled, tmp_path):
    path = new_notebook("08_compare_ports", tmp_path)
    assert len(shape.numbers(shape.ran(path, sampled, lang=lang))) > 3


prepared, sampled = shape.prepared, shape.sampled


# What git keeps


def ran(notebook: str) -> str:
    """The notebook as JupyterLab leaves it."""
    left = json.loads(notebook)
    for count, cell in enumerate(c for c in left["cells"] if c["cell_type"] == "code"):
        cell["execution_count"] = count
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "secret"}]
        cell["metadata"] |= {"execution": {"iopub.status.idle": "now"}, "papermill": {}}
    left["metadata"] |= {"widgets": {}, "papermill": {}, "kernelspec": {"name": "workbench"}}
    return json.dumps(left, sort_keys=True, indent=1)


@pytest.mark.parametrize("path", shape.PATHS, ids=lambda p: p.stem)
def test_a_notebook_that_was_run_is_kept_as_it_was_written(path):
    written = path.read_text("utf-8")
    assert clean_notebook.cleaned(ran(written)) == written
    assert clean_notebook.cleaned(written) == written


@pytest.mark.parametrize("text", ["", "no notebook", "{}", '{"cells": 3}', "<<<<<<< ours\n{"])
def test_what_is_no_notebook_is_kept_as_it_is(text):
    assert clean_notebook.cleaned(text) == text


def test_an_attached_picture_is_kept():
    cell = {"cell_type": "markdown", "metadata": {}, "source": "", "attachments": {"a.png": {}}}
    kept = json.loads(clean_notebook.cleaned(json.dumps({"cells": [cell], "metadata": {}})))
    assert kept["cells"][0]["attachments"] == {"a.png": {}}


def test_git_keeps_no_output_once_the_filter_is_set_up(tmp_path):
    path, text = shape.PATHS[0], (ROOT / "Makefile").read_text("utf-8")
    assert 'filter.notebook.clean "$(BIN)/python -m helpers.clean_notebook"' in text

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    git("init", "--quiet")
    git("config", "filter.notebook.clean", f"{sys.executable} -m helpers.clean_notebook")
    (tmp_path / ".gitattributes").write_bytes((ROOT / ".gitattributes").read_bytes())
    (tmp_path / path.name).write_text(ran(path.read_text("utf-8")), encoding="utf-8")
    git("add", ".")
    assert git("show", f":{path.name}") == path.read_text("utf-8")

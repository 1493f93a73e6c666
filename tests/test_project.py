"""The project's own files agree with each other."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK_TEXT = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCK = dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", LOCK_TEXT, re.MULTILINE))
CONDA_NAMES = {"python-duckdb": "duckdb"}
REQUIRED = ("jupyterlab", "pandas", "matplotlib", "seaborn", "papermill", "nbconvert")


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[A-Za-z0-9-]+", line)[0].lower() for line in requirements}


def environment() -> dict[str, str]:
    """Package -> version of environment.yml, the pip part included."""
    wanted = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(item["pip"] for item in wanted if isinstance(item, dict))
    pinned = [item for item in [*wanted, *pip] if isinstance(item, str) and "==" in item]
    return {CONDA_NAMES.get(n, n): v for n, v in (item.split("==") for item in pinned)}


@pytest.mark.parametrize("package", REQUIRED)
def test_the_packages_of_the_mission_are_declared(package):
    assert package in names(PROJECT["dependencies"])


def test_the_lock_pins_everything_the_project_declares():
    declared = names(PROJECT["dependencies"])
    for extra in PROJECT["optional-dependencies"].values():
        declared |= names(extra)
    assert declared <= set(LOCK)


def test_every_pin_of_the_lock_carries_hashes():
    pins = re.split(r"^(?=[a-z0-9-]+==)", LOCK_TEXT, flags=re.MULTILINE)[1:]
    assert pins
    assert not [pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin]


def test_conda_and_the_lock_install_the_same_versions():
    pinned = environment()
    assert names(PROJECT["dependencies"]) == set(pinned)
    assert {name: LOCK[name] for name in pinned} == pinned


def test_the_conda_environment_has_the_name_and_installs_the_package():
    wanted = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = next(item["pip"] for item in wanted["dependencies"] if isinstance(item, dict))
    assert wanted["name"] == PROJECT["name"] == "alborz-trade-workbench"
    assert wanted["channels"] == ["conda-forge"]
    assert any(line.startswith("-e .") for line in pip)


def test_every_dependency_says_why_it_is_there():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lines = re.findall(r'^    "[a-zA-Z].*>=.*$', text, re.MULTILINE)
    assert len(lines) > 20
    assert not [line for line in lines if "#" not in line]


TRACKED_TEXT = ("*.py", "*.md", "*.toml", "*.yml", "*.ipynb", "*.lock", "Makefile", "*.css", "*.j2")
# Spelt in pieces, so that this file does not name what it looks for.
UNWANTED = ("/wor" + "k/", "/ro" + "ot/", "pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".")


def test_no_file_names_a_registry_or_a_path_of_some_machine():
    kept = [p for pattern in TRACKED_TEXT for p in ROOT.rglob(pattern) if _is_ours(p)]
    found = [(p.name, word) for p in kept for word in UNWANTED if word in p.read_text("utf-8")]
    assert kept
    assert found == []


def _is_ours(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    derived = {"outputs", "processed", "node_modules", "build", "dist"}
    return not any(part.startswith(".venv") or part in derived for part in parts[:-1])


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_notebooks_name_the_plain_kernel(path):
    """So that papermill and JupyterLab run them wherever Python is."""
    assert json.loads(path.read_text("utf-8"))["metadata"]["kernelspec"]["name"] == "python3"

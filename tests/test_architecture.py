"""The order of modules, and what none of them may do."""

import ast
import importlib
import re
from functools import cache
from pathlib import Path

import pytest

import helpers

SOURCE = Path(__file__).parents[1] / "src"
ORDER = {
    "helpers": (
        "schema", "text", "periods", "lifetimes", "places", "memory", "checks", "documents",
        "classification", "customs", "published", "store", "world", "measures",
        "claims", "telling", "provenance",
        "explore", "demo", "clean_notebook", "preparation", "commands", "project",
    ),
    "workbench": (
        "project", "parameters", "freshness", "letters", "style", "drawings", "paper",
        "unanswered", "page",
        "visible", "databook", "export", "processes", "preload", "kernels", "jupyter",
        "record", "engine", "report", "gallery", "share", "workers", "batch", "progress", "new",
        "cli",
    ),
}  # fmt: skip
MOVED = ("cli", "rendering")
"""Modules of `helpers` that only say where they have gone."""
MODULES = sorted(
    p for p in SOURCE.rglob("*.py") if p.parent.name != "helpers" or p.stem not in MOVED
)
every_module = pytest.mark.parametrize(
    "path", MODULES, ids=[str(p.relative_to(SOURCE)) for p in MODULES]
)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imported(path: Path) -> set[str]:
    """`package.module` of ours that a file imports, anywhere in it."""
    names = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module in ORDER:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return {".".join(n.split(".")[:2]) for n in names if n.split(".")[0] in ORDER}


@every_module
def test_a_module_imports_only_what_stands_above_it(path):
    package, name, *inner = path.relative_to(SOURCE).with_suffix("").parts
    if name == "__init__":
        return
    assert name in ORDER[package], f"{name} is not in the order of modules: give it a place"
    order = ORDER[package][: ORDER[package].index(name) + bool(inner)]
    ours = {i for i in imported(path) if i.startswith(f"{package}.")}
    assert ours <= {f"{package}.{above}" for above in order}


MEASURES = (
    "values", "indexes", "gap", "structure", "markets", "imports", "ranks", "relatedness", "demand",
    "outlook",
)  # fmt: skip


def test_a_module_of_measures_imports_only_those_above_it():
    folder = SOURCE / "helpers" / "measures"
    assert {p.stem for p in folder.glob("*.py")} == {"__init__", *MEASURES}
    for name in MEASURES:
        tree = tree_of(folder / f"{name}.py")
        modules = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        above = {m.split(".")[2] for m in modules if m.startswith("helpers.measures.")}
        assert above <= set(MEASURES[: MEASURES.index(name)]), name
        assert "helpers.measures" not in modules, name


@every_module
def test_the_helpers_know_nothing_of_the_workbench(path):
    if path.is_relative_to(SOURCE / "helpers"):
        assert not {name for name in imported(path) if name.startswith("workbench")}


NEUTRAL = {f"helpers.{n}" for n in ("schema", "lifetimes", "places", "memory", "documents")}
"""Errors, processes, folders, hashes and the decoding of documents: of no subject."""


@every_module
def test_the_workbench_knows_of_the_helpers_only_what_is_of_no_subject(path):
    if path.is_relative_to(SOURCE / "workbench"):
        assert {n for n in imported(path) if n.startswith("helpers")} <= NEUTRAL
        subject = re.compile(r"\b([Aa]lborz|[Pp]rovinces?|PROVINCES|FLOWS|[Cc]ustoms|1404)\b")
        text = path.read_text("utf-8").replace("alborz-trade-workbench", "")
        assert not subject.findall(text)


@every_module
def test_a_module_raises_and_returns_but_does_not_print_or_assert(path):
    tree = tree_of(path)
    calls = [n.func.id for n in ast.walk(tree) if _is_named_call(n)]
    assert "print" not in calls
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Assert)]
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and n.type is None]


def _is_named_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


@every_module
def test_a_module_and_its_public_functions_say_what_they_are(path):
    tree = tree_of(path)
    public = [
        node
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
    ]
    assert ast.get_docstring(tree) or not public
    assert [node.name for node in public if not ast.get_docstring(node)] == []


def test_one_public_name_has_one_home():
    homes = {}
    for path in MODULES:
        for node in tree_of(path).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(str(path.relative_to(SOURCE)))
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}


@pytest.mark.parametrize(
    ("line", "home"),
    [
        ("from helpers import comparison", r"helpers\.measures \(values, gap"),
        ("from helpers import sample", r"helpers\.demo\.synthetic"),
        ("from helpers import formats", r"helpers\.customs\.files"),
        ("from helpers.measures import summed", r"helpers\.measures\.values\.summed"),
        ("from helpers import measures; measures.concentration", r"measures\.structure\.conc"),
        ("import helpers.cli", r"workbench\.cli"),
    ],
)
def test_what_moved_names_its_new_home(line, home):
    with pytest.raises(ImportError, match=home):
        exec(line)


def test_every_home_of_what_moved_is_there():
    for home in helpers.MOVED.values():
        importlib.import_module(re.match(r"[a-z._]+[a-z]", home)[0])

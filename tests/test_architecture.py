"""The order of modules, and what none of them may do."""

import ast
from pathlib import Path

import pytest

from helpers import narrative

PACKAGE = Path(__file__).parents[1] / "src" / "helpers"
ORDER = (
    "schema", "text", "periods", "places", "checks", "classification", "customs",
    "published", "store", "measures", "outlook", "claims", "narrative", "figures", "tables",
    "provenance", "explore",
    "sample", "rendering", "clean_notebook",
    "new", "cli",
)  # fmt: skip
MODULES = sorted(PACKAGE.rglob("*.py"))


def subject(path: Path) -> str:
    """The module of the order that a file belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    """The modules of the order that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "helpers":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("helpers.")}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_what_stands_above_it(path):
    name = subject(path)
    if name == "__init__":
        return
    assert name in ORDER, f"{name} is not in the order of modules: give it a place"
    own = {name} if len(path.relative_to(PACKAGE).parts) > 1 else set()
    assert imported(path) <= {*ORDER[: ORDER.index(name)], *own}


MEASURES = ("values", "indexes", "gap", "structure", "markets", "imports", "ranks")


def test_a_module_of_measures_imports_only_those_above_it():
    assert {p.stem for p in (PACKAGE / "measures").glob("*.py")} == {"__init__", *MEASURES}
    for name in MEASURES:
        tree = ast.parse((PACKAGE / "measures" / f"{name}.py").read_text("utf-8"))
        modules = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        above = {m.split(".")[2] for m in modules if m.startswith("helpers.measures.")}
        assert above <= set(MEASURES[: MEASURES.index(name)]), name
        assert "helpers.measures" not in modules, name


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_raises_and_returns_but_does_not_print_or_assert(path):
    tree = ast.parse(path.read_text("utf-8"))
    calls = [n.func.id for n in ast.walk(tree) if _is_named_call(n)]
    assert "print" not in calls
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Assert)]
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and n.type is None]


def _is_named_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_and_its_public_functions_say_what_they_are(path):
    tree = ast.parse(path.read_text("utf-8"))
    public = [
        node
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
    ]
    assert ast.get_docstring(tree) or not public
    assert [node.name for node in public if not ast.get_docstring(node)] == []


def test_the_package_can_be_read_in_an_afternoon():
    """A bound on lines of code; blanks, comments and docstrings are free."""
    lines = sum(_lines_of_code(path) for path in MODULES)
    assert lines < 12_300, f"{lines} lines of code: what does a library do, what does nobody use?"


def _lines_of_code(path: Path) -> int:
    source = path.read_text("utf-8")
    documented = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, node.end_lineno + 1)
    }
    return sum(
        bool(text.strip()) and not text.strip().startswith("#") and number not in documented
        for number, text in enumerate(source.splitlines(), 1)
    )


SENTENCES = [p for p in MODULES if p.parent.name == "narrative" and p.stem != "findings"]


@pytest.mark.parametrize("path", SENTENCES, ids=lambda p: p.stem)
def test_no_sentence_is_hidden_by_a_name_that_another_module_imports(path):
    """`narrative` takes every name of its modules, those they import as well."""
    defined = [
        node.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
    ]
    homes = {name: getattr(narrative, name).__module__ for name in defined}
    assert set(homes.values()) <= {f"helpers.narrative.{path.stem}"}, homes

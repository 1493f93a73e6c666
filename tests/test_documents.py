"""The documents describe what is there, all of it, and nothing else."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import click
import pytest
import yaml

from helpers import published
from helpers.customs import cleaning, declarations, doubts
from helpers.customs.quality import FileAccount, Quality
from helpers.customs.sources import Source
from helpers.periods import parse_period
from helpers.schema import (
    DECLARATION_COLUMNS,
    LANGS,
    PROVINCES,
    PUBLISHED_COLUMNS,
    REJECT_COLUMNS,
    UnknownCode,
)
from workbench import parameters
from workbench.cli import main

ROOT = Path(__file__).parents[1]
DOCS = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
TARGETS = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
every_document = pytest.mark.parametrize("path", DOCS, ids=lambda p: p.stem)


def text(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def section(document: str, title: str) -> str:
    """The text below a heading, up to the next heading of any level."""
    pattern = rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)"
    found = re.search(pattern, document, re.DOTALL | re.MULTILINE)
    assert found, f"no section {title!r}"
    return found[1]


def first_cells(part: str) -> list[str]:
    """The first cell of every row of the tables, its code marks and arguments taken off."""
    rows = re.findall(r"^\| `([^`]+)` \|", part, re.MULTILINE)
    return [row.split()[0] for row in rows]


# The codebook


@pytest.fixture(scope="module")
def codebook() -> str:
    return text("docs/codebook.md")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("declarations", DECLARATION_COLUMNS),
        ("flags", declarations.FLAGS),
        ("rejects", REJECT_COLUMNS),
        ("reasons", declarations.REASONS),
        ("doubts", doubts.COLUMNS),
        ("published figures", PUBLISHED_COLUMNS),
    ],
)
def test_the_codebook_has_every_column_in_order_and_no_other(codebook, title, expected):
    assert first_cells(section(codebook, title)) == list(expected)


def test_the_types_of_the_codebook_are_those_of_the_schema(codebook):
    types = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", section(codebook, "declarations"), re.M))
    words = {"string": "text", "float64": None}
    for column, kind in DECLARATION_COLUMNS.items():
        expected = words.get(kind, kind) or column.rsplit("_", 1)[1].upper().replace("KG", "kg")
        assert types[column] == expected, column


def test_the_codebook_has_every_other_published_table(codebook):
    tables = published.clean_published(ROOT / "data" / "raw" / "published")
    others = {name: t for name, t in tables.items() if list(t.columns) != list(PUBLISHED_COLUMNS)}
    for name, table in others.items():
        assert first_cells(section(codebook, name)) == list(table.columns), name
    named = section(codebook, "published figures")
    assert not [name for name in tables if name not in others and f"`{name}`" not in named]


def test_the_codebook_has_every_key_of_the_quality_document(codebook, tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "export_1404.csv").write_text(
        "شماره تعرفه,کشور,وزن,ارزش دلاری\n30049099,عراق,1,2\n", encoding="utf-8"
    )
    (raw / "broken.csv").write_text("x", encoding="utf-8")
    quality = cleaning.clean(raw, tmp_path / "processed")
    assert [file.status for file in quality.files] == ["failed", "clean"]
    described = section(codebook, "quality.json")
    assert sorted(first_cells(described)) == sorted(FileAccount.__struct_fields__)
    assert not [key for key in Quality.__struct_fields__ if f"`{key}`" not in described]


def test_the_codebook_has_every_key_of_a_sidecar(codebook):
    written = [name for name in Source.__struct_fields__ if name != "inherited"]  # is worked out
    assert first_cells(section(codebook, "sidecars")) == written


def named_numbers() -> set[str]:
    """The names that the code gives to numbers, as far as they stand there as words."""
    package = ROOT / "src" / "helpers"
    files = [*(package / "telling").rglob("*.py"), package / "published.py", package / "claims.py"]
    calls = [
        node
        for path in files
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
    ]
    found: set[str] = set()
    for call in calls:
        if _called(call) in ("Number", "number", "pair", "evidence", "usd"):
            found |= _words(call.args[:1])
        elif _called(call) == "growth":
            found |= _words(call.args[1:2])
        elif _called(call) == "replace":
            found |= _words([k.value for k in call.keywords if k.arg == "name"])
    return found


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _words(nodes: list) -> set[str]:
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_the_codebook_has_every_named_number(codebook):
    described = first_cells(section(codebook, "Named numbers"))
    keys, names = described[:7], described[7:]
    assert keys == ["name", "value", "unit", "scope", "period", "source", "shown"]
    assert named_numbers() - set(names) == set()
    assert names == sorted(set(names))


# The command


def test_the_commands_are_described_with_every_option_and_no_other():
    document = text("docs/command.md")
    titles = re.findall(r"^## workbench (\w+)", document, re.MULTILINE)
    commands = {n: c for n, c in main.commands.items() if not c.hidden}
    assert set(titles) == set(commands)
    for name, command in commands.items():
        options = {o for p in command.params if isinstance(p, click.Option) for o in p.opts}
        described = set(first_cells(section(document, f"workbench {name}")))
        assert described == {o for o in options if o.startswith("--") and o != "--help"}, name


def test_every_parameter_of_every_notebook_is_described_with_its_notebooks():
    part = section(text("docs/command.md"), "Parameters of the notebooks")
    rows = {row.split("`")[1]: row for row in part.splitlines() if row.startswith("| `")}
    declared = {path.stem: parameters.declared(path) for path in NOTEBOOKS}
    assert set(rows) == {name for names in declared.values() for name in names}
    for name, row in rows.items():
        having = {stem for stem, names in declared.items() if name in names}
        named = set(re.findall(r"`(\d\d_\w+)`", row))
        assert named == having or row.endswith("| all |"), name


def test_every_notebook_is_in_the_readme():
    listed = re.findall(r"^\| `(\d\d_\w+)` \|", text("README.md"), re.MULTILINE)
    assert {p.stem for p in NOTEBOOKS if not p.stem.startswith("00_")} <= set(listed)


# The design


def test_the_order_of_modules_is_the_one_that_is_tested():
    from test_architecture import ORDER

    design = text("docs/design.md")
    assert first_cells(section(design, "The order of the helpers")) == list(ORDER["helpers"])
    assert first_cells(section(design, "The order of the workbench")) == list(ORDER["workbench"])


# Links and commands


@every_document
def test_every_relative_link_leads_somewhere(path):
    links = re.findall(r"\]\((?!https?:|mailto:)([^)#\s]+)", path.read_text("utf-8"))
    assert not [link for link in links if not (path.parent / link).exists()]


def command_lines() -> list[tuple[str, str]]:
    """Document and line of every shell line that calls `make` or `workbench`."""
    found = []
    for path in DOCS:
        document = path.read_text("utf-8").replace("\\\n", " ")
        blocks = re.findall(r"```(?:sh|bash)\n(.*?)```", document, re.DOTALL)
        inline = re.findall(r"`((?:\.venv/bin/)?(?:make|workbench) [^`\n]+)`", document)
        lines = [line for block in blocks for line in block.splitlines()] + inline
        found += [(path.stem, line) for line in lines]
    cleaned = [(name, re.sub(r"\s+#.*|^\.venv/bin/", "", line.strip())) for name, line in found]
    return [(name, line) for name, line in cleaned if line.startswith(("make ", "workbench "))]


@pytest.mark.parametrize(("document", "line"), sorted(set(command_lines())))
def test_every_command_line_names_real_targets_commands_options_and_words(document, line):
    program, first, *rest = line.split()
    if program == "make":
        assert {word for word in (first, *rest) if "=" not in word} <= set(TARGETS)
        return
    if first.startswith("-"):
        return
    command = main.commands[first]
    options = {o for p in command.params for o in p.opts}
    if first == "demo":  # it hands on what is not its own
        options |= {o for p in main.commands["render"].params for o in p.opts}
    assert {word.split("=")[0] for word in rest if word.startswith("--")} <= options
    if first != "new":  # which names a notebook that is not there yet
        check_words(dict(pairwise([*rest, ""])))


def check_words(given: dict[str, str]) -> None:
    stems = {path.stem for path in NOTEBOOKS}
    for option, vocabulary in (("--province", {*PROVINCES, "all"}), ("--lang", set(LANGS))):
        words = given.get(option, "").split(",")
        assert {w for w in words if re.fullmatch("[a-z_]+", w)} <= vocabulary
    for code in given.get("--period", "").split(","):
        if re.match("[0-9]", code):
            parse_period(code)
    assert {word for word in given if re.match(r"\d\d_", word)} <= stems


def test_the_lines_of_the_documents_are_found():
    assert len(command_lines()) > 10
    with pytest.raises(UnknownCode):
        check_words({"--period": "2025"})


@every_document
def test_documents_speak_plainly(path):
    document = path.read_text("utf-8")
    assert document.startswith("# ")
    assert document.endswith("\n")
    assert not re.search(r"[ \t]+$", document, re.MULTILINE)
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", document)


def yaml_blocks() -> list[tuple[str, str]]:
    texts = {path.stem: path.read_text("utf-8") for path in DOCS}
    blocks = {n: re.findall(r"^ *```yaml\n(.*?)```", t, re.DOTALL | re.M) for n, t in texts.items()}
    return [(name, dedent(block)) for name, found in blocks.items() for block in found]


@pytest.mark.parametrize(("document", "block"), yaml_blocks())
def test_every_yaml_block_can_be_read(document, block):
    content = yaml.safe_load(block)
    assert isinstance(content, dict | list)
    if isinstance(content, dict) and "flow" in content:
        assert set(content) <= set(Source.__struct_fields__)


def test_the_how_tos_are_short():
    texts = {p.stem: p.read_text("utf-8") for p in (ROOT / "docs/how-to").glob("*.md")}
    long = {stem: len(text.splitlines()) for stem, text in texts.items()}
    assert long
    assert not {stem: n for stem, n in long.items() if n > 45}

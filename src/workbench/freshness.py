"""What a report is made from: notebook, code, data, parameters and environment, as hashes.

A report is rendered again if and only if one of them changed. Nothing here imports pandas:
confirming a batch has to cost less than a second.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from helpers.memory import Hashes, Parts, code_of, environment, files_in
from helpers.places import current
from workbench.parameters import read_cells
from workbench.project import project

WORKBENCH = Path(__file__).parent


def made_from(notebook: Path, processed: Path, hashes: Hashes) -> Parts:
    """What any report of a notebook is made from now, apart from its parameters.

    Args:
        notebook: its source.
        processed: folder of the processed tables; all of them are listed, see `reading`.
        hashes: of files.
    """
    cells = read_cells(notebook)
    return {
        "notebook": {notebook.name: source_hash(cells)},
        "code": _code(cells, notebook.parent.absolute(), hashes),
        "data": files_in(current(processed), hashes, ".parquet", ".yml"),
        "environment": environment(),
    }


def with_parameters(
    found: Parts, notebook: Path, parameters: Mapping[str, Any], hashes: Hashes
) -> Parts:
    """The parts of one report: its effective parameters, and the files that they name."""
    # A notebook of others may be told its data by a parameter.
    words = [word for word in parameters.values() if isinstance(word, str) and 0 < len(word) < 250]
    paths = {word: notebook.parent / word for word in words}
    named = {f"file:{word}": hashes.of(path) for word, path in paths.items() if path.is_file()}
    written = {name: json.dumps(value, ensure_ascii=False) for name, value in parameters.items()}
    return found | {"parameters": written, "data": found["data"] | named}


def reading(found: Parts, tables: Iterable[str] | None) -> Parts:
    """The parts with only the data that a run said it read (all of it, where it said nothing).

    Args:
        found: of `parts`.
        tables: `declarations`, `published/figures`, …; None is "not known".
    """
    if tables is None:
        return found
    files = ("file:", *(f"{table}{end}" for table in tables for end in (".parquet", "/")))
    data = {name: sha for name, sha in found["data"].items() if name.startswith(files)}
    return found | {"data": data}


def uses_project(parts: Parts) -> bool:
    """Whether the notebook's cells speak of the project's package, which reads its data."""
    return project().PACKAGE.name in parts["code"]


def source_hash(cells: Iterable[Mapping[str, Any]]) -> str:
    """One hash of a notebook's source, before it ran or after.

    Outputs and execution counts are no source: running a notebook by hand changes nothing. Nor
    are the parameters that papermill puts in, and puts anew.
    """
    tagged = [(cell, sorted(cell["metadata"].get("tags", []))) for cell in cells]
    sources = [
        (cell["cell_type"], "".join(cell["source"]), tags)
        for cell, tags in tagged
        if "injected-parameters" not in tags
    ]
    return hashlib.sha256(json.dumps(sources).encode()).hexdigest()


def _code(cells: list[dict[str, Any]], beside: Path, hashes: Hashes) -> dict[str, str]:
    """Whole packages, each as one hash: all pages use nearly all of them; and what lies beside."""
    packages, imported = [WORKBENCH], project().PACKAGE
    if any(imported.name in "".join(cell["source"]) for cell in cells):
        packages.append(imported)
    own = {path.name: hashes.of(path) for path in sorted(beside.glob("*.py"))}
    return own | {package.name: code_of(package, hashes) for package in packages}

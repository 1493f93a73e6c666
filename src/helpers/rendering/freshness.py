"""Whether a report is as good as new: everything it was made from, as hashes, and what differs.

A report is rendered again if and only if its notebook, the code it uses, the data it reads, its
parameters, the template or the environment changed. Hashes are of contents, so a file rewritten
with the same bytes changes nothing; a small cache by size and time spares reading large files
twice. Nothing here imports pandas: confirming a batch has to cost less than a second.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from helpers.places import write_whole
from helpers.rendering.parameters import read_cells

PACKAGE = Path(__file__).parents[1]
DISTRIBUTION = "alborz-trade-workbench"

OF_THE_GALLERY = ("gallery.html.j2", "tiles.json")
"""Templates that no report is made with."""

_IMPORT = re.compile(
    r"^(?:[^\n'\"#]*[:;])?[ \t]*"
    r"(?:from[ \t]+([a-zA-Z_][\w.]*)[ \t]+import[ \t]*(\([^)]*\)|(?:\\\n|[^\n;\\])+)"
    r"|import[ \t]+((?:\\\n|[^\n;\\])+))",
    re.MULTILINE,
)
"""An import statement at the start of a line or after `;` or `:`: package and names, or modules."""
_ALIAS_OR_COMMENT = re.compile(r"\bas[ \t]+\w+|#[^\n]*")

Parts = dict[str, dict[str, str]]
"""What a report was made from: kind -> name -> hash, e.g. `{"code": {"measures.py": "…"}}`."""


class Hashes:
    """SHA-256 of files, remembered between runs by size and time of change.

    Args:
        path: the cache's file; the folder must be writable for hashes to be kept, and a broken or
            missing cache is an empty one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = _read_cache(path)
        self._seen: dict[str, list[Any]] = {}

    def of(self, file: Path) -> str:
        """The hash of a file's bytes."""
        name, stat = str(file.absolute()), file.stat()
        mark = [stat.st_size, stat.st_mtime_ns]
        known = self._seen.get(name) or self._known.get(name)
        if not known or known[:2] != mark:
            with file.open("rb") as opened:
                known = [*mark, hashlib.file_digest(opened, "sha256").hexdigest()]
        self._seen[name] = known
        return known[2]

    def save(self) -> None:
        """Keeps what was learnt, where that is possible: a cache is a convenience."""
        if self._seen.items() <= self._known.items():
            return
        text = json.dumps(self._known | self._seen)
        with suppress(OSError):
            write_whole(self.path, lambda path: path.write_text(text, "utf-8"))


def made_from(notebook: Path, processed: Path, hashes: Hashes) -> Parts:
    """What any report of a notebook is made from now, apart from its parameters.

    Args:
        notebook: its source.
        processed: folder of the processed tables; all of them are listed, see `reading`.
        hashes: of files.
    """
    cells = read_cells(notebook)
    return {
        "notebook": {notebook.name: _source_hash(cells)},
        "code": _code(cells, notebook.parent.absolute(), hashes),
        "data": _tables(processed, hashes),
        "reference": files_in(PACKAGE / "reference", hashes),
        "template": _template(hashes),
        "environment": environment(),
    }


def with_parameters(
    found: Parts, notebook: Path, parameters: Mapping[str, Any], hashes: Hashes
) -> Parts:
    """The parts of one report: its effective parameters, and the files that they name."""
    named = _named_files(notebook.parent, parameters, hashes)
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
    roots = tuple(tables)
    data = {n: h for n, h in found["data"].items() if _is_of(n, roots) or n.startswith("file:")}
    return found | {"data": data}


def key(found: Parts) -> str:
    """One hash for all parts."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def differences(before: Parts, now: Parts) -> list[str]:
    """What changed between two runs, in words, the first three names of each kind."""
    found = []
    for kind in now:
        old, new = before.get(kind, {}), now[kind]
        names = [n for n in {**old, **new} if old.get(n) != new.get(n)]
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            found.append(f"{kind} changed: {', '.join(names[:3])}{more}")
    return found


@cache
def environment() -> dict[str, str]:
    """Versions of Python and of the packages the project names."""
    try:
        named = [line for line in requires(DISTRIBUTION) or [] if "extra ==" not in line]
    except PackageNotFoundError:
        named = []
    names = sorted({_distribution(line) for line in named})
    return {"python": sys.version.split()[0], **{name: _version(name) for name in names}}


def files_in(folder: Path, hashes: Hashes) -> dict[str, str]:
    """Every file below a folder by its relative path; hidden ones are left out."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file())
    names = {p.relative_to(folder).as_posix(): p for p in paths}
    return {n: hashes.of(p) for n, p in names.items() if not n.startswith(".") and "/." not in n}


def modules_used(sources: Iterable[str], beside: Path) -> set[Path]:
    """The files of `helpers`, and of modules beside a notebook, that sources import, all the way.

    Args:
        sources: Python code; what does not parse (magics) is read line by line.
        beside: the notebook's folder.
    """
    used: set[Path] = set()
    waiting = [path for source in sources for path in _imports(source, beside)]
    while waiting:
        path = waiting.pop()
        if path not in used:
            used.add(path)
            waiting += _imports_of(path, path.stat().st_mtime_ns, beside)
    return used


def _read_cache(path: Path) -> dict[str, list[Any]]:
    try:
        known = json.loads(path.read_text("utf-8"))
        return {name: [int(size), int(time), str(sha)] for name, (size, time, sha) in known.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _source_hash(cells: list[dict[str, Any]]) -> str:
    # Outputs and execution counts are no source: running a notebook by hand changes nothing.
    sources = [
        (cell["cell_type"], "".join(cell["source"]), sorted(cell["metadata"].get("tags", [])))
        for cell in cells
    ]
    return hashlib.sha256(json.dumps(sources).encode()).hexdigest()


def _code(cells: list[dict[str, Any]], beside: Path, hashes: Hashes) -> dict[str, str]:
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    used = sorted(modules_used(sources, beside))
    return {_module_name(path): hashes.of(path) for path in used}


def _template(hashes: Hashes) -> dict[str, str]:
    """Everything every page goes through: the export's code, its template, words."""
    exporter = PACKAGE / "rendering" / "export.py"
    code = {exporter, *modules_used([exporter.read_text("utf-8")], exporter.parent)}
    found = {_module_name(path): hashes.of(path) for path in sorted(code)}
    for folder in ("rendering/template", "narrative/sentences"):
        found |= files_in(PACKAGE / folder, hashes)
    return {name: hashed for name, hashed in found.items() if name not in OF_THE_GALLERY}


def _tables(processed: Path, hashes: Hashes) -> dict[str, str]:
    found = files_in(processed, hashes).items()
    return {n: h for n, h in found if n.endswith((".parquet", ".yml"))}


def _named_files(beside: Path, parameters: Mapping[str, Any], hashes: Hashes) -> dict[str, str]:
    # A notebook of others may be told its data by a parameter.
    words = [word for word in parameters.values() if isinstance(word, str) and 0 < len(word) < 250]
    return {f"file:{w}": hashes.of(beside / w) for w in words if (beside / w).is_file()}


def _is_of(name: str, tables: tuple[str, ...]) -> bool:
    return any(name == f"{table}.parquet" or name.startswith(f"{table}/") for table in tables)


@cache
def _imports_of(path: Path, _changed: int, beside: Path) -> list[Path]:
    return _imports(path.read_text("utf-8"), beside)


def _imports(source: str, beside: Path) -> list[Path]:
    found = [_module_file(name, beside) for name in dict.fromkeys(_imported_names(source))]
    return [path for path in found if path]


def _imported_names(source: str) -> Iterator[str]:
    """What import statements name, read by their form: parsing all code would take ten times as
    long, and a notebook's magics are no Python. A name too many has no file, or costs a rendering.
    """
    for package, names, modules in _IMPORT.findall(source):
        listed = re.findall(r"[\w.]+", _ALIAS_OR_COMMENT.sub("", names or modules))
        if package:
            yield package
        yield from (f"{package}.{name}" if package else name for name in listed)


def _module_file(name: str, beside: Path) -> Path | None:
    parts_of_name = name.split(".")
    root = PACKAGE.parent if parts_of_name[0] == "helpers" else beside
    stem = root.joinpath(*parts_of_name)
    candidates = (stem.with_name(f"{stem.name}.py"), stem / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


def _module_name(path: Path) -> str:
    inside = path.is_relative_to(PACKAGE)
    return path.relative_to(PACKAGE).as_posix() if inside else path.name


def _distribution(requirement: str) -> str:
    name = "".join(c if c.isalnum() or c in "-_." else " " for c in requirement)
    return name.split()[0]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"

"""The same inputs give the same bytes: twice in one place, and in two clones of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from trust.project import LONGEST
from trust.table import Row, tried, untried

ROOT = Path(__file__).parents[2]
REPORTS = ("02_check_published_figures", "05_target_markets", "--lang=fa,en", "--to=html,pdf")
ENDINGS = ("html", "pdf", "xlsx")
EPOCH = "SOURCE_DATE_EPOCH"
TOLD, AN_HOUR_LATER = {EPOCH: "1790000000"}, {EPOCH: "1790003600"}
_RECORD = re.compile(rb'<details class="wb-provenance">.*?</details>', re.DOTALL)


def rows() -> Iterator[Row]:
    """Two clones, and one of them twice."""
    fault = "the same inputs"
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        yield untried(fault, "two clones", "the same bytes", "this is no clone")
        return
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"trust-{os.getpid()}-same"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        clones = [_clone(folder / name) for name in ("one", "another-place")]
        for clone in clones:
            _made(clone, "outputs", TOLD)
        one, other = (_files(clone / "outputs") for clone in clones)
        yield tried(
            fault, "in two clones, `SOURCE_DATE_EPOCH` set",
            "pages, PDFs and workbooks are the same bytes", _others(one, other),
        )  # fmt: skip
        _made(clones[0], "again", AN_HOUR_LATER)
        again = _files(clones[0] / "again")
        yield tried(
            fault, "once more, an hour later", "the same pages but for their block of provenance",
            _others(_without_record(one), _without_record(again)),
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clone(folder: Path) -> Path:
    command = ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def _made(clone: Path, outputs: str, told: dict[str, str]) -> None:
    """Cleans and renders in a clone, with the clone's own code."""
    ours = ("WORKBENCH_", EPOCH)
    environment = {n: v for n, v in os.environ.items() if not n.startswith(ours)}
    environment |= {"PYTHONPATH": str(clone / "src"), "WORKBENCH_ROOT": str(clone)} | told
    for command in (("clean",), ("render", *REPORTS, f"--outputs={clone / outputs}")):
        subprocess.run(
            [sys.executable, "-m", "workbench.cli", *command], env=environment, cwd=clone,
            check=True, capture_output=True, timeout=2 * LONGEST,
        )  # fmt: skip


def _files(outputs: Path) -> dict[str, bytes]:
    files = (p for ending in ENDINGS for p in sorted(outputs.glob(f"*/*/*.{ending}")))
    return {p.relative_to(outputs).as_posix(): p.read_bytes() for p in files}


def _without_record(files: dict[str, bytes]) -> dict[str, bytes]:
    """Pages alone, without the block of provenance."""
    pages = {name: content for name, content in files.items() if name.endswith("html")}
    return {name: _RECORD.sub(b"", content) for name, content in pages.items()}


def _others(one: dict[str, bytes], other: dict[str, bytes]) -> Iterator[str]:
    for name in sorted({*one, *other}):
        a, b = one.get(name, b""), other.get(name, b"")
        at = next(
            (n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
        )
        yield (
            ""
            if a == b
            else f"{name} differs at {at}: {a[at - 40 : at + 40]!r} {b[at - 40 : at + 40]!r}"
        )

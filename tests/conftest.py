"""Small tables and what a test needs from the machine, shared by all tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from contract import declarations_model
from helpers import places, store
from helpers.schema import DECLARATION_COLUMNS
from workbench import paper

# Kept, what is compiled once, or every process that a test starts would compile the project anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# jsonschema would compile a grammar of web addresses for which nothing here asks, on each worker.
sys.modules.setdefault("rfc3987_syntax", None)

# How long an example takes says nothing of a law, and a busy machine would break it.
settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")

ROOT = Path(__file__).parents[1]
NEEDS_A_MACHINE = ("browser", "pdf")
"""Marks of tests that may be skipped on somebody's machine, never where changes are accepted."""

ROW = {
    "flow": "export", "year_sh": 1404, "month_first_sh": 7, "month_last_sh": 7,
    "province": "alborz", "province_basis": "clearance", "customs_office": "البرز",
    "partner_iso3": "IRQ", "hs_code": "30049099", "hs2_code": "30", "hs4_code": "3004",
    "hs6_code": "300490", "goods": "دارو", "net_mass_kg": 10.0, "value_usd": 100.0,
    "value_irr": 5e7, "flags": "", "grain": "line", "is_synthetic": False,
    "source_file": "export_1404.xlsx", "source_row": 3,
}  # fmt: skip
"""One declaration; the tests say only how theirs differ from it."""


class _ByModule(LoadScopeScheduling):
    """What a module makes once for its tests is made on one worker, and not on each."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if 'scope="module"' in (ROOT / module).read_text("utf-8") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """In place of `--dist loadgroup`, which no longer groups since pytest 9.2."""
    return _ByModule(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where CI is set, a test of a browser or a PDF engine fails instead of being skipped."""
    report = yield
    is_excused = not os.environ.get("CI") or hasattr(report, "wasxfail")
    if report.skipped and not is_excused and any(map(item.get_closest_marker, NEEDS_A_MACHINE)):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr[-1]}"
    return report


def _needed(found: str | None, missing: str) -> str:
    if not found and os.environ.get("CI"):
        pytest.fail(missing)
    return found or pytest.skip(missing)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the installed browser."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return _needed(next(filter(None, map(shutil.which, names)), None), "no Chromium is installed")


@pytest.fixture(scope="session")
def pdf_engine() -> str:
    """The name of a PDF engine that can run here."""
    return _needed(next(iter(paper.pdf_engines()), None), paper.ADVICE)


@pytest.fixture(scope="session")
def demo_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All reports of Alborz in both languages from a small synthetic set, rendered once a run."""
    root = tmp_path_factory.getbasetemp()
    # What processes of one run share lies above the folder of each.
    root = root.parent if os.environ.get("PYTEST_XDIST_WORKER") else root
    outputs = root / "demo_pages"
    command = [sys.executable, "-m", "workbench.cli", "demo", "--rows=4000", f"--out={outputs}"]
    notebooks = sorted(path.stem for path in (ROOT / "notebooks").glob("0[1-7]_*.ipynb"))
    with places.locked(root / "demo_pages.lock"):
        if not (outputs / "index.html").is_file():
            done = subprocess.run(
                [*command, *notebooks, "--to=html"],
                cwd=ROOT, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
    return outputs


def declarations(*differences: Mapping[str, object]) -> pd.DataFrame:
    """Declarations as `ROW` but for the differences given, one row each, held to the schema."""
    rows = [{**ROW, "source_row": 3 + i, **each} for i, each in enumerate(differences)]
    table = pd.DataFrame(rows, columns=list(DECLARATION_COLUMNS)).astype(DECLARATION_COLUMNS)
    return declarations_model().validate(table)


@pytest.fixture
def processed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty processed folder, which the store asks; nothing has been asked of it yet."""
    folder = tmp_path / "processed"
    folder.mkdir()
    monkeypatch.setenv("WORKBENCH_PROCESSED", str(folder))
    monkeypatch.setattr(store, "_used", set())
    return folder


@pytest.fixture
def keep(processed: Path) -> Callable[..., Path]:
    """Writes declarations into the processed folder as cleaning does: a file a flow and year."""

    def written(*differences: Mapping[str, object]) -> Path:
        table = declarations(*differences)
        for (flow, year), rows in table.groupby(["flow", "year_sh"]):
            folder = processed / "declarations" / f"flow={flow}" / f"year_sh={year}"
            folder.mkdir(parents=True, exist_ok=True)
            stored = rows.drop(columns=["flow", "year_sh"])
            stored.to_parquet(folder / f"part-{len(list(folder.iterdir()))}.parquet", index=False)
        return processed

    return written


@pytest.fixture
def keep_quality(processed: Path) -> Callable[..., Path]:
    """Writes a quality.json of the given files: name -> is it synthetic (None: published)."""

    def written(files: Mapping[str, bool | None]) -> Path:
        rows = {"read": 12, "kept": 9, "rejected": 2, "structural": 1}
        listed = [
            {
                "source_file": name, "sha256": f"{i}" * 64, "rows": rows, "status": "clean",
                "layout": "published" if is_synthetic is None else "customs_ten_column",
                "is_synthetic": bool(is_synthetic),
            }
            for i, (name, is_synthetic) in enumerate(files.items())
        ]  # fmt: skip
        path = processed / "quality.json"
        path.write_text(json.dumps({"files": listed, "totals": {}}), encoding="utf-8")
        return path

    return written

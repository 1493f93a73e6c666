"""A small project in a folder of its own, and what its commands leave behind."""

from __future__ import annotations

import glob
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import psutil

import dirty
from helpers import places
from made_notebooks import write_notebook

HEADINGS = ["ماه", "سال", "نام گمرک", "نام کشور", "شماره تعرفه", "وزن (کیلوگرم)", "ارزش (دلار)"]
LONGEST = 240
"""Seconds after which a command has hung."""


class Project:
    """A folder with a notebook, raw files, and a folder for temporary files.

    Attributes:
        folder: where it lies; processes of its commands are known by it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.raw, self.processed = folder / "data" / "raw", folder / "data" / "processed"
        self.outputs, self.temporary = folder / "outputs", folder / "tmp"
        for path in (self.raw, self.temporary):
            path.mkdir(parents=True)
        (folder / "pyproject.toml").touch()
        write_notebook(folder / "notebooks" / "01_first.ipynb", "province")
        self.environment = {n: v for n, v in os.environ.items() if not n.startswith("WORKBENCH_")}
        self.environment |= {"WORKBENCH_ROOT": str(folder), "TMPDIR": str(self.temporary)}

    def write_raw(self, factor: int, n_rows: int = 3_000) -> None:
        """Raw files in three dresses; their value is `factor` times that of the first ones."""
        start = ["1404", "غرب تهران", "عراق"]
        lines = [
            [str(1 + n % 9), *start, f"300490{n % 90 + 10}", "10", str(factor * (n + 1))]
            for n in range(n_rows)
        ]  # fmt: skip
        table = [HEADINGS, *lines]
        for months, name in enumerate(("a.csv", "b.xls", "c.xlsx"), start=1):
            sidecar = f"flow: export\nscope: part {months}\n"
            (self.raw / f"{name[0]}.source.yml").write_text(sidecar, "utf-8")
        (self.raw / "a.csv").write_text(dirty.csv_text(table), "utf-8")
        (self.raw / "b.xls").write_text(dirty.html_text(table), "utf-8")
        dirty.write_xlsx(self.raw / "c.xlsx", {"Sheet1": table})

    def value_usd(self) -> float:
        """Of all that stands in the store now."""
        parts = (places.current(self.processed) / "declarations").rglob("*.parquet")
        return float(sum(pd.read_parquet(part)["value_usd"].sum() for part in parts))

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen:
        """Starts a command, `workbench` unless it is given otherwise."""
        return subprocess.Popen(
            [sys.executable, "-m", "workbench.cli", *arguments],
            env=self.environment | environment, cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            # Whoever started this in the background had it ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip

    def run(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """Runs a command to its end: exit code, standard output and error; -1 where it hung."""
        process = self.start(*arguments, **environment)
        try:
            output, errors = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return -1, "", f"{arguments[0]} hung"
        return process.returncode, output, errors

    def status(self) -> dict:
        """What `workbench status --json` says."""
        return json.loads(self.run("status", "--json")[1])

    def processes(self) -> list[str]:
        """Those of its commands that still run."""
        return [" ".join(p.cmdline())[:80] for p in psutil.process_iter() if self._is_ours(p)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            ours = process.environ().get("WORKBENCH_ROOT") == str(self.folder)
            return ours and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def left(self, seconds: float = 10) -> str:
        """What is wrong after a kill: processes that do not end."""
        end = time.monotonic() + seconds
        while (running := self.processes()) and time.monotonic() < end:
            time.sleep(0.1)
        return f"a process was left: {running[0]}" if running else ""

    def litter(self) -> str:
        """What is wrong once a command came to its end: files that nobody asked for."""
        here = glob.escape(platform.node())
        found = [*self.temporary.iterdir(), *self.processed.glob(".files/tmp*")]
        found += [*self.folder.rglob(f"{here}-*"), *self.folder.rglob(f".{here}-*")]
        found += sorted(self.processed.glob("store-*"))[:-2]
        return f"left behind: {found[0].relative_to(self.folder)}" if found else ""


@contextmanager
def project(name: str) -> Iterator[Project]:
    """A new project, gone at the end."""
    folder = Path("/tmp" if os.name == "posix" else ".") / f"trust-{os.getpid()}-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield Project(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

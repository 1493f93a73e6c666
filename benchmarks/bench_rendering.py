"""Rendering, side by side: our batch, the stock loop and the floor, on one machine in one run.

The stock loop is `papermill` and then `jupyter nbconvert --to html`, report by report. The floor is
the same cells in one process that has run them before, divided by the cores: no way of rendering
them can be faster. The three are interleaved round by round, the floor taken before and after our
batch, so that a busy machine hits all, and only ratios are printed: seconds are worth nothing on
another machine.

Two more ratios say how near to the floor a batch with real kernels can come here: the same cells in
a warm process on every core at once, which is what the cores lose by sharing a machine, and our
batch of a notebook with as many cells that do nothing, which is what kernels and their messages
take.

    python benchmarks/bench_rendering.py                   31 provinces, as the README says
    python benchmarks/bench_rendering.py --provinces 4     a quick look
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import mean, median

import psutil

from helpers.demo.command import write_demo
from helpers.schema import PROVINCES

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
FLOOR = """
import contextlib, io, json, os, sys, time
from IPython.core.interactiveshell import InteractiveShell
from workbench import workers
workers.get_ready()
shell = InteractiveShell.instance()
notebook, *provinces = sys.argv[1:]
cells = [c for c in json.load(open(notebook))["cells"] if c["cell_type"] == "code"]
def run(province):
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells:
            shell.run_cell("".join(cell["source"])).raise_error()
            if "parameters" in cell["metadata"].get("tags", []):
                shell.run_cell(f"province = {province!r}")
run(provinces[0])
started = time.perf_counter()
for province in provinces:
    run(province)
print((time.perf_counter() - started) / len(provinces))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notebook", default="03_compare_with_nation")
    parser.add_argument("--provinces", type=int, default=31)
    parser.add_argument("--stock", type=int, default=3, help="reports of the stock loop in a round")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rows", type=int, default=60_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(asked, Path(folder))


def compare(asked: argparse.Namespace, folder: Path) -> None:
    """Prints the ratios of `asked.rounds` rounds and the memory of one more worker."""
    notebook = ROOT / "notebooks" / f"{asked.notebook}.ipynb"
    environment = prepare(folder, asked.rows)
    provinces = PROVINCES[: asked.provinces]
    some = provinces[: asked.stock]
    idle = idle_copy(notebook, folder)
    n_cores = os.cpu_count() or 1
    rounds, bounds = [], []
    for number in range(asked.rounds):
        outputs = folder / f"outputs-{number}"
        before = floor_seconds(notebook, provinces, environment)
        ours = timed(batch(notebook, provinces, outputs), environment) / len(provinces)
        again = timed(batch(notebook, provinces, outputs), environment)
        stock = stock_loop(notebook, some, folder, environment) / len(some)
        crowded = floor_seconds(notebook, provinces, environment, at_once=n_cores)
        empty = timed(batch(idle, provinces, outputs), environment) / len(provinces)
        # Before and after, since a machine's speed drifts within minutes.
        after = floor_seconds(notebook, provinces, environment)
        alone = (before + after) / 2
        floor = alone / n_cores
        rounds.append((stock / ours, ours / floor, again))
        bounds.append((crowded / alone, empty / floor))
        report(f"round {number + 1}", *rounds[-1])
    report("median", *(median(column) for column in zip(*rounds, strict=True)))
    crowded, empty = (median(column) for column in zip(*bounds, strict=True))
    print(
        f"the cells alone on {n_cores} cores at once: {crowded:.2f} times the floor; "
        f"kernels with as many empty cells: {empty:.2f} times the floor"
    )
    one, two = (peak_memory(notebook, n, folder, environment) for n in (1, 2))
    print(f"one more worker takes {(two - one) / 2**20:.0f} MiB (proportional set size)")


def prepare(folder: Path, rows: int) -> dict[str, str]:
    """A synthetic data set of its own; the environment that points to it."""
    raw, processed = write_demo(folder / "demo", rows), folder / "demo" / "data" / "processed"
    environment = {
        **os.environ,
        "WORKBENCH_ROOT": str(ROOT),
        "WORKBENCH_RAW": str(raw),
        "WORKBENCH_PROCESSED": str(processed),
        # Both sides start from compiled modules, as on any machine after the first run.
        "PYTHONDONTWRITEBYTECODE": "",
    }
    timed([BIN / "workbench", "clean"], environment)
    return environment


def batch(notebook: Path, provinces: tuple[str, ...], outputs: Path, jobs: int = 0) -> list:
    """Our command."""
    many = ["--province", ",".join(provinces), "--lang", "fa", "--to", "html"]
    some = ["--jobs", str(jobs)] if jobs else []
    return [BIN / "workbench", "render", notebook, *many, "--outputs", outputs, *some]


def stock_loop(
    notebook: Path, provinces: tuple[str, ...], folder: Path, environment: dict[str, str]
) -> float:
    """Seconds of papermill and nbconvert, one report after another."""
    seconds = 0.0
    for province in provinces:
        executed = folder / f"stock-{province}.ipynb"
        run = [BIN / "papermill", notebook, executed, "-p", "province", province]
        seconds += timed([*run, "-k", "python3", "--no-progress-bar"], environment)
        seconds += timed([BIN / "jupyter", "nbconvert", "--to", "html", executed], environment)
    return seconds


def floor_seconds(
    notebook: Path, provinces: tuple[str, ...], environment: dict[str, str], at_once: int = 1
) -> float:
    """Seconds of one report's cells in a process that has run them before."""
    command = [sys.executable, "-c", FLOOR, notebook, *provinces]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    running = [subprocess.Popen(command, env=environment, **pipes) for _ in range(at_once)]
    printed = [process.communicate()[0].split() for process in running]
    return mean(float(words[-1]) for words in printed)


def idle_copy(notebook: Path, folder: Path) -> Path:
    """A notebook with as many code cells, of which only the parameters do anything."""
    content = json.loads(notebook.read_text("utf-8"))
    content["cells"] = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    for cell in content["cells"]:
        if "parameters" not in cell["metadata"].get("tags", []):
            cell["source"] = ["None"]
    path = folder / "idle.ipynb"
    path.write_text(json.dumps(content), "utf-8")
    return path


def peak_memory(notebook: Path, jobs: int, folder: Path, environment: dict[str, str]) -> int:
    """The most that a batch and all it started had in use at once, shared pages shared out."""
    command = batch(notebook, PROVINCES[: 3 * jobs], folder / f"memory-{jobs}", jobs)
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak, stop = [0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.2):
            with contextlib.suppress(psutil.NoSuchProcess):  # It ended between two looks.
                first = psutil.Process(process.pid)
                family = [first, *first.children(True)]
                peak[0] = max(peak[0], sum(map(proportional, family)))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    process.wait()
    stop.set()
    return peak[0]


def proportional(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().pss
    except psutil.Error:
        return 0


def timed(command: list, environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - started


def report(name: str, faster: float, above_floor: float, again: float) -> None:
    print(
        f"{name}: {faster:.1f} times faster than papermill + nbconvert, "
        f"{above_floor:.2f} times the floor, nothing changed in {again:.2f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()

"""Rendering, side by side: our batch, the stock loop and the floor, on one machine in one run.

The stock loop is `papermill` and then `jupyter nbconvert --to html` (or `--to webpdf`, where it is
installed), report by report. The floor is the same cells in one process that has run them before,
divided by the cores: no way of rendering them can be faster. All of it is the same notebook on the
synthetic set with its fixed seed. What is compared is interleaved round by round, the floor taken
before and after our batch, so that a busy machine hits all; README has the table that is printed.

    python benchmarks/bench_rendering.py --rounds 4            31 provinces, as the README says
    python benchmarks/bench_rendering.py --provinces 4         a quick look
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import psutil

from helpers.demo.command import write_demo
from helpers.schema import PROVINCES

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PERIOD = "1404M01-07"
QUARTER = 7 * 31 * 2
"""Notebooks, provinces, languages: what a quarter's round renders, with PDF."""
FLOOR = """
import contextlib, io, json, sys, time
from IPython.core.interactiveshell import InteractiveShell
from workbench import workers
shell = InteractiveShell.instance()  # Before a kernel's, which would answer to nobody here.
workers.get_ready()
notebook, period, *provinces = sys.argv[1:]
cells = [c for c in json.load(open(notebook))["cells"] if c["cell_type"] == "code"]
def run(province):
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells:
            shell.run_cell("".join(cell["source"])).raise_error()
            if "parameters" in cell["metadata"].get("tags", []):
                shell.run_cell(f"province, period = {province!r}, {period!r}")
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
    parser.add_argument("--few", type=int, default=3, help="reports of the stock loop and with PDF")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rows", type=int, default=60_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), asked.notebook, asked.rows)
        rounds = []
        for number in range(asked.rounds):
            rounds.append(bench.round(PROVINCES[: asked.provinces], PROVINCES[: asked.few]))
            print(f"round {number + 1}: {rounds[-1]}; load {os.getloadavg()[0]:.1f}", flush=True)
        medians = {name: median(each[name] for each in rounds) for name in rounds[0]}
        one, two = (bench.peak_memory(jobs) for jobs in (1, 2))
        table(medians, (two - one) / 2**20, bench.seconds_of_a_quarter(medians["first page"]))


class Bench:
    """One data set, one notebook, every way of rendering it.

    Args:
        folder: for all that is written.
        notebook: stem of a notebook of the project.
        rows: of the synthetic set.
    """

    def __init__(self, folder: Path, notebook: str, rows: int) -> None:
        self.folder, self.n_outputs = folder, 0
        self.notebook = ROOT / "notebooks" / f"{notebook}.ipynb"
        raw = write_demo(folder / "demo", rows)
        processed = folder / "demo" / "data" / "processed"
        places = {"ROOT": ROOT, "RAW": raw, "PROCESSED": processed}
        # Both sides start from compiled modules, as on any machine after the first run.
        self.environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""} | {
            f"WORKBENCH_{name}": str(path) for name, path in places.items()
        }
        self.timed([BIN / "workbench", "clean"])

    def round(self, provinces: tuple[str, ...], few: tuple[str, ...]) -> dict[str, float]:
        """Seconds of everything once; of what renders reports, seconds a report."""
        n = len(provinces)
        before = self.floor(provinces)
        html = self.batch(provinces)
        batch = self.timed(html) / n
        unchanged, pandas = self.timed(html), self.timed([sys.executable, "-c", "import pandas"])
        first = self.timed(self.batch(few[:1]))
        with_pdf = (self.timed(self.batch(few, "html,pdf")) - first) / len(few)
        stock = self.stock(few, "html")
        # Before and after, since a machine's speed drifts within minutes.
        floor = (before + self.floor(provinces)) / 2 / (os.cpu_count() or 1)
        seconds = {
            "batch": batch, "with pdf": with_pdf, "stock": stock, "floor": floor,
            "first page": first, "unchanged": unchanged, "import pandas": pandas,
        }  # fmt: skip
        if find_spec("playwright"):
            # It may be there without the browser that it brings itself.
            with contextlib.suppress(subprocess.CalledProcessError):
                seconds["stock webpdf"] = self.stock(few, "webpdf")
        return {name: round(value, 3) for name, value in seconds.items()}

    def batch(self, provinces: tuple[str, ...], formats: str = "html", jobs: int = 0) -> list:
        """Our command, into a folder of its own."""
        self.n_outputs += 1
        many = ["--province", ",".join(provinces), "--period", PERIOD, "--lang", "fa"]
        some = ["--jobs", str(jobs)] if jobs else []
        outputs = ["--outputs", self.folder / f"outputs-{self.n_outputs}"]
        return [BIN / "workbench", "render", self.notebook, *many, "--to", formats, *outputs, *some]

    def stock(self, provinces: tuple[str, ...], form: str) -> float:
        """Seconds a report of papermill and nbconvert, one after another."""
        seconds = 0.0
        for province in provinces:
            executed = self.folder / f"stock-{province}.ipynb"
            given = ["-p", "province", province, "-p", "period", PERIOD, "-k", "python3"]
            run = [BIN / "papermill", self.notebook, executed, *given, "--no-progress-bar"]
            seconds += self.timed(run)
            seconds += self.timed([BIN / "jupyter", "nbconvert", "--to", form, executed])
        return seconds / len(provinces)

    def floor(self, provinces: tuple[str, ...]) -> float:
        """Seconds of one report's cells in a process that has run them before."""
        command = [sys.executable, "-c", FLOOR, self.notebook, PERIOD, *provinces]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        done = subprocess.run(command, env=self.environment, check=True, **pipes)
        return float(done.stdout.split()[-1])

    def seconds_of_a_quarter(self, first: float) -> float:
        """All notebooks for two provinces in both languages with PDF, extrapolated."""
        command = self.batch(PROVINCES[:2], "html,pdf")
        command.remove(self.notebook)
        command[command.index("--lang") + 1] = "fa,en"
        return first + (self.timed(command) - first) / (7 * 2 * 2) * QUARTER

    def peak_memory(self, jobs: int) -> int:
        """The most that a batch and all it started had in use at once, shared pages shared out."""
        command = self.batch(PROVINCES[: 3 * jobs], jobs=jobs)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, env=self.environment, **quiet)
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

    def timed(self, command: list) -> float:
        started = time.perf_counter()
        subprocess.run(command, env=self.environment, check=True, capture_output=True)
        return time.perf_counter() - started


def proportional(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().pss
    except psutil.Error:
        return 0


def table(seconds: dict[str, float], worker_mib: float, quarter_seconds: float) -> None:
    """Prints the table of the README."""
    batch, stock = seconds["batch"], seconds["stock"]
    rows = {
        "against the stock loop": f"{stock / batch:.1f} times faster",
        "against the floor": f"{batch / seconds['floor']:.2f} times its time",
        "a report with PDF, once started": f"{seconds['with pdf'] / batch:.1f} times one of HTML",
        "start to the first page": f"{seconds['first page']:.1f} s",
        "nothing changed, against `import pandas`": (
            f"{seconds['unchanged'] / seconds['import pandas']:.2f} times its time"
        ),
        "one more worker": f"{worker_mib:.0f} MiB (proportional set size)",
        f"a quarter, {QUARTER} reports with PDF, extrapolated": f"{quarter_seconds / 60:.0f} min",
    }
    if "stock webpdf" in seconds:
        faster = f"{seconds['stock webpdf'] / seconds['with pdf']:.1f} times faster"
        rows["with PDF, against the stock loop to `webpdf`"] = faster
    print("\n| | |\n|---|---|")
    print("\n".join(f"| {name} | {value} |" for name, value in rows.items()))


if __name__ == "__main__":
    main()

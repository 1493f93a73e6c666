"""How long cleaning takes beside the bare fastest readers of the same file.

`python benchmarks/bench_cleaning.py [ROWS]` writes one made-up ten-column table as xlsx and csv in
a temporary folder and reads it in turn: with cleaning (file to Parquet, all accounted) and with
the readers an analyst would use. Turns are interleaved, and each reader runs in a process of its
own, so that neither a warm cache nor the other's memory helps. The last column is the ratio of
medians; the bars are 1.5 (xlsx beside calamine), 2.0 (csv beside pandas) and, the other way
round, 4 (openpyxl beside cleaning).

With `--many` it cleans 2,000 files of 20 rows and confirms them (bars: 60 and 3 s on two idle
cores); with `--memory`, a csv of 2 and of 20 million rows (bar: 1.2 times the peak memory).
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

HEADINGS = [
    "ردیف", "ماه", "سال", "نام گمرک", "نام کشور", "شماره تعرفه", "توضیحات تعرفه",
    "وزن (کیلوگرم)", "ارزش (ریال)", "ارزش (دلار)",
]  # fmt: skip
N_TURNS = 3
MILLION = 1_000_000


def made_up(n_rows: int) -> pd.DataFrame:
    """A table as wide and as repetitive as the customs statistics of a year."""
    from helpers import classification

    rng = np.random.default_rng(1404)
    codes = np.array(sorted(classification.hs_codes(6)))
    lines = np.char.add(rng.choice(codes, 6_000), "00")
    code = rng.integers(0, len(lines), n_rows)
    offices = classification.customs_offices()["customs_office"].to_numpy(dtype=object)
    countries = np.array(["چین", "عراق", "ترکيه", "امارات متحده عربي", "افغانستان", "هند", "روسيه"])
    mass = np.round(np.exp(rng.normal(8, 2, n_rows))) + 1
    value = np.round(mass * np.exp(rng.normal(0, 0.5, n_rows))) + 1
    columns = [
        np.arange(1, n_rows + 1), rng.integers(1, 13, n_rows), np.full(n_rows, 1404),
        rng.choice(offices, n_rows), rng.choice(countries, n_rows), lines[code],
        np.array([f"کالای شماره {n}" for n in range(len(lines))])[code],
        mass, value * 285_000, value,
    ]  # fmt: skip
    return pd.DataFrame(dict(zip(HEADINGS, columns, strict=True)))


def write_files(n_rows: int, folder: Path, kinds: list[str]) -> None:
    """The made-up table as `export.xlsx` and `export.csv`, each in a raw folder of its own."""
    table = made_up(min(n_rows, MILLION))
    for kind in kinds:
        raw = folder / kind
        raw.mkdir()
        if kind == "csv":
            for n in range(0, n_rows, MILLION):
                part = table.iloc[: n_rows - n]
                form = {"index": False, "float_format": "%.0f", "header": not n, "mode": "a"}
                part.assign(**{HEADINGS[0]: part[HEADINGS[0]] + n}).to_csv(
                    raw / "export.csv", **form
                )
        else:
            table.to_excel(raw / "export.xlsx", index=False, engine="xlsxwriter")


def run(name: str, folder: Path) -> None:
    """One reader, in this process; the seconds it took and its peak memory in MB."""
    if name.startswith("clean"):
        from helpers.customs import cleaning

        with tempfile.TemporaryDirectory() as processed:
            started = time.perf_counter()
            quality = cleaning.clean(folder / name.split()[1], Path(processed))
            seconds = time.perf_counter() - started
        assert quality.totals.status == {"clean": 1}, quality
    else:
        started = time.perf_counter()
        if name == "pandas csv":
            pd.read_csv(folder / "csv" / "export.csv", dtype=str)
        else:
            pd.read_excel(folder / "xlsx" / "export.xlsx", engine=name.split()[1])
        seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds} {peak}")


def clean_many(n_files: int = 2_000) -> None:
    """Cleans many small files, then again; seconds by the clock, and of all cores' work."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        raw.mkdir()
        (raw / "_source.yml").write_text("flow: export\n")
        table = made_up(n_files * 20)
        offices = table[HEADINGS[3]].unique()
        for n in range(n_files):  # each of a year, a month and an office of its own
            place = {1: n % 12 + 1, 2: 1395 + n // 12 % 10, 3: offices[n // 120]}
            rows = table.iloc[n * 20 : n * 20 + 20].assign(
                **{HEADINGS[k]: v for k, v in place.items()}
            )
            rows.to_csv(raw / f"{n:04}.csv", index=False, float_format="%.0f")
        call = "from helpers.customs.cleaning import clean; from pathlib import Path; import sys;"
        call += "print(clean(*map(Path, sys.argv[1:])).totals.status)"
        for what in ("clean", "confirm"):
            started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
            paths = [str(raw), str(Path(folder) / "processed")]
            done = subprocess.run(
                [sys.executable, "-c", call, *paths], check=True, capture_output=True, text=True
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            seconds = time.perf_counter() - started
            print(f"{what} {n_files:,} files: {seconds:.1f} s, {cpu:.1f} s of work; {done.stdout}")


def compare_memory() -> None:
    """The peak memory of cleaning a csv of 2 and of 20 million rows."""
    peaks = []
    for n_rows in (2 * MILLION, 20 * MILLION):
        with tempfile.TemporaryDirectory() as folder:
            for step in (["--write", str(n_rows), folder, "csv"], ["--run", "clean csv", folder]):
                done = subprocess.run(
                    [sys.executable, __file__, *step], check=True, capture_output=True, text=True
                )
        seconds, peak = map(float, done.stdout.split())
        peaks.append(peak)
        print(f"{n_rows:,} rows: {seconds:.0f} s, {peak:,.0f} MB at most", flush=True)
    print(f"{peaks[1] / peaks[0]:.2f} times the memory")


def main() -> None:
    """Writes the files, runs all readers in turn, prints the table."""
    if "--many" in sys.argv:
        return clean_many()
    if "--memory" in sys.argv:
        return compare_memory()
    if "--write" in sys.argv:
        return write_files(int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
    if "--run" in sys.argv:
        return run(sys.argv[2], Path(sys.argv[3]))
    n_rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    kinds = ["csv"] if n_rows > MILLION else ["csv", "xlsx"]
    pairs = [("clean csv", "pandas csv"), ("clean xlsx", "pandas calamine")]
    try:
        import openpyxl  # noqa: F401

        pairs.append(("clean xlsx", "pandas openpyxl"))
    except ImportError:
        print("openpyxl is not installed: left out")
    pairs = [pair for pair in pairs if pair[0].split()[1] in kinds]
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: a child's peak memory counts from its parent's.
        call = [sys.executable, __file__, "--write", str(n_rows), folder, *kinds]
        subprocess.run(call, check=True)
        for name in names * N_TURNS:
            call = [sys.executable, __file__, "--run", name, folder]
            said = subprocess.run(call, check=True, capture_output=True, text=True).stdout
            seconds, peak = map(float, said.split())
            taken[name].append((seconds, peak))
    print(f"{n_rows:,} rows, median of {N_TURNS} interleaved turns")
    for name in names:
        seconds = statistics.median(s for s, _ in taken[name])
        print(f"  {name:16} {seconds:8.2f} s  {max(p for _, p in taken[name]):8,.0f} MB at most")
    for ours, theirs in pairs:
        medians = [statistics.median(s for s, _ in taken[name]) for name in (ours, theirs)]
        print(f"  {ours} takes {medians[0] / medians[1]:.2f} times {theirs}")
    return None


if __name__ == "__main__":
    main()

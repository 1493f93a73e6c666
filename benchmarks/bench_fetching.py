"""How long a year takes from the source to the store: fetched from loopback, then cleaned.

`python benchmarks/bench_fetching.py [ROWS]` serves a made-up year of 170,000 rows (about a million
HTML rows over 99 answers, since a search for two digits finds them anywhere in the code) from a
process of its own, fetches it without a pause, cleans it, and holds the store to the truth: lines
to the dollar, and with their residual the control to the dollar. Bars: 5 minutes on two idle
cores, 300 MB of disk. The stand-in makes its pages in that time, too.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

YEAR, UNCODED_USD = 1402, 250


def made_up(n_rows: int) -> list[tuple]:
    """Rows of the stand-in: code, office, country, month, kilograms, dollars."""
    from helpers import classification

    rng = np.random.default_rng(YEAR)
    codes = np.array(sorted(classification.hs_codes(6)))
    lines = [f"{code}{tail}" for code in codes for tail in ("00", "90")]
    offices = classification.customs_offices()["customs_office"].tolist()
    countries = ["چین", "عراق", "ترکيه", "امارات متحده عربي", "افغانستان", "هند", "فدراسیون روسيه"]
    kg = np.round(np.exp(rng.normal(8, 2, n_rows))).astype(int) + 1
    usd = np.round(kg * np.exp(rng.normal(0, 0.5, n_rows))).astype(int) + 1
    drawn = (rng.integers(0, n, n_rows) for n in (len(lines), len(offices), len(countries), 12))
    return [
        (lines[line], offices[office], countries[country], int(month) + 1, int(k), int(u))
        for line, office, country, month, k, u in zip(*drawn, kg, usd, strict=True)
    ]


def serve(n_rows: int) -> None:
    """The stand-in, until it is ended; says its address and the truth on the first line."""
    import mirror

    rows = made_up(n_rows)
    stand_in = mirror.Mirror({("Export", YEAR): rows}, uncoded=UNCODED_USD)
    cells = {row[1:3] for row in rows}
    lines_usd = sum(row[5] for row in rows)
    with mirror.serving(stand_in):
        control_usd = lines_usd + UNCODED_USD * len(cells)
        n_html = sum(len({row[0][n : n + 2] for n in range(7)} - {"00"}) for row in rows)
        print(stand_in.address, lines_usd, control_usd, n_html, flush=True)
        time.sleep(3600)


def workbench(*arguments: str) -> tuple[float, float]:
    """Seconds that a command takes in a process of its own, by the clock and of a core."""
    started, before = time.perf_counter(), os.times()
    command = [Path(sys.executable).with_name("workbench"), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    after = os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return time.perf_counter() - started, cpu


def stored(processed: Path) -> tuple[int, float, float]:
    """Rows, dollars of the lines, and dollars of everything in the store."""
    os.environ["WORKBENCH_PROCESSED"] = str(processed)
    from helpers import store

    answer = store.query(
        "SELECT COUNT(*) FILTER (grain = 'line'), SUM(value_usd) FILTER (grain = 'line'), "
        "SUM(value_usd) FROM declarations"
    )
    return tuple(answer.iloc[0])


def megabytes(*folders: Path) -> float:
    """What files take on the disk; one that is linked twice counts once."""
    files = (path.stat() for folder in folders for path in folder.rglob("*") if path.is_file())
    return sum({stat.st_ino: stat.st_size for stat in files}.values()) / 1e6


def main() -> None:
    """Serves, fetches, cleans, compares with the truth, prints what it took."""
    n_rows = int(sys.argv[1]) if len(sys.argv) > 1 else 170_000
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", str(n_rows)], stdout=subprocess.PIPE, text=True
    )
    try:
        address, lines_usd, control_usd, n_html = server.stdout.readline().split()
        with tempfile.TemporaryDirectory() as folder:
            raw, processed = Path(folder, "raw"), Path(folder, "processed")
            raw.mkdir()
            asked = ("--years", str(YEAR), "--flow", "export", "--at", address, "--pause", "0")
            fetched = workbench("fetch", "tccim", *asked, "--raw", str(raw))
            again = workbench("fetch", "tccim", *asked, "--raw", str(raw))
            cleaned = workbench("clean", "--raw", str(raw), "--processed", str(processed))
            n_lines, stored_lines_usd, stored_usd = stored(processed)
            disk = megabytes(raw, processed)
    finally:
        server.kill()
        server.wait()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{n_rows:,} rows, {int(n_html):,} HTML rows in 99 answers")
    for name, (clock, cpu) in {"fetched": fetched, "confirmed": again, "cleaned": cleaned}.items():
        print(f"  {name}: {clock:.0f} s by the clock, {cpu:.0f} s of a core")
    total = fetched[0] + cleaned[0]
    print(f"  together {total:.0f} s (bar 300), {disk:.0f} MB of disk (bar 300)")
    print(f"  at most {peak:,.0f} MB of memory in any process")
    off_lines, off_control = stored_lines_usd - int(lines_usd), stored_usd - int(control_usd)
    print(f"  lines: {n_lines:,} of {n_rows:,}, off the truth by {off_lines:+,.2f} USD")
    print(f"  with their residual off the control by {off_control:+,.2f} USD")


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve(int(sys.argv[-1]))
    else:
        main()

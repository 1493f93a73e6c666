"""What the store needs to answer a notebook's questions on more rows than memory should hold.

`python benchmarks/bench_store.py [ROWS]` writes made-up declarations (by default 50 million, ten
years of exports) in a temporary folder and asks them the questions of the notebooks, each side in
a process of its own and in turn: by `store.totals`, which DuckDB answers on the Parquet in place,
and by pandas, which reads the columns it needs of the years it needs and groups them. The bar is a
peak of 4 GiB for the store.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb
import numpy as np
import pandas as pd

YEARS = range(1395, 1405)
N_TURNS = 3
QUESTIONS = {
    "provinces": (["province"], "1404M01-07", None),
    "provinces by subheading": (["province", "hs2_code", "hs6_code"], "1404M01-07", None),
    "partners by tariff line of a province": (["partner_iso3", "hs_code"], "1404", "alborz"),
    "months of ten years": (["province", "year_sh", "month_first_sh"], None, None),
}
MADE = """
    COPY (
        SELECT month AS month_first_sh, month AS month_last_sh, slug AS province,
            'clearance' AS province_basis, 'گمرک ' || slug AS customs_office,
            iso3 AS partner_iso3, code AS hs_code, code[:2] AS hs2_code, code[:4] AS hs4_code,
            code[:6] AS hs6_code, 'کالای ' || code AS goods, mass AS net_mass_kg,
            mass * price AS value_usd, mass * price * 285000 AS value_irr, '' AS flags,
            true AS is_synthetic, 'made.csv' AS source_file, i + 1 AS source_row
        FROM (
            SELECT i, CAST(1 + floor(random() * 12) AS TINYINT) AS month,
                CAST(floor(random() * 31) AS INT) AS at_province,
                CAST(floor(random() * 150) AS INT) AS at_partner,
                CAST(floor(random() * 6000) AS INT) AS at_line,
                round(exp(4 + 8 * random())) AS mass, round(1 + 9 * random()) AS price
            FROM range({rows}) AS made(i)
        )
        JOIN provinces ON at_province = provinces.n
        JOIN partners ON at_partner = partners.n
        JOIN lines ON at_line = lines.n
    ) TO '{folder}/part-0.parquet' (FORMAT parquet, COMPRESSION zstd)
"""


def write_declarations(n_rows: int, processed: Path) -> None:
    """Made-up declarations of ten years in the store's own layout."""
    from helpers import classification
    from helpers.schema import PROVINCES

    codes = sorted(classification.hs_codes(6))
    picked = np.random.default_rng(1404).choice(codes, 6_000)
    tables = {
        "provinces": pd.DataFrame({"n": range(31), "slug": PROVINCES}),
        "partners": pd.DataFrame(
            {"n": range(150), "iso3": [f"X{a}{b}" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJKLMNO"]}
        ),
        "lines": pd.DataFrame({"n": range(6_000), "code": [f"{code}00" for code in picked]}),
    }
    with duckdb.connect(config={"memory_limit": "3GB"}) as connection:
        for name, table in tables.items():
            connection.register(name, table)
        for year in YEARS:
            folder = processed / "declarations" / "flow=export" / f"year_sh={year}"
            folder.mkdir(parents=True)
            connection.execute(MADE.format(rows=n_rows // len(YEARS), folder=folder))


def ask_store(processed: Path) -> dict[str, float]:
    """Seconds of each question, by the store."""
    os.environ["WORKBENCH_PROCESSED"] = str(processed)
    from helpers import store
    from helpers.periods import parse_period

    seconds = {}
    for name, (by, period, province) in QUESTIONS.items():
        started = time.perf_counter()
        store.totals(by, period=period and parse_period(period), province=province)
        seconds[name] = time.perf_counter() - started
    return seconds


def ask_pandas(processed: Path) -> dict[str, float]:
    """Seconds of each question, by pandas."""
    seconds = {}
    for name, (by, period, province) in QUESTIONS.items():
        started = time.perf_counter()
        years = [int(period[:4])] if period else list(YEARS)
        wanted = [("year_sh", "in", years)] + ([("province", "==", province)] if province else [])
        columns = {*by, "year_sh", "month_first_sh", "net_mass_kg", "value_usd"}
        rows = pd.read_parquet(
            processed / "declarations" / "flow=export", columns=sorted(columns), filters=wanted
        )
        last = 7 if period and period.endswith("07") else 12
        rows = rows[rows["month_first_sh"] <= last]
        rows.groupby(by, observed=True)[["value_usd", "net_mass_kg"]].sum(min_count=1)
        seconds[name] = time.perf_counter() - started
    return seconds


def main() -> None:
    """Writes the declarations, asks both sides in turn, prints the table."""
    if "--ask" in sys.argv:
        side, processed = sys.argv[2], Path(sys.argv[3])
        seconds = (ask_store if side == "store" else ask_pandas)(processed)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(*seconds.values(), peak)
        return
    n_rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000_000
    taken: dict[str, list[list[float]]] = {"store": [], "pandas": []}
    with tempfile.TemporaryDirectory() as folder:
        write_declarations(n_rows, Path(folder))
        for side in list(taken) * N_TURNS:
            call = [sys.executable, __file__, "--ask", side, folder]
            said = subprocess.run(call, check=True, capture_output=True, text=True).stdout
            taken[side].append([float(word) for word in said.split()])
    print(f"{n_rows:,} rows, median of {N_TURNS} interleaved turns")
    for at, name in enumerate(QUESTIONS):
        ours, theirs = (median(turn[at] for turn in taken[side]) for side in taken)
        print(f"  {name}: the store takes {ours / theirs:.2f} times pandas")
    for side, turns in taken.items():
        print(f"  {side}: {max(turn[-1] for turn in turns):,.0f} MB at most")


if __name__ == "__main__":
    main()

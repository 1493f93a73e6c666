"""What world trade needs: the same values in four layouts, and 200 million rows within 4 GiB.

`python benchmarks/bench_world.py [ROWS] [BIG] [FOLDER]` writes made-up trade of ROWS rows (2
million) in each of the four layouts, cleans each and holds what comes back against the others; then
BIG rows (200 million, 6 GB) in the layout of BACI, five years, which it cleans and asks as a page
does. Each step is a process of its own, whose peak of memory is told; the bar is 4 GiB. FOLDER is
where the files lie until it ends (a temporary folder by default).
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

BAR_GIB = 4.0
MADE = """
    SELECT {first} + i // ({rows} // {years}) AS year, e.iso3 AS exporter, m.iso3 AS importer,
        e.code AS exporter_code, m.code AS importer_code, 1 + hash(i) % 5000000 AS usd,
        lpad(CAST(101 + (i // ({n} * {n}) % ({rows} // {years} // ({n} * {n}) + 1)) * 97
            AS VARCHAR), 6, '0') AS good,
        CASE WHEN hash(i) % 10 > 0 THEN 1 + hash(i + 1) % 900000 END AS kg
    FROM range({span}) made(i)
    JOIN places e ON e.n = i % {n} JOIN places m ON m.n = i // {n} % {n}
"""
NO_KG = "coalesce(CAST(kg AS VARCHAR), '0')"
WRITTEN = {
    "baci": (
        "BACI_HS22_Y{year}.csv",
        "year AS t, exporter_code AS i, importer_code AS j, good AS k, usd / 1000 AS v, "
        "coalesce(CAST(kg / 1000 AS VARCHAR), 'NA') AS q",
    ),
    "comtrade": (
        "comtrade.csv",
        "'A' AS freqCode, year AS period, importer_code AS reporterCode, 'M' AS flowCode, "
        "exporter_code AS partnerCode, 0 AS partner2Code, 'H6' AS classificationCode, good AS "
        "cmdCode, 'C00' AS customsCode, 0 AS motCode, usd AS primaryValue, False AS "
        f"isNetWgtEstimated, {NO_KG} AS netWgt, 0 AS legacyEstimationFlag",
    ),
    "comtrade_old": (
        "old.csv",
        '\'H6\' AS Classification, year AS "Year", year AS "Period", \'Import\' AS "Trade Flow", '
        'importer AS "Reporter ISO", exporter AS "Partner ISO", good AS "Commodity Code", '
        f'{NO_KG} AS "Netweight (kg)", usd AS "Trade Value (US$)", 0 AS Flag',
    ),
    "atlas": (
        "hs22_country_country_product_year_6.csv",
        "1 AS country_id, exporter AS country_iso3_code, 2 AS partner_country_id, importer AS "
        "partner_iso3_code, 3 AS product_id, good AS product_hs22_code, year, usd AS "
        "export_value, 0 AS import_value",
    ),
}


def write_trade(rows: int, layout: str, folder: Path, years: int, n_places: int) -> int:
    """Made-up trade in a layout, a file a year where that is usual; the bytes of it."""
    from helpers import classification

    codes = classification.world_codes()
    numbers = codes[codes["code"].str.isdigit()].drop_duplicates("iso3")
    numbers = numbers[~numbers["code"].isin(["842", "757", "579", "251", "699", "381"])]
    places = numbers.head(n_places).assign(n=np.arange(n_places))
    folder.mkdir(parents=True)
    name, columns = WRITTEN[layout]
    with duckdb.connect(config={"memory_limit": "3GB", "preserve_insertion_order": False}) as made:
        made.register("given", places)
        made.execute("CREATE TABLE places AS SELECT * FROM given")
        about = {"rows": rows, "years": years, "n": n_places, "first": 2020}
        share = rows // years  # a file of a year is made of its own rows alone
        spans = {2020 + y: f"{share * y}, {share * (y + 1)}" for y in range(years)}
        for year, span in (spans if "{year}" in name else {0: rows}).items():
            path = folder / name.format(year=year)
            table = MADE.format(span=span, **about)
            made.execute(f"COPY (SELECT {columns} FROM ({table})) TO '{path}' (FORMAT csv, HEADER)")
    return sum(path.stat().st_size for path in folder.iterdir())


def clean(raw: Path, processed: Path) -> None:
    """Checks the files and makes the table of demand, as `workbench clean` does."""
    from helpers import memory, places, world
    from helpers.customs.sources import received

    store = processed / "store-1"
    store.mkdir(parents=True)
    hashes = memory.Hashes(processed / ".hashes.json")
    accounts = world.prepare_world(received(raw).others, store, hashes, processed)
    errors = [account.error for account in accounts if account.error]
    if errors:
        raise SystemExit(f"refused: {errors}")
    places.make_current(processed, store)


def compared(processed: Path, target: Path) -> None:
    """Writes what the flows of a layout come to, by exporter, importer, good and year."""
    os.environ["WORKBENCH_PROCESSED"] = str(processed)
    from helpers import world

    with world.flows(world.world_trade()) as connection:
        sums = "sum(value_usd) AS usd, sum(net_mass_kg) AS kg"
        connection.execute(
            f"COPY (SELECT exporter, importer, hs6_code, year, {sums} FROM world_flows "
            f"GROUP BY ALL ORDER BY ALL) TO '{target}' (FORMAT parquet)"
        )


def ask(processed: Path, _: Path) -> None:
    """The questions of a page: markets, demand for a thousand goods, suppliers of five pairs."""
    os.environ["WORKBENCH_PROCESSED"] = str(processed)
    from helpers import world

    trade = world.world_trade()
    for name, question in (
        ("markets", lambda: world.markets(trade)),
        ("demand", lambda: world.demand(trade, [f"{101 + n * 97:06}" for n in range(1000)])),
        (
            "suppliers",
            lambda: world.suppliers(trade, PAIRS, (trade.years[-1] - 3, trade.years[-1])),
        ),
    ):
        started = time.monotonic()
        rows = question()
        print(f"  {name}: {len(rows):,} rows, {time.monotonic() - started:.1f} s", flush=True)


PAIRS = pd.DataFrame({
    "hs6_code": [f"{101 + n * 97:06}" for n in range(5)],
    "partner_iso3": ["IRQ", "TUR", "ARE", "AFG", "CHN"],
})  # fmt: skip


def _told(step: Callable, given: tuple, answers: multiprocessing.Queue) -> None:
    started = time.monotonic()
    step(*given)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    answers.put((time.monotonic() - started, peak))


def in_a_process(step: Callable, *given: object) -> tuple[float, float]:
    """Seconds and the peak of memory (GiB) of a step."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=_told, args=(step, given, answers))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{step.__name__} failed")
    return answers.get()


def main(rows: int, big: int, folder: Path) -> None:
    tables = {}
    for layout in WRITTEN:
        raw, processed = folder / layout / "raw", folder / layout / "processed"
        write_trade(rows, layout, raw / "world", 2, 100)
        seconds, peak = in_a_process(clean, raw, processed)
        in_a_process(compared, processed, folder / f"{layout}.parquet")
        tables[layout] = pd.read_parquet(folder / f"{layout}.parquet")
        total = tables[layout]["usd"].sum()
        print(
            f"{layout}: {rows:,} rows cleaned in {seconds:.1f} s, {peak:.2f} GiB, {total:,.0f} USD"
        )
    first = tables["baci"]
    for layout, table in tables.items():
        same = table.drop(columns="kg").equals(first.drop(columns="kg")) or np.allclose(
            table["usd"], first["usd"], rtol=1e-12
        )
        keys = ["exporter", "importer", "hs6_code", "year"]
        masses = "no masses" if layout == "atlas" else np.allclose(
            table["kg"], first["kg"], rtol=1e-12, equal_nan=True
        )  # fmt: skip
        print(
            f"{layout}: same keys {table[keys].equals(first[keys])}, values {same}, masses {masses}"
        )
    if big:
        raw, processed = folder / "big" / "raw", folder / "big" / "processed"
        size = write_trade(big, "baci", raw / "world", 5, 200)
        seconds, peak = in_a_process(clean, raw, processed)
        print(
            f"{big:,} rows, {size / 1e9:.1f} GB: cleaned in {seconds:.0f} s, {peak:.2f} GiB",
            flush=True,
        )
        seconds, asked = in_a_process(ask, processed, folder)
        print(f"asked in {seconds:.0f} s, {asked:.2f} GiB; the bar is {BAR_GIB} GiB")
        if max(peak, asked) > BAR_GIB:
            raise SystemExit(1)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:3]]
    n_rows, n_big = (*numbers, *(2_000_000, 200_000_000)[len(numbers) :])
    place = Path(tempfile.mkdtemp(dir=sys.argv[3] if len(sys.argv) > 3 else None))
    try:
        main(n_rows, n_big, place)
    finally:
        shutil.rmtree(place)

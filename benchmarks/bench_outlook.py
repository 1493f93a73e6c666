"""Does the 80 per cent range of the year's end hold 80 per cent of year ends?

    .venv/bin/python benchmarks/bench_outlook.py [SERIES]

On made-up series of which the year's end is known: random walks, trends and seasons of 60 to 96
months, and short ones of 31 months of all three kinds, 200 each, seeded. Prints a table: how many
year ends the range held, how often the floor (last year's months) was taken, how often words stand
in place of a per cent, and how wide the range is.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from helpers.measures.outlook import Outlook, outlook
from helpers.periods import Period

KINDS = ("random walk", "trend", "season")


def made(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """`n` months whose logarithms wander, grow or repeat, with noise of 5, 10 or 20 per cent."""
    months, noise = np.arange(n), rng.normal(0, rng.choice([0.05, 0.10, 0.20]), n)
    logs = {
        "random walk": lambda: np.cumsum(noise),
        "trend": lambda: rng.choice([-0.01, 0.005, 0.01, 0.02]) * months + noise,
        "season": lambda: rng.normal(0, 0.3, 12)[months % 12] + noise,
    }[kind]()
    return 1e6 * np.exp(logs)


def tried(kind: str, n: int, rng: np.random.Generator) -> tuple[Outlook, float]:
    """The outlook on the first `n` months of a series from Farvardin on, and how its year ended."""
    left = 12 - n % 12
    values = made(kind, n + left, rng)
    codes = [str(Period(1395 + k // 12, k % 12 + 1, k % 12 + 1)) for k in range(n)]
    return outlook(pd.Series(values[:n], index=codes)), float(values[-12:].sum())


def trials(name: str, n_series: int) -> dict[str, object]:
    """One row of the table."""
    rng = np.random.default_rng([*name.encode()])
    rows = []
    for i in range(n_series):
        n = 31 if name == "31 months" else int(rng.integers(60, 97))
        kind = KINDS[i % 3] if name == "31 months" else name
        found, end = tried(kind, n, rng)
        of = found.year_end
        rows.append(
            {
                "held_80": of.low_80 <= end <= of.high_80,
                "held_95": of.low_95 <= end <= of.high_95,
                "attained_80": of.coverage_80_share,
                "floor": found.model == "seasonal_naive",
                "words": not of.is_sure,
                "width": of.high_80 / of.low_80 - 1,
            }
        )
    table = pd.DataFrame(rows)
    return {"series": name, "n": n_series, **table.drop(columns="width").mean().round(3),
            "median_width": round(table["width"].median(), 3)}  # fmt: skip


def main() -> None:
    n_series = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    table = pd.DataFrame([trials(name, n_series) for name in (*KINDS, "31 months")])
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()

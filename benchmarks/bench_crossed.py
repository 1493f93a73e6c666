"""How many made-up files in which kinds of trouble meet give a wrong number in silence.

`python benchmarks/bench_crossed.py [FILES] [SEED]` writes files with the generator of
`tests/crossed.py` (two kinds at a time, all pairs in turn, a seed a round; 2,000 files by default),
cleans each, holds it against the trade that is truly in it, and counts. Exit 1 where one is wrong.
"""

from __future__ import annotations

import sys
import tempfile
import time
from itertools import count, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import crossed


def main() -> int:
    """Makes, cleans, compares; prints each file that is wrong, and the count."""
    n_files = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    rounds = ((seed, pair) for seed in count(first) for pair in crossed.PAIRS)
    started, n_wrong = time.perf_counter(), 0
    for seed, pair in islice(rounds, n_files):
        with tempfile.TemporaryDirectory() as folder:
            true = crossed.made(seed, pair, Path(folder))
            wrong = crossed.wrong_without_a_word(Path(folder), true)
        if wrong:
            n_wrong += 1
            print(f"seed {seed}, {' and '.join(pair)}: {wrong}")
    seconds = time.perf_counter() - started
    print(f"{n_files:,} files, {n_wrong} wrong in silence; {seconds:.0f} s")
    return bool(n_wrong)


if __name__ == "__main__":
    sys.exit(main())

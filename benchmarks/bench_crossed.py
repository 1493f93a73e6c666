"""How many made-up files in which kinds of trouble meet give a wrong number in silence.

`python benchmarks/bench_crossed.py [--files N | --seconds S] [--seed N] [--most N]` writes files
with the generator of `tests/crossed.py`, each with two to MOST kinds of trouble (4 by default; with
2, all pairs come in turn), cleans each, holds it against the trade that is truly in it, and counts.
2,000 files by default. Exit 1 where one is wrong.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import crossed


def kinds_of(n: int, seed: int, most: int) -> tuple[str, ...]:
    """The kinds of trouble of the n-th file."""
    if most == 2:
        return crossed.PAIRS[n % len(crossed.PAIRS)]
    rng = random.Random(f"{seed} {n}")
    kinds: list[str] = list(rng.choice(crossed.PAIRS))
    for kind in rng.sample(list(crossed.KINDS), rng.randint(0, most - 2)):
        if all({(kind, k), (k, kind)} & set(crossed.PAIRS) for k in kinds):
            kinds.append(kind)
    return tuple(kind for kind in crossed.KINDS if kind in kinds)


def main() -> int:
    """Makes, cleans, compares; prints each file that is wrong, and the count."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=2_000)
    options.add_argument("--seconds", type=float, default=0.0)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--most", type=int, default=4)
    given = options.parse_args()
    started, n_files, n_wrong = time.perf_counter(), 0, 0
    while time.perf_counter() - started < given.seconds if given.seconds else n_files < given.files:
        kinds, seed = kinds_of(n_files, given.seed, given.most), given.seed * 1_000_000 + n_files
        with tempfile.TemporaryDirectory() as folder:
            true = crossed.made(seed, kinds, Path(folder))
            wrong = crossed.wrong_without_a_word(Path(folder), true)
        n_files += 1
        if wrong:
            n_wrong += 1
            print(f"seed {seed}, {' and '.join(kinds)}: {wrong}", flush=True)
    seconds = time.perf_counter() - started
    print(f"{n_files:,} files, {n_wrong} wrong in silence; {seconds:.0f} s")
    return bool(n_wrong)


if __name__ == "__main__":
    sys.exit(main())

"""How many made-up files in which kinds of trouble meet give a wrong number in silence.

`python benchmarks/bench_crossed.py [--files N | --seconds S] [--seed N] [--most N]` writes files
with the generator of `tests/crossed.py`, each with two to MOST kinds of trouble (4 by default; with
2, all pairs come in turn), cleans each, holds it against the trade that is truly in it, and counts.
2,000 files by default; for so many seconds hypothesis chooses kinds, rows and forms, and makes a
find as small as it can. Half of the files are cleaned in pieces, as very long ones are. Exit 1
where one is wrong.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import crossed
from helpers.customs import pieces

ROWS_HELD = pieces.ROWS_HELD


def kinds_of(n: int, seed: int, most: int) -> tuple[str, ...]:
    """The kinds of trouble of the n-th file."""
    if most == 2:
        return crossed.PAIRS[n % len(crossed.PAIRS)]
    rng = random.Random(f"{seed} {n}")
    return _together([*rng.choice(crossed.PAIRS), *rng.sample(list(crossed.KINDS), most - 2)])


def _together(wanted: list[str]) -> tuple[str, ...]:
    """Of these kinds those of which a file can be made, the first ones first."""
    kinds: list[str] = []
    for kind in dict.fromkeys(wanted):
        if all({(kind, k), (k, kind)} & set(crossed.PAIRS) for k in kinds):
            kinds.append(kind)
    return tuple(kind for kind in crossed.KINDS if kind in kinds)


def wrong_in(rng: random.Random, kinds: tuple[str, ...], in_pieces: bool) -> str:
    """What is wrong in silence of one file; "" where nothing is."""
    pieces.ROWS_HELD = 2 if in_pieces else ROWS_HELD
    with tempfile.TemporaryDirectory() as folder:
        true = crossed.made_by(rng, kinds, Path(folder))
        return crossed.wrong_without_a_word(Path(folder), true)


def seeded(n_files: int, seed: int, most: int) -> tuple[int, int]:
    """Files made by numbers; how many they were, and how many of them are wrong."""
    n_wrong = 0
    for n in range(n_files):
        kinds, number = kinds_of(n, seed, most), seed * 1_000_000 + n
        if wrong := wrong_in(random.Random(f"{number} {kinds}"), kinds, n % 2 == 1):
            n_wrong += 1
            print(f"seed {number}, {' and '.join(kinds)}: {wrong}", flush=True)
    return n_files, n_wrong


def searched(seconds: float, most: int) -> tuple[int, int]:
    """Files that hypothesis thinks of for so many seconds; each find is shrunk and printed.

    After a find the search begins anew without the kinds of the smallest file that shows it.
    """
    until, counts, finds = time.perf_counter() + seconds, Counter[str](), list[frozenset[str]]()

    class Over(BaseException):
        """The time is over."""

    @settings(
        max_examples=10**6, deadline=None, database=None, print_blob=False,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        st.randoms(use_true_random=False),
        st.lists(st.sampled_from(list(crossed.KINDS)), min_size=2, max_size=most, unique=True),
        st.booleans(),
    )
    def no_wrong_number(rng: random.Random, wanted: list[str], in_pieces: bool) -> None:
        if time.perf_counter() > until:
            raise Over
        kinds = _together(wanted)
        if any(find <= set(kinds) for find in finds):
            return
        counts["files"] += 1
        counts["kinds"] += len(kinds)
        wrong = wrong_in(rng, kinds, in_pieces)
        if wrong:
            last[:] = (*kinds, "in pieces") if in_pieces else kinds, wrong
        assert not wrong, wrong

    while True:
        last: list[object] = []
        try:
            no_wrong_number()
        except BaseException:  # at its end hypothesis may call what it was told flaky
            if last:
                kinds, wrong = last
                finds.append(frozenset(kinds) - {"in pieces"})
                print(f"{' and '.join(kinds)}: {wrong}", flush=True)
            elif time.perf_counter() < until:
                raise
        if time.perf_counter() > until:
            print(f"{counts['kinds'] / max(counts['files'], 1):.1f} kinds a file")
            return counts["files"], len(finds)


def main() -> int:
    """Makes, cleans, compares; prints each file that is wrong, and the count."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=2_000)
    options.add_argument("--seconds", type=float, default=0.0)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--most", type=int, default=4)
    given_ = options.parse_args()
    started = time.perf_counter()
    n_files, n_wrong = (
        searched(given_.seconds, given_.most)
        if given_.seconds
        else seeded(given_.files, given_.seed, given_.most)
    )
    print(f"{n_files:,} files, {n_wrong} wrong in silence; {time.perf_counter() - started:.0f} s")
    return bool(n_wrong)


if __name__ == "__main__":
    sys.exit(main())

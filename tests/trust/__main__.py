"""All faults, one after the other; exit 1 where a row lost, lied, hung or left a process."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from trust import kills, mutants, payloads, races, same
from trust.table import Row, write


def main(arguments: list[str] | None = None) -> int:
    """Tries what is asked for (all, unless kinds are named), writes the table, and judges."""
    asked = _asked(arguments)
    rows = list(_rows(asked))
    n_wrong = sum(bool(row.wrong) for row in rows)
    n_untried = sum(bool(row.not_tried) for row in rows)
    click.echo(f"{len(rows)} rows, {n_wrong} wrong, {n_untried} not tried on this machine")
    if asked.table and not asked.only and not n_wrong and not n_untried:
        write(rows, asked.table, asked.command)
    return int(n_wrong > 0)


def _rows(asked: argparse.Namespace) -> Iterator[Row]:
    kinds = {
        "kills": lambda: kills.rows(asked.kills),
        "races": lambda: races.rows(asked.reports),
        "mutants": lambda: mutants.rows(asked.files),
        "payloads": lambda: payloads.rows(asked.payloads),
        "same": same.rows,
    }
    for kind, rows in kinds.items():
        if not asked.only or kind in asked.only:
            yield from rows()


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("trust", description=__doc__)
    parser.add_argument("only", nargs="*", help="kinds of faults; all unless some are named")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--payloads", type=int, default=400)
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--reports", type=int, default=6, help="at once on a full disk")
    parser.add_argument("--table", type=Path, help="the file to write")
    parser.add_argument("--command", default="make trust", help="what the table says made it")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

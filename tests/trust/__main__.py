"""All faults, one after the other; exit 1 where a row lost, lied, hung or left a process.

A row that this machine does not allow to be tried is no failure on somebody's desk. Where changes
are accepted (`--strict`, or CI is set, as for tests that are skipped), it is one: nobody looked.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from trust import kills, mutants, payloads, races, same
from trust.table import Row, write

KINDS = {
    "kills": lambda asked: kills.rows(asked.kills),
    "races": lambda asked: races.rows(asked.reports),
    "mutants": lambda asked: mutants.rows(asked.files),
    "payloads": lambda asked: payloads.rows(asked.payloads),
    "same": lambda _: same.rows(),
}


def main(arguments: list[str] | None = None) -> int:
    """Tries what is asked for (all, unless kinds are named), writes the table, and judges."""
    asked = _asked(arguments)
    rows = _with_kept(list(_rows(asked)), asked)
    n_wrong = sum(bool(row.wrong) for row in rows)
    untried = [row for row in rows if row.not_tried]
    click.echo(f"{len(rows)} rows, {n_wrong} wrong, {len(untried)} not tried on this machine")
    for row in untried:
        click.echo(f"    {row.fault}, {row.moment}: {row.not_tried}")
    if asked.table and not asked.only and not n_wrong and not untried:
        write(rows, asked.table, asked.command)
    return int(n_wrong > 0 or (asked.strict and bool(untried)))


def _with_kept(rows: list[Row], asked: argparse.Namespace) -> list[Row]:
    """These rows, and those that earlier calls have kept, in the order of the kinds."""
    if not asked.kept:
        return rows
    earlier = json.loads(asked.kept.read_text("utf-8")) if asked.kept.is_file() else []
    tried_now = {row.kind for row in rows}
    rows += [row for row in (Row(**each) for each in earlier) if row.kind not in tried_now]
    rows.sort(key=lambda row: list(KINDS).index(row.kind))
    asked.kept.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False), "utf-8")
    asked.only = [] if {row.kind for row in rows} == set(KINDS) else asked.only
    return rows


def _rows(asked: argparse.Namespace) -> Iterator[Row]:
    for kind, rows in KINDS.items():
        if not asked.only or kind in asked.only:
            for row in rows(asked):
                row.kind = kind
                yield row


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("trust", description=__doc__)
    parser.add_argument("only", nargs="*", help=f"of {', '.join(KINDS)}; all unless some are named")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--payloads", type=int, default=400)
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--reports", type=int, default=6, help="at once on a full disk")
    parser.add_argument("--table", type=Path, help="the file to write")
    parser.add_argument("--kept", type=Path, help="rows of kinds that were tried by other calls")
    is_ci = bool(os.environ.get("CI"))
    parser.add_argument("--strict", action="store_true", default=is_ci, help="no row untried")
    parser.add_argument("--command", default="make trust", help="what the table says made it")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

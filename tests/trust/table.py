"""The table: fault × moment → outcome."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import click


@dataclass
class Row:
    """A fault at a moment, tried some times.

    Attributes:
        outcome: what becomes of it, in words, where nothing is wrong.
        wrong: what was lost, lied, hung or left, a sentence a trial.
        not_tried: why it could not be tried on this machine.
    """

    fault: str
    moment: str
    outcome: str
    n: int = 0
    wrong: list[str] = field(default_factory=list)
    not_tried: str = ""
    kind: str = ""

    @property
    def line(self) -> str:
        """The row as Markdown."""
        became = f"**{len(self.wrong)} wrong**: {self.wrong[0]}" if self.wrong else self.outcome
        return f"| {self.fault} | {self.moment} | {self.n:,} | {became} |"


def tried(fault: str, moment: str, outcome: str, trials: Iterable[str]) -> Row:
    """A row of trials, each "" or what is wrong in words."""
    row, started = Row(fault, moment, outcome), time.monotonic()
    for wrong in trials:
        row.n += 1
        row.wrong += [wrong] if wrong else []
    told(row, time.monotonic() - started)
    return row


def untried(fault: str, moment: str, outcome: str, reason: str) -> Row:
    """A row that this machine does not allow."""
    row = Row(fault, moment, outcome, not_tried=reason)
    told(row, 0)
    return row


def told(row: Row, seconds: float) -> None:
    """Prints a row when it is there, with all that is wrong."""
    reason = f" not tried: {row.not_tried}" if row.not_tried else ""
    click.echo(f"{row.line}{reason} ({seconds:.0f} s)")
    for wrong in row.wrong:
        click.echo(f"    {wrong}")


HEAD = """# What became of each fault

Made by `{command}`, which puts each fault in and looks what becomes of it; a run in which a row
lost anything, lied, hung or left a process fails, and leaves this file as it is.

| fault | moment | times | outcome |
|---|---|---:|---|
"""


def write(rows: list[Row], path: Path, command: str) -> None:
    """Writes the table, if it is another than the one that stands."""
    text = HEAD.format(command=command) + "\n".join(row.line for row in rows) + "\n"
    if not path.is_file() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")

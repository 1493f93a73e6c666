"""What runs now and how long it will take: a live bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from workbench.batch import Progress
    from workbench.record import Result


@contextmanager
def shown(stream: TextIO | None = None) -> Iterator[Progress]:
    """A `Progress` that writes to `stream` (standard error) until the block ends."""
    stream = stream or sys.stderr
    if stream.isatty():
        with _live(stream) as progress:
            yield progress
    else:
        yield _Lines(stream)


@contextmanager
def _live(stream: TextIO) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    # No refreshing thread: worker processes are forked from this one.
    bar = Progress(*columns, console=Console(file=stream), auto_refresh=False, transient=True)
    clock = _Clock()
    with bar:
        task = bar.add_task("starting", total=None)

        def progress(running: list[str], done: Sequence[Result], total: int) -> None:
            text = f"{clock.left(len(done), total)}  {'  '.join(running)}"
            bar.update(task, completed=len(done), total=total, description=text, refresh=True)

        yield progress


class _Lines:
    def __init__(self, stream: TextIO) -> None:
        self.stream, self.clock, self.n_told = stream, _Clock(), 0

    def __call__(self, _running: list[str], done: Sequence[Result], total: int) -> None:
        for number, result in enumerate(done[self.n_told :], self.n_told + 1):
            left = self.clock.left(number, total)
            what = f"{result.status} {result.report} in {result.seconds:.1f} s"
            self.stream.write(f"[{number}/{total}] {what}{left and ', ' + left}\n")
        self.n_told = len(done)
        self.stream.flush()


class _Clock:
    def __init__(self) -> None:
        self.started = time.monotonic()

    def left(self, n_done: int, total: int) -> str:
        """Time left at the pace so far; empty before the first end and after the last."""
        if not 0 < n_done < total:
            return ""
        seconds = (time.monotonic() - self.started) / n_done * (total - n_done)
        return (
            f"about {seconds // 60:.0f} min left" if seconds > 90 else f"about {seconds:.0f} s left"
        )

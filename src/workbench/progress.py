"""What runs now and how long it will take: a live bar in a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from workbench import batch
from workbench.record import Result


@contextmanager
def shown() -> Iterator[batch.Progress]:
    """A `Progress` that writes to standard error until the block ends."""
    stream, started, n_told = sys.stderr, time.monotonic(), 0

    def left(n_done: int, total: int) -> str:
        """Time left at the pace so far; empty before the first end and after the last."""
        seconds = (time.monotonic() - started) / max(n_done, 1) * (total - n_done)
        written = f"{seconds / 60:.0f} min" if seconds > 90 else f"{seconds:.0f} s"
        return f"about {written} left" if 0 < n_done < total else ""

    def lines(_running: list[str], done: Sequence[Result], total: int) -> None:
        nonlocal n_told
        for number, result in enumerate(done[n_told:], n_told + 1):
            what = f"{result.status} {result.report} in {result.seconds:.1f} s"
            words = ", ".join(filter(None, (what, left(number, total))))
            stream.write(f"[{number}/{total}] {words}\n")
        n_told = len(done)
        stream.flush()

    if not stream.isatty():
        yield lines
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    # No refreshing thread: worker processes are forked from this one.
    options = {"console": Console(file=stream), "auto_refresh": False, "transient": True}
    with Progress(*columns, **options) as bar:
        task = bar.add_task("starting", total=None)

        def live(running: list[str], done: Sequence[Result], total: int) -> None:
            text = f"{left(len(done), total)}  {'  '.join(running)}"
            bar.update(task, completed=len(done), total=total, description=text, refresh=True)

        yield live

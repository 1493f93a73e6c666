"""Worker processes: each renders one report at a time, and may die without taking the batch along.

Not `concurrent.futures`: its pool is broken as a whole when one process dies. Where the system
forks, workers are forked while the starting process has one thread only, with papermill and
nbconvert already imported.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

from workbench import kernels
from workbench.record import Report, Result, Settings
from workbench.report import render_report

GRACE_SECONDS = 30
"""Beyond its time limit, after which a worker that could not end its report is ended itself."""

TICK_SECONDS = 0.2


@dataclass
class _Worker:
    process: multiprocessing.Process
    pipe: Connection
    report: Report | None = None
    started: float = 0.0

    def give(self, report: Report) -> None:
        self.report, self.started = report, time.monotonic()
        self.pipe.send(report)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def render_all(
    reports: Sequence[Report],
    settings: Settings,
    n_workers: int,
    *,
    deadline: float | None = None,
    on_tick: Callable[[list[str]], None] = lambda _: None,
) -> Iterator[Result]:
    """The results of reports as they end, in whatever order.

    Args:
        reports: to render.
        settings: for all of them.
        n_workers: how many at once.
        deadline: `time.monotonic()` after which whatever is not done has failed.
        on_tick: told several times a second what runs now.

    A report whose worker died is tried once more, in a new worker, and then failed. Closing the
    iterator (as Ctrl-C does) ends all workers, and with them their kernels.
    """
    waiting = list(reversed(reports))
    lost: set[str] = set()
    workers = [_start(settings) for _ in range(min(n_workers, len(waiting)))]
    try:
        while waiting or any(w.report for w in workers):
            workers = [w if w.process.is_alive() or w.report else _start(settings) for w in workers]
            for worker in workers:
                if waiting and not worker.report:
                    worker.give(waiting.pop())
            on_tick([w.report.name for w in workers if w.report])
            wait([w.pipe for w in workers if w.report], TICK_SECONDS)
            for worker in workers:
                report, result = worker.report, _outcome(worker, settings)
                if isinstance(result, _Lost) and report.name not in lost:
                    lost.add(report.name)
                    waiting.append(report)
                elif result:
                    yield result
            if deadline and time.monotonic() > deadline:
                late = [w.report for w in workers if w.report] + waiting[::-1]
                yield from (_failed(report, "the batch ran out of time") for report in late)
                return
    finally:
        for worker in workers:
            worker.end()


class _Lost(Result):
    """The worker of a report died."""


def _outcome(worker: _Worker, settings: Settings) -> Result | None:
    """The result of a worker's report, if it has one; the worker is then free, or dead."""
    report, seconds = worker.report, time.monotonic() - worker.started
    if report is None:
        return None
    result = _received(worker)
    if not result and not worker.process.is_alive():
        code = worker.process.exitcode
        result = _Lost(report.name, "failed", message=f"its worker process died (exit {code})")
    elif not result and settings.timeout and seconds > settings.timeout + GRACE_SECONDS:
        worker.process.kill()
        worker.process.join()
        result = _failed(report, f"the report took longer than {settings.timeout:g} s")
    if result:
        worker.report, result.seconds = None, round(seconds, 3)
    return result


def _received(worker: _Worker) -> Result | None:
    try:
        return worker.pipe.recv() if worker.pipe.poll() else None
    except (EOFError, OSError):
        worker.process.join(1)
        return None


def _failed(report: Report, message: str) -> Result:
    return Result(report.name, "failed", message=message)


def _start(settings: Settings) -> _Worker:
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, settings), daemon=False)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _work(pipe: Connection, settings: Settings) -> None:
    kernels.die_with_parent()
    kernels.take_long_turns()
    # Ctrl-C reaches the whole terminal group: the batch decides what ends, and when.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            report = pipe.recv()
        except EOFError:
            return
        pipe.send(render_report(report, settings))

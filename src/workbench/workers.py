"""A process for each report, forked from this one; it may die without taking the batch along.

Where the system forks, this process has imported everything that notebooks and pages need, and one
thread only. A report whose process was killed from outside is tried once more.

With a dask.distributed scheduler the same reports have a process each on workers of other machines
too: all need the project installed and see the same folders (a shared disk). A report whose worker
dies is given to another one.
"""

import gc
import multiprocessing
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from urllib.parse import urlsplit

from helpers.lifetimes import die_with_parent
from helpers.schema import HelpersError
from workbench.processes import run_python, start_no_threads, take_long_turns
from workbench.project import project
from workbench.record import Report, Result, Settings

GRACE_SECONDS = 20
"""Beyond its time limit, after which a process that could not end its report is ended."""
TICK_SECONDS = 0.2
RETRIES = 2
CONNECT_SECONDS = 20


class _Worker:
    """The process of one report, and what is heard from it."""

    def __init__(self, report: Report, settings: Settings) -> None:
        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
        self.report, self.timeout, self.started = report, settings.timeout, time.monotonic()
        self.cell, self.was_killed = "", False
        self.pipe, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=_work, args=(theirs, report, settings))
        self.process.start()
        theirs.close()

    def result(self) -> Result | None:
        """How its report ended; None while it goes on, and the cell that it names is kept."""
        if self.pipe.poll():
            try:
                message = self.pipe.recv()
            except (EOFError, OSError):
                self.process.join()
                code = self.process.exitcode
                # Killed from outside is worth another try; a process that ended itself is not.
                self.was_killed = bool(code and code < 0)
                why = f"(exit {code}: killed, out of memory, or a crash in a library)"
                return self._failed(f"its process died {why}")
            if isinstance(message, Result):
                return message
            self.cell = message
        elif self.timeout and time.monotonic() - self.started > self.timeout + GRACE_SECONDS:
            return self._failed(f"the report took longer than {self.timeout:g} s")
        return None

    def _failed(self, message: str) -> Result:
        seconds = round(time.monotonic() - self.started, 3)
        name = self.report.name
        return Result(name, "failed", seconds=seconds, cell=self.cell, message=message)

    def end(self) -> None:
        with suppress(ProcessLookupError, PermissionError, AttributeError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self.pipe.close()


def get_ready(reports: Sequence[Report] = ()) -> None:
    """Imports and does once what every report needs, for the processes forked from here.

    Args:
        reports: those that will be rendered; none is any, as HTML.
    """
    start_no_threads()
    gc.disable()  # Hardly anything that is imported is garbage.
    # jsonschema would compile a grammar of web addresses, which takes longer than all the rest
    # and which no notebook's schema asks for: it is told that the package is not there.
    sys.modules.setdefault("rfc3987_syntax", None)
    from workbench.report import rehearse

    project().warm_up(
        "".join(path.read_text("utf-8") for path in {report.notebook for report in reports})
    )
    rehearse(any("pdf" in report.formats for report in reports))
    gc.enable()


def render_all(
    reports: Sequence[Report],
    settings: Settings,
    on_tick: Callable[[list[str]], None] = lambda _: None,
) -> Iterator[Result]:
    """The results of reports as they end, in whatever order.

    Args:
        reports: to render.
        settings: for all of them.
        on_tick: told several times a second what runs now.

    Closing the iterator (as Ctrl-C does) ends all processes.
    """
    get_ready(reports)  # before the processes are forked from here
    n_workers = settings.jobs or os.cpu_count() or 1
    waiting, running, tried = list(reversed(reports)), [], set()
    try:
        while waiting or running:
            while waiting and len(running) < n_workers:
                running.append(_Worker(waiting.pop(), settings))
            on_tick([worker.report.name for worker in running])
            wait([worker.pipe for worker in running], TICK_SECONDS)
            for worker in list(running):
                result = worker.result()
                if result is None:
                    continue
                worker.end()
                running.remove(worker)
                if worker.was_killed and worker.report.name not in tried:
                    tried.add(worker.report.name)
                    waiting.append(worker.report)
                else:
                    yield result
    finally:
        for worker in running:
            worker.end()


def _work(pipe: Connection, report: Report, settings: Settings) -> None:
    from workbench.report import render_report

    die_with_parent()
    take_long_turns()
    gc.freeze()  # What is imported stays: looking for garbage in it would only copy its memory.
    gc.set_threshold(50_000)  # What a report makes is mostly tables, and gone at its end.
    # A group of its own: what a cell started ends with it, and Ctrl-C is the batch's affair.
    if hasattr(os, "setsid"):
        os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # What libraries print past Python is no output of the command.
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    result = render_report(report, settings, on_cell=pipe.send)
    pipe.send(result)
    # Taking all that was imported apart again would cost more than forking it did.
    os._exit(0)


# On other machines


def render_on(
    reports: Sequence[Report],
    settings: Settings,
    on_tick: Callable[[list[str]], None] = lambda _: None,
) -> Iterator[Result]:
    """The results of reports as they end.

    Args:
        reports: to render.
        settings: for all of them; the folders must be the same on all workers, and `cluster` is
            the address of the scheduler, `tcp://host:8786`.
        on_tick: told what is not done yet.

    Raises:
        HelpersError: dask.distributed is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise HelpersError(
            "--cluster needs dask.distributed: install the extra, alborz-trade-workbench[cluster]"
        ) from None
    _check_answers(settings.cluster)
    with Client(settings.cluster, timeout=CONNECT_SECONDS, set_as_default=False) as client:
        executor = client.get_executor(pure=False, retries=RETRIES)
        waiting = {executor.submit(_apart, report, settings): report for report in reports}
        while waiting:
            on_tick([report.name for report in waiting.values()])
            for future in futures.wait(waiting, TICK_SECONDS, futures.FIRST_COMPLETED).done:
                name, error = waiting.pop(future).name, future.exception()
                lost = f"its worker was lost ({type(error).__name__})"
                yield Result(name, "failed", message=lost) if error else future.result()


def _apart(report: Report, settings: Settings) -> Result:
    """Renders a report in a new process: a worker has threads, and must not be forked."""
    job = pickle.dumps((report, settings))
    # It ends with the worker, whose report is then given to another one.
    done = run_python("workbench.workers", input=job, stdout=subprocess.PIPE)
    done.check_returncode()
    return pickle.loads(done.stdout)


def _check_answers(address: str) -> None:
    """Before a client is made: one that finds nothing waits again, and complains, when it ends."""
    try:
        place = urlsplit(address if "://" in address else f"tcp://{address}")
        with socket.create_connection((place.hostname or "", place.port or 0), CONNECT_SECONDS):
            pass
    except (OSError, ValueError) as error:
        raise HelpersError(
            f"no dask scheduler answers at {address} ({error}); expected tcp://HOST:PORT, as "
            "`dask scheduler` prints it"
        ) from None


if __name__ == "__main__":
    one, given = pickle.load(sys.stdin.buffer)
    sys.stdout.buffer.write(pickle.dumps(next(render_all([one], given))))

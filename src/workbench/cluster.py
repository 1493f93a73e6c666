"""A batch on a dask.distributed scheduler: the same reports, on workers of other machines too.

Every worker needs the project installed and sees the same folders (a shared disk): notebooks and
processed data are read from them, outputs written to them. There each report has a process of its
own, as it has here. A report whose worker dies is given to another one.
"""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from helpers.lifetimes import die_with_parent
from helpers.schema import HelpersError
from workbench import workers
from workbench.record import Report, Result, Settings

RETRIES = 2
CONNECT_SECONDS = 20
TICK_SECONDS = 0.5


def render_on(
    address: str,
    reports: Sequence[Report],
    settings: Settings,
    on_tick: Callable[[list[str]], None] = lambda _: None,
) -> Iterator[Result]:
    """The results of reports as they end.

    Args:
        address: of the scheduler, `tcp://host:8786`.
        reports: to render.
        settings: for all of them; the folders must be the same on all workers.
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
    _check_answers(address)
    with Client(address, timeout=CONNECT_SECONDS, set_as_default=False) as client:
        waiting = {
            client.submit(
                _apart, report, settings, key=f"{report.name}-{time.time_ns()}",
                pure=False, retries=RETRIES,
            ): report
            for report in reports
        }  # fmt: skip
        while waiting:
            for future in [future for future in waiting if future.done()]:
                yield _result(future, waiting.pop(future))
            on_tick([report.name for report in waiting.values()])
            time.sleep(TICK_SECONDS)


def _apart(report: Report, settings: Settings) -> Result:
    """Renders a report in a new process: a worker has threads, and must not be forked."""
    command = [sys.executable, "-m", "workbench.cluster"]
    job = pickle.dumps((report, settings))
    # It ends with the worker, whose report is then given to another one.
    ends = die_with_parent if sys.platform == "linux" else None
    done = subprocess.run(command, input=job, stdout=subprocess.PIPE, check=True, preexec_fn=ends)
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


def _result(future: object, report: Report) -> Result:
    error = future.exception()
    if error is None:
        return future.result()
    return Result(report.name, "failed", message=f"its worker was lost ({type(error).__name__})")


if __name__ == "__main__":
    one, given = pickle.load(sys.stdin.buffer)
    workers.get_ready([one])
    sys.stdout.buffer.write(pickle.dumps(next(workers.render_all([one], given, 1))))

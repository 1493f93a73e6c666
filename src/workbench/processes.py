"""What a process is asked or told by the system it runs on."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""Libraries that start threads when they are imported are told not to: a fork is only safe while
one thread is alive."""


def start_no_threads() -> None:
    """Has libraries imported from now on start no threads, unless the user said otherwise."""
    os.environ.update({name: os.environ.get(name, value) for name, value in ONE_THREAD.items()})


def peak_memory_bytes(pid: int) -> int | None:
    """The most memory that a living process had in use at once; None where it cannot be told."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", "ignore").splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return None
    return int(peak.split()[1]) * 1024


def take_long_turns(pid: int = 0) -> None:
    """Has a process (0: this one) switched less often, so that its data stay in caches (Linux)."""
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0))

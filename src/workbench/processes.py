"""What a process is asked by, and asks of, the system it runs on."""

import os
import random
import subprocess
import sys
from contextlib import suppress
from typing import Any

from helpers.lifetimes import die_with_parent

INLINE = "module://matplotlib_inline.backend_inline"
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
    os.environ.update({"MPLBACKEND": INLINE} | ONE_THREAD | os.environ)


def begin_notebook() -> None:
    """Makes a forked process one of its own: its own random numbers, its own figures."""
    import matplotlib as mpl
    import numpy as np

    random.seed()
    np.random.seed()
    # The backend of notebooks hooks itself into the shell when it is first imported.
    sys.modules.pop("matplotlib_inline.backend_inline", None)
    mpl.rcParams["backend"] = os.environ.get("MPLBACKEND", INLINE)
    if "pandas" in sys.modules:
        # What it takes for itself where a notebook imports it, and not a process before the fork.
        sys.modules["pandas"].options.display.max_columns = 20


def peak_memory_bytes() -> int | None:
    """The most memory that this process had in use at once; None where it cannot be told."""
    with suppress(ImportError):
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return None


def take_long_turns() -> None:
    """Has this process switched less often, so that its data stay in caches (Linux)."""
    with suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def run_python(module: str, *arguments: str, **given: Any) -> subprocess.CompletedProcess:
    """Runs a module in a process of its own, which ends with this one, however that ends.

    Args:
        module: as `python -m` takes it.
        *arguments: of its command.
        **given: as of `subprocess.run`.
    """
    command = [sys.executable, "-m", module, *arguments]
    ends = die_with_parent if sys.platform == "linux" else None
    return subprocess.run(command, check=False, preexec_fn=ends, **given)

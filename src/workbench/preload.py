"""What warm kernels are forked with: imported once, by the fork server and by no other process."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import signal
import sys
from contextlib import suppress
from types import SimpleNamespace

from helpers import memory
from workbench.processes import begin_notebook, start_no_threads
from workbench.project import project

_KERNEL = (
    "IPython.display", "ipykernel.kernelapp", "ipykernel.debugger", "ipykernel.zmqshell", "psutil",
    "sqlite3", "IPython.core.completerlib", "IPython.core.debugger",
    "IPython.extensions.storemagic", "workbench.kernels",
)  # fmt: skip
"""What any kernel imports; what notebooks import is the project's affair."""


def forget_what_changed() -> None:
    """Has the project's modules imported again where a file of it changed since."""
    if _stamp() != STAMP:
        package = project().PACKAGE.name
        for name in [n for n in sys.modules if n.split(".")[0] == package]:
            del sys.modules[name]


def run_kernel(arguments: list[str]) -> None:
    """Runs an ipykernel to its end."""
    from ipykernel.kernelapp import IPKernelApp

    begin_notebook()
    sys.argv = ["ipykernel_launcher", *arguments]
    sys.path[:] = [path for path in sys.path if path not in ("", os.getcwd())]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        IPKernelApp.launch_instance(argv=arguments)
    finally:
        # Closed while its control thread still writes, a kernel waits for itself until it is
        # killed.
        IPKernelApp.instance().control_thread.join(1)
        atexit._run_exitfuncs()


def _stamp() -> dict[str, str]:
    """Changes whenever a file of the project does, so that no kernel runs yesterday's code."""
    return memory.files_in(project().PACKAGE, SimpleNamespace(of=memory.mark_of))


start_no_threads()
gc.disable()  # What is imported stays: looking for garbage in it would take a tenth longer.
for _name in _KERNEL:
    # What is missing or broken shows in the notebook that needs it.
    with suppress(Exception):
        importlib.import_module(_name)
project().warm_up()
gc.freeze()
gc.enable()
STAMP = _stamp()
N_THREADS = len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 0

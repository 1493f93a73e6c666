"""What warm kernels are forked with: imported once, by the fork server."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import random
import signal
import sys
from contextlib import suppress

from workbench.project import project

_KERNEL = (
    "IPython.display", "ipykernel.kernelapp", "ipykernel.debugger", "ipykernel.zmqshell", "psutil",
    "sqlite3", "IPython.core.completerlib", "IPython.core.debugger",
    "IPython.extensions.storemagic",
)  # fmt: skip
"""What any kernel imports; what notebooks import is the project's affair."""


def forget_what_changed() -> None:
    """Has the project's modules imported again where a file of it changed since."""
    if _stamp() != STAMP:
        package = project().PACKAGE.name
        for name in [n for n in sys.modules if n.split(".")[0] == package]:
            del sys.modules[name]


def run_kernel(arguments: list[str]) -> int:
    """Runs an ipykernel; its exit code."""
    import matplotlib as mpl
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    # The backend of notebooks hooks itself into the kernel's shell when it is first imported.
    sys.modules.pop("matplotlib_inline.backend_inline", None)
    mpl.rcParams["backend"] = os.environ.get("MPLBACKEND", _INLINE)
    # Forks would all draw the same numbers.
    random.seed()
    np.random.seed()
    sys.argv = ["ipykernel_launcher", *arguments]
    sys.path[:] = [path for path in sys.path if path not in ("", os.getcwd())]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code: object = 0
    try:
        IPKernelApp.launch_instance(argv=arguments)
    except SystemExit as end:
        code = end.code
    # Closed while its control thread still writes, a kernel waits for itself until it is killed.
    IPKernelApp.instance().control_thread.join(1)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    return code if isinstance(code, int) else int(code is not None)


def _stamp() -> tuple[tuple[str, int], ...]:
    """Changes whenever a file of the project does, so that no kernel runs yesterday's code."""
    files = (p for p in sorted(project().PACKAGE.rglob("*")) if "__pycache__" not in p.parts)
    return tuple((str(path), path.stat().st_mtime_ns) for path in files if path.is_file())


_INLINE = "module://matplotlib_inline.backend_inline"

# Imported by the fork server, and by no other process.
os.environ.setdefault("MPLBACKEND", _INLINE)
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

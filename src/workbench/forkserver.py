"""The process that warm kernels are forked from.

One thread, one loop: a connection asks for a kernel and stays open for its life. When the
connection closes, the kernel is killed; when the kernel ends, its exit code is sent; when the
process that started the server is no more (its pipe closes), everything ends. In the forked child
the loop returns, and the program goes on as the kernel, so that it ends like any Python program.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import random
import selectors
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from workbench.kernels import die_with_parent
from workbench.project import project

READ_AT_START = ("PYTHON", "LD_", "MPLCONFIGDIR")
"""Variables that are read once: a kernel that wants others cannot be a fork."""

PRELOADED = (
    "IPython.display", "ipykernel.kernelapp", "ipykernel.debugger", "ipykernel.zmqshell", "psutil",
    "sqlite3", "IPython.core.completerlib", "IPython.core.debugger",
    "IPython.extensions.storemagic",
)  # fmt: skip
"""What any kernel imports; what notebooks import is the project's affair."""


def main() -> None:
    """Serves until the standard input closes; in a forked child, runs the kernel."""
    own = {n: v for n, v in os.environ.items() if n.startswith(READ_AT_START)}
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    if sys.path[0] in ("", os.getcwd()):
        del sys.path[0]
    preload()
    request = Server(socket.socket(fileno=int(sys.argv[1])), own).serve()
    code = become_kernel(request) if request else 0
    # Taking all that was imported apart again would cost more than forking it did.
    os._exit(code)


def preload() -> None:
    """Imports everything, and does once what is slow the first time."""
    gc.disable()  # What is imported stays: looking for garbage in it would take a tenth longer.
    for name in PRELOADED:
        # What is missing or broken shows in the notebook that needs it.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    with contextlib.suppress(Exception):
        project().warm_up()
    gc.freeze()
    gc.enable()


class Server:
    """Forks kernels on request.

    Args:
        listener: where requests come from.
        own: the environment the server started with, as far as libraries read it at import.
    """

    def __init__(self, listener: socket.socket, own: dict[str, str]) -> None:
        self.listener, self.own, self.stamp = listener, own, _stamp()
        self.kernels: dict[int, socket.socket | None] = {}
        self.loop = selectors.DefaultSelector()
        self.ended, wakeup = socket.socketpair()
        wakeup.setblocking(False)
        self.ended.setblocking(False)
        self.wakeup = wakeup
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)
        for source in (self.listener, self.ended, sys.stdin):
            self.loop.register(source, selectors.EVENT_READ)

    def serve(self) -> dict[str, Any] | None:
        """None when it is over; in a child, the request it was forked for."""
        while True:
            for key, _ in self.loop.select():
                source = key.fileobj
                if source.fileno() < 0:
                    continue  # Closed a moment ago, in this very round.
                if source is sys.stdin:
                    return self._end()
                if source is self.listener:
                    self.loop.register(self.listener.accept()[0], selectors.EVENT_READ)
                elif source is self.ended:
                    self._reap()
                else:
                    request = self._hear(source)
                    if request:
                        return request

    def _hear(self, connection: socket.socket) -> dict[str, Any] | None:
        with connection.makefile("rb") as lines:
            line = lines.readline() if connection not in self.kernels.values() else b""
        if not line:
            self._hang_up(connection)
            return None
        request = json.loads(line)
        problem = self._problem(request)
        if problem:
            connection.sendall(json.dumps({"error": problem}).encode() + b"\n")
            self._hang_up(connection)
            return None
        return self._fork(connection, request)

    def _problem(self, request: dict[str, Any]) -> str:
        wanted = {n: v for n, v in request["env"].items() if n.startswith(READ_AT_START)}
        other = sorted(n for n, value in wanted.items() if value != self.own.get(n))
        if other:
            return f"it was asked for another {', '.join(other)}"
        n_threads = len(os.listdir("/proc/self/task"))
        return f"{n_threads} threads are alive where one may be" if n_threads > 1 else ""

    def _fork(self, connection: socket.socket, request: dict[str, Any]) -> dict[str, Any] | None:
        pid = os.fork()
        if pid:
            self.kernels[pid] = connection
            return None
        self._settle(connection, request)
        return request

    def _settle(self, connection: socket.socket, request: dict[str, Any]) -> None:
        """Makes the child a process like any that was started afresh."""
        die_with_parent()
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        connection.sendall(json.dumps({"pid": os.getpid()}).encode() + b"\n")
        self.loop.close()
        others = [held for held in self.kernels.values() if held]
        for held in (connection, self.listener, self.ended, self.wakeup, *others):
            held.close()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        os.environ["JPY_PARENT_PID"] = str(os.getppid())
        if _stamp() != self.stamp:
            _forget_project()

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.ended.recv(4096)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                connection = self.kernels.pop(ended[0], None)
                if connection:
                    code = os.waitstatus_to_exitcode(ended[1])
                    with contextlib.suppress(OSError):
                        connection.sendall(json.dumps({"exit": code}).encode() + b"\n")
                    self._hang_up(connection)

    def _hang_up(self, connection: socket.socket) -> None:
        for pid in [pid for pid, c in self.kernels.items() if c is connection]:
            _kill(pid)
            self.kernels[pid] = None
        self.loop.unregister(connection)
        connection.close()

    def _end(self) -> None:
        for pid in self.kernels:
            _kill(pid)
        shutil.rmtree(Path(self.listener.getsockname()).parent, ignore_errors=True)


def become_kernel(request: dict[str, Any]) -> int:
    """Runs an ipykernel to its end, as `python -m ipykernel_launcher` does; its exit code."""
    import matplotlib as mpl
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    # The backend of notebooks hooks itself into the kernel's shell when it is first imported.
    sys.modules.pop("matplotlib_inline.backend_inline", None)
    # Forks would all draw the same numbers.
    random.seed()
    np.random.seed()
    backend = request["env"].get("MPLBACKEND")
    if backend:
        mpl.rcParams["backend"] = backend
    sys.argv = ["ipykernel_launcher", *request["argv"]]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code: object = 0
    try:
        IPKernelApp.launch_instance(argv=request["argv"])
    except SystemExit as end:
        code = end.code
    # Closed while its control thread still writes, a kernel waits for itself until it is killed.
    IPKernelApp.instance().control_thread.join(1)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    return code if isinstance(code, int) else int(code is not None)


def _stamp() -> tuple[tuple[str, int], ...]:
    """Changes whenever a file of the project does, so that no kernel runs yesterday's code."""
    package = project().PACKAGE
    paths = (p for p in sorted(package.rglob("*")) if p.suffix in (".py", ".csv", ".yml", ".toml"))
    return tuple((str(p), p.stat().st_mtime_ns) for p in paths)


def _forget_project() -> None:
    package = project().PACKAGE.name
    for name in [n for n in sys.modules if n.split(".")[0] == package]:
        del sys.modules[name]


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()

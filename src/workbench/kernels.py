"""Warm kernels: each forked, in its own process, from one in which everything is imported.

A fork server imports pandas, matplotlib, seaborn, statsmodels, helpers and the fonts once. A
kernel is then a fork of it that becomes a real ipykernel, with its own working folder and
environment, in milliseconds. The provisioner is jupyter_client's plug-in point: papermill,
nbclient and JupyterLab start, interrupt and kill such a kernel like any other.

A fork is only safe while one thread is alive, so the server sees to it that no library starts
any and refuses when one did. Where a warm kernel is not to be had (no Linux: elsewhere system
libraries do not survive a fork; other PYTHON variables), the ordinary kernel starts, and says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

ADDRESS = "WORKBENCH_KERNELS"
"""Environment variable with the socket of a fork server that is shared by several processes."""

SPECS = Path(__file__).parent / "jupyter"
"""A Jupyter data folder whose kernels `workbench` and `python3` are warm."""

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""Libraries that start threads when they are imported are told not to."""


class NoWarmKernel(Exception):
    """Why a warm kernel is not to be had."""


# The side of who asks


class ForkedKernel:
    """The process of a warm kernel, with the methods of `Popen` that a provisioner uses.

    The connection to the fork server stands for the process: closing it, or dying, kills the
    kernel; the kernel's end arrives on it as an exit code.
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self.connection, self.pid = connection, pid
        self.returncode: int | None = None
        connection.setblocking(False)

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            with contextlib.suppress(BlockingIOError):
                self.returncode = _exit_code(self.connection)
        return self.returncode

    def wait(self) -> int:
        """Waits for the end."""
        self.connection.setblocking(True)
        code = self.poll()
        self.connection.close()
        return -signal.SIGKILL if code is None else code

    def send_signal(self, signum: int) -> None:
        """Sends a signal to the process, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        """Kills it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)


class WarmProvisioner(LocalProvisioner):
    """Starts kernels by the fork server of this process, or the one named in the environment."""

    is_warm = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launches a warm kernel, or the ordinary one with a warning that says why."""
        try:
            self.process = _ask(cmd, kwargs)
        except (NoWarmKernel, OSError, ValueError) as reason:
            self.log.warning("An ordinary kernel is used instead of a warm one: %s", reason)
            return await super().launch_kernel(cmd, **kwargs)
        self.is_warm = True
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs.get("cwd") or os.getcwd()
        return self.connection_info


@contextlib.contextmanager
def warm(*, is_default: bool = False) -> Iterator[None]:
    """A fork server for this process and those it starts, while the block lasts.

    Args:
        is_default: whether notebooks that name the kernel `python3` get a warm one as well.
    """
    os.environ.update({name: os.environ.get(name, value) for name, value in ONE_THREAD.items()})
    with contextlib.ExitStack() as stack:
        if is_default:
            stack.enter_context(_environment("JUPYTER_PATH", _with_specs()))
        if sys.platform == "linux" and ADDRESS not in os.environ:
            server = stack.enter_context(contextlib.closing(ForkServer()))
            stack.enter_context(_environment(ADDRESS, server.address))
        yield


class ForkServer:
    """A fork server, started now and warm a few seconds later; it ends with this process."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="workbench-")
        self.address = os.path.join(self.folder, "kernels")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.address)
        listener.listen(64)
        module = ("workbench.forkserver", str(listener.fileno()))
        command = [sys.executable, "-Xfrozen_modules=off", "-m", *module]
        # Its standard input tells it when we are no more; a session of its own keeps Ctrl-C off.
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            start_new_session=True,
            env={**os.environ, **ONE_THREAD},
        )
        listener.close()

    def close(self) -> None:
        """Ends the server and every kernel it forked."""
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def kernel_name() -> str:
    """The kernel that batches use: found by Jupyter even if the kernelspec is not installed."""
    os.environ["JUPYTER_PATH"] = _with_specs()
    return "workbench"


def peak_memory_bytes(pid: int) -> int | None:
    """The most memory that a living process had in use at once; None where it cannot be told."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", "ignore").splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return None
    return int(peak.split()[1]) * 1024


def die_with_parent() -> None:
    """Has this process killed when the one that started it dies, however it dies (Linux)."""
    if sys.platform == "linux":
        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


def take_long_turns(pid: int = 0) -> None:
    """Has a process (0: this one) switched less often, so that its data stay in caches (Linux)."""
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0))


def _ask(command: list[str], options: Mapping[str, Any]) -> ForkedKernel:
    if sys.platform != "linux":
        raise NoWarmKernel(f"no safe fork on {sys.platform}")
    if "ipykernel_launcher" not in command or any(options.get(n) for n in ("stdout", "stderr")):
        raise NoWarmKernel("the kernel is started in a way of its own")
    environment = options.get("env") or dict(os.environ)
    request = {
        "argv": command[command.index("ipykernel_launcher") + 1 :],
        "cwd": str(options.get("cwd") or os.getcwd()),
        "env": environment,
    }
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(_address())
    connection.sendall(json.dumps(request).encode() + b"\n")
    reply = json.loads(_line(connection))
    if "pid" not in reply:
        raise NoWarmKernel(reply["error"])
    return ForkedKernel(connection, reply["pid"])


def _address() -> str:
    with _starting:
        if ADDRESS not in os.environ:
            server = ForkServer()
            os.environ[ADDRESS] = server.address
            _own.append(server)
    return os.environ[ADDRESS]


_starting = threading.Lock()
_own: list[ForkServer] = []
"""The server of a process that was not given one: it ends when this process does."""


def _line(connection: socket.socket) -> bytes:
    """One line, byte by byte, so that nothing of the next is taken."""
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            raise NoWarmKernel("the process that forks kernels has ended")
        line += byte
    return line


def _exit_code(connection: socket.socket) -> int:
    try:
        return int(json.loads(_line(connection))["exit"])
    except (NoWarmKernel, ConnectionError):
        return -signal.SIGKILL


def _with_specs() -> str:
    others = [p for p in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if p]
    return os.pathsep.join([str(SPECS), *(p for p in others if p != str(SPECS))])


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before

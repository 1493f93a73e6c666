"""Warm kernels for JupyterLab: forked from a process in which everything is imported.

The process is the standard library's fork server, started by the Jupyter server; `preload` is what
it imports. The provisioner is jupyter_client's plug-in point: JupyterLab starts, interrupts and
kills such a kernel like any other. Where a fork is not safe, the ordinary kernel starts, and says
so; where the child finds that it cannot be a fork (other PYTHON variables), it becomes one itself.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from pathlib import Path
from types import ModuleType
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from helpers.lifetimes import die_with_parent
from workbench.processes import start_no_threads

SPECS = Path(__file__).parent / "jupyter"
"""A Jupyter data folder whose kernels `workbench` and `python3` are warm."""

READ_AT_START = ("PYTHON", "LD_", "MPLCONFIGDIR")
"""Variables that are read once: a kernel that wants others cannot be a fork."""


class ForkedKernel:
    """The process of a warm kernel, with the methods of `Popen` that a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, process: Any) -> None:
        self.process, self.pid = process, process.pid

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return None if self.process.is_alive() else self.process.exitcode

    def wait(self) -> int:
        """Waits for the end."""
        self.process.join()
        return self.process.exitcode

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
    """Starts kernels by the fork server of this process."""

    is_warm = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launches a warm kernel, or the ordinary one with a warning that says why."""
        is_ours = "ipykernel_launcher" in cmd and not kwargs.get("stdout")
        if sys.platform != "linux" or not is_ours:
            self.log.warning("An ordinary kernel is used: no safe fork, or started in its own way")
            return await super().launch_kernel(cmd, **kwargs)
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        folder, environment = str(kwargs.get("cwd") or os.getcwd()), dict(kwargs["env"])
        # The first one waits for the fork server, which imports for some seconds.
        try:
            self.process = await asyncio.to_thread(_forked, arguments, folder, environment)
        except OSError as reason:  # No room for a socket's name, say.
            self.log.warning("An ordinary kernel is used instead of a warm one: %s", reason)
            return await super().launch_kernel(cmd, **kwargs)
        self.is_warm = True
        self.pid = self.pgid = self.process.pid
        self.cwd = folder
        return self.connection_info


def start_server() -> None:
    """Starts the fork server of this process, which is warm a few seconds later."""
    if sys.platform == "linux":
        start_no_threads()
        multiprocessing.set_forkserver_preload(["workbench.preload"])
        forkserver.ensure_running()


@contextmanager
def warm(*, is_default: bool = False) -> Iterator[None]:
    """Finds our kernels for this process and those it starts, while the block lasts.

    Args:
        is_default: whether notebooks that name the kernel `python3` get a warm one as well.
    """
    before = os.environ.get("JUPYTER_PATH")
    if is_default:
        kernel_name()
    start_no_threads()
    try:
        yield
    finally:
        os.environ.pop("JUPYTER_PATH", None)
        os.environ.update({} if before is None else {"JUPYTER_PATH": before})


def kernel_name() -> str:
    """The warm kernel: found by Jupyter even if the kernelspec is not installed."""
    others = [p for p in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if p]
    paths = [str(SPECS), *(path for path in others if path != str(SPECS))]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(paths)
    return "workbench"


def _forked(arguments: list[str], folder: str, environment: dict[str, str]) -> ForkedKernel:
    start_server()
    context = multiprocessing.get_context("forkserver")
    process = context.Process(target=_become_kernel, args=(arguments, folder, environment))
    # The child is no second run of whatever program this is: it has no main module to import.
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        process.start()
    finally:
        sys.modules["__main__"] = main
    return ForkedKernel(process)


def _become_kernel(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    """Runs an ipykernel to its end in this forked process, as `ipykernel_launcher` does."""
    from workbench import preload

    die_with_parent()
    os.setsid()
    os.chdir(folder)
    wanted = {n: v for n, v in environment.items() if n.startswith(READ_AT_START)}
    own = {n: v for n, v in os.environ.items() if n.startswith(READ_AT_START)}
    environment["JPY_PARENT_PID"] = str(os.getppid())
    if wanted != own or preload.N_THREADS > 1:
        command = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", *arguments]
        os.execve(sys.executable, command, environment)
    os.environ.clear()
    os.environ.update(environment)
    preload.forget_what_changed()
    os._exit(preload.run_kernel(arguments))

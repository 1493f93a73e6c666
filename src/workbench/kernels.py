"""Warm kernels for JupyterLab: forked from a process in which everything is imported.

The process is the standard library's fork server, started by the Jupyter server; `preload` is what
it imports. The provisioner is jupyter_client's plug-in point: JupyterLab starts, interrupts and
kills such a kernel like any other. Where a fork is not safe, the ordinary kernel starts, and says
so; where the child finds that it cannot be a fork (other PYTHON variables), it becomes one itself.
"""

import asyncio
import multiprocessing
import os
import sys
from multiprocessing import forkserver, parent_process
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from helpers.lifetimes import die_with_parent
from workbench.processes import start_no_threads

SPECS = Path(__file__).parent / "jupyter"
"""A Jupyter data folder whose kernels `workbench` and `python3` are warm."""

READ_AT_START = ("PYTHON", "LD_", "MPLCONFIGDIR")
"""Variables that are read once: a kernel that wants others cannot be a fork."""


class ForkedKernel(ForkServerProcess):
    """The process of a warm kernel, with the methods of `Popen` that a provisioner uses."""

    stdin = stdout = stderr = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self.exitcode

    def wait(self) -> int:
        """Waits for the end."""
        self.join()
        return self.exitcode

    def send_signal(self, signum: int) -> None:
        """Sends a signal to the process, if it still runs."""
        if self.exitcode is None:
            os.kill(self.pid, signum)


class WarmProvisioner(LocalProvisioner):
    """Starts kernels by the fork server of this process."""

    is_warm = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launches a warm kernel, or the ordinary one with a warning that says why."""
        reason: object = "no safe fork, or started in its own way"
        if sys.platform == "linux" and "ipykernel_launcher" in cmd and not kwargs.get("stdout"):
            arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
            self.cwd = str(kwargs.get("cwd") or os.getcwd())
            given = (arguments, self.cwd, dict(kwargs["env"]))
            try:  # The first one waits for the fork server, which imports for some seconds.
                self.process = await asyncio.to_thread(_forked, *given)
            # No room for a socket's name, say; or the server was sent what it cannot read.
            except (OSError, EOFError) as error:
                reason = error
            else:
                self.is_warm, self.pid, self.pgid = True, self.process.pid, self.process.pid
                return self.connection_info
        self.log.warning("An ordinary kernel is used instead of a warm one: %s", reason)
        return await super().launch_kernel(cmd, **kwargs)


def start_server() -> None:
    """Starts the fork server of this process, which is warm a few seconds later."""
    if sys.platform == "linux":
        start_no_threads()
        multiprocessing.set_forkserver_preload(["workbench.preload"])
        forkserver.ensure_running()


def kernel_name() -> str:
    """The warm kernel, found by this process and those it starts even if it is not installed.

    Notebooks that name the kernel `python3` get a warm one as well.
    """
    paths = dict.fromkeys([str(SPECS), *os.environ.get("JUPYTER_PATH", "").split(os.pathsep)])
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))
    return "workbench"


def _forked(arguments: list[str], folder: str, environment: dict[str, str]) -> ForkedKernel:
    start_server()
    process = ForkedKernel(target=_become_kernel, args=(arguments, folder, environment))
    # The child is no second run of whatever program this is: it has no main module to import.
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        process.start()
    finally:
        sys.modules["__main__"] = main
    return process


def _become_kernel(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    """Runs an ipykernel to its end in this forked process, as `ipykernel_launcher` does."""
    from workbench import preload

    die_with_parent()
    os.setsid()
    os.chdir(folder)
    wanted, own = (
        {name: value for name, value in variables.items() if name.startswith(READ_AT_START)}
        for variables in (environment, os.environ)
    )
    environment["JPY_PARENT_PID"] = str(os.getppid())
    if wanted != own or preload.N_THREADS > 1:
        command = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", *arguments]
        os.execve(sys.executable, command, environment)
    os.environ.clear()
    os.environ.update(environment)
    preload.forget_what_changed()
    Thread(target=_end_with_jupyter, daemon=True).start()
    preload.run_kernel(arguments)


def _end_with_jupyter() -> None:
    """Ends this kernel when the Jupyter server ends, however: the fork server waits for kernels."""
    parent_process().join()
    os._exit(1)

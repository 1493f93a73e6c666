"""A notebook run by papermill, through its engine plug-in: limits, memory, the cell that failed.

The engine is nbclient's own, as papermill ships it; added are the kernel's working folder and
environment, a limit for the whole notebook, and a notebook that is kept however the run ends.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import papermill
from jupyter_client.kernelspec import KernelSpecManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, v4
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from workbench import kernels

NAME = "workbench"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Run:
    """How a notebook is to run, and what is learnt while it does.

    Attributes:
        folder: working folder of the kernel.
        environment: added to the environment of this process.
        cell_timeout, timeout: seconds for each cell and for all; None is no limit.
        notebook: the executed notebook, as far as it came.
        cell: the last code cell that was started: its number from 1 and its first line.
        is_warm: whether the kernel came from the fork server.
        peak_memory_bytes: of the kernel; None where the system does not tell.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    cell_timeout: float | None = None
    timeout: float | None = None
    notebook: NotebookNode | None = None
    cell: str = ""
    sockets: str = ""
    is_late: bool = False
    is_warm: bool = False
    peak_memory_bytes: int | None = None


class NotebookFailed(Exception):
    """A notebook did not run to its end; `cell` is its number and first line."""

    def __init__(self, message: str, cell: str = "") -> None:
        super().__init__(message)
        self.cell = cell


def run_notebook(source: Path, parameters: dict[str, Any], run: Run) -> NotebookNode:
    """The executed notebook; `run` holds it too, and what came of it if this raises.

    Raises:
        NotebookFailed: a cell raised, took too long, or stopped the notebook; the kernel died.
    """
    papermill_engines.register(NAME, _Engine)
    try:
        papermill.execute_notebook(
            str(source), None, parameters, NAME, request_save_on_cell_execute=False,
            kernel_name=kernels.kernel_name(), language="python", progress_bar=False,
            autosave_cell_every=0, run=run,
        )  # fmt: skip
    except (PapermillExecutionError, CellTimeoutError, DeadKernelError, RuntimeError) as error:
        raise NotebookFailed(_cause(run, error), _cell(run, error)) from error
    if _stopped_itself(run.notebook):
        raise NotebookFailed("the notebook stopped itself (SystemExit)", run.cell)
    return run.notebook


def rehearse() -> None:
    """Makes a small page and its book, so that processes forked from here have done it before."""
    from workbench import export

    cells = [
        v4.new_markdown_cell("# عنوان Title"),
        v4.new_code_cell(outputs=[v4.new_output("display_data", {"text/html": "<p>۱ 1</p>"})]),
    ]
    # What is wrong with any of it is told by the first report.
    with suppress(Exception):
        KernelSpecManager().get_kernel_spec(kernels.kernel_name())
        nb = v4.new_notebook(cells=cells)
        export.book_of(nb, export.export_html(nb))


class _Client(PapermillNotebookClient):
    run: Run

    def create_kernel_manager(self) -> Any:
        manager = super().create_kernel_manager()
        if sys.platform != "win32":
            # Sockets in a folder of our own: no ports that two kernels could both be given, and
            # a path short enough for a socket's name.
            manager.transport = "ipc"
            manager.connection_file = os.path.join(self.run.sockets, "k.json")
        return manager

    def execute_cell(self, cell: NotebookNode, cell_index: int, **kwargs: Any) -> NotebookNode:
        if cell.cell_type == "code":
            # Written down at once: papermill moves cells when it marks the one that failed.
            self.run.cell = _named(self.nb.cells, cell_index)
        return super().execute_cell(cell, cell_index, **kwargs)

    def papermill_execute_cells(self) -> None:
        provisioner = self.km.provisioner
        self.run.is_warm = getattr(provisioner, "is_warm", False)
        kernels.take_long_turns(provisioner.pid)
        watch = threading.Timer(self.run.timeout or 0, self._kill, [provisioner.pid])
        if self.run.timeout:
            watch.start()
        try:
            super().papermill_execute_cells()
        finally:
            watch.cancel()
            self.run.peak_memory_bytes = kernels.peak_memory_bytes(provisioner.pid)

    def _kill(self, pid: int) -> None:
        self.run.is_late = True
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class _Engine(NBClientEngine):
    """papermill's engine, with what `Run` asks for."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, run: Run, start_timeout: int = 60, **_: Any
    ) -> NotebookNode:
        run.notebook = nb_man.nb
        client = _Client(
            nb_man,
            kernel_name=kernel_name,
            timeout=run.cell_timeout,
            startup_timeout=start_timeout,
            # Nobody asks a batch for a history, and an interrupt at the end is no error.
            extra_arguments=["--HistoryManager.enabled=False", "--log-level=CRITICAL"],
        )
        client.run = run
        with tempfile.TemporaryDirectory(prefix="wb-") as run.sockets:
            return client.execute(cwd=str(run.folder), env={**os.environ, **run.environment})


def _cause(run: Run, error: Exception) -> str:
    if run.is_late:
        return f"the report took longer than {run.timeout:g} s"
    if isinstance(error, PapermillExecutionError):
        return _COLOURS.sub("", f"{error.ename}: {error.evalue}")
    if isinstance(error, CellTimeoutError):
        return f"the cell took longer than {run.cell_timeout:g} s"
    if isinstance(error, DeadKernelError):
        return "the kernel died (killed, out of memory, or a crash in a library)"
    return f"{type(error).__name__}: {error}"


def _cell(run: Run, error: Exception) -> str:
    """The cell that raised, which papermill names; else the last that was started."""
    if isinstance(error, PapermillExecutionError):
        # papermill may have put a note above it, so its source is looked for.
        cells = run.notebook.cells
        at = [i for i, cell in enumerate(cells) if cell.source == error.source]
        at = [i for i in at if any(o.output_type == "error" for o in cells[i].get("outputs", []))]
        return _named(cells, at[0]) if at else run.cell
    return run.cell


def _named(cells: list[NotebookNode], index: int) -> str:
    """Number and first line of a cell, as in the notebook that its author knows."""
    made = ("injected-parameters", "papermill-error-cell-tag")
    before = [c for c in cells[:index] if not set(made) & set(c.metadata.get("tags", []))]
    lines = (line[:60] for line in cells[index].source.splitlines() if line.strip())
    return f"cell {len(before) + 1}: {next(lines, '')}"


def _stopped_itself(notebook: NotebookNode) -> bool:
    # papermill takes a clean SystemExit for a success; a page that ends there is not whole.
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return any(o.output_type == "error" and o.ename == "SystemExit" for o in outputs)

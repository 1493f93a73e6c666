"""A notebook run by papermill in this very process: its engine plug-in, without kernel or sockets.

The process was forked for one report from one in which everything is imported. IPython's shell runs
the cells, and what they display is collected as a kernel would have sent it. Limits of time are
alarms; what no alarm can end (a loop in a library, a crash) ends the process, which the batch sees.
"""

import builtins
import io
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbclient
import papermill
from ipykernel import zmqshell
from IPython.core.error import StdinNotImplementedError
from jupyter_client.session import Session
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from workbench.processes import begin_notebook
from workbench.record import Settings

NAME = "workbench"


@dataclass
class Execution:
    """How a notebook is to run, and what is learnt while it does.

    Attributes:
        folder: working folder of the cells.
        settings: its environment is added to that of this process.
        on_cell: told number and first line of each code cell when it starts.
        notebook: the executed notebook, as far as it came.
        cell: the last code cell that was started: its number from 1 and its first line.
        raised: the last one that shows an error, of which papermill speaks; it may have gone on.
    """

    folder: Path
    settings: Settings
    on_cell: Callable[[str], None] = lambda _: None
    notebook: NotebookNode | None = None
    cell: str = ""
    raised: str = ""


class NotebookFailed(Exception):
    """A notebook did not run to its end; `cell` is its number and first line."""

    def __init__(self, message: str, cell: str = "") -> None:
        super().__init__(message)
        self.cell = cell


class _TooLong(BaseException):
    """A limit of time is over; no `except Exception` of a cell catches it."""


def run_notebook(source: Path, parameters: dict[str, Any], run: Execution) -> NotebookNode:
    """The executed notebook; `run` holds it too, and what came of it if this raises.

    Raises:
        NotebookFailed: a cell raised, took too long, or stopped the notebook.
    """
    papermill_engines.register(NAME, _Engine)
    try:
        with _surroundings(run):
            papermill.execute_notebook(
                str(source), None, parameters, NAME, request_save_on_cell_execute=False,
                kernel_name="python3", language="python", progress_bar=False,
                autosave_cell_every=0, run=run,
            )  # fmt: skip
    except PapermillExecutionError as error:
        message = strip_ansi(f"{error.ename}: {error.evalue}")
        raise NotebookFailed(message, run.raised) from error
    except _TooLong as error:
        raise NotebookFailed(str(error), run.cell) from None
    return run.notebook


class _Messages(Session):
    """What cells display, put into the notebook as nbclient puts the messages of a kernel."""

    client: nbclient.NotebookClient
    cell: NotebookNode
    index: int

    def send(self, _socket: Any, msg_or_type: Any, content: Any = None, *_: Any, **__: Any) -> None:
        """Takes a message as a kernel's shell sends it."""
        is_whole = isinstance(msg_or_type, dict)
        message = msg_or_type if is_whole else self.msg(msg_or_type, content)
        self.client.process_message(message, self.cell, self.index)


class _Stream(io.StringIO):
    """Standard output or error of the cells."""

    encoding = "utf-8"

    def __init__(self, name: str, messages: _Messages) -> None:
        super().__init__()
        self.name, self.messages = name, messages

    def flush(self) -> None:
        """Sends what was written since; the shell asks for it before it sends anything else."""
        if text := self.getvalue():
            self.seek(0)
            self.truncate()
            last = self.messages.cell.outputs[-1:]
            is_one = any(output.get("name") == self.name for output in last)
            # What is printed in a row is one output, however often it is flushed.
            if is_one and not self.messages.client.clear_before_next_output:
                last[0].text += text
            else:
                self.messages.send(None, "stream", {"name": self.name, "text": text})


class ZMQInteractiveShell(zmqshell.ZMQInteractiveShell):
    """The shell of kernels; by its name pandas and others know a notebook from a terminal."""

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no window to wait for."""

    def ask_exit(self) -> None:
        """`exit` in a cell ends the notebook."""
        raise SystemExit


def kernel_shell() -> ZMQInteractiveShell:
    """The one shell of this process."""
    quiet = {"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}}
    shell = ZMQInteractiveShell.instance(config=Config(quiet))
    # By one of these names tqdm would take this for a place that shows widgets.
    shell.config.pop("IPKernelApp", None)
    sys.modules.pop("ipykernel.zmqshell", None)
    return shell


class _Engine(Engine):
    """papermill's engine: the cells in this process."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, _kernel: str, *, run: Execution, **_: Any
    ) -> None:
        run.notebook, shell = nb_man.nb, kernel_shell()
        messages = shell.displayhook.session
        messages.client = nbclient.NotebookClient(nb_man.nb)
        messages.client.clear_before_next_output = False
        timeout = run.settings.timeout
        ends = time.monotonic() + timeout if timeout else None
        for index, cell in enumerate(nb_man.nb.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            run.cell = _named(nb_man.nb.cells, index)
            run.on_cell(run.cell)
            nb_man.cell_start(cell, index)
            cell.outputs, messages.cell, messages.index = [], cell, index
            with _limited(run.settings, ends):
                result = shell.run_cell(cell.source, store_history=True)
            sys.stdout.flush()
            sys.stderr.flush()
            cell.execution_count = result.execution_count
            if any(output.output_type == "error" for output in cell.outputs):
                run.raised = run.cell
            error = result.error_before_exec or result.error_in_exec
            if isinstance(error, _TooLong):
                raise error
            if isinstance(error, SystemExit):  # of which papermill lets pass what is no failure
                raise NotebookFailed("the notebook stopped itself (SystemExit)", run.cell)
            if error and "raises-exception" not in cell.metadata.get("tags", []):
                nb_man.cell_exception(cell, cell_index=index, exception=error)
                return
            nb_man.cell_complete(cell, cell_index=index)


@contextmanager
def _limited(settings: Settings, ends: float | None) -> Iterator[None]:
    """Raises `_TooLong` in the block when the cell's or the report's time is over."""
    left = max(ends - time.monotonic(), 0.001) if ends else None
    limits = [limit for limit in (settings.cell_timeout, left) if limit]
    if not limits or not hasattr(signal, "setitimer"):
        yield
        return
    is_cell = min(limits) == settings.cell_timeout
    what, seconds = ("cell", settings.cell_timeout) if is_cell else ("report", settings.timeout)

    def over(*_: Any) -> None:
        raise _TooLong(f"the {what} took longer than {seconds:g} s")

    signal.signal(signal.SIGALRM, over)
    # Again and again, for a cell that catches everything.
    signal.setitimer(signal.ITIMER_REAL, min(limits), 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def _surroundings(run: Execution) -> Iterator[None]:
    """Folder, environment, streams and random numbers as a kernel of its own would have them.

    What only cells use is left as it is: the process ends with the report.
    """
    folder, streams = Path.cwd(), (sys.stdout, sys.stderr)
    os.chdir(run.folder)
    os.environ.update(run.settings.environment)
    sys.path.insert(0, str(run.folder))
    shell, messages = kernel_shell(), _Messages()
    shell.displayhook.session = shell.display_pub.session = messages
    sys.stdout, sys.stderr = (_Stream(name, messages) for name in ("stdout", "stderr"))
    builtins.input = _no_input
    begin_notebook()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        os.chdir(folder)


def _no_input(prompt: str = "") -> str:
    raise StdinNotImplementedError(f"a batch has nobody to answer: input({prompt!r})")


def _named(cells: list[NotebookNode], index: int) -> str:
    """Number and first line of a cell, as in the notebook that its author knows."""
    made = {"injected-parameters", "papermill-error-cell-tag"}
    before = [c for c in cells[:index] if not made & set(c.metadata.get("tags", []))]
    lines = (line[:60] for line in cells[index].source.splitlines() if line.strip())
    return f"cell {len(before) + 1}: {next(lines, '')}"

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
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import papermill
from ipykernel.jsonutil import encode_images, json_clean
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode, v4
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets import Type
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


def rehearse(with_pdf: bool = False) -> None:
    """Exports a small notebook, so that processes forked from here have done it before."""
    from workbench import export, paper

    cells = [
        v4.new_markdown_cell("# عنوان Title"),
        v4.new_code_cell(outputs=[v4.new_output("display_data", {"text/html": "<p>۱ 1</p>"})]),
    ]
    # What is wrong with any of it is told by the first report.
    with suppress(Exception):
        nb = v4.new_notebook(cells=cells)
        page = export.export_page(nb)
        export.book_of(nb, page)
        _shell()
        if with_pdf:
            paper.html_to_pdf(page.html)


class _Outputs:
    """The outputs of the cell that runs, as a kernel would have sent them."""

    def __init__(self) -> None:
        self.of_cell: list[NotebookNode] = []
        self.shown: dict[str, list[NotebookNode]] = {}
        self.clears_next = False

    def add(self, kind: str, **content: Any) -> None:
        """One output; what is printed in a row is one."""
        if self.clears_next:
            self.of_cell[:], self.clears_next = [], False
        output = NotebookNode(output_type=kind, **content)
        last = self.of_cell[-1] if self.of_cell else None
        if kind == "stream" and last and last.get("name") == output.name:
            last.text += output.text
        else:
            self.of_cell.append(output)

    def display(self, kind: str, data: dict, metadata: dict, **given: Any) -> None:
        """What is displayed, or displayed anew under an id it had."""
        name = (given.pop("transient", None) or {}).get("display_id")
        data, metadata = json_clean(encode_images(data)), json_clean(metadata or {})
        if given.pop("update", False):
            for output in self.shown.get(name, []):
                output.data, output.metadata = NotebookNode(data), NotebookNode(metadata)
            return
        self.add(kind, data=NotebookNode(data), metadata=NotebookNode(metadata), **given)
        if name:
            self.shown.setdefault(name, []).append(self.of_cell[-1])


class _Stream(io.TextIOBase):
    """Standard output or error of the cells."""

    encoding = "utf-8"

    def __init__(self, name: str, outputs: _Outputs) -> None:
        self.name, self.outputs = name, outputs

    def write(self, text: str) -> int:
        """Keeps the text."""
        if text:
            self.outputs.add("stream", name=self.name, text=text)
        return len(text)


class _Publisher(DisplayPublisher):
    """Collects what cells display."""

    def publish(self, data: dict, metadata: dict | None = None, **given: Any) -> None:
        """Keeps one display."""
        kept = {name: given[name] for name in ("transient", "update") if name in given}
        self.shell.outputs.display("display_data", data, metadata, **kept)

    def clear_output(self, wait: bool = False) -> None:
        """Takes the outputs of the cell away, now or when the next comes."""
        self.shell.outputs.clears_next = True
        if not wait:
            self.shell.outputs.of_cell[:] = []


class _Hook(DisplayHook):
    """Collects the value of a cell's last line."""

    def start_displayhook(self) -> None:
        """Nothing is printed before it."""

    write_output_prompt = finish_displayhook = start_displayhook

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        """Keeps the value in all its forms."""
        count = self.prompt_count
        self.shell.outputs.display("execute_result", format_dict, md_dict, execution_count=count)


class ZMQInteractiveShell(InteractiveShell):
    """IPython's shell, whose displays and errors are collected.

    By this name, or by `kernel`, pandas and others know a notebook from a terminal.
    """

    kernel = None

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    outputs = _Outputs()

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        error = {"ename": etype.__name__, "evalue": str(evalue), "traceback": stb}
        self.outputs.add("error", **error)

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no window to wait for."""

    def ask_exit(self) -> None:
        """`exit` in a cell ends the notebook."""
        raise SystemExit


def _shell() -> ZMQInteractiveShell:
    quiet = {"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}}
    return ZMQInteractiveShell.instance(config=Config(quiet))


class _Engine(Engine):
    """papermill's engine: the cells in this process."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, _kernel: str, *, run: Execution, **_: Any
    ) -> None:
        run.notebook, shell = nb_man.nb, _shell()
        timeout = run.settings.timeout
        ends = time.monotonic() + timeout if timeout else None
        for index, cell in enumerate(nb_man.nb.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            run.cell = _named(nb_man.nb.cells, index)
            run.on_cell(run.cell)
            nb_man.cell_start(cell, index)
            cell.outputs = shell.outputs.of_cell = []
            with _limited(run.settings, ends):
                result = shell.run_cell(cell.source, store_history=True)
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
    on_main = threading.current_thread() is threading.main_thread()
    if not limits or not on_main or not hasattr(signal, "setitimer"):
        yield
        return
    is_cell = min(limits) == settings.cell_timeout
    what, seconds = ("cell", settings.cell_timeout) if is_cell else ("report", settings.timeout)

    def over(*_: Any) -> None:
        raise _TooLong(f"the {what} took longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, over)
    # Again and again, for a cell that catches everything.
    signal.setitimer(signal.ITIMER_REAL, min(limits), 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _surroundings(run: Execution) -> Iterator[None]:
    """Folder, environment, streams and random numbers as a kernel of its own would have them.

    What only cells use is left as it is: the process ends with the report.
    """
    folder, streams = Path.cwd(), (sys.stdout, sys.stderr)
    os.chdir(run.folder)
    os.environ.update(run.settings.environment)
    sys.path.insert(0, str(run.folder))
    sys.stdout, sys.stderr = (_Stream(name, _shell().outputs) for name in ("stdout", "stderr"))
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

"""Cells run in the process forked for the report: as in a kernel, with limits and death."""

import ast
import json
import multiprocessing
import os
import re
import subprocess
import sys
from pathlib import Path

import papermill
import pytest

from helpers.demo.command import write_demo
from made_notebooks import write_notebook
from workbench import engine
from workbench.record import Settings

pytestmark = pytest.mark.slow
FIELD_CASES = Path(__file__).parents[2] / "shared" / "data" / "field-cases"


def ran(path, parameters=None, folder=None, **limits):
    """The executed notebook and the error of a run, in a process of its own, as in a batch."""
    ours, theirs = multiprocessing.get_context("fork").Pipe(duplex=False)
    pid = os.fork()
    if not pid:
        settings = Settings(Path(), {"PLACE": "here"}, **limits)
        run = engine.Execution(folder or path.parent, settings, on_cell=len)
        try:
            engine.run_notebook(path, parameters or {}, run)
            theirs.send((run, None))
        except BaseException as error:
            theirs.send((run, (type(error).__name__, str(error), getattr(error, "cell", ""))))
        finally:
            os._exit(0)
    theirs.close()
    try:
        return ours.recv()
    finally:
        os.waitpid(pid, 0)


def shown(tmp_path, *cells, **limits):
    """The texts that cells showed."""
    run, error = ran(write_notebook(tmp_path / "x.ipynb", *cells), **limits)
    assert error is None
    outputs = [output for cell in run.notebook.cells[3:] for output in cell.outputs]
    return [o["data"]["text/plain"] if "data" in o else o["text"] for o in outputs]


def test_a_report_has_its_own_folder_environment_and_import_path(tmp_path):
    (tmp_path / "beside.py").write_text("value = 7")
    place, name = shown(
        tmp_path, "import os, beside\nos.getcwd(), os.environ['PLACE'], beside.value", "__name__"
    )
    # A long path breaks the line that shows it.
    assert ast.literal_eval(place) == (str(tmp_path), "here", 7)
    assert name == "'__main__'"


def test_two_reports_share_nothing_and_draw_different_numbers(tmp_path):
    cells = "import numpy as np, random\nshared = 1", "np.random.random(), random.random()"
    assert shown(tmp_path, *cells) != shown(tmp_path, *cells)
    _, error = ran(write_notebook(tmp_path / "y.ipynb", "shared"))
    assert "NameError" in error[1]


def test_figures_and_printed_lines_are_displayed(tmp_path):
    cell = "import matplotlib.pyplot as plt\nprint('drawn')\nfigure = plt.plot([1, 2])"
    printed, figure = shown(tmp_path, cell)
    assert printed == "drawn\n"
    assert "Figure" in figure


def test_processes_magics_await_and_displays_work(tmp_path):
    cells = (
        "import subprocess\nsubprocess.check_output(['echo', 'hi'])",
        "%%capture kept\nprint('caught')",
        "kept.stdout",
        "import asyncio\nawait asyncio.sleep(0, 'awaited')",
        "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('s')",
        "handle = display('first', display_id=True)",
        "handle.update('second')",
    )
    assert shown(tmp_path, *cells) == [r"b'hi\n'", "'caught\\n'", "'awaited'", "s\n", "'second'"]


def test_a_bar_of_progress_is_no_widget_that_no_page_can_show(tmp_path):
    (bar,) = shown(tmp_path, "from tqdm.auto import tqdm\nfor _ in tqdm(range(2)): pass")
    assert "2/2" in bar


def test_nobody_is_there_to_answer(tmp_path):
    _, error = ran(write_notebook(tmp_path / "x.ipynb", "input('Who?')"))
    assert error[1] == "StdinNotImplementedError: a batch has nobody to answer: input('Who?')"


@pytest.mark.parametrize(
    ("cell", "limits", "message"),
    [
        ("1 / 0", {}, "ZeroDivisionError: division by zero"),
        ("x = (", {}, "SyntaxError"),
        ("import time; time.sleep(60)", {"cell_timeout": 1}, "the cell took longer than 1 s"),
        ("import time; time.sleep(60)", {"timeout": 1}, "the report took longer than 1 s"),
        ("raise SystemExit", {}, "stopped itself (SystemExit)"),
        ("exit", {}, "stopped itself (SystemExit)"),
        ("raise SystemExit(2)", {}, "SystemExit"),
        ("raise KeyboardInterrupt", {}, "KeyboardInterrupt"),
    ],
)
def test_what_ends_a_notebook_is_told_with_its_cell(tmp_path, cell, limits, message):
    path = write_notebook(tmp_path / "x.ipynb", "before = 1", cell, "after = 2")
    run, (kind, words, at) = ran(path, **limits)
    assert (kind, at) == ("NotebookFailed", f"cell 5: {cell}")
    assert message in words
    assert run.notebook is not None


def test_a_display_that_broke_is_not_named_for_the_cell_that_failed(tmp_path):
    broken = "class Broken:\n    def _repr_html_(self): raise ValueError\nBroken()"
    path = write_notebook(tmp_path / "x.ipynb", broken, "1 / 0")
    _, (_, message, at) = ran(path)
    assert (message, at) == ("ZeroDivisionError: division by zero", "cell 5: 1 / 0")


def without_times(notebook):
    return [(cell.get("outputs"), cell.get("execution_count")) for cell in notebook.cells]


def test_the_outcome_is_that_of_plain_papermill(tmp_path):
    cells = (
        "import pandas as pd, statsmodels.api as sm\nx = pd.Series(range(50), dtype=float)",
        "sm.OLS((x**1.5).to_numpy(), sm.add_constant(x)).fit().params",
        "pd.DataFrame({'v': x, 'root': x**0.5}).tail(3)",
        "print('a'); print('b')\nimport sys; print('c', file=sys.stderr)",
        "import matplotlib.pyplot as plt\np = plt.plot(x)",
        "from IPython.display import HTML, Markdown\ndisplay(HTML('<b>x</b>'), Markdown('y'))",
    )
    path = write_notebook(tmp_path / "x.ipynb", *cells)
    ours, error = ran(path, {"province": "yazd"})
    plain = papermill.execute_notebook(
        path, None, {"province": "yazd"}, kernel_name="python3", progress_bar=False
    )
    assert error is None
    assert without_times(ours.notebook) == without_times(plain)


@pytest.mark.parametrize(
    "case", ["r05_relative", "r18_control_chars", "r19_attachment", "r21_math", "r22_js"]
)
def test_notebooks_of_others_come_out_as_of_plain_papermill(case):
    path = FIELD_CASES / case / f"{case}.ipynb"
    if not path.is_file():
        pytest.skip("the field cases are not part of the repository")
    ours, error = ran(path)
    plain = papermill.execute_notebook(path, None, progress_bar=False, cwd=path.parent)
    assert error is None
    assert without_times(ours.notebook) == without_times(plain)


OURS = sorted((Path(__file__).parents[1] / "notebooks").glob("[!_]*.ipynb"))


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory):
    """Variables that point to a small synthetic set."""
    folder = tmp_path_factory.mktemp("synthetic")
    places = {
        "WORKBENCH_ROOT": str(Path(__file__).parents[1]),
        "WORKBENCH_RAW": str(write_demo(folder, 2_000)),
        "WORKBENCH_PROCESSED": str(folder / "processed"),
    }
    clean = [sys.executable, "-m", "workbench.cli", "clean"]
    subprocess.run(clean, env=os.environ | places, check=True, capture_output=True)
    return places


@pytest.mark.parametrize("path", OURS, ids=[path.stem for path in OURS])
def test_our_notebooks_come_out_as_of_plain_papermill(path, synthetic, monkeypatch):
    for name, value in synthetic.items():
        monkeypatch.setenv(name, value)
    given = {"province": "tehran", "period": "1404M01-07", "lang": "en"}
    ours, error = ran(path, given)
    plain = papermill.execute_notebook(path, None, given, progress_bar=False, cwd=path.parent)
    assert error is None
    *cells, _record = zip(ours.notebook.cells, plain.cells, strict=True)
    for one, other in cells:
        assert without_ids(one) == without_ids(other), one.source


def without_ids(cell):
    """Outputs and count of a cell; widgets, dates and objects bear names made up at random."""
    text = json.dumps([cell.get("outputs"), cell.get("execution_count")], sort_keys=True)
    return re.sub(r"[0-9a-f]{32}|0x[0-9a-f]+|\d{4}-\d\d-\d\dT[\d:+]+", "", text)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere nothing is forked")
def test_the_process_that_forks_has_one_thread_and_nothing_to_say():
    code = (
        "import os; from workbench import workers\n"
        "workers.get_ready(); print(len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.split(), done.stderr) == (["1"], ""), "no font was missing, say"


def test_a_chart_drawn_first_of_all_finds_its_fonts():
    code = (
        "from helpers.telling import charts\n"
        "figure, axes = charts._canvas(1); axes.text(0, 0, 'البرز ۱۲')\n"
        "charts.Chart(figure, 't', 'a', 's', None, 'fa').drawn()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "findfont" not in done.stderr

"""A warm kernel behaves as an ordinary one: cells, folder, environment, limits, death."""

import ast
import os
import signal
import sys
import threading
import time
from pathlib import Path

import papermill
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel

from made_notebooks import write_notebook
from workbench import engine, kernels

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere kernels are ordinary"),
]


@pytest.fixture(scope="module", autouse=True)
def server():
    with kernels.warm():
        yield Path(os.environ[kernels.ADDRESS])


def outcome(tmp_path, *cells, **limits):
    """The texts that cells showed, and the run."""
    run = engine.Run(tmp_path, {"PLACE": "here"}, **limits)
    notebook = engine.run_notebook(write_notebook(tmp_path / "x.ipynb", *cells), {}, run)
    outputs = [output for cell in notebook.cells[3:] for output in cell.outputs]
    return [o["data"]["text/plain"] if "data" in o else o["text"] for o in outputs], run


def test_a_kernel_is_forked_with_everything_imported(tmp_path):
    shown, run = outcome(tmp_path, "import sys\nsorted({'pandas', 'seaborn'} & set(sys.modules))")
    assert shown == ["['pandas', 'seaborn']"]
    assert run.is_warm
    assert run.peak_memory_bytes > 50_000_000


def test_no_thread_is_alive_in_the_process_that_forks(server, tmp_path):
    (parent,) = outcome(tmp_path, "import os\nlen(os.listdir(f'/proc/{os.getppid()}/task'))")[0]
    assert parent == "1"


def test_a_kernel_has_its_own_folder_environment_and_import_path(tmp_path):
    (tmp_path / "beside.py").write_text("value = 7")
    shown, _ = outcome(
        tmp_path, "import os, beside\nos.getcwd(), os.environ['PLACE'], beside.value", "__name__"
    )
    # A long path breaks the line that shows it.
    assert ast.literal_eval(shown[0]) == (str(tmp_path), "here", 7)
    assert shown[1] == "'__main__'"


def test_two_kernels_share_nothing_and_draw_different_numbers(tmp_path):
    cells = "import numpy as np, random\nshared = 1", "np.random.random(), random.random()"
    first, _ = outcome(tmp_path, *cells)
    assert outcome(tmp_path, *cells)[0] != first
    with pytest.raises(engine.NotebookFailed, match="NameError"):
        outcome(tmp_path, "shared")


def test_figures_and_printed_lines_are_displayed(tmp_path):
    cell = "import matplotlib.pyplot as plt\nprint('drawn')\nfigure = plt.plot([1, 2])"
    shown, _ = outcome(tmp_path, cell)
    assert shown[0] == "drawn\n"
    assert "Figure" in shown[1]


def test_processes_that_a_cell_starts_work(tmp_path):
    assert outcome(tmp_path, "import subprocess\nsubprocess.check_output(['echo', 'hi'])")[0] == [
        r"b'hi\n'"
    ]


@pytest.mark.parametrize(
    ("cell", "limits", "message"),
    [
        ("1 / 0", {}, "ZeroDivisionError: division by zero"),
        ("import time; time.sleep(60)", {"cell_timeout": 1}, "the cell took longer than 1 s"),
        ("import time; time.sleep(60)", {"timeout": 1}, "the report took longer than 1 s"),
        ("import os; os.kill(os.getpid(), 9)", {}, "the kernel died"),
        ("import os; os._exit(3)", {}, "the kernel died"),
        ("raise SystemExit", {}, r"stopped itself \(SystemExit\)"),
        ("raise SystemExit(2)", {}, "SystemExit"),
    ],
)
def test_what_ends_a_notebook_is_told_with_its_cell(tmp_path, cell, limits, message):
    run = engine.Run(tmp_path, **limits)
    path = write_notebook(tmp_path / "x.ipynb", "before = 1", cell, "after = 2")
    with pytest.raises(engine.NotebookFailed, match=message) as failure:
        engine.run_notebook(path, {}, run)
    assert failure.value.cell == f"cell 5: {cell}"
    assert run.notebook is not None


def test_an_interrupt_stops_the_cell_and_leaves_the_kernel(server):
    kernels.kernel_name()
    manager, client = start_new_kernel(kernel_name="workbench")
    try:
        assert manager.provisioner.is_warm
        threading.Timer(1, manager.interrupt_kernel).start()
        reply = client.execute_interactive("import time; time.sleep(60)", timeout=20)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        reply = client.execute_interactive("1", timeout=20)
        assert reply["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_killed_kernel_is_seen_to_be_dead(server):
    manager, client = start_new_kernel(kernel_name="workbench")
    os.kill(manager.provisioner.pid, signal.SIGKILL)
    assert until(lambda: not manager.is_alive())
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_kernel_ends_with_the_connection_that_stands_for_it(server):
    manager, client = start_new_kernel(kernel_name="workbench")
    pid = manager.provisioner.pid
    manager.provisioner.process.connection.close()
    assert until(lambda: not Path(f"/proc/{pid}").exists())
    client.stop_channels()


def test_another_python_path_gets_an_ordinary_kernel(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "elsewhere.py").write_text("value = 1")
    shown, run = outcome(tmp_path / "notebook", "import elsewhere\nelsewhere.value")
    assert shown == ["1"]
    assert not run.is_warm


def test_without_a_fork_server_the_kernel_is_ordinary(tmp_path, monkeypatch):
    monkeypatch.setenv(kernels.ADDRESS, str(tmp_path / "none"))
    shown, run = outcome(tmp_path, "6 * 7")
    assert (shown, run.is_warm) == (["42"], False)


def test_code_edited_since_is_imported_again(tmp_path):
    module = Path(kernels.__file__).parents[1] / "text.py"
    before = module.stat()
    cell = "import helpers.text, os\nos.path.basename(helpers.text.__file__)"
    try:
        os.utime(module, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
        assert outcome(tmp_path, cell)[0] == ["'text.py'"]
    finally:
        os.utime(module, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_the_kernelspec_is_installed_with_the_package():
    spec = KernelSpecManager().get_kernel_spec("workbench")
    assert spec.metadata["kernel_provisioner"]["provisioner_name"] == "workbench"


def until(holds, seconds=10):
    """Whether something comes to hold within a time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_the_outcome_is_that_of_plain_papermill(tmp_path):
    cells = (
        "import pandas as pd, statsmodels.api as sm\nx = pd.Series(range(50), dtype=float)",
        "sm.OLS((x**1.5).to_numpy(), sm.add_constant(x)).fit().params",
        "pd.DataFrame({'v': x, 'root': x**0.5}).tail(3)",
        "import matplotlib.pyplot as plt\np = plt.plot(x)",
    )
    path = write_notebook(tmp_path / "x.ipynb", *cells)
    ours = engine.run_notebook(path, {"province": "yazd"}, engine.Run(tmp_path))
    plain = papermill.execute_notebook(
        path, None, {"province": "yazd"}, kernel_name="python3", progress_bar=False
    )
    assert [c.get("outputs") for c in ours.cells] == [c.get("outputs") for c in plain.cells]

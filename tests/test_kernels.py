"""A warm kernel of JupyterLab behaves as an ordinary one: folder, environment, interrupt, death."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel

from helpers.lifetimes import is_alive
from workbench import kernels

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere kernels are ordinary"),
]


@contextmanager
def kernel(**given):
    """A manager and a function that runs code and gives the text it showed."""
    name = kernels.kernel_name()
    manager, client = start_new_kernel(kernel_name=name, startup_timeout=120, **given)

    def run(code):
        shown = []

        def keep(message):
            content = message["content"]
            if "data" in content:
                shown.append(content["data"]["text/plain"])
            elif "text" in content:
                shown.append(content["text"])

        reply = client.execute_interactive(code, output_hook=keep, timeout=60)["content"]
        return reply.get("ename") or "".join(shown)

    try:
        yield manager, run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_kernel_is_forked_with_everything_imported_in_its_folder_and_environment(tmp_path):
    environment = os.environ | {"PLACE": "here"}
    (tmp_path / "beside.py").write_text("value = 7")
    with kernel(cwd=str(tmp_path), env=environment) as (manager, run):
        assert manager.provisioner.is_warm
        assert run("import sys; sorted({'matplotlib', 'pandas'} & set(sys.modules))") == (
            "['matplotlib', 'pandas']"
        )
        assert run("import os, beside; os.environ['PLACE'], beside.value") == "('here', 7)"
        assert run("os.getcwd()").strip("'") == str(tmp_path)
        assert run("__name__") == "'__main__'"
        assert run("len(os.listdir(f'/proc/{os.getppid()}/task'))") == "1", "a fork is safe"
        drawn = run("import matplotlib.pyplot as plt\nprint('drawn')\nf = plt.plot([1, 2])")
        assert drawn.startswith("drawn\n<Figure")


def test_an_interrupt_stops_the_cell_and_leaves_the_kernel():
    with kernel() as (manager, run):
        threading.Timer(1, manager.interrupt_kernel).start()
        assert run("import time; time.sleep(60)") == "KeyboardInterrupt"
        assert run("1") == "1"


def test_a_killed_kernel_is_seen_to_be_dead():
    with kernel() as (manager, _):
        os.kill(manager.provisioner.pid, signal.SIGKILL)
        assert until(lambda: not manager.provisioner.process.is_alive())


def test_a_kernel_ends_with_the_server_that_started_it_however_that_ends():
    script = """if True:
    from jupyter_client.manager import start_new_kernel
    from workbench import kernels
    manager, _ = start_new_kernel(kernel_name=kernels.kernel_name(), startup_timeout=120)
    assert manager.provisioner.is_warm
    print(manager.provisioner.pid, flush=True)
    input()
    """
    server = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    pid = int(next(line for line in server.stdout if line.strip().isdigit()))
    forked_from = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    assert is_alive(pid)
    server.kill()
    server.wait()
    assert until(lambda: not is_alive(pid)), "the kernel"
    assert until(lambda: not is_alive(forked_from)), "and the fork server with its last one"


def test_two_kernels_draw_different_numbers():
    draw = "import numpy as np, random; np.random.random(), random.random()"
    with kernel() as (_, first), kernel() as (_, second):
        assert first(draw) != second(draw)


def test_another_python_path_gets_a_kernel_that_has_it(tmp_path):
    (tmp_path / "elsewhere.py").write_text("value = 1")
    with kernel(env=os.environ | {"PYTHONPATH": str(tmp_path)}) as (_, run):
        assert run("import elsewhere; elsewhere.value") == "1"


def test_code_edited_since_is_imported_again():
    module = Path(kernels.__file__).parents[1] / "helpers" / "text.py"
    before = module.stat()
    with kernel():
        pass  # The fork server has imported it as it was.
    try:
        os.utime(module, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
        with kernel() as (_, run):
            assert run("import sys; 'helpers.text' in sys.modules") == "False"
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

"""Real JupyterLab in a real Chromium: the explorer, and a report with another province."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pandas as pd
import pytest

from helpers import explore, places
from test_notebooks import write_small_sample
from workbench.kernels import SPECS

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(420)]
ROOT = Path(__file__).parents[1]
TOKEN = "of-this-test"
PATIENCE_MS = 90_000
"""For what waits on a kernel; this machine may be busy with other tests."""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the project, because JupyterLab saves the notebooks that it runs."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    shutil.copytree(ROOT / "data/raw/published", folder / "data/raw/published")
    store = folder / "data" / "processed" / "store-1"
    write_small_sample(store)
    places.make_current(store.parent, store)
    return folder


@contextmanager
def serving(project: Path, home: Path, command: list[str], **settings: str) -> Iterator[str]:
    """The address of JupyterLab, started by a command in the project's folder; ended after."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={TOKEN}",
    ]  # fmt: skip
    of_others = {name for name in os.environ if name.startswith(("WORKBENCH_", "JUPYTER"))}
    environment = {name: word for name, word in os.environ.items() if name not in of_others}
    environment |= {"HOME": str(home), **settings}
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", *command, *options],
            cwd=project, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api?token={TOKEN}", server, home / "log")
        yield address
    finally:
        server.terminate()
        server.wait(30)
    with pytest.raises(OSError, match="refused"):
        urlopen(address)


@pytest.fixture(scope="module")
def lab(project: Path, tmp_path_factory) -> Iterator[str]:
    """JupyterLab as `workbench lab` starts it."""
    home = tmp_path_factory.mktemp("home")
    with serving(project, home, ["workbench.cli", "lab", "--"]) as address:
        yield address


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(180):
        assert server.poll() is None, log.read_text()[-3000:]
        try:
            with urlopen(address):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"JupyterLab did not answer: {log.read_text()[-3000:]}")


@pytest.fixture
def opened(lab: str, chromium: str):
    """Opens a notebook by its stem, in a workspace of its own."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.set_default_timeout(PATIENCE_MS)

        def notebook(stem: str):
            page.goto(f"{lab}/lab/workspaces/{stem}/tree/{stem}.ipynb?token={TOKEN}&reset")
            page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
            page.get_by_text("Workbench (warm) | Idle").wait_for()
            return page

        yield notebook
        browser.close()


def run_all(page) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Run All Cells")).click()


def shot(page, name: str) -> None:
    """Kept only where a person wants to look: WORKBENCH_SHOTS names a folder."""
    if "WORKBENCH_SHOTS" in os.environ:
        page.screenshot(path=Path(os.environ["WORKBENCH_SHOTS"]) / f"{name}.png")


def test_the_explorer_follows_what_is_chosen_and_exports_it(opened, project):
    page = opened("00_explore")
    run_all(page)
    bench = page.locator(".wb-bench")
    bench.scroll_into_view_if_needed()
    chart, title = bench.locator("figure img"), bench.locator("figcaption")
    assert "آزمایش" in bench.locator(".wb-synthetic").inner_text()
    assert "البرز" in title.inner_text()
    shot(page, "explore-fa")

    before = chart.get_attribute("src")
    bench.get_by_label("استان").select_option(label="تهران")
    title.filter(has_text="تهران").wait_for()
    assert chart.get_attribute("src") != before

    bench.get_by_label("زبان").select_option(label="English")
    title.filter(has_text="Exports of Tehran by partner").wait_for()
    bench.get_by_label("Each row").select_option(label="HS chapter")
    title.filter(has_text="Exports of Tehran by HS chapter").wait_for()
    bench.get_by_label("Open").select_option(index=1)
    title.filter(has_text="by HS heading").wait_for()
    shot(page, "explore-en")

    bench.get_by_role("button", name="Show me the code").click()
    shown = bench.locator(".wb-said pre")
    shown.filter(has_text="explore.view_table").wait_for()
    view = explore.View(province="tehran", lang="en", by="heading", within=["hs2_code:30"])
    assert shown.inner_text() == explore.code(view)
    shot(page, "explore-code")

    for form in explore.FORMATS:
        bench.get_by_role("button", name=form.upper(), exact=True).click()
        shown.filter(has_text=f".{form}").wait_for()
        assert (project / shown.inner_text()).stat().st_size > 100
    bench.get_by_role("button", name="Save this view").click()
    shown.filter(has_text="workbench render --batch").wait_for()
    saved = project / shown.inner_text().split()[-1]
    assert explore.read_view(saved) == view
    exported = pd.read_csv(saved.with_suffix(".csv"), dtype={"hs4_code": "str"})
    assert exported["hs4_code"].tolist() == ["3004"]
    assert set(exported["source"]) == {"synthetic sample, not customs data"}


def test_a_report_runs_in_jupyterlab_for_another_province(opened):
    page = opened("03_compare_with_nation")
    cell = page.locator(".jp-CodeCell").filter(has_text="province: str").first
    editor = cell.locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(
        'province: str = "tehran"\nperiod: str = "1404M01-07"\nlang: str = "en"'
    )
    run_all(page)
    page.locator(".wb-scope").filter(has_text="Tehran").wait_for()
    page.get_by_role("menuitem", name="View", exact=True).wait_for()
    page.locator(".wb-provenance").wait_for()
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert page.locator(".wb-chart").count() > 0
    shot(page, "compare")


def test_plain_jupyter_lab_offers_the_same_kernels_in_the_same_folder(project, tmp_path):
    # Installing the package puts this folder's settings where Jupyter finds them.
    settings = {"JUPYTER_CONFIG_PATH": str(SPECS)}
    with serving(project, tmp_path, ["jupyter", "lab"], **settings) as address:
        with urlopen(f"{address}/api/kernelspecs?token={TOKEN}") as answer:
            offered = json.load(answer)
        with urlopen(f"{address}/api/contents?token={TOKEN}") as answer:
            names = [entry["name"] for entry in json.load(answer)["content"]]
    assert offered["default"] == "workbench"
    assert offered["kernelspecs"]["python3"]["spec"]["display_name"] == "Workbench (warm)"
    assert "00_explore.ipynb" in names

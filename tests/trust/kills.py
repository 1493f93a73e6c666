"""Killed at random moments: what stands is old or new, the same command resumes, nothing stays."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator

import psutil

import mirror as standin
from helpers.customs import fetching
from helpers.schema import HelpersError
from trust.project import Project, project
from trust.table import Row, tried
from workbench import share

FAULT = "killed (SIGKILL)"
RENDER = ("render", "01_first", "--province=qom,yazd", "--lang=fa", "--to=html,pdf", "--jobs=2")
SHARE = ("share", "--period=1404M01-07", "--province=qom", "--lang=fa")
CHAPTERS = tuple(f"{n:02}" for n in range(1, 9))

Look = Callable[[], str]
"""Says what is wrong in what stands; "" where nothing is."""


def rows(n: int) -> Iterator[Row]:
    """A quarter of the kills for each of the four commands; then those that ask to end."""
    moment = "a random moment of `workbench {}`"
    for name, trials, outcome in (
        ("clean", of_clean, "the old store or the new one, whole; the same command heals"),
        ("render", of_render, "old or new pages, which `share` tells apart; resumed"),
        ("share", of_share, "no package, or a whole one"),
        ("fetch", of_fetch, "answers whole or not there; resumed to the same bytes"),
    ):
        nothing = "no process, no temporary file stays"
        yield tried(FAULT, moment.format(name), f"{outcome}; {nothing}", trials(n // 4))
    yield tried(
        FAULT, "its reader of workbooks, while it reads", "that file has failed in words; the next "
        "call reads it; no process stays", of_reader(),
    )  # fmt: skip
    for signum, words in ((signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "asked to end (SIGTERM)")):
        outcome = "one JSON document says `interrupted`, exit 1; no process stays"
        yield tried(words, "while it cleans, `--json`", outcome, interrupted(signum))


def of_clean(n: int) -> Iterator[str]:
    """The store is old or new after each kill, and new after the next call."""
    with project("clean") as of:
        of.write_raw(1)
        seconds = _seconds(of, "clean")
        first = of.value_usd()

        def killed(trial: int) -> str:
            old = of.value_usd()
            of.write_raw(trial)
            kill = _killed(of, seconds, "clean")
            if kill is None:
                return _again
            now, wanted = of.value_usd(), first * trial
            if not any(abs(now - usd) < 1 for usd in (old, wanted)):
                return f"{now:,.0f} USD stand after the kill, neither {old:,.0f} nor {wanted:,.0f}"
            return kill or _resumed(of, "clean") or (
                "" if abs(of.value_usd() - wanted) < 1 and not of.status()["data"]["stale"]
                else f"{of.value_usd():,.0f} USD stand, expected {wanted:,.0f}"
            )  # fmt: skip

        yield from _trials(n, killed)


def of_render(n: int) -> Iterator[str]:
    """Pages are old or new, which share and status tell; new after the next call."""
    with project("render") as of:
        seconds = _seconds(of, *RENDER)

        def killed(trial: int) -> str:
            _edit(of, trial)
            kill = _killed(of, seconds, *RENDER)
            if kill is None:
                return _again
            return kill or mixed(of) or _resumed(of, *RENDER) or _not_new(of, trial)

        yield from _trials(n, killed)


def _edit(of: Project, trial: int) -> None:
    path = of.folder / "notebooks" / "01_first.ipynb"
    document = json.loads(path.read_text("utf-8"))
    document["cells"][-1]["source"] = f"print('trial {trial}')\n'edition {trial}'"
    path.write_text(json.dumps(document), "utf-8")


def mixed(of: Project) -> str:
    """A package of what stands, whatever was cut short, holds files of one making."""
    out, values = of.folder / "mixed.zip", {"period": "1404M01-07", "province": "qom"}
    try:
        share.pack(of.outputs, values, out, ("fa",))
    except HelpersError as error:
        return "" if "render" in str(error) else f"share refuses without a word of help: {error}"
    with zipfile.ZipFile(out) as package:
        manifest = json.loads(package.read("manifest.json"))
        for report in manifest["reports"]:
            for ending, name in report["files"].items():
                content = package.read(f"{report['folder']}/{name}")
                if hashlib.sha256(content).hexdigest() != report["sha256"][ending]:
                    return f"share packed {name} of another making than its record"
    return ""


def _not_new(of: Project, trial: int) -> str:
    pages = list(of.outputs.glob("1404M01-07/*/*.ipynb"))
    if len(pages) != 2 or any(f"edition {trial}" not in p.read_text("utf-8") for p in pages):
        return "a page of before stands and is called fresh"
    stale = [
        r["report"] for r in of.status()["reports"] if r["stale"] and "01_first.fa" in r["report"]
    ]
    return f"{stale[0]} is stale for ever" if [r for r in stale if "M01-07" in r] else ""


def of_share(n: int) -> Iterator[str]:
    """The package is not there, or whole."""
    with project("share") as of:
        of.run(*RENDER)
        out = of.folder / "new" / "a.zip"
        seconds = _seconds(of, *SHARE, f"--out={out}")
        whole = out.read_bytes()

        def killed(_: int) -> str:
            out.unlink()
            kill = _killed(of, seconds, *SHARE, f"--out={out}")
            if kill is None:
                return _again
            if out.is_file() and out.read_bytes() != whole:
                return "half a package stands"
            again = kill or _resumed(of, *SHARE, f"--out={out}")
            others = [p.name for p in out.parent.iterdir() if p != out]
            return again or (f"left behind: {others[0]}" if others else "")

        yield from _trials(n, killed)


def of_fetch(n: int) -> Iterator[str]:
    """Answers are whole or not there, and in the end the same bytes."""
    served = standin.Mirror({("Export", 1403): standin.a_year(6_000)})
    with project("fetch") as of, standin.serving(served):
        asked = (
            "fetch", "tccim", "--years=1403", "--flow=export", "--chapters=" + ",".join(CHAPTERS),
            "--pause=0", f"--at={served.address}", f"--raw={of.raw}",
        )  # fmt: skip
        seconds = _seconds(of, *asked)
        wanted = {p.name: p.read_bytes() for p in of.raw.rglob("*.gz")}
        asks = fetching.requests_of("tccim", ["1403"], ["export"], "", CHAPTERS)

        def killed(_: int) -> str:
            for path in [p for p in of.raw.rglob("*") if p.is_file()]:
                path.unlink()
            kill = _killed(of, seconds, *asked)
            if kill is None:
                return _again
            there = [ask for ask in asks if (of.raw / ask.folder / f"{ask.name}.html.gz").is_file()]
            for ask in there:
                name = f"{ask.name}.html.gz"
                if (of.raw / ask.folder / name).read_bytes() != wanted[name]:
                    return f"half an answer stands: {name}"
            again = kill or _resumed(of, *asked)
            now = {p.name: p.read_bytes() for p in of.raw.rglob("*.gz")}
            return again or ("" if now == wanted else "other bytes than undisturbed")

        yield from _trials(n, killed)


READER = "helpers.customs.sheets"


def of_reader() -> Iterator[str]:
    """The process that reads workbooks and pages is killed, twice."""
    with project("reader") as of:
        of.write_raw(1, n_rows=60_000)
        for _ in range(2):
            shutil.rmtree(of.processed, ignore_errors=True)
            process = of.start("clean")
            if not _until(lambda: any(READER in p for p in of.processes()), 60):
                yield "no reader was started"
            for found in psutil.Process(process.pid).children(recursive=True):
                if READER in " ".join(found.cmdline()):
                    found.kill()
            _, errors = process.communicate(timeout=120)
            words = process.returncode == 1 and "its reader stopped (signal 9)" in errors
            yield "" if words else f"exit {process.returncode}: {errors[-200:]}"
            yield _resumed(of, "clean")


def interrupted(signum: int) -> Iterator[str]:
    """Clean, and render while it cleans, asked to end once they are at it."""
    with project("interrupted") as of:
        (of.folder / "notebooks" / "01_first.ipynb").unlink()
        _reading_notebook(of)
        of.write_raw(1, n_rows=60_000)
        for command in (("clean",), ("render", "01_reads", "--lang=fa", "--to=html")):
            process = of.start(*command, "--json")
            if not _until(lambda: (of.processed / ".work").is_dir(), 60):
                yield f"{command[0]} never began to clean"
            os.kill(process.pid, signum)
            output, errors = process.communicate(timeout=60)
            right = process.returncode == 1 and output == '{\n "error": "interrupted"\n}\n'
            wrong = "" if right else f"exit {process.returncode}, {output!r}, {errors[-200:]!r}"
            yield wrong or of.left()
            shutil.rmtree(of.processed / ".work", ignore_errors=True)


def _reading_notebook(of: Project) -> None:
    from made_notebooks import write_notebook

    write_notebook(of.folder / "notebooks" / "01_reads.ipynb", "from helpers import store")


_again = "the command was over before it could be killed"


def _trials(n: int, killed: Callable[[int], str]) -> Iterator[str]:
    """So many trials in which the kill came in time."""
    made, trial = 0, 1
    while made < n and trial < 5 * n + 5:
        trial += 1
        wrong = killed(trial)
        if wrong is not _again:
            made += 1
            yield wrong


def _seconds(of: Project, *command: str) -> float:
    """How long a command takes that nobody disturbs."""
    started = time.monotonic()
    code, _, errors = of.run(*command)
    if code:
        raise RuntimeError(f"{command[0]}, undisturbed, ended with {code}: {errors[-500:]}")
    return time.monotonic() - started


def _killed(of: Project, seconds: float, *command: str) -> str | None:
    """Kills a command at a random moment; None where it was over, else what it left."""
    process = of.start(*command)
    try:
        process.communicate(timeout=_MOMENTS.uniform(0.02, 0.98) * seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return of.left()
    return None


_MOMENTS = random.Random(1404)


def _resumed(of: Project, *command: str) -> str:
    code, _, errors = of.run(*command)
    if code or "Traceback" in errors:
        return f"the same command ended with {code} after the kill: {errors[-300:]}"
    return of.left() or of.litter()


def _until(holds: Callable[[], object], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False

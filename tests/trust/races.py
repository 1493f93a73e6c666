"""Moments that nobody meets by chance, forced: a file changes as it is read, a disk fills."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from cut_short import CUT_SHORT
from helpers import places
from helpers.documents import read_json
from helpers.schema import PROVINCES
from made_notebooks import write_notebook
from trust.kills import RENDER, mixed
from trust.project import Project, project
from trust.table import Row, tried, untried
from workbench import record


def rows(n_reports: int) -> Iterator[Row]:
    """Files that change, names that are switched, parts that are cut, a machine that refuses."""
    yield tried(
        "a raw file replaced under its old size and date", "between two calls",
        "stale, and cleaned anew", replaced(),
    )  # fmt: skip
    yield tried(
        "a raw file changed, and changed back", "while it is read",
        "refused by its name, stale, and cleaned by the next call", changed_back(),
    )  # fmt: skip
    yield tried(
        "killed (SIGKILL)", "before each change of a name on the disk, `workbench clean`",
        "the old store or the new one; the same command heals", at_each_name("clean"),
    )  # fmt: skip
    yield tried(
        "killed (SIGKILL)", "before each change of a name on the disk, a report put in place",
        "`share` refuses or packs files of one making; rendered anew", at_each_name("publish"),
    )  # fmt: skip
    yield tried(
        "each derived file cut to its half", "between two calls",
        "`status` tells it, or it is of no account; the same commands heal it", cut(),
    )  # fmt: skip
    yield full_disk(
        f"a full disk, {n_reports} reports at once", "`workbench render`",
        "each rendered or failed in words, none half; with room, the same command ends",
        200 * n_reports, lambda of: of.outputs, lambda of: _pages_on_full_disk(of, n_reports),
    )  # fmt: skip
    yield full_disk(
        "a full disk", "`workbench clean`", "told in words, the old store stands; with room, made",
        1_500, lambda of: of.processed, _store_on_full_disk,
    )  # fmt: skip
    yield tried(
        "no hard links", "`workbench clean`", "copies instead, the same store", without_links()
    )
    yield tried(
        "a TMPDIR of 120 letters", "`workbench clean`, `workbench render`", "as usual", long_names()
    )  # fmt: skip
    yield tried(
        "a stray line on the socket of warm kernels", "JupyterLab starts a kernel",
        "a kernel starts, warm or ordinary", stray_line(),
    )  # fmt: skip


def replaced() -> Iterator[str]:
    """As `rsync -t` does it: another content, the same size, the same modification time."""
    with project("replaced") as of:
        of.write_raw(1)
        of.run("clean")
        before = of.value_usd()
        file = of.raw / "a.csv"
        stat, content = file.stat(), file.read_bytes()
        other = file.with_name("other")
        other.write_bytes(content.replace(b",1\r\n", b",9\r\n", 1))
        os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        other.replace(file)
        if (file.stat().st_size, file.stat().st_mtime_ns) != (stat.st_size, stat.st_mtime_ns):
            yield "the file could not be replaced so"
        if not of.status()["data"]["stale"]:
            yield "called fresh, though its bytes are others"
        of.run("clean")
        yield "" if of.value_usd() == before + 8 else "the old bytes stand in the store"


CHANGED_BACK = """
import sys
from pathlib import Path
from helpers import memory, preparation
from helpers.customs import cleaning
raw, processed = Path(sys.argv[1]), Path(sys.argv[2])
read = cleaning.clean_file
def meanwhile(file, *given):
    as_received = file.path.read_bytes()
    file.path.write_bytes(as_received.replace(b",1\\r\\n", b",9\\r\\n", 1))
    entry = read(file, *given)
    file.path.write_bytes(as_received)
    return entry
cleaning.clean_file = meanwhile
preparation.prepare(raw, processed, memory.Hashes(processed / ".hashes.json"))
"""


def changed_back() -> Iterator[str]:
    """Its hash is the same before and after; what was read is another thing."""
    with project("changed-back") as of:
        of.write_raw(1)
        _python(of, CHANGED_BACK, str(of.raw), str(of.processed))
        if not of.status()["data"]["stale"]:
            yield "called fresh, though what was read never stood there"
        code, _, errors = of.run("clean")
        stale = of.status()["data"]["reasons"]
        yield f"exit {code}: {errors[-200:]}" if code else f"stale: {stale}" if stale else ""


EACH = (
    CUT_SHORT
    + """
import sys, traceback
from pathlib import Path
from helpers import memory, preparation, published
from helpers.customs import cleaning, sources
from workbench import record
what, one, other = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
def clean():
    preparation.prepare(one, other, memory.Hashes(other / ".hashes.json"))
def publish():
    (one / ".work").mkdir(exist_ok=True)
    name = "1404M01-07/qom/01_first.fa"
    endings = ("html", "ipynb", "xlsx", "pdf", "json")
    made = {e: record.path_of(other, name, e).read_bytes() for e in endings}
    record.publish(name, made, one, one / ".work")
    record.write_manifest(one)
for left, _ in enumerate(sys.stdin):
    child = os.fork()
    if not child:
        try:
            cut_short()
            globals()[what]()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
)


def at_each_name(what: str) -> Iterator[str]:
    """One trial for each rename, link and removal, in order, until nothing is left to cut short."""
    with project(f"at-each-{what}") as of:
        of.write_raw(1, n_rows=20)
        for name in ("b.xls", "c.xlsx"):
            (of.raw / name).unlink()  # without them no reader has to start, a hundred times
            (of.raw / f"{name[0]}.source.yml").unlink()
        if what == "clean":
            of.run("clean")
            one_more = lambda: _one_row_more(of)  # noqa: E731
            yield from _each(
                of, what, (of.raw, of.processed), one_more, lambda n: _store_is_one(of, n)
            )
            yield of.litter()
            return
        of.run(*RENDER, "--province=qom")
        old, new = of.outputs, of.folder / "others"
        shutil.copytree(old, of.folder / "as-it-was")
        _say_otherwise(of)
        of.run(*RENDER, "--province=qom", f"--outputs={new}")
        yield from _each(of, what, (old, new), lambda: None, lambda _: _package_is_one(of))


def _each(
    of: Project, what: str, folders: tuple[Path, Path],
    change: Callable[[], None], look: Callable[[int], str],
) -> Iterator[str]:  # fmt: skip
    """The n-th change of a name is the last, for each n until all were made; a look after each."""
    process = subprocess.Popen(
        [sys.executable, "-c", EACH, what, *map(str, folders)], env=of.environment, cwd=of.folder,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for n in range(500):
        change()
        process.stdin.write("\n")
        process.stdin.flush()
        code = process.stdout.readline().strip()
        yield look(n)
        if code != "9":
            break
    _, errors = process.communicate()
    yield "" if code == "0" else f"exit {code or 'none'}: {errors[-300:]}"


def _one_row_more(of: Project) -> None:
    text = (of.raw / "a.csv").read_text("utf-8")
    (of.raw / "a.csv").write_text(text + text.splitlines()[-1] + "\n", "utf-8")


def _store_is_one(of: Project, n_left: int) -> str:
    allowed = [20 * 21 / 2 + 20 * n for n in range(n_left + 2)]
    return "" if of.value_usd() in allowed else f"{of.value_usd():,.0f} USD stand, of no making"


def _say_otherwise(of: Project) -> None:
    path = of.folder / "notebooks" / "01_first.ipynb"
    path.write_text(path.read_text("utf-8").replace('"province"', '"1 + 1"'), "utf-8")


def _package_is_one(of: Project) -> str:
    wrong = mixed(of)
    shutil.rmtree(of.outputs)
    shutil.copytree(of.folder / "as-it-was", of.outputs)
    return wrong


DATA = (
    "store-*/declarations/**/*.parquet", "store-*/rejects.parquet", "store-*/quality.json",
    "store-*/.made_from.json", "CURRENT", ".files/*/declarations/**/*.parquet",
    ".files/*/entry.json", ".hashes.json",
)  # fmt: skip
PAGES = ("html", "pdf", "ipynb", "xlsx", "json")
LISTS = ("manifest.json", "index.html", "index.en.html", ".work/hashes.json")


def cut() -> Iterator[str]:
    """One kind of derived file after the other: data, then pages and their lists."""
    with project("cut") as of:
        of.write_raw(1, n_rows=20)
        of.run("clean")
        of.run(*RENDER)
        value = of.value_usd()
        for names in DATA:
            _cut([*of.processed.glob(names)])
            code, _, errors = of.run("clean")
            stale = of.status()["data"]["reasons"]
            right = code == 0 and of.value_usd() == value and not stale
            yield (
                ""
                if right
                else f"{names} cut: exit {code}, {of.value_usd():,.0f} USD, {stale}, {errors}"
            )
        for name in (*(f"1404M01-07/qom/*.{ending}" for ending in PAGES), *LISTS):
            _cut([*of.outputs.glob(name)])
            code, _, errors = of.run(*RENDER)
            wrong = f"exit {code}: {errors[-200:]}" if code else _not_whole(of)
            yield f"{name} cut: {wrong}" if wrong else ""


def _cut(files: list[Path]) -> None:
    if not files:
        raise RuntimeError("there is no file to be cut: the list of kinds is of another version")
    for path in files:
        content = path.read_bytes()
        with path.open("r+b") as file:  # in place: a link to it is cut as well
            file.truncate(len(content) // 2)


def _not_whole(of: Project) -> str:
    stands = [half_of(of, f"1404M01-07/{province}/01_first.fa") for province in ("qom", "yazd")]
    lists = [of.outputs / name for name in ("index.html", "index.en.html")]
    half = [p.name for p in lists if not p.read_text("utf-8").rstrip().endswith("</html>")]
    record.read_manifest(of.outputs)
    return next(filter(None, stands), "") or (f"{half[0]} stays cut" if half else "") or mixed(of)


def full_disk(
    fault: str, moment: str, outcome: str, size_kib: int,
    place: Callable[[Project], Path], trials: Callable[[Project], Iterator[str]],
) -> Row:  # fmt: skip
    """A folder of a project is a small disk of its own, on which trials are made."""
    with project("full") as of:
        folder = place(of)
        if not _mounted(folder, f"{size_kib}k"):
            return untried(fault, moment, outcome, "no small disk can be mounted")
        try:
            return tried(fault, moment, outcome, trials(of))
        finally:
            subprocess.run(["umount", str(folder)], check=True)


def _make_room(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=200m", str(folder)], check=True)


def _store_on_full_disk(of: Project) -> Iterator[str]:
    of.write_raw(1, n_rows=100)
    code, _, errors = of.run("clean")
    before = of.value_usd()
    yield "" if code == 0 else f"while there is room: exit {code}: {errors[-200:]}"
    of.write_raw(2, n_rows=60_000)
    code, output, errors = of.run("clean", "--json")
    words = "No space left" in errors and "Traceback" not in errors and "No space" in output
    yield "" if code == 1 and words else f"exit {code}: {errors[-300:]}"
    yield (
        "" if of.value_usd() == before and of.status()["data"]["stale"] else "the old store is gone"
    )
    _make_room(of.processed)
    code, _, errors = of.run("clean")
    yield (
        "" if code == 0 and of.value_usd() > before else f"with room: exit {code}: {errors[-200:]}"
    )
    yield of.left() or of.litter()


def _mounted(folder: Path, size: str) -> bool:
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _pages_on_full_disk(of: Project, n_reports: int) -> Iterator[str]:
    periods = ["1404M01-07", "1403"][: 1 + (n_reports > len(PROVINCES))]
    provinces = PROVINCES[: -(-n_reports // len(periods))]
    _heavy(of)
    asked = ("render", "01_first", f"--province={','.join(provinces)}", "--lang=fa", "--to=html",
             f"--period={','.join(periods)}", f"--jobs={n_reports}", "--json")  # fmt: skip
    code, output, errors = of.run(*asked)
    document = json.loads(output)
    messages = [r["message"] for r in document["reports"] if r["status"] == "failed"]
    n_wanted = len(provinces) * len(periods)
    listed = [r for r in document["reports"] if r["report"] != "manifest.json"]
    if code != 1 or len(listed) != n_wanted or "Traceback" in errors:
        yield f"exit {code}, {len(listed)} of {n_wanted} reports told: {errors[-200:]}"
    if not messages or any("No space left" not in message for message in messages):
        yield f"reports failed without the reason: {messages[:2]}"
    yield from (half_of(of, report["report"]) for report in listed)
    _make_room(of.outputs)
    code, output, errors = of.run(*asked)
    yield "" if code == 0 else f"with room it ends with {code}: {errors[-200:]}"
    yield of.left() or of.litter()


def _heavy(of: Project) -> None:
    """A notebook whose pages take some 300 kB."""
    picture = (
        "import base64, os\nfrom IPython.display import HTML\n"
        "HTML('<p>' + base64.b64encode(os.urandom(90_000)).decode() + '</p>')"
    )
    write_notebook(of.folder / "notebooks" / "01_first.ipynb", picture)


def half_of(of: Project, name: str) -> str:
    """What is wrong with a report that stands: files that its record does not speak of."""
    known = read_json(record.path_of(of.outputs, name, "json"), record.Record)
    files = {e: record.path_of(of.outputs, name, e) for e in ("html", "ipynb", "xlsx")}
    if known is None:
        there = [p.name for p in files.values() if p.is_file()]
        return f"files without a record stand: {there[0]}" if there else ""
    other = [p.name for e, p in files.items() if record.sha256(p.read_bytes()) != known.sha256[e]]
    return f"{other[0]} is of another making than its record" if other else ""


WITHOUT_LINKS = """
import errno, os
def refused(*_, **__):
    raise OSError(errno.EPERM, "Operation not permitted")
os.link = os.symlink = refused
from helpers.customs import vintages
vintages.SMALL_BYTES = 0
import sys
from pathlib import Path
from helpers import memory, preparation
raw, processed = Path(sys.argv[1]), Path(sys.argv[2])
preparation.prepare(raw, processed, memory.Hashes(processed / ".hashes.json"))
"""


def without_links() -> Iterator[str]:
    """As on a disk of a camera, or a share of another system."""
    with project("no-links") as of:
        of.write_raw(1)
        code, errors = _python(of, WITHOUT_LINKS, str(of.raw), str(of.processed))
        links = [
            p for p in places.current(of.processed).rglob("*.parquet") if p.stat().st_nlink > 1
        ]
        wanted = 3 * 3_000 * 3_001 / 2
        right = code == 0 and not links and of.value_usd() == wanted
        yield "" if right else f"exit {code}, {of.value_usd():,.0f} USD: {errors[-200:]}"


def long_names() -> Iterator[str]:
    """No socket can have a name in such a folder."""
    with project("long") as of:
        folder = of.folder / ("x" * (120 - len(str(of.folder)) - 1))
        folder.mkdir()
        of.write_raw(1, n_rows=20)
        for command in (("clean",), RENDER):
            code, _, errors = of.run(*command, TMPDIR=str(folder))
            yield (
                ""
                if code == 0 and not list(folder.iterdir())
                else f"{command[0]}: {code}: {errors[-200:]}"
            )


STRAY = """
import socket, sys
from multiprocessing import forkserver
from workbench import kernels
from jupyter_client import KernelManager
kernels.start_server()
for _ in range(3):
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(forkserver._forkserver._forkserver_address)
        line.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n")
manager = KernelManager(kernel_name=kernels.kernel_name())
manager.start_kernel()
client = manager.blocking_client()
client.start_channels()
client.wait_for_ready(timeout=90)
client.stop_channels()
manager.shutdown_kernel(now=True)
"""


def stray_line() -> Iterator[str]:
    """Somebody talks to the fork server who is none of ours."""
    with project("stray") as of:
        code, errors = _python(of, STRAY)
        yield f"exit {code}: {errors[-300:]}" if code else of.left()


def _python(of: Project, script: str, *arguments: str) -> tuple[int, str]:
    """A script in the project's environment: exit code and standard error."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], env=of.environment, cwd=of.folder,
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    return done.returncode, done.stderr

"""A batch: what is planned, and that nothing that dies takes anything with it."""

import json
import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from helpers import lifetimes, memory
from helpers.documents import read_json
from helpers.schema import PROVINCES, HelpersError, UnknownParameter, UnreadableFile
from made_notebooks import write_notebook
from workbench import batch, gallery, record
from workbench.project import Folders


@pytest.fixture
def folder(tmp_path):
    write_notebook(tmp_path / "notebooks" / "01_first.ipynb", "province")
    write_notebook(tmp_path / "notebooks" / "00_explore.ipynb", "1")
    return tmp_path


def planned(folder, **wanted):
    axes = {name: wanted.pop(name) for name in ("period", "province") if name in wanted}
    return batch.plan_reports(
        [batch.Wanted(axes=axes, **wanted)],
        Folders(folder, folder / "raw", folder / "processed", folder / "outputs"),
    )


def names(folder, **wanted):
    return [p.name for p in planned(folder, **wanted)]


def as_rendered(job, outputs):
    """Writes the files of a report that is as good as new."""
    made = dict.fromkeys(("html", "ipynb", "xlsx"), b"")
    document = record.Record(
        notebook=job.stem, source="", title="", lang="fa", axes=job.axes, parameters={},
        files={e: f"{job.stem}.{e}" for e in made},
        sha256=dict.fromkeys(made, record.sha256(b"")), inputs=[], tables=None, versions={},
        is_synthetic=None, notice="unknown", seconds=1.0, peak_memory_bytes=None,
        numbers=[], created=memory.now(), key="", parts=job.parts,
    )  # fmt: skip
    (outputs / ".work").mkdir(parents=True, exist_ok=True)
    made["json"] = record.encode(document)
    record.publish(job.name, made, outputs, outputs / ".work")


def test_every_notebook_but_the_exploratory_is_planned_in_both_languages(folder):
    usual = {f"{p}/alborz/01_first.{lang}" for p in ("1403", "1404M01-10") for lang in ("fa", "en")}
    assert set(names(folder)) == usual
    named = names(folder, notebooks=("01_first",))
    assert named == [f"1404M01-07/alborz/01_first.{lang}" for lang in ("fa", "en")]


def test_the_statement_s_notebook_is_rendered_for_the_period_it_speaks_of(folder):
    write_notebook(folder / "notebooks" / "02_check.ipynb", "1")
    assert "1404M01-07/alborz/02_check.fa" in names(folder, lang=("fa",))
    assert "1403/alborz/02_check.fa" not in names(folder, lang=("fa",))


def test_the_matrix_is_all_combinations(folder):
    matrix = {"province": ("yazd", "qom"), "period": ("1404", "1403Q1"), "lang": ("fa",)}
    assert len(names(folder, notebooks=("01_first",), **matrix)) == 4
    assert len(names(folder, province=("all",), period=("1404",), lang=("en",))) == len(PROVINCES)


def test_a_notebook_of_others_is_named_by_what_it_declares(folder):
    path = write_notebook(folder / "mine.ipynb", "1", parameters="threshold: int = 3")
    assert names(folder, notebooks=(str(path),)) == ["-/-/mine"]
    with pytest.raises(UnknownParameter, match=r"has no parameter 'province'.*it has: threshold"):
        names(folder, notebooks=(str(path),), province=("yazd",))


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"notebooks": ("01_frist",)}, "did you mean '01_first'"),
        ({"province": ("tehrn",)}, "did you mean 'tehran'"),
        ({"period": ("1404Q5",)}, "is not a period"),
        ({"lang": ("ar",)}, "it is one of: fa, en"),
        ({"parameters": {"provinse": "qom"}}, "did you mean 'province'"),
        ({"province": ("qom", "qom")}, "two reports would be written as"),
    ],
)
def test_a_wrong_matrix_is_refused_before_anything_starts(folder, wanted, words):
    with pytest.raises(HelpersError, match=words):
        planned(folder, **wanted)
    assert not list(folder.glob("outputs/*/*/*"))


def test_a_batch_file_holds_one_matrix_or_several(folder):
    file = folder / "batch.yml"
    file.write_text(
        "- notebooks: [01_first]\n  province: all\n  lang: fa\n"
        "- period: [1404, 1403]\n  to: html,pdf\n"
    )
    first, second = batch.read_wanted(file, batch.Wanted(lang=("en",)))
    assert (first.axes, first.lang) == ({"province": ("all",)}, ("fa",))
    assert (second.axes, second.to) == ({"period": ("1404", "1403")}, ("html", "pdf"))
    assert second.lang == ("en",)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("provinces: all", UnreadableFile, "batch.yml.*`provinces`.*did you mean 'province'"),
        ("just words", UnreadableFile, "batch.yml: Expected `object`, got `str`"),
        ("a: [", UnreadableFile, "batch.yml is not YAML"),
        ("parameters: [flow]", UnreadableFile, "batch.yml, parameters: Expected `object`"),
        ("name: ../x", UnreadableFile, "batch.yml, name: "),
    ],
)
def test_a_batch_file_of_another_form_is_refused(folder, text, error, words):
    (folder / "batch.yml").write_text(text)
    with pytest.raises(error, match=words):
        batch.read_wanted(folder / "batch.yml", batch.Wanted())


def test_thirty_one_fresh_reports_are_confirmed_in_a_second_without_pandas(folder):
    matrix = {"province": ("all",), "period": ("1404",), "lang": ("fa",)}
    for job in planned(folder, **matrix):
        as_rendered(job, folder / "outputs")
    started = time.process_time()
    assert [p.reasons for p in planned(folder, **matrix)] == [[]] * 31
    assert time.process_time() - started < 1
    code = (
        "import sys, workbench.cli, workbench.batch, helpers.customs.quality; "
        "print('pandas' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


def test_a_default_of_its_own_is_the_notebook_s_affair(folder):
    write_notebook(
        folder / "notebooks" / "09_other.ipynb",
        parameters='period: int = 2024\nprovince: str = "Some/where"\nn = len("x")',
    )
    (plan,) = planned(folder, notebooks=("09_other",))
    assert plan.name == "2024/Some_where/09_other"
    assert (plan.passed, plan.effective["period"]) == ({}, 2024)


def test_a_full_disk_fails_the_report_and_leaves_the_old_one(folder, monkeypatch):
    standing = folder / "outputs" / "p" / "x" / "n.fa.json"
    standing.parent.mkdir(parents=True)
    standing.write_text("old")

    def full(self, *_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        record.publish("p/x/n.fa", {"html": b"x", "json": b"{}"}, folder / "outputs", folder)
    assert standing.read_text() == "old"
    assert [p.name for p in standing.parent.iterdir()] == ["n.fa.json"]


def test_a_disk_that_fills_at_the_end_hides_no_result(folder, monkeypatch):
    jobs = planned(folder, notebooks=("01_first",))
    settings = record.Settings(folder / "outputs")
    ended = [record.Result(p.name, "failed", message="no figures") for p in jobs]
    monkeypatch.setattr(batch, "_render", lambda *_: iter(ended))

    def full(*_):
        raise OSError(28, "No space left on device")

    for module in (record, gallery):
        monkeypatch.setattr(module, "write_whole", full)
    *results, last = batch.run(jobs, settings)
    assert [r.message for r in results] == ["no figures"] * 2
    assert (last.report, last.status) == ("manifest.json", "failed")
    assert "No space left on device; the reports stand" in last.message


@pytest.mark.parametrize("name", ["manifest.json", "index.html", "index.en.html"])
def test_a_list_that_was_cut_is_written_again_though_every_report_is_fresh(folder, name):
    jobs = planned(folder, notebooks=("01_first",))
    for job in jobs:
        as_rendered(job, folder / "outputs")
    settings, path = record.Settings(folder / "outputs"), folder / "outputs" / name
    jobs = planned(folder, notebooks=("01_first",))
    batch.run(jobs, settings)
    whole = path.read_text()
    path.write_text(whole[: len(whole) // 2])
    batch.run(jobs, settings)
    assert len(path.read_text()) == len(whole)
    written = path.stat().st_mtime_ns
    batch.run(jobs, settings)
    assert path.stat().st_mtime_ns == written, "and then left alone"


# Below, processes are started


def command(folder, *arguments):
    environment = os.environ | {"WORKBENCH_ROOT": str(folder)}
    outputs = f"--outputs={folder / 'outputs'}"
    render = [sys.executable, "-m", "workbench.cli", "render", "--to=html", outputs]
    render += [*([] if any("ipynb" in a for a in arguments) else ["01_first"]), *arguments]
    return {"args": render, "env": environment, "text": True}


def rendered(folder, *arguments):
    done = subprocess.run(
        **command(folder, "--json", *arguments), capture_output=True, check=False, timeout=200
    )
    assert "[IPKernelApp]" not in done.stderr, "what a healthy kernel logs is no news"
    return done.returncode, json.loads(done.stdout)


def statuses(document):
    return {r["report"].split("/")[1]: r["status"] for r in document["reports"]}


def standing(folder):
    return sorted(p.name for p in folder.glob("outputs/1*/*/*"))


@pytest.mark.slow
def test_a_batch_goes_on_past_failures_and_resumes_where_it_stopped(folder):
    cell = "if province == 'qom': raise ValueError('no figures for qom')"
    write_notebook(folder / "notebooks" / "01_first.ipynb", cell)
    asked = ("--province=qom,yazd", "--lang=fa")
    code, document = rendered(folder, *asked)
    assert (code, statuses(document)) == (1, {"qom": "failed", "yazd": "rendered"})
    (failure,) = [r for r in document["reports"] if r["status"] == "failed"]
    assert "no figures for qom" in failure["message"]
    assert failure["cell"].startswith("cell 4: if province"), "as its author counts"
    assert (folder / "outputs" / failure["executed"]).is_file()
    assert not list(folder.glob("outputs/1*/qom/*"))
    manifest = json.loads((folder / "outputs" / "manifest.json").read_text())
    assert [r["axes"]["province"] for r in manifest["reports"]] == ["yazd"]
    assert [f["report"] for f in manifest["failed"]] == [failure["report"]]
    path = folder / "outputs" / "1404M01-07" / "yazd" / "01_first.fa.json"
    document = read_json(path, record.Record)
    assert document.seconds > 0
    assert set(document.files) == {"html", "ipynb", "xlsx", "json"}

    code, document = rendered(folder, *asked)
    assert statuses(document) == {"qom": "failed", "yazd": "fresh"}
    write_notebook(folder / "notebooks" / "01_first.ipynb", "province")
    code, document = rendered(folder, *asked)
    assert (code, statuses(document)) == (0, {"qom": "rendered", "yazd": "rendered"})
    assert not list(folder.glob("outputs/failed/*/*/*.*"))


def test_one_notebook_without_a_language_does_not_stop_a_batch(folder):
    write_notebook(folder / "notebooks" / "09_any.ipynb", parameters="threshold: int = 3")
    found = names(folder, notebooks=("01_first", "09_any"), lang=("fa",))
    assert found == ["1404M01-07/alborz/01_first.fa", "-/-/09_any"]


FIELD_CASES = Path(__file__).parents[2] / "shared" / "data" / "field-cases"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "lost"),
    [
        ("r04_no_kernelspec", 1),
        ("r05_relative", 1),
        ("r18_control_chars", 1),
        ("r19_attachment", 0),
        ("r21_math", 0),
        ("r22_js", 4),
    ],
)
def test_notebooks_that_people_reported_elsewhere_are_rendered(folder, case, lost):
    """What they print is not shown, and counted among what the page lost."""
    notebook = FIELD_CASES / case / f"{case}.ipynb"
    if not notebook.is_file():
        pytest.skip("the field cases are not part of the repository")
    code, document = rendered(folder, str(notebook), "--lang=en")
    (only,) = document["reports"]
    assert (code, only["status"], len(only["lost"])) == (0, "rendered", lost), only


@pytest.mark.slow
def test_the_cell_that_raised_is_named_and_not_the_last_that_ran(folder):
    notebook = FIELD_CASES / "r30_raises_exception" / "r30_raises_exception.ipynb"
    if not notebook.is_file():
        pytest.skip("the field cases are not part of the repository")
    code, document = rendered(folder, str(notebook), "--lang=en")
    (only,) = document["reports"]
    assert (code, only["cell"]) == (1, "cell 3: 1/0")
    assert "ZeroDivisionError" in only["message"]


@pytest.mark.slow
def test_a_hung_cell_and_a_dead_kernel_end_their_reports_alone(folder):
    write_notebook(
        folder / "notebooks" / "01_first.ipynb",
        "import os, time\n"
        "if province == 'qom': time.sleep(100)\n"
        "if province == 'yazd': os.kill(os.getpid(), 9)",
    )
    code, document = rendered(folder, "--province=qom,yazd,ilam", "--lang=fa", "--timeout=5")
    assert (code, statuses(document)["ilam"]) == (1, "rendered")
    messages = {r["report"].split("/")[1]: r["message"] for r in document["reports"]}
    assert "longer than 5 s" in messages["qom"]
    assert "its process died" in messages["yazd"]


@pytest.mark.slow
def test_a_batch_that_runs_out_of_time_says_so(folder):
    write_notebook(folder / "notebooks" / "01_first.ipynb", "import time; time.sleep(100)")
    code, document = rendered(folder, "--lang=fa", "--batch-timeout=6")
    assert code == 1
    assert document["reports"][0]["message"] == "the batch ran out of time"
    (failure,) = json.loads((folder / "outputs" / "manifest.json").read_text())["failed"]
    assert failure["message"] == "the batch ran out of time"


@pytest.fixture
def waiting(folder):
    """A notebook that says it runs and then waits for leave, and the two folders of that."""
    cell = (
        "import os, time\nfrom pathlib import Path\n"
        f"Path({str(folder)!r}, f'{{province}}-{{os.getpid()}}.runs').touch()\n"
        f"while not Path({str(folder)!r}, 'leave').exists(): time.sleep(0.05)"
    )
    write_notebook(folder / "notebooks" / "01_first.ipynb", cell)
    return folder


def started(folder, *arguments):
    process = subprocess.Popen(
        **command(folder, "--json", "--lang=fa", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Whoever started the tests in the background had them ignore Ctrl-C, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    until(lambda: list(folder.glob("*.runs")) or process.poll() is not None, LOADED)
    assert process.poll() is None, process.communicate()
    return process


def workers_of(process):
    """The processes forked by the batch itself; the fork server runs another program."""
    children = psutil.Process(process.pid).children()
    return [c for c in children if "forkserver" not in " ".join(c.cmdline())]


@pytest.mark.slow
def test_a_killed_worker_costs_nothing_but_time(waiting):
    process = started(waiting, "--province=qom", "--jobs=1")
    (worker,) = workers_of(process)
    os.kill(worker.pid, signal.SIGKILL)
    (waiting / "leave").touch()
    output, _ = process.communicate(timeout=90)
    assert (process.returncode, statuses(json.loads(output))) == (0, {"qom": "rendered"})


@pytest.mark.slow
@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_batch_may_be_ended_at_any_moment_and_leaves_no_process_and_no_part(waiting, signum):
    process = started(waiting, "--province=qom,yazd")
    family = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signum)
    output, _ = process.communicate(timeout=30)
    is_told = signum != signal.SIGKILL
    assert output == (json.dumps({"error": "interrupted"}, indent=1) + "\n" if is_told else "")
    assert (waiting / "outputs" / "manifest.json").is_file() == is_told
    _, alive = psutil.wait_procs(family, timeout=15)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]
    assert standing(waiting) == []
    (waiting / "leave").touch()
    code, document = rendered(waiting, "--province=qom,yazd", "--lang=fa")
    assert (code, document["rendered"]) == (0, 2)
    assert not [p for p in waiting.glob("outputs/.work/*") if p.is_dir()]


@pytest.mark.slow
@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM])
def test_a_batch_ended_while_it_cleans_leaves_no_cleaning_and_says_so(folder, signum):
    write_notebook(folder / "notebooks" / "01_first.ipynb", "from helpers import store")
    raw = folder / "raw"
    raw.mkdir()
    rows = "1,1,1404,غرب تهران,عراق,30049000,1000,50000\n" * 400_000
    heading = "ردیف,ماه,سال,نام گمرک,نام کشور,شماره تعرفه,وزن (کیلوگرم),ارزش (دلار)\n"
    (raw / "export_1404.csv").write_text(heading + rows, encoding="utf-8")
    folders = (f"--raw={raw}", f"--processed={folder / 'processed'}")
    process = subprocess.Popen(
        **command(folder, "--json", *folders), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert until(lambda: psutil.Process(process.pid).children(), 60)
    family = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signum)
    output, _ = process.communicate(timeout=30)
    assert output == ("" if signum == signal.SIGKILL else '{\n "error": "interrupted"\n}\n')
    _, alive = psutil.wait_procs(family, timeout=15)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]


def test_only_what_a_dead_process_of_this_machine_left_is_swept(tmp_path):
    ended = subprocess.Popen(["true"])
    assert until(lambda: psutil.Process(ended.pid).status() == psutil.STATUS_ZOMBIE, 10)
    here = platform.node()
    names = (f"{here}-{ended.pid}-1", f"{here}-{os.getpid()}-1", "elsewhere-1-1", "my-own-notes")
    for name in names:
        (tmp_path / name).mkdir()
    (tmp_path / f"{here}-{ended.pid}-index.html").touch()
    lifetimes.sweep(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(names[1:])
    ended.wait()
    assert not lifetimes.is_alive(ended.pid)


@pytest.mark.slow
def test_two_batches_at_once_render_each_report_once(waiting):
    first = started(waiting, "--province=qom")
    second = subprocess.Popen(
        **command(waiting, "--json", "--lang=fa", "--province=qom"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(5)
    (waiting / "leave").touch()
    documents = [json.loads(p.communicate(timeout=90)[0]) for p in (first, second)]
    assert sorted(d["reports"][0]["status"] for d in documents) == ["fresh", "rendered"]


@pytest.mark.slow
def test_outputs_that_cannot_be_written_are_said_so(folder):
    (folder / "outputs").write_text("a file where a folder should be")
    code, document = rendered(folder, "--lang=fa")
    assert code == 2
    assert "is a file" in document["error"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", '{"key": 1}', '{"key": {"parts": {}}, "files": {}, "source": "x"}',
     '{"key": {"parts": {"code": 1}}, "tables": [], "files": {"html": "x"}, "source": 1}'],
)  # fmt: skip
def test_a_damaged_record_is_a_report_never_rendered_and_a_damaged_failure_is_none(folder, text):
    outputs = folder / "outputs"
    for place in (outputs, outputs / "failed"):
        (place / "1404M01-07" / "yazd").mkdir(parents=True)
        (place / "1404M01-07" / "yazd" / "01_first.fa.json").write_text(text)
    [only] = planned(folder, notebooks=("01_first",), province=("yazd",), lang=("fa",))
    assert only.reasons == ["its record is damaged or of an older version"]
    assert batch.wanted_again(outputs) == []
    manifest = json.loads(record.write_manifest(outputs).read_text())
    assert (manifest["reports"], manifest["failed"]) == ([], [])


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:9"])
def test_a_cluster_that_does_not_answer_is_said_in_words(tmp_path, address):
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    from workbench import workers

    with pytest.raises(
        HelpersError, match=r"no dask scheduler answers .* expected tcp://HOST:PORT"
    ):
        next(workers.render_on([], record.Settings(tmp_path, cluster=address)))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_cluster_finishes_a_batch_though_a_worker_is_killed(waiting):
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        process = started(waiting, "--province=qom,yazd", f"--cluster={cluster.scheduler_address}")

        def come(n_tries):
            """Whether so many reports have begun, or the batch is over."""
            return len(list(waiting.glob("*.runs"))) >= n_tries or process.poll() is not None

        # Each worker has a report by now, whichever is killed; its report begins once more.
        assert until(lambda: come(2), LOADED)
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        assert until(lambda: come(3), LOADED)
        (waiting / "leave").touch()
        output, errors = process.communicate(timeout=LOADED)
    assert (process.returncode, json.loads(output)["rendered"]) == (0, 2), errors


LOADED = 400
"""Seconds that nothing takes, however busy the machine."""


def until(holds, seconds):
    """Whether something comes to hold within a time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False


def test_a_stale_key_is_never_taken_for_a_fresh_one(folder):
    (job,) = planned(folder, notebooks=("01_first",), lang=("fa",))
    changed = job.parts | {"notebook": {"01_first.ipynb": "other"}}
    assert memory.key(changed) != memory.key(job.parts)

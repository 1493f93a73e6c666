"""The command: its options, its exit codes, and one JSON document where it is asked for."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from helpers.demo.command import write_demo
from made_notebooks import write_notebook
from workbench import cli


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of one notebook and no data; the command is called from inside it."""
    write_notebook(tmp_path / "notebooks" / "01_first.ipynb", "province")
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "empty.yml").write_text("[]")
    (tmp_path / "listed.yml").write_text("parameters: [flow]")
    monkeypatch.chdir(tmp_path)
    for name in ("ROOT", "RAW", "PROCESSED", "OUTPUTS"):
        monkeypatch.delenv(f"WORKBENCH_{name}", raising=False)
    return tmp_path


SHARED = ("--province", "alborz", "--out", "a.zip")


def call(*arguments):
    return CliRunner().invoke(cli.main, arguments)


def test_help_names_every_command():
    text = call("--help").output
    for name in ("clean", "render", "status", "demo", "lab", "share"):
        assert name in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["render", "02_none"], "no notebook '02_none'"),
        (["render", "--province", "albroz"], "did you mean 'alborz'"),
        (["render", "--period", "yesterday"], "is not a period"),
        (["render", "--lang", "ar"], "it is one of: fa, en"),
        (["render", "--to", "docx"], "is not a format"),
        (["render", "--param", "flow"], "expected --param NAME=VALUE"),
        (["render", "--param", "provinse=qom"], "did you mean 'province'"),
        (["render", "--province", ""], "expected SLUG,...|all, found nothing"),
        (["render", "--batch", "none.yml"], "expected a batch file"),
        (["render", "--batch", "empty.yml"], "empty.yml: Expected `object`"),
        (["render", "--batch", "listed.yml"], "listed.yml, parameters: Expected `object`"),
        (["render", "--raw", "none"], "Directory 'none' does not exist"),
        (["clean", "--raw", "none"], "Directory 'none' does not exist"),
        (["new", "ports"], "expected two digits"),
        (["demo", "--rows", "5"], "at least 2,000 rows"),
        (["sample", "--rows", "5"], "is now `workbench demo`"),
        (["share", *SHARED, "--period", "1404M13"], "months run from 1 to 12"),
        (["share", *SHARED, "--period", "1404"], "expected the manifest"),
        (["render", "--jobs", "0"], "Invalid value"),
        (["render", "--cell-timeout", "0"], "Invalid value"),
        (["rendr"], "No such command"),
    ],
)
@pytest.mark.usefixtures("project")
def test_a_wrong_call_is_exit_2_in_words_and_starts_nothing(arguments, words, tmp_path):
    result = call(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert not list((tmp_path).glob("outputs/*"))


@pytest.mark.parametrize(
    "arguments", [["render", "--province", "albroz"], ["render", "--jobs", "0"], ["clean", "now"]]
)
@pytest.mark.usefixtures("project")
def test_an_error_is_one_json_document_where_json_is_asked_for(arguments):
    result = call(*arguments, "--json")
    assert (result.exit_code, set(json.loads(result.stdout))) == (2, {"error"})


@pytest.mark.parametrize(
    "arguments",
    [
        ["clean", "--raw=notebooks", "--processed=pyproject.toml/x"],
        ["demo", "--rows=2000", "--out=pyproject.toml"],
        ["render", "--outputs=pyproject.toml/x"],
    ],
)
@pytest.mark.usefixtures("project")
def test_what_the_disk_refuses_is_exit_1_in_words(arguments):
    result = call(*arguments)
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)
    assert "pyproject.toml" in result.stderr


@pytest.mark.parametrize("arguments", [["new", "08_x"], ["lab"], ["demo"], ["status"]])
def test_outside_a_project_a_command_says_where_to_go(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WORKBENCH_ROOT", raising=False)
    monkeypatch.delenv("WORKBENCH_RAW", raising=False)
    result = call(*arguments)
    assert result.exit_code == 2
    assert "expected" in result.stderr


@pytest.mark.parametrize("arguments", [["status"], ["render"], ["clean"], ["lab"]])
def test_a_root_that_is_no_folder_is_refused_and_not_made(arguments, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_ROOT", str(tmp_path / "no"))
    result = call(*arguments)
    assert result.exit_code == 2
    assert "WORKBENCH_ROOT" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (["clean"], "helpers.preparation.prepare"),
        (["render", "--lang=fa"], "workbench.batch.plan_reports"),
        (["status"], "workbench.batch.plan_reports"),
        (["fetch", "tccim"], "helpers.customs.fetching.fetch_all"),
        (["demo", "--rows=2000", "--out=demo"], "helpers.demo.command.write_demo"),
    ],
)
@pytest.mark.usefixtures("project")
def test_whoever_is_interrupted_says_so_in_json_where_it_is_asked_for(
    arguments, where, monkeypatch
):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(where, interrupted)
    result = call(*arguments, "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (1, {"error": "interrupted"})
    assert "the same command resumes" in result.stderr


def test_arguments_of_jupyterlab_are_passed_on(project, monkeypatch):
    started = []
    monkeypatch.setattr(cli.subprocess, "run", lambda command, **_: started.append(command))
    call("lab", "--port=9999", "--no-browser")
    [command] = started
    assert command[-3:] == [f"--notebook-dir={project}/notebooks", "--port=9999", "--no-browser"]


def test_a_failure_is_told_in_plain_lines(capsys):
    from workbench.record import Result

    failed = Result(
        "1404/qom/x.fa", "failed", cell="cell 3: y", message="No: z", executed="f.ipynb"
    )
    cli._tell_results([failed], [], cli.Path("outputs"), as_json=False)
    told = capsys.readouterr().err
    assert told == "failed: 1404/qom/x.fa\n  cell 3: y\n  No: z\n  outputs/f.ipynb\n"


@pytest.mark.usefixtures("project")
def test_a_dry_run_and_the_status_say_what_is_stale_and_why():
    dry = json.loads(call("render", "01_first", "--lang", "fa", "--dry-run", "--json").stdout)
    assert dry["reports"] == [
        {"report": "1404M01-07/alborz/01_first.fa", "stale": True, "reasons": ["never rendered"]}
    ]
    status = json.loads(call("status", "--json").stdout)
    assert {r["report"][-3:] for r in status["reports"]} == {".fa", ".en"}
    assert status["data"] == {"stale": False, "reasons": []}
    assert "never rendered" in call("status").stdout


@pytest.mark.usefixtures("project")
def test_the_parameters_of_a_notebook_are_explained():
    result = call("render", "01_first", "--help-notebook")
    assert result.exit_code == 0
    assert "lang: str = 'fa'\n      one of: fa, en" in result.stdout


@pytest.mark.usefixtures("project")
def test_cleaning_without_raw_files_says_what_to_do():
    result = call("clean")
    assert result.exit_code == 1
    assert "no folder of raw files" in result.stderr


def test_cleaning_says_where_rows_do_not_reach_the_total_of_their_file(project):
    (project / "raw").mkdir()
    lines = ["تعرفه,کشور,ارزش دلاری", "39012000,عراق,1000", "مجموع,,1500"]
    (project / "raw" / "export 1404.csv").write_text("\n".join(lines), encoding="utf-8")
    result = call("clean", f"--raw={project / 'raw'}", f"--processed={project / 'processed'}")
    assert "check: export 1404.csv: its rows less its own total in row 3: value_usd -500" in (
        result.stderr
    )
    assert result.exit_code == 0


@pytest.mark.parametrize("arguments", [["--help"], ["status"], ["render", "--dry-run"]])
def test_light_commands_import_nothing_heavy(project, arguments):
    heavy = {"pandas", "matplotlib", "papermill", "nbconvert", "importlib.metadata"}
    code = (
        "import sys\nfrom workbench import cli\n"
        f"try: cli.main({arguments!r})\nexcept SystemExit: pass\n"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_the_main_job_from_synthetic_files_to_pages(project):
    """Write, clean and render in one go: the data are cleaned once, and only when they change."""
    raw = write_demo(project / "demo", 2_000)
    told = [f"--raw={raw}", f"--processed={project / 'processed'}"]
    cleaned = call("clean", "--json", *told)
    quality = json.loads(cleaned.stdout)
    for file in quality["files"]:
        rows = file["rows"]
        assert rows["read"] == rows["kept"] + rows["rejected"] + rows["structural"]
    assert cleaned.exit_code == 0
    notebook = write_notebook(
        project / "notebooks" / "01_first.ipynb",
        "from helpers import store\nfrom helpers.periods import parse_period\n"
        "store.totals(['flow'], period=parse_period(period), flow=None)",
    )
    command = [sys.executable, "-m", "workbench.cli", "render", notebook, "--to=html", "--json"]
    outcomes = [
        subprocess.run([*command, *told], cwd=project, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    first, second = (json.loads(outcome.stdout) for outcome in outcomes)
    assert (first["rendered"], second["fresh"]) == (2, 2)
    assert "cleaning it first" not in outcomes[0].stderr
    assert (project / "outputs" / "index.html").is_file()
    for name in ("manifest.json", "index.html"):
        (project / "outputs" / name).unlink()
    (raw / "bad.csv").write_text("no table")
    # Fresh reports are listed again, and a file that is not in them is no success: each time.
    for _ in range(2):
        done = subprocess.run([*command, *told], cwd=project, capture_output=True, text=True)
        document = json.loads(done.stdout)
        assert (done.returncode, document["failed"]) == (1, 0)
        assert [file["source_file"] for file in document["raw_files_not_used"]] == ["bad.csv"]
        assert (project / "outputs" / "index.html").is_file()

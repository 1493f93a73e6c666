"""The shape of every notebook, and that they run where the data are thin."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from conftest import declarations
from helpers import places
from helpers.schema import LANGS, PROVINCES
from run_cells import run_cells
from said import numbers
from workbench import parameters

ROOT = Path(__file__).parents[1]
PATHS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
REPORTS = [path for path in PATHS if not path.name.startswith("00_")]
every_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
every_report = pytest.mark.parametrize("path", REPORTS, ids=lambda p: p.stem)

LONGEST_CELL = 15
TAGS = {
    "parameters", "setup", "load", "narrative", "reconcile", "provenance", *LANGS, "hide", "keep",
    "brief", "unanswered",
}  # fmt: skip
NOT_IN_CELLS = (
    ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.AsyncFunctionDef, ast.Try,
)  # fmt: skip


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text("utf-8"))["cells"]


def tags(cell: dict) -> list[str]:
    return cell["metadata"].get("tags", [])


def source(cell: dict) -> str:
    return "".join(cell["source"])


def code(path: Path) -> list[dict]:
    return [cell for cell in cells(path) if cell["cell_type"] == "code"]


def tagged(path: Path, tag: str) -> list[dict]:
    return [cell for cell in cells(path) if tag in tags(cell)]


def lines(cell: dict) -> list[str]:
    stripped = [line.strip() for line in source(cell).splitlines()]
    return [line for line in stripped if line and not line.startswith("#")]


# Shape


def test_there_are_notebooks():
    assert {path.stem for path in PATHS} >= {"02_check_published_figures", "03_compare_with_nation"}


def test_notebooks_are_numbered_and_named_verb_first_or_by_their_question():
    stems = [path.stem for path in (ROOT / "notebooks").glob("*.ipynb")]
    assert not [stem for stem in stems if not re.fullmatch(r"[0-9]{2}_[a-z0-9_]+", stem)]
    numbered = [stem[:2] for stem in stems]
    assert len(set(numbered)) == len(numbered)


@every_notebook
def test_a_notebook_holds_no_outputs(path):
    for cell in code(path):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


@every_notebook
def test_a_notebook_runs_on_the_plain_kernel_and_has_fixed_ids(path):
    notebook = json.loads(path.read_text("utf-8"))
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert notebook["nbformat"] == 4
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)


@every_notebook
def test_a_notebook_has_its_fixed_cells_in_order(path):
    fixed = ["parameters", "setup", "load", "provenance"]
    found = [t for cell in cells(path) for t in tags(cell) if t in fixed]
    assert found == fixed
    assert "provenance" in tags(code(path)[-1]), "provenance is the last code cell"


@every_report
def test_a_report_reconciles_before_it_ends(path):
    kinds = [tag for cell in code(path) for tag in tags(cell)]
    assert "reconcile" in kinds
    assert kinds.index("reconcile") < kinds.index("provenance")


@every_notebook
def test_cells_have_only_tags_that_mean_something(path):
    assert {tag for cell in cells(path) for tag in tags(cell)} <= TAGS


@every_notebook
def test_years_stand_among_the_parameters_only(path):
    """A year in a cell is wrong on the page of another; in a table's name it is a name."""
    others = [cell for cell in code(path) if "parameters" not in tags(cell)]
    years = re.compile(r"(?<![0-9_-])1[34][0-9]{2}(?![0-9])")
    assert [cell["id"] for cell in others if years.search(source(cell))] == []


@every_notebook
def test_cells_are_short(path):
    long = {cell["id"]: len(lines(cell)) for cell in code(path) if len(lines(cell)) > LONGEST_CELL}
    assert long == {}


@every_notebook
def test_cells_define_nothing_loop_over_nothing_and_do_not_print(path):
    for cell in code(path):
        tree = ast.parse(source(cell))
        found = [type(node).__name__ for node in ast.walk(tree) if isinstance(node, NOT_IN_CELLS)]
        assert found == [], cell["id"]
        called = [n.func for n in ast.walk(tree) if isinstance(n, ast.Call)]
        assert "print" not in [f.id for f in called if isinstance(f, ast.Name)], cell["id"]


@every_notebook
def test_after_the_parameters_no_cell_holds_a_slug_a_period_or_a_path(path):
    known = set(PROVINCES)
    for cell in code(path):
        if "parameters" in tags(cell):
            continue
        words = [
            node.value
            for node in ast.walk(ast.parse(source(cell)))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        assert not known & set(words), cell["id"]
        assert not [w for w in words if w.startswith(("/", "~", "../"))], cell["id"]


# Parameters


@every_notebook
def test_a_notebook_declares_the_three_parameters_with_their_defaults(path):
    declared = parameters.declared(path)
    defaults = {name: declared[name].default for name in ("province", "period", "lang")}
    period = "1404M01-07" if path == CHECK else "1404M01-10"
    assert defaults == {"province": "alborz", "period": period, "lang": "fa"}
    assert {declared[name].type for name in defaults} == {"str"}


@every_notebook
def test_each_parameter_has_one_help_comment_that_papermill_can_read(path):
    for name, parameter in parameters.declared(path).items():
        assert parameter.help, name
        assert "=" not in parameter.help, name


@every_notebook
def test_the_record_holds_every_parameter(path):
    call = ast.parse(source(tagged(path, "provenance")[0])).body[-1].value
    given = {keyword.arg for keyword in call.keywords}
    assert given == set(parameters.declared(path))
    assert call.args[0].value == path.stem


# Words


def pairs(path: Path) -> list[tuple[dict, dict]]:
    worded = [cell for cell in cells(path) if cell["cell_type"] == "markdown"]
    return list(zip(worded[::2], worded[1::2], strict=True))


@every_report
def test_words_come_in_pairs_persian_first(path):
    for fa, en in pairs(path):
        spoken = [[tag for tag in tags(cell) if tag != "brief"] for cell in (fa, en)]
        assert spoken == [["fa"], ["en"]], fa["id"]
        assert re.search("[\u0600-\u06ff]", source(fa)), fa["id"]
        assert not re.search("[\u0600-\u06ff]", source(en)), en["id"]


@every_report
def test_a_pair_has_the_same_headings_and_lists(path):
    for fa, en in pairs(path):
        shape = [re.findall(r"^(?:#+ |- )", source(cell), re.MULTILINE) for cell in (fa, en)]
        assert shape[0] == shape[1], fa["id"]


@every_report
def test_persian_words_are_written_with_care(path):
    for fa, _ in pairs(path):
        text = re.sub(r"`[^`]*`|\]\([^)]*\)|https?://\S+", "", source(fa))
        assert not re.search("[يك]", text), "Arabic letters"
        assert not re.search("[0-9٠-٩]", text), "digits are Persian"
        assert not re.search(r"\b(?:می|نمی) \w", text), "a half-space after می"
        assert not re.search(r"[\u0600-\u06ff] (?:ها|های|هایی|تر|ترین)\b", text), "a half-space"
        assert '"' not in text, "quotation marks are «»"
        assert not re.search(r"[\u0600-\u06ff][,;?]", text), "Persian punctuation"


@every_report
def test_english_words_have_quotes_and_apostrophes_of_print(path):
    for _, en in pairs(path):
        assert not re.findall(r"""\S*["']\S*""", re.sub(r"`[^`]*`|\$[^$]*\$", "", source(en)))


@every_report
def test_the_first_screen_says_what_province_means(path):
    fa, en = (source(cell) for cell in pairs(path)[0])
    assert fa.startswith("# ")
    assert re.search("اظهار|ترخیص", fa)
    assert re.search("declared|cleared", en)


@every_report
def test_a_report_ends_with_its_strengths_and_limits(path):
    english = "\n".join(source(en) for _, en in pairs(path))
    headings = re.findall("^## .*", english, re.MULTILINE)
    assert re.search("annot tell|trengths and limits", headings[-1])


def shows_a_picture(cell: dict) -> bool:
    last = lines(cell)[-1] if lines(cell) else ""
    return cell["cell_type"] == "code" and last.startswith(("figures.", "tables."))


@every_report
def test_no_two_pictures_stand_without_words_between(path):
    kept = [c for c in cells(path) if c["cell_type"] == "code" or "fa" in tags(c)]
    pictures = [shows_a_picture(cell) for cell in kept]
    neighbours = zip(pictures, pictures[1:], kept, strict=False)
    assert not [cell["id"] for one, other, cell in neighbours if one and other]


# Runs

MONTHS = [(year, month) for year in (1402, 1403, 1404) for month in range(1, 13)]
GOODS = (("30049099", 9000.0, 900.0), ("72071110", 500.0, 1000.0), ("08025110", 3000.0, 400.0))


def small_sample() -> pd.DataFrame:
    """Three goods of three provinces in every month, a little more each year."""
    rows = [
        {
            "year_sh": year, "month_first_sh": month, "month_last_sh": month, "province": province,
            "hs_code": code_, "hs2_code": code_[:2], "hs4_code": code_[:4], "hs6_code": code_[:6],
            "value_usd": value * size * (year - 1400) * (1 + month / 50),
            "net_mass_kg": mass * size * (year - 1400), "partner_iso3": partner, "flow": flow,
            "is_synthetic": True, "source_file": "sample/small.xlsx",
        }
        for year, month in MONTHS
        for province, size in (("alborz", 1.0), ("tehran", 5.0), ("unallocated", 0.5))
        for (code_, value, mass), partner in zip(GOODS, ("IRQ", "CHN", "AFG"), strict=True)
        for flow in ("export", "import")
    ]  # fmt: skip
    return declarations(*rows)


def write_small_sample(store: Path) -> None:
    """Writes the sample as the declarations of a store."""
    for (flow, year), rows in small_sample().groupby(["flow", "year_sh"]):
        part = store / "declarations" / f"flow={flow}" / f"year_sh={year}" / "part.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        rows.drop(columns=["flow", "year_sh"]).to_parquet(part, index=False)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A processed folder of the published figures alone."""
    folder = tmp_path_factory.mktemp("data")
    raw = folder / "raw"
    raw.mkdir()
    shutil.copytree(ROOT / "data" / "raw" / "published", raw / "published")
    command = [sys.executable, "-m", "workbench.cli", "clean", f"--raw={raw}"]
    subprocess.run([*command, f"--processed={folder / 'published'}"], check=True, timeout=120)
    return folder / "published"


@pytest.fixture(scope="module")
def sampled(prepared: Path, tmp_path_factory) -> Path:
    """The same with a small synthetic sample."""

    folder = tmp_path_factory.mktemp("sampled") / "processed"
    shutil.copytree(prepared, folder)
    write_small_sample(places.current(folder))
    return folder


def ran(path: Path, processed: Path, **given: str) -> str:
    """What the notebook shows, run in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_PROCESSED", str(processed))
        patch.setenv("WORKBENCH_ROOT", str(ROOT))
        return run_cells(path, **given)


def ran_plainly(path: Path, processed: Path, target: Path, **given: str) -> str:
    """The same with the command papermill and the notebook's own kernel: no workbench in sight."""
    chosen = [part for pair in given.items() for part in ("-p", *pair)]
    command = [sys.executable, "-m", "papermill", str(path), str(target), *chosen]
    environment = os.environ | {"WORKBENCH_PROCESSED": str(processed), "WORKBENCH_ROOT": str(ROOT)}
    done = subprocess.run(
        [*command, "--log-level", "ERROR", "--no-progress-bar"],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return shown_by(target)


def shown_by(target: Path) -> str:
    outputs = [output for cell in code(target) for output in cell["outputs"]]
    return "".join("".join(o.get("data", {}).get("text/html", "")) for o in outputs)


def is_synthetic(target: Path) -> bool:
    bundle = code(target)[-1]["outputs"][0]["data"]
    return bundle["application/vnd.alborz-workbench.provenance+json"]["is_synthetic"]


CHECK = ROOT / "notebooks" / "02_check_published_figures.ipynb"
COMPARE = ROOT / "notebooks" / "03_compare_with_nation.ipynb"


@pytest.mark.slow
@every_report
def test_both_languages_of_a_page_carry_the_same_numbers(path, demo_pages):
    folder = demo_pages / "1404M01-07" / "alborz"
    records = [json.loads((folder / f"{path.stem}.{lang}.json").read_text()) for lang in LANGS]
    # The place of a number in a table is named in the table's language.
    fields = ("name", "value", "unit")
    fa, en = (
        sorted(str([n[field] for field in fields]) for n in record["numbers"]) for record in records
    )
    assert len(fa) > 5
    assert fa == en
    for lang in LANGS:
        page = (folder / f"{path.stem}.{lang}.html").read_text("utf-8")
        assert not re.search(r">\s*(nan|None|NaN|&lt;NA&gt;)\s*<", page)
    assert {record["is_synthetic"] for record in records} == {path != CHECK}


@pytest.mark.slow
def test_published_figures_are_checked_without_any_declarations(prepared, tmp_path):
    target = tmp_path / "02.ipynb"
    assert len(numbers(ran_plainly(CHECK, prepared, target, province="ilam", period="1400"))) > 20
    assert is_synthetic(target) is False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"province": "ilam"}, "a province without any declaration"),
        ({"period": "1402"}, "no year before"),
        ({"period": "1399Q2"}, "no rows of the period at all"),
        ({"period": "1404M12"}, "a single month"),
    ],
)
def test_a_comparison_without_data_says_so_instead_of_failing(given, reason, sampled):
    assert "wb-say" in ran(COMPARE, sampled, lang="en", **given), reason


@pytest.mark.slow
@every_report
def test_every_report_says_so_where_there_are_no_data(path, sampled):
    shown = ran(path, sampled, province="ilam", period="1399Q2", lang="en")
    assert re.search("wb-say|wb-unanswered", shown)
    assert not re.search(r">\s*(nan|None|NaN|&lt;NA&gt;)\s*<", shown)

"""What a result was made from: the last cell of every notebook, the record beside every page."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version
from platform import python_version

from helpers import store
from helpers.places import processed_dir, project_root
from helpers.schema import PROVENANCE_MIME, Lang

NAMED_PACKAGES = (
    "alborz-trade-workbench", "jupyterlab", "pandas", "matplotlib", "seaborn", "papermill",
    "nbconvert", "duckdb",
)  # fmt: skip

_WORDS = {
    "fa": {
        "title": "این صفحه از چه ساخته شد",
        "notebook": "دفترچه",
        "parameters": "پارامترها",
        "created": "زمان اجرا (UTC)",
        "git": "نسخهٔ کد",
        "inputs": "ورودی‌ها",
        "rows": "سطرها",
        "versions": "نسخه‌ها",
        "read": "خوانده",
        "kept": "پذیرفته",
        "rejected": "ردشده",
        "structural": "ساختاری",
    },
    "en": {
        "title": "What this page was made from",
        "notebook": "Notebook",
        "parameters": "Parameters",
        "created": "Run at (UTC)",
        "git": "Version of the code",
        "inputs": "Inputs",
        "rows": "Rows",
        "versions": "Versions",
        "read": "read",
        "kept": "kept",
        "rejected": "rejected",
        "structural": "structural",
    },
}


@dataclass(frozen=True)
class Record:
    """The record of a run: shown as a folded table, read back by the export."""

    facts: dict
    lang: Lang

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return {
            PROVENANCE_MIME: self.facts,
            "text/html": self._html(),
            "text/plain": json.dumps(self.facts),
        }

    def _html(self) -> str:
        words, facts = _WORDS[self.lang], self.facts
        rows = facts["rows"]
        lines = {
            "notebook": facts["notebook"],
            "parameters": ", ".join(f"{k} = {v}" for k, v in facts["parameters"].items()),
            "created": facts["created"],
            "git": facts["git"] or "–",
            "inputs": ", ".join(f"{i['path']} ({i['sha256'][:12]})" for i in facts["inputs"]),
            "rows": ", ".join(f"{words[k]} {rows[k]}" for k in rows),
            "versions": ", ".join(f"{k} {v}" for k, v in facts["versions"].items()),
        }
        items = "".join(
            f"<dt>{escape(words[key])}</dt><dd><bdi>{escape(str(value))}</bdi></dd>"
            for key, value in lines.items()
        )
        summary = f"<summary>{escape(words['title'])}</summary>"
        return f'<details class="wb-provenance">{summary}<dl>{items}</dl></details>'


def record(notebook: str, *, lang: Lang, **parameters: object) -> Record:
    """The record of this run, from what `store` was asked in it.

    Args:
        notebook: the stem of the notebook.
        lang: language of the shown table.
        **parameters: the effective parameters, as the cells above used them.

    Returns:
        A `Record`; its `is_synthetic` is true where declarations were used and none are real.
    """
    used = store.used()
    quality = _quality()
    facts = {
        "notebook": notebook,
        "parameters": {**parameters, "lang": lang},
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": _git_commit(),
        "is_synthetic": "declarations" in used and store.is_synthetic(),
        "tables": sorted(used),
        "inputs": _inputs(quality, used),
        "rows": _row_counts(quality, used),
        "versions": {"python": python_version()} | {n: version(n) for n in NAMED_PACKAGES},
    }
    return Record(facts, lang)


def _quality() -> dict:
    """`quality.json`, read past `store`: to record a run is not to use the declarations."""
    path = processed_dir() / "quality.json"
    quality = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"files": []}
    return quality | {"files": [*quality["files"], *quality.get("carried", [])]}


def _inputs(quality: dict, used: frozenset[str]) -> list[dict]:
    files = [file for file in quality["files"] if _was_used(file, used)]
    return [{"path": f["source_file"], "sha256": f["sha256"]} for f in files]


def _row_counts(quality: dict, used: frozenset[str]) -> dict[str, int]:
    kinds = ("read", "kept", "rejected", "structural")
    files = [file["rows"] for file in quality["files"] if _was_used(file, used)]
    return {kind: sum(rows[kind] for rows in files) for kind in kinds}


def _was_used(file: dict, used: frozenset[str]) -> bool:
    is_published = file["layout"] == "published"
    return any(table.startswith("published/") == is_published for table in used)


def _git_commit() -> str:
    """The commit, with a plus sign where the tree was changed since; empty outside git."""
    root = project_root()
    if not (root / ".git").exists() or not shutil.which("git"):
        return ""
    return subprocess.run(
        ["git", "describe", "--always", "--dirty=+"],
        cwd=root, capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip

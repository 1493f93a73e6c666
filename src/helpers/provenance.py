"""What a result was made from: the last cell of every notebook, the record beside every page."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from html import escape
from platform import python_version
from typing import Any

from helpers import memory, store
from helpers.customs.quality import FileAccount, Quality
from helpers.documents import read_json
from helpers.places import processed_dir, project_root
from helpers.schema import PROVENANCE_MIME, Lang
from helpers.telling.numbers import words_of

NAMED_PACKAGES = (
    "alborz-trade-workbench", "jupyterlab", "pandas", "matplotlib", "seaborn", "papermill",
    "nbconvert", "duckdb",
)  # fmt: skip


@dataclass(frozen=True)
class Provenance:
    """The record of a run: shown as a folded table, read back by the export.

    Attributes:
        facts: notebook, parameters, time, commit, tables used, inputs with hashes, rows, versions.
        lang: language of the shown table.
    """

    facts: dict[str, Any]
    lang: Lang

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return {
            PROVENANCE_MIME: self.facts,
            "text/html": self._html(),
            "text/plain": json.dumps(self.facts),
        }

    def _html(self) -> str:
        facts, lang, words = self.facts, self.lang, words_of("provenance")
        inputs = (f"{i['path']} ({i['sha256'][:12]})" for i in facts["inputs"])
        rows = (f"{words['rows'][kind][lang]} {n}" for kind, n in facts["rows"].items())
        shown = facts | {"git": facts["git"] or "–", "inputs": ", ".join(inputs)}
        shown |= {"rows": ", ".join(rows), "versions": _listed(facts["versions"], " ")}
        shown |= {"parameters": _listed(facts["parameters"], " = ")}
        items = "".join(
            f"<dt>{escape(label[lang])}</dt><dd><bdi>{escape(str(shown[name]))}</bdi></dd>"
            for name, label in words["lines"].items()
        )
        summary = f"<summary>{escape(words['title'][lang])}</summary>"
        return f'<details class="wb-provenance">{summary}<dl>{items}</dl></details>'


def record(notebook: str, *, lang: Lang, **parameters: object) -> Provenance:
    """The record of this run, from what `store` was asked in it.

    Args:
        notebook: the stem of the notebook.
        lang: language of the shown table.
        **parameters: the effective parameters, as the cells above used them.

    Returns:
        A `Record`; its `is_synthetic` is true where declarations were used and none are real.
    """
    used = store.used()
    # Past `store`: to record a run is not to use the data.
    quality = read_json(processed_dir() / "quality.json", Quality)
    every = [*quality.files, *quality.carried] if quality else []
    files = [file for file in every if _was_used(file, used)]
    kinds = words_of("provenance")["rows"]
    facts = {
        "notebook": notebook,
        "parameters": {**parameters, "lang": lang},
        "created": memory.now(),
        "git": _git_commit(),
        "is_synthetic": "declarations" in used and store.is_synthetic(),
        "tables": sorted(used),
        "inputs": [{"path": f.source_file, "sha256": f.sha256} for f in files],
        "rows": {kind: sum(getattr(f.rows, kind) for f in files) for kind in kinds},
        "versions": {"python": python_version()}
        | {n: memory.version_of(n) for n in NAMED_PACKAGES},
    }
    return Provenance(facts, lang)


def _was_used(file: FileAccount, used: frozenset[str]) -> bool:
    roots, apart = {table.partition("/")[0] for table in used}, {"published", "world"}
    return file.layout in roots if file.layout in apart else bool(roots - apart)


def _listed(words: dict[str, Any], sign: str) -> str:
    return ", ".join(f"{name}{sign}{word}" for name, word in words.items())


def _git_commit() -> str:
    """The commit, with a plus sign where the tree was changed since; empty outside git."""
    root = project_root()
    if not (root / ".git").exists() or not shutil.which("git"):
        return ""
    command = ["git", "describe", "--always", "--dirty=+"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.strip()

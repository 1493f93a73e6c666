"""Small executed notebooks, written by hand: what the export tests read."""

from __future__ import annotations

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

PROVENANCE = "application/vnd.alborz-workbench.provenance+json"
HOSTILE = '<script>document.title = "taken"</script>"><img src=x onerror="document.title=1">'


def markdown(text: str, *tags: str) -> NotebookNode:
    return new_markdown_cell(text, id=_id(text), metadata={"tags": list(tags)})


def shows(data: dict, *tags: str, metadata: dict | None = None) -> NotebookNode:
    output = new_output("display_data", data=data, metadata=metadata or {})
    cell = new_code_cell("secret_source()", id=_id(str(data)), outputs=[output])
    cell.metadata["tags"] = list(tags)
    return cell


def notebook(*cells: NotebookNode, lang: str = "fa", **parameters: object) -> NotebookNode:
    made = {"province": "alborz", "period": "1404M01-07", "lang": lang, **parameters}
    return new_notebook(cells=list(cells), metadata={"papermill": {"parameters": made}})


def provenance(is_synthetic: object) -> NotebookNode:
    shown = '<details class="wb-provenance"><summary>record</summary><dl><dt>a</dt><dd>b</dd></dl>'
    return shows({PROVENANCE: {"is_synthetic": is_synthetic}, "text/html": shown})


def number(shown: str, value: str = "837.25", source: str = "انجمن & IRICA") -> str:
    from html import escape

    return (
        f'<data class="wb-number" value="{value}" data-name="unit_value" data-unit="USD/t" '
        f'data-scope="alborz" data-period="1404M01-07" title="{escape(source)}">{shown}</data>'
    )


def _id(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:8]


def write(made: NotebookNode, path) -> None:
    nbformat.validate(made)
    nbformat.write(made, path)

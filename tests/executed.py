"""Small executed notebooks, written by hand: what the tests of pages read."""

from __future__ import annotations

import hashlib
from html import escape
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

PROVENANCE = "application/vnd.alborz-workbench.provenance+json"
HOSTILE = (
    '<script>document.title = "taken"</script>"><img src=x onerror="document.title=\'taken\'">'
)
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 9L9 0"/></svg>'


def markdown(text: str, *tags: str) -> NotebookNode:
    """A markdown cell."""
    return new_markdown_cell(text, id=_id(text), metadata={"tags": list(tags)})


def shows(data: dict | str, *tags: str, metadata: dict | None = None) -> NotebookNode:
    """A code cell that displayed data by MIME type, or HTML."""
    data = {"text/html": data} if isinstance(data, str) else data
    return ran(new_output("display_data", data=data, metadata=metadata or {}), *tags)


def ran(output: NotebookNode, *tags: str) -> NotebookNode:
    """A code cell with one output."""
    cell = new_code_cell("secret_source()", id=_id(str(output)), outputs=[output])
    cell.metadata["tags"] = list(tags)
    return cell


def parameters(source: str) -> NotebookNode:
    """The cell that declares the parameters."""
    return new_code_cell(source, id="parameters", metadata={"tags": ["parameters"]})


def notebook(*cells: NotebookNode, **given: object) -> NotebookNode:
    """A notebook that papermill ran with the given parameters."""
    made = {"province": "alborz", "period": "1404M01-07", "lang": "fa", **given}
    return new_notebook(cells=list(cells), metadata={"papermill": {"parameters": made}})


def provenance(is_synthetic: object) -> NotebookNode:
    """The last cell of our notebooks."""
    shown = '<details class="wb-provenance"><summary>record</summary><p>of the run</p></details>'
    return shows({PROVENANCE: {"is_synthetic": is_synthetic}, "text/html": shown})


def number(shown: str, value: str = "837.25", source: str = "گمرک & IRICA") -> str:
    """A number as the pages write it."""
    return (
        f'<data class="wb-number" value="{value}" data-name="unit_value" data-unit="USD/t" '
        f'data-scope="alborz" data-period="1404M01-07" title="{escape(source)}">{shown}</data>'
    )


def report(lang: str = "fa", is_synthetic: object = False) -> NotebookNode:
    """A report with one of everything, hostile text included."""
    rows = "".join(f"<tr><th>{i}</th>" + "<td>123,456,789</td>" * 9 + "</tr>" for i in range(60))
    head = "<tr>" + "<th>heading of a column</th>" * 10 + "</tr>"
    chart = f'<figure class="wb-chart"><figcaption>t</figcaption><img src="data:image/png;base64,{DOT}" alt="a dot"></figure>'  # noqa: E501
    return notebook(
        markdown("# آیا صادرات البرز گران‌تر است؟\n\nارزش هر تن در UN Comtrade.", "fa"),
        markdown("# Are the exports of Alborz worth more?\n\nThe word البرز stays whole.", "en"),
        shows(f'<dl class="wb-cards"><div class="wb-card"><dt>a</dt><dd>{number("۸۳۷")}</dd></dl>'),
        markdown("## ارزش هر تن", "fa"),
        markdown("## Value per tonne", "en"),
        shows(f'<p class="wb-say">{number("۸۳۷")}</p><p class="wb-doubt">doubt</p>'),
        shows(chart),
        shows({"image/svg+xml": SVG, "text/plain": "<Figure>"}, metadata={"alt": "a line"}),
        markdown("## جدول", "fa"),
        markdown("## Table", "en"),
        shows(f'<table class="gt_table"><thead>{head}</thead><tbody>{rows}</tbody></table>'),
        shows(HOSTILE),
        markdown(HOSTILE),
        provenance(is_synthetic),
        lang=lang,
    )


def write(made: NotebookNode, path: Path) -> Path:
    """The notebook in a file."""
    nbformat.write(made, path)
    return path


def _id(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]

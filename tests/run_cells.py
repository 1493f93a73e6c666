"""The cells of a notebook run in this process, as Run All runs them, and what they show."""

from __future__ import annotations

import ast
import json
from pathlib import Path


def code_cells(path: Path) -> list[tuple[set[str], str]]:
    """Tags and source of each code cell."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    return [(set(cell["metadata"].get("tags", [])), "".join(cell["source"])) for cell in code]


def run_cells(path: Path, *, without: str = "", **given: object) -> str:
    """What the cells show as HTML, but for those with a tag, with these parameters."""
    names: dict[str, object] = {}
    shown = []
    for tags, source in code_cells(path):
        if without in tags:
            continue
        body = ast.parse(source).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), path.stem, "exec"), names)
        if last:
            shown.append(_html(eval(compile(ast.Expression(last.value), path.stem, "eval"), names)))
        if "parameters" in tags:
            names |= given
    return "".join(shown)


def _html(value: object) -> str:
    if bundle := getattr(value, "_repr_mimebundle_", None):
        return bundle().get("text/html", "")
    return value._repr_html_() if hasattr(value, "_repr_html_") else ""

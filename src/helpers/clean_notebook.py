"""A notebook as it is kept in git: what people wrote, without what a run left behind.

Git runs this on every notebook that is added (`.gitattributes`, set up by the Makefile), so that
differences are readable and no figure of a run is kept by accident. It imports nothing heavy,
because git waits for it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""The plain kernel, whichever one the notebook was last run with: it is there on any machine."""


def cleaned(text: str) -> str:
    """The notebook without outputs, execution counts and metadata but tags.

    What is not a notebook of format 4 (a merge in progress, say) comes back as it is.
    """
    try:
        notebook = json.loads(text)
        cells = [_cleaned_cell(cell) for cell in notebook["cells"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return text
    kept = {"cells": cells, "metadata": KERNEL, **_rest(notebook, ("cells", "metadata"))}
    return json.dumps(kept, ensure_ascii=False, indent=1) + "\n"


def _cleaned_cell(cell: dict[str, Any]) -> dict[str, Any]:
    tags = cell["metadata"].get("tags")
    written = {
        "cell_type": cell["cell_type"],
        **({"id": cell["id"]} if "id" in cell else {}),
        "metadata": {"tags": tags} if tags else {},
        "source": cell["source"],
    }
    ran = {"execution_count": None, "outputs": []} if cell["cell_type"] == "code" else {}
    return {**written, **ran, **_rest(cell, (*written, "execution_count", "outputs"))}


def _rest(given: dict[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """What else there is (an attached picture), after what is always there, in one order."""
    return {name: given[name] for name in sorted(given) if name not in known}


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.write(cleaned(sys.stdin.read()))

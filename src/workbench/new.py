"""A new notebook from the template: parameters, checks, both languages and the record are there."""

import re
from pathlib import Path

from helpers.schema import HelpersError
from workbench.project import project


def new_notebook(name: str, folder: Path) -> Path:
    """Writes a notebook that already runs, renders in both languages and passes the tests.

    Args:
        name: number and question, as `08_compare_ports`.
        folder: where the notebooks are.

    Returns:
        The notebook.

    Raises:
        HelpersError: the name is not of that form, or its number or file is taken.
    """
    if not re.fullmatch(r"[0-9]{2}_[a-z0-9]+(?:_[a-z0-9]+)*", name):
        raise HelpersError(
            f"{name!r} is not the name of a notebook: expected two digits, then lower-case words "
            "joined by `_`, as 08_compare_ports"
        )
    taken = sorted(path.name for path in folder.glob(f"{name[:2]}_*.ipynb"))
    if taken:
        numbers = {path.name[:2] for path in folder.glob("[0-9][0-9]_*.ipynb")}
        free = next(f"{n:02}" for n in range(1, 100) if f"{n:02}" not in numbers)
        raise HelpersError(f"the number {name[:2]} is taken by {taken[0]}; {free} is free")
    path = folder / f"{name}.ipynb"
    path.write_text(project().NEW_NOTEBOOK.read_text("utf-8").replace("NN_name", name), "utf-8")
    return path

"""The project that the workbench works for: what it knows of its subject comes from there.

A project is a module that its distribution names in the entry point group `workbench.project`;
`helpers.project` is one, and says there what each name means.
"""

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from helpers.memory import DISTRIBUTION, installed
from helpers.schema import HelpersError


class Folders(NamedTuple):
    """Where a command finds and leaves files: the project, and the three that options name."""

    root: Path
    raw: Path
    processed: Path
    outputs: Path

    @property
    def notebooks(self) -> Path:
        """Where notebooks are looked for by their stems."""
        return self.root / "notebooks"


@cache
def project() -> ModuleType:
    """The project's door.

    Raises:
        HelpersError: the installation names none, because it is older than this code.
    """
    door = re.search(r"\[workbench\.project\]\s*\w+\s*=\s*(\S+)", installed("entry_points.txt"))
    if not door:
        raise HelpersError(
            f"expected the entry point workbench.project of {DISTRIBUTION}, found none; renew the "
            "installation: make .venv/.ready, or pip install --no-deps -e ."
        )
    return import_module(door[1])


def place_names(parameters: dict, lang: str) -> list[str]:
    """What a page calls the values of the axes, the last axis first: the place, then the time."""
    names = (axis.name_in(parameters.get(axis.name, ""), lang) for axis in project().AXES[::-1])
    return [name for name in names if name]

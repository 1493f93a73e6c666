"""Where the project's files lie: found from any working folder, or told by the environment.

Apart from `store`, so that the command line can find the folders without importing pandas.
"""

from __future__ import annotations

import os
from pathlib import Path

from helpers.schema import HelpersError


def project_root() -> Path:
    """The nearest folder, from the working folder upwards, that holds the project.

    Raises:
        HelpersError: no folder above the working folder has `notebooks/` and `pyproject.toml`, or
            `WORKBENCH_ROOT` names a folder that is not there.
    """
    told = os.environ.get("WORKBENCH_ROOT")
    if told:
        if not Path(told).is_dir():
            raise HelpersError(
                f"expected the project's folder in WORKBENCH_ROOT, found {told}, which is none; "
                "correct it, or unset it and change into the project"
            )
        return Path(told)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise HelpersError(
        f"expected the project's folder (notebooks/ beside pyproject.toml) at or above {here}; "
        "change into the project, or set WORKBENCH_ROOT to it"
    )


def raw_dir() -> Path:
    """Where files lie as they were received."""
    return Path(os.environ.get("WORKBENCH_RAW") or project_root() / "data" / "raw")


def processed_dir() -> Path:
    """Where the derived Parquet lies."""
    return Path(os.environ.get("WORKBENCH_PROCESSED") or project_root() / "data" / "processed")


def outputs_dir() -> Path:
    """Where pages are written."""
    return Path(os.environ.get("WORKBENCH_OUTPUTS") or project_root() / "outputs")


def published_dir(raw: Path) -> Path:
    """Published figures lie among the raw files; without them, those that the project carries."""
    own = raw / "published"
    try:
        carried = project_root() / "data" / "raw" / "published"
    except HelpersError:  # the working folder lies outside the project
        return own
    return own if own.is_dir() else carried

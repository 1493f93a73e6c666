"""Where the project's files lie: found from any working folder, or named by the environment.

Also how a file there is written whole, and by one process at a time. Apart from `store`, so that
the command line can find the folders without importing pandas.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from helpers.lifetimes import own_name, sweep
from helpers.schema import HelpersError, WrongCall

CURRENT = "CURRENT"
"""The file in the processed folder that names the store that counts."""

DEMO_MARK = "demo.yml"
"""The file that marks a folder, with all below it, as made by `workbench demo`."""


def project_root() -> Path:
    """The nearest folder, from the working folder upwards, that holds the project.

    Raises:
        WrongCall: no folder above the working folder has `notebooks/` and `pyproject.toml`, or
            `WORKBENCH_ROOT` names a folder that is not there.
    """
    told = os.environ.get("WORKBENCH_ROOT")
    if told:
        if not Path(told).is_dir():
            raise WrongCall(
                f"expected the project's folder in WORKBENCH_ROOT, found {told}, which is none; "
                "correct it, or unset it and change into the project"
            )
        return Path(told)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise WrongCall(
        f"expected the project's folder (notebooks/ beside pyproject.toml) at or above {here}; "
        "change into the project, or set WORKBENCH_ROOT to it"
    )


def raw_dir() -> Path:
    """Where files lie as they were received."""
    return Path(os.environ.get("WORKBENCH_RAW") or project_root() / "data" / "raw")


def processed_root() -> Path:
    """Where derived data are made: the stores, and what was cleaned before."""
    return Path(os.environ.get("WORKBENCH_PROCESSED") or project_root() / "data" / "processed")


def processed_dir() -> Path:
    """Where the derived Parquet lies: the store that counts."""
    return current(processed_root())


def current(processed: Path) -> Path:
    """The store that counts in a folder of stores; the folder itself where it holds none."""
    try:
        store = processed / (processed / CURRENT).read_text("utf-8").strip()
    except (OSError, ValueError):
        return processed
    return store if store.is_dir() else processed


def make_current(processed: Path, store: Path) -> None:
    """Lets another store count, for all who ask from now on."""
    write_whole(processed / CURRENT, store.name.encode())


def outputs_dir() -> Path:
    """Where pages are written."""
    return Path(os.environ.get("WORKBENCH_OUTPUTS") or project_root() / "outputs")


def is_demo(folder: Path) -> bool:
    """Whether the folder belongs to a demo, the one place where synthetic data may lie."""
    return any((above / DEMO_MARK).is_file() for above in (folder, *folder.absolute().parents))


def published_dir(raw: Path) -> Path:
    """Published figures lie among the raw files; without them, those that the project carries."""
    own = raw / "published"
    try:
        carried = project_root() / "data" / "raw" / "published"
    except HelpersError:  # the working folder lies outside the project
        return own
    return own if own.is_dir() else carried


def write_whole(path: Path, content: bytes | Callable[[Path], Any]) -> None:
    """Writes a file that is seen complete or not at all.

    Args:
        path: of the file.
        content: of it, or what writes it under the name beside it that it is given.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent, path.name)  # by one who was killed while writing it
    partial = path.with_name(f".{own_name(path.name)}")
    try:
        content(partial) if callable(content) else partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def linked(existing: Path, path: Path) -> None:
    """Gives a file that never changes another name; where no links can be had, a copy."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(existing, path)
    except OSError:
        shutil.copyfile(existing, path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Waits while another process is inside with the same file; the lock dies with its process.

    Without file locks (Windows) nobody waits: the last to finish wins, with whole files.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:
        yield
        return
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

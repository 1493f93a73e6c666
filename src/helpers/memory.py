"""What things were made from: hashes of contents, remembered between runs, and what differs.

Cleaning and rendering ask this module alike. A file is hashed again unless its size, its times of
change and its inode are what they were: the time of change of the inode (`ctime`) can be set by no
copying tool, so a file replaced under its old size and date is seen.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from helpers.places import write_whole

DISTRIBUTION = "alborz-trade-workbench"

SETTLED = 1_000_000_000
"""Nanoseconds. A file that changed so shortly before it was hashed could change again within one
tick of its file system's clock and keep its mark: its hash is not remembered."""

Parts = dict[str, dict[str, str]]
"""What a thing is made from: kind -> name -> hash, e.g. `{"data": {"figures.parquet": "…"}}`."""


class Hashes:
    """SHA-256 of files, remembered between runs.

    Args:
        path: the memory's file; the folder must be writable for hashes to be kept, and a broken or
            missing memory is an empty one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = _read(path)
        self._seen: dict[str, tuple[str, str]] = {}
        self._first: dict[str, str] = {}

    def of(self, file: Path) -> str:
        """The hash of a file's bytes."""
        name, mark = os.path.abspath(file), _mark(os.stat(file))
        known = self._seen.get(name) or self._known.get(name)
        self._first.setdefault(name, mark)
        if not known or known[0] != mark:
            with file.open("rb") as opened:
                # The mark is that of the file that is read, whatever is renamed meanwhile.
                mark = _mark(os.fstat(opened.fileno()))
                started = time.time_ns()
                sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
                stat = os.fstat(opened.fileno())
            if _mark(stat) != mark or started - max(stat.st_mtime_ns, stat.st_ctime_ns) < SETTLED:
                self._known.pop(name, None)
                return sha256
            known = (mark, sha256)
        self._seen[name] = known
        return known[1]

    def has_changed(self, file: Path) -> bool:
        """Whether a file is gone, or was written to, since its hash was first asked for here.

        What was read of it meanwhile may be neither what it was nor what it is: one that was
        changed and changed back has the same hash.
        """
        first = self._first.get(os.path.abspath(file))
        try:
            return first is not None and mark_of(file) != first
        except OSError:
            return True

    def save(self) -> None:
        """Keeps what was learnt, where that is possible: a memory is a convenience."""
        if self._seen.items() <= self._known.items():
            return
        content = json.dumps(self._known | self._seen).encode()
        with suppress(OSError):
            write_whole(self.path, content)


def mark_of(file: Path) -> str:
    """What changes whenever the file's content does."""
    return _mark(file.stat())


def _mark(stat: os.stat_result) -> str:
    return f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}"


def _read(path: Path) -> dict[str, tuple[str, str]]:
    try:
        kept = json.loads(path.read_text("utf-8"))
        return {name: (str(mark), str(sha)) for name, (mark, sha) in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def files_in(folder: Path, hashes: Hashes, *endings: str) -> dict[str, str]:
    """Every file below a folder by its relative path; hidden ones and bytecode are left out.

    Args:
        folder: searched all the way down.
        hashes: the memory.
        *endings: of the files that count, with their dot; without any, all files do.
    """
    found = {}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(_UNSEEN))
        inside = place[len(str(folder)) :].strip(os.sep).replace(os.sep, "/")
        for name in sorted(names):
            path = os.path.join(place, name)
            is_wanted = name.endswith(endings or "") and not name.startswith(_UNSEEN)
            if is_wanted and os.path.isfile(path):
                found[f"{inside}/{name}" if inside else name] = hashes.of(Path(path))
    return found


_UNSEEN = (".", "__pycache__")


def code_of(package: Path, hashes: Hashes) -> str:
    """One hash of all code, words, tables and templates of a package."""
    return key({package.name: files_in(package, hashes)})


def key(parts: Parts) -> str:
    """One hash for all parts."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def differences(before: Parts, now: Parts) -> list[str]:
    """What changed between two runs, in words, the first three names of each kind."""
    changes = []
    for kind in now:
        old, new = before.get(kind, {}), now[kind]
        names = [n for n in {**old, **new} if old.get(n) != new.get(n)]
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            changes.append(f"{kind} changed: {', '.join(names[:3])}{more}")
    return changes


def now() -> str:
    """The time in UTC, as documents write it; that of `SOURCE_DATE_EPOCH` where it is set.

    So whoever makes the same pages from the same data again, can have the same bytes.
    """
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(told) if told.isdigit() else time.time()
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def installed(file: str) -> str:
    """What a file about this distribution says, as it is installed; empty where it is not.

    `importlib.metadata` reads the same, but imports parsers of e-mails and archives first, which
    takes a third of the time of a batch with nothing to do.
    """
    folders = f"{_as_folder(DISTRIBUTION)}-*.dist-info"
    paths = [path / file for place in sys.path for path in Path(place).glob(folders)]
    return next((path.read_text("utf-8") for path in paths if path.is_file()), "")


@cache
def environment() -> dict[str, str]:
    """Versions of Python and of the packages the project names."""
    lines = [line for line in installed("METADATA").splitlines() if "extra ==" not in line]
    named = re.findall(r"^Requires-Dist: ([\w.-]+)", "\n".join(lines), re.MULTILINE)
    versions = {name: version_of(name) for name in sorted(set(named))}
    return {"python": sys.version.split()[0], **versions}


def version_of(name: str) -> str:
    """The version of an installed package, or that it is not installed."""
    return _installed().get(_as_folder(name), "not installed")


@cache
def _installed() -> dict[str, str]:
    """Installed packages and their versions, by the names of their folders.

    To read what lies in these would take most of the time of a batch with nothing to do.
    """
    folders = (path for place in reversed(sys.path) for path in Path(place).glob("*.dist-info"))
    pairs = (path.name.removesuffix(".dist-info").rsplit("-", 1) for path in folders)
    return {_as_folder(name): version for name, version in pairs}


def _as_folder(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")

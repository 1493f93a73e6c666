"""What lies in the folder of raw files, and what the sidecars say each file is.

The folder is walked once. Each sidecar is decoded once, into a `Source` that travels with the
file's content; nothing deeper in opens one again. What cannot be a raw file (a link, a pipe, a
name with a control character) is a failure with a name, never passed over.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from helpers.customs import answers, cells, layouts
from helpers.customs.files import is_furniture
from helpers.documents import as_document, read_yaml
from helpers.places import is_demo
from helpers.schema import FLOWS, LANGS, PROVINCE_BASES, HelpersError, UnreadableFile, suggest
from helpers.text import normalise

Months = tuple[int, int]
"""First and last month, 1 to 12."""

OTHERS = ("published", "un_bec5")
"""Layouts of raw files that other modules read."""

WORLD = "world/"
"""Below it lies the trade of other countries (`helpers.world`), whatever its layouts are."""


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of a raw file beside it; see `docs/codebook.md`.

    Attributes:
        layout: the only layout to try; empty tries all of them.
        flow: of trade; None is looked for in the file.
        year_sh: Solar Hijri year; None is looked for in the file.
        months: that the file covers; None is looked for in the file.
        province_basis: where goods were declared, or made; None is what the layout says, else
            where they were declared.
        producer: who made the file; with `title`, `url` and `licence` its citation.
        title: what the file is called.
        url: where it is from.
        licence: on what terms it is used.
        accessed: day it was fetched, as an ISO date of the Common Era; the later file counts.
        synthetic: whether a program made the figures up.
        units: column -> unit, where the headings say none.
        scope: files of different scope are parts of one whole and never replace each other.
        months_note: why the months are presumed, by language; empty where they are known.
        control_total_usd, control_total_kg: what the rows should add up to, where the producer
            says it elsewhere.
        link: says that the file may be a link to one elsewhere.
        edition: of the HS (`H0` to `H6`), of world trade whose name and headings do not say it.
        inherited: keys that only a folder's sidecar says: what the file itself says may differ.
    """

    layout: str = ""
    flow: Literal[FLOWS] | None = None
    year_sh: int | None = None
    months: Months | None = None
    province_basis: Literal[PROVINCE_BASES] | None = None
    producer: str = ""
    title: str = ""
    url: str = ""
    licence: str = ""
    accessed: str = ""
    synthetic: bool = False
    units: dict[str, str] = {}
    scope: str = ""
    months_note: dict[Literal[LANGS], str] = {}
    control_total_usd: float | None = None
    control_total_kg: float | None = None
    link: Literal["allowed"] | None = None
    edition: Literal["", "H0", "H1", "H2", "H3", "H4", "H5", "H6"] = ""
    inherited: tuple[str, ...] = ()


@dataclass(frozen=True)
class RawFile:
    """A file as received: where it lies, its path below the raw folder, and what it is.

    A fetched year is one of them, though it is a folder of answers.
    """

    path: Path
    name: str
    source: Source


@dataclass(frozen=True)
class Received:
    """What a folder of raw files holds.

    Attributes:
        files: those of declarations, in order of their names.
        others: those that other modules read (`OTHERS`).
        layouts: the analyst's own descriptions of tables.
        failures: path below the folder -> why it is no raw file, or cannot be read as one.
    """

    files: list[RawFile] = field(default_factory=list)
    others: list[RawFile] = field(default_factory=list)
    layouts: list[Path] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)


def received(raw: Path) -> Received:
    """Walks a folder of raw files, once.

    Raises:
        HelpersError: there is no such folder.
    """
    if not raw.is_dir():
        raise HelpersError(f"no folder of raw files at {raw}; create it, or pass --raw")
    found = Received()
    waiting: list[tuple[Path, dict[str, Any], str]] = [(raw, {}, "")]
    while waiting:
        folder, inherited, error = waiting.pop()
        try:
            with os.scandir(folder) as listing:
                entries = [entry for entry in listing if not is_furniture(entry.name)]
        except OSError as problem:
            reason = problem.strerror or "it cannot be listed"
            found.failures[_name(folder, raw)] = f"{reason}; nothing in it was read"
            continue
        fine = {entry.name: entry for entry in _sound(entries, raw, found)}
        try:
            inherited = inherited | _of_sidecar(fine.get("_source.yml"))
        except UnreadableFile as problem:
            error = str(problem)
        if inherited.get("layout") == answers.CHAPTER_LAYOUT:
            _sort_in(folder, raw, inherited, error, found)
            aggregate = f"{answers.AGGREGATE.split('.')[0]}.source.yml"
            fine = {n: e for n, e in fine.items() if n in (answers.AGGREGATE, aggregate)}
        folders = {n for n, e in fine.items() if e.is_dir(follow_symlinks=False)}
        waiting += [(Path(fine[name].path), inherited, error) for name in folders]
        files = {n: e for n, e in fine.items() if n not in folders}
        _sort_out(files, raw, inherited, error, found)
    for files in (found.files, found.others):
        files.sort(key=lambda file: file.name)
    found.layouts.sort()
    return found


def _sound(entries: list[os.DirEntry], raw: Path, found: Received) -> Iterator[os.DirEntry]:
    """The entries that may be read; the others are failures."""
    for entry in entries:
        if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in entry.name):
            reason = "its name holds letters that cannot be printed; rename it"
        elif entry.is_symlink() and not _is_file(entry):
            there = "a folder" if Path(entry.path).is_dir() else "nothing"
            reason = f"it is a link to {there}; put the folder itself here, or pass it as --raw"
        elif not (entry.is_file() or entry.is_dir(follow_symlinks=False)):
            reason = "it is a pipe, a socket or a device, and no file; take it away"
        elif entry.is_symlink() and entry.name.endswith((".yml", ".yaml")):
            reason = "it is a link; put the file itself here"
        else:
            yield entry
            continue
        found.failures[_name(Path(entry.path), raw)] = reason


def _is_file(link: os.DirEntry) -> bool:
    try:
        return link.is_file()
    except OSError:  # a link to itself
        return False


def _sort_out(
    entries: Mapping[str, os.DirEntry],
    raw: Path,
    inherited: dict[str, Any],
    error: str,
    found: Received,
) -> None:
    """The files of one folder: raw files with their sources, layouts, sidecars of no file."""
    used = {"_source.yml"}
    names = [n for n in entries if not n.lower().endswith((".yml", ".yaml", ".md"))]
    for name in names:
        path = Path(entries[name].path)
        stems = dict.fromkeys((name.split(".")[0], path.stem, name))
        sidecars = [s for s in (f"{stem}.source.yml" for stem in stems) if s in entries]
        used.update(sidecars)
        own: dict[str, Any] = {}
        try:
            for sidecar in sidecars:
                own |= _of_sidecar(entries[sidecar])
        except UnreadableFile as problem:
            _sort_in(path, raw, {}, error or str(problem), found)
        else:
            only_inherited = tuple(sorted(inherited.keys() - own.keys()))
            given = inherited | own | {"inherited": only_inherited}
            _sort_in(path, raw, given, error, found)
    found.layouts.extend(Path(e.path) for n, e in entries.items() if n.endswith(".layout.yml"))
    for name in set(entries) - used:
        if re.search(r"[._]source\.ya?ml$", name):
            near = suggest(name, [f"{n.split('.')[0]}.source.yml" for n in names])
            found.failures[_name(Path(entries[name].path), raw)] = (
                f"no file reads it{near}; call it NAME.source.yml after one"
            )


def _sort_in(path: Path, raw: Path, given: dict[str, Any], error: str, found: Received) -> None:
    """A raw file with what its sidecars say, or the failure that it is."""
    name, source = _name(path, raw), Source(**given)
    if not error and path.is_symlink() and not source.link:
        error = (
            f"it is a link to {os.readlink(path)}; put the file itself here, or `link: allowed` "
            f"into {path.name.split('.')[0]}.source.yml"
        )
    if not error and source.synthetic and not is_demo(raw):
        error = (
            "its sidecar says `synthetic: true`, and made-up figures never lie among "
            "received ones: delete or move it; `workbench demo` makes a set in its own folder"
        )
    if error:
        found.failures[name] = error
    else:
        is_other = source.layout in OTHERS or name.startswith(WORLD)
        kind = found.others if is_other else found.files
        kind.append(RawFile(path, name, source))


def _name(path: Path, raw: Path) -> str:
    """A path below the raw folder, as it can be printed."""
    name = path.relative_to(raw).as_posix()
    unprintable = (
        c if unicodedata.category(c) not in ("Cc", "Cs") else ascii(c)[1:-1] for c in name
    )
    return "".join(unprintable)


def _of_sidecar(entry: os.DirEntry | None) -> dict[str, Any]:
    """The keys of one sidecar with the values that `Source` declares.

    Raises:
        UnreadableFile: it is no YAML, has an unknown key, or a value that is none.
    """
    if entry is None:
        return {}
    name = f"sidecar {entry.name}"
    try:
        given = {str(k): v for k, v in read_yaml(Path(entry.path)).items()}
        read = {key: _READ[key](v) if key in _READ else _plain(key, v) for key, v in given.items()}
        decoded = as_document(read, Source, name)
    except UnreadableFile as error:
        text = str(error)
        raise UnreadableFile(text if text.startswith(name) else f"{name}: {text}") from error
    except OSError as error:
        raise UnreadableFile(f"{name}: {error.strerror}; clean again") from error
    return {key: getattr(decoded, key) for key in read}


def _plain(key: str, value: Any) -> Any:
    """The value as YAML has it; a date or a number where a text belongs, as text."""
    is_text = getattr(Source(), key, "") == ""
    if not is_text or isinstance(value, (str, list, dict)):
        return value
    return "" if value is None else str(value)


def _year(value: Any) -> int:
    year = cells.year_of(str(value))
    if not year:
        raise UnreadableFile(f"year_sh {value} is not a Solar Hijri year: 1404, say")
    return year


def _months(value: Any) -> Months | None:
    """As in a cell (`7`, `1-7`), or [1, 7]."""
    if value is None:
        return None
    months = cells.months_of("-".join(map(str, value)) if isinstance(value, list) else str(value))
    if not months or not months[0]:
        raise UnreadableFile(f"months {value!r} are not a month or a run of months such as 1-7")
    return months


def _day(value: Any) -> str:
    """A date of the Common Era or the Solar Hijri calendar as an ISO date; "" for none."""
    from persiantools.jdatetime import JalaliDate

    text = normalise(str(value or ""))
    match = re.fullmatch(r"((?:13|14|19|20)[0-9]{2})([-/.])([0-9]{1,2})\2([0-9]{1,2})", text)
    if not text:
        return ""
    try:
        day = [int(match[n]) for n in (1, 3, 4)]
        return (JalaliDate(*day).to_gregorian() if day[0] < 1900 else date(*day)).isoformat()
    except (TypeError, ValueError) as error:
        wanted = "write it as 2025-10-23 or 1404/08/01"
        raise UnreadableFile(f"accessed {text!r} is no date; {wanted}") from error


def _units(value: Any) -> dict[str, str]:
    if not isinstance(value or {}, dict):
        raise UnreadableFile(f"units are said by column, as {{value_usd: usd}}, not {value!r}")
    units = {str(column): str(unit) for column, unit in (value or {}).items()}
    for column, unit in units.items():
        allowed = tuple(
            u for u in layouts.words()["units"] if u.endswith(layouts.UNIT_ENDINGS.get(column, ()))
        )
        if unit not in allowed:
            near = suggest(column, list(layouts.UNIT_ENDINGS)) if not allowed else ""
            wanted = (
                f"its unit is one of {', '.join(allowed)}" if allowed else "no column with units"
            )
            raise UnreadableFile(f"units: {unit!r} of {column!r}{near}: {wanted}")
    return units


def _note(value: Any) -> Any:
    return value if isinstance(value, dict) else dict.fromkeys(LANGS, str(value)) if value else {}


_READ = {"year_sh": _year, "months": _months, "accessed": _day, "units": _units,
         "months_note": _note}  # fmt: skip

"""The processed data a batch reads: made before any report, and only where it is stale.

Every making is a folder of its own, `data/processed/store-N`, and the file `CURRENT` names the one
that counts: a reader sees the old store or the new one, never both or half. The last but one stays
for those who are still reading it. Each remembers what it was made from, and from which folder.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from helpers import memory, places
from helpers.documents import read_json
from helpers.lifetimes import WORK, scratch, sweep
from helpers.schema import WrongCall

if TYPE_CHECKING:
    from helpers.customs.quality import FileAccount, Quality

PACKAGE = Path(__file__).parent
NOT_USED = ("failed", "refused")
"""What a raw file's status is where none of its rows are in the store."""

_MARK, _FILES, _MEMORY = ".made_from.json", ".files", "memory of raw files"
_EARLIER = ("declarations", "published", "quality.json", "rejects.parquet", "doubts.parquet",
            "uses.parquet", ".prepared.json")  # fmt: skip
"""What older versions wrote into the processed folder itself."""


class Mark(msgspec.Struct):
    """What a store was made from: the folder of raw files, and hashes of all that decides.

    `before` is the store that it took the place of. `made` are hashes of its own files, and of
    what was remembered of each raw file.
    """

    raw: str
    parts: memory.Parts
    before: str
    made: memory.Parts


def stale_because(raw: Path, processed: Path, hashes: memory.Hashes) -> list[str]:
    """Why the processed data has to be made again, in words; empty where it has not.

    Without a folder of raw files, whatever is processed is all there will be; and what was made
    from another folder is never made again from this one (`made_elsewhere` says so). What is
    damaged is told in any case.
    """
    mark = _mark(processed)
    damages = _damages(processed, mark, hashes) if mark else []
    if damages or not raw.is_dir() or made_elsewhere(raw, processed):
        return damages
    return memory.differences(mark.parts, _made_from(raw, hashes)) if mark else ["never cleaned"]


def made_elsewhere(raw: Path, processed: Path) -> str:
    """Says that a processed folder was made from another raw folder; "" where it was not."""
    mark = _mark(processed)
    if mark is None or mark.raw == _relative(raw, processed):
        return ""
    other = os.path.normpath(processed / mark.raw)
    return (
        f"{processed} was made from {other}, not from {raw}: it is read as it stands; "
        f"pass --raw {other} to bring it up to date, or another --processed to clean {raw}"
    )


def prepare(raw: Path, processed: Path, hashes: memory.Hashes) -> Quality:
    """Brings the store up to date: declarations, published figures and uses, switched as a whole.

    Args:
        raw: files as received, with their sidecars.
        processed: holds the stores and the memory of what was cleaned.
        hashes: of contents.

    Returns:
        The quality document: `files` lists the published tables as well, or `carried` where they
        are the project's and not of this raw folder.

    Raises:
        WrongCall: the processed folder was made from another raw folder.
        HelpersError: there are no raw files, or a published table is not what it says.
    """
    from helpers.customs.quality import Quality

    if elsewhere := made_elsewhere(raw, processed):
        raise WrongCall(elsewhere)
    with places.locked(processed / ".lock"):
        for left_by_a_kill in (processed, processed / WORK):
            sweep(left_by_a_kill)
        parts, before, mark = _made_from(raw, hashes), places.current(processed), _mark(processed)
        standing = read_json(before / "quality.json", Quality)
        is_sound = bool(mark and standing and not _damages(processed, mark, hashes))
        # What failed is tried again: for want of room on the disk, say.
        has_failed = is_sound and any(file.status == "failed" for file in standing.files)
        if is_sound and not has_failed and not memory.differences(mark.parts, parts):
            _forget_others(processed, {before.name, mark.before})
            return standing
        folder = _new_folder(processed)
        with scratch(processed / WORK):
            quality = _make(raw, folder, hashes, before if is_sound else folder)
        for name in parts["raw data"]:
            if any(hashes.has_changed(f / name) for f in (raw, places.published_dir(raw))):
                parts["raw data"][name] = "changed while it was read"
        made = _written(folder, hashes)
        mark = Mark(_relative(raw, processed), parts, before.name, made)
        (folder / _MARK).write_bytes(msgspec.json.encode(mark))
        places.make_current(processed, folder)
        _forget_others(processed, {folder.name, before.name})
    return quality


def _make(raw: Path, folder: Path, hashes: memory.Hashes, before: Path) -> Quality:
    """Makes a store in an empty folder; `before` is one whose parts may be linked."""
    from helpers import classification, world
    from helpers.customs import cleaning
    from helpers.customs.sources import WORLD, received

    found = received(raw)
    quality = cleaning.clean(
        raw, folder, found=found, hashes=hashes, cache=folder.parent / _FILES, before=before
    )
    published = places.published_dir(raw)
    own = quality.files if published.is_relative_to(raw) else quality.carried
    own += _prepare_published(published, folder, hashes)
    for workbook in [file.path for file in found.others if file.source.layout == "un_bec5"][-1:]:
        # The UN's assignment of goods to uses, which the analyst put among the files.
        uses = classification.uses_of_un_workbook(workbook)
        uses.to_parquet(folder / "uses.parquet", index=False)
    of_world = [file for file in found.others if file.name.startswith(WORLD)]
    for account in world.prepare_world(of_world, folder, hashes, before):
        (quality.files if account.error else quality.carried).append(account)
    cleaning.write_quality(quality, folder)
    return quality


def _written(store: Path, hashes: memory.Hashes) -> memory.Parts:
    folders = {"store": store, _MEMORY: store.parent / _FILES}
    return {name: memory.files_in(folder, hashes) for name, folder in folders.items()}


def _damages(processed: Path, mark: Mark, hashes: memory.Hashes) -> list[str]:
    """What is no longer as it was made, in words."""
    now = _written(places.current(processed), hashes)
    # What a call that was ended has added to the memory is no damage.
    now[_MEMORY] = {n: h for n, h in now[_MEMORY].items() if n in mark.made[_MEMORY]}
    return memory.differences(mark.made, now)


def failures(processed: Path) -> list[dict[str, str]]:
    """The raw files that could not be used when the data was last prepared, each with its error."""
    from helpers.customs.quality import Quality

    quality = read_json(places.current(processed) / "quality.json", Quality)
    return [
        {"source_file": file.source_file, "status": file.status, "error": file.error or ""}
        for file in (quality.files if quality else ())
        if file.status in NOT_USED
    ]


def _mark(processed: Path) -> Mark | None:
    return read_json(places.current(processed) / _MARK, Mark)


def _relative(raw: Path, processed: Path) -> str:
    """The raw folder from the processed one: a project may be moved as a whole."""
    return Path(os.path.relpath(raw.resolve(), processed.resolve())).as_posix()


def _new_folder(processed: Path) -> Path:
    numbers = [int(p.name[6:]) for p in processed.glob("store-*") if p.name[6:].isdigit()]
    folder = processed / f"store-{max(numbers, default=0) + 1}"
    folder.mkdir()
    return folder


def _forget_others(processed: Path, keep: set[str]) -> None:
    """Removes stores that nobody reads any more, those that were never finished among them."""
    for path in [*processed.glob("store-*"), *(processed / name for name in _EARLIER)]:
        if path.is_dir() and path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_file():
            path.unlink()


def _prepare_published(folder: Path, store: Path, hashes: memory.Hashes) -> list[FileAccount]:
    from helpers import published

    if not folder.is_dir():
        return []
    tables = published.clean_published(folder)
    # Pages read these copies, so that a changed statement makes them stale.
    shutil.copytree(folder / "claims", store / "published" / "claims")
    for name, table in tables.items():
        table.to_parquet(store / "published" / f"{name}.parquet", index=False)
    return published.file_accounts(folder, tables, hashes)


def _made_from(raw: Path, hashes: memory.Hashes) -> memory.Parts:
    return {
        "raw data": memory.files_in(raw, hashes)
        | memory.files_in(places.published_dir(raw), hashes),
        "code": {PACKAGE.name: memory.code_of(PACKAGE, hashes)},
        "environment": memory.environment(),
    }

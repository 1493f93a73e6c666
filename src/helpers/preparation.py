"""The processed data a batch reads: made once, before any report, and only where it is stale.

`data/processed/.prepared.json` remembers what it was made from: the raw files and the code and
tables that clean them. It is written last, so that an interrupted run is simply not done.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import memory, places

if TYPE_CHECKING:
    import pandas as pd

PACKAGE = Path(__file__).parent

MARK = ".prepared.json"

NOT_USED = ("failed", "refused")
"""What a raw file's status is where none of its rows are in the store."""


def stale_because(raw: Path, processed: Path, hashes: memory.Hashes) -> list[str]:
    """Why the processed data has to be made again, in words; empty where it has not.

    Without a folder of raw files, whatever is processed is all there will be.
    """
    if not raw.is_dir():
        return []
    try:
        before = json.loads((processed / MARK).read_text("utf-8"))
        return memory.differences(before, _made_from(raw, hashes))
    except (OSError, ValueError, AttributeError):  # What stands there is no mark of ours.
        return ["never cleaned"]


def prepare(raw: Path, processed: Path, hashes: memory.Hashes) -> dict[str, Any]:
    """Cleans declarations and published figures into the processed folder.

    Returns:
        The quality document (`quality.json`): `files` lists the published tables as well, or
        `carried` where they are the project's and not of this raw folder.

    Raises:
        HelpersError: there are no raw files, or a published table is not what it says.
    """
    from helpers.customs import cleaning

    made_from = _made_from(raw, hashes)
    with places.locked(processed / ".lock"):
        (processed / MARK).unlink(missing_ok=True)
        quality = cleaning.clean(raw, processed)
        folder = places.published_dir(raw)
        place = "files" if folder.is_relative_to(raw) else "carried"
        quality[place] = quality.get(place, []) + _prepare_published(folder, processed, hashes)
        _write_uses(cleaning.workbooks_of_uses(raw), processed / "uses.parquet")
        _write(processed / "quality.json", json.dumps(quality, ensure_ascii=False, indent=1))
        _write(processed / MARK, json.dumps(made_from))
    return quality


def failures(processed: Path) -> list[dict[str, str]]:
    """The raw files that could not be used when the data was last prepared, each with its error."""
    try:
        files = json.loads((processed / "quality.json").read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return []
    named = ("source_file", "status", "error")
    return [{n: file[n] for n in named} for file in files if file["status"] in NOT_USED]


def _prepare_published(
    folder: Path, processed: Path, hashes: memory.Hashes
) -> list[dict[str, Any]]:
    from helpers import published

    if not folder.is_dir():
        return []
    tables = published.clean_published(folder)
    _write_tables(tables, processed / "published")
    _copy_statements(folder / "claims", processed / "published" / "claims")
    return _accounts(folder, published.row_accounts(folder, tables), hashes)


def _write_uses(workbooks: list[Path], target: Path) -> None:
    """The UN's assignment of goods to uses, where the analyst put its workbook among the files."""
    from helpers import classification

    if workbooks:
        classification.uses_of_un_workbook(workbooks[-1]).to_parquet(target, index=False)
    else:
        target.unlink(missing_ok=True)


def _made_from(raw: Path, hashes: memory.Hashes) -> memory.Parts:
    return {
        "raw data": memory.files_in(raw, hashes)
        | memory.files_in(places.published_dir(raw), hashes),
        "code": {PACKAGE.name: memory.code_of(PACKAGE, hashes)},
        "environment": memory.environment(),
    }


def _accounts(
    folder: Path, accounts: list[dict[str, Any]], hashes: memory.Hashes
) -> list[dict[str, Any]]:
    """Published tables in the form that declarations' files have in the quality document."""
    kinds = ("read", "kept", "rejected", "structural")
    return [
        {
            "source_file": account["file"],
            "sha256": hashes.of(folder.parent / account["file"]),
            "bytes": (folder.parent / account["file"]).stat().st_size,
            "layout": "published",
            "status": "clean",
            "rows": {kind: account[f"rows_{kind}"] for kind in kinds},
            "is_synthetic": False,
        }
        for account in accounts
    ]


def _write_tables(tables: dict[str, pd.DataFrame], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write = partial(table.to_parquet, index=False)
        places.write_whole(folder / f"{name}.parquet", write)
    for path in folder.glob("*.parquet"):
        if path.stem not in tables:
            path.unlink()


def _copy_statements(claims: Path, folder: Path) -> None:
    """As they are; pages read these copies, so that a changed statement makes them stale."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {path.name: path.read_text("utf-8") for path in claims.glob("*.yml")}
    for name, text in texts.items():
        _write(folder / name, text)
    for path in folder.glob("*.yml"):
        if path.name not in texts:
            path.unlink()


def _write(path: Path, text: str) -> None:
    places.write_whole(path, lambda beside: beside.write_text(text, "utf-8"))

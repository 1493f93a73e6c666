"""The commands that trade adds to `workbench`; whatever is heavy is imported inside them.

An error of ours that leaves a command is a message and exit code 1; a `WrongCall`, exit code 2.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from helpers import memory, places


def folder(name: str, explanation: str) -> click.Option:
    """An option for a folder, `--raw`, `--processed` or `--outputs`, and its variable."""
    kind = click.Path(file_okay=False, exists=name == "raw", path_type=Path, resolve_path=True)
    return click.option(
        f"--{name}", type=kind, metavar="DIR", envvar=f"WORKBENCH_{name.upper()}", help=explanation
    )


as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document, nothing else.")


@click.command()
@folder("raw", "Files as received; default data/raw.")
@folder("processed", "Derived tables; default data/processed.")
@as_json
def clean(raw: Path | None, processed: Path | None, as_json: bool) -> None:
    """Clean every raw file: text to declarations and rejects; nothing disappears."""
    from helpers import preparation
    from helpers.customs import cleaning

    raw, processed = raw or places.raw_dir(), processed or places.processed_dir()
    hashes = memory.Hashes(processed / ".hashes.json")
    quality = preparation.prepare(raw, processed, hashes)
    hashes.save()
    files, unused = quality["files"], preparation.failures(processed)
    if as_json:
        click.echo(json.dumps(quality, ensure_ascii=False, indent=1, default=str))
    else:
        kinds = ("read", "kept", "rejected", "structural")
        counts = ", ".join(f"{sum(f['rows'][kind] for f in files):,} {kind}" for kind in kinds)
        click.echo(f"{len(files)} files, rows: {counts}; {processed / 'quality.json'}")
    for difference in filter(None, map(cleaning.off_its_total, files)):
        click.echo(f"check: {difference}", err=True)
    for file in unused:
        click.echo(f"{file['status']}: {file['source_file']}: {file['error']}", err=True)
    sys.exit(1 if unused else 0)

"""The commands that trade adds to `workbench`; whatever is heavy is imported inside them.

An error of ours that leaves a command is a message and exit code 1; a `WrongCall`, exit code 2.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from helpers import memory, places
from helpers.schema import UnknownCode, WrongCall

if TYPE_CHECKING:
    from helpers.customs.fetching import Ask, Line, Outcome


FOLDERS = {
    "raw": "Files as received; default data/raw.",
    "processed": "Derived tables; default data/processed.",
    "outputs": "Where pages are written; default outputs.",
}


def folder(name: str) -> Any:
    """An option for a folder of `FOLDERS`, and its variable."""
    kind = click.Path(file_okay=False, exists=name == "raw", path_type=Path, resolve_path=True)
    return click.option(
        f"--{name}",
        type=kind,
        metavar="DIR",
        envvar=f"WORKBENCH_{name.upper()}",
        help=FOLDERS[name],
    )


as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document, nothing else.")


def tell(as_json: bool, document: object, *lines: object) -> None:
    """Writes to standard output what a command has to say: one JSON document, or lines."""
    if as_json:
        lines = (json.dumps(document, ensure_ascii=False, indent=1, default=str),)
    click.echo("\n".join(map(str, lines)))


@click.command("clean")
@folder("raw")
@folder("processed")
@as_json
def clean_command(raw: Path | None, processed: Path | None, as_json: bool) -> None:
    """Clean every raw file: text to declarations and rejects; nothing disappears."""
    import msgspec

    from helpers import preparation
    from helpers.customs import quality as accounts

    raw, processed = raw or places.raw_dir(), processed or places.processed_root()
    hashes = memory.Hashes(processed / ".hashes.json")
    quality = preparation.prepare(raw, processed, hashes)
    hashes.save()
    files, unused = quality.files, preparation.failures(processed)
    kinds = accounts.Rows.__struct_fields__
    counts = ", ".join(f"{sum(getattr(f.rows, k) for f in files):,} {k}" for k in kinds)
    line = f"{len(files)} files, rows: {counts}; {places.current(processed)}"
    tell(as_json, msgspec.to_builtins(quality), line)
    for remark in accounts.remarks(quality):
        click.echo(f"check: {remark}", err=True)
    for file in unused:
        click.echo(f"{file['status']}: {file['source_file']}: {file['error']}", err=True)
    sys.exit(1 if unused else 0)


# What brings customs files in

_NOT_THERE = ("empty", "failed", "stopped")


def listed(name: str, metavar: str, explanation: str) -> Any:
    """An option of words with commas between them."""

    def split(_: click.Context, option: click.Parameter, text: str | None) -> tuple[str, ...]:
        words = tuple(filter(None, map(str.strip, (text or "").split(","))))
        if text is not None and not words:
            raise click.BadParameter(f"expected {metavar}, found nothing", param=option)
        return words

    return click.option(f"--{name}", metavar=metavar, callback=split, help=explanation)


@click.command()
@click.argument("source")
@listed("years", "Y,...", "Solar Hijri years. Default: the last two that the source holds whole.")
@listed("flow", "export,import", "Default: both.")
@click.option(
    "--months", default="", metavar="1-9", help="Of a year that is not over: what it holds."
)
@listed("chapters", "NN,...", "Two digits each. Default: all, without which a year is not used.")
@click.option("--at", default="", metavar="ADDRESS", help="Another host in the source's place.")
@folder("raw")
@click.option("--pause", type=click.FloatRange(0), default=6.0, show_default=True, metavar="S",
              help="Between requests; below 2 for a loopback address only.")  # fmt: skip
@click.option("--refresh", is_flag=True, help="Ask for what is there, too; keep what changed.")
@click.option("--check", is_flag=True, help="Ask for one small chapter; write down what came.")
@click.option("--dry-run", is_flag=True, help="Only list what would be asked.")
@as_json
def fetch(source: str, raw: Path | None, as_json: bool, **options: Any) -> None:
    """Bring public tables into data/raw: politely, resumably, each whole or not there."""
    from helpers.customs import fetching

    raw = raw or places.raw_dir()
    given = (options[name] for name in ("years", "flow", "months", "chapters"))
    try:
        asks = fetching.requests_of(source, *given)
        line = _line(asks[0], options["at"], options["pause"])
    except UnknownCode as error:
        raise WrongCall(str(error)) from error
    if options["dry_run"]:
        _list(asks, line, raw, as_json)
    elif options["check"]:
        small = ("", *(options["chapters"] or ["66"]))
        asks = [a for a in asks if a.period == asks[-1].period and a.chapter in small]
        log = raw / source / "check.yml"
        reports = fetching.try_out(asks, line, log)
        _print_check(reports, log, as_json)
        sys.exit(0 if all(report["is_whole"] for report in reports) else 1)
    else:
        _fetch(asks, raw, line, refresh=options["refresh"], as_json=as_json)


def _line(ask: Ask, at: str, pause: float) -> Line:
    from helpers.customs import fetching

    own = urlsplit(ask.view.address)
    at = at.rstrip("/") or f"{own.scheme}://{own.netloc}"
    if urlsplit(at).scheme not in ("http", "https") or not urlsplit(at).hostname:
        raise UnknownCode(f"expected --at as http://127.0.0.1:8000, found {at!r}")
    return fetching.Line(at, pause, key=fetching.key_of(ask.view))


def _list(asks: list[Ask], line: Line, raw: Path, as_json: bool) -> None:
    from helpers.customs import fetching

    listed = [
        {"part": str(ask), "address": ask.address(line.at),
         "is_there": fetching.held_answer(raw / ask.folder, ask) is not None}
        for ask in asks
    ]  # fmt: skip
    ways = ("would ask", "there")
    lines = [f"{ways[part['is_there']]}: {part['part']}: {part['address']}" for part in listed]
    n_asked = sum(not part["is_there"] for part in listed)
    tell(as_json, {"asks": listed}, *lines, f"{n_asked} of {len(asks)} would be asked")


def _fetch(asks: list[Ask], raw: Path, line: Line, *, refresh: bool, as_json: bool) -> None:
    from helpers.customs import fetching

    started = time.monotonic()

    def step(place: int, outcome: Outcome) -> None:
        if outcome.status not in ("there", "stopped"):
            left = (time.monotonic() - started) / place * (len(asks) - place) / 60
            figures = f"{outcome.n_rows:,} rows, {outcome.value_usd:,.0f} USD"
            click.echo(
                f"[{place}/{len(asks)}] {outcome.part}: {outcome.status}, "
                f"{outcome.note or figures}; about {left:.0f} min left", err=True,
            )  # fmt: skip

    if not as_json:
        line.tell = lambda there, whole: click.echo(
            f"{there >> 20:,} MiB of {whole >> 20:,}" if whole > 0 else f"{there >> 20:,} MiB",
            err=True,
        )
    outcomes = fetching.fetch_all(asks, raw, line, refresh=refresh, tell=step)
    bad = [outcome for outcome in outcomes if outcome.status in _NOT_THERE]
    counts = Counter(outcome.status for outcome in outcomes)
    n_left = len(asks) - len(outcomes)
    tell(
        as_json,
        {"counts": counts, "not_asked": n_left, "parts": [asdict(o) for o in outcomes]},
        ", ".join(f"{count} {status}" for status, count in counts.items()),
        raw / asks[0].folder.split("/")[0],
    )
    for outcome in bad:
        click.echo(f"{outcome.status}: {outcome.part}: {outcome.note}", err=True)
    sys.exit(1 if bad else 0)


def _print_check(reports: list[dict[str, Any]], log: Path, as_json: bool) -> None:
    lines = []
    for report in reports:
        rows = f"whole, {report['n_rows']:,} rows" if "n_rows" in report else "as described"
        came = report.get("error") or rows
        lines.append(f"{report['address']}\n  {report.get('status', 'no answer')}: {came}")
    lines.append(f"{log} says in which shape it came; send it along with a question")
    tell(as_json, {"log": str(log), "reports": reports}, *lines)


@click.command()
@click.option("--province", required=True, metavar="SLUG", help="Where the goods were made.")
@click.option("--year", type=click.IntRange(1370, 1500), required=True, metavar="Y")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE.xlsx")
def ask(province: str, year: int, out: Path) -> None:
    """Write the workbook in which a trade office fills in what its province made and exported."""
    from helpers.customs import asking

    try:
        asking.write_workbook(out, province, year)
    except UnknownCode as error:
        raise WrongCall(str(error)) from error
    click.echo(out)

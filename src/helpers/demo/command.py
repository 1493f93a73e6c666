"""`workbench demo`: the pages on the synthetic set, in a folder of their own."""

from __future__ import annotations

from pathlib import Path

import click

from helpers.places import DEMO_MARK, outputs_dir, write_whole
from helpers.schema import HelpersError

USUAL = ("--province=alborz", "--period=1404M01-07")
"""What is rendered where the call names nothing else: options of `workbench render`."""


def write_demo(folder: Path, rows: int = 60_000, seed: int = 1404) -> Path:
    """Writes the synthetic set into `data/raw` of the demo's folder, and the demo's mark.

    Args:
        folder: the demo's folder; a new or empty one, or one that an earlier call made.
        rows: detail rows in all files together.
        seed: the same seed and rows give the same bytes.

    Returns:
        The folder of raw files.

    Raises:
        HelpersError: the folder holds other things, or there are too few rows for the set.
    """
    from helpers.demo.synthetic import write_synthetic

    mark, raw = folder / DEMO_MARK, folder / "data" / "raw"
    others = sorted(p.name for p in folder.glob("[!.]*"))
    if others and not mark.is_file():
        raise HelpersError(
            f"expected a new or empty folder for the demo, or one with its mark {DEMO_MARK}; found "
            f"{', '.join(others[:5])} in {folder}; name another with --out"
        )
    write_synthetic(raw, rows, seed)
    text = f"# Synthetic: made by `workbench demo`.\nrows: {rows}\nseed: {seed}\n"
    write_whole(mark, lambda beside: beside.write_text(text, "utf-8"))
    return raw


@click.command(
    "demo",
    context_settings={"ignore_unknown_options": True},
    options_metavar="[--rows N] [--seed N] [--out DIR] [OPTIONS OF RENDER]",
)
@click.option("--rows", type=int, default=60_000, show_default=True, metavar="N")
@click.option("--seed", type=click.IntRange(0), default=1404, show_default=True, metavar="N")
@click.option("--out", type=click.Path(path_type=Path, resolve_path=True), metavar="DIR")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="")
@click.pass_context
def demo(ctx: click.Context, rows: int, seed: int, out: Path | None, arguments: tuple) -> None:
    """Render the pages on a synthetic data set, apart from the real ones.

    Writes data, pages and their index into outputs/demo or the folder of --out. All options of
    `workbench render` may follow; without them: alborz, the first seven months of 1404.
    """
    try:
        folder = out or outputs_dir() / "demo"
        raw = write_demo(folder, rows, seed)
    except HelpersError as error:
        raise click.UsageError(str(error), ctx) from None
    except OSError as error:
        raise click.ClickException(str(error)) from None
    places = (f"--raw={raw}", f"--processed={folder / 'data' / 'processed'}", f"--outputs={folder}")
    render = ctx.parent.command.get_command(ctx.parent, "render")
    render.main([*USUAL, *arguments, *places], "workbench demo", standalone_mode=False)


@click.command("sample", hidden=True, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def sample(arguments: tuple) -> None:  # noqa: ARG001
    """Name the new home of what this command did."""
    raise click.UsageError(
        "`workbench sample` is now `workbench demo`, which renders the pages as well, into "
        "outputs/demo; delete data/raw/sample where it is still there, then run `workbench clean`"
    )

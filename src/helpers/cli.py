"""Moved: the command is `workbench.cli`."""

raise ImportError(
    "helpers.cli is now workbench.cli; an installation from before the move is renewed by "
    "`make .venv/.ready`"
)

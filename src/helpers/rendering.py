"""Moved: the renderer is the package `workbench`."""

raise ImportError(
    "helpers.rendering is now the package workbench (helpers.rendering.export: workbench.export); "
    "an installation from before the move is renewed by `make .venv/.ready`"
)

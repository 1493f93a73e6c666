"""What trade measures, one subject a module; totals tables in, numbers and tables out.

In the order of their imports: `values`, `indexes`, `gap`, `structure`, `markets`, `imports`,
`ranks`, `relatedness`, `demand`.
Numbers in brackets, as [3], are those of the formulas in `docs/measures.md`.
"""

from importlib import import_module

_HOMES = (
    "values",
    "indexes",
    "gap",
    "structure",
    "markets",
    "imports",
    "ranks",
    "relatedness",
    "demand",
)


def __getattr__(name: str) -> object:
    """Names the home of what `helpers.measures` held as one module."""
    homes = () if name.startswith("_") or name in _HOMES else _HOMES
    for home in (f"helpers.measures.{home}" for home in homes):
        if hasattr(import_module(home), name):
            raise ImportError(f"helpers.measures.{name} is now {home}.{name}")
    raise AttributeError(f"module 'helpers.measures' has no attribute {name!r}")

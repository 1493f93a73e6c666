"""Helpers of the Alborz trade workbench: customs files in, a comparison with the nation out.

A module may import only what stands above it in the list of DESIGN (see `docs/design.md`);
`tests/test_architecture.py` keeps that.
"""

MOVED = {
    "cleaning": "helpers.customs.cleaning",
    "comparison": "helpers.measures (values, gap, structure, markets, ranks)",
    "declarations": "helpers.customs.declarations",
    "doubts": "helpers.customs.doubts",
    "formats": "helpers.customs.files",
    "new": "workbench.new",
    "parsing": "helpers.customs.cells",
    "reading": "helpers.customs.reading, with helpers.customs.layouts and headings",
    "sample": "helpers.demo.synthetic",
    "vintages": "helpers.customs.vintages",
}
"""Modules that went: name -> new home."""


def __getattr__(name: str) -> object:
    if name in MOVED:
        raise ImportError(f"helpers.{name} is now {MOVED[name]}; CHANGELOG.md lists all moves")
    raise AttributeError(f"module 'helpers' has no attribute {name!r}")

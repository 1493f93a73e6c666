"""The large proof of trust: five times what `make trust` tries, and fifty reports on a full disk.

`python benchmarks/bench_trust.py [KIND …]` writes `benchmarks/trust.md` where nothing is wrong. It
takes hours on a busy machine: `--kills`, `--files` and `--reports` make it smaller (the table says
how often each fault was tried), and with `--kept FILE` kinds may be tried in calls of their own.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from trust.__main__ import main

TABLE = Path(__file__).with_name("trust.md")
LARGE = (
    "--kills=200", "--files=5000", "--reports=50", f"--table={TABLE}",
    "--command=python benchmarks/bench_trust.py",
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(main([*LARGE, *sys.argv[1:]]))

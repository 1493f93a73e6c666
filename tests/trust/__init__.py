"""Faults put in at chosen and at random moments, and what became of each: `make trust`.

Every module tries one kind of fault and gives rows of one table (`table`). Numbers are parameters:
`make trust` takes the small ones, `benchmarks/bench_trust.py` the large.
"""

"""Helpers of the Alborz trade workbench: customs files in, a comparison with the nation out.

A module may import only what stands above it in the list of DESIGN (see `docs/design.md`);
`tests/test_architecture.py` keeps that.
"""

"""Customs files, from bytes to declarations: one direction, one module a step."""

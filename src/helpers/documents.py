"""Typed documents: YAML and JSON that a person wrote, decoded in one place.

After `checks`. What a document may hold is a `msgspec.Struct`; what it holds wrongly is said with
the file, the place in it and the nearest word that is allowed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from helpers.schema import UnreadableFile, suggest

Document = TypeVar("Document")


def read_document(path: Path, kind: type[Document]) -> Document:
    """A YAML file (JSON is YAML too) as the given type.

    Raises:
        UnreadableFile: it is not YAML in UTF-8, or not of that type; the message names the file,
            the place in it (`claims 3 > period`) and, for an unknown word, the nearest known one.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableFile(f"{path.name} is not YAML in UTF-8: {error}") from error
    return as_document(content, kind, path.name)


def as_document(content: object, kind: type[Document], name: str) -> Document:
    """Content that was read already as the given type; `name` is what errors call it.

    Raises:
        UnreadableFile: it is not of that type, as `read_document` says it.
    """
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        rule, _, place = str(error).partition(" - at ")
        word = re.search(r"(?:Invalid value|Invalid enum value|unknown field) ['`](.*)['`]", rule)
        near = suggest(word[1], sorted(_words(msgspec.json.schema(kind)))) if word else ""
        raise UnreadableFile(f"{name}{_place(place)}: {rule}{near}") from None


def _place(path: str) -> str:
    """`$.claims[2].tests[0].scope` as `, claims 3 > tests 1 > scope`."""
    counted = re.sub(r"\[(\d+)\]", lambda found: f" {int(found[1]) + 1}", path.strip("`$."))
    return f", {counted.replace('.', ' > ').strip()}" if counted else ""


def _words(schema: Any) -> set[str]:
    """Every name of a part and every word of a vocabulary that a schema knows."""
    if isinstance(schema, list):
        return set().union(*map(_words, schema))
    if not isinstance(schema, dict):
        return set()
    own = {*schema.get("properties", {}), *map(str, schema.get("enum", ()))}
    return own | set().union(*map(_words, schema.values()))

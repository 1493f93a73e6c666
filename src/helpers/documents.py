"""Typed documents: YAML and JSON that a person or a program wrote, decoded in one place.

After `checks`. What a document may hold is a `msgspec.Struct`; what it holds wrongly is said with
the file, the place in it and the nearest word that is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from helpers.schema import UnreadableFile, suggest

Document = TypeVar("Document")


MOST_BYTES = 1 << 20
MOST_DEPTH = 20
"""Beyond these a text is no document of ours, and reading it could take all memory."""


def read_document(path: Path, kind: type[Document]) -> Document:
    """A YAML file (JSON is YAML too) as the given type.

    Raises:
        UnreadableFile: it is not YAML in UTF-8, or not of that type; the message names the file,
            the place in it (`claims 3 > period`) and, for an unknown word, the nearest known one.
    """
    return as_document(_loaded(path), kind, path.name)


def read_yaml(path: Path) -> dict[str, Any]:
    """The keys and values of a YAML file; none where it is empty.

    Raises:
        UnreadableFile: it holds no keys and values, or is nested, repeated or large beyond reason.
    """
    given = _loaded(path)
    if not isinstance(given or {}, dict):
        raise UnreadableFile(f"{path.name} should hold `key: value` lines, not {given!r:.80}")
    return given or {}


def _loaded(path: Path) -> Any:
    import yaml  # A batch with nothing to do reads no YAML.

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if path.stat().st_size > MOST_BYTES:
        raise UnreadableFile(f"{path.name} is larger than {MOST_BYTES:,} bytes; shorten it")
    try:
        text = path.read_text(encoding="utf-8-sig")
        _refuse_bombs(yaml.parse(text, loader), path.name)
        return yaml.load(text, loader)
    except (yaml.YAMLError, ValueError) as error:
        # To YAML 1404-06-31 is a day of the Common Era, and June has none.
        wanted = "YAML in UTF-8, its Persian dates written as 1404/06/31"
        raise UnreadableFile(f"{path.name} is not {wanted}: {error}") from error


def _refuse_bombs(events: Iterable[Any], name: str) -> None:
    import yaml

    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableFile(
                f"{name} refers back to &{event.anchor}, which may multiply without end; "
                "write the values out"
            )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise UnreadableFile(f"{name} is nested deeper than {MOST_DEPTH} levels; flatten it")


def read_json(path: Path, kind: type[Document]) -> Document | None:
    """A JSON file of ours as its declared type; None where it is lost, damaged or older."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


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
        if "unknown field" in rule and place in ("", "`$`"):
            near += f"; it may have: {', '.join(getattr(kind, '__struct_fields__', ()))}"
        raise UnreadableFile(f"{name}{_place(place)}: {rule}{near}") from None


def _place(path: str) -> str:
    """`$.claims[2].tests[0].scope` as `, claims 3 > tests 1 > scope`."""
    plain = path.removeprefix("`key` in ").strip("`$.")
    counted = re.sub(r"\[(\d+)\]", lambda found: f" {int(found[1]) + 1}", plain)
    return f", {counted.replace('.', ' > ').strip()}" if counted else ""


def _words(schema: Any) -> set[str]:
    """Every name of a part and every word of a vocabulary that a schema knows."""
    if isinstance(schema, list):
        return set().union(*map(_words, schema))
    if not isinstance(schema, dict):
        return set()
    own = {*schema.get("properties", {}), *map(str, schema.get("enum", ()))}
    return own | set().union(*map(_words, schema.values()))

"""What a sentence says: its numbers and its words, read back from the markup."""

from __future__ import annotations

from collections.abc import Callable

from lxml import html

FIELDS = ("data-name", "value", "data-unit", "data-scope", "data-period")


def numbers(markup: str) -> list[tuple[str, ...]]:
    """Name, value, unit, scope and period of every number, sorted."""
    found = html.fragment_fromstring(markup or " ", create_parent="div").iter("data")
    return sorted(tuple(figure.get(field, "") for field in FIELDS) for figure in found)


def text(markup: str) -> str:
    """The words as a reader sees them."""
    return html.fragment_fromstring(markup or " ", create_parent="div").text_content()


def both(sentence: Callable[[str], str]) -> dict[str, str]:
    """The words in both languages, which have to carry the same numbers and no `nan`."""
    markup = {lang: sentence(lang) for lang in ("fa", "en")}
    assert numbers(markup["fa"]) == numbers(markup["en"])
    said = {lang: text(each) for lang, each in markup.items()}
    for words in (*markup.values(), *said.values()):
        assert "nan" not in words.replace("finance", "")
        assert "None" not in words
    return said

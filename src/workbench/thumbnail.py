"""A small picture of a page: its first chart, without the letters that nobody could read."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from lxml import etree

MOST_LETTERS = 12_000
"""A larger one is left out: an index has hundreds of them."""

_CHART = re.compile(r'<figure class="wb-chart">.*?<img src="data:image/svg\+xml,([^"]+)"', re.S)
_TOO_SMALL = (
    "//*[starts-with(@id, 'text_') or starts-with(@id, 'legend_') or local-name() = 'metadata']"
)
_SVG = "{http://www.w3.org/2000/svg}"


def of_page(page: str) -> str:
    """The thumbnail of a page as a data URL; "" where it has no chart that can be made small."""
    chart = _CHART.search(page)
    if not chart:
        return ""
    parser = etree.XMLParser(remove_comments=True, resolve_entities=False, no_network=True)
    drawing = etree.fromstring(unquote(chart[1]).encode(), parser)
    for element in drawing.xpath(_TOO_SMALL):
        element.getparent().remove(element)
    for element in drawing.iter(f"{_SVG}path"):
        element.set("d", _rounded(element.get("d", "")))
    url = "data:image/svg+xml," + quote(etree.tostring(drawing).decode(), safe="/:;=,+()'!*?@$ ")
    return url if len(url) <= MOST_LETTERS else ""


def _rounded(path: str) -> str:
    """The outline to the nearest point: at a quarter of its size no one sees the difference."""
    words = re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.0f}", path)
    return " ".join(words.split())

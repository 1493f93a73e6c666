"""Charts of matplotlib on paper: their outlines become the PDF's without a renderer of SVG.

WeasyPrint works out every letter's outline anew, which took a third of a page's time. Here an
outline is worked out once, and what is not of the few forms that matplotlib writes is refused, so
that WeasyPrint draws it in its own way.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import cos, radians, sin
from typing import Any
from xml.etree import ElementTree

_INITIAL = {
    "fill": "#000000", "stroke": "none", "stroke-width": "1", "stroke-linecap": "butt",
    "stroke-linejoin": "round", "stroke-dasharray": "none", "stroke-dashoffset": "0",
    "opacity": "1",
}  # fmt: skip
_CAPS, _JOINS = {"butt": 0, "round": 1, "square": 2}, {"miter": 0, "round": 1, "bevel": 2}
_HREF = "{http://www.w3.org/1999/xlink}href"


class Drawing:
    """A chart, as WeasyPrint's cache of images holds it.

    Args:
        svg: as matplotlib writes it, texts as outlines.

    Raises:
        ValueError: it has another form (`KeyError`, `ParseError`: likewise).
    """

    def __init__(self, svg: str) -> None:
        root = ElementTree.fromstring(svg)
        self.size = [float(number) for number in root.attrib["viewBox"].split()[2:]]
        self.named = {node.get("id"): node for node in root.iter()}
        self.operators = list(self._operators(root, _INITIAL, ""))

    def get_intrinsic_size(self, *_: Any) -> tuple[float, float, float]:
        """Width and height in CSS pixels, and their ratio."""
        width, height = self.size
        return width * 4 / 3, height * 4 / 3, width / height

    def draw(self, stream: Any, width: float, height: float, _style: Any) -> None:
        """Draws it on a page."""
        stream.push_state()
        stream.transform(width / self.size[0], 0, 0, height / self.size[1])
        for opacity, operators in self.operators:
            stream.push_state()
            stream.set_alpha(opacity, stroke=True, fill=True)
            stream.stream.append(operators)
            stream.pop_state()
        stream.pop_state()

    def _operators(
        self, node: ElementTree.Element, around: Mapping[str, str], placed: str
    ) -> Iterator[tuple[float, str]]:
        """Opacity and operators of each path, `placed` by the operators of what it is in."""
        tag = node.tag.rpartition("}")[2]
        if tag in ("metadata", "style", "defs"):
            return
        own = dict(pair.split(": ") for pair in node.get("style", "").split("; ") if pair)
        style = {**around, **own}
        if tag not in ("svg", "g", "path", "use") or len(style) > len(_INITIAL):
            raise ValueError(f"matplotlib draws no {tag} with {own}")
        if clip := re.fullmatch(r"url\(#(.+)\)", node.get("clip-path", "")):
            (box,) = self.named[clip[1]]
            sides = (box.attrib[side] for side in ("x", "y", "width", "height"))
            placed += f"{' '.join(sides)} re W n\n"
        for name, numbers in re.findall(r"(\w+)\(([^)]*)\)", node.get("transform", "")):
            placed += _matrix(name, *map(float, numbers.split()))
        if tag == "use":
            placed += _matrix("translate", float(node.get("x", 0)), float(node.get("y", 0)))
            yield from self._operators(self.named[node.attrib[_HREF][1:]], style, placed)
        elif tag == "path" and "d" in node.attrib:
            yield float(style["opacity"]), placed + _painted(_outline(node.attrib["d"]), style)
        for child in node:
            yield from self._operators(child, style, placed)


def _matrix(name: str, x: float, y: float = 0.0) -> str:
    turn = radians(x)
    numbers = {
        "translate": (1, 0, 0, 1, x, y),
        "scale": (x, 0, 0, y or x, 0, 0),
        "rotate": (cos(turn), sin(turn), -sin(turn), cos(turn), 0, 0),
    }[name]
    return " ".join(f"{number:.6f}" for number in numbers) + " cm\n"


@lru_cache(maxsize=4096)
def _outline(path: str) -> str:
    """The path in the PDF's operators; a quadratic curve becomes a cubic one."""
    operators, here = [], (0.0, 0.0)
    for command, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        points = [float(number) for number in numbers.split()]
        if command == "Q":
            (x0, y0), (x1, y1, x2, y2) = here, points
            near = (x0 + 2 * x1) / 3, (y0 + 2 * y1) / 3, (x2 + 2 * x1) / 3, (y2 + 2 * y1) / 3
            points = [*near, x2, y2]
        here = tuple(points[-2:])
        written = " ".join(f"{round(number, 3):g}" for number in points)
        operators.append(f"{written} {_COMMANDS[command]}")
    return "\n".join(operators)


_COMMANDS = {"M": "m", "L": "l", "Q": "c", "C": "c", "z": "h"}


def _painted(outline: str, style: Mapping[str, str]) -> str:
    """The path filled and stroked."""
    fill, stroke = (_rgb(style[side]) for side in ("fill", "stroke"))
    lines = [f"{fill} rg"] if fill else []
    if stroke:
        dashes = style["stroke-dasharray"].replace("none", "").replace(",", " ")
        ends = f"{_CAPS[style['stroke-linecap']]} J {_JOINS[style['stroke-linejoin']]} j"
        lines.append(f"{stroke} RG {style['stroke-width']} w {ends} [{dashes}] 0 d")
    paint = {(True, True): "B", (True, False): "f", (False, True): "S", (False, False): "n"}
    return "\n".join([*lines, outline, paint[bool(fill), bool(stroke)]])


def _rgb(colour: str) -> str:
    if colour == "none":
        return ""
    if not re.fullmatch("#[0-9a-f]{6}", colour):
        raise ValueError(f"matplotlib writes no colour as {colour}")
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.4f}" for at in (1, 3, 5))

"""What of a notebook a page can show: pictures that it names, outputs of every kind, formulas.

A page runs no script and asks no host. What lies in the notebook's folder or inside the notebook
is put into the page; what cannot be is said there in a sentence with its alternative text, and the
report's record lists it.
"""

import ast
import base64
import io
import mimetypes
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache, partial
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from workbench.page import sanitised

LARGEST_PICTURE_BYTES = 20_000_000
PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")
_SCRIPT = re.compile(r"<script\b|<iframe\b|<object\b|<embed\b|<canvas\b", re.IGNORECASE)
_OBJECT = re.compile(r"<\w.*>|Text\(.*\)")
_TYPES = re.compile(r"\n(?:(?:Freq|Name|Length): .*, )?dtype: \S+$")
"""What pandas writes below a column."""

_RECORD = re.compile(r"application/vnd\.(.*\.provenance|workbench\.table)\+json")
"""Kinds of output that readers are not shown."""
_TEX_MARKS = re.compile(r"^(?:\s|\$|\\[\[(]|\\displaystyle)+|\\displaystyle|(?:\s|\$|\\[\])])+$")


class Scene:
    """One page's surroundings, and what it could not show.

    Args:
        folder: where pictures that the notebook names lie.
        words: of the page.
    """

    def __init__(self, folder: Path, words: Mapping[str, str]) -> None:
        self.folder, self.words = folder, words
        self.lost: list[str] = []

    def missing(self, kind: str, alt: str = "") -> str:
        """A sentence in the place of what cannot be shown.

        Args:
            kind: which sentence: `picture`, `chart`, `formula`, `output` or `printed`.
            alt: its alternative text or its name.
        """
        sentence = self.words["lost"][kind] + (f": {alt}" if alt else "")
        self.lost.append(sentence)
        return f'<span class="wb-lost" role="note">[{escape(sentence)}]</span>'

    def picture(self, address: str, attachments: Mapping[str, Any]) -> str | None:
        """The address of a picture as a data URL; None where it cannot be put into the page."""
        if address.startswith("data:"):
            return address
        if address.startswith("attachment:"):
            bundle = attachments.get(unquote(address.removeprefix("attachment:")), {})
            mime = next((mime for mime in PICTURES if mime in bundle), None)
            return f"data:{mime};base64,{_joined(bundle[mime])}" if mime else None
        path = (self.folder / unquote(address.partition("?")[0])).resolve()
        mime = mimetypes.guess_type(path.name)[0]
        inside = path.is_relative_to(self.folder.resolve()) and path.is_file()
        if not inside or mime not in PICTURES or path.stat().st_size > LARGEST_PICTURE_BYTES:
            return None
        with suppress(OSError):
            return f"data:{mime};base64,{base64.b64encode(path.read_bytes()).decode()}"
        return None

    def text(self, cell: NotebookNode) -> str:
        """A cell of text as clean markup."""
        return self._clean(self._markdown(cell.source), cell)

    def output(self, output: NotebookNode, cell: NotebookNode) -> str:
        """What a page shows of an output, as clean markup: a form of it, or a sentence instead."""
        data = {mime: _joined(part) for mime, part in output.data.items()}
        markup = data.get("text/html", "")
        is_silent = bool(_SCRIPT.search(markup)) and not _has_body(markup)
        picture = next((mime for mime in PICTURES if mime in data), "")
        if "text/html" in data and not is_silent:
            made = markup
        elif "text/markdown" in data:
            made = self._markdown(data["text/markdown"])
        elif picture:
            made = _figure(output, picture)
        elif "text/latex" in data and not is_silent:
            made = self.formula(data["text/latex"])
        elif rich := [m for m in data if m != "text/plain" and not _RECORD.fullmatch(m)]:
            made = self.missing("chart", "" if is_silent else _name(rich[0]))
        else:  # Text beside a record is for the notebook only.
            plain = data.get("text/plain", "").strip() if len(data) == 1 else ""
            made = self._of_python(plain, cell) if plain else ""
        return self._clean(made, cell)

    def _clean(self, markup: str, cell: NotebookNode) -> str:
        picture = partial(self.picture, attachments=cell.get("attachments", {}))
        return sanitised(markup, picture, partial(self.missing, "picture"))

    def _markdown(self, source: str) -> str:
        renderer = Renderer(escape=False, exclude_anchor_links=True)
        renderer.scene = self
        return MarkdownWithMath(renderer=renderer).render(source)

    def _of_python(self, plain: str, cell: NotebookNode) -> str:
        """What Python printed of a value; nothing of an object that the last line left behind."""
        mimes = {mime for output in cell.outputs for mime in output.get("data", ())}
        if " at 0x" in plain or (_OBJECT.search(plain) and not mimes.isdisjoint(PICTURES)):
            return ""
        name = plain.strip("<>") if _OBJECT.fullmatch(plain) else ""
        with suppress(SyntaxError, ValueError, MemoryError, RecursionError):
            try:
                return f'<p class="wb-plain" dir="auto">{escape(_said_by(ast.parse(plain)))}</p>'
            except LookupError as error:
                name = error.args[0]
        if not name:
            text = _TYPES.sub("", plain)
            return f'<pre class="wb-plain" dir="ltr" tabindex="0">{escape(text)}</pre>'
        return self.missing("output", name)

    def formula(self, tex: str) -> str:
        """A formula as a drawing; a sentence where it cannot be drawn."""
        plain = _TEX_MARKS.sub("", tex)
        drawing = _drawn(plain)
        if not drawing:
            return self.missing("formula")
        spoken = " ".join(re.sub(r"[\\{}$]", " ", plain).split())  # for the ear
        source = f"data:image/svg+xml;base64,{drawing}"
        return f'<img class="wb-formula" src="{source}" alt="{escape(spoken)}">'


class Renderer(IPythonRenderer):
    """Markdown as nbconvert renders it, with formulas drawn and pictures left as they are."""

    scene: Scene

    def block_math(self, body: str) -> str:
        """A formula on lines of its own."""
        return f"<p>{self.scene.formula(body)}</p>"

    def inline_math(self, body: str) -> str:
        """A formula in a line."""
        return self.scene.formula(body)

    def latex_environment(self, _name: str, body: str) -> str:
        """A LaTeX environment."""
        return f"<p>{self.scene.formula(body)}</p>"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture; `sanitised` finds it."""
        heading = f' title="{escape(title)}"' if title else ""
        return f'<img src="{escape(url)}" alt="{escape(text)}"{heading}>'

    def block_mermaidjs(self, _code: str) -> str:
        """A chart that a script would draw."""
        return self.scene.missing("chart", "mermaid")


def _said_by(node: ast.AST) -> str:
    """What a value says to a reader, without the marks of Python, which printed it.

    Raises:
        LookupError: it is an object that cannot be said by one value; its kind.
        SyntaxError: it is other text.
    """
    match node:
        case ast.Module(body=[ast.Expr(value)]):
            return _said_by(value)
        case ast.Constant(str(word)):
            return word
        case ast.Constant() | ast.UnaryOp(operand=ast.Constant()):
            return ast.unparse(node)
        case ast.List(parts) | ast.Tuple(parts) | ast.Set(parts):
            return ", ".join(map(_said_by, parts))
        case ast.Dict([*keys], parts) if None not in keys:
            pairs = zip(keys, parts, strict=True)
            return "; ".join(f"{_said_by(key)}: {_said_by(part)}" for key, part in pairs)
        case ast.Call(args=[ast.Constant(str(word)), *_]):
            return word
        case ast.Call(args=[ast.Constant() | ast.List() | ast.Tuple() as part]):
            return _said_by(part)
        case ast.Call(kind, parts) if not any(isinstance(part, ast.Name) for part in parts):
            raise LookupError(ast.unparse(kind))
    raise SyntaxError


def _figure(output: NotebookNode, mime: str) -> str:
    """A picture with its words, which the output's metadata hold."""
    payload = _joined(output.data[mime])
    if mime == "image/svg+xml":
        payload = base64.b64encode(payload.encode()).decode()
    about = {**output.metadata, **output.metadata.get(mime, {})}
    alt = escape(str(about.get("alt", "")))
    address = f"data:{mime};base64,{''.join(payload.split())}"
    return f'<figure class="wb-chart"><img src="{address}" alt="{alt}"></figure>'


@lru_cache(maxsize=256)
def _drawn(tex: str) -> str:
    """The formula as SVG in base64; empty where matplotlib's mathtext does not know it."""
    from matplotlib import mathtext, rc_context

    target = io.BytesIO()
    with suppress(Exception), rc_context({"svg.hashsalt": "workbench", "svg.fonttype": "path"}):
        mathtext.math_to_image(f"${tex}$", target, format="svg")
        return base64.b64encode(target.getvalue()).decode()
    return ""


def _has_body(markup: str) -> bool:
    """Whether markup with a script says anything without it."""
    silent = re.sub(r"<(script|style)\b.*?</\1\s*>", "", markup, flags=re.DOTALL | re.IGNORECASE)
    return bool(re.search(r"<(img|table|svg)\b", silent, re.IGNORECASE)) or bool(
        re.sub(r"<[^>]*>", "", silent).strip()
    )


def _name(mime: str) -> str:
    """`plotly` for `application/vnd.plotly.v1+json`."""
    return mime.rpartition("/")[2].removeprefix("vnd.").split(".")[0].split("+")[0]


def _joined(value: Any) -> str:
    return "".join(value) if isinstance(value, (list, str)) else ""

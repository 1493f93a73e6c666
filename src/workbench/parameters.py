"""The parameters a notebook declares, and whether values fit them: checked before any kernel.

A notebook is read as JSON and its `parameters` cell as a syntax tree, so that a misspelt name is
refused in milliseconds; papermill's own inspection starts from a kernel's translators and costs
the import of papermill.
"""

import ast
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from helpers.schema import LANGS, UnknownParameter, UnreadableFile, check_word, suggest
from workbench.project import project

_CHOICES = re.compile(r"one of:\s*(.+)")
_YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True)
class Parameter:
    """A declared parameter: `name: type = default  # help`.

    `choices` come from `one of: a, b` in the help comment, or from a vocabulary of ours. A default
    that is no literal is known only to the notebook: `default` is None, and `computed` its code.
    """

    name: str
    type: str
    default: Any
    help: str = ""
    choices: tuple[Any, ...] = ()
    computed: str = ""


def declared(notebook: Path) -> dict[str, Parameter]:
    """The parameters of a notebook by name, in order; empty where it has no `parameters` cell.

    Raises:
        UnreadableFile: it is not a notebook, or the cell is not Python.
    """
    cells = [c for c in read_cells(notebook) if "parameters" in c["metadata"].get("tags", [])]
    try:
        return declared_in("".join(cells[0]["source"])) if cells else {}
    except (SyntaxError, ValueError) as error:
        raise UnreadableFile(
            f"the parameters cell of {notebook.name} cannot be read (name: type = value): {error}"
        ) from None


def declared_in(source: str) -> dict[str, Parameter]:
    """The parameters of one cell; its magics are passed over."""
    plain = re.sub(r"(?m)^[ \t]*[%!?].*$", "", source)
    lines = plain.encode().split(b"\n")
    return {p.name: p for p in (_declaration(s, lines) for s in ast.parse(plain).body) if p}


def read_cells(notebook: Path) -> list[dict[str, Any]]:
    """The cells of a notebook file, as its JSON has them.

    Raises:
        UnreadableFile: it is not a notebook of format 4, or none in Python; the message says what
            it is instead.
    """
    try:
        content = json.loads(notebook.read_text("utf-8"))
        spec = content.get("metadata", {}).get("kernelspec", {})
        cells = [
            {"metadata": {}, **cell, "source": cell["source"], "cell_type": cell["cell_type"]}
            for cell in content["cells"]
        ]
    except FileNotFoundError:
        raise UnreadableFile(f"expected a notebook at {notebook}; there is no such file") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableFile(
            f"expected a notebook (JSON with `cells`) in {notebook}, found something else "
            f"({error}); open and save it in JupyterLab"
        ) from None
    if spec.get("language", "python").lower() != "python":
        raise UnreadableFile(f"{notebook.name} is written in {spec['language']}, not in Python")
    return cells


def checked(
    notebook: Path, parameters: Mapping[str, Parameter], values: Mapping[str, Any]
) -> dict[str, Any]:
    """The values in the types that the notebook declares.

    Args:
        notebook: named in errors.
        parameters: what it declares.
        values: what was asked for; text is read as the declared type (`"3"` -> 3 for `int`).

    Raises:
        UnknownParameter: a name looks like a declared one and is none, or a value does not fit its
            type. Any other name is passed on, as papermill does.
        UnknownCode: a value is none of the choices, or no language or value of an axis.
    """
    axes = [axis.name for axis in project().AXES]
    for name in (name for name in values if name not in parameters):
        near = suggest(str(name), list(parameters))
        if near or name in axes or not str(name).isidentifier():
            raise UnknownParameter(
                f"{notebook.name} has no parameter {name!r}{near}; "
                f"it has: {', '.join(parameters) or 'none (no cell is tagged `parameters`)'}"
            )
    return {
        name: _value(notebook, parameters[name], value) if name in parameters else _guessed(value)
        for name, value in values.items()
    }


def _declaration(statement: ast.stmt, lines: list[bytes]) -> Parameter | None:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        name, kind = statement.target.id, ast.unparse(statement.annotation)
    elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        name, kind = statement.targets[0].id, ""
    else:
        return None
    default, computed = None, ""
    try:
        default = ast.literal_eval(statement.value) if statement.value else None
    except ValueError:
        computed = ast.unparse(statement.value)
    after = lines[statement.end_lineno - 1][statement.end_col_offset :].decode()
    note = after.partition("#")[2].lstrip("# ")
    kind = kind or (type(default).__name__ if default is not None else "Any")
    return Parameter(name, kind, default, note, _choices(name, kind, note), computed)


def _choices(name: str, kind: str, note: str) -> tuple[Any, ...]:
    literal = re.fullmatch(r"(?:typing\.)?Literal\[(.+)\]", kind)
    if literal:
        return tuple(ast.literal_eval(f"[{literal[1]}]"))
    listed = _CHOICES.search(note)
    if listed:
        return tuple(word.strip(" .`'\"") for word in listed[1].split(","))
    return {"lang": LANGS, **project().VOCABULARIES}.get(name, ()) if kind == "str" else ()


def _value(notebook: Path, parameter: Parameter, given: Any) -> Any:
    value = _typed(notebook, parameter, given)
    if parameter.choices:
        check_word(parameter.name, str(value), tuple(map(str, parameter.choices)))
    read = {axis.name: axis.read for axis in project().AXES}.get(parameter.name)
    return read(value) if read and value is not None else value


def _typed(notebook: Path, parameter: Parameter, given: Any) -> Any:
    kinds = [kind.strip().split("[")[0] for kind in parameter.type.split("|")]
    if given in (None, "None") and parameter.default is None and not parameter.computed:
        return None
    for kind in kinds:
        with suppress(ValueError, TypeError, SyntaxError):
            return _as(kind, given) if kind in _TYPES else _guessed(given)
    raise UnknownParameter(
        f"{notebook.name}: {parameter.name} is declared {parameter.type}, found {given!r}"
    )


def _guessed(given: Any) -> Any:
    """A text without a declared type, as papermill reads it: a number, true, None, or a text."""
    if not isinstance(given, str):
        return given
    if given in _NAMED:
        return _NAMED[given]
    for kind in (int, float):
        with suppress(ValueError):
            return kind(given)
    return given


def _as(kind: str, given: Any) -> Any:
    """A value as a declared type; raises `ValueError` or one of its kind where it is none."""
    if kind == "str" and isinstance(given, int) and not isinstance(given, bool):
        return str(given)  # A year that YAML took for a number.
    if kind == "bool":
        given = _YES_NO.get(str(given).lower(), given)
    if kind in ("list", "dict") and isinstance(given, str):
        is_literal = given.strip().startswith(("[", "{"))
        given = ast.literal_eval(given) if is_literal else [w.strip() for w in given.split(",")]
    if kind == "None" and given == "":
        return None
    return msgspec.convert(given, _TYPES[kind], strict=False)


_TYPES = {kind.__name__: kind for kind in (str, int, float, bool, list, dict)} | {"None": None}
_NAMED = {"None": None, "True": True, "true": True, "False": False, "false": False}

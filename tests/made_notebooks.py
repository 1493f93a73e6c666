"""Small notebooks for the tests of rendering."""

from pathlib import Path

from nbformat import v4, write

USUAL = (
    'province: str = "alborz"  # slug of a province\n'
    'period: str = "1404M01-07"  # a period\n'
    'lang: str = "fa"  # one of: fa, en\n'
)


def write_notebook(path: Path, *cells: str, parameters: str = USUAL) -> Path:
    """A notebook of the given code cells, with a title in both languages."""
    titles = [
        v4.new_markdown_cell("# عنوان", metadata={"tags": ["fa"]}),
        v4.new_markdown_cell("# Title", metadata={"tags": ["en"]}),
    ]
    declared = v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    code = [v4.new_code_cell(cell) for cell in cells]
    first = [declared] if parameters else []
    notebook = v4.new_notebook(cells=[*titles, *first, *code])
    notebook.metadata.kernelspec = {
        "name": "python3", "display_name": "Python 3", "language": "python",
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    write(notebook, path)
    return path

"""What the data do not answer leaves the page, and one list at the end names it."""

import pytest
from lxml import html

from executed import markdown, notebook, provenance, shows
from workbench import export


def marker(question: str, file: str = "the customs file by tariff line") -> str:
    return f'<p class="wb-unanswered" data-question="{question}">{question}: {file}</p>'


ANSWER = '<p class="wb-say">The answer.</p>'
HERE = shows("<h2>made by telling</h2><ul class='wb-unanswered-list'></ul>", "unanswered")


def page(*cells, lang="en"):
    written = export.export_page(notebook(markdown("# Title"), *cells, lang=lang)).html
    return html.document_fromstring(written).body


def headings(body) -> list[str]:
    return [" ".join(h.text_content().split()) for h in body.xpath("//main//h2 | //main//h3")]


def listed(body) -> list[str]:
    return [li.text_content() for li in body.xpath("//ul[@class='wb-unanswered-list']/li")]


LIST = "Not answered by these data"


@pytest.mark.parametrize(
    ("cells", "kept", "reason"),
    [
        (
            [markdown("## A\n\nWhy."), shows(marker("q")), markdown("## B"), shows(ANSWER)],
            ["B", LIST],
            "a section of markers alone goes with its heading and its text",
        ),
        (
            [markdown("## A"), shows(marker("q")), shows(ANSWER)],
            ["A", LIST],
            "a section with another output stays",
        ),
        (
            [markdown("## A"), shows(ANSWER), markdown("### A1"), shows(marker("q"))],
            ["A", LIST],
            "a subsection goes alone",
        ),
        (
            [markdown("## A"), markdown("### A1"), shows(marker("q")), markdown("### A2"),
             shows(marker("r"))],
            [LIST],
            "a section goes with all its subsections",
        ),
        (
            [markdown("## A\n\nBy hand only."), markdown("## B"), shows(ANSWER)],
            ["A", "B"],
            "text without outputs stays, and without questions there is no list",
        ),
        (
            [markdown("## A\n\n### A1"), shows(marker("q")), markdown("### A2\n\n## B"),
             shows(ANSWER)],
            ["B", LIST],
            "headings of one cell are told apart",
        ),
        (
            [markdown("## A"), shows(ANSWER + marker("q"))],
            ["A", LIST],
            "an output that says something beside its marker is an answer",
        ),
        (
            [markdown("## A"), shows(marker("q") + marker("r"))],
            [LIST],
            "two markers in one output are no answer",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_has_no_answer_leaves_the_page(cells, kept, reason):
    body = page(*cells)
    assert headings(body) == kept, reason
    assert not body.find_class("wb-unanswered")


def test_the_contents_do_not_name_what_has_left():
    body = page(
        markdown("## A"), shows(marker("q")), markdown("## B"), shows(ANSWER), markdown("## C"),
        shows(ANSWER),
    )  # fmt: skip
    assert [a.text for a in body.xpath("//nav[@class='wb-toc']//a")] == ["B", "C", LIST]


def test_every_question_is_listed_once_where_the_tagged_cell_stands():
    body = page(
        markdown("## A"), shows(marker("q")), markdown("## B"), shows(ANSWER), shows(marker("q")),
        HERE, markdown("## C"), shows(ANSWER), shows(marker("r")),
    )  # fmt: skip
    assert headings(body) == ["B", LIST, "C"]
    assert listed(body) == [f"{q}: the customs file by tariff line" for q in "qr"]


def test_a_heading_of_the_notebook_stands_for_ours():
    body = page(
        markdown("## A"), shows(ANSWER), shows(marker("q")), markdown("## Open questions"), HERE
    )
    assert headings(body) == ["A", "Open questions"]
    assert len(listed(body)) == 1


def test_without_a_question_the_tagged_cell_goes_with_its_heading():
    body = page(markdown("## A"), shows(ANSWER), markdown("## Open questions"), HERE)
    assert headings(body) == ["A"]
    assert "made by telling" not in body.text_content()


def test_items_that_the_tagged_cell_made_are_listed_too():
    made = shows('<ul class="wb-unanswered-list"><li>r</li><li>q</li></ul>', "unanswered")
    body = page(markdown("## A"), shows(ANSWER), made)
    assert listed(body) == ["r", "q"]


def test_the_record_of_the_run_stays_though_its_section_goes():
    body = page(markdown("## A"), shows(marker("q")), provenance(False))
    assert headings(body) == [LIST]
    assert body.find_class("wb-provenance")


def test_the_record_leaves_no_empty_box_which_on_paper_would_part_the_imprint_from_the_rest():
    body = page(markdown("## A"), shows(ANSWER), provenance(False))
    assert [e for e in body.xpath("//main/*") if not e.text_content().strip()] == []


def test_the_list_speaks_the_language_of_the_page():
    body = page(markdown("## الف"), shows(marker("پرسش", "فایل")), lang="fa")
    assert headings(body) == ["پرسش‌های بی‌پاسخ در داده‌های موجود"]

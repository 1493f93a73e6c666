"""Telling: what the numbers say, in Persian and English, as sentence, chart, table and card.

A notebook makes one `Page`, asks `telling.facts` for facts, and shows them: `say(fact, page)`,
`draw(fact, rows, page)`, `table(fact, rows, page)`. All words are data in `telling/words/`.
"""

from helpers.telling.charts import Chart, draw
from helpers.telling.numbers import Html, period_name, threshold
from helpers.telling.page import (
    Fact,
    Name,
    Page,
    cards,
    doubt,
    goods_name,
    growth_fact,
    listing,
    open_page,
    say,
    scope,
)
from helpers.telling.tables import Table, table

__all__ = [
    "Chart", "Fact", "Html", "Name", "Page", "Table", "cards", "doubt", "draw", "goods_name",
    "growth_fact", "listing", "open_page", "period_name", "say", "scope", "table", "threshold",
]  # fmt: skip

"""What trade measures, one subject a module; totals tables in, numbers and tables out.

In the order of their imports: `values`, `indexes`, `gap`, `structure`, `markets`, `imports`,
`ranks`.
Numbers in brackets, as [3], are those of the formulas in `docs/measures.md`.
"""

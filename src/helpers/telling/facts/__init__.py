"""What the numbers say, in no language: one module a subject, rows in, `Fact` out."""

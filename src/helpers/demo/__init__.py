"""The synthetic set and the command that renders pages from it, apart from all real data."""

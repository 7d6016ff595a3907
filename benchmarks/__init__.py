"""Checks the design's budgets, as counts or as ratios of what one run measures: ``python -m benchmarks``."""

"""Holds the design's budgets, as counts or as ratios of what is measured in one run: ``python -m benchmarks``."""

"""Runs functions from their zips as Lambda does: each in its own process."""

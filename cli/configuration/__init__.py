"""Reads watchkeeper.yaml, and names the place of every mistake in it and what is expected there."""

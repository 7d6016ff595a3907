"""Reads watchkeeper.yaml, and says of every mistake in it where it stands and what would be right."""

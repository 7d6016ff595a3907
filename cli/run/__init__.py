"""A run from the command line: over the whole scope, resumable, with its progress and its result."""

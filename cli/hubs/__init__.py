"""The hub as the command line meets it: a real one, or an emulated one that it starts."""

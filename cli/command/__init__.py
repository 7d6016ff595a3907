"""The command line: its verbs, its options, and how it is read."""

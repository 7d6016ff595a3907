"""Shows the result of a run to a person or to a program."""

"""The result of a run in the forms that people and programs read, piece by piece."""

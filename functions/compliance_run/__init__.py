"""The compliance run: every account and Region in scope, with every automation, and a report of it."""

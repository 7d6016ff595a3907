"""Notifies people and other systems of what the ledger holds."""

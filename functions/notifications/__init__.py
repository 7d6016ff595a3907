"""Tells people and other systems what the ledger holds."""

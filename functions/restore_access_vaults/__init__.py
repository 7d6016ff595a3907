"""Watches restore access to air-gapped backup vaults, and whether its revocation succeeds."""

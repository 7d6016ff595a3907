"""Audits AWS RAM resource shares in both directions, and removes principals that are not allowed."""

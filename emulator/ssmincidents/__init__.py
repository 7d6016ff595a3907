"""Incident Manager: replication sets and their Regions."""

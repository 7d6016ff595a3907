"""Watches the replication set of Incident Manager: each of its Regions, and the set as a whole."""

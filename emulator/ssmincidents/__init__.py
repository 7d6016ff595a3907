"""Incident Manager: replication sets, whose Regions come, go and fail with time."""

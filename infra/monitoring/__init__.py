"""Alarms, metrics and the dashboard of the hub itself."""

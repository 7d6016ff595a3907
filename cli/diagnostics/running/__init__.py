"""Whether what is deployed runs: its alarms, its last sweeps, and what Lambda lets it use at once."""

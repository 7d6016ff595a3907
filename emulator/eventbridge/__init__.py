"""EventBridge: events on buses, rules and their targets, schedules, API destinations."""

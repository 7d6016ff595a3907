"""A run of an automation: from the event that starts it to what it finds, changes and records."""

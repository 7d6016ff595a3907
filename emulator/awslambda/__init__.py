"""Lambda: functions, their code, and how they are invoked."""

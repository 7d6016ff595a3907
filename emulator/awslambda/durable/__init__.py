"""Lambda's durable functions: executions that wait without running, and continue where they stopped."""

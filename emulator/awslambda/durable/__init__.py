"""Lambda's durable functions: executions that wait without running, and go on where they stopped."""

"""CloudWatch: metrics as alarms see them, the evaluation of alarms, and what a new state causes."""

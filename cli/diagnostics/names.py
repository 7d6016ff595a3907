"""Names of examinations that more than one module speaks of."""

CREDENTIALS = "credentials"
"""The one before all others: without a caller there is nobody to ask."""

SERVICE_CONTROL_POLICIES = "service-control-policies"
"""Also found out by the first reads: AWS says so when it refuses one."""

"""What a person does about a finding, by its check."""

from functions.catalog import FUNCTIONS

NEXT_STEPS = {check: step for function in FUNCTIONS for check, step in function.checks.items()}

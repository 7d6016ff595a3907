"""What a person does about a finding, by its check."""

from functions.catalog import FUNCTIONS
from functions.shared.automation import checks_of

NEXT_STEPS = {check.id: check.next_step for check in checks_of(FUNCTIONS).values()}

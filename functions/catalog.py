"""Every automation of the house, a line each."""

from functions.notifications.manifest import AUTOMATION as NOTIFICATIONS
from functions.ram_invitations.manifest import AUTOMATION as RAM_INVITATIONS
from functions.shared.automation import Automation

AUTOMATIONS: tuple[Automation, ...] = (RAM_INVITATIONS,)

FUNCTIONS: tuple[Automation, ...] = (*AUTOMATIONS, NOTIFICATIONS)

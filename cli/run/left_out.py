"""Says what a run did not look at, and why: nothing looked at is no compliance."""

from collections.abc import Collection, Iterator, Sequence

from functions.compliance_run.scope import ResolvedScope
from functions.shared.automation import Automation
from functions.shared.run.events import Selection


def reasons(
    automations: Sequence[Automation], scope: ResolvedScope, regions: Collection[str], looked_at: Collection[str]
) -> Iterator[str]:
    """Yield a sentence for each automation that looked at nothing, or one for all of them.

    Args:
        automations: that were to run.
        scope: accounts and Regions that they were to look at.
        regions: that the command line picked; empty for all.
        looked_at: the names of the automations that looked at something.
    """
    if not automations:
        yield "every automation is off, so there is nothing to look at"
    elif not scope.accounts:
        if not scope.unlisted:
            yield "no account is in scope: AWS Organizations lists none there that is not excluded"
    else:
        yield from (_why(each, regions) for each in automations if each.name not in looked_at)


def of_event(automation: str, selection: Selection) -> str:
    """Say that an event triggers an automation, but in no target that is to be looked at."""
    where = " ".join(filter(None, (selection.account, selection.region)))
    what = f"account and Region {where}" if where else "every target"
    return f"{automation} was not looked at: {what} is outside the scope, or the options leave it out"


def _why(automation: Automation, regions: Collection[str]) -> str:
    only = automation.target_region
    if only and regions and only not in regions:
        return f"{automation.name} was not looked at: an account has one target for it, {only}; --region leaves it out"
    return f"{automation.name} was not looked at: no account has one of the Regions enabled"

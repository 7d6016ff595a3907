"""Findings about invitations: what each carries, beside the reason, of the invitation that it is about."""

from typing import Any

from functions.ram_invitations.deadlines import evidence
from functions.ram_invitations.decision import Invitation
from functions.shared.finding import printable, sentence
from functions.shared.run.sweep import Sweep
from functions.shared.trust import Deadline, pending_deadline


def report(  # noqa: PLR0913  # what is known of an invitation differs from case to case
    sweep: Sweep,
    check: str,
    invitation: Invitation,
    reason: str,
    *,
    types: frozenset[str] | None = None,
    expires: Deadline | None = None,
    **more: Any,
) -> None:
    """Report what is wrong with a pending invitation.

    Args:
        sweep: the run.
        check: what it was judged by.
        invitation: the one.
        reason: for a person.
        types: of what it shares; None where that was not looked at.
        expires: when; what the types alone tell if it is not given.
        more: AWS's own members beside those of the invitation, or another ``command`` than that of the check.
    """
    deadline = expires or pending_deadline(invitation.invited_at, types, sweep.now)
    sweep.find(
        check,
        invitation.arn,
        sentence(reason),
        occurrence=invitation.arn,
        name=share_name(invitation.share_name or "", invitation.share_arn),
        began_at=invitation.invited_at,
        deadline_at=deadline.at,
        **evidence(invitation, types, expires),
        **more,
    )


def share_name(name: str, share_arn: str) -> str:
    """Return what people call a share: its name, or the end of its ARN where it has none."""
    return printable(name) or share_arn.rpartition("/")[2]

"""The EventBridge events about vaults: those of CloudTrail, for AWS Backup emits nothing about what a team decides."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulator.wire.cloudtrail import Caller, Event, api_call

Subscriber = Callable[[Event], None]

subscribers: list[Subscriber] = []
"""Each is called with every event, at once, in the account and Region that stand in it; none is told of a decision."""

MUTATING = frozenset(
    {
        "AssociateBackupVaultMpaApprovalTeam",
        "CreateBackupVault",
        "CreateLogicallyAirGappedBackupVault",
        "CreateRestoreAccessBackupVault",
        "DeleteBackupVault",
        "DisassociateBackupVaultMpaApprovalTeam",
        "RevokeRestoreAccessBackupVault",
    }
)
"""The operations whose calls CloudTrail hands to EventBridge."""

_SECRET = frozenset({"RequesterComment"})


def publish(event: Event) -> None:
    """Hand an event to every subscriber."""
    for subscriber in tuple(subscribers):
        subscriber(event)


def records(action: str, caller: Caller, request: Mapping[str, Any], outcome: Mapping[str, Any]) -> Iterator[Event]:
    """Yield what CloudTrail hands to EventBridge for a call: to the caller and, if it is another, to the vault's owner.

    Args:
        action: the operation.
        caller: who made it.
        request: its parameters.
        outcome: ``responseElements``; of a call that failed, ``errorCode`` and ``errorMessage``.
    """
    event = api_call("backup", action, caller, _recorded(request), _recorded(outcome))
    yield event
    owner = str(request.get("SourceBackupVaultArn", "")).split(":")[4:5]
    if owner and owner != [caller.account] and "errorCode" not in outcome:
        yield event | {"account": owner[0], "detail": event["detail"] | {"recipientAccountId": owner[0]}}


def _recorded(value: Any, name: str = "") -> Any:
    """Return a request or an answer as CloudTrail writes it: keys begin with a small letter, comments are hidden."""
    if name in _SECRET:
        return "HIDDEN_DUE_TO_SECURITY_REASONS"
    match value:
        case dict():
            return {key[:1].lower() + key[1:]: _recorded(inner, key) for key, inner in value.items()}
        case list():
            return [_recorded(item) for item in value]
        case _:
            return value

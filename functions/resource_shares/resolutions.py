"""How what stood open about shares came to its end: healed, accepted, removed, or mended here."""

from collections.abc import Container
from dataclasses import dataclass, field

from functions.resource_shares.decision import (
    CONTENT_NOT_ALLOWED,
    INVITATION_EXPIRED,
    OWNER_UNTRUSTED,
    PRINCIPAL_NOT_ALLOWED,
    RESOURCE_UNAVAILABLE,
)
from functions.resource_shares.effects import DISASSOCIATE
from functions.shared.aws.lazy import Lazy
from functions.shared.finding import printable
from functions.shared.ledger.records import Item
from functions.shared.run.actions import ActionStatus
from functions.shared.run.sweep import Sweep

_HEALED = {
    CONTENT_NOT_ALLOWED: "healed: a rule covers it now",
    INVITATION_EXPIRED: "healed: it does not wait any more",
    OWNER_UNTRUSTED: "healed: a rule covers its owner now",
    PRINCIPAL_NOT_ALLOWED: "healed: allowed_principals names it now",
}

_OF_CONTENT = (CONTENT_NOT_ALLOWED, RESOURCE_UNAVAILABLE)
_OF_ENTITIES = (*_OF_CONTENT, INVITATION_EXPIRED, PRINCIPAL_NOT_ALLOWED)
"""Checks of what is listed whether something is wrong with it or not; failed associations of resources are not."""


@dataclass(slots=True)
class ShareResolutions:
    """Takes note of what becomes of principals and resources of which something stood open, and of nothing else.

    Attributes:
        sweep: the run.
    """

    sweep: Sweep
    _open: frozenset[tuple[str, str]] = field(init=False)
    _removed: Lazy[frozenset[tuple[str, str]]] = field(init=False)
    _states: dict[tuple[str, str], str] = field(default_factory=dict)
    _untrusted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Note what stood open before the run."""
        self._open = frozenset((item["resource"], item["occurrence"]) for item in self.sweep.open_before.values())
        self._removed = Lazy(self._removed_before)

    def _removed_before(self) -> frozenset[tuple[str, str]]:
        removals = (each for each in self.sweep.actions.earlier if each["action"] == DISASSOCIATE)
        in_effect = (each for each in removals if each["status"] != ActionStatus.FAILED)
        return frozenset((each["resource"], each["part"]) for each in in_effect)

    def note(self, share_arn: str, entity: str, status: str) -> None:
        """Take note of a principal or a resource that RAM shows in a share."""
        if (share_arn, entity) in self._open:
            self._states[share_arn, entity] = status

    def note_untrusted(self, share_arn: str) -> None:
        """Take note of a share that is not looked into, for its owner is trusted by no rule."""
        self._untrusted.add(share_arn)

    def tell(self, shares: Container[str]) -> None:
        """Say of everything that stood open how it ended, if it did.

        Args:
            shares: those that RAM shows, and that are not deleted.
        """
        for name, item in self.sweep.open_before.items():
            self.sweep.ended_because(name, self._how_ended(item, is_shown=item["resource"] in shares))

    def _how_ended(self, item: Item, *, is_shown: bool) -> str:
        check, share_arn, entity = item["check"], item["resource"], item["occurrence"]
        state = self._states.get((share_arn, entity))
        if not is_shown:
            return "removed: the share is not there any more"
        if check in _OF_CONTENT and share_arn in self._untrusted:
            return "removed: no rule covers the owner any more, and the share is not looked into"
        if state is None and check in _OF_ENTITIES:
            is_ours = check == PRINCIPAL_NOT_ALLOWED and (share_arn, entity) in self._removed()
            return f"mended here: {printable(entity)} was removed" if is_ours else "removed from the share"
        if check == INVITATION_EXPIRED and state == "ASSOCIATED":
            return f"accepted by {printable(entity)}"
        return _HEALED.get(check, "healed: the trouble is over")

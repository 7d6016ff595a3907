"""How what stood open about shares came to its end, in words that say how things stand now."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.resource_shares.decision import (
    ASSOCIATION_FAILED,
    CONTENT_NOT_ALLOWED,
    EXTERNAL_ALLOWED,
    GONE,
    INVITATION_EXPIRED,
    OWNER_UNTRUSTED,
    PRINCIPAL_NOT_ALLOWED,
    RESOURCE_UNAVAILABLE,
    SHARE_FAILED,
    Share,
    share_called,
)
from functions.resource_shares.effects import DISASSOCIATE
from functions.shared.automation import ACCOUNT_UNREADABLE, UNREADABLE
from functions.shared.aws.lazy import Lazy
from functions.shared.finding import printable
from functions.shared.ledger.actions import ActionStatus
from functions.shared.ledger.records import Item
from functions.shared.run.sweep import Sweep


@dataclass(frozen=True, slots=True)
class _Ended:
    """A finding that may have ended.

    Attributes:
        item: its record.
        share: as RAM shows it now.
        called: what a person calls the share.
        entity: the principal or resource that the finding is about, printable.
        state: RAM's word on that now; empty where RAM does not show it in the share.
    """

    item: Item
    share: Share
    called: str
    entity: str
    state: str


@dataclass(slots=True)
class ShareResolutions:
    """Takes note of what becomes of principals and resources of which something stood open, and of nothing else.

    Attributes:
        sweep: the run.
    """

    sweep: Sweep
    _open: frozenset[tuple[str, str]] = field(init=False)
    _shares: frozenset[str] = field(init=False)
    _removed: Lazy[frozenset[tuple[str, str]]] = field(init=False)
    _states: dict[tuple[str, str], str] = field(default_factory=dict)
    _rules: dict[str, str] = field(default_factory=dict)
    _outsiders: dict[str, str] = field(default_factory=dict)
    _untrusted: set[str] = field(default_factory=set)
    _deleted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Note what stood open before the run."""
        self._open = frozenset((item["resource"], item["occurrence"]) for item in self.sweep.open_before.values())
        self._shares = frozenset(resource for resource, _ in self._open)
        self._removed = Lazy(self._removed_before)

    def _removed_before(self) -> frozenset[tuple[str, str]]:
        removals = (each for each in self.sweep.actions.earlier if each["action"] == DISASSOCIATE)
        in_effect = (each for each in removals if each["status"] != ActionStatus.FAILED)
        return frozenset((each["resource"], each["part"]) for each in in_effect)

    def note(self, share_arn: str, entity: str, status: str) -> None:
        """Take note of a principal or a resource that RAM shows in a share, or shows to have been in it."""
        place = share_arn, entity
        if place in self._open and (status not in GONE or self._states.get(place, status) in GONE):
            self._states[place] = status

    def note_rule(self, share_arn: str, rule: str) -> None:
        """Take note of the rule that covers a share; empty where none does, so that it is not looked into."""
        if share_arn in self._shares and rule:
            self._rules[share_arn] = rule
        elif not rule:
            self._untrusted.add(share_arn)

    def note_outsider(self, share_arn: str, principal: str) -> None:
        """Take note of a principal outside the organization in a share of ours."""
        if share_arn in self._shares:
            self._outsiders[share_arn] = principal

    def note_deleted(self, share_arn: str) -> None:
        """Take note of a share that RAM shows as deleted."""
        if share_arn in self._shares:
            self._deleted.add(share_arn)

    def tell(self, shares: Mapping[str, Share]) -> None:
        """Say of everything that stood open how it ended, if it did.

        Args:
            shares: those that RAM shows, and that are not deleted, by ARN.
        """
        for name, item in self.sweep.open_before.items():
            if why := self._how_ended(item, shares.get(item["resource"])):
                self.sweep.ended_because(name, why)

    def _how_ended(self, item: Item, share: Share | None) -> str:
        if item["check"] in (UNREADABLE.id, ACCOUNT_UNREADABLE.id):
            return ""  # the sweep says it
        called = self._called(item)
        if share is None and item["resource"] in self._deleted:
            return f"{called} is deleted"
        if share is None:
            return f"RAM does not show {called} any more: its owner deleted it, or took this account out of it"
        entity = item["occurrence"]
        state = self._states.get((share.arn, entity), "")
        by_check = {
            OWNER_UNTRUSTED: self._owner_trusted,
            CONTENT_NOT_ALLOWED: self._content,
            RESOURCE_UNAVAILABLE: self._content,
            PRINCIPAL_NOT_ALLOWED: self._principal,
            INVITATION_EXPIRED: self._principal,
            EXTERNAL_ALLOWED: self._openness,
            ASSOCIATION_FAILED: self._association,
            SHARE_FAILED: self._state_of_share,
        }
        return by_check[item["check"]](_Ended(item, share, called, printable(entity), state))

    def _called(self, item: Item) -> str:
        proof = item["evidence"]
        called, owner = share_called(proof.get("resourceShareName")), proof.get("owningAccountId")
        return called if owner in (None, self.sweep.target.account) else f"{called} of account {owner}"

    def _owner_trusted(self, ended: _Ended) -> str:
        return f"rule {self._rules.get(ended.share.arn, '')} covers {ended.called} now"

    def _content(self, ended: _Ended) -> str:
        if ended.share.arn in self._untrusted:
            return f"no rule covers {ended.called} any more, so Watchkeeper does not look into it"
        if not ended.state:
            return f"{ended.entity} is not in {ended.called} any more"
        if ended.item["check"] == RESOURCE_UNAVAILABLE:
            return f"{ended.entity} in {ended.called} is {ended.state} now"
        return f"rule {self._rules.get(ended.share.arn, '')} covers {ended.entity} in {ended.called} now"

    def _principal(self, ended: _Ended) -> str:
        principal, called = f"principal {ended.entity}", ended.called
        if ended.state == "FAILED":
            return f"RAM could not associate {principal} with {called}, so it does not have the share"
        if ended.state and ended.state not in GONE:
            return self._still_there(ended)
        if (ended.share.arn, ended.item["occurrence"]) in self._removed():
            return f"Watchkeeper removed {principal} from {called}"
        if ended.item["evidence"].get("status") == "ASSOCIATING":
            return f"{principal} is not in {called} any more: its invitation expired, or somebody removed it"
        return f"somebody else removed {principal} from {called}"

    def _still_there(self, ended: _Ended) -> str:
        principal, called = f"principal {ended.entity}", ended.called
        if ended.item["check"] == PRINCIPAL_NOT_ALLOWED:
            if self.sweep.context.settings["allowed_principals"] is None:
                return f"allowed_principals judges nobody any more, and {principal} has {called}"
            return f"allowed_principals names {principal} now, which has {called}"
        if ended.state == "ASSOCIATED":
            return f"{principal} accepted {called}"
        if ended.state == "ASSOCIATING":
            return f"{principal} was invited to {called} again, or has more time to accept it"
        return f"{principal} does not wait for {called} any more: its association is {printable(ended.state)}"

    def _association(self, ended: _Ended) -> str:
        if ended.state and ended.state not in GONE:
            return f"the association of {ended.entity} with {ended.called} is {ended.state} now"
        return f"RAM shows no failed association of {ended.entity} with {ended.called} any more"

    def _state_of_share(self, ended: _Ended) -> str:
        return f"{ended.called} is {ended.share.status} now"

    def _openness(self, ended: _Ended) -> str:
        if not ended.share.admits_externals:
            return f"{ended.called} admits no principals outside the organization any more"
        if outsider := self._outsiders.get(ended.share.arn):
            return f"{ended.called} has to be open: principal {printable(outsider)} outside the organization has it"
        return self._state_of_share(ended)

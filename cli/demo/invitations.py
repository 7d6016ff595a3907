"""The scenario of the RAM invitations: trusted, untrusted, irreversible, late, missed, and a flood."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.demo.account import EmulatedAccount
from cli.demo.scenario import ACCOUNT, Expectation, ScenarioStep
from emulator.ram.seeding import flood, invite

_HUB = "210987654321"
_STRANGER = "999999999999"
_FLOODERS = [f"66666666{number:04}" for number in range(30)]
_FLOOD = 300
_REGIONS = ("us-east-1", "eu-west-1")


@dataclass(frozen=True, slots=True)
class _Invitation:
    share: str
    kind: str
    region: str
    sender: str = _HUB
    hours_old: int = 0
    note: str = ""

    def step(self) -> ScenarioStep:
        who = f"the trusted hub {self.sender}" if self.sender == _HUB else f"a stranger, {self.sender},"
        text = f"{who} shares {self.share} ({self.kind}) in {self.region}"
        return ScenarioStep(timedelta(), f"{text}: {self.note}" if self.note else text, self._send)

    def _send(self, now: datetime) -> None:
        invite(
            sender=self.sender,
            receiver=ACCOUNT,
            region=self.region,
            share_name=self.share,
            resource_types=[self.kind],
            at=now - timedelta(hours=self.hours_old),
        )


_INVITATIONS = (
    _Invitation("prod-transit", "ec2:TransitGateway", "us-east-1"),
    _Invitation("prod-prefixes", "ec2:PrefixList", "us-east-1"),
    _Invitation("prod-resolver", "route53resolver:ResolverRule", "eu-west-1"),
    _Invitation("prod-transit", "glue:Database", "us-east-1", sender=_STRANGER),
    _Invitation("golden-image", "imagebuilder:Image", "eu-west-1", note="whoever accepts cannot leave again"),
    _Invitation("catalog", "glue:Catalog", "us-east-1", hours_old=7, note="7 of its 12 hours are over"),
    _Invitation("prod-subnets", "ec2:Subnet", "eu-west-1", hours_old=169, note="it expired an hour ago, unanswered"),
)


def steps(account: EmulatedAccount) -> Iterator[ScenarioStep]:
    """Yield what happens."""
    yield from (invitation.step() for invitation in _INVITATIONS)
    yield ScenarioStep(
        timedelta(hours=2), f"{_FLOOD} invitations from {len(_FLOODERS)} unknown accounts at once, in eu-west-1", _flood
    )
    yield ScenarioStep(
        timedelta(hours=3),
        "a person has read the mail about catalog, and accepts it by hand",
        lambda _now: _accept_by_hand(account, "catalog"),
    )
    yield ScenarioStep(
        timedelta(hours=4),
        "the trusted hub has read of it too, and shares prod-subnets with us once more",
        lambda _now: _share_again(account, "eu-west-1", "prod-subnets"),
    )


def expectations(account: EmulatedAccount) -> Iterator[Expectation]:
    """Count the results in the emulated AWS and in the ledger."""
    accepted = [action for action in account.actions() if action["action"] == "ram:AcceptResourceShareInvitation"]
    by_rule = sum(action["status"] == "DONE" and action["rule"] == "network-hub" for action in accepted)
    yield Expectation("shares of others are ACTIVE, as RAM shows them to the account", _active_shares(account), 5)
    yield Expectation("of them were accepted here, each under the rule that the ledger names", by_rule, 4)
    yield Expectation(
        "alert for the stranger, in the whole day", account.notifications("invitation-untrusted", "alert"), 1
    )
    yield Expectation("notice that its invitation is over", account.notifications("invitation-untrusted", "ended"), 1)
    yield Expectation(
        "alerts for what cannot be left again", account.notifications("invitation-irreversible", "alert"), 1
    )
    yield Expectation("alerts before a deadline", account.notifications("invitation-expiring", "alert", "worse"), 2)
    yield Expectation(
        f"alert for {_FLOOD} invitations from strangers", account.notifications("invitation-flood", "alert"), 1
    )
    yield Expectation("notice that the flood is over", account.notifications("invitation-flood", "ended"), 1)
    yield Expectation("alerts for invitations that were missed", account.notifications("invitation-missed", "alert"), 2)
    yield Expectation(
        "notice that one of them was shared again", account.notifications("invitation-missed", "ended"), 1
    )


def _flood(now: datetime) -> None:
    kinds = ["glue:Database"]
    flood(ACCOUNT, "eu-west-1", _FLOOD, _FLOODERS, share_name="free-bandwidth", resource_types=kinds, at=now)


def _accept_by_hand(account: EmulatedAccount, share: str) -> None:
    listed = account.call("ram", "us-east-1", "GetResourceShareInvitations")["resourceShareInvitations"]
    arn = next(i["resourceShareInvitationArn"] for i in listed if i["resourceShareName"] == share)
    account.call("ram", "us-east-1", "AcceptResourceShareInvitation", resourceShareInvitationArn=arn)


def _share_again(account: EmulatedAccount, region: str, share: str) -> None:
    owner = EmulatedAccount(account.aws, account.hub, _HUB)
    listed = owner.call("ram", region, "GetResourceShares", resourceOwner="SELF", name=share)["resourceShares"]
    arn = listed[0]["resourceShareArn"]
    owner.call("ram", region, "AssociateResourceShare", resourceShareArn=arn, principals=[ACCOUNT])


def _active_shares(account: EmulatedAccount) -> int:
    wanted = {"resourceOwner": "OTHER-ACCOUNTS", "resourceShareStatus": "ACTIVE"}
    return sum(len(account.call("ram", region, "GetResourceShares", **wanted)["resourceShares"]) for region in _REGIONS)

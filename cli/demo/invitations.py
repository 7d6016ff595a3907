"""The day of the RAM invitations: trusted, strange, irreversible, late, missed, and a flood."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from cli.demo.scene import ACCOUNT, Expectation, Scene
from cli.demo.world import World
from emulator.ram.seeding import flood, invite

_HUB = "210987654321"
_STRANGER = "999999999999"
_FLOODERS = [f"66666666{number:04}" for number in range(30)]
_FLOOD = 300
_REGIONS = ("us-east-1", "eu-west-1")


def scenes(world: World) -> Iterator[Scene]:
    """Tell the story."""
    yield _shares("prod-transit", "ec2:TransitGateway", "us-east-1", hours=0)
    yield _shares("prod-prefixes", "ec2:PrefixList", "us-east-1", hours=0)
    yield _shares("prod-resolver", "route53resolver:ResolverRule", "eu-west-1", hours=0)
    yield _shares("prod-transit", "glue:Database", "us-east-1", hours=0, sender=_STRANGER)
    yield _shares("golden-image", "imagebuilder:Image", "eu-west-1", hours=0, note="whoever accepts cannot leave again")
    yield _shares("catalog", "glue:Catalog", "us-east-1", hours=0, age=7, note="7 of its 12 hours are over")
    yield _shares(
        "prod-subnets", "ec2:Subnet", "eu-west-1", hours=0, age=169, note="it expired an hour ago, unanswered"
    )
    yield Scene(
        timedelta(hours=2), f"{_FLOOD} invitations from {len(_FLOODERS)} unknown accounts at once, in eu-west-1", _flood
    )
    yield Scene(
        timedelta(hours=3),
        "a person has read the mail about catalog, and accepts it by hand",
        lambda _now: _accept_by_hand(world, "catalog"),
    )
    yield Scene(
        timedelta(hours=4),
        "the trusted hub has read of it too, and shares prod-subnets with us once more",
        lambda _now: _share_again(world, "eu-west-1", "prod-subnets"),
    )


def expectations(world: World) -> Iterator[Expectation]:
    """Count, in the emulated AWS and in the ledger, what became of it."""
    accepted = [action for action in world.actions() if action["action"] == "ram:AcceptResourceShareInvitation"]
    by_rule = sum(action["status"] == "DONE" and action["rule"] == "network-hub" for action in accepted)
    yield Expectation("shares of others are ACTIVE, as RAM shows them to the account", _active_shares(world), 5)
    yield Expectation("of them were accepted here, each under the rule that the ledger names", by_rule, 4)
    yield Expectation("alert for the stranger, in all its hours", world.mails("invitation-untrusted", "alert"), 1)
    yield Expectation("notice that its invitation is over", world.mails("invitation-untrusted", "ended"), 1)
    yield Expectation("alerts for what cannot be left again", world.mails("invitation-irreversible", "alert"), 2)
    yield Expectation("alerts before a deadline", world.mails("invitation-expiring", "alert"), 2)
    yield Expectation(f"alert for {_FLOOD} invitations from strangers", world.mails("invitation-flood", "alert"), 1)
    yield Expectation("notice that the flood is over", world.mails("invitation-flood", "ended"), 1)
    yield Expectation("alerts for invitations that were missed", world.mails("invitation-missed", "alert"), 2)
    yield Expectation("notice that one of them was made up for", world.mails("invitation-missed", "ended"), 1)


def _shares(  # noqa: PLR0913  # each is a part of the sentence
    share: str,
    kind: str,
    region: str,
    *,
    hours: int,
    sender: str = _HUB,
    age: int = 0,
    note: str = "",
) -> Scene:
    who = f"the trusted hub {sender}" if sender == _HUB else f"a stranger, {sender},"
    text = f"{who} shares {share} ({kind}) in {region}"
    play = partial(_invite, sender=sender, region=region, share=share, kind=kind, age=timedelta(hours=age))
    return Scene(timedelta(hours=hours), f"{text}: {note}" if note else text, play)


def _invite(  # noqa: PLR0913  # each is a part of what happens
    now: datetime, *, sender: str, region: str, share: str, kind: str, age: timedelta
) -> None:
    invite(sender=sender, receiver=ACCOUNT, region=region, share_name=share, resource_types=[kind], at=now - age)


def _flood(now: datetime) -> None:
    kinds = ["glue:Database"]
    flood(ACCOUNT, "eu-west-1", _FLOOD, _FLOODERS, share_name="free-bandwidth", resource_types=kinds, at=now)


def _accept_by_hand(world: World, share: str) -> None:
    listed = world.call("ram", "us-east-1", "GetResourceShareInvitations")["resourceShareInvitations"]
    arn = next(i["resourceShareInvitationArn"] for i in listed if i["resourceShareName"] == share)
    world.call("ram", "us-east-1", "AcceptResourceShareInvitation", resourceShareInvitationArn=arn)


def _share_again(world: World, region: str, share: str) -> None:
    owner = World(world.aws, world.hub, _HUB)
    listed = owner.call("ram", region, "GetResourceShares", resourceOwner="SELF", name=share)["resourceShares"]
    arn = listed[0]["resourceShareArn"]
    owner.call("ram", region, "AssociateResourceShare", resourceShareArn=arn, principals=[ACCOUNT])


def _active_shares(world: World) -> int:
    wanted = {"resourceOwner": "OTHER-ACCOUNTS", "resourceShareStatus": "ACTIVE"}
    return sum(len(world.call("ram", region, "GetResourceShares", **wanted)["resourceShares"]) for region in _REGIONS)

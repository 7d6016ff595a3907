"""Invitations as AWS prints them, typos and old times and all, answered by the same code as all others."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.ram import seeding
from functions.ram_invitations.manifest import AUTOMATION
from functions.shared.aws.target import Target
from functions.shared.run.events import Selection
from tests.ram_invitations.conftest import World, status_of
from tests.world import found

SENDER = "111111111111"
DATA = Path(__file__).parents[3] / "shared" / "data"
PRINTED = sorted(
    [*DATA.glob("aws-docs/ram.*-invitation*.json"), *DATA.glob("aws-cli-ram/*-share-invitation*.output.json")],
    key=lambda path: path.name,
)
SUBNET = {
    "arn": "arn:aws:ec2:us-west-2:123456789012:subnet/subnet-04a555b0e6EXAMPLE",
    "creationTime": 1634676051.269,
    "lastUpdatedTime": 1634676052.07,
    "status": "AVAILABLE",
    "type": "ec2:Subnet",
}


def _ours(**members: Any) -> dict[str, Any]:
    """Return an invitation of our own making."""
    return {
        "resourceShareInvitationArn": f"arn:aws:ram:eu-west-1:{SENDER}:resource-share-invitation/0000EXAMPLE",
        "resourceShareName": "A Share With Blanks",
        "resourceShareArn": f"arn:aws:ram:eu-west-1:{SENDER}:resource-share/0001EXAMPLE",
        "senderAccountId": SENDER,
        "receiverAccountId": "333333333333",
        "invitationTimestamp": 1600000000.5,
        "status": "PENDING",
    } | members


SYNTHETIC = {
    "epoch with a fraction": _ours(),
    "epoch without one": _ours(invitationTimestamp=1600000000),
    "ISO with an offset": _ours(invitationTimestamp="2020-09-13T05:26:40.123000-07:00"),
    "ISO in UTC": _ours(invitationTimestamp="2020-09-13T12:26:40Z"),
    "a Region that does not exist": _ours(
        resourceShareInvitationArn=f"arn:aws:ram:eu-west1-1:{SENDER}:resource-share-invitation/0000EXAMPLE"
    ),
    "the receiver's account in the ARN": _ours(
        resourceShareInvitationArn="arn:aws:ram:eu-west-1:333333333333:resource-share-invitation/0000EXAMPLE"
    ),
    "for one of our users": _ours(receiverArn="arn:aws:iam::333333333333:user/somebody"),
}


def _invitations(path: Path) -> list[dict[str, Any]]:
    document = json.loads(path.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = document.get("resourceShareInvitations") or [document["resourceShareInvitation"]]
    return found


def _load(invitation: dict[str, Any]) -> tuple[str, Target]:
    resources = [] if invitation["status"] == "ACCEPTED" else [SUBNET]
    arn = seeding.load(invitation, resources=resources, ageless=True)
    return arn, Target(invitation["receiverAccountId"], invitation["resourceShareArn"].split(":")[3])


def _is_answered_as_any_other(world: World, aws: Emulator, invitation: dict[str, Any]) -> None:
    world.section["trust"] = [{"name": "docs", "accounts": [SENDER]}]
    arn, target = _load(invitation)
    wanted = "ACCEPTED" if invitation["status"] == "PENDING" else invitation["status"]
    assert re.compile(AUTOMATION.resource).fullmatch(arn)
    first = world.look(target=target)
    first.finish()
    assert status_of(arn, aws, target) == wanted
    made = [(each["resource"], each["rule"], each["status"]) for each in first.actions.made]
    assert made == ([(arn, "docs", "DONE")] if invitation["status"] == "PENDING" else [])
    assert (first.coverage()["status"], first.coverage()["compliant"]) == ("COMPLETE", 1)
    aws.calls.clear()
    again = world.look(target=target, selection=Selection(target.account, target.region, frozenset([arn])))
    again.finish()
    assert aws.calls.mutating() == []
    assert again.findings == {}


@pytest.mark.parametrize("invitation", SYNTHETIC.values(), ids=SYNTHETIC)
def test_an_invitation_of_the_traps_that_aws_printed_is_answered(
    world: World, aws: Emulator, invitation: dict[str, Any]
) -> None:
    _is_answered_as_any_other(world, aws, invitation)


@pytest.mark.parametrize("invitation", SYNTHETIC.values(), ids=SYNTHETIC)
def test_without_a_rule_it_is_held(world: World, aws: Emulator, invitation: dict[str, Any]) -> None:
    arn, target = _load(invitation)
    sweep = world.look(target=target)
    assert status_of(arn, aws, target) == "PENDING"
    assert found(sweep) == {("invitation-untrusted", arn)}


@pytest.mark.skipif(not PRINTED, reason="what AWS printed is not beside the repository")
@pytest.mark.parametrize("path", PRINTED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_aws_printed_is_answered(world: World, aws: Emulator, path: Path) -> None:
    for invitation in _invitations(path):
        _is_answered_as_any_other(world, aws, invitation)


@pytest.mark.skipif(not PRINTED, reason="what AWS printed is not beside the repository")
def test_what_aws_printed_has_the_traps_that_ours_have() -> None:
    printed = [invitation for path in PRINTED for invitation in _invitations(path)]
    assert {type(invitation["invitationTimestamp"]) for invitation in printed} == {str, float}
    assert any(":us-west2-1:" in invitation["resourceShareInvitationArn"] for invitation in printed)
    assert {invitation["status"] for invitation in printed} == {"PENDING", "ACCEPTED", "REJECTED"}

"""A world of senders and one receiver, in which a sweep is one call."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.ram import seeding
from emulator.ram.entities.shares import Invitation
from emulator.ram.models import ram_backends
from functions.ram_invitations.effects import Ram
from functions.shared.aws.target import Target
from tests.conftest import REGION, US, Table, clients_of
from tests.world import AutomationWorld

HUB = "210987654321"
STRANGER = "999999999999"
HERE = Target(US, REGION)
GATEWAY = "ec2:TransitGateway"
LOCKED = "glue:Database"
ACCEPT = "ram:AcceptResourceShareInvitation"
REJECT = "ram:RejectResourceShareInvitation"
LIST = "ram:GetResourceShareInvitations"
LOOK = "ram:ListPendingInvitationResources"
SHARES = "ram:GetResourceShares"
RESOURCES = "ram:ListResources"
TRUST = [{"name": "hub", "accounts": [HUB]}]


def invite(sender: str = HUB, *types: str, name: str = "prod", **more: Any) -> str:
    """Let *sender* invite us to a new share; of a transit gateway, if no types are given."""
    given = {"receiver": US, "region": REGION, "share_name": name, "resource_types": types or (GATEWAY,)} | more
    return seeding.invite(sender=sender, **given)


def ram(account: str = US) -> Ram:
    """Return RAM as the automation sees it."""
    return Ram(clients_of(account).calls("ram", REGION), REGION)


def received(arn: str, target: Target = HERE) -> Invitation:
    """Return an invitation to us as RAM itself holds it."""
    invitation = ram_backends[target.account][target.region].received.get(arn)
    assert invitation is not None
    return invitation


def share_of(arn: str) -> str:
    """Return the share that an invitation is to."""
    return received(arn).share.arn


def status_of(arn: str, aws: Emulator, target: Target = HERE) -> str:
    """Return what RAM itself says of an invitation to us."""
    return str(received(arn, target).status(aws.clock.now()))


def acceptances() -> list[str]:
    """Return the invitations that were accepted, by RAM's own register, in the order of their arrival."""
    received = ram_backends[US][REGION].received
    return [each.arn for each in received if each.answer == "ACCEPTED"]


@dataclass(slots=True)
class World(AutomationWorld):
    """Us, as the automation looks at us."""

    automation = "ram_invitations"

    section: dict[str, Any] = field(default_factory=lambda: {"mode": "apply", "trust": TRUST})


@pytest.fixture
def world(aws: Emulator, table: Table, tmp_path: Path) -> World:
    """Us with an empty ledger, trusting HUB and on `apply`."""
    return World(aws, table, tmp_path)


@dataclass(slots=True)
class Printed:
    """What the function wrote: its log, and what it printed beside it."""

    stream: io.StringIO
    capsys: pytest.CaptureFixture[str]
    _text: str = ""

    def lines(self) -> list[str]:
        """Return every line so far, from all streams."""
        told = self.capsys.readouterr()
        self._text += told.out + told.err
        return [*self.stream.getvalue().split("\n")[:-1], *self._text.split("\n")[:-1]]

    def records(self) -> list[Mapping[str, Any]]:
        """Return every line, read as what it has to be: one JSON object."""
        read = [json.loads(line) for line in self.lines()]
        assert all(isinstance(record, dict) for record in read)
        return read


@pytest.fixture
def printed(printed: io.StringIO, capsys: pytest.CaptureFixture[str]) -> Printed:
    """Collect what the function writes."""
    return Printed(printed, capsys)

"""A world of senders and one receiver, in which a sweep is one call."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.awslambda.models import lambda_backends

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from emulator.awslambda.runtime import Outcome
from emulator.ram import seeding
from emulator.ram.models import ram_backends
from functions.ram_invitations.effects import Ram
from functions.ram_invitations.handler import lambda_handler, run
from functions.ram_invitations.manifest import AUTOMATION
from functions.shared.aws.target import Selection, Target
from functions.shared.ledger.records import Item
from functions.shared.observability import log
from functions.shared.run.hub import Hub, ledger_of
from functions.shared.run.sweep import Sweep, run_sweep
from functions.shared.settings import SETTINGS_FILE
from tests.conftest import REGION, US, Table, clients_of, settings

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


def found(sweep: Sweep) -> set[tuple[str, str]]:
    """Return what a sweep found, as checks and resources."""
    return {(finding.check, finding.resource) for finding in sweep.findings.values()}


def status_of(arn: str, aws: Emulator) -> str:
    """Return what RAM itself holds of an invitation to us."""
    invitation = ram_backends[US][REGION].received.get(arn)
    assert invitation is not None
    return str(invitation.status(aws.clock.now()))


def acceptances() -> list[str]:
    """Return the invitations that were accepted, by RAM's own register, in the order of their arrival."""
    received = ram_backends[US][REGION].received
    return [each.arn for each in received if each.answer == "ACCEPTED"]


@dataclass(slots=True)
class World:
    """Us, as the automation looks at us.

    Attributes:
        aws: the emulator.
        table: the ledger.
        task_root: of the function.
        section: of the automation's configuration.
        rest: of the configuration.
    """

    aws: Emulator
    table: Table
    task_root: Path
    section: dict[str, Any] = field(default_factory=lambda: {"mode": "apply", "trust": TRUST})
    rest: dict[str, Any] = field(default_factory=dict)
    _number: int = 0

    def sweep(self, *, dry_run: bool = False, with_ledger: bool = True, selection: Selection | None = None) -> Sweep:
        """Look at us once, and write down what was found."""
        sweep = self.look(dry_run=dry_run, with_ledger=with_ledger, selection=selection)
        sweep.finish()
        return sweep

    def look(
        self,
        *,
        dry_run: bool = False,
        with_ledger: bool = True,
        selection: Selection | None = None,
        target: Target = HERE,
    ) -> Sweep:
        """Look at us, or at another target, once; `Sweep.finish` writes down what was found."""
        given = settings(ram_invitations=self.section, **self.rest)
        ledger = ledger_of(given, clients_of(), TABLE_NAME) if with_ledger else None
        hub = Hub(given, target.account, "aws", clients_of(target.account), ledger, dry_run)
        now = self.aws.clock.now()
        clients_for = hub.clients_for(target.account, [])
        return run_sweep(hub.run_context("ram_invitations", target, clients_for, selection or Selection(), now), run)

    def hours_later(self, hours: float) -> Sweep:
        """Let time pass, and look again."""
        self.aws.advance(timedelta(hours=hours))
        return self.sweep()

    def deploy(self) -> None:
        """Create the function, with the present configuration and a fresh process."""
        self._number += 1
        root = self.task_root / str(self._number)
        root.mkdir()
        document = settings(ram_invitations=self.section, **self.rest).document
        (root / SETTINGS_FILE).write_text(json.dumps(document), encoding="utf-8")
        self.aws.functions.register(
            self._name(),
            lambda_handler,
            account=US,
            region=REGION,
            timeout=AUTOMATION.timeout,
            environment={
                "LAMBDA_TASK_ROOT": str(root),
                "LEDGER_TABLE": TABLE_NAME,
                "SESSION_ACTIONS": json.dumps([permission.action for permission in AUTOMATION.permissions]),
                "POWERTOOLS_SERVICE_NAME": "ram_invitations",
                "POWERTOOLS_METRICS_NAMESPACE": "Watchkeeper",
            },
        )

    def invoke(self, event: Any) -> Outcome:
        """Let Lambda invoke the function."""
        if not self._number:
            self.deploy()
        return self.aws.functions.invoke(lambda_backends[US][REGION].get_function(self._name()), event)

    def open(self) -> set[tuple[str, str]]:
        """Return the open findings of the ledger, as checks and resources."""
        return {(item["check"], item["resource"]) for item in self.table.items("open#")}

    def closed(self) -> set[tuple[str, str]]:
        """Return what ended, as checks and resources."""
        return {(item["check"], item["resource"]) for item in self.table.items("closed#")}

    def actions(self) -> list[Item]:
        """Return the records of changes, the oldest first."""
        return self.table.items("action#")

    def _name(self) -> str:
        return f"ram_invitations-{self._number}"


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
def printed(capsys: pytest.CaptureFixture[str]) -> Iterator[Printed]:
    """Collect what the function writes."""
    stream = io.StringIO()
    handler = log.registered_handler
    before = handler.setStream(stream)
    yield Printed(stream, capsys)
    handler.setStream(before)


@pytest.fixture(autouse=True)
def _silent(printed: Printed) -> None:
    """Keep the function's log out of everybody else's."""
    assert printed

"""The app, deployed by the CDK's own command line to an emulated AWS, its zips run as Lambda runs them."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cli.cdk import Cdk, CdkError
from cli.deployed_hub import interpreter, names
from cli.emulated_hub import EmulatedHub
from emulator.aws import Emulator
from functions.shared.records import Item, from_dynamodb
from tests.conftest import clients_of
from tests.infra.conftest import missing

HUB = "123456789012"
FRIEND = "210987654321"
STRANGER = "999999999999"
REGION = "us-east-1"


@dataclass(slots=True)
class Deployment:
    """A deployed hub.

    Attributes:
        aws: where it is.
        folder: of configurations and assemblies.
        cdk: that deployed it last.
        config: what it was deployed with.
    """

    aws: Emulator
    folder: Path
    url: str
    cdk: Cdk = field(init=False)
    config: dict[str, Any] = field(default_factory=dict)

    def synthesize(self, **sections: Any) -> None:
        """Make the assembly of a configuration that trusts one sender, unless *sections* say otherwise."""
        trust = [{"name": "network-hub", "accounts": [FRIEND]}]
        self.config = {
            "version": 1,
            "scope": {"accounts": ["self"], "regions": [REGION]},
            "ram_invitations": {"mode": "apply", "trust": trust},
            "removal": "destroy",
            **sections,
        }
        number = len(list(self.folder.iterdir()))
        written = self.folder / f"watchkeeper-{number}.yaml"
        written.write_text(json.dumps(self.config), encoding="utf-8")
        self.cdk = Cdk(self.url, HUB, REGION, self.folder / f"assembly-{number}")
        self.cdk.synthesize(written)

    def call(self, service: str, operation: str, region: str = REGION, account: str = HUB, **given: Any) -> Any:
        """Call AWS as an account's root."""
        return clients_of(account).calls(service, region)(operation, **given)

    @property
    def hub(self) -> EmulatedHub:
        """The names of what stands."""
        return names(HUB, REGION)

    def physical(self, kind: str, name: str = "") -> list[str]:
        """Return the names of the stack's resources of one type whose logical id begins so."""
        resources = self.call("cloudformation", "DescribeStackResources", StackName="watchkeeper")["StackResources"]
        return [
            each["PhysicalResourceId"]
            for each in resources
            if each["ResourceType"] == kind and each["LogicalResourceId"].startswith(name)
        ]

    def ledger(self) -> list[Item]:
        """Return all that the ledger holds."""
        return [from_dynamodb(item) for item in self.call("dynamodb", "Scan", TableName=self.hub.table)["Items"]]

    def subjects(self) -> list[str]:
        """Return the subjects of the mails."""
        return [message.subject for message in self.aws.inbox.of(self.hub.topic_arn)]


@pytest.fixture
def deployment(aws: Emulator, tmp_path: Path) -> Deployment:
    """An account that is bootstrapped, and nothing deployed yet; roles do what their policies let them."""
    if shutil.which("node") is None and not Path(shutil.which("python") or "").with_name("node").exists():
        missing("node was not found")
    try:
        aws.run_zips(interpreter())
    except CdkError as error:
        missing(str(error))
    aws.enforce_policies()
    made = Deployment(aws, tmp_path, aws.serve().replace("127.0.0.1", "localhost"))
    made.synthesize()
    made.cdk.bootstrap()
    return made


@pytest.fixture
def deployed(deployment: Deployment) -> Deployment:
    """A hub that trusts one sender."""
    deployment.cdk.deploy()
    return deployment


@pytest.fixture
def aws() -> Iterator[Emulator]:
    """An emulated AWS whose clock stands still at the present: the CDK takes another one for a skewed clock."""
    with Emulator() as emulated:
        yield emulated

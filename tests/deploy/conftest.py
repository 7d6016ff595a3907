"""The app, deployed by the CDK's own command line to an emulated AWS, its zips run as Lambda runs them."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cli.hubs.cdk import Cdk, CdkError
from cli.hubs.deployed_hub import interpreter, names
from cli.hubs.emulated_hub import HubNames
from emulator.aws import Emulator
from emulator.awslambda.sandbox.interpreter import Interpreter
from functions.shared.deployment.resources import STACK_NAME
from functions.shared.ledger.records import Item, from_dynamodb
from tests.conftest import NOW, clients_of
from tests.deploy.inventory import Reader
from tests.infra.conftest import missing

HUB = "123456789012"
FRIEND = "210987654321"
STRANGER = "999999999999"
REGION = "us-east-1"
ELSEWHERE = "us-west-2"
CHAT = "https://chat.example.com/hook"
_INVENTORY = "inventory.json"
_RESOURCES = ("cloudformation", "DescribeStackResources")

Deployed = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Assemblies:
    """What the app makes of configurations: of each once in a session, whichever of its processes asks first.

    Attributes:
        folder: that the processes share.
    """

    folder: Path

    def of(self, config: Mapping[str, Any], aws: Emulator, url: str) -> Path:
        """Return the folder of templates and assets; they are made without network, by the CDK's command line."""
        written = json.dumps(config, sort_keys=True)
        place = self.folder / sha256(written.encode()).hexdigest()[:16]
        place.mkdir(parents=True, exist_ok=True)
        made, assembly = place / "made", place / "assembly"
        with (place / "lock").open("w") as lock, pytest.MonkeyPatch.context() as patch:
            flock(lock, LOCK_EX)
            if not made.exists():
                (place / "watchkeeper.yaml").write_text(written, encoding="utf-8")
                patch.setenv("UV_OFFLINE", "1")
                Cdk(url, HUB, REGION, assembly, aws.secret_key).synthesize(place / "watchkeeper.yaml")
                made.touch()
        return assembly


@dataclass(slots=True)
class Deployment:
    """A deployed hub.

    Attributes:
        aws: where it is.
        folder: of its own.
        url: of the emulated AWS.
        assemblies: of all configurations.
        cdk: that deployed it last.
        config: what it was deployed with.
    """

    aws: Emulator
    folder: Path
    url: str
    assemblies: Assemblies
    cdk: Cdk = field(init=False)
    config: dict[str, Any] = field(default_factory=dict)

    def synthesize(self, **sections: Any) -> None:
        """Take the assembly of a configuration that trusts one sender, unless *sections* say otherwise."""
        trust = [{"name": "network-hub", "accounts": [FRIEND]}]
        self.config = {
            "version": 1,
            "scope": {"accounts": ["self"], "regions": [REGION]},
            "ram_invitations": {"mode": "apply", "trust": trust},
            "notifications": {
                "emails": ["on-call@example.com", {"address": "acts@example.com", "actions": True}],
                "digest_after": 2,
                "security_hub": True,
                "webhooks": [{"name": "chat", "form": "slack", "url_secret": "hooks/chat"}],
            },
            "removal": "destroy",
            **sections,
        }
        assembly = self.assemblies.of(self.config, self.aws, self.url)
        self.cdk = Cdk(self.url, HUB, REGION, assembly, self.aws.secret_key)

    def call(self, service: str, operation: str, region: str = REGION, account: str = HUB, **given: Any) -> Any:
        """Call AWS as an account's root."""
        return clients_of(account).calls(service, region)(operation, **given)

    @property
    def hub(self) -> HubNames:
        """The names of what stands."""
        return names(HUB, REGION)

    def physical(self, kind: str, name: str = "") -> list[str]:
        """Return the names of the stack's resources of one type whose logical id begins so."""
        resources = self.call("cloudformation", "DescribeStackResources", StackName=STACK_NAME)["StackResources"]
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


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> Assemblies:
    """What was synthesized in this session."""
    own = tmp_path_factory.getbasetemp()
    return Assemblies((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "assemblies")


@pytest.fixture(scope="session")
def runtime() -> Interpreter:
    """What runs a zip as Lambda does."""
    try:
        return interpreter()
    except CdkError as error:
        missing(str(error))


Bootstrap = Callable[[Emulator], Deployment]


@pytest.fixture
def bootstrap(runtime: Interpreter, assemblies: Assemblies, tmp_path: Path) -> Bootstrap:
    """Prepare an account for the CDK; roles do what their policies let them."""

    def bootstrapped(aws: Emulator) -> Deployment:
        if shutil.which("node") is None and not Path(shutil.which("python") or "").with_name("node").exists():
            missing("node was not found")
        aws.run_zips(runtime)
        aws.enforce_policies()
        url = aws.serve().replace("127.0.0.1", "localhost")
        Cdk(url, HUB, REGION, tmp_path, aws.secret_key).bootstrap()
        made = Deployment(aws, tmp_path, url, assemblies)
        made.call("secretsmanager", "CreateSecret", Name="hooks/chat", SecretString=CHAT)
        made.call("securityhub", "EnableSecurityHub")
        return made

    return bootstrapped


@pytest.fixture
def deployment(aws: Emulator, bootstrap: Bootstrap) -> Deployment:
    """An account that is bootstrapped, and nothing deployed yet."""
    return bootstrap(aws)


@pytest.fixture
def deployed(deployment: Deployment) -> Deployment:
    """A hub that trusts one sender."""
    return _deployed(deployment)


def _deployed(deployment: Deployment) -> Deployment:
    """Deploy the hub that trusts one sender, and write down once in a session what it consists of."""
    deployment.synthesize()
    deployment.cdk.deploy()
    place = deployment.assemblies.folder / _INVENTORY
    if not place.exists():
        stacks = {REGION: STACK_NAME, ELSEWHERE: f"{STACK_NAME}-forwarder-{ELSEWHERE}"}.items()
        found = [deployment.call(*_RESOURCES, region, StackName=name)["StackResources"] for region, name in stacks]
        types = {each["ResourceType"] for resources in found for each in resources}
        inventory = Reader(deployment.hub).inventory(ELSEWHERE)
        written = {"config": deployment.config, "types": sorted(types), "inventory": inventory}
        unfinished = deployment.folder / _INVENTORY
        unfinished.write_text(json.dumps(written, default=str), encoding="utf-8")
        unfinished.rename(place)
    return deployment


@pytest.fixture
def deployed_once(one_session: None, assemblies: Assemblies, bootstrap: Bootstrap) -> Deployed:  # noqa: ARG001  # cheap
    """What the first hub of the session consisted of: its configuration, its inventory, its types of resources."""
    place = assemblies.folder / _INVENTORY
    if not place.exists():
        with Emulator(now=NOW) as aws:
            _deployed(bootstrap(aws))
    read: Deployed = json.loads(place.read_text(encoding="utf-8"))
    return read

"""An emulated AWS Backup and its approvers, every answer of which is held against the botocore model."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from emulator.aws import Emulator
from emulator.backup import events
from emulator.mpa.seeding import make_team

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
REGION = "eu-west-1"
OWNER, RECOVERY, TEAM_OWNER = "111122223333", "210987654321", "333333333333"
Client = Callable[..., Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "string": (str,),
    "timestamp": (int, float, str),
}


@pytest.fixture
def aws() -> Iterator[Emulator]:
    """An emulated AWS whose clock stands still."""
    with Emulator(now=NOW) as emulated:
        yield emulated


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """One session for all: each costs as much as twenty clients."""
    return boto3.Session()


@pytest.fixture
def client(aws: Emulator, session: boto3.Session) -> Client:
    """Make clients that do not validate what they send, and hold what they get to the model."""

    def make(account: str = OWNER, service: str = "backup", region: str = REGION) -> Any:
        made = session.client(
            service,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="emulated",
            config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
        )
        made.meta.events.register(f"before-parse.{service}", _judge)
        return made

    assert aws
    return make


@pytest.fixture
def emitted() -> Iterator[list[events.Event]]:
    """Collect the events that AWS Backup causes."""
    collected: list[events.Event] = []
    events.subscribers.append(collected.append)
    yield collected
    events.subscribers.remove(collected.append)


@pytest.fixture
def team(aws: Emulator) -> str:
    """A team of three, of whom two have to approve; its sessions are shown to the owner of the vaults."""
    assert aws
    return make_team(TEAM_OWNER, shared_with=[OWNER])


@pytest.fixture
def source(client: Client, team: str) -> str:
    """An air-gapped vault with a team."""
    vaults = client()
    made = vaults.create_logically_air_gapped_backup_vault(
        BackupVaultName="prod", MinRetentionDays=7, MaxRetentionDays=30
    )
    vaults.associate_backup_vault_mpa_approval_team(BackupVaultName="prod", MpaApprovalTeamArn=team)
    return str(made["BackupVaultArn"])


def _judge(operation_model: OperationModel, response_dict: dict[str, Any], **_: Any) -> None:
    told = json.loads(response_dict["body"] or "{}")
    if response_dict["status_code"] < 300:
        assert response_dict["status_code"] == operation_model.http.get("responseCode", 200)
        _match(operation_model.name, operation_model.output_shape, told)
        return
    code = told.get("__type") or response_dict["headers"]["x-amzn-errortype"]
    modelled = {shape.name for shape in operation_model.error_shapes} | {"NotImplementedException"}
    assert code in modelled, f"{operation_model.name} has no {code}"


def _match(path: str, shape: Shape | None, value: Any) -> None:
    if isinstance(shape, StructureShape):
        assert set(value) <= set(shape.members), f"{path} has unknown members: {set(value) - set(shape.members)}"
        for name, member in value.items():
            _match(f"{path}.{name}", shape.members[name], member)
    elif isinstance(shape, ListShape):
        assert isinstance(value, list), path
        for item in value:
            _match(f"{path}[]", shape.member, item)
    elif isinstance(shape, MapShape):
        for name, inner in value.items():
            _match(f"{path}.{name}", shape.value, inner)
    elif shape is not None:
        right = isinstance(value, _TYPES[shape.type_name]) and (shape.type_name == "boolean" or value is not True)
        assert right, f"{path} is no {shape.type_name}: {value!r}"
        assert not getattr(shape, "enum", None) or value in shape.enum, f"{path}: {value!r}"

"""An emulated CloudHSM, every answer of which is held against the botocore model while it is read."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from emulator.aws import Emulator
from emulator.cloudhsmv2 import events

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
US, REGION = "111122223333", "eu-west-1"
Client = Callable[..., BaseClient]

_TYPES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "string": (str,),
    "timestamp": (int, float),
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
    """Make CloudHSM clients, which do not validate what they send and hold what they get to the model."""

    def make(account: str = US, region: str = REGION) -> BaseClient:
        made = session.client(
            "cloudhsmv2",
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="emulated",
            config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
        )
        made.meta.events.register("before-parse.cloudhsmv2", _judge)
        return made

    assert aws
    return make


@pytest.fixture
def emitted() -> Iterator[list[events.Event]]:
    """Collect the events about CloudHSM."""
    collected: list[events.Event] = []
    events.subscribers.append(collected.append)
    yield collected
    events.subscribers.remove(collected.append)


def _judge(operation_model: OperationModel, response_dict: dict[str, Any], **_: Any) -> None:
    told = json.loads(response_dict["body"])
    if response_dict["status_code"] < 300:
        _match(operation_model.name, operation_model.output_shape, told)
        return
    assert response_dict["status_code"] == 400
    assert told["__type"] in {shape.name for shape in operation_model.error_shapes}, told


def _match(path: str, shape: Shape | None, value: Any) -> None:
    if isinstance(shape, StructureShape):
        assert set(value) <= set(shape.members), f"{path} has unknown members: {set(value) - set(shape.members)}"
        for name, member in value.items():
            _match(f"{path}.{name}", shape.members[name], member)
    elif isinstance(shape, ListShape):
        for item in value:
            _match(f"{path}[]", shape.member, item)
    elif isinstance(shape, MapShape):
        assert isinstance(value, dict), path
    elif shape is not None:
        right = isinstance(value, _TYPES[shape.type_name]) and (shape.type_name == "boolean" or value is not True)
        assert right, f"{path} is no {shape.type_name}: {value!r}"
        assert not getattr(shape, "enum", None) or value in shape.enum, f"{path}: {value!r}"

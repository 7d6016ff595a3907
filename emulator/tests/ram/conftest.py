"""An emulated RAM, every answer of which is held against the botocore model while it is read."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.model import ListShape, OperationModel, Shape, StructureShape

from emulator.aws import Emulator
from emulator.ram import events

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
REGION = "eu-west-1"
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
    """Make RAM clients of any account, which do not validate what they send and hold what they get to the model."""

    def make(account: str, region: str = REGION, **more: Any) -> BaseClient:
        made = session.client(
            "ram",
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="emulated",
            config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
            **more,
        )
        made.meta.events.register("before-parse.ram", _judge)
        return made

    assert aws
    return make


@pytest.fixture
def emitted() -> Iterator[list[events.Event]]:
    """Collect the events that RAM emits."""
    collected: list[events.Event] = []
    events.subscribers.append(collected.append)
    yield collected
    events.subscribers.remove(collected.append)


@pytest.fixture(scope="session")
def printed() -> Callable[[str], Any]:
    """Read what AWS printed, where it lies beside the repository."""
    data = Path(__file__).parents[4] / "shared" / "data"

    def read(name: str) -> Any:
        if not (data / name).exists():
            pytest.skip(f"AWS's printed answers are not beside the repository: {name}")
        return json.loads((data / name).read_text(encoding="utf-8"))

    return read


def _judge(operation_model: OperationModel, response_dict: dict[str, Any], **_: Any) -> None:
    told = json.loads(response_dict["body"])
    if response_dict["status_code"] < 300:
        _match(operation_model.name, operation_model.output_shape, told)
        return
    modelled = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in operation_model.error_shapes}
    assert modelled.get(told["__type"]) == response_dict["status_code"], f"{operation_model.name} has no {told}"


def _match(path: str, shape: Shape | None, value: Any) -> None:
    if isinstance(shape, StructureShape):
        assert set(value) <= set(shape.members), f"{path} has unknown members: {set(value) - set(shape.members)}"
        for name, member in value.items():
            _match(f"{path}.{name}", shape.members[name], member)
    elif isinstance(shape, ListShape):
        assert isinstance(value, list), path
        for item in value:
            _match(f"{path}[]", shape.member, item)
    elif shape is not None:
        right = isinstance(value, _TYPES[shape.type_name]) and (shape.type_name == "boolean" or value is not True)
        assert right, f"{path} is no {shape.type_name}: {value!r}"
        assert not getattr(shape, "enum", None) or value in shape.enum, f"{path}: {value!r}"

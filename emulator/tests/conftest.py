"""One emulated AWS for each test, and clients of any account in it."""

import gc
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.validate import ParamValidator
from hypothesis import settings as hypothesis_settings

from emulator.aws import Emulator
from emulator.wire import events

gc.set_threshold(100_000, 50, 100)  # what a test makes is gone with it; to look for more takes a tenth of the time

hypothesis_settings.register_profile("the same each time", derandomize=True, database=None, deadline=None)
hypothesis_settings.load_profile("the same each time")

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
REGION = "eu-west-1"
ACCOUNT = "111122223333"

Client = Callable[..., Any]
Call = Callable[..., dict[str, Any]]

_TYPES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "string": (str,),
    "timestamp": (int, float, str),
}


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """One session for all: each costs as much as twenty clients."""
    return boto3.Session()


@pytest.fixture
def aws() -> Iterator[Emulator]:
    """An emulated AWS whose clock stands still."""
    with Emulator(now=NOW) as emulator:
        yield emulator


@pytest.fixture
def client(aws: Emulator, session: boto3.Session) -> Client:
    """Make clients that neither retry nor know anything but an account and a Region."""
    assert aws

    def make(service: str, account: str = ACCOUNT, region: str = REGION, **more: Any) -> Any:
        more = {"config": Config(retries={"mode": "standard", "total_max_attempts": 1})} | more
        keys = {"aws_access_key_id": account, "aws_secret_access_key": aws.secret_key}
        return session.client(service, region_name=region, **keys, **more)

    return make


@pytest.fixture
def checked_client(client: Client) -> Client:
    """Make clients that do not validate what they send, and compare every answer with botocore's model."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})

    def make(service: str, account: str = ACCOUNT, region: str = REGION, **more: Any) -> Any:
        made = client(service, account, region, config=config, **more)
        made.meta.events.register(f"before-parse.{service}", _check)
        return made

    return make


@pytest.fixture
def emitted() -> Iterator[list[events.Event]]:
    """Collect the events that services emit."""
    collected: list[events.Event] = []
    events.subscribers.append(collected.append)
    yield collected
    events.subscribers.remove(collected.append)


def checked_call(api: Any, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Call an operation, and compare the answer with botocore's model."""
    answer: dict[str, Any] = api._make_api_call(operation, parameters)
    del answer["ResponseMetadata"]
    report = ParamValidator().validate(answer, api.meta.service_model.operation_model(operation).output_shape)
    assert not report.has_errors(), report.generate_report()
    return answer


def code(raised: Any) -> str:
    """Return the code of an error that was expected."""
    return str(raised.value.response["Error"]["Code"])


def code_of(call: Any, *given: Any, **named: Any) -> str:
    """Return the code of the error that *call* ends in."""
    return code_and_status(call, *given, **named)[0]


def code_and_status(call: Any, *given: Any, **named: Any) -> tuple[str, int]:
    """Return the code and the status of the error that *call* ends in."""
    with pytest.raises(ClientError) as raised:
        call(*given, **named)
    return code(raised), raised.value.response["ResponseMetadata"]["HTTPStatusCode"]


def queue(client: Client, name: str) -> str:
    url = client("sqs").create_queue(QueueName=name)["QueueUrl"]
    answer = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])


def messages(client: Client, name: str) -> list[Any]:
    url = client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    answer = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return list(answer.get("Messages", []))


def bodies(client: Client, name: str) -> list[Any]:
    return [json.loads(message["Body"]) for message in messages(client, name)]


def rule(client: Client, *targets: Mapping[str, Any], pattern: Any = None, **settings: Any) -> None:
    given = {"EventPattern": json.dumps(pattern)} if pattern else {}
    client("events").put_rule(Name="rule", **given, **settings)
    numbered = [{"Id": str(number), **target} for number, target in enumerate(targets)]
    client("events").put_targets(Rule="rule", Targets=numbered)


def make_table(client: Client, table: str, *attributes: str, **more: Any) -> dict[str, Any]:
    """Create a table with these attributes, of which the first two are its keys, and describe it."""
    types = [{"AttributeName": name, "AttributeType": "S"} for name in attributes]
    schema = [{"AttributeName": key, "KeyType": kind} for key, kind in zip(attributes, ("HASH", "RANGE"), strict=False)]
    given = {"TableName": table, "KeySchema": schema, "AttributeDefinitions": types, **more}
    return dict(client("dynamodb").create_table(**given, BillingMode="PAY_PER_REQUEST")["TableDescription"])


def run_at_once(threads: int, target: Callable[[], None]) -> None:
    """Run the same in many threads, and wait for all of them."""
    started = [Thread(target=target) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


def _check(operation_model: OperationModel, response_dict: dict[str, Any], **_: Any) -> None:
    answer, status = json.loads(response_dict["body"] or "{}"), response_dict["status_code"]
    if status < 300:
        assert status == operation_model.http.get("responseCode", 200)
        _match(operation_model.name, operation_model.output_shape, answer)
        return
    modelled = {shape.name: shape.metadata.get("error", {}) for shape in operation_model.error_shapes}
    modelled["NotImplementedException"] = {"httpStatusCode": 501}
    found = answer.get("__type") or response_dict["headers"]["x-amzn-errortype"]
    assert found in modelled, f"{operation_model.name} has no {found}"
    assert status == modelled[found].get("httpStatusCode", 400)


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

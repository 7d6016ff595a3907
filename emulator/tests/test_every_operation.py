"""Every operation of botocore's models is answered or refused in its protocol, and logged; never in HTML."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import Shape, StructureShape

from emulator.aws import Emulator

from .conftest import ACCOUNT, NOW, REGION

OURS = ("cloudformation", "cloudhsmv2", "mpa", "ram", "ssm-incidents", "stepfunctions")
"""Services that the emulator has itself: they do not fail at anything."""

SHARED = ("backup", "events", "organizations", "s3control", "scheduler")
"""Services that the emulator adds to moto's."""

OTHERS = (
    *("cloudfront", "connect", "eks", "guardduty", "iot", "lambda", "medialive", "pinpoint", "quicksight", "route53"),
    *("s3files", "securityhub", "servicecatalog", "sesv2", "arc-zonal-shift", "cloudwatchomni", "eventbridgev2", "swf"),
)
"""Some that moto has in part, that it takes for another service, or that it lacks, in every protocol."""

SOME = 12
_CONFIG = Config(parameter_validation=False, inject_host_prefix=False, retries={"total_max_attempts": 1})
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Answers = dict[str, tuple[int, str]]


def example(shape: Shape | None) -> Any:
    """Return a value of *shape* with nothing but what is required."""
    if isinstance(shape, StructureShape):
        return {name: example(shape.members[name]) for name in shape.required_members}
    if shape is None or shape.type_name in ("list", "map"):
        return [] if shape and shape.type_name == "list" else {}
    least = shape.metadata.get("min", 1)
    if shape.type_name == "string":
        return next(iter(getattr(shape, "enum", ())), _LETTERS[: max(int(least), 3)] or _LETTERS)
    return {"boolean": True, "blob": b"abc", "timestamp": NOW}.get(shape.type_name, least)


@pytest.fixture
def walk(aws: Emulator, session: boto3.Session) -> Callable[[str, int | None], Answers]:
    """Call operations of a service over HTTP; return status and body of each answer."""
    url = aws.serve()

    def walked(service: str, at_most: int | None) -> Answers:
        host = url.replace("//", "//account@") if service == "s3control" else url
        keys = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": aws.secret_key}
        client = session.client(service, region_name=REGION, endpoint_url=host, config=_CONFIG, **keys)
        return dict(_answers(client, aws, at_most))

    return walked


def _answers(client: Any, aws: Emulator, at_most: int | None) -> Iterator[tuple[str, tuple[int, str]]]:
    model, answers = client.meta.service_model, []
    client.meta.events.register("before-parse", lambda response_dict, **_: answers.append(response_dict))
    for name in model.operation_names[:at_most]:
        answers.clear()
        aws.calls.clear()
        shape = model.operation_model(name).input_shape
        given = example(shape) if shape else {}
        if "AccountId" in given:
            given["AccountId"] = ACCOUNT
        with suppress(ClientError):
            client._make_api_call(name, given)
        (answer,) = answers
        assert len(aws.calls) == 1, f"{name} is logged once"
        (call,) = aws.calls
        assert (call.error == "NotImplementedException") == (answer["status_code"] == 501), name
        yield name, (answer["status_code"], answer["body"].decode(errors="replace").lower())


def in_html(answers: Answers) -> set[str]:
    return {name for name, (_, body) in answers.items() if "<html" in body or "<!doctype" in body}


@pytest.mark.parametrize("service", OURS)
def test_every_operation_of_ours_is_answered_or_refused(walk: Callable[..., Answers], service: str) -> None:
    answers = walk(service, None)
    assert {name for name, (status, _) in answers.items() if status == 500} == set()
    assert in_html(answers) == set()


@pytest.mark.parametrize("service", SHARED)
def test_every_operation_of_motos_too(walk: Callable[..., Answers], service: str) -> None:
    assert in_html(walk(service, None)) == set()


@pytest.mark.parametrize("service", OTHERS)
def test_operations_of_others_are_answered_or_refused(walk: Callable[..., Answers], service: str) -> None:
    answers = walk(service, SOME)
    assert len(answers) == SOME
    assert in_html(answers) == set()

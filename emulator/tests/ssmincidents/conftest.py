"""Incident Manager of one account, whose every answer is held against botocore's model."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator

from emulator.aws import Emulator

Call = Callable[..., dict[str, Any]]
ACCOUNT = "111122223333"
_SESSION = Session()


@pytest.fixture
def call(aws: Emulator) -> Call:
    """Call an operation in a Region, and check the answer."""
    assert aws
    clients: dict[str, Any] = {}

    def made(operation: str, region: str = "us-east-1", **parameters: Any) -> dict[str, Any]:
        keys = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "emulated"}
        if region not in clients:
            clients[region] = _SESSION.create_client("ssm-incidents", region_name=region, **keys)
        model = clients[region].meta.service_model.operation_model(operation)
        answer: dict[str, Any] = clients[region]._make_api_call(operation, parameters)
        del answer["ResponseMetadata"]
        report = ParamValidator().validate(answer, model.output_shape)
        assert not report.has_errors(), report.generate_report()
        return answer

    return made

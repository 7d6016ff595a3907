"""The role is the second wall: whatever the code decides, a stranger's invitation is not accepted."""

import json
from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from botocore.session import Session
from moto.awslambda.models import lambda_backends

from cli.configuration.defaults import completed
from cli.configuration.loading import compiled
from cli.configuration.schema import compose
from emulator.delivery.runtime import InProcess
from emulator.sandbox.credentials import credentials_of
from functions.catalog import FUNCTIONS
from functions.ram_invitations import handler
from functions.shared import furniture
from functions.shared.settings import SETTINGS_FILE
from functions.shared.trust import TrustPolicy
from tests.deploy.conftest import FRIEND, HUB, REGION, STRANGER, Deployment
from tests.deploy.test_deploy import invite, statuses

HOUR = timedelta(hours=1, minutes=10)


def test_without_the_trust_statement_the_deployed_zip_is_refused_and_says_so(deployed: Deployment) -> None:
    _take_away(deployed, "ram:AcceptResourceShareInvitation")
    invite(FRIEND, "friend")
    deployed.aws.advance(HOUR)
    assert statuses(deployed) == {"friend": "PENDING"}
    actions = [item for item in deployed.ledger() if item["sk"].startswith("action#")]
    assert {item["status"] for item in actions} == {"FAILED"}
    assert "no identity-based policy allows the ram:AcceptResourceShareInvitation action" in json.dumps(actions)
    assert f"[HIGH] accept-failed in {HUB} {REGION}" in deployed.subjects()


def _take_away(deployed: Deployment, action: str) -> None:
    """Delete a statement from the policies of the deployed role."""
    for arn in deployed.physical("AWS::IAM::ManagedPolicy", "RamInvitations"):
        version = deployed.call("iam", "GetPolicy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = deployed.call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        kept = [each for each in found["Statement"] if each["Action"] != action]
        document = json.dumps({**found, "Statement": kept})
        deployed.call("iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)


def test_a_decision_that_accepts_everybody_is_stopped_by_the_role(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run the handler with the deployed role's credentials, and a decision that trusts whoever comes."""
    monkeypatch.setattr(TrustPolicy, "rule_for", lambda policy, **_: policy.rules[0])
    _run_here(deployed, monkeypatch)
    invite(FRIEND, "friend")
    invite(STRANGER, "odd")
    deployed.aws.advance(HOUR)
    assert statuses(deployed) == {"friend": "ACCEPTED", "odd": "PENDING"}
    refused = [call for call in deployed.aws.calls.of("ram:AcceptResourceShareInvitation") if call.error]
    assert {call.error for call in refused} == {"AccessDeniedException"}


def _run_here(deployed: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the deployed function run in this process, where its decision can be changed, as its own role still."""
    (name,) = deployed.physical("AWS::Lambda::Function", "RamInvitations")
    function = lambda_backends[HUB][REGION].get_function(name)
    keys = credentials_of(function)
    session = Session()
    session.set_credentials(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], keys["AWS_SESSION_TOKEN"])
    monkeypatch.setattr(furniture, "Session", lambda: session)
    furniture.furniture.cache_clear()
    (deployed.folder / "task").mkdir()
    settings = {**compiled_document(deployed.config)}
    (deployed.folder / "task" / SETTINGS_FILE).write_text(json.dumps(settings), encoding="utf-8")
    environment = {**function.environment_vars, "LAMBDA_TASK_ROOT": str(deployed.folder / "task")}
    deployed.aws.functions.run_with(str(function.function_arn), InProcess(_silent, environment))


def _silent(event: Any, context: Any) -> Any:
    with redirect_stdout(StringIO()):
        return handler.lambda_handler(event, context)


def compiled_document(written: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration as it lies in the zip."""
    return dict(compiled(completed(compose(FUNCTIONS), written)).document)

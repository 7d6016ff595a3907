"""The role is the second wall: it refuses what the code would do wrong or may not do any more, and people are told."""

import io
import json
import zipfile
from datetime import timedelta

from moto.awslambda.models import lambda_backends

from tests.deploy.conftest import FRIEND, HUB, REGION, STRANGER, Deployment
from tests.deploy.inventory import policy_document
from tests.deploy.test_deploy import invite_and_tell, policies, statuses

ACCEPT = "ram:AcceptResourceShareInvitation"
DECISION = "functions/ram_invitations/decision.py"
TRUSTS_EVERYBODY = """

def decide(invitation, account, policy):
    if invitation.status != "PENDING":
        return Answered()
    return InspectContent(TrustRule("everybody", frozenset({invitation.sender})))
"""


def test_the_role_stops_a_decision_that_accepts_everybody_and_without_the_trust_statement_the_zip_as_deployed(
    deployed: Deployment,
) -> None:
    (name,) = deployed.physical("AWS::Lambda::Function", "RamInvitations")
    code = lambda_backends[HUB][REGION].get_function(name).code_bytes
    deployed.call("lambda", "UpdateFunctionCode", FunctionName=name, ZipFile=_mutated(code))
    assert _refusals(deployed, FRIEND, "a-friend-s") == []
    assert _refusals(deployed, STRANGER, "a-stranger-s") == ["AccessDeniedException"]
    assert statuses(deployed) == {"a-friend-s": "ACCEPTED", "a-stranger-s": "PENDING"}

    deployed.call("lambda", "UpdateFunctionCode", FunctionName=name, ZipFile=code)
    _forget_trust(deployed)
    assert _refusals(deployed, FRIEND, "another") == ["AccessDeniedException"]
    assert statuses(deployed)["another"] == "PENDING"
    _people_are_told(deployed)


def _people_are_told(deployed: Deployment) -> None:
    """Check that both refusals are in the ledger, in IAM's words, and were alerted."""
    deployed.aws.advance(timedelta(minutes=5))
    told = f"HIGH {HUB}: Watchkeeper could not answer the invitation of account"
    assert sum(subject.startswith(told) for subject in deployed.subjects()) == 2, deployed.subjects()
    reasons = [item["reason"] for item in deployed.ledger() if item.get("check") == "accept-failed"]
    assert [reason.rpartition(": ")[2] for reason in reasons] == [
        "AcceptResourceShareInvitation failed with AccessDeniedException"
    ] * 2
    actions = [item for item in deployed.ledger() if item["sk"].startswith("action#")]
    failed = [json.dumps(item) for item in actions if item["status"] == "FAILED"]
    assert failed
    assert all(f"no identity-based policy allows the {ACCEPT} action" in text for text in failed)


def _refusals(deployed: Deployment, sender: str, share_name: str) -> list[str]:
    """Let an invitation come, tell the hub of it, and return the errors that its acceptance ended in."""
    deployed.aws.calls.clear()
    invite_and_tell(deployed, sender, share_name)
    errors = {call.error for call in deployed.aws.calls.of(ACCEPT)}
    assert errors, "nothing was tried"
    return sorted(errors - {""})


def _mutated(code: bytes) -> bytes:
    """Return the zip with a decision that accepts everybody, without the `.pyc` of the right one."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(code)) as deployed, zipfile.ZipFile(written, "w") as archive:
        for name in deployed.namelist():
            if name == DECISION:
                archive.writestr(name, deployed.read(name).decode() + TRUSTS_EVERYBODY)
            elif not name.startswith("functions/ram_invitations/__pycache__/decision."):
                archive.writestr(name, deployed.read(name))
    return written.getvalue()


def _forget_trust(deployed: Deployment) -> None:
    """Take the statement that lets invitations be accepted out of the deployed role's policies."""
    assert ACCEPT in policies(deployed)
    for arn in deployed.physical("AWS::IAM::ManagedPolicy", "RamInvitations"):
        found = policy_document(deployed.call, arn)
        kept = [each for each in found["Statement"] if each["Action"] != ACCEPT]
        document = json.dumps({**found, "Statement": kept})
        deployed.call("iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    assert ACCEPT not in policies(deployed)

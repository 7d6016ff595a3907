"""A role's session does what the role's policies let it, and no more; everybody else does everything."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.ram import seeding
from tests.emulator.conftest import ACCOUNT, REGION, Client

FRIEND, STRANGER, SPOKE = "210987654321", "999999999999", "444455556666"
TRUSTED = {"StringEquals": {"ram:ShareOwnerAccountId": [FRIEND]}}
ACCEPT = "ram:AcceptResourceShareInvitation"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


def role(client: Client, *statements: dict[str, Any], account: str = ACCOUNT, **trust: Any) -> str:
    """Create a role that this account may assume, and return its ARN."""
    who = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole", **trust}
    iam = client("iam", account=account)
    arn = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=document(who))["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName="worker", PolicyName="all", PolicyDocument=document(*statements))
    return str(arn)


def session(client: Client, arn: str, by: Any = None, **more: Any) -> Any:
    """Return a maker of clients of a session of a role."""
    keys = (by or client)("sts").assume_role(RoleArn=arn, RoleSessionName="test", **more)["Credentials"]

    def make(service: str, **settings: Any) -> Any:
        return client(service, account=keys["AccessKeyId"], **settings)

    return make


def invite(sender: str) -> str:
    return seeding.invite(sender=sender, receiver=ACCOUNT, region=REGION, share_name="any")


def code(refused: Any) -> str:
    return str(refused.value.response["Error"]["Code"])


@pytest.fixture
def enforced(aws: Emulator) -> Emulator:
    aws.enforce_policies()
    return aws


def test_an_invitation_of_a_trusted_sender_is_accepted_and_a_strangers_is_refused_by_the_role(
    enforced: Emulator, client: Client
) -> None:
    assert enforced
    ram = session(client, role(client, allow(ACCEPT, Condition=TRUSTED)))("ram")
    ram.accept_resource_share_invitation(resourceShareInvitationArn=invite(FRIEND))
    with pytest.raises(ClientError) as refused:
        ram.accept_resource_share_invitation(resourceShareInvitationArn=invite(STRANGER))
    assert code(refused) == "AccessDeniedException"
    assert "assumed-role/worker/test is not authorized to perform: ram:AcceptResource" in str(refused.value)
    found = client("ram").get_resource_share_invitations()["resourceShareInvitations"]
    assert {each["senderAccountId"]: each["status"] for each in found} == {FRIEND: "ACCEPTED", STRANGER: "PENDING"}


def test_nothing_is_judged_before_the_emulator_is_told_to(aws: Emulator, client: Client) -> None:
    ram = session(client, role(client))("ram")
    assert ram.get_resource_share_invitations()["resourceShareInvitations"] == []
    aws.enforce_policies()
    with pytest.raises(ClientError, match="no identity-based policy allows"):
        ram.get_resource_share_invitations()


def test_an_account_and_a_session_of_a_role_that_does_not_exist_may_do_everything(
    enforced: Emulator, client: Client
) -> None:
    assert enforced
    client("ram").get_resource_share_invitations()
    session(client, f"arn:aws:iam::{SPOKE}:role/nobody")("ram").get_resource_share_invitations()


def test_everybody_may_ask_who_they_are(enforced: Emulator, client: Client) -> None:
    assert enforced
    arn = session(client, role(client))("sts").get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/test"


def test_a_sessions_own_policy_narrows_the_roles(enforced: Emulator, client: Client) -> None:
    assert enforced
    narrow = document(allow("ram:GetResourceShareInvitations"))
    ram = session(client, role(client, allow("ram:*")), Policy=narrow)("ram")
    ram.get_resource_share_invitations()
    with pytest.raises(ClientError) as refused:
        ram.get_resource_shares(resourceOwner="SELF")
    assert code(refused) == "AccessDeniedException"


def test_a_denial_wins(enforced: Emulator, client: Client) -> None:
    assert enforced
    never = {"Effect": "Deny", "Action": "sqs:CreateQueue", "Resource": "*"}
    sqs = session(client, role(client, allow("*"), never))("sqs")
    assert "QueueUrls" not in sqs.list_queues()
    with pytest.raises(ClientError, match="explicit deny"):
        sqs.create_queue(QueueName="any")


def test_a_boundary_narrows_the_role(enforced: Emulator, client: Client) -> None:
    assert enforced
    arn = role(client, allow("*"))
    iam = client("iam")
    edge = iam.create_policy(PolicyName="edge", PolicyDocument=document(allow("ram:*")))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="worker", PermissionsBoundary=edge)
    worker = session(client, arn)
    worker("ram").get_resource_share_invitations()
    with pytest.raises(ClientError):
        worker("sqs").list_queues()


def test_a_managed_policy_counts_in_its_version_in_force(enforced: Emulator, client: Client) -> None:
    assert enforced
    arn, iam = role(client), client("iam")
    made = iam.create_policy(PolicyName="extra", PolicyDocument=document(allow("sqs:ListQueues")))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="worker", PolicyArn=made)
    sqs = session(client, arn)("sqs")
    sqs.list_queues()
    iam.create_policy_version(PolicyArn=made, PolicyDocument=document(allow("ram:*")), SetAsDefault=True)
    with pytest.raises(ClientError):
        sqs.list_queues()


def test_a_role_elsewhere_is_assumed_by_whom_both_sides_let(enforced: Emulator, client: Client) -> None:
    assert enforced
    there = role(client, allow("*"), account=SPOKE, Condition={"StringEquals": {"sts:ExternalId": "secret"}})
    hub = session(client, role(client, allow("sts:AssumeRole", Resource=there)))
    assert session(client, there, by=hub, ExternalId="secret")("sts").get_caller_identity()["Account"] == SPOKE
    for more in ({}, {"ExternalId": "guess"}):
        with pytest.raises(ClientError) as refused:
            session(client, there, by=hub, **more)
        assert code(refused) == "AccessDenied"
    other = f"arn:aws:iam::{SPOKE}:role/another"
    with pytest.raises(ClientError, match="no identity-based policy"):
        session(client, other, by=hub)


def test_a_role_that_trusts_another_is_not_assumed(enforced: Emulator, client: Client) -> None:
    assert enforced
    there = role(client, account=SPOKE, Principal={"AWS": f"arn:aws:iam::{STRANGER}:root"})
    with pytest.raises(ClientError, match="no resource-based policy"):
        session(client, there, by=session(client, role(client, allow("sts:*"))))

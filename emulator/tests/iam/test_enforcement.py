"""Calls of a role's session, end to end: what its policies do not allow is refused in AWS's words, and not done."""

from typing import Any

import boto3
import pytest

from emulator.aws import Emulator
from emulator.ram import seeding

from ..conftest import ACCOUNT, REGION, Client, make_table
from .conftest import As, Roles, refused
from .documents import allow, deny, policy, trust

TRUSTED, STRANGER = "210987654321", "666655554444"
ACCEPT = "ram:AcceptResourceShareInvitation"
ACCEPT_TRUSTED = allow(ACCEPT, "arn:aws:ram:*:*:resource-share-invitation/*") | {
    "Condition": {"StringEquals": {"ram:ShareOwnerAccountId": [TRUSTED]}}
}
LIST = allow("ram:Get*")
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/watch"


def invitation(sender: str, name: str = "network") -> str:
    return seeding.invite(sender=sender, receiver=ACCOUNT, region=REGION, share_name=name)


def accept(ram: Any, arn: str) -> None:
    ram.accept_resource_share_invitation(resourceShareInvitationArn=arn)


def test_a_trusted_sender_s_invitation_is_accepted_and_a_stranger_s_is_refused_in_aws_s_words(
    roles: Roles, as_role: As, client: Client
) -> None:
    ram = as_role("ram", roles.make(ACCEPT_TRUSTED, LIST))
    ours, theirs = invitation(TRUSTED), invitation(STRANGER)
    accept(ram, ours)
    error = refused(ram.accept_resource_share_invitation, resourceShareInvitationArn=theirs)
    assert error["Code"] == "AccessDeniedException"
    assert error["Message"] == (
        f"User: {SESSION} is not authorized to perform: {ACCEPT} on resource: {theirs} "
        f"because no identity-based policy allows the {ACCEPT} action"
    )
    listed = client("ram").get_resource_share_invitations()["resourceShareInvitations"]
    assert {each["senderAccountId"]: each["status"] for each in listed} == {TRUSTED: "ACCEPTED", STRANGER: "PENDING"}


def test_without_the_statement_nobody_s_invitation_is_accepted(aws: Emulator, roles: Roles, as_role: As) -> None:
    ram = as_role("ram", roles.make(LIST))
    for sender in (TRUSTED, STRANGER):
        assert refused(ram.accept_resource_share_invitation, resourceShareInvitationArn=invitation(sender))
    assert [call.error for call in aws.calls.of(ACCEPT)] == ["AccessDeniedException"] * 2
    assert len(ram.get_resource_share_invitations()["resourceShareInvitations"]) == 2


def test_a_statement_that_is_taken_away_is_missed_by_sessions_that_are_under_way(roles: Roles, as_role: As) -> None:
    ram = as_role("ram", roles.make(ACCEPT_TRUSTED))
    accept(ram, invitation(TRUSTED, "one"))
    roles.put(LIST)
    assert refused(ram.accept_resource_share_invitation, resourceShareInvitationArn=invitation(TRUSTED, "two"))


def test_an_invitation_that_is_nowhere_has_no_sender_to_trust(roles: Roles, as_role: As) -> None:
    ram = as_role("ram", roles.make(ACCEPT_TRUSTED))
    unheard = f"arn:aws:ram:{REGION}:{TRUSTED}:resource-share-invitation/00000000-0000-4000-8000-000000000000"
    error = refused(ram.accept_resource_share_invitation, resourceShareInvitationArn=unheard)
    assert error["Code"] == "AccessDeniedException"


def test_a_rejection_of_whoever_is_not_trusted_is_never_one_of_whoever_is(roles: Roles, as_role: As) -> None:
    key = "ram:ShareOwnerAccountId"
    reject = allow("ram:RejectResourceShareInvitation", Null={key: "false"}, StringNotEquals={key: [TRUSTED]})
    ram = as_role("ram", roles.make(reject))
    ram.reject_resource_share_invitation(resourceShareInvitationArn=invitation(STRANGER))
    assert refused(ram.reject_resource_share_invitation, resourceShareInvitationArn=invitation(TRUSTED))
    assert refused(ram.reject_resource_share_invitation, resourceShareInvitationArn="arn:aws:ram:a:b:c/d")


def test_a_denial_wins_and_says_so(roles: Roles, as_role: As) -> None:
    ram = as_role("ram", roles.make(allow("*"), deny(ACCEPT, StringEquals={"ram:ShareOwnerAccountId": STRANGER})))
    accept(ram, invitation(TRUSTED))
    error = refused(ram.accept_resource_share_invitation, resourceShareInvitationArn=invitation(STRANGER))
    assert error["Message"].endswith("with an explicit deny in an identity-based policy")


def test_a_session_s_policy_narrows_and_never_widens(roles: Roles, as_role: As) -> None:
    role = roles.make(allow("sqs:*"))
    narrowed = as_role("sqs", role, Policy=policy(allow(["sqs:ListQueues", "sns:*"])))
    narrowed.list_queues()
    error = refused(narrowed.create_queue, QueueName="one")
    assert error["Message"].endswith("because no session policy allows the sqs:CreateQueue action")
    assert refused(as_role("sns", role, Policy=policy(allow("sns:*"))).list_topics)["Code"] == "AccessDenied"
    as_role("sqs", role).create_queue(QueueName="one")


def test_a_permissions_boundary_narrows(roles: Roles, as_role: As, client: Client) -> None:
    boundary = client("iam").create_policy(PolicyName="boundary", PolicyDocument=policy(allow("sqs:List*")))
    role = roles.make(allow("sqs:*"), PermissionsBoundary=boundary["Policy"]["Arn"])
    sqs = as_role("sqs", role)
    sqs.list_queues()
    assert "no permissions boundary allows" in refused(sqs.create_queue, QueueName="one")["Message"]


def test_attached_policies_count_in_their_default_version_and_so_do_aws_s_own(
    roles: Roles, as_role: As, client: Client
) -> None:
    iam, role = client("iam"), roles.make()
    arn = iam.create_policy(PolicyName="mine", PolicyDocument=policy(allow("sqs:ListQueues")))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="reader", PolicyArn=arn)
    sqs = as_role("sqs", role)
    sqs.list_queues()
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(allow("sns:*")), SetAsDefault=True)
    assert refused(sqs.list_queues)
    iam.attach_role_policy(RoleName="reader", PolicyArn="arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess")
    sqs.list_queues()
    assert refused(sqs.create_queue, QueueName="one")


def test_every_protocol_has_its_own_word_for_it(roles: Roles, as_role: As) -> None:
    role = roles.make(allow("sts:*"))
    codes = {
        "dynamodb": refused(as_role("dynamodb", role).list_tables),
        "ram": refused(as_role("ram", role).get_resource_shares, resourceOwner="SELF"),
        "sns": refused(as_role("sns", role).list_topics),
        "s3": refused(as_role("s3", role).list_buckets),
    }
    assert {service: (error["Code"], error["status"]) for service, error in codes.items()} == {
        "dynamodb": ("AccessDeniedException", 400),
        "ram": ("AccessDeniedException", 403),
        "sns": ("AccessDenied", 403),
        "s3": ("AccessDenied", 403),
    }


def test_a_resource_that_can_be_told_has_to_be_the_statement_s(roles: Roles, as_role: As, client: Client) -> None:
    urls = [client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in ("alerts", "other")]
    sqs = as_role("sqs", roles.make(allow("sqs:*", f"arn:aws:sqs:*:{ACCOUNT}:alerts")))
    sqs.send_message(QueueUrl=urls[0], MessageBody="text")
    error = refused(sqs.send_message, QueueUrl=urls[1], MessageBody="text")
    assert f"on resource: arn:aws:sqs:{REGION}:{ACCOUNT}:other because" in error["Message"]
    assert "on resource: *" in refused(sqs.list_queues)["Message"]


def test_a_principal_is_removed_from_a_share_only_if_the_role_may_remove_that_one(
    roles: Roles, as_role: As, client: Client
) -> None:
    share = client("ram").create_resource_share(name="open", principals=[TRUSTED, STRANGER])["resourceShare"]
    key, arn = "ram:Principal", share["resourceShareArn"]
    remove = allow("ram:DisassociateResourceShare", Null={key: "false"}, StringNotEquals={key: [TRUSTED]})
    ram = as_role("ram", roles.make(remove))
    assert refused(ram.disassociate_resource_share, resourceShareArn=arn, principals=[TRUSTED])
    assert refused(ram.disassociate_resource_share, resourceShareArn=arn, principals=[STRANGER, TRUSTED])
    assert refused(ram.disassociate_resource_share, resourceShareArn=arn)
    ram.disassociate_resource_share(resourceShareArn=arn, principals=[STRANGER])


def test_only_the_tags_that_are_named_are_written(roles: Roles, as_role: As, client: Client) -> None:
    arn = client("ram").create_resource_share(name="ours")["resourceShare"]["resourceShareArn"]
    tag = allow("ram:TagResource", **{"ForAllValues:StringEquals": {"aws:TagKeys": ["removed"]}})
    ram = as_role("ram", roles.make(tag))
    assert refused(ram.tag_resource, resourceShareArn=arn, tags=[{"key": "removed"}, {"key": "other"}])
    ram.tag_resource(resourceShareArn=arn, tags=[{"key": "removed", "value": "why"}])


@pytest.mark.parametrize(
    ("holding", "failing"),
    [
        ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, {"StringEquals": {"aws:PrincipalAccount": STRANGER}}),
        (
            {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}},
            {"ArnLike": {"aws:PrincipalArn": f"arn:aws:sts::{ACCOUNT}:*/*"}},
        ),
        ({"StringEquals": {"aws:RequestedRegion": REGION}}, {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
        ({"Bool": {"aws:SecureTransport": "true"}}, {"Bool": {"aws:SecureTransport": "false"}}),
        ({"Null": {"aws:PrincipalOrgID": "true"}}, {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}),
    ],
)
def test_the_keys_of_every_call_are_known(roles: Roles, as_role: As, holding: Any, failing: Any) -> None:
    sqs = as_role("sqs", roles.make())
    roles.put(allow("sqs:*", **holding))
    sqs.list_queues()
    roles.put(allow("sqs:*", **failing))
    assert refused(sqs.list_queues)


def test_the_account_that_owns_what_a_call_is_about_is_known(roles: Roles, as_role: As, client: Client) -> None:
    client("s3", account=STRANGER, region="us-east-1").create_bucket(Bucket="theirs")
    client("s3", region="us-east-1").create_bucket(Bucket="ours")
    s3 = as_role("s3", roles.make(allow("s3:*", StringEquals={"aws:ResourceAccount": ACCOUNT})), region="us-east-1")
    s3.put_object(Bucket="ours", Key="key", Body=b"text")
    assert refused(s3.put_object, Bucket="theirs", Key="key", Body=b"text")["Code"] == "AccessDenied"


def test_a_transaction_takes_the_right_to_each_of_its_parts(roles: Roles, as_role: As, client: Client) -> None:
    for table in ("one", "two"):
        make_table(client, table, "pk")
    item = {"pk": {"S": "1"}}
    both = [{"Put": {"TableName": "one", "Item": item}}, {"Delete": {"TableName": "two", "Key": item}}]
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table"
    dynamodb = as_role("dynamodb", roles.make(allow("dynamodb:PutItem", f"{arn}/one")))
    assert (
        f"dynamodb:DeleteItem on resource: {arn}/two"
        in refused(dynamodb.transact_write_items, TransactItems=both)["Message"]
    )
    roles.put(allow("dynamodb:PutItem", f"{arn}/one"), allow("dynamodb:DeleteItem", f"{arn}/two"))
    dynamodb.transact_write_items(TransactItems=both)


def test_a_policy_that_cannot_be_judged_is_neither_allowed_nor_denied(roles: Roles, as_role: As) -> None:
    sqs = as_role("sqs", roles.make(allow("sqs:*"), allow("s3:*", IpAddress={"aws:SourceIp": "10.0.0.0/8"})))
    error = refused(sqs.list_queues)
    assert (error["Code"], error["status"]) == ("NotImplementedException", 501)
    assert "policy inline of" in error["Message"]
    assert "IpAddress" in error["Message"]


def test_a_key_that_cannot_be_told_is_refused_where_a_statement_turns_on_it(roles: Roles, as_role: As) -> None:
    named = allow("s3:*", StringNotEquals={"aws:SourceVpc": "vpc-1"})
    role = roles.make(allow("sqs:*"), named)
    as_role("sqs", role).list_queues()
    error = refused(as_role("s3", role).list_buckets)
    assert error["status"] == 501
    assert "does not know aws:sourcevpc" in error["Message"]


def test_a_role_is_passed_to_cloudformation_only_where_that_is_allowed(roles: Roles, as_role: As) -> None:
    execution = roles.make(name="execution", trusts=(trust({"Service": "cloudformation.amazonaws.com"}),))
    cloudformation = as_role("cloudformation", roles.make(allow("cloudformation:*")))
    template = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}'
    stack = {"StackName": "any", "TemplateBody": template, "RoleARN": execution}
    error = refused(cloudformation.create_stack, **stack)
    assert f"not authorized to perform: iam:PassRole on resource: {execution}" in error["Message"]
    roles.put(allow("cloudformation:*"), allow("iam:PassRole", execution))
    cloudformation.create_stack(**stack)


def test_an_object_of_a_bucket_is_read_and_written_by_its_key(roles: Roles, as_role: As, client: Client) -> None:
    client("s3", region="us-east-1").create_bucket(Bucket="runs")
    reports = "arn:aws:s3:::runs/reports/*"
    s3 = as_role("s3", roles.make(allow("s3:PutObject", reports), allow("s3:GetObject", reports)), region="us-east-1")
    s3.put_object(Bucket="runs", Key="reports/1/a.json", Body=b"{}")
    assert s3.get_object(Bucket="runs", Key="reports/1/a.json")["Body"].read() == b"{}"
    assert refused(s3.put_object, Bucket="runs", Key="other", Body=b"{}")["Code"] == "AccessDenied"
    assert refused(s3.list_objects_v2, Bucket="runs")["Message"].endswith("the s3:ListBucket action")


def test_an_account_s_own_key_may_do_everything(client: Client) -> None:
    client("sqs").create_queue(QueueName="one")


def test_who_one_is_can_always_be_asked(roles: Roles, as_role: As) -> None:
    sts = as_role("sts", roles.make(deny("*")))
    identity = sts.get_caller_identity()
    assert (identity["Arn"], identity["Account"]) == (SESSION, ACCOUNT)
    assert identity["UserId"].endswith(":watch")


def test_a_session_of_a_role_that_is_gone_has_no_right_left_even_if_another_takes_its_name(
    roles: Roles, as_role: As, client: Client
) -> None:
    sqs, iam = as_role("sqs", roles.make(allow("sqs:*"))), client("iam")
    iam.delete_role_policy(RoleName="reader", PolicyName="inline")
    iam.delete_role(RoleName="reader")
    assert "no identity-based policy allows" in refused(sqs.list_queues)["Message"]
    roles.make(allow("sqs:*"))
    assert refused(sqs.list_queues)


@pytest.mark.usefixtures("aws")
def test_a_key_that_no_session_has_is_invalid(session: boto3.Session) -> None:
    keys = {"aws_access_key_id": "ASIAFORGED0000000000", "aws_secret_access_key": "x", "aws_session_token": "x"}
    forged = session.client("dynamodb", region_name=REGION, **keys)
    assert refused(forged.list_tables)["Code"] == "UnrecognizedClientException"


def test_over_http_it_is_the_same(aws: Emulator, roles: Roles, as_role: As, session: boto3.Session) -> None:
    url, role = aws.serve(), roles.make(allow("sqs:ListQueues"))
    keys = as_role("sqs", role)._request_signer._credentials
    named = {"aws_access_key_id": keys.access_key, "aws_secret_access_key": keys.secret_key}
    sqs = session.client("sqs", endpoint_url=url, region_name=REGION, aws_session_token=keys.token, **named)
    sqs.list_queues()
    assert SESSION in refused(sqs.create_queue, QueueName="one")["Message"]


@pytest.mark.parametrize("enforced", [False], indirect=True)
def test_unless_it_is_asked_for_nothing_is_judged(aws: Emulator, roles: Roles, as_role: As) -> None:
    role = roles.make(deny("*"), trusts=(trust("*", "Deny"),))
    sqs = as_role("sqs", role, Policy=policy(deny("*")))
    sqs.create_queue(QueueName="one")
    assert not any(call.error for call in aws.calls)
    aws.enforce_policies()
    assert refused(sqs.list_queues)
    assert refused(as_role, service="sqs", role=role)


LEADING = "dynamodb:LeadingKeys"
OURS = {"ForAllValues:StringLike": {LEADING: ["ours#*"]}, "Null": {LEADING: "false"}}


@pytest.fixture
def partitions(roles: Roles, as_role: As, client: Client) -> Any:
    """DynamoDB as a role that may use the partitions of one name, of a table with an index."""
    index = {"IndexName": "due", "KeySchema": [{"AttributeName": "queue", "KeyType": "HASH"}]}
    make_table(
        client,
        "ledger",
        "pk",
        "sk",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "queue")],
        GlobalSecondaryIndexes=[{**index, "Projection": {"ProjectionType": "ALL"}}],
    )
    return as_role("dynamodb", roles.make(allow("dynamodb:*", **OURS)))


def _of(partition: str, call: str) -> dict[str, Any]:
    """Return the parameters of a call about one partition."""
    key = {"pk": {"S": partition}, "sk": {"S": "open#1"}}
    return {"TableName": "ledger"} | {
        "put_item": {"Item": key},
        "get_item": {"Key": key},
        "delete_item": {"Key": key},
        "update_item": {"Key": key, "AttributeUpdates": {"a": {"Value": {"S": "b"}}}},
        "query": {
            "KeyConditionExpression": "#p = :p AND sk BETWEEN :a AND :b",
            "ExpressionAttributeNames": {"#p": "pk"},
            "ExpressionAttributeValues": {":p": {"S": partition}, ":a": {"S": "a"}, ":b": {"S": "z"}},
        },
    }[call]


@pytest.mark.parametrize("call", ["put_item", "get_item", "delete_item", "update_item", "query"])
def test_a_right_to_some_partitions_ends_there(partitions: Any, call: str) -> None:
    getattr(partitions, call)(**_of("ours#1", call))
    for other in ("theirs#1", "ours", "OURS#1"):
        assert refused(getattr(partitions, call), **_of(other, call))["Code"] == "AccessDeniedException"


def test_each_part_of_a_transaction_names_its_own_partition(partitions: Any) -> None:
    ours, theirs = ({"Put": _of(partition, "put_item")} for partition in ("ours#1", "theirs#1"))
    partitions.transact_write_items(TransactItems=[ours])
    assert refused(partitions.transact_write_items, TransactItems=[ours, theirs])["Code"] == "AccessDeniedException"


def test_what_names_no_partition_or_one_of_an_index_is_no_right_to_all(partitions: Any, roles: Roles) -> None:
    due = {"IndexName": "due", "KeyConditionExpression": "queue = :q", "TableName": "ledger"}
    values = {"ExpressionAttributeValues": {":q": {"S": "notify"}}}
    assert refused(partitions.scan, TableName="ledger")["Code"] == "AccessDeniedException"
    assert refused(partitions.query, **due, **values)["Code"] == "AccessDeniedException"
    roles.put(allow("dynamodb:Query", StringEquals={LEADING: "notify"}))
    assert partitions.query(**due, **values)["Items"] == []


def test_a_batch_whose_partitions_are_not_read_is_neither_allowed_nor_denied(partitions: Any) -> None:
    asked = {"RequestItems": {"ledger": {"Keys": [{"pk": {"S": "ours#1"}, "sk": {"S": "open#1"}}]}}}
    assert refused(partitions.batch_get_item, **asked)["status"] == 501


def test_an_invitation_is_known_by_the_name_of_its_share_with_its_case(roles: Roles, as_role: As) -> None:
    ram = as_role("ram", roles.make(allow(ACCEPT, StringLike={"ram:ResourceShareName": "prod-${*}?*"})))
    accept(ram, invitation(TRUSTED, "prod-*network"))
    for name in ("prod-network", "Prod-*network", "prod-*"):
        assert refused(ram.accept_resource_share_invitation, resourceShareInvitationArn=invitation(TRUSTED, name))

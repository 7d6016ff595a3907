"""The hub's own policies, as its template has them, in the emulated IAM: the second wall stands by itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.ram import seeding
from tests.conftest import NOW, REGION

TEMPLATE = json.loads(Path(__file__).with_name("golden").joinpath("hub.json").read_text(encoding="utf-8"))
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
HUB = "999988887777"
PSEUDO = {"AWS::Partition": "aws", "AWS::AccountId": HUB, "AWS::Region": "us-east-1"}
LEDGER = f"arn:aws:dynamodb:{REGION}:{HUB}:table/ledger"
TRUSTED, STRANGER, ALLOWED = "111122223333", "666655554444", "333333333333"


def filled(value: Any) -> Any:
    """Return what CloudFormation would make of a property; an ARN that names its resource for one that is not there."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(map(str, map(filled, parts)))
        case {"Ref": name} if name in PSEUDO:
            return PSEUDO[name]
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            is_ledger = RESOURCES[name]["Type"] == "AWS::DynamoDB::Table"
            return LEDGER if is_ledger else f"arn:aws:any:us-east-1:{HUB}:{name}"
        case dict():
            return {key: filled(each) for key, each in value.items()}
        case list():
            return [filled(each) for each in value]
    return value


def of_type(kind: str) -> Iterator[tuple[str, Any]]:
    return ((name, filled(each["Properties"])) for name, each in RESOURCES.items() if each["Type"] == kind)


@pytest.fixture(autouse=True)
def aws() -> Iterator[Emulator]:
    """An emulated AWS that judges policies."""
    with Emulator(now=NOW) as emulated:
        emulated.enforce_policies()
        yield emulated


def client(service: str, access_key: str = HUB, **session: Any) -> Any:
    keys = {"aws_access_key_id": access_key, "aws_secret_access_key": "emulated", **session}
    return boto3.client(service, region_name=REGION, **keys)


def client_of_function(service: str, construct: str) -> Any:
    """Make a client whose role holds the policies of the hub's function of this name."""
    iam, trust = client("iam"), {"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    for name, properties in of_type("AWS::IAM::ManagedPolicy"):
        if name.startswith(f"{construct}Rights"):
            document = json.dumps(properties["PolicyDocument"])
            held = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
            iam.attach_role_policy(RoleName="reader", PolicyArn=held)
    keys = client("sts").assume_role(RoleArn=arn, RoleSessionName="watch")["Credentials"]
    return client(service, keys["AccessKeyId"], aws_session_token=keys["SessionToken"])


def refused(call: Any, **parameters: Any) -> str:
    """Return the code of the error that *call* ends in."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return str(raised.value.response["Error"]["Code"])


def invitation(sender: str) -> dict[str, str]:
    arn = seeding.invite(sender=sender, receiver=HUB, region=REGION, share_name="network")
    return {"resourceShareInvitationArn": arn}


def test_the_role_itself_accepts_a_trusted_sender_s_invitation_and_no_stranger_s() -> None:
    ram = client_of_function("ram", "RamInvitations")
    ours, theirs = invitation(TRUSTED), invitation(STRANGER)
    ram.accept_resource_share_invitation(**ours)
    assert refused(ram.accept_resource_share_invitation, **theirs) == "AccessDeniedException"
    listed = client("ram").get_resource_share_invitations()["resourceShareInvitations"]
    assert {each["senderAccountId"]: each["status"] for each in listed} == {TRUSTED: "ACCEPTED", STRANGER: "PENDING"}


def test_the_role_itself_rejects_strangers_and_nobody_who_is_trusted() -> None:
    ram = client_of_function("ram", "RamInvitations")
    ram.reject_resource_share_invitation(**invitation(STRANGER))
    assert refused(ram.reject_resource_share_invitation, **invitation(TRUSTED)) == "AccessDeniedException"


def test_the_role_itself_removes_no_principal_that_is_allowed() -> None:
    owner = client("ram")
    share = owner.create_resource_share(name="open", principals=[ALLOWED, STRANGER])["resourceShare"]
    ram, arn = client_of_function("ram", "ResourceShares"), share["resourceShareArn"]
    assert refused(ram.disassociate_resource_share, resourceShareArn=arn, principals=[ALLOWED])
    ram.disassociate_resource_share(resourceShareArn=arn, principals=[STRANGER])
    assert refused(ram.tag_resource, resourceShareArn=arn, tags=[{"key": "owner", "value": "us"}])
    ram.tag_resource(resourceShareArn=arn, tags=[{"key": "watchkeeper:removed-principal", "value": STRANGER}])


def test_the_role_itself_writes_to_the_ledger_and_to_no_other_table() -> None:
    for table in ("ledger", "other"):
        client("dynamodb").create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    dynamodb = client_of_function("dynamodb", "RamInvitations")
    item = {"pk": {"S": f"ram_invitations#{HUB}#{REGION}"}}
    dynamodb.put_item(TableName="ledger", Item=item)
    assert refused(dynamodb.put_item, TableName="other", Item=item)
    assert refused(dynamodb.put_item, TableName="ledger", Item={"pk": {"S": f"resource_shares#{HUB}#{REGION}"}})
    assert refused(dynamodb.scan, TableName="ledger")

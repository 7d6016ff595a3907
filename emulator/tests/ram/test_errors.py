"""Each modelled error has a real cause, and its code and HTTP status are the model's."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from emulator.aws import Emulator

from ..conftest import REGION, Client, code_of
from .conftest import RECEIVER, SENDER, STRANGER, invite

NOWHERE = f"arn:aws:ram:{REGION}:{SENDER}:resource-share-invitation/00000000-0000-4000-8000-000000000000"
NO_SHARE = f"arn:aws:ram:{REGION}:{SENDER}:resource-share/00000000-0000-4000-8000-000000000000"
ANSWERS = pytest.mark.parametrize("answer", ["accept_resource_share_invitation", "reject_resource_share_invitation"])
LISTINGS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("get_resource_policies", {"resourceArns": []}),
    ("get_resource_share_associations", {"associationType": "PRINCIPAL"}),
    ("get_resource_share_invitations", {}),
    ("get_resource_shares", {"resourceOwner": "SELF"}),
    ("list_permissions", {}),
    ("list_principals", {"resourceOwner": "SELF"}),
    ("list_resource_types", {}),
    ("list_resources", {"resourceOwner": "SELF"}),
)


def _code(client: BaseClient, method: str, **request: Any) -> str:
    return code_of(getattr(client, method), **request)


@ANSWERS
def test_an_answered_invitation_is_not_answered_again(client: Client, answer: str) -> None:
    accepted, rejected = invite("ec2:TransitGateway"), invite("ec2:TransitGateway")
    client(RECEIVER).accept_resource_share_invitation(resourceShareInvitationArn=accepted)
    client(RECEIVER).reject_resource_share_invitation(resourceShareInvitationArn=rejected)
    code = _code(client(RECEIVER), answer, resourceShareInvitationArn=accepted)
    assert code == "ResourceShareInvitationAlreadyAcceptedException"
    code = _code(client(RECEIVER), answer, resourceShareInvitationArn=rejected)
    assert code == "ResourceShareInvitationAlreadyRejectedException"


@ANSWERS
def test_an_expired_invitation_is_not_answered(client: Client, aws: Emulator, answer: str) -> None:
    arn = invite("glue:Table")
    aws.advance(timedelta(hours=12))
    code = _code(client(RECEIVER), answer, resourceShareInvitationArn=arn)
    assert code == "ResourceShareInvitationExpiredException"


@ANSWERS
def test_nobody_answers_what_is_not_for_him(client: Client, answer: str) -> None:
    arn, found = invite("ec2:TransitGateway"), "ResourceShareInvitationArnNotFoundException"
    assert _code(client(RECEIVER), answer, resourceShareInvitationArn=NOWHERE) == found
    assert _code(client(RECEIVER, "us-east-1"), answer, resourceShareInvitationArn=arn) == found
    assert _code(client(STRANGER), answer, resourceShareInvitationArn=arn) == found
    assert _code(client(SENDER), answer, resourceShareInvitationArn=arn) == "OperationNotPermittedException"


@ANSWERS
@pytest.mark.parametrize("arn", ["", "invitation", NO_SHARE, f"{NOWHERE}/x", NOWHERE.replace(SENDER, "1")])
def test_an_invitation_arn_has_a_form(client: Client, answer: str, arn: str) -> None:
    assert _code(client(RECEIVER), answer, resourceShareInvitationArn=arn) == "MalformedArnException"


@ANSWERS
@pytest.mark.parametrize("token", ["", "with space", "x" * 65, "é"])
def test_a_client_token_has_a_form(client: Client, answer: str, token: str) -> None:
    request = {"resourceShareInvitationArn": invite("ec2:TransitGateway"), "clientToken": token}
    assert _code(client(RECEIVER), answer, **request) == "InvalidClientTokenException"


@ANSWERS
def test_a_client_token_is_for_one_set_of_parameters(client: Client, answer: str) -> None:
    getattr(client(RECEIVER), answer)(resourceShareInvitationArn=invite("ec2:TransitGateway"), clientToken="once")
    request = {"resourceShareInvitationArn": invite("ec2:TransitGateway"), "clientToken": "once"}
    assert _code(client(RECEIVER), answer, **request) == "IdempotentParameterMismatchException"


def test_only_a_pending_invitation_can_be_looked_into(client: Client, aws: Emulator) -> None:
    rejected, expired = invite("ec2:TransitGateway"), invite("glue:Table")
    look = "list_pending_invitation_resources"
    client(RECEIVER).reject_resource_share_invitation(resourceShareInvitationArn=rejected)
    aws.advance(timedelta(hours=12))
    code = _code(client(RECEIVER), look, resourceShareInvitationArn=rejected)
    assert code == "ResourceShareInvitationAlreadyRejectedException"
    code = _code(client(RECEIVER), look, resourceShareInvitationArn=expired)
    assert code == "ResourceShareInvitationExpiredException"
    code = _code(client(STRANGER), look, resourceShareInvitationArn=expired)
    assert code == "ResourceShareInvitationArnNotFoundException"
    assert _code(client(RECEIVER), look, resourceShareInvitationArn="x") == "MalformedArnException"


@pytest.mark.parametrize(("method", "request_"), LISTINGS)
def test_a_page_has_1_to_500_items(client: Client, method: str, request_: dict[str, Any]) -> None:
    wanted = "InvalidMaxResults" if method == "get_resource_share_invitations" else "InvalidParameter"
    for size in (0, -1, 501):
        assert _code(client(RECEIVER), method, **request_, maxResults=size) == f"{wanted}Exception"


@pytest.mark.parametrize(("method", "request_"), LISTINGS)
def test_a_page_token_is_one_that_was_given_out(client: Client, method: str, request_: dict[str, Any]) -> None:
    for token in ("", "x", "AAAA", "é", "MHwwLjA="):
        assert _code(client(RECEIVER), method, **request_, nextToken=token) == "InvalidNextTokenException"


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("get_resource_shares", {}),
        ("get_resource_shares", {"resourceOwner": "ME"}),
        ("get_resource_shares", {"resourceOwner": "SELF", "resourceShareStatus": "GONE"}),
        ("get_resource_shares", {"resourceOwner": "OTHER-ACCOUNTS", "tagFilters": [{"tagKey": "a"}]}),
        ("get_resource_share_associations", {"associationType": "PERSON"}),
        ("get_resource_share_associations", {"associationType": "PRINCIPAL", "associationStatus": "LOST"}),
        ("get_resource_share_associations", {"associationType": "PRINCIPAL", "resourceArn": "arn:aws:ec2:::x"}),
        ("get_resource_share_associations", {"associationType": "RESOURCE", "principal": RECEIVER}),
        (
            "get_resource_share_associations",
            {"associationType": "PRINCIPAL", "associationStatus": "FAILED", "resourceShareArns": [NO_SHARE]},
        ),
        ("list_resources", {"resourceOwner": "SELF", "resourceRegionScope": "LUNAR"}),
        ("list_resource_types", {"resourceRegionScope": "LUNAR"}),
        ("list_principals", {"resourceOwner": 1}),
        ("get_resource_shares", {"resourceOwner": "SELF", "permissionVersion": 1}),
        ("create_resource_share", {"name": "a", "permissionTemplateParameters": []}),
        ("create_resource_share", {}),
        ("create_resource_share", {"name": ""}),
        ("create_resource_share", {"name": "a", "principals": ["nobody"]}),
        ("tag_resource", {"tags": []}),
        ("tag_resource", {"tags": [], "resourceShareArn": NO_SHARE, "resourceArn": NO_SHARE}),
    ],
)
def test_what_the_model_or_ram_does_not_allow_is_an_invalid_parameter(
    client: Client, method: str, request_: dict[str, Any]
) -> None:
    assert _code(client(SENDER), method, **request_) == "InvalidParameterException"


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("get_resource_shares", {"resourceOwner": "SELF", "resourceShareArns": [NO_SHARE]}),
        ("get_resource_shares", {"resourceOwner": "OTHER-ACCOUNTS", "resourceShareArns": [NO_SHARE]}),
        ("get_resource_share_associations", {"associationType": "RESOURCE", "resourceShareArns": [NO_SHARE]}),
        ("get_resource_share_invitations", {"resourceShareArns": [NO_SHARE]}),
        ("list_principals", {"resourceOwner": "SELF", "resourceShareArns": [NO_SHARE]}),
        ("list_resources", {"resourceOwner": "SELF", "resourceShareArns": [NO_SHARE]}),
        ("update_resource_share", {"resourceShareArn": NO_SHARE, "name": "a"}),
        ("delete_resource_share", {"resourceShareArn": NO_SHARE}),
        ("associate_resource_share", {"resourceShareArn": NO_SHARE, "principals": [RECEIVER]}),
        ("disassociate_resource_share", {"resourceShareArn": NO_SHARE, "principals": [RECEIVER]}),
        ("tag_resource", {"resourceShareArn": NO_SHARE, "tags": []}),
        ("untag_resource", {"resourceShareArn": NO_SHARE, "tagKeys": []}),
    ],
)
def test_a_share_that_nobody_knows_is_an_unknown_resource(
    client: Client, method: str, request_: dict[str, Any]
) -> None:
    assert _code(client(SENDER), method, **request_) == "UnknownResourceException"
    broken = {
        name: ["no-arn"] if value == [NO_SHARE] else "no-arn" if value == NO_SHARE else value
        for name, value in request_.items()
    }
    assert _code(client(SENDER), method, **broken) == "MalformedArnException"


def test_a_type_that_ram_does_not_share_is_refused(client: Client) -> None:
    code = _code(client(SENDER), "list_resources", resourceOwner="SELF", resourceType="ec2:Instance")
    assert code == "InvalidResourceTypeException"
    instance = f"arn:aws:ec2:{REGION}:{SENDER}:instance/i-1"
    assert _code(client(SENDER), "create_resource_share", name="a", resourceArns=[instance]) == "MalformedArnException"


@pytest.mark.parametrize(
    ("method", "request_", "message"),
    [
        ("get_resource_shares", {"resourceOwner": "ME"}, "ME is not a valid resource owner. Specify either SELF or"),
        ("get_resource_share_associations", {"associationType": "X"}, "X is not a valid association type. Specify"),
        (
            "get_resource_share_associations",
            {"associationType": "PRINCIPAL", "resourceArn": "x"},
            "specify a resource ARN when the association type is PRINCIPAL",
        ),
        ("list_resource_types", {"resourceRegionScope": "X"}, "X is not a valid resource region scope value. Specify"),
    ],
)
def test_an_unknown_value_is_refused_in_the_words_of_aws(
    client: Client, method: str, request_: dict[str, str], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        getattr(client(SENDER), method)(**request_)


def test_an_operation_that_is_not_emulated_is_refused(aws: Emulator, session: boto3.Session) -> None:
    assert aws
    unknown = session.client("ram", aws_access_key_id=SENDER, aws_secret_access_key="emulated", region_name=REGION)
    with pytest.raises(ClientError) as caught:
        unknown.list_permission_associations()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501

"""Assuming roles, end to end: whom a role trusts, and under what condition."""

from typing import Any

import pytest

from emulator.aws import Emulator

from ..conftest import ACCOUNT, Client
from .conftest import As, Roles, refused
from .documents import allow, policy, trust

SPOKE = "444455556666"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/watch"
ASSUME = allow("sts:AssumeRole")
HUB_ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def spoke(roles: Roles, *trusts: Any, statements: Any = (), **more: Any) -> str:
    return roles.make(*statements, name="spoke", account=SPOKE, trusts=trusts or (trust(HUB_ROOT),), **more)


def assume(sts: Any, role: str, **given: Any) -> Any:
    return sts.assume_role(RoleArn=role, RoleSessionName="watch", **given)


def test_a_role_of_another_account_takes_trust_there_and_the_right_here(roles: Roles, as_role: As) -> None:
    sts = as_role("sts", roles.make(ASSUME))
    role = spoke(roles)
    arn = assume(sts, role)["AssumedRoleUser"]["Arn"]
    assert arn == f"arn:aws:sts::{SPOKE}:assumed-role/spoke/watch"
    roles.put(allow("sts:AssumeRole", f"arn:aws:iam::{SPOKE}:role/other"))
    error = refused(lambda: assume(sts, role))
    assert (error["Code"], error["status"]) == ("AccessDenied", 403)
    assert error["Message"] == (
        f"User: {SESSION} is not authorized to perform: sts:AssumeRole on resource: {role} "
        "because no identity-based policy allows the sts:AssumeRole action"
    )


def test_a_chain_of_roles_acts_with_the_last_one_s_rights(roles: Roles, as_role: As, aws: Emulator) -> None:
    sts = as_role("sts", roles.make(ASSUME))
    sqs = as_role("sqs", spoke(roles, statements=(allow("sqs:*"),)), caller=sts)
    sqs.create_queue(QueueName="theirs")
    assert [*aws.calls][-1].account == SPOKE
    sns = as_role("sns", f"arn:aws:iam::{SPOKE}:role/spoke", caller=sts)
    assert f"arn:aws:sts::{SPOKE}:assumed-role/spoke/watch" in refused(sns.list_topics)["Message"]


def test_whom_a_role_of_another_account_does_not_trust_is_not_told_why(roles: Roles, client: Client) -> None:
    role = spoke(roles, trust({"AWS": "999988887777"}))
    error = refused(lambda: assume(client("sts"), role))
    said = f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: sts:AssumeRole on resource: {role}"
    assert error["Message"] == said


def test_an_external_id_is_demanded(roles: Roles, client: Client) -> None:
    role, sts = spoke(roles, trust(HUB_ROOT, StringEquals={"sts:ExternalId": "secret"})), client("sts")
    assume(sts, role, ExternalId="secret")
    for given in ({}, {"ExternalId": "Secret"}, {"ExternalId": "se*"}):
        assert refused(lambda given=given: assume(sts, role, **given))["Code"] == "AccessDenied"


def test_only_the_roles_that_are_named_get_in_under_their_account_s_root(roles: Roles, as_role: As) -> None:
    role = spoke(roles, trust(HUB_ROOT, ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/watch*"}))
    assume(as_role("sts", roles.make(ASSUME, name="watchkeeper")), role)
    assert refused(lambda: assume(as_role("sts", roles.make(ASSUME, name="other")), role))


def test_name_organization_and_external_id_are_demanded_together(roles: Roles, as_role: As, client: Client) -> None:
    organization = client("organizations").create_organization(FeatureSet="ALL")["Organization"]["Id"]
    names = {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/watch*"}
    hub, other = (as_role("sts", roles.make(ASSUME, name=name)) for name in ("watchkeeper", "other"))
    ours = {"sts:ExternalId": "secret", "aws:PrincipalOrgID": organization}
    role = spoke(roles, trust(HUB_ROOT, ArnLike=names, StringEquals=ours))
    assume(hub, role, ExternalId="secret")
    assert refused(lambda: assume(hub, role))["Code"] == "AccessDenied"
    assert refused(lambda: assume(other, role, ExternalId="secret"))["Code"] == "AccessDenied"
    theirs = trust(HUB_ROOT, ArnLike=names, StringEquals={**ours, "aws:PrincipalOrgID": "o-another"})
    client("iam", account=SPOKE).update_assume_role_policy(RoleName="spoke", PolicyDocument=policy(theirs))
    assert refused(lambda: assume(hub, role, ExternalId="secret"))["Code"] == "AccessDenied"


def test_the_policy_of_a_session_in_another_account_only_narrows(roles: Roles, as_role: As) -> None:
    role = spoke(roles, statements=(allow(["sqs:ListQueues", "sqs:CreateQueue"]),))
    sts = as_role("sts", roles.make(ASSUME))
    narrow = policy(allow(["sqs:ListQueues", "sns:ListTopics"]))
    sqs, sns = (as_role(service, role, caller=sts, Policy=narrow) for service in ("sqs", "sns"))
    sqs.list_queues()
    assert "no session policy allows" in refused(sqs.create_queue, QueueName="one")["Message"]
    assert "no identity-based policy allows" in refused(sns.list_topics)["Message"]


def test_the_account_itself_is_no_role_of_it(roles: Roles, client: Client) -> None:
    role = spoke(roles, trust(HUB_ROOT, ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}))
    assert refused(lambda: assume(client("sts"), role))["Code"] == "AccessDenied"


def test_only_accounts_of_the_organization_get_in(roles: Roles, client: Client) -> None:
    manager = client("organizations")
    organization = manager.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    anybody = spoke(roles, trust("*", StringEquals={"aws:PrincipalOrgID": organization}))
    assume(client("sts"), anybody)
    assert refused(lambda: assume(client("sts", account="999988887777"), anybody))


def test_in_its_own_account_too_a_role_needs_the_right_and_the_trust(roles: Roles, as_role: As) -> None:
    sts, other = as_role("sts", roles.make()), roles.make(name="other")
    error = refused(lambda: assume(sts, other))
    assert error["Message"].endswith("because no identity-based policy allows the sts:AssumeRole action")
    roles.put(ASSUME)
    assume(sts, other)
    named = roles.make(name="named", trusts=(trust({"AWS": other}),))
    error = refused(lambda: assume(sts, named))
    assert error["Message"].endswith("because no role trust policy allows the sts:AssumeRole action")
    assume(as_role("sts", roles.make(ASSUME, name="third"), caller=sts), other)


@pytest.mark.parametrize(
    ("trusts", "reason"),
    [
        (
            (trust({"Service": "lambda.amazonaws.com"}),),
            "because no role trust policy allows the sts:AssumeRole action",
        ),
        ((trust({"AWS": ACCOUNT}), trust("*", "Deny")), "with an explicit deny in the role trust policy"),
    ],
)
def test_not_even_the_account_itself_has_a_role_that_does_not_trust_it(
    roles: Roles, client: Client, trusts: Any, reason: str
) -> None:
    role = roles.make(trusts=trusts)
    assert refused(lambda: assume(client("sts"), role))["Message"].endswith(reason)


def test_a_role_that_is_nowhere_lets_nobody_assume_it(roles: Roles, client: Client, as_role: As) -> None:
    nowhere = f"arn:aws:iam::{SPOKE}:role/nowhere"
    assert refused(lambda: assume(client("sts"), nowhere))["Code"] == "AccessDenied"
    assert refused(lambda: assume(as_role("sts", roles.make(allow("sts:*"))), nowhere))["Code"] == "AccessDenied"


def test_a_session_s_policy_has_2_048_characters_at_most(roles: Roles, client: Client) -> None:
    sts, role = client("sts"), roles.make(allow("sqs:*"))
    longest = policy(allow("*")).ljust(2048)
    assume(sts, role, Policy=longest)
    assert refused(lambda: assume(sts, role, Policy=longest + " "))["Code"] == "PackedPolicyTooLarge"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"Policy": "{}"}, "MalformedPolicyDocument"),
        ({"Policy": policy({"Effect": "Allow", "Action": "*"})}, "MalformedPolicyDocument"),
        ({"Policy": policy(allow("*", "arn:aws:s3:::${aws:username}"))}, "NotImplementedException"),
        ({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]}, "NotImplementedException"),
        ({"Tags": [{"Key": "team", "Value": "network"}]}, "NotImplementedException"),
    ],
)
def test_what_would_make_another_session_than_was_asked_for_is_refused(client: Client, given: Any, code: str) -> None:
    assert refused(lambda: assume(client("sts"), f"arn:aws:iam::{SPOKE}:role/any", **given))["Code"] == code


def test_a_trust_policy_that_cannot_be_judged_is_neither_trust_nor_mistrust(roles: Roles, client: Client) -> None:
    role = spoke(roles, trust("*", DateLessThan={"aws:CurrentTime": "2030-01-01T00:00:00Z"}))
    error = refused(lambda: assume(client("sts"), role))
    assert error["status"] == 501
    assert "DateLessThan" in error["Message"]


def trusting_whom_it_is_named_for(name: str) -> dict[str, Any]:
    named = {"StringEquals": {"sts:SourceIdentity": name}}
    return {**trust(HUB_ROOT, **named), "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]}


def test_a_source_identity_is_demanded_and_takes_a_right_here_and_there(roles: Roles, as_role: As) -> None:
    role = spoke(roles, trusting_whom_it_is_named_for("watch"))
    roles.make(allow(["sts:AssumeRole", "sts:SetSourceIdentity"]))
    sts = as_role("sts", f"arn:aws:iam::{ACCOUNT}:role/reader")
    assert assume(sts, role, SourceIdentity="watch")["SourceIdentity"] == "watch"
    for given in ({}, {"SourceIdentity": "other"}):
        assert refused(lambda given=given: assume(sts, role, **given))["Code"] == "AccessDenied"
    roles.put(ASSUME)
    assert "sts:SetSourceIdentity" in refused(lambda: assume(sts, role, SourceIdentity="watch"))["Message"]


def test_a_source_identity_stays_in_a_chain_of_roles_and_cannot_be_changed(roles: Roles, as_role: As) -> None:
    both = allow(["sts:AssumeRole", "sts:SetSourceIdentity"])
    first = spoke(roles, trusting_whom_it_is_named_for("watch"), statements=(both,))
    last = roles.make(
        allow("sqs:*", StringEquals={"aws:SourceIdentity": "watch"}),
        name="last",
        trusts=({**trust({"AWS": SPOKE}), "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]},),
    )
    hub = as_role("sts", roles.make(both))
    between = as_role("sts", first, caller=hub, SourceIdentity="watch")
    as_role("sqs", last, caller=between).list_queues()
    assert refused(lambda: assume(between, last, SourceIdentity="other"))["Code"] == "AccessDenied"


def test_the_organization_of_the_role_is_known(roles: Roles, as_role: As, client: Client) -> None:
    manager = client("organizations")
    ours = manager.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    made = manager.create_account(AccountName="member", Email="member@example.com")["CreateAccountStatus"]
    roles.make(allow("sts:AssumeRole", StringEquals={"aws:ResourceOrgID": ours}))
    sts = as_role("sts", f"arn:aws:iam::{ACCOUNT}:role/reader")
    trusts = (trust(HUB_ROOT),)
    assume(sts, roles.make(name="spoke", account=made["AccountId"], trusts=trusts))
    assert refused(lambda: assume(sts, spoke(roles)))["Code"] == "AccessDenied"


def test_whom_others_vouch_for_is_not_judged(client: Client) -> None:
    given = {"RoleArn": f"arn:aws:iam::{SPOKE}:role/any", "RoleSessionName": "watch", "WebIdentityToken": "token"}
    assert refused(client("sts").assume_role_with_web_identity, **given)["status"] == 501

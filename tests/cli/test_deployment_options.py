"""The section `deployment`: what is wrong with it is said before anything is synthesized."""

import pytest

from tests.cli.conftest import Accept, OnlyProblem, Refuse

OTHERS = 'scope: {accounts: [self, "222222222222"]}\n'
KEY = "arn:aws:kms:us-east-1:111122223333:key/0123abcd-01ab-23cd-45ef-0123456789ab"
STACK_SET = "stack_set: {organizational_units: [ou-ab12-cd34ef56]}"


def with_options(options: str, scope: str = OTHERS) -> str:
    return f"version: 1\n{scope}deployment: {{{options}}}\n"


def test_nothing_is_asked_for_by_default(accepted: Accept) -> None:
    assert accepted("version: 1\nscope: {}\n").settings.section("deployment") == {
        "kms_key_arn": None,
        "vpc": None,
        "permissions_boundary": None,
        "log_retention_days": 90,
        "tags": {},
        "organization_id": None,
        "stack_set": None,
        "reserved_concurrency": None,
    }


def test_every_option_can_be_set(accepted: Accept) -> None:
    options = (
        f"kms_key_arn: '{KEY}', permissions_boundary: 'arn:aws:iam::111122223333:policy/teams/bound', "
        "vpc: {subnet_ids: [subnet-0123abcd], security_group_ids: [sg-0123abcd]}, log_retention_days: 365, "
        "tags: {cost-centre: '42', 'team:name': security}, organization_id: o-exampleorgid, " + STACK_SET
    )
    section = accepted(with_options(options)).settings.section("deployment")
    assert section["stack_set"] == {"organizational_units": ["ou-ab12-cd34ef56"], "call_as": "SELF"}
    assert section["tags"] == {"cost-centre": "42", "team:name": "security"}


@pytest.mark.parametrize(
    ("options", "path", "found", "expected"),
    [
        ("reserved_concurrency: 0", "reserved_concurrency", "the number 0", "a number from 1 to 1000, or null"),
        ("log_retention_days: 100", "log_retention_days", "the number 100", "one of 1, 3, 5"),
        ("kms_key_arn: alias/mine", "kms_key_arn", 'the text "alias/mine"', "the ARN of a KMS key"),
        (f"kms_key_arn: '{KEY.replace('us-east-1', 'eu-west-1')}'", "kms_key_arn", "a key in eu-west-1", "us-east-1"),
        (
            "permissions_boundary: bound",
            "permissions_boundary",
            'the text "bound"',
            "the ARN of an IAM policy, or null",
        ),
        (
            "permissions_boundary: 'arn:aws-cn:iam::111122223333:policy/bound'",
            "permissions_boundary",
            "an ARN of aws-cn",
            "one of aws, where the hub is",
        ),
        ("vpc: {subnet_ids: [subnet-0123abcd]}", "vpc.security_group_ids", "nothing: the key is missing", "a list"),
        (
            "vpc: {subnet_ids: [], security_group_ids: [sg-0123abcd]}",
            "vpc.subnet_ids",
            "an empty list",
            "a list that is not empty",
        ),
        ("tags: {'aws:mine': x}", "tags", "a section", "keys that AWS takes"),
        ("tags: {mine: 7}", "tags.mine", "the number 7", "quote it"),
        ("organization_id: mine", "organization_id", 'the text "mine"', "the id of an organization"),
        ("stack_set: {organizational_units: [mine]}", "stack_set.organizational_units[0]", "mine", "ou-ab12-cd34ef56"),
    ],
)
def test_a_wrong_option_is_named(only_problem: OnlyProblem, options: str, path: str, found: str, expected: str) -> None:
    problem = only_problem(with_options(options))
    assert problem.path == f"deployment.{path}"
    assert found in problem.found
    assert expected in problem.expected


def test_a_stack_set_needs_an_account_to_go_to(only_problem: OnlyProblem) -> None:
    problem = only_problem(with_options(STACK_SET, "scope: {}\n"))
    assert (problem.path, problem.found) == (
        "deployment.stack_set",
        "a stack set, and no account in scope but the hub's own",
    )


def test_there_is_no_stack_set_in_china(refused: Refuse) -> None:
    off = "".join(f"{name}: {{mode: off}}\n" for name in ("mrap_operations", "replication_sets", "cloudhsm_backups"))
    scope = 'hub: {region: cn-north-1}\nscope: {accounts: [self, "222222222222"], regions: [cn-north-1]}\n'
    (problem,) = refused(with_options(STACK_SET, scope + off))
    assert "China" in problem.found
    assert problem.path == "deployment.stack_set"

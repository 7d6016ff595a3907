"""What validates but could never equal what AWS answers is refused, or warned of, where it stands."""

import pytest

from tests.cli.conftest import Accept, OnlyProblem, Refuse

SHARES = "version: 1\nscope: {{}}\nhub: {{region: {}}}\nresource_shares:\n  mode: apply\n  allowed_principals: ['{}']\n"
TRUST = "version: 1\nscope: {{}}\nram_invitations: {{trust: [{{name: a, accounts: ['210987654321'], {}}}]}}\n"
BACKUPS = "version: 1\nscope: {{}}\ncloudhsm_backups:\n  rules:\n{}"
HOME = "us-east-1"
ACCOUNT = "444444444444"
ORGANIZATION = "arn:aws:organizations::111122223333:organization/o-exampleorgid"
UNIT = "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-cd34ef56"


@pytest.mark.parametrize("arn", [f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:organizations::1:account/o-x/{ACCOUNT}"])
def test_an_account_is_its_number_and_no_arn(only_problem: OnlyProblem, arn: str) -> None:
    arn = arn.replace("::1:", "::111122223333:")
    problem = only_problem(SHARES.format(HOME, arn))
    assert (problem.line, problem.path) == (6, "resource_shares.allowed_principals[0]")
    assert problem.found == f'the text "{arn}"'
    assert problem.expected.endswith(f'write "{ACCOUNT}"')


@pytest.mark.parametrize(
    "principal",
    [
        ACCOUNT,
        f"arn:aws:iam::{ACCOUNT}:role/Deployer",
        f"arn:aws:iam::{ACCOUNT}:role/team/prod/Deployer+1",
        f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
        f"arn:aws:iam::{ACCOUNT}:user/ann",
        ORGANIZATION,
        UNIT,
        "network-firewall.amazonaws.com",
        "s3.eu-west-1.amazonaws.com",
    ],
)
def test_what_ram_answers_as_a_principal_may_be_allowed(accepted: Accept, principal: str) -> None:
    section = accepted(SHARES.format(HOME, principal)).settings.section("resource_shares")
    assert section["allowed_principals"] == [principal]


@pytest.mark.parametrize(
    "principal",
    [
        f"arn:aws:iam::{ACCOUNT}:role",
        f"arn:aws:iam::{ACCOUNT}:role/",
        f"arn:aws:iam::{ACCOUNT}:role/Deployer/",
        f"arn:aws:iam::{ACCOUNT}:role/Deployer;",
        f"arn:aws:iam::{ACCOUNT}:ROLE/Deployer",
        f"arn:aws:iam::{ACCOUNT}:group/admins",
        f"arn:aws:iam::{ACCOUNT}:policy/p",
        f"arn:aws:iam::{ACCOUNT}:assumed-role/Deployer/session",
        ORGANIZATION.replace("o-exampleorgid", "exampleorgid"),
        UNIT.replace("ou/o-exampleorgid/", "ou/"),
        "arn:aws:organizations::111122223333:root/o-exampleorgid/r-ab12",
        "arn:aws:organizations::111122223333:ou/o-exampleorgid",
        "..amazonaws.com",
        "ram..amazonaws.com",
    ],
)
def test_what_ram_never_answers_as_one_may_not(only_problem: OnlyProblem, principal: str) -> None:
    problem = only_problem(SHARES.format(HOME, principal))
    assert (problem.line, problem.path) == (6, "resource_shares.allowed_principals[0]")
    assert "the whole ARN of an organization, an organizational unit, a role or a user" in problem.expected


@pytest.mark.parametrize(
    ("region", "home"), [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eusc-de-east-1", "aws-eusc")]
)
def test_nor_may_what_is_of_another_partition(refused: Refuse, region: str, home: str) -> None:
    problems = {each.path: each for each in refused(SHARES.format(region, f"arn:aws:iam::{ACCOUNT}:role/Deployer"))}
    assert problems["resource_shares.allowed_principals[0]"].expected == f"an ARN of {home}, where the hub is"
    own = {each.path for each in refused(SHARES.format(region, f"arn:{home}:iam::{ACCOUNT}:role/Deployer"))}
    assert problems.keys() - own == {"resource_shares.allowed_principals[0]"}


@pytest.mark.parametrize("key", ["share_names: ['prod\u200b-*']", "resource_types: ['ec2:Subnet\u200b']"])
def test_a_character_that_nobody_sees_is_refused(only_problem: OnlyProblem, key: str) -> None:
    assert r"\u200b" in only_problem(TRUST.format(key)).found


@pytest.mark.parametrize("tags", ["{'hold\u00a0': 'true'}", "{hold: 'true\ufeff'}"])
def test_so_is_one_in_the_tag_of_a_backup(only_problem: OnlyProblem, tags: str) -> None:
    problem = only_problem(BACKUPS.format(f"  - {{name: a, match: {{tags: {tags}}}, never_expires: true}}\n"))
    assert (problem.line, problem.expected) == (5, "printable characters: what is compared with it has no others")


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("share_names: [' prod-*']", 'the text " prod-*"'),
        ("share_names: ['prod-.*']", 'the text "prod-.*"'),
        ("share_names: ['prod-[ab]']", 'the text "prod-[ab]"'),
        ("share_names: ['^prod']", 'the text "^prod"'),
        ("resource_types: ['ec2:transit-gateway']", 'the resource type "ec2:transit-gateway"'),
        ("share_names: ['prod-?.v1 (eu)*']", 'the text "prod-?.v1 (eu)*"'),
        ("share_names: ['prod-v1.2_*']", None),
        ("resource_types: ['EC2:TRANSITGATEWAY', 'license-manager:LicenseConfiguration']", None),
    ],
)
def test_what_most_likely_equals_nothing_is_warned_of(accepted: Accept, key: str, found: str | None) -> None:
    warnings = [problem.found for problem in accepted(TRUST.format(key)).warnings if "trust" in problem.path]
    assert warnings == ([found] if found else [])


@pytest.mark.parametrize(
    ("first", "second", "hidden"),
    [
        ("{}", "{tags: {a: b}}", True),
        ("{tags: {a: b}}", "{tags: {a: b, c: d}}", True),
        ("{older_than_days: 30}", "{older_than_days: 90}", True),
        ("{clusters: [cluster-abcdefghijk]}", "{clusters: [cluster-abcdefghijk], tags: {a: b}}", True),
        ("{tags: {a: b}}", "{}", False),
        ("{tags: {a: b}}", "{tags: {a: c}}", False),
        ("{older_than_days: 90}", "{older_than_days: 30}", False),
        ("{keep: {newest: 3}}", "{keep: {newest: 3}}", False),
        ("{clusters: [cluster-abcdefghijk]}", "{}", False),
    ],
)
def test_a_rule_for_backups_that_never_decides(accepted: Accept, first: str, second: str, *, hidden: bool) -> None:
    rules = "".join(
        f"  - {{name: {name}, match: {match}, never_expires: true}}\n" for name, match in (("a", first), ("b", second))
    )
    found = [(w.line, w.found) for w in accepted(BACKUPS.format(rules)).warnings if "rules" in w.path]
    assert found == ([(6, 'a rule that never decides: "a" comes first and covers the same')] if hidden else [])

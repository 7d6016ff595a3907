"""Every mistake is named with its line, its path, what was found, what is expected and the nearest right word."""

import pytest

from tests.cli.conftest import OnlyProblem, Refuse

START = "version: 1\nscope: {}\n"
RULE = 'ram_invitations:\n  trust:\n  - name: a\n    accounts: ["210987654321"]\n'
MUTE = "mutes:\n- resource: arn\n  check: accept-failed\n  reason: r\n  owner: o\n  expires: 2099-01-01\n"


@pytest.mark.parametrize(
    ("text", "line", "path", "found", "expected", "nearest"),
    [
        ("scope: {}\n", 1, "version", "nothing: the key is missing", "the number 1", ""),
        ("version: 1\n", 1, "scope", "nothing: the key is missing", "a section (keys: accounts", ""),
        ("version: 2\nscoop: {}\n", 1, "version", "the number 2", "the number 1, the only version", ""),
        ('version: "1"\nscope: {}\n', 1, "version", 'the text "1"', "the number 1", ""),
        ("version: true\nscope: {}\n", 1, "version", "true", "the number 1", ""),
        ("version: 1\nscope:\n", 2, "scope", "nothing", "a section", ""),
        ("version: 1\nscope: all\n", 2, "scope", 'the text "all"', "a section", ""),
        (
            START + "ram_invitation: {}\n",
            3,
            "ram_invitation",
            'the unknown key "ram_invitation"',
            "one of version, hub",
            "ram_invitations",
        ),
        (START + "<<: {}\n", 3, '["<<"]', 'the unknown key "<<"', "one of version, hub", ""),
        (START + "1: {}\n", 3, "1", 'the unknown key "1"', "one of version, hub", ""),
        (
            START + "ram_invitations: {trusts: []}\n",
            3,
            "ram_invitations.trusts",
            'the unknown key "trusts"',
            "one of mode, trust",
            "trust",
        ),
        (
            START + "ram_invitations: {mode: pln}\n",
            3,
            "ram_invitations.mode",
            'the text "pln"',
            "one of off, plan, apply",
            "plan",
        ),
        (
            START + "ram_invitations: {mode: Apply}\n",
            3,
            "ram_invitations.mode",
            'the text "Apply"',
            "one of off, plan, apply",
            "apply",
        ),
        (START + "ram_invitations: {mode: false}\n", 3, "ram_invitations.mode", "false", "one of off, plan, apply", ""),
        (
            START + "ram_invitations: {flood_limit: many}\n",
            3,
            "ram_invitations.flood_limit",
            'the text "many"',
            "a whole number from 1 to 1000",
            "",
        ),
        (
            START + "ram_invitations: {flood_limit: 0}\n",
            3,
            "ram_invitations.flood_limit",
            "the number 0",
            "a whole number from 1 to 1000",
            "",
        ),
        (
            START + "ram_invitations: {flood_limit: 50.0}\n",
            3,
            "ram_invitations.flood_limit",
            "the number 50.0",
            "a whole number",
            "",
        ),
        (
            START + "ram_invitations: {flood_limit: true}\n",
            3,
            "ram_invitations.flood_limit",
            "true",
            "a whole number",
            "",
        ),
        (
            START + "ram_invitations: {warn_at_remaining: 1}\n",
            3,
            "ram_invitations.warn_at_remaining",
            "the number 1",
            "a number above 0 and below 1",
            "",
        ),
        (
            START + "notifications: {reminder_hours: 1}\n",
            3,
            "notifications.reminder_hours",
            "the number 1",
            "a whole number at least 24",
            "",
        ),
        (START + "notifications: {emails: nobody}\n", 3, "notifications.emails", 'the text "nobody"', "a list", ""),
        (START + "ram_invitations: {trust: {}}\n", 3, "ram_invitations.trust", "an empty section", "a list", ""),
        (
            START + "ram_invitations: {trust: [a]}\n",
            3,
            "ram_invitations.trust[0]",
            'the text "a"',
            "a section (keys: name",
            "",
        ),
        (
            START + RULE + "    allow_irreversible: yes\n",
            7,
            "ram_invitations.trust[0].allow_irreversible",
            'the text "yes"',
            "true or false",
            "",
        ),
        (
            START + RULE + "    regions: [eu-west1]\n",
            7,
            "ram_invitations.trust[0].regions[0]",
            'the text "eu-west1"',
            "a Region such as eu-west-1",
            "eu-west-1",
        ),
        (
            START + RULE + "    resource_types: []\n",
            7,
            "ram_invitations.trust[0].resource_types",
            "an empty list",
            "a list that is not empty",
            "",
        ),
        (
            START + RULE + '    share_names: ["prod\\u202e*"]\n',
            7,
            "ram_invitations.trust[0].share_names[0]",
            'the text "prod\\u202e*"',
            "printable characters",
            "",
        ),
        (
            START + RULE + '  - name: a\n    accounts: ["321098765432"]\n',
            7,
            "ram_invitations.trust[1].name",
            'the name "a" a second time (first in ram_invitations.trust[0])',
            "a name of its own",
            "",
        ),
        (
            START + 'ram_invitations: {trust: [{accounts: ["210987654321"]}]}\n',
            3,
            "ram_invitations.trust[0].name",
            "nothing: the key is missing",
            "text that is not empty",
            "",
        ),
        (START + "hub: {region: moon}\n", 3, "hub.region", 'the text "moon"', "a Region such as eu-west-1", ""),
        (START + "hub: {account: slef}\n", 3, "hub.account", 'the text "slef"', "self, or an account number", "self"),
        (
            START + MUTE.replace("accept-failed", "accept-faild"),
            5,
            "mutes[0].check",
            'the text "accept-faild"',
            "one of invitation-untrusted",
            "accept-failed",
        ),
        (
            START + MUTE.replace("2099-01-01", "soon"),
            8,
            "mutes[0].expires",
            'the text "soon"',
            "a date such as 2026-12-31",
            "",
        ),
        (
            START + MUTE.replace("2099-01-01", "2099-02-30"),
            8,
            "mutes[0].expires",
            'the text "2099-02-30"',
            "the calendar",
            "",
        ),
        (
            START + MUTE.replace("2099-01-01", "20990101"),
            8,
            "mutes[0].expires",
            "the number 20990101",
            "a date such as",
            "",
        ),
        (
            START + MUTE.replace("2099-01-01", '"2099-01-01\\n"'),
            8,
            "mutes[0].expires",
            'the text "2099-01-01\\n"',
            "a date such as",
            "",
        ),
        (START + MUTE.replace("  reason: r\n", ""), 4, "mutes[0].reason", "nothing: the key is missing", "text", ""),
        (
            START + MUTE.replace("owner: o", 'owner: " "'),
            7,
            "mutes[0].owner",
            'the text " "',
            "text that is not empty",
            "",
        ),
        (
            START + "report: {retention_days: 0}\n",
            3,
            "report.retention_days",
            "the number 0",
            "a whole number from 1 to 3653",
            "",
        ),
        (START + "removal: Destroy\n", 3, "removal", 'the text "Destroy"', "one of retain, destroy", "destroy"),
        ("version: 1\nscope: {regions: all}\n", 2, "scope.regions", 'the text "all"', "a list of Regions", ""),
        (
            "version: 1\nscope: {regions: enable}\n",
            2,
            "scope.regions",
            'the text "enable"',
            "or the word enabled",
            "enabled",
        ),
        (
            "version: 1\nscope: {regions: []}\n",
            2,
            "scope.regions",
            "an empty list",
            "a list that is not empty, each item a Region",
            "",
        ),
        (
            "version: 1\nscope: {regions: [eu-west-1, eu-west-1]}\n",
            2,
            "scope.regions[1]",
            "a second time",
            "each item once",
            "",
        ),
        ("version: 1\nscope: {regions: [eu-west-1, 7]}\n", 2, "scope.regions[1]", "the number 7", "a Region", ""),
        ("version: 1\nscope: {organization: false}\n", 2, "scope.organization", "false", "true, or no such key", ""),
        (
            "version: 1\nscope: {organizational_units: [r-ab12]}\n",
            2,
            "scope.organizational_units[0]",
            'the text "r-ab12"',
            "the id of an organizational unit",
            "",
        ),
        ("version: 1\nscope: {spoke_role: a/b}\n", 2, "scope.spoke_role", 'the text "a/b"', "the name of a role", ""),
        (
            "version: 1\nscope: {exclude_accounts: [self]}\n",
            2,
            "scope.exclude_accounts",
            "every account of the scope",
            "at least one account",
            "",
        ),
    ],
)
def test_a_mistake_is_named(  # noqa: PLR0913  # a row of the table
    only_problem: OnlyProblem, text: str, line: int, path: str, found: str, expected: str, nearest: str
) -> None:
    problem = only_problem(text)
    assert (problem.line, problem.path, problem.nearest) == (line, path, nearest)
    assert found in problem.found
    assert expected in problem.expected


@pytest.mark.parametrize(
    "pair", ["accounts: [self], organization: true", "organization: true, organizational_units: [ou-ab12-cd34ef56]"]
)
def test_a_scope_names_its_accounts_in_one_way_only(only_problem: OnlyProblem, pair: str) -> None:
    problem = only_problem(f"version: 1\nscope: {{{pair}}}\n")
    assert problem.expected == "only one of accounts, organization and organizational_units"
    assert problem.found.endswith("together")


@pytest.mark.parametrize("number", ["210987654321", "012345678901", "000000000000"])
@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("version: 1\nscope: {{accounts: [{}]}}\n", "scope.accounts[0]"),
        ("version: 1\nscope: {{exclude_accounts: [{}]}}\n", "scope.exclude_accounts[0]"),
        ("version: 1\nhub: {{account: {}}}\nscope: {{}}\n", "hub.account"),
        (
            "version: 1\nscope: {{}}\nram_invitations: {{trust: [{{name: a, accounts: [{}]}}]}}\n",
            "ram_invitations.trust[0].accounts[0]",
        ),
    ],
)
def test_an_account_number_without_quotes_is_told_to_get_them(
    only_problem: OnlyProblem, text: str, path: str, number: str
) -> None:
    problem = only_problem(text.format(number))
    assert problem.path == path
    assert problem.found == f"the number {number}"
    assert problem.expected.endswith(f'quote it: "{number}"')


@pytest.mark.parametrize(
    "account", ['"21098765432"', '"2109876543210"', '"21098765432a"', '"210987654321\\n"', "2109", '"٢١٠٩٨٧٦٥٤٣٢١"']
)
def test_an_account_number_has_12_digits(only_problem: OnlyProblem, account: str) -> None:
    problem = only_problem(f"version: 1\nscope: {{accounts: [{account}]}}\n")
    assert "12 digits in quotes" in problem.expected
    assert "quote it" not in problem.expected


def test_a_single_value_where_a_list_belongs_is_shown_as_a_list(only_problem: OnlyProblem) -> None:
    problem = only_problem("version: 1\nscope: {regions: eu-west-1}\n")
    assert problem.expected.endswith('write it as a list: ["eu-west-1"]')


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file(refused: Refuse) -> None:
    problems = refused(
        "version: 1\nscoop: {}\nscope: {accounts: [210987654321]}\n"
        "ram_invitations:\n  mode: of\n  mode: plan\n  trust:\n"
        '  - {name: a, accounts: [1], share_names: ["\\u202e"]}\n  - {name: a, accounts: ["210987654321"], foo: 1}\n'
        "mutes: [{resource: r, check: c, reason: r, expires: 2026-02-30}]\n"
    )
    assert [(p.line, p.path) for p in problems] == [
        (2, "scoop"),
        (3, "scope.accounts[0]"),
        (5, "ram_invitations.mode"),
        (6, "ram_invitations.mode"),
        (8, "ram_invitations.trust[0].accounts[0]"),
        (8, "ram_invitations.trust[0].share_names[0]"),
        (9, "ram_invitations.trust[1].name"),
        (9, "ram_invitations.trust[1].foo"),
        (10, "mutes[0].owner"),
        (10, "mutes[0].check"),
        (10, "mutes[0].expires"),
    ]


def test_a_message_is_one_line_that_compilers_would_print(only_problem: OnlyProblem) -> None:
    problem = only_problem("version: 1\nscope: {}\nremoval: Retain\n")
    expected = ':3:10: removal: found the text "Retain"; expected one of retain, destroy; did you mean "retain"?'
    assert str(problem) == problem.file + expected


def test_no_message_carries_control_characters_of_the_file(refused: Refuse) -> None:
    text = 'version: 1\nscope: {}\n"a\\u202eb\\tc": 1\nremoval: "x\\u2028y\\n"\nhub: {region: "\\x9b2J"}\n'
    message = "\n".join(str(problem) for problem in refused(text))
    assert all(character.isprintable() or character == "\n" for character in message)
    assert message.count("\n") == len(refused(text)) - 1

"""Every mistake is named with its line, its path, what was found, what is expected and the nearest right word."""

import pytest

from tests.cli.conftest import OnlyProblem, Refuse

START = "version: 1\nscope: {}\n"
RULE = 'ram_invitations:\n  trust:\n  - name: a\n    accounts: ["210987654321"]\n'
MUTE = "mutes:\n- resource: arn\n  check: accept-failed\n  reason: r\n  owner: o\n  expires: 2099-01-01\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scope: {}\n", "1 version: found nothing: the key is missing; expected the number 1"),
        ("version: 1\n", "1 scope: found nothing: the key is missing; expected a section (keys: accounts"),
        ("version: 2\nscoop: {}\n", "1 version: found the number 2; expected the number 1, the only version"),
        ('version: "1"\nscope: {}\n', '1 version: found the text "1"; expected the number 1'),
        ("version: true\nscope: {}\n", "1 version: found true; expected the number 1"),
        ("version: 1\nscope:\n", "2 scope: found nothing; expected a section"),
        ("version: 1\nscope: all\n", '2 scope: found the text "all"; expected a section'),
        (
            "ram_invitation: {}\n",
            '3 ram_invitation: found the unknown key "ram_invitation"; did you mean "ram_invitations"?',
        ),
        ("<<: {}\n", '3 ["<<"]: found the unknown key "<<"; expected one of version, hub'),
        ("1: {}\n", '3 1: found the unknown key "1"; expected one of version, hub'),
        (
            "ram_invitations: {trusts: []}\n",
            '3 ram_invitations.trusts: found the unknown key "trusts"; expected one of mode; did you mean "trust"?',
        ),
        (
            "ram_invitations: {mode: pln}\n",
            '3 ram_invitations.mode: found the text "pln"; expected one of off, plan, apply; did you mean "plan"?',
        ),
        (
            "ram_invitations: {mode: Apply}\n",
            '3 ram_invitations.mode: found the text "Apply"; expected one of off, plan, apply; did you mean "apply"?',
        ),
        ("ram_invitations: {mode: false}\n", "3 ram_invitations.mode: found false; expected one of off, plan, apply"),
        (
            "ram_invitations: {flood_limit: many}\n",
            '3 ram_invitations.flood_limit: found the text "many"; expected a whole number from 1 to 1000',
        ),
        (
            "ram_invitations: {flood_limit: 0}\n",
            "3 ram_invitations.flood_limit: found the number 0; expected a whole number from 1 to 1000",
        ),
        (
            "ram_invitations: {flood_limit: 50.0}\n",
            "3 ram_invitations.flood_limit: found the number 50.0; expected a whole number",
        ),
        (
            "ram_invitations: {flood_limit: true}\n",
            "3 ram_invitations.flood_limit: found true; expected a whole number",
        ),
        (
            "ram_invitations: {warn_at_remaining: 1}\n",
            "3 ram_invitations.warn_at_remaining: found the number 1; expected a number above 0 and below 1",
        ),
        (
            "notifications: {reminder_hours: 1}\n",
            "3 notifications.reminder_hours: found the number 1; expected a whole number at least 24",
        ),
        ("notifications: {emails: nobody}\n", '3 notifications.emails: found the text "nobody"; expected a list'),
        ("ram_invitations: {trust: {}}\n", "3 ram_invitations.trust: found an empty section; expected a list"),
        (
            "ram_invitations: {trust: [a]}\n",
            '3 ram_invitations.trust[0]: found the text "a"; expected a section (keys: name',
        ),
        (
            RULE + "    allow_irreversible: yes\n",
            '7 ram_invitations.trust[0].allow_irreversible: found the text "yes"; expected true or false',
        ),
        (
            RULE + "    regions: [eu-west1]\n",
            '7 ram_invitations.trust[0].regions[0]: found the text "eu-west1"; did you mean "eu-west-1"?',
        ),
        (
            RULE + "    resource_types: []\n",
            "7 ram_invitations.trust[0].resource_types: found an empty list; expected a list that is not empty",
        ),
        (
            RULE + '    share_names: ["prod\\u202e*"]\n',
            '7 ram_invitations.trust[0].share_names[0]: found the text "prod\\u202e*"; expected printable characters',
        ),
        (
            RULE + '  - name: a\n    accounts: ["321098765432"]\n',
            '7 ram_invitations.trust[1].name: found the name "a" a second time (first in ram_invitations.trust[0])',
        ),
        (
            'ram_invitations: {trust: [{accounts: ["210987654321"]}]}\n',
            "3 ram_invitations.trust[0].name: found nothing: the key is missing; expected text that is not empty",
        ),
        ("hub: {region: moon}\n", '3 hub.region: found the text "moon"; expected a Region such as eu-west-1'),
        (
            "hub: {account: slef}\n",
            '3 hub.account: found the text "slef"; expected self, or an account number; did you mean "self"?',
        ),
        (
            MUTE.replace("accept-failed", "accept-faild"),
            '5 mutes[0].check: found the text "accept-faild"; expected a check; did you mean "accept-failed"?',
        ),
        (
            MUTE.replace("2099-01-01", "soon"),
            '8 mutes[0].expires: found the text "soon"; expected a date such as 2026-12-31',
        ),
        (
            MUTE.replace("2099-01-01", "2099-02-30"),
            '8 mutes[0].expires: found the text "2099-02-30"; expected a date and a time of the calendar',
        ),
        (
            MUTE.replace("2099-01-01", "20990101"),
            "8 mutes[0].expires: found the number 20990101; expected a date such as",
        ),
        (
            MUTE.replace("2099-01-01", '"2099-01-01\\n"'),
            '8 mutes[0].expires: found the text "2099-01-01\\n"; expected a date such as',
        ),
        (MUTE.replace("  reason: r\n", ""), "4 mutes[0].reason: found nothing: the key is missing; expected text"),
        (
            MUTE.replace("owner: o", 'owner: " "'),
            '7 mutes[0].owner: found the text " "; expected text that is not empty',
        ),
        (
            "report: {retention_days: 0}\n",
            "3 report.retention_days: found the number 0; expected a whole number from 1 to 3653",
        ),
        (
            "report: {object_lock: true}\nremoval: destroy\n",
            "3 report.object_lock: found true, with removal: destroy, which would have to delete what is locked",
        ),
        (
            "removal: Destroy\n",
            '3 removal: found the text "Destroy"; expected one of retain, destroy; did you mean "destroy"?',
        ),
        ("version: 1\nscope: {regions: all}\n", '2 scope.regions: found the text "all"; expected a list of Regions'),
        (
            "version: 1\nscope: {regions: enable}\n",
            '2 scope.regions: found the text "enable"; expected a list of Regions; did you mean "enabled"?',
        ),
        (
            "version: 1\nscope: {regions: []}\n",
            "2 scope.regions: found an empty list; expected a list that is not empty, each item a Region",
        ),
        (
            "version: 1\nscope: {regions: [eu-west-1, eu-west-1]}\n",
            '2 scope.regions[1]: found the text "eu-west-1" a second time; expected each item once',
        ),
        ("version: 1\nscope: {regions: [eu-west-1, 7]}\n", "2 scope.regions[1]: found the number 7; expected a Region"),
        (
            "version: 1\nscope: {organization: false}\n",
            "2 scope.organization: found false; expected true, or no such key",
        ),
        (
            "version: 1\nscope: {organizational_units: [r-ab12]}\n",
            '2 scope.organizational_units[0]: found the text "r-ab12"; expected the id of an organizational unit',
        ),
        (
            "version: 1\nscope: {spoke_role: a/b}\n",
            '2 scope.spoke_role: found the text "a/b"; expected the name of a role',
        ),
        (
            "version: 1\nscope: {exclude_accounts: [self]}\n",
            "2 scope.exclude_accounts: found every account of the scope; expected at least one account",
        ),
    ],
)
def test_a_mistake_is_named(only_problem: OnlyProblem, text: str, message: str) -> None:
    problem = only_problem(text if "version: " in text or text.startswith("scope: ") else START + text)
    place = f"{problem.file}:{problem.line}:{problem.column}: "
    said, _, question = str(problem).removeprefix(place).partition("; did you mean ")
    start, _, expected_question = message.partition("; did you mean ")
    assert f"{problem.line} {said}".startswith(start)
    assert question == expected_question


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

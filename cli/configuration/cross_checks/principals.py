"""The checks of principals: what AWS RAM never answers as a principal could be allowed in vain, and be thrown out."""

import re
from collections.abc import Iterator

from cli.configuration.cross_checks.general import partition_of
from cli.configuration.cross_checks.view import View
from cli.configuration.problems import Problem
from cli.terminal.safe_text import quoted

_SECTION, _KEY = "resource_shares", "allowed_principals"
_ACCOUNT = re.compile(r"arn:[^:]+:(?:iam::([0-9]{12}):root|organizations::[0-9]{12}:account/[^/]+/([0-9]{12}))")
_PRINCIPAL = re.compile(
    r"[0-9]{12}"
    r"|arn:(?P<partition>[^:]+):(?:"
    r"iam::[0-9]{12}:(?:role|user)/(?:[!-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}"
    r"|organizations::[0-9]{12}:organization/o-[a-z0-9]{10,32}"
    r"|organizations::[0-9]{12}:ou/o-[a-z0-9]{10,32}/ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})"
    r"|(?:[a-z0-9-]+\.)+amazonaws\.com(?:\.cn)?"
)
"""What RAM answers as a principal, exactly as RAM writes it.

Source: https://docs.aws.amazon.com/ram/latest/APIReference/API_AssociateResourceShare.html
Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html
"""


def unmatched_principals(view: View) -> Iterator[Problem]:
    """Find principals that no share can have: they would allow nobody, and mode: apply would remove who was meant."""
    section = view.document[_SECTION] if view.sound(_SECTION) else {}
    for place, principal in enumerate(section.get(_KEY) or ()):
        if expected := _expected(view, principal):
            yield view.problem((_SECTION, _KEY, place), f"the text {quoted(principal)}", expected)


def _expected(view: View, principal: str) -> str:
    """Say what should stand instead of a principal; nothing if it may stand."""
    if account := _ACCOUNT.fullmatch(principal):
        return f'the number of the account, as RAM has it: write "{account[1] or account[2]}"'
    found = _PRINCIPAL.fullmatch(principal)
    if found is None:
        return (
            "an account number in quotes, the whole ARN of an organization, an organizational unit, a role or a user, "
            "or a service such as network-firewall.amazonaws.com"
        )
    home = partition_of(view.document["hub"]["region"]) if view.sound("hub") else ""
    if home and found["partition"] not in (None, home):
        return f"an ARN of {home}, where the hub is"
    return ""

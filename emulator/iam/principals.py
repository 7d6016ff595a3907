"""The principals of a trust policy, and the callers that they mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from emulator.iam.conditions import texts
from emulator.iam.exceptions import PolicyError, UnsupportedPolicyError

_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(?P<account>[0-9]{12})(?::root)?")
_KINDS = frozenset({"AWS", "Service", "Federated"})


class Meant(Enum):
    """How a trust policy means a caller.

    ``BY_ACCOUNT`` leaves it to the account whom of its own it lets; ``BY_NAME`` needs no more of those of the role's
    own account.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """

    NOT = "not"
    BY_ACCOUNT = "by account"
    BY_NAME = "by name"


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who wants to assume a role.

    Attributes:
        account: of the caller; empty for a service.
        names: the ARNs that it goes by, a role's and its session's say, or the service's name.
    """

    account: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Principals:
    """Whom a statement means.

    Attributes:
        everybody: whether ``*`` is among them, which is every account, and no service.
        accounts: as wholes.
        names: ARNs of roles, users and sessions, and names of services.
    """

    everybody: bool
    accounts: frozenset[str]
    names: frozenset[str]

    def mean(self, applicant: Applicant) -> Meant:
        """Tell how *applicant* is meant."""
        if self.names & applicant.names or (self.everybody and applicant.account):
            return Meant.BY_NAME
        return Meant.BY_ACCOUNT if applicant.account in self.accounts else Meant.NOT


def principals_of(given: Any) -> Principals:
    """Read the ``Principal`` of a statement.

    Raises:
        PolicyError: it is none.
        UnsupportedPolicyError: it has a kind of principal that the emulator does not know.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    named = frozenset(_named(given))
    found = {name: _ACCOUNT.fullmatch(name) for name in named}
    accounts = frozenset(account["account"] for account in found.values() if account)
    return Principals("*" in named, accounts, frozenset(name for name, account in found.items() if not account) - {"*"})


def _named(given: Any) -> Iterator[str]:
    if given == "*":
        yield "*"
        return
    if not isinstance(given, dict):
        raise PolicyError(f"a principal is '*' or an object, not {given!r}")
    if unknown := given.keys() - _KINDS:
        raise UnsupportedPolicyError(f"the emulator does not know principals of the kind {', '.join(sorted(unknown))}")
    for kind, values in given.items():
        for name in texts(values):
            if "*" in name and (name != "*" or kind != "AWS"):
                raise PolicyError(f"the principal {name} has a wildcard, which stands for everybody or for nobody")
            yield name

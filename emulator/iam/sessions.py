"""The sessions that STS gave out: whose access key is which role's, and under what policy."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from moto.iam.models import Role, iam_backends
from moto.sts.models import AssumedRole, STSBackend

TEMPORARY = "ASIA"
"""How the access keys of sessions begin.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

_ROLE = re.compile(r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>[0-9]{12}):role/\S+")


@dataclass(frozen=True, slots=True)
class Session:
    """A role as somebody assumed it.

    Attributes:
        arn: of the session.
        role_arn: of the role.
        role_id: of the role; empty for one that was not there.
        account: of the role.
        partition: of the role.
        policy: that narrows the session; empty for none.
    """

    arn: str
    role_arn: str
    role_id: str
    account: str
    partition: str
    policy: str

    def role(self) -> Role | None:
        """Return the role, if it is still there: one made again under its name is another."""
        found: Role | None = iam_backends[self.account][self.partition].get_role_by_id(self.role_id)
        return found


class Sessions:
    """Every session, by its access key."""

    def __init__(self) -> None:
        """Know none yet."""
        self._by_key: dict[str, Session] = {}

    def of(self, access_key: str) -> Session | None:
        """Return the session of *access_key*; None for a key that is no session's."""
        return self._by_key.get(access_key)

    def add(self, assumed: AssumedRole) -> None:
        """Remember what STS gave out."""
        role_arn = str(assumed.role_arn)
        role = role_at(role_arn)
        self._by_key[assumed.access_key_id] = Session(
            arn=str(assumed.arn),
            role_arn=role_arn,
            role_id=str(role.id) if role else "",
            account=str(assumed.account_id),
            partition=str(assumed.partition),
            policy=assumed.policy or "",
        )


def role_at(arn: str) -> Role | None:
    """Return the role that *arn* names, if there is one."""
    place = _ROLE.fullmatch(arn)
    if place is None or place["account"] not in iam_backends:
        return None
    roles: list[Role] = list(iam_backends[place["account"]][place["partition"]].get_roles())
    return next((role for role in roles if role.arn == arn), None)


@contextmanager
def installed(sessions: Sessions) -> Iterator[None]:
    """Let *sessions* learn of every session that STS gives out, to whomever."""
    assume = STSBackend.assume_role

    def remembered(backend: STSBackend, *given: Any, **named: Any) -> AssumedRole:
        assumed = assume(backend, *given, **named)
        sessions.add(assumed)
        return assumed

    with patch.object(STSBackend, "assume_role", remembered):
        yield

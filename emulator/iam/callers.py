"""Who makes a call, as IAM sees it."""

from dataclasses import dataclass

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from emulator.arrival import Arrival
from emulator.iam.principals import Applicant
from emulator.iam.sessions import Session, Sessions


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller.

    Attributes:
        arn: as refusals name it.
        principal_arn: as ``aws:PrincipalArn`` names it: of a session, its role's.
        kind: as ``aws:PrincipalType`` names it.
        account: that it belongs to.
        partition: of the call.
        session: None for an account's own key and a user's.
    """

    arn: str
    principal_arn: str
    kind: str
    account: str
    partition: str
    session: Session | None = None

    def applicant(self) -> Applicant:
        """Return the caller as trust policies mean it."""
        return Applicant(self.account, frozenset((self.arn, self.principal_arn)))

    def tags(self) -> dict[str, str]:
        """Return the tags of its role."""
        role = self.session.role() if self.session else None
        return {tag["Key"]: tag["Value"] for tag in role.tags} if role else {}


def caller_of(arrival: Arrival, sessions: Sessions) -> Caller:
    """Tell who makes the call at the door: a session, a user, or an account itself."""
    partition = get_partition(arrival.region)
    session = sessions.of(arrival.access_key)
    if session is not None:
        return Caller(session.arn, session.role_arn, "AssumedRole", session.account, partition, session)
    user = _user(arrival, partition)
    if user:
        return Caller(user, user, "User", arrival.account, partition)
    root = f"arn:{partition}:iam::{arrival.account}:root"
    return Caller(root, root, "Account", arrival.account, partition)


def _user(arrival: Arrival, partition: str) -> str:
    if arrival.access_key == arrival.account or arrival.account not in iam_backends:
        return ""
    user = iam_backends[arrival.account][partition].get_user_from_access_key_id(arrival.access_key)
    return str(user.arn) if user else ""

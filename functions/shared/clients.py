"""botocore clients for one account: from one session, with our own patience instead of botocore's retries."""

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from botocore.client import BaseClient
from botocore.config import Config
from botocore.session import Session

from functions.shared.calls import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS, Calls

_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 1},
    connect_timeout=CONNECT_TIMEOUT_SECONDS,
    read_timeout=READ_TIMEOUT_SECONDS,
    user_agent_extra="watchkeeper",
)


_ONE_AT_A_TIME = Lock()
"""A client may be used by many threads at once; a session that makes one may not."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The temporary credentials of an assumed role."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Clients:
    """Makes the callers of AWS services in one account.

    Attributes:
        session: shared by all accounts: loading botocore's models is what costs, a client does not.
        credentials: of the account's role; the session's own where there is none to assume.
    """

    session: Session
    credentials: Credentials | None = None
    _made: dict[tuple[str, str], BaseClient] = field(default_factory=dict, repr=False, compare=False)

    def calls(self, service: str, region: str) -> Calls:
        """Return a caller of *service*, by botocore's name, in *region*; each anew, and all with one client."""
        place = service, region
        with _ONE_AT_A_TIME:
            if place not in self._made:
                self._made[place] = self.session.create_client(*place, config=_CONFIG, **self._identity())
        return Calls(self._made[place])

    def assume(self, role_arn: str, *, region: str, external_id: str, policy: str) -> "Clients":
        """Return clients that act as *role_arn*, under the session policy *policy*.

        Raises:
            CallError: the role may not be assumed.
        """
        request: dict[str, Any] = {"RoleArn": role_arn, "RoleSessionName": "watchkeeper", "Policy": policy}
        if external_id:
            request["ExternalId"] = external_id
        answer = self.calls("sts", region)("AssumeRole", **request)["Credentials"]
        credentials = Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])
        return Clients(self.session, credentials)

    def _identity(self) -> dict[str, Any]:
        if self.credentials is None:
            return {}
        return {
            "aws_access_key_id": self.credentials.access_key,
            "aws_secret_access_key": self.credentials.secret_key,
            "aws_session_token": self.credentials.token,
        }

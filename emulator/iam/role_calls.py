"""Calls that a service makes with a role, through the same gateway as all others."""

from functools import cache

from botocore import xform_name
from botocore.client import BaseClient
from botocore.config import Config
from botocore.session import Session

from emulator.iam.service_roles import session_of

_ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


class RoleCalls:
    """Makes the calls of one session of a role, without retries."""

    def __init__(self, role_arn: str, service: str, name: str, region: str) -> None:
        """Assume the role.

        Args:
            role_arn: of the role.
            service: assumes the role, such as ``states.amazonaws.com``.
            name: of the session.
            region: in which the calls are made.

        Raises:
            NotTrustedError: the role does not exist, or does not trust the service.
        """
        self._session = session_of(role_arn, service, name, region)
        self._region = region
        self._clients: dict[str, BaseClient] = {}

    @property
    def access_key(self) -> str:
        """The session's access key id."""
        return str(self._session.access_key_id)

    def call(self, service: str, operation: str, **parameters: object) -> dict[str, object]:
        """Make a call.

        Raises:
            ClientError: it was refused.
            BotoCoreError: it was not answered.
        """
        if service not in self._clients:
            self._clients[service] = self._client(service)
        answer: dict[str, object] = getattr(self._clients[service], xform_name(operation))(**parameters)
        return answer

    def _client(self, service: str) -> BaseClient:
        return _botocore().create_client(
            service,
            region_name=self._region,
            aws_access_key_id=self._session.access_key_id,
            aws_secret_access_key=self._session.secret_access_key,
            aws_session_token=self._session.session_token,
            config=_ONCE,
        )


@cache
def _botocore() -> Session:
    """Return one session for all clients, because making one is slow."""
    return Session()

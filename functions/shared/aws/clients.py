"""botocore clients from one session, for any account, with our own patience instead of botocore's retries."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock
from typing import Any

from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import Credentials as Signature
from botocore.session import Session

from functions.shared.aws.calls import (
    ACTING,
    CONNECT_TIMEOUT_SECONDS,
    READ_TIMEOUT_SECONDS,
    Calls,
    ChangeSigner,
    is_xml,
)
from functions.shared.aws.rate_limit import RateLimit, ThrottleCount

_MOST_CONNECTIONS = 8
"""Kept open by a client, and there are three for each Region: Lambda gives a function 1,024 files, a Mac's shell 256.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # it warns of each connection that it does not keep

_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 1},
    connect_timeout=CONNECT_TIMEOUT_SECONDS,
    read_timeout=READ_TIMEOUT_SECONDS,
    max_pool_connections=_MOST_CONNECTIONS,
)

_SIGNS = "watchkeeper-signs"
"""Lets a client sign as its caller but once, where a session hands out the client that it has made before."""

_ONE_AT_A_TIME = Lock()
"""A client may be used by many threads at once; a session that makes one may not."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of an account, such as the temporary ones of an assumed role."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Clients:
    """Makes the callers of AWS services in one account.

    A botocore client serves all accounts: it costs more than the calls that a quiet account needs, and its connections
    stay open. What differs is who signs, which each caller says for itself.

    Attributes:
        session: whose models and endpoints all accounts share.
        credentials: of the account's role; the session's own where there is none to assume.
        changes_by: who signs instead what changes something; None where the same credentials do.
    """

    session: Session
    credentials: Credentials | None = None
    changes_by: ChangeSigner | None = None
    _made: dict[tuple[str, str], BaseClient] = field(default_factory=dict, repr=False, compare=False)
    _throttle_count: ThrottleCount = field(default_factory=ThrottleCount, repr=False, compare=False)
    _rate_limits: dict[tuple[str, str], RateLimit] = field(default_factory=dict, repr=False, compare=False)
    _first: "Clients | None" = field(default=None, repr=False, compare=False)

    def calls(self, service: str, region: str) -> Calls:
        """Return a caller of *service*, by botocore's name, in *region*; each anew, and all with one client."""
        place = service, region
        with _ONE_AT_A_TIME:
            if place not in self._made:
                self._made[place] = self._create(service, region)
            rate_limit = self._rate_limits.setdefault(place, RateLimit(self._throttle_count))
            client = self._made[place]
        return Calls(
            client,
            self.signature(),
            rate_limit,
            changes_by=self.changes_by,
            is_offered=partial(self._is_offered, service, region),
            is_xml=is_xml(client),
            keeps_empty=service == "dynamodb",
        )

    @property
    def throttles(self) -> int:
        """How often AWS has throttled, here and in all accounts whose roles were assumed."""
        return self._throttle_count.throttles

    def assume(
        self, role_arn: str, *, region: str, external_id: str, policy: str, source_identity: str = ""
    ) -> "Clients":
        """Return clients that act as a role of another account.

        Args:
            role_arn: of the role.
            region: whose STS is asked.
            external_id: that the role's trust policy asks for; empty for none.
            policy: of the session.
            source_identity: what the other account's records name as the source of the calls; empty for none.

        Raises:
            CallError: the role may not be assumed.
        """
        asked = {"ExternalId": external_id, "SourceIdentity": source_identity}
        request: dict[str, Any] = {"RoleArn": role_arn, "RoleSessionName": "watchkeeper", "Policy": policy}
        request |= {name: value for name, value in asked.items() if value}
        answer = self.calls("sts", region)("AssumeRole", **request)["Credentials"]
        credentials = Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])
        return Clients(
            self.session,
            credentials,
            _made=self._made,
            _throttle_count=self._throttle_count,
            _first=self._first or self,
        )

    def with_changes(self, actions: Iterable[str], by: Callable[[], "Clients"]) -> "Clients":
        """Return the same clients, but for the *actions*: *by*, called when the first of them is done, signs those."""
        return replace(self, changes_by=ChangeSigner(frozenset(actions), lambda: by().signature()))

    def _is_offered(self, service: str, region: str) -> bool:
        """Say whether botocore knows the service in the Region; of one that is newer than botocore it knows nothing."""
        with _ONE_AT_A_TIME:
            partitions = self.session.get_available_partitions()
            regions = {
                name: [self.session.get_available_regions(name, p) for p in partitions] for name in (service, "sts")
            }
        known = {name: {region for some in lists for region in some} for name, lists in regions.items()}
        return region in known[service] or region not in known["sts"]

    def _create(self, service: str, region: str) -> BaseClient:
        """Make a client that signs as the first of all does, whoever needs it first."""
        if self._first:
            return self._first._create(service, region)  # noqa: SLF001  # its own kind
        # Given, it is not composed anew for each call, of whose time that is a tenth.
        name = Config(user_agent=f"{self.session.user_agent()} watchkeeper")
        client = self.session.create_client(service, region, config=_CONFIG.merge(name), **self._identity())
        client.meta.events.register("before-sign", _sign_as_caller, unique_id=_SIGNS)
        return client

    def _identity(self) -> dict[str, Any]:
        """Return what a client signs with by itself: botocore makes none without any credentials."""
        if self.credentials is None:
            return {}
        return {
            "aws_access_key_id": self.credentials.access_key,
            "aws_secret_access_key": self.credentials.secret_key,
            "aws_session_token": self.credentials.token,
        }

    def signature(self) -> Signature | None:
        """Return what calls are signed with; None for what the session finds by itself."""
        own = self.credentials
        return Signature(own.access_key, own.secret_key, own.token) if own else None


def _sign_as_caller(request: Any, **_: object) -> None:
    """Let a request be signed by whoever calls in this thread."""
    if acting := ACTING.get():
        request.context["signing"] = {**request.context.get("signing", {}), "request_credentials": acting}

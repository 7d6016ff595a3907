"""Roles in an emulated AWS that judges policies, and clients that act as their sessions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.aws import Emulator

from ..conftest import ACCOUNT, NOW, REGION, Client
from .documents import policy, trust

As = Callable[..., Any]
"""Returns a client of a service as a role, by its ARN; what else is given goes to AssumeRole."""


@pytest.fixture
def enforced(request: pytest.FixtureRequest) -> bool:
    """Whether policies are judged from the start; a parameter says otherwise."""
    return getattr(request, "param", True)


@pytest.fixture
def aws(*, enforced: bool) -> Iterator[Emulator]:
    with Emulator(now=NOW) as emulator:
        if enforced:
            emulator.enforce_policies()
        yield emulator


@dataclass(frozen=True)
class Roles:
    """Makes roles and changes them, as the account's administrator."""

    client: Client

    def make(self, *statements: Mapping[str, Any], name: str = "reader", account: str = ACCOUNT, **more: Any) -> str:
        """Create a role that trusts its account, unless told otherwise, and return its ARN."""
        trusted = more.pop("trusts", (trust({"AWS": account}),))
        iam = self.client("iam", account=account)
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(*trusted), **more)["Role"]
        if statements:
            self.put(*statements, name=name, account=account)
        return str(made["Arn"])

    def put(self, *statements: Mapping[str, Any], name: str = "reader", account: str = ACCOUNT) -> None:
        """Give a role one inline policy."""
        iam = self.client("iam", account=account)
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=policy(*map(dict, statements)))


@pytest.fixture
def roles(client: Client) -> Roles:
    return Roles(client)


@pytest.fixture
def as_role(client: Client, session: boto3.Session) -> As:
    def assumed(
        service: str, role: str, *, caller: Any = None, account: str = ACCOUNT, region: str = REGION, **given: Any
    ) -> Any:
        sts = caller or client("sts", account=account, region=region)
        keys = sts.assume_role(RoleArn=role, RoleSessionName="watch", **given)["Credentials"]
        return session.client(
            service,
            region_name=region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
        )

    return assumed


def refused(call: Any, **given: Any) -> dict[str, Any]:
    """Return code, message and status of the error that *call* ends in."""
    with pytest.raises(ClientError) as raised:
        call(**given)
    answer: dict[str, Any] = raised.value.response
    return {**answer["Error"], "status": answer["ResponseMetadata"]["HTTPStatusCode"]}

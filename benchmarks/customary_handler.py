"""The same handler as most people write one: its clients are boto3's; it is copied beside the function's sources."""

import boto3

from functions.ram_invitations.handler import lambda_handler
from functions.shared.run import cold_start

__all__ = ["lambda_handler"]


class _Session(boto3.Session):
    """boto3's session, under the names that botocore's has for making a client."""

    create_client = boto3.Session.client

    def user_agent(self) -> str:
        return str(self._session.user_agent())


if not hasattr(cold_start, "Session"):
    raise ImportError("the handler no longer makes its clients from furniture.Session")
cold_start.Session = _Session

"""A webhook of a hub in the emulated AWS, made by ordinary calls from what a deployment would make it from."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from functions.shared.aws.clients import Clients
from functions.shared.webhooks import CREDENTIAL, FORMS


class Hub(Protocol):
    """Where the webhook stands."""

    @property
    def account(self) -> str:
        """12 digits."""

    @property
    def region(self) -> str:
        """The home Region."""

    @property
    def queue_arn(self) -> str:
        """The dead-letter queue."""


def add_webhook(clients: Clients, hub: Hub, bus: str, webhook: Mapping[str, str]) -> None:
    """Let what people are told be posted to the address that the webhook's secret holds.

    Raises:
        CallError: the emulated Secrets Manager has no such secret.
    """
    form, name = FORMS[webhook["form"]], f"watchkeeper-{webhook['name']}"
    events = clients.calls("events", hub.region)
    text = clients.calls("secretsmanager", hub.region)("GetSecretValue", SecretId=webhook["url_secret"])["SecretString"]
    secret = json.loads(text) if form.url_member else {"": text}
    connection = events(
        "CreateConnection",
        Name=name,
        AuthorizationType="API_KEY",
        AuthParameters=_credentials({form.added_member: secret[form.added_member]} if form.added_member else {}),
    )
    destination = events(
        "CreateApiDestination",
        Name=name,
        ConnectionArn=connection["ConnectionArn"],
        InvocationEndpoint=secret[form.url_member],
        HttpMethod="POST",
        InvocationRateLimitPerSecond=form.per_second,
    )
    events("PutRule", Name=name, EventBusName=bus, EventPattern=json.dumps(form.pattern(hub.account)))
    target = {
        "Id": "webhook",
        "Arn": destination["ApiDestinationArn"],
        "RoleArn": f"arn:aws:iam::{hub.account}:role/watchkeeper",
        "DeadLetterConfig": {"Arn": hub.queue_arn},
    }
    if transformer := form.transformer():
        target["InputTransformer"] = transformer
    events("PutTargets", Rule=name, EventBusName=bus, Targets=[target])


def _credentials(added: Mapping[str, str]) -> dict[str, Any]:
    name, value = CREDENTIAL
    body = [{"Key": key, "Value": text, "IsValueSecret": True} for key, text in added.items()]
    return {
        "ApiKeyAuthParameters": {"ApiKeyName": name, "ApiKeyValue": value},
        **({"InvocationHttpParameters": {"BodyParameters": body}} if body else {}),
    }

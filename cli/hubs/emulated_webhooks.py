"""A webhook of a hub in the emulated AWS."""

import json
from collections.abc import Mapping
from typing import Any

from cli.hubs.emulated_resources import EmulatedResources
from functions.shared.deployment.permissions import WEBHOOK_PERMISSIONS
from functions.shared.deployment.resources import BUS_NAME
from functions.shared.deployment.statements import statements
from functions.shared.deployment.webhooks import CREDENTIAL, FORMS


def create_webhook(resources: EmulatedResources, webhook: Mapping[str, Any]) -> tuple[str, str]:
    """Post the hub's messages to the address that is kept in the webhook's secret.

    Returns:
        The ARNs of its API destination and its connection.

    Raises:
        CallError: the emulated Secrets Manager has no such secret.
    """
    form, name = FORMS[webhook["form"]], f"watchkeeper-{webhook['name']}"
    text = resources.call("secretsmanager", "GetSecretValue", SecretId=webhook["url_secret"])["SecretString"]
    secret = json.loads(text) if form.url_member else {"": text}
    connection = resources.call(
        "events",
        "CreateConnection",
        Name=name,
        AuthorizationType="API_KEY",
        AuthParameters=_credentials({form.added_member: secret[form.added_member]} if form.added_member else {}),
    )
    destination: str = resources.call(
        "events",
        "CreateApiDestination",
        Name=name,
        Description=f"Watchkeeper's webhook {webhook['name']}",
        ConnectionArn=connection["ConnectionArn"],
        InvocationEndpoint=secret[form.url_member],
        HttpMethod="POST",
        InvocationRateLimitPerSecond=form.per_second,
    )["ApiDestinationArn"]
    arns = {"destination": destination, "destination_for_policy": destination.rpartition("/")[0]}
    role = resources.create_role(name, "events", statements(WEBHOOK_PERMISSIONS), arns)
    target = {"Id": "Webhook", "Arn": destination, "RoleArn": role, "InputTransformer": form.transformer()}
    resources.create_rule(name, BUS_NAME, form.pattern(resources.placeholders["account"], webhook["name"]), target)
    return destination, str(connection["ConnectionArn"])


def _credentials(added: Mapping[str, str]) -> dict[str, Any]:
    name, value = CREDENTIAL
    body = [{"Key": key, "Value": text, "IsValueSecret": True} for key, text in added.items()]
    return {
        "ApiKeyAuthParameters": {"ApiKeyName": name, "ApiKeyValue": value},
        **({"InvocationHttpParameters": {"BodyParameters": body}} if body else {}),
    }

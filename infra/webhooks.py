"""A webhook: EventBridge posts the hub's messages to an address that is kept in a secret."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import CfnDynamicReference, CfnDynamicReferenceService, Stack
from aws_cdk import aws_events as events
from constructs import Construct

from functions.shared.deployment.permissions import WEBHOOK_PERMISSIONS
from functions.shared.deployment.statements import statements
from functions.shared.deployment.webhooks import CREDENTIAL, FORMS, WebhookForm
from infra.foundation.foundation import Foundation
from infra.functions.triggers import rule_target
from infra.iam.role import RoleRights, service_role


class Webhook(Construct):
    """The rule, the API destination, and the role that may call this one.

    Attributes:
        arns: of the API destination and its connection.
    """

    def __init__(self, scope: Construct, webhook: Mapping[str, Any], *, foundation: Foundation) -> None:
        """Create it from one entry of the configuration's ``notifications.webhooks``."""
        super().__init__(scope, f"Webhook-{webhook['name']}")
        form, secret = FORMS[webhook["form"]], webhook["url_secret"]
        connection = self._connection(form, secret)
        destination = events.CfnApiDestination(
            self,
            "Destination",
            description=f"Watchkeeper's webhook {webhook['name']}",
            connection_arn=connection.attr_arn,
            http_method="POST",
            invocation_endpoint=_secret(secret, form.url_member),
            invocation_rate_limit_per_second=form.per_second,
        )
        self.arns = (destination.attr_arn, connection.attr_arn)
        arns = {"destination": destination.attr_arn, "destination_for_policy": destination.attr_arn_for_policy}
        role = service_role(self, "events", RoleRights("Post", statements(WEBHOOK_PERMISSIONS), arns))
        events.CfnRule(
            self,
            "Rule",
            event_bus_name=foundation.channels.bus.event_bus_name,
            event_pattern=form.pattern(Stack.of(self).account, webhook["name"]),
            targets=[
                rule_target(
                    "Webhook",
                    destination.attr_arn,
                    foundation.dead_letters.undelivered,
                    role_arn=role.role_arn,
                    transformer=form.transformer(),
                )
            ],
        )

    def _connection(self, form: WebhookForm, secret: str) -> events.CfnConnection:
        name, value = CREDENTIAL
        added = events.CfnConnection.ConnectionHttpParametersProperty(
            body_parameters=[
                events.CfnConnection.ParameterProperty(
                    key=form.added_member, value=_secret(secret, form.added_member), is_value_secret=True
                )
            ]
        )
        return events.CfnConnection(
            self,
            "Connection",
            authorization_type="API_KEY",
            auth_parameters=events.CfnConnection.AuthParametersProperty(
                api_key_auth_parameters=events.CfnConnection.ApiKeyAuthParametersProperty(
                    api_key_name=name, api_key_value=value
                ),
                invocation_http_parameters=added if form.added_member else None,
            ),
        )


def _secret(name: str, member: str) -> str:
    """Refer to a secret, or to one member of it: CloudFormation puts it in when it deploys, and keeps it nowhere."""
    reference = f"{name}:SecretString:{member}" if member else f"{name}:SecretString"
    return CfnDynamicReference(CfnDynamicReferenceService.SECRETS_MANAGER, reference).to_string()

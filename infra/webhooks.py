"""A webhook: EventBridge takes what people are told from the hub's bus to an address that a secret holds."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import CfnDynamicReference, CfnDynamicReferenceService, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.shared.webhooks import CREDENTIAL, FORMS, WebhookForm
from infra.functions.triggers import delivered_patiently


class Webhook(Construct):
    """The rule, the API destination, and the role that may call this one."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        webhook: Mapping[str, str],
        *,
        bus: events.IEventBus,
        undelivered: sqs.IQueue,
    ) -> None:
        """Create it from one entry of the configuration's ``notifications.webhooks``."""
        super().__init__(scope, id_)
        form = FORMS[webhook["form"]]
        destination = events.CfnApiDestination(
            self,
            "Destination",
            description=f"Watchkeeper's webhook {webhook['name']}",
            connection_arn=self._connection(form, webhook["url_secret"]).attr_arn,
            http_method="POST",
            invocation_endpoint=_secret(webhook["url_secret"], form.url_member),
            invocation_rate_limit_per_second=form.per_second,
        )
        transformer = form.transformer()
        events.CfnRule(
            self,
            "Rule",
            event_bus_name=bus.event_bus_name,
            event_pattern=form.pattern(Stack.of(self).account),
            targets=[
                delivered_patiently(
                    "Webhook",
                    destination.attr_arn,
                    undelivered,
                    role_arn=self._role(destination).role_arn,
                    text=_transformer(transformer) if transformer else None,
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

    def _role(self, destination: events.CfnApiDestination) -> iam.Role:
        invoke = iam.PolicyStatement(
            sid="EventsInvokeApiDestination",
            actions=["events:InvokeApiDestination"],
            resources=[destination.attr_arn, destination.attr_arn_for_policy],  # with its random end, and without
        )
        own_account = {"StringEquals": {"aws:SourceAccount": Stack.of(self).account}}
        return iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("events.amazonaws.com", conditions=own_account),
            inline_policies={"Post": iam.PolicyDocument(statements=[invoke])},
        )


def _secret(name: str, member: str) -> str:
    """Refer to a secret, or to one member of it: CloudFormation puts it in when it deploys, and keeps it nowhere."""
    reference = f"{name}:SecretString:{member}" if member else f"{name}:SecretString"
    return CfnDynamicReference(CfnDynamicReferenceService.SECRETS_MANAGER, reference).to_string()


def _transformer(given: Mapping[str, Any]) -> events.CfnRule.InputTransformerProperty:
    return events.CfnRule.InputTransformerProperty(
        input_paths_map=given["InputPathsMap"], input_template=given["InputTemplate"]
    )

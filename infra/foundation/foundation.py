"""What all functions of a hub share: the layer, the ledger, the topic, the bus and the dead-letter queues."""

from dataclasses import dataclass

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from bundling.archives import Asset
from functions.shared.deployment.options import DeploymentOptions
from functions.shared.deployment.resources import HubDescription
from infra.foundation.bus_policy import admit
from infra.foundation.channels import Channels
from infra.foundation.dead_letters import DeadLetters
from infra.foundation.ledger import LedgerTable

ARCHITECTURE = lambda_.Architecture.ARM_64
RUNTIME = lambda_.Runtime.PYTHON_3_13


@dataclass(frozen=True, slots=True)
class Foundation:
    """The shared resources, with the description of the hub that they belong to."""

    hub: HubDescription
    options: DeploymentOptions
    layer: lambda_.ILayerVersion
    ledger: LedgerTable
    channels: Channels
    dead_letters: DeadLetters
    removal: RemovalPolicy
    key: kms.IKey | None

    @classmethod
    def create(cls, stack: Stack, hub: HubDescription, layer: Asset) -> "Foundation":
        """Create the shared resources in *stack*.

        Raises:
            DeploymentError: the bus policy is too long, the configuration names no organization, or its topic cannot
                be used.
        """
        options = hub.options
        key = kms.Key.from_key_arn(stack, "Key", options.kms_key_arn) if options.kms_key_arn else None
        dead_letters = DeadLetters(stack, "DeadLetters", key=key)
        removal = RemovalPolicy.RETAIN if hub.keeps_data else RemovalPolicy.DESTROY
        notifications = hub.settings.section("notifications")
        channels = Channels(stack, "Channels", section=notifications, undelivered=dead_letters.undelivered, key=key)
        admit(channels.bus, hub)
        return cls(
            hub=hub,
            options=options,
            layer=_layer(stack, layer),
            ledger=LedgerTable(stack, "Ledger", removal=removal, key=key),
            channels=channels,
            dead_letters=dead_letters,
            removal=removal,
            key=key,
        )

    @property
    def placeholders(self) -> dict[str, str]:
        """The values of the placeholders in the description, as far as all functions share them."""
        stack, table, bus = Stack.of(self.layer), self.ledger.table, self.channels.bus
        return {
            "partition": stack.partition,
            "account": stack.account,
            "hub_region": stack.region,
            "stack": stack.stack_name,
            "table": table.table_arn,
            "table_name": table.table_name,
            "stream": str(table.table_stream_arn),
            "topic": self.channels.topic.topic_arn,
            "bus": bus.event_bus_arn,
            "bus_name": bus.event_bus_name,
            "failed_invocations": self.dead_letters.failed.queue_arn,
            "undelivered": self.dead_letters.undelivered.queue_arn,
            "key": self.options.kms_key_arn,
        }


def _layer(stack: Stack, layer: Asset) -> lambda_.LayerVersion:
    return lambda_.LayerVersion(
        stack,
        "Layer",
        code=lambda_.Code.from_asset(str(layer.path), asset_hash=layer.digest),
        description="Watchkeeper's dependencies, and the modules that its functions share",
        compatible_architectures=[ARCHITECTURE],
        compatible_runtimes=[RUNTIME],
    )

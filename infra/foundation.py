"""What all functions of a hub share: the layer, the ledger, the ways out and the dead-letter queues."""

from dataclasses import dataclass

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_

from functions.shared.settings import Settings
from infra.archives import Asset
from infra.channels import Channels
from infra.dead_letters import DeadLetters
from infra.ledger import Ledger
from infra.scope import spokes

ARCHITECTURE = lambda_.Architecture.ARM_64
RUNTIME = lambda_.Runtime.PYTHON_3_13


@dataclass(frozen=True, slots=True)
class Foundation:
    """The shared resources, with the configuration that they and the functions are made from."""

    settings: Settings
    layer: lambda_.ILayerVersion
    ledger: Ledger
    channels: Channels
    dead_letters: DeadLetters
    removal: RemovalPolicy

    @classmethod
    def lay(cls, stack: Stack, settings: Settings, layer: Asset) -> "Foundation":
        """Create the shared resources in *stack*.

        Raises:
            RightsError: the bus cannot take the events of so many accounts.
            TopicError: the configuration's topic cannot be used.
        """
        dead_letters = DeadLetters(stack, "DeadLetters")
        removal = RemovalPolicy.DESTROY if settings.document["removal"] == "destroy" else RemovalPolicy.RETAIN
        return cls(
            settings=settings,
            layer=lambda_.LayerVersion(
                stack,
                "Layer",
                code=lambda_.Code.from_asset(str(layer.path), asset_hash=layer.digest),
                description="Watchkeeper's dependencies",
                compatible_architectures=[ARCHITECTURE],
                compatible_runtimes=[RUNTIME],
            ),
            ledger=Ledger(stack, "Ledger", removal=removal),
            channels=Channels(
                stack,
                "Channels",
                section=settings.section("notifications"),
                accounts=spokes(settings),
                undelivered=dead_letters.undelivered,
            ),
            dead_letters=dead_letters,
            removal=removal,
        )

    @property
    def places(self) -> dict[str, str]:
        """What stands for the places in a permission's resources."""
        stack = Stack.of(self.layer)
        return {
            "partition": stack.partition,
            "account": stack.account,
            "hub_region": stack.region,
            "stack": stack.stack_name,
            "table": self.ledger.table.table_arn,
            "stream": str(self.ledger.table.table_stream_arn),
            "topic": self.channels.topic.topic_arn,
            "bus": self.channels.bus.event_bus_arn,
            "failed_invocations": self.dead_letters.failed.queue_arn,
        }

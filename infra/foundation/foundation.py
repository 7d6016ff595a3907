"""What all functions of a hub share: the layer, the ledger, the ways out and the dead-letter queues."""

from dataclasses import dataclass

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from bundling.archives import Asset
from functions.shared.deployment.options import Options
from functions.shared.deployment.scope import is_listed, spokes
from functions.shared.settings import Settings
from infra.foundation.bus_policy import admit, admit_organization
from infra.foundation.channels import Channels
from infra.foundation.dead_letters import DeadLetters
from infra.foundation.ledger import Ledger

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
    options: Options
    key: kms.IKey | None

    @classmethod
    def lay(cls, stack: Stack, settings: Settings, layer: Asset) -> "Foundation":
        """Create the shared resources in *stack*.

        Raises:
            RightsError: the bus cannot take the events of so many accounts.
            TopicError: the configuration's topic cannot be used.
        """
        options = Options.of(settings)
        key = kms.Key.from_key_arn(stack, "Key", options.kms_key_arn) if options.kms_key_arn else None
        dead_letters = DeadLetters(stack, "DeadLetters", key=key)
        removal = RemovalPolicy.DESTROY if settings.document["removal"] == "destroy" else RemovalPolicy.RETAIN
        notifications = settings.section("notifications")
        channels = Channels(stack, "Channels", section=notifications, undelivered=dead_letters.undelivered, key=key)
        if is_listed(settings):
            admit(channels.bus, spokes(settings))
        else:
            admit_organization(channels.bus, options.organization_id)
        return cls(
            settings=settings,
            layer=_layer(stack, layer),
            ledger=Ledger(stack, "Ledger", removal=removal, key=key),
            channels=channels,
            dead_letters=dead_letters,
            removal=removal,
            options=options,
            key=key,
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

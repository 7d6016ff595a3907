"""The forwarder: it sends events of other Regions and accounts to the hub's bus."""

from collections.abc import Iterable

from aws_cdk import (
    App,
    Aws,
    BootstraplessSynthesizer,
    CfnCondition,
    CfnParameter,
    CfnResource,
    Environment,
    Fn,
    Stack,
)
from aws_cdk import aws_events as events
from constructs import Construct

from functions.shared.deployment.forwarding import Forwarded, forwarded, forwarding_regions
from functions.shared.deployment.permissions import FORWARDER_PERMISSIONS
from functions.shared.deployment.resources import (
    BUS_NAME,
    FORWARDER_ALARMS,
    FORWARDER_STACK_NAME,
    HubDescription,
    alarm_pattern,
)
from functions.shared.deployment.statements import statements
from functions.shared.settings import Settings
from infra.foundation.dead_letters import DeadLetterQueue
from infra.functions.triggers import rule_target
from infra.iam.role import RoleRights, service_role
from infra.logical_ids import logical
from infra.monitoring.alarms import Alarms

HUB_BUS_PARAMETER = "HubBusArn"
"""The template's parameter for the bus."""

ALARMS_PARAMETER = "Alarms"
"""The template's parameter: yes for alarms on the queue; in thousands of accounts they would be most of the bill."""


class Forwarder(Construct):
    """Rules that send to the hub's bus, and the queue for what they cannot send.

    An alarm cannot publish in another Region: it takes the way of the events.
    """

    def __init__(self, stack: Stack, *, bus: str, watched_if: CfnCondition | None = None) -> None:
        """Forward the forwarder's own alarms, and nothing else yet.

        Args:
            stack: holds nothing else.
            bus: ARN of the hub's bus.
            watched_if: the condition for its alarms; None for alarms in any case.
        """
        super().__init__(stack, "Forwarder")
        queue = DeadLetterQueue(self, "Undelivered").takes_from_rules()
        role = service_role(self, "events", RoleRights("Forward", statements(FORWARDER_PERMISSIONS), {"bus": bus}))
        self._target = rule_target("Hub", bus, queue, role_arn=role.role_arn)
        alarms = Alarms(self, "Alarms")
        alarms.watch_queue("Undelivered", queue, names=FORWARDER_ALARMS)
        own = events.CfnRule(self, "OwnAlarms", event_pattern=alarm_pattern(alarms.arns), targets=[self._target])
        for resource in (own, *(each for each in alarms.node.find_all() if isinstance(each, CfnResource))):
            resource.cfn_options.condition = watched_if

    def forward(self, kind: Forwarded, condition: CfnCondition | None = None) -> None:
        """Forward one kind of event; if *condition* is given, only where it holds."""
        pattern = dict(kind.trigger.pattern)
        rule = events.CfnRule(self, logical(kind.name), event_pattern=pattern, targets=[self._target])
        rule.cfn_options.condition = condition


class ForwarderStack(Stack):
    """The forwarder of one Region of the hub's own account; it has no assets, and needs no bootstrapping."""

    def __init__(self, app: App, *, settings: Settings, region: str, kinds: Iterable[Forwarded]) -> None:
        """Create the stack, which forwards those of *kinds* that AWS emits in *region*."""
        account = settings.document["hub"]["account"]
        super().__init__(
            app,
            f"{FORWARDER_STACK_NAME}-{region}",
            env=Environment(region=region, account=None if account == "self" else account),
            description=f"Watchkeeper: forwards events to the hub in {settings.hub_region}",
            synthesizer=BootstraplessSynthesizer(),
        )
        bus = f"arn:{Aws.PARTITION}:events:{settings.hub_region}:{Aws.ACCOUNT_ID}:event-bus/{BUS_NAME}"
        forwarder = Forwarder(self, bus=bus)
        for kind in kinds:
            if kind.is_emitted_in(region):
                forwarder.forward(kind)


class ForwarderTemplate(Stack):
    """The forwarder for any account and Region: each rule is made only where AWS emits its event."""

    def __init__(self, app: App, *, kinds: Iterable[Forwarded]) -> None:
        """Create the stack, which takes the ARN of the hub's bus as its parameter."""
        super().__init__(
            app,
            FORWARDER_STACK_NAME,
            description="Watchkeeper: forwards events to a hub in another account",
            synthesizer=BootstraplessSynthesizer(),
        )
        bus = CfnParameter(
            self,
            HUB_BUS_PARAMETER,
            description="ARN of the hub's bus: the output BusArn of its stack",
            allowed_pattern=f"^arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{{12}}:event-bus/{BUS_NAME}$",
        )
        forwarder = Forwarder(self, bus=bus.value_as_string, watched_if=self._where_alarms_are_wanted())
        for kind in kinds:
            forwarder.forward(kind, self._only_in(kind.regions))

    def _where_alarms_are_wanted(self) -> CfnCondition:
        wanted = CfnParameter(
            self,
            ALARMS_PARAMETER,
            description="yes: alarms tell the hub's topic of what could not be forwarded; the sweeps find it anyway",
            allowed_values=["yes", "no"],
            default="no",
        )
        return CfnCondition(self, "Watched", expression=Fn.condition_equals(wanted.value_as_string, "yes"))

    def _only_in(self, regions: tuple[str, ...]) -> CfnCondition | None:
        if not regions:
            return None
        id_ = f"In{''.join(map(logical, regions))}" if len(regions) == 1 else "InScope"
        if known := self.node.try_find_child(id_):
            assert isinstance(known, CfnCondition)  # noqa: S101  # for mypy
            return known
        here = [Fn.condition_equals(Aws.REGION, region) for region in regions]
        return CfnCondition(self, id_, expression=here[0] if len(here) == 1 else Fn.condition_or(*here))


def add_forwarders(app: App, hub: HubDescription, after: Stack) -> None:
    """Add a forwarder for each Region but the hub's in which AWS emits an event that triggers an automation.

    Each is deployed *after* the hub's stack and destroyed before it: EventBridge takes a rule only if the bus that it
    sends to is there and admits its account.

    Source: https://github.com/aws/aws-cdk/pull/3323
    """
    kinds = forwarded(hub.settings, hub.automations)
    for region in forwarding_regions(kinds):
        if region != hub.settings.hub_region:
            ForwarderStack(app, settings=hub.settings, region=region, kinds=kinds).add_stack_dependency(after)

"""The forwarder: what AWS emits in another Region, on its way to the hub's bus."""

from collections.abc import Iterable, Iterator, Mapping

from aws_cdk import App, Aws, BootstraplessSynthesizer, Environment, Stack, Tags
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam

from functions.shared.automation import Automation, EventTrigger
from functions.shared.settings import Settings
from infra.channels import BUS_NAME
from infra.dead_letters import DeadLetterQueue
from infra.triggers import delivered_patiently, logical

_NAME = "watchkeeper-forwarder"


class ForwarderStack(Stack):
    """The rules of one Region that send to the hub's bus; it has no assets, and needs no bootstrapping."""

    def __init__(self, app: App, *, settings: Settings, region: str, triggers: Mapping[str, EventTrigger]) -> None:
        """Create the stack in the hub's own account.

        Args:
            app: the app.
            settings: the compiled configuration.
            region: whose events are forwarded.
            triggers: what is forwarded, by name.
        """
        account = settings.document["hub"]["account"]
        super().__init__(
            app,
            f"{_NAME}-{region}",
            env=Environment(region=region, account=None if account == "self" else account),
            description=f"Watchkeeper: forwards events to the hub in {settings.hub_region}",
            synthesizer=BootstraplessSynthesizer(),
        )
        Tags.of(self).add("application", "watchkeeper")
        bus = f"arn:{Aws.PARTITION}:events:{settings.hub_region}:{Aws.ACCOUNT_ID}:event-bus/{BUS_NAME}"
        queue = DeadLetterQueue(self, "Undelivered").takes_from_rules()
        target = delivered_patiently("Hub", bus, queue, role_arn=self._role(bus).role_arn)
        for name, trigger in triggers.items():
            events.CfnRule(self, logical(name), event_pattern=dict(trigger.pattern), targets=[target])

    def _role(self, bus: str) -> iam.Role:
        put = iam.PolicyStatement(sid="EventsPutEvents", actions=["events:PutEvents"], resources=[bus])
        return iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "events.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
            inline_policies={"Forward": iam.PolicyDocument(statements=[put])},
        )


def add_forwarders(app: App, settings: Settings, automations: Iterable[Automation]) -> None:
    """Add a forwarder for each Region but the hub's in which AWS emits what an automation that is on wants to hear."""
    wanted = tuple(automations)
    for region in _regions(settings, wanted):
        triggers = dict(_heard(settings, wanted, region))
        if triggers:
            ForwarderStack(app, settings=settings, region=region, triggers=triggers)


def _regions(settings: Settings, automations: Iterable[Automation]) -> list[str]:
    in_scope = settings.scope["regions"]
    homes = {trigger.home_region for _, trigger in _triggers(settings, automations) if trigger.home_region}
    return sorted({*(in_scope if isinstance(in_scope, list) else ()), *homes} - {settings.hub_region})


def _heard(settings: Settings, automations: Iterable[Automation], region: str) -> Iterator[tuple[str, EventTrigger]]:
    in_scope = region in settings.scope["regions"]
    for name, trigger in _triggers(settings, automations):
        if trigger.home_region == region or (not trigger.home_region and in_scope):
            yield name, trigger


def _triggers(settings: Settings, automations: Iterable[Automation]) -> Iterator[tuple[str, EventTrigger]]:
    """Yield what wakes the automations that are on, but for what stands in the hub's own Region alone."""
    for automation in automations:
        if settings.section(automation.name).get("mode") != "off":
            for trigger in automation.triggers:
                if isinstance(trigger, EventTrigger) and not _is_of_the_hub(trigger):
                    yield f"{automation.name}-{trigger.name}", trigger


def _is_of_the_hub(trigger: EventTrigger) -> bool:
    """Say whether the event tells of the hub's own functions."""
    return trigger.pattern.get("source") == ["aws.lambda"]

"""Rules: what AWS refuses of them and their targets, and since when a schedule counts."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from moto.events.exceptions import ValidationException
from moto.events.models import EventsBackend, Rule

from emulator.eventbridge.expressions import ScheduleExpressionError, check_for_rule
from emulator.eventbridge.input_transformers import InputError, check


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's EventBridge refuse what AWS refuses, and remember since when a rule is enabled."""
    create, put_rule, put_targets = Rule.__init__, EventsBackend.put_rule, EventsBackend.put_targets
    enable = Rule.enable

    def created(rule: Rule, *args: Any, **kwargs: Any) -> None:
        create(rule, *args, **kwargs)
        _restart(rule)

    def enabled(rule: Rule) -> None:
        if not rule.state.startswith("ENABLED"):
            _restart(rule)
        enable(rule)

    def rule_put(backend: EventsBackend, name: str, *args: Any, **kwargs: Any) -> Rule:
        if expression := kwargs.get("scheduled_expression"):
            _check_expression(expression)
        bus = backend.event_buses.get(backend._normalize_event_bus_arn(kwargs.get("event_bus_arn")))  # noqa: SLF001
        before = bus.rules.get(name) if bus else None
        rule = put_rule(backend, name, *args, **kwargs)
        if before and (before.scheduled_expression, before.state) == (rule.scheduled_expression, rule.state):
            rule.since, rule.begun = before.since, before.begun  # type: ignore[attr-defined]
        return rule

    def targets_put(backend: EventsBackend, name: str, event_bus_arn: str | None, targets: list[Any]) -> None:
        for target in targets:
            _check_target(target)
        put_targets(backend, name, event_bus_arn, targets)

    with ExitStack() as undo:
        undo.enter_context(patch.object(Rule, "__init__", created))
        undo.enter_context(patch.object(Rule, "enable", enabled))
        undo.enter_context(patch.object(EventsBackend, "put_rule", rule_put))
        undo.enter_context(patch.object(EventsBackend, "put_targets", targets_put))
        yield


def _restart(rule: Rule) -> None:
    """Let a rate begin now."""
    rule.since, rule.begun = datetime.now(UTC), False  # type: ignore[attr-defined]


def _check_expression(expression: str) -> None:
    try:
        check_for_rule(expression)
    except ScheduleExpressionError as error:
        raise ValidationException("Parameter ScheduleExpression is not valid.") from error


def _check_target(target: dict[str, Any]) -> None:
    if (":api-destination/" in target["Arn"] or ":states:" in target["Arn"]) and "RoleArn" not in target:
        raise ValidationException(f"RoleArn is required for target {target['Arn']}.")
    try:
        check(target)
    except InputError as error:
        raise ValidationException(str(error)) from error

"""Event patterns: which AWS accepts, and which events match them.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from unittest.mock import patch

from moto.events.exceptions import InvalidEventPatternException, ValidationException
from moto.events.models import EventPattern, EventPatternParser
from moto.events.responses import EventsHandler

from emulator.eventbridge.filters import PatternError, check, takes

_OR = "$or"
_OPERATORS = frozenset(
    {"exists", "prefix", "suffix", "numeric", "anything-but", "cidr", "equals-ignore-case", "wildcard"}
)
_OF_EVERY_EVENT = frozenset({"id", "account", "source", "time", "region", "detail-type"})

Pattern = Mapping[str, Any]


@lru_cache(maxsize=1024)
def read(text: str) -> Pattern:
    """Parse an event pattern.

    Raises:
        PatternError: AWS does not accept it.
    """
    try:
        pattern = json.loads(text)
    except ValueError as error:
        raise PatternError(str(error)) from error
    if not isinstance(pattern, dict):
        raise PatternError("Filter is not an object")
    _check(pattern)
    return _joined(pattern)


def matches(pattern: Pattern, event: Any) -> bool:
    """Tell whether *event*, as JSON has it, matches *pattern*.

    Of a list of objects one has to match all that the pattern says of it.
    """
    if isinstance(event, list):
        return any(matches(pattern, each) for each in (event or [None]))
    event = _joined(event) if isinstance(event, dict) else {}
    return all(_has(event, name, wanted) for name, wanted in pattern.items())


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's EventBridge read and match patterns so, and answer ``TestEventPattern``."""

    def parse(parser: EventPatternParser) -> Pattern:
        try:
            return read(parser.pattern) if parser.pattern else {}
        except PatternError as error:
            raise InvalidEventPatternException(reason=str(error)) from error

    def matches_event(pattern: EventPattern, event: Any) -> bool:
        return matches(pattern.get_pattern(), json.loads(json.dumps(event)))

    def test_event_pattern(response: EventsHandler) -> str:
        return json.dumps({"Result": _tested(response._get_param("EventPattern"), response._get_param("Event"))})  # noqa: SLF001  # as moto's own methods do

    with (
        patch.object(EventPatternParser, "parse", parse),
        patch.object(EventPattern, "matches_event", matches_event),
        patch.object(EventsHandler, "test_event_pattern", test_event_pattern),
    ):
        yield


def _tested(pattern: str, text: str) -> bool:
    """Answer ``TestEventPattern``.

    Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
    """
    try:
        event = json.loads(text)
    except ValueError:
        event = None
    if not isinstance(event, dict) or not event.keys() >= _OF_EVERY_EVENT:
        raise ValidationException("Parameter Event is not valid.")
    return matches(EventPattern.load(pattern).get_pattern(), event)


def _check(pattern: Mapping[str, Any]) -> None:
    if not pattern:
        raise PatternError("Empty objects are not allowed")
    for name, wanted in pattern.items():
        if isinstance(wanted, dict):
            _check(wanted)
        elif not isinstance(wanted, list):
            raise PatternError(f'"{name}" must be an object or an array')
        elif not wanted:
            raise PatternError("Empty arrays are not allowed")
        else:
            for each in wanted:
                (_check if _are_alternatives(name, wanted) else check)(each)


def _are_alternatives(name: str, wanted: list[Any]) -> bool:
    """Tell whether a list holds patterns, one of which has to match, and not the filters of a field of this name."""
    objects = [each for each in wanted if isinstance(each, dict)]
    return name == _OR and len(objects) == len(wanted) > 1 and not any(_OPERATORS & each.keys() for each in objects)


def _joined(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return *node* with a name such as ``a.b`` as an object ``a`` that holds ``b``: AWS compares joined names."""
    if not any("." in name for name in node):
        return dict(node)
    found: dict[str, Any] = {}
    for name, value in node.items():
        first, dot, rest = name.partition(".")
        inner = {rest: value} if dot else value
        before = found.get(first)
        both = isinstance(before, dict) and isinstance(inner, dict)
        found[first] = {**before, **inner} if both else inner  # type: ignore[dict-item]
    return found


def _has(event: Mapping[str, Any], name: str, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return matches(_joined(wanted), event.get(name))
    if _are_alternatives(name, wanted):
        return any(matches(_joined(each), event) for each in wanted)
    values = list(_values(event[name])) if name in event else []
    return any(_takes(filter_, values) for filter_ in wanted)


def _takes(filter_: Any, values: list[Any]) -> bool:
    if isinstance(filter_, dict) and "exists" in filter_:
        return bool(values) is filter_["exists"]
    return any(takes(filter_, value) for value in values)


def _values(value: Any) -> Iterator[Any]:
    """Yield the values at a leaf of an event; an object is no leaf."""
    if isinstance(value, list):
        for each in value:
            yield from _values(each)
    elif not isinstance(value, dict):
        yield value

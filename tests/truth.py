"""Truth tables: an automation in memory, over all that AWS can answer; nothing complies or ends by what was not read.

A table takes whole answers, and lets `variants` change one member after the other, by botocore's model: each value of
its enum, one that is not in it, nothing, an empty text, another type. `violations` then looks once at each, and tells
what was taken for something that it is not.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import Shape
from botocore.session import Session

from functions.compliance_run.sweeper import automation_named
from functions.shared.aws.calls import Calls
from functions.shared.aws.target import Target
from functions.shared.ledger.records import Item, finding_record, timestamp
from functions.shared.run.context import RunContext
from functions.shared.run.events import EVERYTHING, Selection
from functions.shared.run.sweep import Sweep, run_sweep
from functions.shared.settings import Settings
from tests.conftest import NOW, settings

if TYPE_CHECKING:
    from functions.shared.aws.clients import Clients
    from functions.shared.ledger.ledger import Ledger

ABSENT, EMPTY, WRONG, UNKNOWN = "absent", "empty", "of another type", "unknown"
"""What a member can be, beside the values of its enum."""

_USER = "User: arn:aws:sts::123456789012:assumed-role/watchkeeper/run is not authorized to perform: x:Do"
IAM_WORDS: Mapping[str, str] = {
    "no right": f"{_USER} on resource: * because no identity-based policy allows the x:Do action",
    "an explicit deny": f"{_USER} on resource: * with an explicit deny in an identity-based policy",
    "a control policy": f"{_USER} on resource: * with an explicit deny in a service control policy",
    "a boundary": f"{_USER} because no permissions boundary allows the x:Do action",
    "a session policy": f"{_USER} because no session policy allows the x:Do action",
}
"""IAM's words, by what it is that denies.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""
SERVICE_WORDS = "The service is not available to this account."
"""A service's own words: the account is not admitted to it."""

REFUSALS: Mapping[str, tuple[str, str]] = {
    **{name: ("AccessDeniedException", words) for name, words in IAM_WORDS.items()},
    "in the service's words": ("AccessDeniedException", SERVICE_WORDS),
    "without a word": ("AccessDeniedException", ""),
    "by the token": ("UnrecognizedClientException", "The security token included in the request is invalid."),
    "as invalid": ("ValidationException", "1 validation error detected"),
    "as not there": ("ResourceNotFoundException", "it was not found"),
}
"""Every kind of refusal: its code and its message."""


def refusal(name: str, operation: str = "Operation") -> ClientError:
    """Return one of the `REFUSALS`, as botocore raises it."""
    code, message = REFUSALS[name]
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(cast("Any", answer), operation)


# An account in memory


class _Impatient(Calls):
    """Calls that give up at once what others would try again."""

    def _is_too_late(self, _started: float, _delay: float) -> bool:
        return True


Answer = dict[str, Any] | Exception
Answers = Mapping[str, Answer | Callable[[str, Mapping[str, Any]], Answer]]
"""What AWS says to each operation, by its API name; or how it answers, by the Region and the request."""


@dataclass(slots=True)
class Canned:
    """An account that answers from a table.

    Attributes:
        answers: what it says.
        asked: the operations that were called, each with its Region.
    """

    answers: Answers
    asked: list[tuple[str, str]] = field(default_factory=list)

    def calls(self, _service: str, region: str) -> Calls:
        """Return the calls of all services in *region*."""
        return _Impatient(cast("Any", _Client(self, region)))


@dataclass(frozen=True, slots=True)
class _Client:
    aws: Canned
    region: str

    def __getattr__(self, name: str) -> Callable[..., Any]:
        operation = next(each for each in self.aws.answers if xform_name(each) == name)

        def call(**parameters: Any) -> Any:
            self.aws.asked.append((operation, self.region))
            answer = self.aws.answers[operation]
            told = answer(self.region, parameters) if callable(answer) else answer
            if isinstance(told, Exception):
                raise told
            return deepcopy(told)

        return call


@dataclass(slots=True)
class Before:
    """What earlier runs left: it takes the place of a ledger, and takes every record.

    Attributes:
        standing: the open findings, by their ids.
        facts: what was remembered.
        noted: what was noted about single things.
    """

    standing: dict[str, Item] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    noted: dict[str, str] = field(default_factory=dict)

    def open_findings(self, *_: object) -> dict[str, Item]:
        """Return what stands open."""
        return self.standing

    def remembered(self, *_: object) -> dict[str, Any]:
        """Return what was remembered."""
        return self.facts

    def actions(self, *_: object) -> list[Item]:
        """Know of none."""
        return []

    def notes(self, *_: object) -> dict[str, str]:
        """Return what was noted."""
        return self.noted

    def note(self, *_: object) -> None:
        """Take it."""

    def strike_out(self, *_: object) -> None:
        """Take it."""

    def begin_action(self, *_: object) -> Item:
        """Take it."""
        return {}

    def end_action(self, *_: object) -> None:
        """Take it."""


def left_by(sweep: Sweep) -> Before:
    """Return what a run leaves to the next one."""
    seen = {"status": "OPEN", "first_seen": timestamp(sweep.now)}
    standing = {name: finding_record(finding) | seen for name, finding in sweep.findings.items()}
    return Before(standing, dict(sweep._to_remember))  # what it would have written


def look(  # what a run is given
    automation: str,
    aws: Canned,
    target: Target,
    *,
    before: Before | None = None,
    selection: Selection = EVERYTHING,
    now: datetime = NOW,
    dry_run: bool = False,
    **sections: Any,
) -> Sweep:
    """Let an automation look once at *target*; *sections* are of the configuration."""
    manifest, run = automation_named(automation)
    ledger = cast("Ledger", before or Before())
    clients, document = cast("Clients", aws), _settings(json.dumps(sections))
    context = RunContext(
        manifest, target, lambda: clients, document, ledger, ledger, now, dry_run=dry_run, selection=selection
    )
    return run_sweep(context, run)


@cache
def _settings(sections: str) -> Settings:
    return settings(**json.loads(sections))


# The table


@dataclass(frozen=True, slots=True)
class Variant:
    """An answer in which one member is another.

    Attributes:
        member: its path, such as ``regionMap.eu-west-1.status``; ``[]`` stands for a place in a list.
        kind: what it is: a value of its enum, or `ABSENT`, `EMPTY`, `WRONG`, `UNKNOWN`.
        answer: the whole.
    """

    member: str
    kind: str
    answer: dict[str, Any]


def variants(service: str, operation: str, answer: Mapping[str, Any]) -> Iterator[Variant]:
    """Yield *answer* with each of its members changed, in every way."""
    shape = _model(service).operation_model(operation).output_shape
    assert shape is not None
    for path, inner, is_optional in _members(shape, answer, ()):
        name = ".".join("[]" if isinstance(step, int) else step for step in path)
        if is_optional:
            yield Variant(name, ABSENT, _changed(answer, path, None))
        for kind, value in _values(inner):
            yield Variant(name, kind, _changed(answer, path, value))


def outcome(sweep: Sweep) -> tuple[Any, ...]:
    """Return what a run found, counted and saw to have ended."""
    found = {(each.check, each.resource, each.region, each.occurrence) for each in sweep.findings.values()}
    return found, dict(sweep.judged), sweep.ended()


def is_unread(sweep: Sweep) -> bool:
    """Say whether a run tells that something could not be read, and that not all is well."""
    told = any(finding.check == "unreadable" for finding in sweep.findings.values())
    return told and sweep.coverage()["status"] in ("PARTIAL", "UNREADABLE")


def violations(
    look_at: Callable[[dict[str, Any]], Sweep],
    service: str,
    operation: str,
    answer: dict[str, Any],
    *,
    unjudged: tuple[str, ...] = (),
    means: Mapping[str, str] | None = None,
) -> list[str]:
    """Return what was taken for something that it is not.

    Args:
        look_at: looks once, where AWS says this.
        service: botocore's name.
        operation: its API name.
        answer: a whole one.
        unjudged: paths, as globs, of members on which no verdict rests.
        means: of members that may be absent, by their paths as globs, the kind of variant that means the same;
            `ABSENT` where the absence is a state of its own.
    """
    plain = outcome(look_at(deepcopy(answer)))
    table = {(v.member, v.kind): look_at(deepcopy(v.answer)) for v in variants(service, operation, answer)}
    wrong = []
    for (member, kind), sweep in table.items():
        rests = not any(fnmatchcase(member, pattern) for pattern in unjudged)
        meant = next((same for pattern, same in (means or {}).items() if fnmatchcase(member, pattern)), "")
        as_meant = outcome(table[member, meant]) if meant else None
        is_read = not is_unread(sweep)
        is_right = {
            WRONG: not is_read,
            UNKNOWN: not is_read,
            ABSENT: outcome(sweep) == as_meant if meant else not is_read,
            EMPTY: outcome(sweep) == outcome(table.get((member, ABSENT), sweep)) and (bool(meant) or not is_read),
        }.get(kind, is_read)
        if not rests:
            is_right = not is_read or outcome(sweep) == plain
        ended_unseen = not is_read and sweep.ended().keys() - plain[-1].keys()
        if not is_right or ended_unseen:
            wrong.append(f"{member} is {kind}: {outcome(sweep)}")
    return wrong


@cache
def _model(service: str) -> Any:
    return Session().get_service_model(service)


Path = tuple[str | int, ...]


def _members(shape: Shape, value: Any, path: Path) -> Iterator[tuple[Path, Shape, bool]]:
    """Yield the path of each member of an answer, with its shape, and whether it is one that AWS can leave out."""
    kind, inner = shape.type_name, cast("Any", shape)
    match kind:
        case "structure":
            steps = [(name, inner.members[name]) for name in value if name in inner.members]
        case "map":
            steps = [(name, inner.value) for name in value]
        case "list":
            steps = [(place, inner.member) for place in range(len(value))]
        case _:
            steps = []
    for step, below in steps:
        yield (*path, step), below, kind == "structure"
        yield from _members(below, value[step], (*path, step))


def _values(shape: Shape) -> Iterator[tuple[str, Any]]:
    is_container = shape.type_name in ("structure", "map")
    if shape.type_name != "list":
        yield EMPTY, {} if is_container else ""
    yield WRONG, "text" if is_container or shape.type_name == "list" else 7
    for value in getattr(shape, "enum", ()):
        yield value, value
    if getattr(shape, "enum", ()):
        yield UNKNOWN, "NOT_KNOWN_YET"


def _changed(answer: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    changed = deepcopy(dict(answer))
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed

"""Events, which are read for one thing only: where to look."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from re import Match, Pattern
from typing import Any

from functions.shared.aws.target import SWEEP_EVENT

_ACCOUNT_DIGITS = 12
MOST_RESOURCES = 20
"""An event that names more than this is answered by a look at everything."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run looks at: everything in scope, or what an event names. It never says what is to be found there.

    Attributes:
        account: the only account to look at; empty for all in scope.
        region: the only Region to look at; empty for all in scope.
        resources: ARNs to look at alone; empty for everything there is.
        everywhere: an event may be about any target in scope, not only about that account and Region.
    """

    account: str = ""
    region: str = ""
    resources: frozenset[str] = frozenset()
    everywhere: bool = False


EVERYTHING = Selection()


def selection_of(event: object, resource: Pattern[str], everywhere: Collection[str] = ()) -> Selection | None:
    """Return where *event* says to look, or None if its shape is not known.

    Args:
        event: whatever Lambda was invoked with; nothing in it is believed.
        resource: matches what the automation can look at one by one: a text, alone or as ``member=text``. Its last
            group, if it has one, is what is named; its groups ``account`` and ``region``, if it has them, are where.
        everywhere: sources of events that may be about any target in scope.
    """
    if not isinstance(event, Mapping):
        return None
    if all(event.get(name) == value for name, value in SWEEP_EVENT.items()):
        return EVERYTHING
    account, region, source = (event.get(name) for name in ("account", "region", "source"))
    if not (isinstance(source, str) and source.startswith("aws.") and isinstance(region, str) and region):
        return None
    if not is_account(account):
        return None
    if source in everywhere:
        return Selection(str(account), region, everywhere=True)
    found = map(resource.fullmatch, _texts([event.get("detail"), event.get("resources")]))
    return _named(Selection(str(account), region), [match for match in found if match])


def _named(here: Selection, found: Collection[Match[str]]) -> Selection:
    """Return what an event names: in its own account and Region, or in the one other place that it names."""
    places = {(match["account"], match["region"]) for match in found if match.groupdict().get("account")}
    if len(places) > 1:
        return here
    for account, region in places:
        here, found = Selection(account, region), [match for match in found if match["account"]]
    named = {match[match.lastindex or 0] for match in found}
    return here if len(named) > MOST_RESOURCES else replace(here, resources=frozenset(named))


def is_account(value: object) -> bool:
    """Say whether *value* is the text of an account's number."""
    return isinstance(value, str) and len(value) == _ACCOUNT_DIGITS and value.isascii() and value.isdigit()


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value, however deep, and each once more as ``member=text`` where it is a member."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case Mapping() as members:
                waiting.extend(members.values())
                yield from (f"{name}={text}" for name, text in members.items() if isinstance(text, str))
            case list() as items:
                waiting.extend(items)

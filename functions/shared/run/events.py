"""Events, read for one thing only: where to look."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from functions.shared.aws.target import Selection

SWEEP_EVENT: Mapping[str, str] = {"source": "watchkeeper", "detail-type": "Sweep"}
"""What a schedule sends to a function: look at everything in scope."""

_ACCOUNT = re.compile(r"\d{12}")
_MOST_RESOURCES = 20
"""An event that names more than this is answered by a look at everything."""


def selection_of(event: object, resource: re.Pattern[str]) -> Selection | None:
    """Return where *event* says to look, or None if it has no shape that is known.

    Args:
        event: whatever Lambda was invoked with; nothing in it is believed.
        resource: matches what the automation can look at one by one: a text, alone or as ``member=text``. Its last
            group, if it has one, is what is named.
    """
    if not isinstance(event, Mapping):
        return None
    if all(event.get(name) == value for name, value in SWEEP_EVENT.items()):
        return Selection()
    account, region, source = (event.get(name) for name in ("account", "region", "source"))
    if not (isinstance(source, str) and source.startswith("aws.") and isinstance(region, str) and region):
        return None
    if not (isinstance(account, str) and _ACCOUNT.fullmatch(account)):
        return None
    found = map(resource.fullmatch, _texts([event.get("detail"), event.get("resources")]))
    named = {match[match.lastindex or 0] for match in found if match}
    return Selection(account, region, frozenset(named) if len(named) <= _MOST_RESOURCES else frozenset())


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

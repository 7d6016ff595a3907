"""Wait states: how long they wait.

Source: https://states-language.net/#wait-state
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.stepfunctions.language.failures import RUNTIME, StateError
from emulator.stepfunctions.language.timestamps import moment_of
from emulator.stepfunctions.state_scope import StateScope

_MISSING = "The {field} parameter does not reference an input value: {path}"
_LONGEST = timedelta(seconds=2**31 - 1)


def wait_of(scope: StateScope) -> timedelta:
    """Return how long a Wait state waits from now; a time that is over takes no time.

    Raises:
        StateError: a path finds nothing, no number of seconds, or no time; or the wait is too long.
    """
    if not {"Timestamp", "TimestampPath"} & scope.state.keys():
        wait = timedelta(seconds=_seconds(scope, scope.value("Seconds", _MISSING)))
    else:
        wait = max(_moment(scope, scope.value("Timestamp", _MISSING)) - datetime.now(UTC), timedelta())
    if wait > _LONGEST:
        raise StateError(RUNTIME, "Wait state delay is too long.")
    return wait


def _seconds(scope: StateScope, found: Any) -> int:
    where = f"{scope.state.get('SecondsPath')} == {found}"
    if isinstance(found, bool) or not isinstance(found, int):
        raise StateError(RUNTIME, f"The SecondsPath parameter cannot be parsed as a long value: {where}")
    if found < 0:
        raise StateError(RUNTIME, f"The SecondsPath parameter references a negative value: {where}")
    return found


def _moment(scope: StateScope, found: Any) -> datetime:
    moment = moment_of(found) if isinstance(found, str) else None
    if moment is None:
        what = "a valid ISO-8601 extended offset date-time format string"
        where = f"{scope.state.get('TimestampPath')} == {found}"
        raise StateError(RUNTIME, f"The TimestampPath parameter does not reference {what}: {where}")
    return moment

"""When to ask again how far an operation has come: often while most of them end, seldom when few still do."""

from datetime import timedelta

_SECOND = timedelta(seconds=1)

STEPS = (
    (timedelta(minutes=10), 20 * _SECOND),
    (timedelta(minutes=30), 60 * _SECOND),
    (timedelta(hours=2), 180 * _SECOND),
)
"""Up to which age there is which gap. Most operations end within six minutes; some take an hour, few a day."""

LAST_STEP = 600 * _SECOND
JITTER = 0.1
"""So many executions that began together do not stay together: a gap is up to a tenth shorter or longer."""


def gap(age: timedelta, deadline: timedelta, *, throttled: bool = False, chance: float = 0.5) -> timedelta:
    """Return how long to wait at *age*; never past the deadline.

    Args:
        age: since the operation's ``CreationTime``.
        deadline: the age at which it is given up.
        throttled: S3 asked us just now to be slower: this one gap is doubled.
        chance: from 0 to 1, of the jitter; 0.5 for none.
    """
    step = next((length for until, length in STEPS if age < until), LAST_STEP)
    wanted = step * (2 if throttled else 1) * (1 + JITTER * (2 * chance - 1))
    return max(_SECOND, min(wanted, deadline - age))

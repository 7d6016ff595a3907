"""A role's statements are spread over managed policies, or refused if IAM's limits are too small."""

import json
from collections.abc import Iterable, Iterator, Sequence

from functions.shared.deployment.statements import RESOURCE, RoleStatement, policy_document

POLICY_CHARACTERS = 6_144
"""Most characters of a managed policy, white space apart.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

POLICIES_PER_ROLE = 10
"""Most managed policies of a role, unless AWS was asked for more; the functions' roles hold no others.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

_ARN = f"arn:aws-us-gov:dynamodb:ap-southeast-1:123456789012:table/{'n' * 255}"
_LONGEST = {
    **dict.fromkeys(("table", "stream", "topic", "bus", "log_group", "failed_invocations", "poller"), _ARN),
    **dict.fromkeys(("key", "results"), _ARN),
    "partition": "aws-us-gov",
    "account": "123456789012",
    "hub_region": "ap-southeast-1",
    "stack": "watchkeeper",
}
_DIVISIBLE = frozenset({RESOURCE, "StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"})
"""A statement allows each value in a list under these, so that its parts together allow the same as the whole."""


class DeploymentError(Exception):
    """AWS cannot deploy what the configuration asks for; the message says what to change."""


def policies(role: str, statements: Sequence[RoleStatement]) -> list[tuple[RoleStatement, ...]]:
    """Spread statements over managed policies, each into the first that has room.

    Args:
        role: whose role it is, for messages.
        statements: all rights of the role.

    Raises:
        DeploymentError: a statement fits no policy, or the policies do not fit a role.
    """
    packed: list[tuple[RoleStatement, ...]] = []
    for statement in _split(role, statements):
        room = next((at for at, held in enumerate(packed) if _fits((*held, statement))), None)
        if room is None:
            packed.append((statement,))
        else:
            packed[room] = (*packed[room], statement)
    if len(packed) > POLICIES_PER_ROLE:
        raise DeploymentError(_too_many(role, len(packed), max(statements, key=lambda statement: _size((statement,)))))
    return packed


def _size(statements: Iterable[RoleStatement]) -> int:
    """Return the most characters that the policy of *statements* can have."""
    text = json.dumps(policy_document(statements, _LONGEST), separators=(",", ":"))
    return sum(not character.isspace() for character in text)


def _fits(statements: Iterable[RoleStatement]) -> bool:
    return _size(statements) <= POLICY_CHARACTERS


def _split(role: str, statements: Iterable[RoleStatement]) -> Iterator[RoleStatement]:
    for statement in statements:
        if _fits((statement,)):
            yield statement
        else:
            yield from _parts(role, statement)


def _parts(role: str, statement: RoleStatement) -> list[RoleStatement]:
    """Cut the longest list of a statement so that each part fills a policy."""
    operator, key, values = _longest_list(statement)
    if operator in _DIVISIBLE:
        room = POLICY_CHARACTERS - _size((statement.with_list(operator, key, (), len(values)),))
        cuts = enumerate(_cuts(values, room), start=1)
        parts = [statement.with_list(operator, key, cut, number) for number, cut in cuts]
        if all(_fits((part,)) for part in parts):
            return parts
    raise DeploymentError(_too_long(role, statement))


def _cuts(values: Iterable[str], room: int) -> Iterator[tuple[str, ...]]:
    cut: tuple[str, ...] = ()
    for value in values:
        if cut and sum(len(f'"{held}",') for held in (*cut, value)) > room:
            yield cut
            cut = ()
        cut = (*cut, value)
    yield cut


def _longest_list(statement: RoleStatement) -> tuple[str, str, tuple[str, ...]]:
    return max(statement.lists(), key=lambda found: sum(map(len, found[2])))


def _too_many(role: str, count: int, largest: RoleStatement) -> str:
    operator, key, values = _longest_list(largest)
    return (
        f"{role}: its rights fill {count} managed policies, and a role holds {POLICIES_PER_ROLE}. Most of it is "
        f"{largest.action} for {len(values):,} values of {key or operator}: about "
        f"{len(values) * POLICIES_PER_ROLE // count:,} would fit. Shorten that list in the configuration, or divide it "
        f"between two hubs."
    )


def _too_long(role: str, statement: RoleStatement) -> str:
    operator, key, values = _longest_list(statement)
    return (
        f"{role}: {statement.action} with {operator} and {len(values):,} values of {key} fits no managed policy, which "
        f"holds {POLICY_CHARACTERS:,} characters, and it would allow more if it were divided. Shorten that list in the "
        f"configuration, or give up what asks for this right: {statement.asked_by or 'the automation'}."
    )

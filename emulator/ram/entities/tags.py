"""The tags of resource shares: how they are checked, described and filtered."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.wire.errors import ServiceError

_LIMIT = 50
_FORM = re.compile(r"[\w\s.:/=+@-]*")
_LONGEST_KEY, _LONGEST_VALUE = 128, 256


def tags_of(given: Iterable[Mapping[str, str]], before: Mapping[str, str]) -> dict[str, str]:
    """Return the tags that a share has after *given* were added to those of *before*.

    Raises:
        InvalidParameterException: a tag has no key, or key or value are too long or hold what tags must not.
        TagPolicyViolationException: a key is reserved.
        TagLimitExceededException: they are too many.
    """
    after = dict(before)
    for pair in given:
        key = pair.get("key", "")
        if not key:
            raise ServiceError("InvalidParameterException", "A tag needs a key.")
        if key.lower().startswith("aws:"):
            raise ServiceError("TagPolicyViolationException", f"The tag key {key} is reserved.")
        after[key] = _checked(key, pair.get("value", ""))
    if len(after) > _LIMIT:
        raise ServiceError("TagLimitExceededException", f"A resource share can have up to {_LIMIT} tags.")
    return after


def _checked(key: str, value: str) -> str:
    """Return the value of a tag whose characters and length AWS takes.

    Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    """
    if len(key) > _LONGEST_KEY or len(value) > _LONGEST_VALUE or not (_FORM.fullmatch(key) and _FORM.fullmatch(value)):
        raise ServiceError(
            "InvalidParameterException", f"The tag {key} has a key or value that is too long or has invalid characters."
        )
    return value


def told_tags(tags: Mapping[str, str]) -> dict[str, Any]:
    """Return the tags as they stand in a share that is told to its owner: not at all if there are none."""
    return {"tags": [{"key": key, "value": value} for key, value in tags.items()]} if tags else {}


def fits(tags: Mapping[str, str], filters: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether tags fit all filters; one without values asks for the key alone."""
    return all(
        wanted.get("tagKey") in tags and (not wanted.get("tagValues") or tags[wanted["tagKey"]] in wanted["tagValues"])
        for wanted in filters
    )

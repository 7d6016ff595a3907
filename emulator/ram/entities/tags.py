"""The tags of resource shares: how they are checked, described and filtered."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.wire.errors import ServiceError

_LIMIT = 50
_FORM = re.compile(r"[\w\s.:/=+@-]*")
_LONGEST_KEY, _LONGEST_VALUE = 128, 256


def tags_of(given: Iterable[Mapping[str, str]], before: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a share after *given* are added to *before*.

    Raises:
        InvalidParameterException: a key is empty, or a key or a value is too long or has invalid characters.
        TagPolicyViolationException: a key is reserved.
        TagLimitExceededException: there are too many.
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
    """Return the value of a tag after checking its length and its characters.

    Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    """
    if len(key) > _LONGEST_KEY or len(value) > _LONGEST_VALUE or not (_FORM.fullmatch(key) and _FORM.fullmatch(value)):
        raise ServiceError(
            "InvalidParameterException", f"The tag {key} has a key or value that is too long or has invalid characters."
        )
    return value


def described_tags(tags: Mapping[str, str]) -> dict[str, Any]:
    """Return the member ``tags`` of a share for its owner; it is absent if there are no tags."""
    return {"tags": [{"key": key, "value": value} for key, value in tags.items()]} if tags else {}


def fits(tags: Mapping[str, str], filters: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether tags match all filters; a filter without values matches the key."""
    return all(
        wanted.get("tagKey") in tags and (not wanted.get("tagValues") or tags[wanted["tagKey"]] in wanted["tagValues"])
        for wanted in filters
    )

"""JSONPath with members, indices, slices and ``*``.

Source: https://states-language.net/#path
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from emulator.stepfunctions.language.failures import RESULT_PATH, StateError

_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]'"*?@()\s,]+)
      | (?P<all>\.\*|\[\*\])
      | \[(?P<index>-?\d+)\]
      | \[(?P<begin>-?\d*):(?P<end>-?\d*)\]
      | \['(?P<single>(?:[^'\\]|\\.)*)'\]
      | \["(?P<double>(?:[^"\\]|\\.)*)"\]""",
    re.VERBOSE,
)

PathStep = str | int | slice | None
"""A member, an index, a slice, or everything."""


class PathError(ValueError):
    """A path is invalid, or finds nothing."""


@dataclass(frozen=True, slots=True)
class PathScope:
    """The documents from which paths read.

    Attributes:
        data: the document of ``$``.
        context: the document of ``$$``.
    """

    data: Any
    context: Mapping[str, Any]

    def read(self, path: str) -> Any:
        """Return what *path* finds: a list if it may find several values.

        Raises:
            PathError: it finds nothing, or is invalid.
        """
        root, rest = (self.context, path[1:]) if path.startswith("$$") else (self.data, path)
        steps = steps_of(rest)
        found = list(_walk(root, steps))
        if not is_definite(steps):
            return found
        if not found:
            raise PathError(_missing(root, steps))
        return found[0]


@lru_cache(maxsize=4096)
def steps_of(path: str) -> tuple[PathStep, ...]:
    """Split *path* into steps.

    Raises:
        PathError: it is not a path, or the emulator does not support it.
    """
    steps, at = [], 1
    while path.startswith("$") and at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            break
        steps.append(_step(found))
        at = found.end()
    if not path.startswith("$") or at < len(path):
        raise PathError(f"the emulator does not support the path {path!r}")
    return tuple(steps)


def is_definite(steps: tuple[PathStep, ...]) -> bool:
    """Tell whether it finds at most one value, as a Reference Path does."""
    return all(isinstance(step, str | int) for step in steps)


def put(path: str, document: Any, value: Any) -> Any:
    """Return a copy of *document* with *value* at a Reference Path.

    Raises:
        StateError: the path leads through something that is not an object.

    Source: https://states-language.net/#filters
    """
    return _put(document, steps_of(path), value)


def _put(document: Any, steps: tuple[PathStep, ...], value: Any) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    match document, step:
        case dict(), str():
            return {**document, step: _put(document.get(step, {}), rest, value)}
        case list(), int() if -len(document) <= step < len(document):
            changed = list(document)
            changed[step] = _put(document[step], rest, value)
            return changed
    raise StateError(RESULT_PATH, f"Unable to apply step {step!r} of the ResultPath to {type(document).__name__}")


def _missing(value: Any, steps: tuple[PathStep, ...]) -> str:
    """Return which step of a definite path finds nothing."""
    names = [f"[{step!r}]" for step in steps]
    for number, step in enumerate(steps[:-1], start=1):
        found = [*_next(value, step)]
        if not found:
            return f"Missing property in path ${''.join(names[:number])}"
        value = found[0]
    return f"No results for path: ${''.join(names)}"


def _step(found: re.Match[str]) -> PathStep:
    if found["all"]:
        return None
    if found["index"]:
        return int(found["index"])
    if found["begin"] is not None:
        return slice(*(int(found[end]) if found[end] else None for end in ("begin", "end")))
    quoted = found["single"] if found["single"] is not None else found["double"]
    return found["name"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)


def _walk(value: Any, steps: tuple[PathStep, ...]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    for each in _next(value, steps[0]):
        yield from _walk(each, steps[1:])


def _next(value: Any, step: PathStep) -> Iterator[Any]:
    match value, step:
        case dict(), str() if step in value:
            yield value[step]
        case list(), int() if -len(value) <= step < len(value):
            yield value[step]
        case list(), slice():
            yield from value[step]
        case dict(), None:
            yield from value.values()
        case list(), None:
            yield from value

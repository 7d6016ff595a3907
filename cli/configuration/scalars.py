"""The characters of single values, and their meaning without quotes in the core schema of YAML 1.2.

``off``, ``on``, ``yes`` and ``no`` are text. Source: https://yaml.org/spec/1.2.2/#103-core-schema
"""

import math
import re

Scalar = str | int | float | bool | None

CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that YAML forbids in a file, and that are not allowed as escapes either.

Source: https://yaml.org/spec/1.2.2/#51-character-set
"""

_LONGEST_NUMBER = 100
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class NotFiniteError(ValueError):
    """A number that is infinite, not a number, or too long."""


def resolve(text: str) -> Scalar:
    """Return the value of a plain scalar.

    Raises:
        NotFiniteError: it is no finite number, or too long.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        raise NotFiniteError(text)
    for form, base in ((_DECIMAL, 10), (_OCTAL, 8), (_HEXADECIMAL, 16)):
        if form.fullmatch(text):
            return int(_short(text), base)
    return _finite(float(_short(text))) if _FLOAT.fullmatch(text) else text


def _short(text: str) -> str:
    if len(text) > _LONGEST_NUMBER:
        raise NotFiniteError(text)
    return text[2:] if text[:2] in ("0o", "0x") else text


def _finite(number: float) -> float:
    if math.isfinite(number):
        return number
    raise NotFiniteError(str(number))

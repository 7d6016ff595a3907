"""Ids in AWS's form: a word, and eleven characters of a to z and 2 to 7."""

import re
from random import Random

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_LENGTH = 11
_RANDOM = Random(5)  # noqa: S311  # not secret, and the same in each process

FORM = re.compile(r"(?:cluster|backup)-[2-7a-zA-Z]{11,16}")
"""The ids that CloudHSM accepts.

Source: https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_TagResource.html
"""


def new_id(kind: str) -> str:
    """Return a new id of a ``cluster`` or ``backup``."""
    return f"{kind}-{''.join(_RANDOM.choices(_ALPHABET, k=_LENGTH))}"

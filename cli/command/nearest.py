"""Finds the word that a wrong one was probably meant to be."""

from collections.abc import Iterable
from difflib import SequenceMatcher

_UNLIKE = 0.6


def nearest(word: str, candidates: Iterable[str]) -> str:
    """Return the candidate that is most like *word*; empty if none is."""
    matcher = SequenceMatcher(b=_folded(word))
    best, likeness = "", _UNLIKE
    for candidate in candidates:
        matcher.set_seq1(_folded(candidate))
        if (ratio := matcher.ratio()) > likeness:
            best, likeness = candidate, ratio
    return best


def question(word: str, candidates: Iterable[str]) -> str:
    """Return the end of a sentence that asks for the nearest word; empty if there is none."""
    found = nearest(word, candidates)
    return f'; did you mean "{found}"?' if found else ""


def _folded(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")

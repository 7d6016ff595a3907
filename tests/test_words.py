"""One word for one thing, and the field's word: no private vocabulary in names, messages and documents."""

import ast
import re
import subprocess
import tokenize
from collections import defaultdict
from pathlib import Path

import pytest

from tests.rooms import PACKAGES, ROOT, files

EVERYWHERE = """
    house furniture commission crier mishap mishaps befall befalls errand errands parcel parcels crew gathering agenda
    examination
"""
"""Words that stood for things for which the field has a word: in no name, no message and no document."""

NAMES = """
    entrance look saw Once Wake wakes wake_of handling pace Telling Heard told starting endings strangers Strangers
    changing direction fan_out account_sweeps showing table_csv muting packing patient Patient mend menu interruption
    Interruption result_form loopback house_style house_rights dress lay arrival Arrival stub lookups assumption Welcome
    expiry visits joining answering behaviour
"""
"""Words of plain English that are no names for what they once named."""

KEYS = {"examinations", "mend"}
"""Members of the doctor's document, which is contract."""

SAME_MEANING = {
    "DeadLetterQueue": "a dead-letter queue of the hub: as a construct, and as the doctor reads it",
    "Incomplete": "an item of a list without what identifies it",
    "LedgerTable": "the ledger's table: as a construct, and as the doctor reads it",
    "Policy": "an automation's section of the configuration",
    "Ram": "AWS RAM, as an automation calls it",
    "Trouble": "something that does not comply",
    "Unclear": "something that allows no verdict",
}
"""Public classes whose name stands in several modules of Watchkeeper, with the one thing that each means in all."""


def written() -> list[Path]:
    """Return the sources and documents that people wrote, but for this file."""
    listed = subprocess.run(["git", "ls-files", "*.py", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607  # git
    return [ROOT / name for name in listed.stdout.split("\n") if name and (ROOT / name) != Path(__file__)]


def found(path: Path, words: str) -> set[str]:
    pattern = re.compile(rf"(?<![a-z])(?:{'|'.join(words.split())})(?![a-z])", re.IGNORECASE)
    return set(pattern.findall(path.read_text(encoding="utf-8"))) if path.is_file() else set()


def identifiers(path: Path) -> set[str]:
    with path.open("rb") as file:
        tokens = [token for token in tokenize.tokenize(file.readline) if token.type == tokenize.NAME]
    return {token.string.strip("_") for token in tokens} | {path.stem}


def public_classes(package: str) -> dict[str, set[str]]:
    classes = defaultdict[str, set[str]](set)
    for path in files():
        if path.relative_to(ROOT).parts[0] == package:
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    classes[node.name].add(path.relative_to(ROOT).as_posix())
    return classes


def test_no_name_message_or_document_has_a_private_word() -> None:
    hits = {path.relative_to(ROOT).as_posix(): found(path, EVERYWHERE) for path in written()}
    assert {name: words for name, words in hits.items() if words} == {}


def test_no_identifier_or_module_bears_a_private_name() -> None:
    private = set(NAMES.split())
    hits = {path.relative_to(ROOT).as_posix(): identifiers(path) & private for path in files()}
    assert {name: words for name, words in hits.items() if words} == {}


@pytest.mark.parametrize("words", [EVERYWHERE, NAMES], ids=["everywhere", "names"])
def test_a_private_word_is_found(words: str, tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    first = words.split(maxsplit=1)[0]
    planted.write_text(f"{first} = 1\n", encoding="utf-8")
    assert found(planted, words) == {first}
    assert first in identifiers(planted)


def test_no_two_public_classes_of_one_name_mean_two_things() -> None:
    ours = defaultdict[str, set[str]](set)
    for package in set(PACKAGES) - {"emulator"}:
        for name, places in public_classes(package).items():
            ours[name] |= places
    emulated = public_classes("emulator")
    assert {name for name, places in ours.items() if len(places) > 1} == SAME_MEANING.keys()
    assert {name: places for name, places in emulated.items() if len(places) > 1} == {}

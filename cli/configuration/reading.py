"""Reads a file into a document; any content ends in a document or in problems."""

import re
from pathlib import Path as FilePath

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from cli.configuration.composing import compose
from cli.configuration.problems import WHOLE_FILE, ConfigurationError, Problem, no_document, place
from cli.configuration.scalars import CONTROL
from cli.configuration.source import Source
from cli.configuration.values import ValueReader
from cli.terminal.safe_text import quoted

LONGEST_FILE_BYTES = 512 * 1024

_TAB_INDENT = re.compile(r" *\t")
_OTHER_VERSION = re.compile(r"^%YAML\s+(?!1\.2\s)\S*", re.MULTILINE)


def read(path: FilePath) -> tuple[Source, tuple[Problem, ...]]:
    """Return the document of *path*, and the problems of single values in it.

    Raises:
        ConfigurationError: there is no document: the file cannot be read, is empty or is not YAML.
    """
    file, text = str(path), _text(path)
    if control := CONTROL.search(text):
        at = _place_at(text, control.start())
        raise no_document(file, at, f"the character {quoted(control.group())}", "text without control characters")
    if directive := _OTHER_VERSION.search(text):
        at = _place_at(text, directive.start())
        raise no_document(file, at, f"the directive {quoted(directive.group())[1:-1]}", "YAML 1.2, and no directive")
    try:
        root = compose(text, file)
    except MarkedYAMLError as error:
        raise _not_yaml(file, text, error) from error
    except (ReaderError, ValueError, OverflowError) as error:  # the last two for an escape beyond \U0010FFFF
        raise no_document(file, WHOLE_FILE, "an invalid character", "characters of Unicode") from error
    if root is None:
        raise no_document(file, (1, 1), "an empty file", "a configuration; it begins with version: 1")
    reader = ValueReader(file)
    return Source(file, root, reader.read(root)), tuple(reader.problems)


def _text(path: FilePath) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_FILE_BYTES + 1)
    except OSError as error:
        found = f"no readable file ({error.strerror})"
        raise no_document(str(path), WHOLE_FILE, found, "the configuration; name it with --config FILE") from error
    if len(content) > LONGEST_FILE_BYTES:
        found = f"more than {LONGEST_FILE_BYTES // 1024} KiB"
        raise no_document(str(path), WHOLE_FILE, found, "a configuration of a sensible size")
    return _decode(content, str(path))


def _decode(content: bytes, file: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise no_document(file, (1, 1), "text in UTF-16", "text in UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        found = f"the byte 0x{content[error.start]:02x}, which is not valid UTF-8"
        raise no_document(file, _place_at(before, len(before)), found, "text in UTF-8") from error


def _not_yaml(file: str, text: str, error: MarkedYAMLError) -> ConfigurationError:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return no_document(file, WHOLE_FILE, "text that is not YAML", "YAML")
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if _TAB_INDENT.match(line) or line[mark.column : mark.column + 1] == "\t":
        return no_document(file, place(mark), "a tab", "spaces: YAML is indented with spaces only")
    if not line.strip():
        return no_document(
            file, place(mark), "the end of the file", f"the rest of what began before it: {_cause(error)}"
        )
    return no_document(file, place(mark), quoted(line.strip()), f"YAML: {_cause(error)}")


def _cause(error: MarkedYAMLError) -> str:
    """Return the parser's message without its quotation of the file."""
    return quoted(" ".join(filter(None, (error.context, error.problem))), longest=200).strip('"')


def _place_at(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")

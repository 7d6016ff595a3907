"""Reads a file into nodes; whatever the file holds, it ends in nodes or in problems."""

import re
from pathlib import Path as FilePath

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from cli.configuration.composing import Composer, TooMuchError
from cli.configuration.nodes import Node
from cli.configuration.problems import WHOLE_FILE, ConfigurationError, Mark, Problem, in_file_order
from cli.configuration.scalars import CONTROL
from cli.terminal.safe_text import quoted

LONGEST_FILE_BYTES = 512 * 1024

_TAB_INDENT = re.compile(r" *\t")


def read(path: FilePath) -> tuple[Node, tuple[Problem, ...]]:
    """Return the document of *path*, and what is wrong with single values in it.

    Raises:
        ConfigurationError: there is no document: the file cannot be read, is empty or is not YAML.
    """
    return parse(_text(path), str(path))


def parse(text: str, file: str) -> tuple[Node, tuple[Problem, ...]]:
    """Return the document that *text* holds, and what is wrong with single values in it.

    Raises:
        ConfigurationError: there is no document.
    """
    if control := CONTROL.search(text):
        mark = _mark_at(text, control.start())
        raise _no_document(file, mark, f"the character {quoted(control.group())}", "text without control characters")
    composer = Composer(file, YAML(typ="safe", pure=True).parse(text))
    try:
        root = composer.document()
    except MarkedYAMLError as error:
        raise _not_yaml(file, text, error) from error
    except TooMuchError as error:
        raise _no_document(file, error.mark, error.found, error.expected) from error
    except (ReaderError, ValueError, OverflowError) as error:  # the latter two for an escape beyond \U0010FFFF
        raise _no_document(file, WHOLE_FILE, "a character that there is not", "characters of Unicode") from error
    if root is None:
        raise ConfigurationError(in_file_order(composer.problems))
    return root, tuple(composer.problems)


def _text(path: FilePath) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_FILE_BYTES + 1)
    except OSError as error:
        found = f"no readable file ({error.strerror})"
        raise _no_document(str(path), WHOLE_FILE, found, "the configuration; name it with --config FILE") from error
    if len(content) > LONGEST_FILE_BYTES:
        found = f"more than {LONGEST_FILE_BYTES // 1024} KiB"
        raise _no_document(str(path), WHOLE_FILE, found, "a configuration of a sensible size")
    return _decode(content, str(path))


def _decode(content: bytes, file: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _no_document(file, Mark(1, 1), "text in UTF-16", "text in UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        found = f"the byte 0x{content[error.start]:02x}, which is not UTF-8"
        raise _no_document(file, _mark_at(before, len(before)), found, "text in UTF-8") from error


def _not_yaml(file: str, text: str, error: MarkedYAMLError) -> ConfigurationError:
    place = error.problem_mark or error.context_mark
    if place is None:
        return _no_document(file, WHOLE_FILE, "what is not YAML", "YAML")
    mark = Mark(place.line + 1, place.column + 1)
    lines = text.splitlines()
    line = lines[place.line] if place.line < len(lines) else ""
    if _TAB_INDENT.match(line) or line[place.column : place.column + 1] == "\t":
        return _no_document(file, mark, "a tab", "spaces: YAML indents with spaces alone")
    if not line.strip():
        return _no_document(file, mark, "the end of the file", f"the rest of what began before it: {_cause(error)}")
    return _no_document(file, mark, quoted(line.strip()), f"YAML: {_cause(error)}")


def _cause(error: MarkedYAMLError) -> str:
    """Return the parser's own words, without its quotation of the file."""
    return quoted(" ".join(filter(None, (error.context, error.problem))), longest=200).strip('"')


def _no_document(file: str, mark: Mark, found: str, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem(file, mark.line, mark.column, "", found, expected)])


def _mark_at(text: str, position: int) -> Mark:
    before = text[:position]
    return Mark(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)

"""The files of the page, and its fragments, which are filled with text."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from functions.report.result import Row
from functions.shared.finding import plain_line, value_text

_FRAGMENT = re.compile(r'<script type="text/html" id="fragment-(\w+)">(.*?)</script>', re.DOTALL)
_MARKUP = "_html"
_SAFE_ADDRESS = re.compile(r"https://[!-~]+")


@cache
def source(name: str) -> str:
    """Return one of the files beside this module."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


@cache
def fragments() -> dict[str, Template]:
    """Return the fragments of the page; its script fills them too."""
    return {name: Template(text) for name, text in _FRAGMENT.findall(source("page.html"))}


def fill(fragment: str, **fields: object) -> str:
    """Fill a fragment with text; a field whose name ends in ``_html`` is markup already.

    Raises:
        KeyError: a field of the fragment is missing.
    """
    return fragments()[fragment].substitute(
        {name: value if name.endswith(_MARKUP) else escape(str(value)) for name, value in fields.items()}
    )


def filled(fragment: str, rows: Iterable[Row]) -> str:
    """Fill a fragment once for each row."""
    return "".join(fill(fragment, **row) for row in rows)


def nothing(text: str, columns: int) -> str:
    """Return the row of an empty table."""
    return fill("nothing", text=text, columns=columns)


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: ``1 finding``, ``1,204 findings``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def address(url: str) -> str:
    """Return an address that may become a link; nothing for one that is not HTTPS, or not written in plain ASCII."""
    return url if _SAFE_ADDRESS.fullmatch(url) else ""


def linked(url: str, text: str) -> str:
    """Return the markup of a link; of the text alone where there is no address."""
    return fill("link", url=url, text=text) if url else fill("text", text=text)


def terms(members: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield each member with its value as a person reads it; what is nested keeps its lines."""
    for name, value in members.items():
        yield plain_line(name), _readable(value)


def _readable(value: object) -> str:
    within = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    if isinstance(value, Mapping) or any(isinstance(each, Mapping | list | tuple) for each in within):
        return "\n".join(map(plain_line, json.dumps(value, indent=2, ensure_ascii=False).split("\n")))
    return plain_line(value_text(value))

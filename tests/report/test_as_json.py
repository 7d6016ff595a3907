"""The JSON form is one document, written row by row."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.report import as_json
from functions.report.result import Result
from tests.report.conftest import EVIL, a_finding, a_result


def test_it_is_what_json_writes(whole: Result) -> None:
    assert "".join(as_json.render(whole)) == json.dumps(whole, indent=2) + "\n"


@pytest.mark.parametrize(
    "found", [{}, {"run": {}}, {"findings": []}, {"a": None, "b": [1, [2, {}], "x"], "c": {"d": [[]]}}, {EVIL: [EVIL]}]
)
def test_so_is_every_other_document(found: dict[str, Any]) -> None:
    text = "".join(as_json.render(found))
    assert text == json.dumps(found, indent=2) + "\n"
    assert text.isascii()


def test_a_row_is_written_before_the_next_is_asked_for() -> None:
    asked = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal asked
        for asked in range(1, 1000):
            yield a_finding(asked)

    pieces = as_json.render(a_result(findings=rows()))
    assert next(piece for piece in pieces if a_finding(1)["finding_id"] in piece)
    assert asked == 1

"""What the tests of the command line share: configurations on disk, and results of runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.configuration.loading import Configuration, check
from cli.configuration.problems import ConfigurationError, Problem

SMALLEST = "version: 1\nscope: {}\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write a configuration and return its path."""

    def write_file(content: str | bytes) -> Path:
        path = tmp_path / "watchkeeper.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.fixture
def accepted(write: Callable[[str | bytes], Path]) -> Callable[[str], Configuration]:
    """Load a configuration that is right."""
    return lambda text: check(write(text))


@pytest.fixture
def refused(write: Callable[[str | bytes], Path]) -> Callable[[str | bytes], tuple[Problem, ...]]:
    """Return everything that is wrong with a configuration."""

    def problems(content: str | bytes) -> tuple[Problem, ...]:
        with pytest.raises(ConfigurationError) as caught:
            check(write(content))
        return caught.value.problems

    return problems


@pytest.fixture
def only_problem(refused: Callable[[str | bytes], tuple[Problem, ...]]) -> Callable[[str | bytes], Problem]:
    """Return the one thing that is wrong with a configuration."""

    def problem(content: str | bytes) -> Problem:
        (found,) = refused(content)
        return found

    return problem


@pytest.fixture
def finding() -> dict[str, Any]:
    """Return a finding as a result document has it."""
    return {
        "finding_id": "0" * 64,
        "automation": "ram_invitations",
        "check": "invitation-expiring",
        "account": "111122223333",
        "region": "eu-west-1",
        "resource": "arn:aws:ram:eu-west-1:210987654321:resource-share-invitation/00000000-1111-2222-3333-444444444444",
        "occurrence": "1",
        "compliance": "NON_COMPLIANT",
        "severity": "HIGH",
        "status": "OPEN",
        "muted": False,
        "first_seen": "2026-11-20T09:00:00Z",
        "observed_at": "2026-11-20T12:00:00Z",
        "reason": "the invitation of 210987654321 expires at 2026-11-20 21:00 UTC",
        "evidence": {},
    }


@pytest.fixture
def action() -> dict[str, Any]:
    """Return an action as a result document has it."""
    return {
        "automation": "ram_invitations",
        "account": "111122223333",
        "region": "eu-west-1",
        "action": "ram:AcceptResourceShareInvitation",
        "resource": "arn:aws:ram:eu-west-1:210987654321:resource-share-invitation/55555555-1111-2222-3333-444444444444",
        "rule": "network-hub",
        "status": "DONE",
        "detail": "",
    }


@pytest.fixture
def coverage() -> dict[str, Any]:
    """Return the coverage of one target as a result document has it."""
    return {
        "account": "111122223333",
        "region": "eu-west-1",
        "automation": "ram_invitations",
        "status": "COMPLETE",
        "detail": "",
        "compliant": 3,
        "non_compliant": 1,
        "insufficient_data": 0,
        "not_applicable": 0,
    }


@pytest.fixture
def result() -> Callable[..., dict[str, Any]]:
    """Make a result document."""

    def document(*, findings: Any = (), actions: Any = (), coverage: Any = ()) -> dict[str, Any]:
        run = {
            "id": "r",
            "mode": "plan",
            "started_at": "2026-11-20T12:00:00Z",
            "finished_at": "2026-11-20T12:00:05Z",
            "config_hash": "0123456789abcdef",
        }
        return {"run": run, "coverage": list(coverage), "findings": list(findings), "actions": list(actions)}

    return document

"""Every finding of the report says what to do next."""

import pytest

from tests.report.conftest import NEXT_STEPS

CHECKS = [
    "invitation-untrusted",
    "invitation-type-not-allowed",
    "invitation-irreversible",
    "invitation-expiring",
    "invitation-missed",
    "invitation-flood",
    "accept-failed",
    "share-unavailable",
    "inbound-owner-untrusted",
    "inbound-content-not-allowed",
    "inbound-resource-unavailable",
    "outbound-principal-not-allowed",
    "outbound-external-allowed",
    "outbound-invitation-expired",
    "association-failed",
    "share-failed",
    "operation-failed",
    "operation-region-failed",
    "operation-overdue",
    "operation-slow",
    "access-point-inconsistent",
    "access-point-stuck",
    "revoke-failed",
    "revoke-overdue",
    "revoke-deadline",
    "vault-failed",
    "team-change",
    "access-open",
    "recovery-account-not-allowed",
    "set-failed",
    "set-stuck",
    "set-vanished",
    "deletion-unprotected",
    "single-region",
    "region-not-allowed",
    "region-failed",
    "region-stuck",
    "must-keep-not-exempt",
    "must-keep-pending-deletion",
    "must-not-keep-exempt",
    "exemption-failed",
    "change-limit-reached",
    "unreadable",
]
"""The checks that the design has."""


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_of_the_design_has_a_next_step_of_one_line(check: str) -> None:
    step = NEXT_STEPS[check]
    assert step.endswith(".")
    assert "\n" not in step


def test_no_check_is_new_to_the_design() -> None:
    assert NEXT_STEPS.keys() == set(CHECKS)

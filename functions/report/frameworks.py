"""Which controls of which frameworks a check is evidence for, and why; a check that fits no control is mapped to none.

A mapping says that a finding is evidence against the control, not that its absence fulfils it. The CIS AWS Foundations
Benchmark has no recommendation on what Watchkeeper watches. `docs/frameworks.md` shows the whole table.
"""

from functools import cache
from typing import NamedTuple


class Framework(NamedTuple):
    """A catalog of controls.

    Attributes:
        name: with its version.
        source: where it is published.
    """

    name: str
    source: str


class Control(NamedTuple):
    """A control of a framework.

    Attributes:
        framework: that it is part of.
        id: in the framework.
        title: in the framework's words; of SOC 2, whose criteria have none, in ours.
    """

    framework: Framework
    id: str
    title: str


class ControlMapping(NamedTuple):
    """What checks are evidence for.

    Attributes:
        checks: their ids.
        controls: of any framework.
        why: what a finding of these checks says about the controls.
    """

    checks: tuple[str, ...]
    controls: tuple[Control, ...]
    why: str


NIST = Framework("NIST SP 800-53 Rev. 5", "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final")
CIS = Framework("CIS Controls v8.1", "https://www.cisecurity.org/controls/v8-1")
SOC_2 = Framework(
    "SOC 2 (2017 Trust Services Criteria)",
    "https://www.aicpa-cima.com/resources/download/2017-trust-services-criteria-with-revised-points-of-focus-2022",
)

_AC_3 = Control(NIST, "AC-3", "Access Enforcement")
_AC_3_2 = Control(NIST, "AC-3(2)", "Dual Authorization")
_AC_6 = Control(NIST, "AC-6", "Least Privilege")
_AC_20 = Control(NIST, "AC-20", "Use of External Systems")
_AC_21 = Control(NIST, "AC-21", "Information Sharing")
_CA_3 = Control(NIST, "CA-3", "Information Exchange")
_CA_7 = Control(NIST, "CA-7", "Continuous Monitoring")
_CP_9 = Control(NIST, "CP-9", "System Backup")
_CP_10 = Control(NIST, "CP-10", "System Recovery and Reconstitution")
_IR_4_1 = Control(NIST, "IR-4(1)", "Automated Incident Handling Processes")
_IR_5 = Control(NIST, "IR-5", "Incident Monitoring")
_SA_9_5 = Control(NIST, "SA-9(5)", "Processing, Storage, and Service Location")
_SC_12_1 = Control(NIST, "SC-12(1)", "Availability (of cryptographic keys)")
_SC_36 = Control(NIST, "SC-36", "Distributed Processing and Storage")
_SI_12 = Control(NIST, "SI-12", "Information Management and Retention")
_CIS_3_3 = Control(CIS, "3.3", "Configure Data Access Control Lists")
_CIS_3_4 = Control(CIS, "3.4", "Enforce Data Retention")
_CIS_6_2 = Control(CIS, "6.2", "Establish an Access Revoking Process")
_CIS_11_3 = Control(CIS, "11.3", "Protect Recovery Data")
_CC6_3 = Control(SOC_2, "CC6.3", "access is granted, changed and removed by role and least privilege")
_CC6_6 = Control(SOC_2, "CC6.6", "protection against access from outside the system's boundary")
_CC7_4 = Control(SOC_2, "CC7.4", "response to security incidents")
_A1_2 = Control(SOC_2, "A1.2", "backups and recovery infrastructure")
_C1_2 = Control(SOC_2, "C1.2", "disposal of confidential information")

MAPPINGS = (
    ControlMapping(
        ("invitation-untrusted", "invitation-type-not-allowed", "invitation-irreversible"),
        (_CA_3,),
        "Another account offers an exchange that the organization has not approved.",
    ),
    ControlMapping(
        ("inbound-owner-untrusted", "inbound-content-not-allowed"),
        (_AC_20, _CA_3, _CC6_6),
        "Resources of an outside account are in use without an approval that covers them.",
    ),
    ControlMapping(
        ("outbound-principal-not-allowed", "outbound-external-allowed"),
        (_AC_3, _AC_6, _AC_21, _CIS_3_3, _CC6_3),
        "A share gives, or can give, a sharing partner access that nobody has allowed.",
    ),
    ControlMapping(
        ("revoke-failed", "revoke-overdue", "revoke-deadline", "access-open"),
        (_AC_3, _AC_6, _CIS_6_2, _CC6_3),
        "Access to backups stays open although somebody asked to revoke it, or although it is needed no longer.",
    ),
    ControlMapping(
        ("recovery-account-not-allowed",),
        (_AC_3, _CP_9, _CIS_11_3, _CC6_3),
        "An account that is not allowed can restore from backups.",
    ),
    ControlMapping(
        ("team-change",),
        (_AC_3_2,),
        "The team whose approvals stand for dual authorization is about to become another one.",
    ),
    ControlMapping(("vault-failed",), (_CP_10, _A1_2), "The prepared way to restore from backups does not work."),
    ControlMapping(
        ("set-failed", "set-stuck"),
        (_IR_4_1, _CC7_4),
        "The automation that handles incidents does not work, or cannot be changed.",
    ),
    ControlMapping(
        ("set-vanished", "deletion-unprotected"),
        (_IR_4_1, _IR_5, _CC7_4),
        "Response plans and the records of incidents were deleted, or can be deleted in one step.",
    ),
    ControlMapping(
        ("region-failed", "region-stuck", "single-region"),
        (_SC_36, _A1_2),
        "Incident data is not in as many Regions as was decided, or is not replicated to one of them.",
    ),
    ControlMapping(("region-not-allowed",), (_SA_9_5,), "Incident data is stored in a Region that is not allowed."),
    ControlMapping(
        ("must-keep-not-exempt", "must-keep-pending-deletion", "exemption-failed", "hold-lost"),
        (_CP_9, _SC_12_1, _SI_12, _CIS_3_4, _CIS_11_3, _A1_2),
        "A backup of keys that has to be kept can be purged, or is being deleted.",
    ),
    ControlMapping(
        ("must-not-keep-exempt",),
        (_SI_12, _CIS_3_4, _C1_2),
        "A backup of keys is kept beyond the time that was decided.",
    ),
    ControlMapping(("unreadable", "account-unreadable"), (_CA_7,), "Something in scope cannot be monitored."),
)
"""Every mapping; a check is in one of them, or in none."""


@cache
def controls_of(check: str) -> tuple[Control, ...]:
    """Return the controls that a check is evidence for; none where there is no honest mapping."""
    return next((mapping.controls for mapping in MAPPINGS if check in mapping.checks), ())

"""Findings: what a run says about one thing in AWS, in the words of AWS Config and Security Hub."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

_LONGEST_TEXT = 256

ACCOUNT_UNREADABLE_CHECK = "account-unreadable"
"""The check of an account that cannot be entered: nobody watches it, so people are told whatever its severity is."""
_LONGEST_NAME = 100


class Compliance(StrEnum):
    """AWS Config's compliance types.

    Source: https://docs.aws.amazon.com/config/latest/APIReference/API_Evaluation.html
    """

    COMPLIANT = "COMPLIANT"
    NON_COMPLIANT = "NON_COMPLIANT"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Severity(StrEnum):
    """Security Hub's severity labels, the least severe first.

    Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Severity.html
    """

    INFORMATIONAL = "INFORMATIONAL"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"

    @property
    def rank(self) -> int:
        """Where it stands, from 0 for the least severe."""
        return list(type(self)).index(self)


SEVEREST_FIRST = tuple(reversed(Severity))
"""Every severity, in the order of a list that begins with the worst."""


@dataclass(frozen=True, slots=True)
class Remediation:
    """What a person does about a finding.

    Attributes:
        text: in words.
        command: of a shell, filled from the evidence, each value one quoted word; empty where there is none.
        console_url: the page of the AWS console that shows the thing; empty where there is none.
        runbook_url: the page on the check.
    """

    text: str = ""
    command: str = ""
    console_url: str = ""
    runbook_url: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """How something came to its end.

    Attributes:
        resolution: in a few words; it says how things stand now.
        lapsed: a deadline passed, and the trouble got worse: that is no good end, and resolves nothing.
    """

    resolution: str
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in AWS that does not comply, or that could not be read.

    Attributes:
        automation: the automation that judged.
        check: what it was judged by, such as ``invitation-untrusted``.
        account: the account in which the thing is.
        region: the Region that the finding is about.
        resource: ARN of the thing judged; for ``unreadable``, what could not be read.
        occurrence: distinguishes one trouble of a resource from the next one.
        severity: how bad it is.
        reason: one sentence that a person on call can act on; the same for as long as nothing changes.
        evidence: AWS's own members that a person needs; never a secret, never a value that only time changes.
        compliance: NON_COMPLIANT, or INSUFFICIENT_DATA for ``unreadable``.
        title: what is wrong with which thing, by name, in words.
        resource_name: what people call the thing.
        account_name: the account's name in the organization; empty where it is not known.
        began_at: since when it is so; None where AWS does not say.
        deadline_at: when it becomes worse by itself; None where it does not.
        remediation: what a person does about it.
    """

    automation: str
    check: str
    account: str
    region: str
    resource: str
    occurrence: str
    severity: Severity
    reason: str
    evidence: Mapping[str, object] = field(default_factory=dict)
    compliance: Compliance = Compliance.NON_COMPLIANT
    title: str = ""
    resource_name: str = ""
    account_name: str = ""
    began_at: datetime | None = None
    deadline_at: datetime | None = None
    remediation: Remediation = field(default_factory=Remediation)

    @property
    def finding_id(self) -> str:
        """The same trouble of the same thing has the same id in every run."""
        return finding_id(self.account, self.region, self.resource, self.check, self.occurrence)

    @property
    def thread_id(self) -> str:
        """All findings of an account about one thing are one incident."""
        return thread_id(self.account, self.resource)


def finding_id(account: str, region: str, resource: str, check: str, occurrence: str) -> str:
    """Hash what identifies a finding: SHA-256, 64 hexadecimal digits."""
    return sha256(f"{account}|{region}|{resource}|{check}|{occurrence}".encode()).hexdigest()


def thread_id(account: str, resource: str) -> str:
    """Hash what makes findings one incident: 32 hexadecimal digits."""
    return sha256(f"{account}|{resource}".encode()).hexdigest()[:32]


def plain_line(text: object) -> str:
    """Write foreign text as one line that acts nowhere: what cannot be printed is escaped, and nothing is cut."""
    whole = str(text)
    if whole.isprintable():
        return whole
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in whole)


def printable(text: str) -> str:
    """Write foreign text as a plain line, and cut what is too long for a reason."""
    line = plain_line(text[:_LONGEST_TEXT])
    return line if len(text) <= _LONGEST_TEXT else f"{line}…"


def short_name(text: str) -> str:
    """Write a name that others gave as a plain line, and cut what is too long for a title."""
    return printable(text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…")


def quoted(text: str) -> str:
    """Write a name that others gave in quotes, which it cannot end."""
    return "'{}'".format(short_name(text).replace("'", "\u2019"))


def sentence(clause: str) -> str:
    """Begin a clause with a capital letter, unless it begins with a name: ``arn:…``, ``backup-…``."""
    is_word = clause.partition(" ")[0].rstrip(",;").isalpha()
    return f"{clause[:1].upper()}{clause[1:]}" if is_word else clause


def value_text(value: object) -> str:
    """Write a value of JSON in one line, in JSON's words; what is nested in it stands in brackets."""
    match value:
        case list() | tuple():
            return ", ".join(map(_nested_text, value))
        case dict():
            return ", ".join(f"{name}: {_nested_text(member)}" for name, member in value.items())
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _nested_text(value: object) -> str:
    match value:
        case list() | tuple():
            return f"[{value_text(value)}]"
        case dict():
            return f"{{{value_text(value)}}}"
        case _:
            return value_text(value)

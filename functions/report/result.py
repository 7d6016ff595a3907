"""The result of a run: the document that the command line prints, and that every rendering is made from.

A list in it may be any iterable, and is gone through once: a report of 100,000 findings holds a page of them, not all.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, NotRequired, TypedDict

CoverageWord = Literal["COMPLETE", "PARTIAL", "UNREADABLE", "NOT_APPLICABLE"]
ComplianceWord = Literal["NON_COMPLIANT", "INSUFFICIENT_DATA"]
SeverityWord = Literal["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
ActionWord = Literal["PLANNED", "DONE", "FAILED", "SKIPPED"]

Moment = Annotated[str, "a moment in ISO 8601 with its zone"]
"""Such as ``2026-11-20T09:00:00Z``."""

MomentOrNothing = Annotated[str, "a moment in ISO 8601 with its zone, or nothing"]

FindingId = Annotated[str, "64 hexadecimal digits"]

DateOrMoment = Annotated[str, "a date or a moment in ISO 8601"]


class Run(TypedDict):
    """Which run it was.

    Attributes:
        id: tells it from every other run.
        mode: ``plan`` or ``apply``.
        started_at: in UTC to the second, as all moments of the document.
        finished_at: empty for a run that did not end.
        config_hash: of the configuration that it ran under.
    """

    id: str
    mode: str
    started_at: Moment
    finished_at: MomentOrNothing
    config_hash: str


class Coverage(TypedDict):
    """How much of one account and Region one automation could read, and what it judged there.

    Attributes:
        account: 12 digits.
        region: the Region, or ``global`` for what an account has once.
        automation: its name.
        status: the worst that befell it.
        detail: the cause, where the status is not COMPLETE.
        compliant: how many things complied.
        non_compliant: how many did not.
        insufficient_data: how many could not be read.
        not_applicable: how many are none of ours.
    """

    account: str
    region: str
    automation: str
    status: CoverageWord
    detail: str
    compliant: int
    non_compliant: int
    insufficient_data: int
    not_applicable: int


class Finding(TypedDict):
    """What a run says about one thing in AWS: `functions.shared.finding.Finding`, and what the ledger knows of it.

    Attributes:
        finding_id: 64 hexadecimal digits; the same trouble of the same thing has the same id in every run.
        automation: the automation that judged.
        check: what it was judged by.
        account: 12 digits.
        region: the Region that the finding is about.
        resource: ARN of the thing judged; for ``unreadable``, what could not be read.
        occurrence: tells one trouble of a resource from the next one; may be empty.
        compliance: INSUFFICIENT_DATA for ``unreadable``, NON_COMPLIANT for all else.
        severity: Security Hub's label.
        status: ``OPEN``.
        muted: whether the configuration mutes it.
        first_seen: when a run first found it.
        observed_at: when this run found it.
        reason: one sentence.
        evidence: AWS's own members, in JSON's types.
    """

    finding_id: FindingId
    automation: str
    check: str
    account: str
    region: str
    resource: str
    occurrence: str
    compliance: ComplianceWord
    severity: SeverityWord
    status: str
    muted: bool
    first_seen: Moment
    observed_at: Moment
    reason: str
    evidence: Mapping[str, object]


class Action(TypedDict):
    """A change that was made, planned or left out.

    Attributes:
        automation: the automation that decided on it.
        account: 12 digits.
        region: where it was made.
        action: IAM's name, such as ``ram:AcceptResourceShareInvitation``.
        resource: ARN of what was changed.
        rule: the rule of the configuration that allows it.
        status: what became of it.
        detail: of a skipped one ``cap``, ``opt-in``, ``mode`` or ``no-ledger``; of another, a word on how it went.
    """

    automation: str
    account: str
    region: str
    action: str
    resource: str
    rule: str
    status: ActionWord
    detail: str


class Account(TypedDict):
    """An account in scope, or one that has left it.

    Attributes:
        account: 12 digits.
        name: its name in AWS Organizations, which anybody in the account may have chosen; empty where the scope is a
            list of numbers.
        status: its State there, such as ``ACTIVE`` or ``SUSPENDED``; ``LEFT`` for one that was in scope before.

    Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
    """

    account: str
    name: str
    status: str


class Mute(TypedDict):
    """What the configuration wants nobody to be told of.

    Attributes:
        resource: ARN, exact.
        check: the check, exact.
        reason: why.
        owner: who answers for it.
        expires: a date counts to its end in UTC; a moment without a zone is in UTC.
    """

    resource: str
    check: str
    reason: str
    owner: str
    expires: DateOrMoment


class PreviousRun(TypedDict):
    """The run that this one is compared with: in the cloud the last one with a report, on a laptop the one given.

    Attributes:
        id: of that run.
        finished_at: when it ended.
    """

    id: str
    finished_at: Moment


class Trend(TypedDict):
    """How things stood in the previous run, and what changed since; muted findings count nowhere in it.

    Of the previous run only that counts which this one looked at too: what left the scope did not end.

    Attributes:
        previous_run: the run that this one is compared with.
        non_compliant: how many findings of the previous run were NON_COMPLIANT.
        insufficient_data: how many were INSUFFICIENT_DATA.
        new: how many findings of this run the previous one did not have, by ``finding_id``.
        resolved: how many findings of the previous run this one saw to have ended; what it could not read is not over.
    """

    previous_run: PreviousRun
    non_compliant: int
    insufficient_data: int
    new: int
    resolved: int


class Result(TypedDict):
    """The result of a run.

    Attributes:
        run: which run it was.
        coverage: one row for each account, Region and automation in scope.
        findings: what does not comply, and what could not be read.
        actions: the changes.
        accounts: those in scope, and those that have left it.
        mutes: the configuration's, expired ones too.
        trend: against the previous run, where there is one.
    """

    run: Run
    coverage: Iterable[Coverage]
    findings: Iterable[Finding]
    actions: Iterable[Action]
    accounts: NotRequired[Iterable[Account]]
    mutes: NotRequired[Iterable[Mute]]
    trend: NotRequired[Trend]

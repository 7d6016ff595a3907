"""The result of a run: the document that the command line prints, and from which every format is rendered.

A list in it may be any iterable, and is read once: a report of 100,000 findings keeps a page of them in memory.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

Row = dict[str, Any]
"""An element of a result's lists, or a row of a table that is made from them."""

CoverageWord = Literal["COMPLETE", "PARTIAL", "UNREADABLE", "NOT_APPLICABLE"]
ComplianceWord = Literal["NON_COMPLIANT", "INSUFFICIENT_DATA"]
SeverityWord = Literal["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
ActionWord = Literal["PLANNED", "DONE", "FAILED", "SKIPPED"]
EventWord = Literal["OPENED", "RESOLVED", "LAPSED", "DONE", "FAILED", "MUTED", "UNMUTED"]

Moment = Annotated[str, "a moment in ISO 8601 with its zone"]
"""Such as ``2026-11-20T09:00:00Z``."""

MomentOrNothing = Annotated[str, "a moment in ISO 8601 with its zone, or nothing"]

MomentOrNull = Annotated[str | None, "a moment in ISO 8601 with its zone, or null"]

FindingId = Annotated[str, "64 hexadecimal digits"]

DateOrMoment = Annotated[str, "a date or a moment in ISO 8601"]


class RunHeader(TypedDict):
    """Which run it was.

    Attributes:
        id: tells it from every other run.
        mode: ``plan`` or ``apply``.
        started_at: in UTC to the second, as all moments of the document.
        finished_at: empty for a run that did not end.
        config_hash: of the configuration that it ran under.
        hub: account of the hub, 12 digits; earlier versions, and runs in the cloud, do not write it.
    """

    id: str
    mode: str
    started_at: Moment
    finished_at: MomentOrNothing
    config_hash: str
    hub: NotRequired[str]


class CoverageRow(TypedDict):
    """How much of one account and Region one automation could read, and what it judged there.

    Attributes:
        account: 12 digits.
        region: the Region, or ``global`` for what an account has once.
        automation: its name.
        status: how much of the target could be read.
        detail: the cause, where the status is not COMPLETE.
        compliant: how many things complied.
        non_compliant: how many did not.
        insufficient_data: how many could not be read.
        not_applicable: how many were not judged.
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


class RemediationMembers(TypedDict):
    """What a person does about a finding.

    Attributes:
        text: in words.
        command: of a shell, to be pasted as it is; may be empty.
        console_url: the page of the AWS console that shows the thing; may be empty.
        runbook_url: the page on the check.
    """

    text: str
    command: str
    console_url: str
    runbook_url: str


class FindingRow(TypedDict):
    """What a run says about one thing in AWS: a `functions.shared.finding.Finding`, and what the ledger adds to it.

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
        status: ``OPEN``; in a history also ``RESOLVED`` or ``LAPSED``.
        muted: whether the configuration or the ledger mutes it.
        first_seen: when a run first found it.
        observed_at: when this run found it.
        reason: one sentence.
        evidence: AWS's own members, in JSON's types.
        thread_id: 32 hexadecimal digits; findings of an account about one thing have the same. Earlier versions did
            not write this and the following members.
        title: what is wrong with which thing, by name.
        resource_name: what people call the thing.
        account_name: the account's name in the organization; empty where it is not known.
        began_at: since when it is so, where AWS says.
        deadline_at: when it becomes worse by itself.
        resolution: how it ended; empty while it is open.
        remediation: what a person does about it; earlier records have none.
        mended_by: ``apply`` where a planned action of the same run would mend it, else empty.
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
    thread_id: NotRequired[str]
    title: NotRequired[str]
    resource_name: NotRequired[str]
    account_name: NotRequired[str]
    began_at: NotRequired[MomentOrNull]
    deadline_at: NotRequired[MomentOrNull]
    resolution: NotRequired[str]
    remediation: NotRequired[RemediationMembers]
    mended_by: NotRequired[str]


class ChangeMembers(TypedDict):
    """What an action does to one member of a resource.

    Attributes:
        member: AWS's name of it.
        before: its value as it was read, in JSON's types; null where there is none, or it is not known.
        after: its value after the action.
    """

    member: str
    before: object
    after: object


class ActionRow(TypedDict):
    """A change that was made, planned or left out.

    Attributes:
        automation: the automation that decided on it.
        account: 12 digits.
        region: where it was made.
        action: IAM's name, such as ``ram:AcceptResourceShareInvitation``.
        resource: ARN of what was changed.
        rule: the rule of the configuration that allows it.
        summary: what is done to what, in words; earlier versions did not write this and the next five members.
        reason: why.
        subject: what identifies it beside the resource, such as the principal.
        changes: what becomes of the resource.
        at: when it was done; null while it is planned, or was left out.
        allowed_by: of a skipped one, the key of the configuration that would allow it; else empty.
        status: what became of it.
        detail: of a skipped one ``cap``, ``opt-in``, ``mode``, ``no-ledger`` or ``not-shown``, or of a plan that is
            applied ``changed``, ``gone`` or ``unread``; of another, how it went.
    """

    automation: str
    account: str
    region: str
    action: str
    resource: str
    rule: str
    summary: NotRequired[str]
    reason: NotRequired[str]
    subject: NotRequired[Mapping[str, object]]
    changes: NotRequired[Iterable[ChangeMembers]]
    at: NotRequired[MomentOrNull]
    allowed_by: NotRequired[str]
    status: ActionWord
    detail: str


class AccountRow(TypedDict):
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


class MuteRow(TypedDict):
    """Findings of which nobody wants an alert: the configuration says so, or a person in the ledger.

    Attributes:
        resource: ARN, or a glob of it; ``*`` or absent for any.
        check: the check, or a glob of it; ``*`` or absent for any.
        account: 12 digits, or a glob of them; ``*`` or absent for any.
        reason: why.
        owner: who answers for it.
        expires: a date counts to its end in UTC; a moment without a zone is in UTC.
        mute_id: of one of the ledger, which ends it; absent for one of the configuration.
    """

    resource: NotRequired[str]
    check: NotRequired[str]
    account: NotRequired[str]
    reason: str
    owner: str
    expires: DateOrMoment
    mute_id: NotRequired[str]


class LedgerMuteRow(TypedDict):
    """A mute of the ledger, as a history tells of it.

    Attributes:
        mute_id: tells it from every other one.
        resource: glob over the ARN; ``*`` for any, as in the next two.
        check: glob over the check.
        account: glob over the account's 12 digits.
        reason: why.
        owner: who answers for it.
        expires: when it ends by itself.
        created_at: when it began.
        created_by: who made it.
        ended_at: when somebody ended it; null where nobody did.
        ended_by: who did.
    """

    mute_id: str
    resource: str
    check: str
    account: str
    reason: str
    owner: str
    expires: DateOrMoment
    created_at: Moment
    created_by: str
    ended_at: MomentOrNull
    ended_by: str


class HistoryRow(TypedDict):
    """Something that the ledger says to have happened; one of the last three members says to what.

    Attributes:
        at: when.
        event: a finding was OPENED, RESOLVED, or LAPSED: a deadline passed, and it got worse. An action was DONE, or
            FAILED. What a mute covers was MUTED, and is UNMUTED.
        finding: as it was last known.
        action: with the rule that allowed it, and what became of what.
        mute: of the ledger.
    """

    at: Moment
    event: EventWord
    finding: NotRequired[FindingRow]
    action: NotRequired[ActionRow]
    mute: NotRequired[LedgerMuteRow]


class PeriodMembers(TypedDict):
    """The period that a history covers.

    Attributes:
        since: empty where it is all that the ledger still has.
        until: its last second.
    """

    since: MomentOrNothing
    until: Moment


class PreviousRun(TypedDict):
    """The run that this one is compared with: in the cloud the last one with a report, on a laptop the one given.

    Attributes:
        id: of that run.
        finished_at: when it ended.
    """

    id: str
    finished_at: Moment


class Trend(TypedDict):
    """What the previous run found, and what changed since; muted findings do not count.

    Only targets that both runs swept count: what left the scope has not ended.

    Attributes:
        previous_run: the run that this one is compared with.
        non_compliant: how many findings of the previous run were NON_COMPLIANT.
        insufficient_data: how many were INSUFFICIENT_DATA.
        new: how many findings of this run the previous one did not have, by ``finding_id``.
        resolved: how many findings of the previous run have ended; what this one could not read has not.
        new_findings: the ids of the new ones; ``plan`` and ``apply`` with ``--since`` write this and the next member.
        ended_findings: those that have ended, as the previous run wrote them, but for ``status``, which is RESOLVED or
            LAPSED where the ledger tells how it ended, else ENDED, and ``resolution``.
    """

    previous_run: PreviousRun
    non_compliant: int
    insufficient_data: int
    new: int
    resolved: int
    new_findings: NotRequired[Iterable[FindingId]]
    ended_findings: NotRequired[Iterable[FindingRow]]


class Result(TypedDict):
    """The result of a run.

    Attributes:
        run: which run it was.
        coverage: one row for each account, Region and automation in scope.
        findings: what does not comply, and what could not be read.
        actions: the changes.
        accounts: those in scope, and those that have left it.
        mutes: the configuration's, expired ones too, and those of the ledger that last.
        trend: against the previous run, where there is one.
        period: which the history covers; a report of the hub has it, and what ``history`` prints.
        history: what the ledger says to have happened in that period, in the order of time.
    """

    run: RunHeader
    coverage: Iterable[CoverageRow]
    findings: Iterable[FindingRow]
    actions: Iterable[ActionRow]
    accounts: NotRequired[Iterable[AccountRow]]
    mutes: NotRequired[Iterable[MuteRow]]
    trend: NotRequired[Trend]
    period: NotRequired[PeriodMembers]
    history: NotRequired[Iterable[HistoryRow]]


def next_step_of(finding: FindingRow) -> str:
    """Return what a person does about a finding; results of earlier versions do not say it."""
    return finding["remediation"]["text"] if finding.get("remediation") else ""

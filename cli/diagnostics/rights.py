"""Whether each automation may read where it looks: its own first call is made, and not a second."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row, State, missing, ok, unreadable
from cli.diagnostics.first_reads import FirstRead, first_read, targets_of
from cli.diagnostics.names import SERVICE_CONTROL_POLICIES
from cli.diagnostics.refusals import SERVICE_CONTROL_POLICY, cause, exception_for, refusal_of, statement
from functions.shared.aws.calls import CallError

_READS_AT_ONCE = 8
_DEPLOY_ROLE = "make synth, then deploy cdk.out/templates/watchkeeper-spoke-role.template.json again in account"


def read_rows(reads: Sequence[FirstRead], *, is_spoke: bool) -> Iterator[Row]:
    """Judge the first reads of one automation in one account: a row for all that answered, and one for each cause."""
    answered = [read.region for read in reads if read.error is None]
    if answered:
        yield ok(_subject(reads[0]), f"{reads[0].action or 'nothing'} was answered in {', '.join(answered)}")
    failed = sorted((read for read in reads if read.error is not None), key=_why)
    for _, alike in groupby(failed, key=_why):
        yield _failed_row(list(alike), is_spoke=is_spoke)


def _failed_row(reads: Sequence[FirstRead], *, is_spoke: bool) -> Row:
    """Judge reads that failed alike."""
    read, error = reads[0], reads[0].error
    assert error is not None  # noqa: S101  # for mypy
    subject = f"{_subject(read)} {', '.join(each.region for each in reads)}"
    refusal = refusal_of(error)
    if refusal is None:
        return unreadable(subject, cause(error), "Try again; if it stays so: is the service there in that Region?")
    if refusal.policy == SERVICE_CONTROL_POLICY:
        mend = exception_for(refusal.action or read.action, read.account)
        return Row(subject, State.MISSING, cause(error), mend, SERVICE_CONTROL_POLICIES)
    if is_spoke:
        mend = f"{_DEPLOY_ROLE} {read.account}; it has to hold: {statement(read.action)}"
        return missing(subject, f"the spoke role may not: {cause(error)}", mend)
    mend = f"Add to the policies of these credentials: {statement(read.action)}"
    return unreadable(subject, f"these credentials may not, whatever the functions may: {cause(error)}", mend)


def examine(patient: Patient) -> Iterator[Row]:
    """Let every automation ask its first question in every account and Region."""
    for account in patient.accounts:
        try:
            patient.enter(account)
        except CallError as error:
            yield unreadable(account, cause(error), "See spoke-roles.")
            continue
        asked = [each for automation in patient.automations for each in targets_of(patient, automation, account)]
        with ThreadPoolExecutor(_READS_AT_ONCE) as pool:
            reads = list(pool.map(lambda each: first_read(patient, *each), asked))
        for _, of_one in groupby(reads, key=lambda read: read.automation):
            yield from read_rows(list(of_one), is_spoke=account != patient.account)


def _subject(read: FirstRead) -> str:
    return f"{read.automation} in {read.account}"


def _why(read: FirstRead) -> str:
    return read.error.code if read.error else ""

"""Whether each automation may read its targets: its own first call is made, and no second."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from cli.diagnostics.access_denied import SERVICE_CONTROL_POLICY, cause, denial_of, exception_for, statement
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import SERVICE_CONTROL_POLICIES, Diagnosis, DiagnosisState, missing, ok, unreadable
from cli.diagnostics.first_reads import FirstRead, first_read, targets_of
from functions.shared.aws.calls import CallError

_READS_AT_ONCE = 8
_GLOBAL = "global"
_DEPLOY_ROLE = "make synth, then deploy cdk.out/templates/watchkeeper-spoke-role.template.json again in account"


def judge_reads(reads: Sequence[FirstRead], *, is_spoke: bool) -> Iterator[Diagnosis]:
    """Judge the first reads of one automation in one account: once for all that succeeded, and once for each cause."""
    answered = [read for read in reads if read.error is None]
    if answered:
        where = _regions(answered)
        yield ok(_subject(reads[0]), f"{reads[0].action or 'nothing'} was answered{f' in {where}' if where else ''}")
    failed = sorted((read for read in reads if read.error is not None), key=_why)
    for _, alike in groupby(failed, key=_why):
        yield _judge_failed(list(alike), is_spoke=is_spoke)


def _judge_failed(reads: Sequence[FirstRead], *, is_spoke: bool) -> Diagnosis:
    """Judge reads that failed for one reason."""
    read, error = reads[0], reads[0].error
    assert error is not None  # noqa: S101  # for mypy
    subject = f"{_subject(read)} {_regions(reads)}".rstrip()
    denial = denial_of(error)
    if denial is None:
        return unreadable(
            subject, cause(error), "Try again; if it stays so, check that AWS offers the service in that Region."
        )
    if denial.policy == SERVICE_CONTROL_POLICY:
        fix = exception_for(denial.action or read.action, read.account)
        return Diagnosis(subject, DiagnosisState.MISSING, cause(error), fix, SERVICE_CONTROL_POLICIES)
    if is_spoke:
        fix = f"{_DEPLOY_ROLE} {read.account}; it has to contain: {statement(read.action)}"
        return missing(subject, f"the spoke role has no such right: {cause(error)}", fix)
    fix = f"Add to the policies of these credentials: {statement(read.action)}"
    return unreadable(subject, f"these credentials have no such right; the functions may have it: {cause(error)}", fix)


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Let every automation make its first call in every account and Region."""
    for account in context.accounts:
        try:
            context.enter(account)
        except CallError as error:
            yield unreadable(account, cause(error), "See spoke-roles.")
            continue
        asked = [each for automation in context.automations for each in targets_of(context, automation, account)]
        with ThreadPoolExecutor(_READS_AT_ONCE) as pool:
            reads = list(pool.map(lambda each: first_read(context, *each), asked))
        for _, of_one in groupby(reads, key=lambda read: read.automation):
            yield from judge_reads(list(of_one), is_spoke=account != context.account)


def _subject(read: FirstRead) -> str:
    return f"{read.automation} in {read.account}"


def _regions(reads: Sequence[FirstRead]) -> str:
    """Name the Regions; none for what an account has once, wherever it is asked."""
    return ", ".join(read.region for read in reads if read.region != _GLOBAL)


def _why(read: FirstRead) -> str:
    return read.error.code if read.error else ""

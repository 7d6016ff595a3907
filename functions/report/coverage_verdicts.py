"""What the coverage of a target says beside its findings: what complies, what does not apply, what nobody looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

from functions.report.result import CoverageRow
from functions.report.verdict import READ
from functions.shared.finding import Compliance


@dataclass(frozen=True, slots=True)
class CoverageVerdict:
    """One verdict on a number of things in a target.

    Attributes:
        compliance: COMPLIANT, NOT_APPLICABLE or INSUFFICIENT_DATA; what is NON_COMPLIANT is a finding.
        count: on how many things; the counts of a result add up to those of its coverage.
        reason: in a sentence.
    """

    compliance: Compliance
    count: int
    reason: str


def verdicts(row: CoverageRow) -> Iterator[CoverageVerdict]:
    """Yield the verdicts on a target that no finding tells."""
    compliant, unjudged, detail = row["compliant"], row["not_applicable"], row["detail"]
    is_read = row["status"] in READ
    if compliant:
        rest = "" if is_read else f"; not all could be read: {detail}"
        yield CoverageVerdict(Compliance.COMPLIANT, compliant, f"{_things(compliant)} compl{_ies(compliant)}{rest}")
    if unjudged:
        text = f"{_things(unjudged)} {'was' if unjudged == 1 else 'were'} not judged"
        yield CoverageVerdict(Compliance.NOT_APPLICABLE, unjudged, f"{text}: {detail}" if detail else text)
    found = row["non_compliant"] + row["insufficient_data"]
    if not is_read and not row["insufficient_data"]:
        yield CoverageVerdict(Compliance.INSUFFICIENT_DATA, 0, detail)
    elif not compliant and not unjudged and not found:
        yield CoverageVerdict(Compliance.NOT_APPLICABLE, 0, detail or "there was nothing to judge")


def _things(count: int) -> str:
    return f"{count:,} {'thing' if count == 1 else 'things'}"


def _ies(count: int) -> str:
    return "ies" if count == 1 else "y"

"""The records that multi-party approval writes when a session ends, for the owner of the team."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from emulator.mpa.models import HOME_REGION, mpa_backends
from emulator.mpa.sessions import ApprovalSession, SessionEnd
from emulator.wire.events import event_at, publish
from emulator.wire.identity import Location
from emulator.wire.times import iso_seconds

_SERVICE = "mpa.amazonaws.com"


def tell(session: ApprovalSession) -> None:
    """Emit the record of a session that has just ended; do nothing if it has not.

    The record of a session that the team rejected has the name of one that it approved.

    Source: https://docs.aws.amazon.com/mpa/latest/userguide/logging-using-cloudtrail.html
    """
    end = session.end(datetime.now(UTC))
    if end is None:
        return
    owner = session.arn.split(":")[4]
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {"accountId": owner, "invokedBy": _SERVICE},
        "eventTime": iso_seconds(end.at),
        "eventSource": _SERVICE,
        "eventName": "SessionExpiration" if end.code == "EXPIRED" else "SessionApproved",
        "awsRegion": HOME_REGION,
        "sourceIPAddress": _SERVICE,
        "userAgent": _SERVICE,
        "requestParameters": None,
        "responseElements": None,
        "eventID": str(uuid4()),
        "readOnly": False,
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": owner,
        "serviceEventDetails": _details(session, end),
        "eventCategory": "Management",
    }
    publish(event_at(Location(owner, HOME_REGION), "aws.mpa", "AWS Service Event via CloudTrail", detail))


def _details(session: ApprovalSession, end: SessionEnd) -> dict[str, str]:
    code = {"sessionStatusCode": end.code} if end.code else {}
    return {"sessionArn": session.arn, "sessionStatus": end.status, **code}


@dataclass(frozen=True, slots=True)
class _Expiry:
    """Tells when a session has expired."""

    session: ApprovalSession

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.session.arn

    def next_after(self, moment: datetime) -> datetime | None:
        """Return when it expires; None if it has ended by then."""
        at = self.session.expires_at
        end = self.session.end(at)
        return at if at > moment and end and end.code == "EXPIRED" else None

    def fire(self, _: datetime) -> None:
        """Emit its record."""
        tell(self.session)


def expiries() -> Iterator[_Expiry]:
    """Yield a timer for each session."""
    for regions in mpa_backends.values():
        for backend in regions.values():
            yield from map(_Expiry, backend.sessions.values())

"""The operations of multi-party approval: only GetSession; the others are refused."""

import json
import re
from datetime import UTC, datetime

from emulator.mpa.models import find_session
from emulator.wire.errors import ServiceError
from emulator.wire.responses import ServiceResponse

_SESSION = re.compile(r"arn:aws(-[^:]+)?:mpa:[a-z0-9-]{1,20}:[0-9]{12}:session/[a-zA-Z0-9._-]+/[a-zA-Z0-9_-]+")


class MpaResponse(ServiceResponse):
    """Answers MPA's requests."""

    service = "mpa"

    def get_session(self) -> str:
        """Answer GetSession, to the team's owner and to accounts with which the team is shared.

        Raises:
            ServiceError: it is not the ARN of a session, or the caller may not see the session.
        """
        arn = self.params["SessionArn"]
        if not _SESSION.fullmatch(arn):
            raise ServiceError("ValidationException", f"{arn} is not the ARN of a session.")
        session = find_session(arn)
        if session is None or not session.team.may_be_seen_by(self.current_account):
            caller = f"arn:aws:iam::{self.current_account}:root"
            raise ServiceError(
                "AccessDeniedException", f"User: {caller} is not authorized to perform: mpa:GetSession on {arn}"
            )
        return json.dumps(session.describe(datetime.now(UTC)))

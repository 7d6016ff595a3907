"""The multi-party approval of one account, in the only Region that has it."""

from datetime import UTC, datetime
from uuid import uuid4

from moto.core.base_backend import BackendDict, BaseBackend

from emulator.mpa.sessions import ApprovalSession, Team

HOME_REGION = "us-east-1"
"""The only Region of the service.

Source: https://docs.aws.amazon.com/general/latest/gr/mpa.html
"""


class MpaBackend(BaseBackend):
    """The teams and sessions of one account.

    Attributes:
        teams: of the account, by ARN.
        sessions: of its teams, by ARN.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin without teams."""
        super().__init__(region_name, account_id)
        self.teams: dict[str, Team] = {}
        self.sessions: dict[str, ApprovalSession] = {}

    def begin(self, team: Team, action: str, protected_arn: str, requester: str, region: str) -> ApprovalSession:
        """Start a session of *team* now."""
        prefix = team.arn.replace(":approval-team/", ":session/")
        now = datetime.now(UTC)
        session = ApprovalSession(f"{prefix}/{uuid4()}", team, action, protected_arn, requester, region, now)
        self.sessions[session.arn] = session
        return session


mpa_backends: BackendDict[MpaBackend] = BackendDict(
    MpaBackend, "mpa", use_boto3_regions=False, additional_regions=[HOME_REGION]
)


def backend_of(arn: str) -> MpaBackend:
    """Return the backend of the account in the ARN of a team or session."""
    return mpa_backends[arn.split(":")[4]][HOME_REGION]


def find_team(arn: str) -> Team | None:
    """Return the team of this ARN, of any account; None if it does not exist."""
    return backend_of(arn).teams.get(arn) if arn.count(":") == 5 and ":mpa:" in arn else None  # noqa: PLR2004  # an ARN


def find_session(arn: str) -> ApprovalSession | None:
    """Return the session of this ARN, of any account; None if it does not exist."""
    return backend_of(arn).sessions.get(arn)

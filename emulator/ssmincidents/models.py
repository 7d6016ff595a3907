"""The Incident Manager of one account, in all Regions together."""

from datetime import UTC, datetime
from uuid import uuid4

from moto.core.base_backend import BackendDict, BaseBackend

from emulator.ssmincidents.sets import ReplicationSet
from emulator.wire.errors import ServiceError
from emulator.wire.pages import PageSettings

GLOBAL = "aws"
"""The Region of the backend of an account: moto keeps global resources by partition."""


class IncidentsBackend(BaseBackend):
    """The replication sets of one account.

    Attributes:
        sets: by ARN; AWS allows one.
        by_token: the ARN that each client token led to.
        settings: of its listing.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin with none."""
        super().__init__(region_name, account_id)
        self.sets: dict[str, ReplicationSet] = {}
        self.by_token: dict[str, str] = {}
        self.settings = PageSettings()

    def create(self, caller: str) -> ReplicationSet:
        """Create a set without Regions.

        Raises:
            ServiceQuotaExceededException: the account has one.
        """
        now = datetime.now(UTC)
        if self.present(now):
            raise ServiceError("ServiceQuotaExceededException", "The account has a replication set already.")
        arn = f"arn:{self.partition}:ssm-incidents::{self.account_id}:replication-set/{uuid4()}"
        self.sets[arn] = ReplicationSet(arn, caller, now, caller, now)
        return self.sets[arn]

    def present(self, now: datetime) -> list[str]:
        """Return the ARNs of the existing sets."""
        return [arn for arn, found in self.sets.items() if not found.is_gone(now)]

    def find(self, arn: str, asked_in: str) -> ReplicationSet:
        """Return a set if it contains the Region of the call.

        Raises:
            ResourceNotFoundException: it does not, or does not exist.
        """
        now, found = datetime.now(UTC), self.sets.get(arn)
        if found is None or asked_in not in found.regions(now):
            raise ServiceError("ResourceNotFoundException", f"The replication set {arn} was not found.")
        return found


ssmincidents_backends = BackendDict(
    IncidentsBackend, "ssm-incidents", use_boto3_regions=False, additional_regions=[GLOBAL]
)

"""The statuses of replication sets and of their Regions, and the Regions of Incident Manager."""

from enum import StrEnum

REGIONS = frozenset(
    {
        *("ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1"),
        *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"),
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    }
)
"""The Regions of Incident Manager.

Source: https://docs.aws.amazon.com/general/latest/gr/incident-manager.html
"""

MOST_REGIONS = 3


class RegionStatus(StrEnum):
    """The status of a Region."""

    ACTIVE = "ACTIVE"
    CREATING = "CREATING"
    DELETING = "DELETING"
    FAILED = "FAILED"


class SetStatus(StrEnum):
    """The status of a set."""

    ACTIVE = "ACTIVE"
    CREATING = "CREATING"
    DELETING = "DELETING"
    FAILED = "FAILED"
    UPDATING = "UPDATING"

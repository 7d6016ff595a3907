"""The day of the replication set: one Region of it fails, and is repaired."""

from collections.abc import Iterator
from datetime import timedelta

from cli.demo.scene import ACCOUNT, Expectation, Scene
from cli.demo.world import World
from emulator.ssmincidents import faults
from emulator.ssmincidents.seeding import stand_up

_REGION = "eu-west-1"
_MESSAGE = "the KMS key is disabled"


def scenes(world: World) -> Iterator[Scene]:
    """Tell the story."""
    yield Scene(
        timedelta(),
        f"Incident Manager has a replication set in us-east-1 and {_REGION}",
        lambda _: stand_up(ACCOUNT, ["us-east-1", _REGION]),
    )
    yield Scene(
        timedelta(hours=1, minutes=30),
        f"Region {_REGION} of the replication set fails; the set itself stays ACTIVE",
        lambda _: faults.set_region_status(_arn(world), _REGION, "FAILED", _MESSAGE),
    )
    yield Scene(
        timedelta(hours=6),
        f"a person enables the KMS key; Region {_REGION} is ACTIVE again",
        lambda _: faults.set_region_status(_arn(world), _REGION, "ACTIVE"),
    )


def expectations(world: World) -> Iterator[Expectation]:
    """Count, in the emulated AWS and in the ledger, what became of it."""
    found = world.call("ssm-incidents", "us-east-1", "GetReplicationSet", arn=_arn(world))["replicationSet"]
    active = sum(region["status"] == "ACTIVE" for region in found["regionMap"].values())
    yield Expectation("Regions of the replication set are ACTIVE at the end", active, 2)
    yield Expectation("alert for the Region that failed, in all its hours", world.mails("region-failed", "alert"), 1)
    yield Expectation("notice that it is well again", world.mails("region-failed", "ended"), 1)


def _arn(world: World) -> str:
    (arn,) = world.call("ssm-incidents", "us-east-1", "ListReplicationSets")["replicationSetArns"]
    return str(arn)

"""The scenario of the replication set: one of its Regions fails, and is repaired."""

from collections.abc import Iterator
from datetime import timedelta

from cli.demo.account import EmulatedAccount
from cli.demo.scenario import ACCOUNT, Expectation, ScenarioStep
from emulator.ssmincidents import faults
from emulator.ssmincidents.seeding import stand_up

_REGION = "eu-west-1"
_MESSAGE = "the KMS key is disabled"


def steps(account: EmulatedAccount) -> Iterator[ScenarioStep]:
    """Yield what happens."""
    yield ScenarioStep(
        timedelta(),
        f"Incident Manager has a replication set in us-east-1 and {_REGION}",
        lambda _: stand_up(ACCOUNT, ["us-east-1", _REGION]),
    )
    yield ScenarioStep(
        timedelta(hours=1, minutes=30),
        f"Region {_REGION} of the replication set fails; the set itself stays ACTIVE",
        lambda _: faults.set_region_status(_arn(account), _REGION, "FAILED", _MESSAGE),
    )
    yield ScenarioStep(
        timedelta(hours=6),
        f"a person enables the KMS key; Region {_REGION} is ACTIVE again",
        lambda _: faults.set_region_status(_arn(account), _REGION, "ACTIVE"),
    )


def expectations(account: EmulatedAccount) -> Iterator[Expectation]:
    """Count the results in the emulated AWS and in the ledger."""
    found = account.call("ssm-incidents", "us-east-1", "GetReplicationSet", arn=_arn(account))["replicationSet"]
    active = sum(region["status"] == "ACTIVE" for region in found["regionMap"].values())
    yield Expectation("Regions of the replication set are ACTIVE at the end", active, 2)
    yield Expectation(
        "alert for the Region that failed, in the whole day", account.notifications("region-failed", "alert"), 1
    )
    yield Expectation("notice that it has recovered", account.notifications("region-failed", "ended"), 1)


def _arn(account: EmulatedAccount) -> str:
    (arn,) = account.call("ssm-incidents", "us-east-1", "ListReplicationSets")["replicationSetArns"]
    return str(arn)

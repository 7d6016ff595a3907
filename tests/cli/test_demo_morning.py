"""The demo's day is the same one, whatever the hour at which its hub was deployed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.demo import morning
from cli.demo.world import World
from cli.emulated_hub import EmulatedHub
from emulator.aws import Emulator
from tests.conftest import REGION, US, clients_of

ROLE = f"arn:aws:iam::{US}:role/watchkeeper"
TARGET = {"RoleArn": ROLE, "RetryPolicy": {"MaximumRetryAttempts": 3}}
RATES = {"daily": "rate(1 day)", "half-daily": "rate(12 hours)", "report": "cron(0 5 * * ? *)"}


def firings(deployed_at: datetime) -> list[tuple[str, timedelta]]:
    """Return what fires in the 26 hours after the story's beginning, and how long after it."""
    seen: list[tuple[str, timedelta]] = []
    scheduler = clients_of().calls("scheduler", REGION)
    with Emulator(now=deployed_at) as aws:

        def handle(event: Any, _: Any) -> None:
            seen.append((event, aws.clock.now() - begins_at))

        function = aws.functions.register("sweep", handle, account=US, region=REGION)
        for name, expression in RATES.items():
            target = {**TARGET, "Arn": function, "Input": f'"{name}"'}
            window = {"Mode": "OFF"}
            scheduler(
                "CreateSchedule", Name=name, ScheduleExpression=expression, FlexibleTimeWindow=window, Target=target
            )
        morning.come(World(aws, EmulatedHub(US, REGION, "", "", "")))
        begins_at = aws.clock.now()
        assert begins_at.timetz() == morning.HOUR
        assert timedelta() < begins_at - deployed_at <= timedelta(days=1, hours=8, minutes=50)
        aws.advance(timedelta(hours=26))
        target = scheduler("GetSchedule", Name="daily")["Target"]
        assert target == {**TARGET, "Arn": function, "Input": '"daily"'}
    return seen


@pytest.mark.parametrize("hour", [0, 8, 9, 10, 15, 23])
def test_schedules_fire_at_the_same_moments_of_the_story(hour: int) -> None:
    assert firings(datetime(2026, 11, 20, hour, 22, 7, tzinfo=UTC)) == [
        ("half-daily", timedelta(hours=12)),
        ("report", timedelta(hours=20, minutes=10)),
        ("daily", timedelta(hours=24)),
        ("half-daily", timedelta(hours=24)),
    ]

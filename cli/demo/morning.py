"""When the day begins: at one and the same hour, whatever the hour at which its hub was deployed."""

from datetime import UTC, datetime, time, timedelta

from cli.demo.world import World

HOUR = time(8, 50, tzinfo=UTC)
"""At which the story begins."""

_TOLD_ALONE = frozenset({"Arn", "CreationDate", "LastModificationDate", "ResponseMetadata"})
"""What EventBridge Scheduler tells of a schedule, and does not take."""


def come(world: World) -> None:
    """Move the clock to the next morning, and let the hub's schedules count from there.

    Left alone they count from their deployment, and a sweep would fall before, between or after the scenes by the hour
    at which somebody starts the demo. Until that morning none of them fires.
    """
    now = world.aws.clock.now()
    begins_at = datetime.combine(now.date() + timedelta(days=1), HOUR)
    for found in world.call("scheduler", world.hub.region, "ListSchedules")["Schedules"]:
        named = {"Name": found["Name"], "GroupName": found["GroupName"]}
        told = world.call("scheduler", world.hub.region, "GetSchedule", **named)
        taken = {name: value for name, value in told.items() if name not in _TOLD_ALONE}
        world.call("scheduler", world.hub.region, "UpdateSchedule", **{**taken, "StartDate": begins_at})
    world.aws.clock.move_to(begins_at)

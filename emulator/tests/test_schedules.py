"""What fires by itself, when its time comes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from emulator.aws import Emulator
from emulator.eventbridge.expressions import ScheduleExpressionError, parse

from .conftest import ACCOUNT, NOW, REGION, Client


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "after", "due"),
    [
        ("rate(1 minute)", "2026-11-20T09:00", "2026-11-20T09:01"),
        ("rate(5 minutes)", "2026-11-20T09:04", "2026-11-20T09:05"),
        ("rate(1 hour)", "2026-11-20T11:30", "2026-11-20T12:00"),
        ("rate(2 days)", "2026-11-20T09:00", "2026-11-22T09:00"),
        ("cron(0 12 * * ? *)", "2026-11-20T09:00", "2026-11-20T12:00"),
        ("cron(0 12 * * ? *)", "2026-11-20T12:00", "2026-11-21T12:00"),
        ("cron(0/15 * * * ? *)", "2026-11-20T09:05", "2026-11-20T09:15"),
        ("cron(10,50 8-9 * * ? *)", "2026-11-20T09:10", "2026-11-20T09:50"),
        ("cron(0 8 1 * ? *)", "2026-11-20T09:00", "2026-12-01T08:00"),
        ("cron(0 18 ? * MON-FRI *)", "2026-11-20T18:00", "2026-11-23T18:00"),
        ("cron(0 8 ? * 2#1 *)", "2026-11-20T09:00", "2026-12-07T08:00"),
        ("cron(0 8 ? * 6L *)", "2026-11-20T09:00", "2026-11-27T08:00"),
        ("cron(0 8 L * ? *)", "2026-11-20T09:00", "2026-11-30T08:00"),
        ("cron(0 8 15W * ? *)", "2026-11-20T09:00", "2026-12-15T08:00"),
        ("cron(0 8 29W * ? *)", "2026-11-20T09:00", "2026-11-30T08:00"),
        ("cron(0 8 1W AUG ? *)", "2026-11-20T09:00", "2027-08-02T08:00"),
        ("cron(0 8 29 2 ? *)", "2026-11-20T09:00", "2028-02-29T08:00"),
        ("cron(0 8 1 1 ? 2030)", "2026-11-20T09:00", "2030-01-01T08:00"),
        ("at(2026-11-21T10:30:00)", "2026-11-20T09:00", "2026-11-21T10:30"),
    ],
)
def test_an_expression_is_due_when_aws_says(expression: str, after: str, due: str) -> None:
    assert parse(expression, NOW).next_after(at(after)) == at(due)


@pytest.mark.parametrize("expression", ["at(2026-11-20T09:00:00)", "cron(0 8 1 1 ? 2020)", "cron(0 8 31 2 ? *)"])
def test_some_expressions_are_never_due_again(expression: str) -> None:
    assert parse(expression, NOW).next_after(NOW) is None


@pytest.mark.parametrize(
    "expression",
    [
        "rate(0 minutes)",
        "rate(1 week)",
        "cron(0 12 * * *)",
        "cron(0 12 * * * *)",
        "cron(61 1 * * ? *)",
        "at(then)",
        "x",
    ],
)
def test_what_aws_would_not_take_is_refused(expression: str) -> None:
    with pytest.raises(ScheduleExpressionError):
        parse(expression, NOW)


def test_cron_follows_its_time_zone_over_the_change_of_clocks() -> None:
    daily = parse("cron(30 2 * * ? *)", NOW, ZoneInfo("Europe/Berlin"))
    assert daily.next_after(at("2027-03-26T12:00")) == at("2027-03-27T01:30")
    assert daily.next_after(at("2027-03-27T12:00")) == at("2027-03-29T00:30")  # 28 March has no half past two


CLOCKWORK = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:clockwork"


@pytest.fixture
def seen(aws: Emulator) -> list[Any]:
    """The moments and events at which the function ``clockwork`` was invoked."""
    noted: list[Any] = []

    def note(event: Any, context: Any) -> None:
        del context
        noted.append((datetime.now(UTC), event))

    aws.functions.register("clockwork", note, account=ACCOUNT, region=REGION)
    return noted


def rule(client: Client, arn: str, expression: str, name: str = "clockwork", **target: Any) -> None:
    client("events").put_rule(Name=name, ScheduleExpression=expression)
    client("events").put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn, **target}])


def schedule(client: Client, arn: str, expression: str, **settings: Any) -> None:
    target = {"Arn": arn, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler"} | settings.pop("Target", {})
    client("scheduler").create_schedule(
        Name="clockwork",
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
        **settings,
    )


def test_a_scheduled_rule_fires_at_its_moments_while_time_passes(
    aws: Emulator, client: Client, seen: list[Any]
) -> None:
    rule(client, CLOCKWORK, "rate(1 hour)")
    aws.advance(timedelta(hours=3, minutes=30))
    assert [moment for moment, _ in seen] == [NOW + timedelta(hours=hour) for hour in (0, 1, 2, 3)]
    event = seen[1][1]
    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.events", "Scheduled Event", {})
    assert event["resources"] == [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/clockwork"]
    assert event["time"] == "2026-11-20T10:00:00Z"
    aws.advance(timedelta(minutes=29, seconds=59))
    assert len(seen) == 4
    aws.advance(timedelta(seconds=1))
    assert len(seen) == 5


def test_schedules_fire_in_the_order_of_time_and_with_their_own_input(
    aws: Emulator, client: Client, seen: list[Any]
) -> None:
    rule(client, CLOCKWORK, "rate(2 minutes)", "two", Input='"two"')
    rule(client, CLOCKWORK, "rate(3 minutes)", "three", Input='"three"')
    aws.advance(timedelta(minutes=6))
    assert [event for _, event in seen] == ["three", "two", "two", "three", "two", "three", "two"]


def test_a_rule_that_is_disabled_does_not_fire(aws: Emulator, client: Client, seen: list[Any]) -> None:
    rule(client, CLOCKWORK, "rate(1 minute)")
    client("events").disable_rule(Name="clockwork")
    aws.advance(timedelta(minutes=5))
    assert seen == []
    client("events").enable_rule(Name="clockwork")
    aws.advance(timedelta(minutes=2))
    assert [moment for moment, _ in seen] == [NOW + timedelta(minutes=minute) for minute in (5, 6, 7)]


def test_a_rule_that_is_put_again_keeps_its_rhythm(aws: Emulator, client: Client, seen: list[Any]) -> None:
    rule(client, CLOCKWORK, "rate(1 hour)")
    aws.advance(timedelta(minutes=30))
    client("events").put_rule(Name="clockwork", ScheduleExpression="rate(1 hour)", Description="the same")
    aws.advance(timedelta(hours=1))
    assert [moment for moment, _ in seen] == [NOW, NOW + timedelta(hours=1)]


def test_a_target_that_comes_after_the_first_time_of_a_rate_waits_for_the_next(
    aws: Emulator, client: Client, seen: list[Any]
) -> None:
    client("events").put_rule(Name="clockwork", ScheduleExpression="rate(1 hour)")
    aws.advance(timedelta(minutes=30))
    client("events").put_targets(Rule="clockwork", Targets=[{"Id": "1", "Arn": CLOCKWORK}])
    aws.advance(timedelta(hours=1))
    assert [moment for moment, _ in seen] == [NOW + timedelta(hours=1)]


def test_a_rate_of_the_scheduler_fires_at_once_or_at_its_start(aws: Emulator, client: Client, seen: list[Any]) -> None:
    schedule(client, CLOCKWORK, "rate(2 hours)")
    aws.settle()
    assert [moment for moment, _ in seen] == [NOW]
    client("scheduler").delete_schedule(Name="clockwork")
    start = NOW + timedelta(minutes=10)
    schedule(client, CLOCKWORK, "rate(2 hours)", StartDate=start)
    aws.advance(timedelta(hours=3))
    assert [moment for moment, _ in seen] == [NOW, start, start + timedelta(hours=2)]


def test_a_jump_of_the_clock_fires_nothing(aws: Emulator, client: Client, seen: list[Any]) -> None:
    rule(client, CLOCKWORK, "rate(1 hour)")
    aws.clock.move_to(NOW + timedelta(days=1, minutes=30))
    aws.settle()
    assert seen == []
    aws.advance(timedelta(hours=1))
    assert [moment for moment, _ in seen] == [NOW + timedelta(days=1, hours=1)]


def test_a_schedule_of_the_scheduler_fires(aws: Emulator, client: Client, seen: list[Any]) -> None:
    text = json.dumps({"at": "<aws.scheduler.scheduled-time>"})
    schedule(
        client, CLOCKWORK, "cron(0 10 * * ? *)",
        ScheduleExpressionTimezone="Europe/Berlin", Target={"Input": text},
    )  # fmt: skip
    aws.advance(timedelta(days=2))
    assert seen == [
        (at("2026-11-21T09:00"), {"at": "2026-11-21T09:00:00Z"}),
        (at("2026-11-22T09:00"), {"at": "2026-11-22T09:00:00Z"}),
    ]


def test_a_schedule_that_is_disabled_or_over_does_not_fire(aws: Emulator, client: Client, seen: list[Any]) -> None:
    schedule(client, CLOCKWORK, "rate(1 minute)", State="DISABLED")
    aws.advance(timedelta(minutes=5))
    assert seen == []
    client("scheduler").delete_schedule(Name="clockwork")
    begin, end = NOW + timedelta(minutes=10), NOW + timedelta(minutes=12)
    schedule(client, CLOCKWORK, "rate(1 minute)", StartDate=begin, EndDate=end)
    aws.advance(timedelta(hours=1))
    assert [moment for moment, _ in seen] == [begin, NOW + timedelta(minutes=11), end]


def test_a_schedule_that_fires_once_can_delete_itself(aws: Emulator, client: Client, seen: list[Any]) -> None:
    schedule(client, CLOCKWORK, "at(2026-11-20T10:00:00)", ActionAfterCompletion="DELETE")
    aws.advance(timedelta(days=1))
    assert [event["source"] for _, event in seen] == ["aws.scheduler"]
    assert client("scheduler").list_schedules()["Schedules"] == []


def test_what_fires_is_delivered_before_time_goes_on(aws: Emulator, client: Client) -> None:
    moments: list[str] = []

    def work(event: Any, context: Any) -> None:
        del context
        moments.append(f"{event} {datetime.now(UTC):%H:%M}")
        if event == "tick":
            client("lambda").invoke(FunctionName="clockwork", InvocationType="Event", Payload=b'"tock"')

    arn = aws.functions.register("clockwork", work, account=ACCOUNT, region=REGION)
    rule(client, arn, "rate(1 hour)", Input='"tick"')
    aws.advance(timedelta(hours=2))
    assert moments == [f"{word} {hour}:00" for hour in ("09", "10", "11") for word in ("tick", "tock")]


def test_a_day_of_five_minutes_is_played_whole(aws: Emulator, client: Client, seen: list[Any]) -> None:
    rule(client, CLOCKWORK, "rate(5 minutes)")
    aws.advance(timedelta(days=1))
    assert len(seen) == 1 + 288

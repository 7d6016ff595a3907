"""Time: the process's own clock, moved."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.process.clock import EmulatedClock

from .conftest import NOW, Client


def test_everything_in_the_process_reads_emulated_time(aws: Emulator, client: Client) -> None:
    assert datetime.now(UTC) == aws.clock.now() == NOW
    assert time.time() == NOW.timestamp()
    answer = client("sts").get_caller_identity()
    assert answer["ResponseMetadata"]["HTTPHeaders"]["date"] == "Fri, 20 Nov 2026 09:00:00 GMT"


def test_a_still_clock_moves_only_when_told_to(aws: Emulator) -> None:
    assert aws.clock.now() == aws.clock.now()
    aws.advance(timedelta(hours=3, microseconds=7))
    assert aws.clock.now() == NOW + timedelta(hours=3, microseconds=7)
    aws.clock.move_to(NOW)
    assert aws.clock.now() == NOW


def test_a_wait_is_over_at_once_and_has_passed(aws: Emulator) -> None:
    began = time.monotonic()
    time.sleep(20)
    assert aws.clock.now() == NOW + timedelta(seconds=20)
    assert time.monotonic() - began >= 20


def test_botocore_s_retries_wait_on_the_emulated_clock(aws: Emulator, client: Client) -> None:
    aws.faults.add(Fault("sqs:ListQueues", "unavailable"))
    patient = client("sqs")
    patient.meta.config.retries = {"mode": "standard", "total_max_attempts": 3}
    with pytest.raises(ClientError):
        patient.list_queues()


def test_a_ticking_clock_runs() -> None:
    with Emulator(now=NOW, tick=True) as aws:
        first = aws.clock.now()
        while aws.clock.now() == first:
            pass
        assert NOW <= first < aws.clock.now() < NOW + timedelta(minutes=1)


def test_the_process_gets_its_clock_back() -> None:
    before = datetime.now(UTC)
    with Emulator(now=NOW - timedelta(days=9000)):
        pass
    assert timedelta() <= datetime.now(UTC) - before < timedelta(minutes=1)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        EmulatedClock(datetime(2026, 1, 1))  # noqa: DTZ001  # which is the point


def test_the_clock_cannot_be_moved_outside_the_block() -> None:
    with pytest.raises(RuntimeError):
        EmulatedClock(NOW).move_to(NOW)

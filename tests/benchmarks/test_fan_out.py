"""The double that very many calls are counted at, and what is told from its counts."""

from collections import Counter
from collections.abc import Iterator

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from benchmarks.double import CallCounts, Double, DoubleFaults, served
from benchmarks.fan_out import PlanRun, calls_result, concurrency_result, throttled_result
from benchmarks.serving import KEY
from cli.run.runner import SWEEPS_AT_ONCE


@pytest.fixture(scope="module")
def double() -> Iterator[Double]:
    with served(DoubleFaults(throttled=3)) as double:
        yield double


def test_the_double_says_what_the_emulator_says_and_counts(double: Double) -> None:
    for number in range(1, 6):
        session = Session()
        session.set_credentials(f"{number:012}", KEY)
        once = Config(retries={"total_max_attempts": 1})
        client = session.create_client("cloudhsmv2", region_name="eu-west-1", endpoint_url=double.url, config=once)
        if number == 3:
            with pytest.raises(ClientError, match="ThrottlingException"):
                client.describe_backups()
        else:
            assert client.describe_backups()["Backups"] == []
    counts = double.counts()
    assert counts.calls == {"cloudhsm:DescribeBackups": 5}
    assert (counts.of_callers, counts.in_flight) == ({"1": 5}, [1.0] * 5)


def planned(**changes: object) -> PlanRun:
    counted = {"calls": {"ram:GetResourceShares": 176}, "of_callers": {"87": 2}, "in_flight": [32.0] * 100}
    counts = CallCounts(**(counted | {"connections": 1, "opened": 1} | changes))  # type: ignore[arg-type]
    return PlanRun(counts, peak_kib=1, targets=Counter({"COMPLETE": 140}))


def test_two_accounts_of_seventeen_regions_cost_176_calls() -> None:
    assert calls_result("any", planned(), accounts=2).holds


@pytest.mark.parametrize(
    "changes",
    [{"calls": {"ram:GetResourceShares": 177}}, {"of_callers": {"86": 1, "88": 1}}],
    ids=["more", "elsewhere"],
)
def test_a_call_too_many_or_in_the_wrong_account_does_not_hold(changes: dict[str, object]) -> None:
    assert not calls_result("any", planned(**changes), accounts=2).holds


def test_a_target_without_a_row_does_not_hold() -> None:
    assert throttled_result("any", planned(), accounts=2).holds
    assert not throttled_result("any", planned(), accounts=3).holds


def test_the_width_is_that_of_the_first_nine_tenths() -> None:
    ending = [float(SWEEPS_AT_ONCE)] * 90 + [1.0] * 10
    assert concurrency_result("any", planned(in_flight=ending)).ratio == 1
    assert not concurrency_result("any", planned(in_flight=[20.0] * 100)).holds

"""What the cost model counts, and how it puts a month together."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from benchmarks.cost.assumptions import Assumptions
from benchmarks.cost.counting import QuietUsage, TroubleUsage, quiet, trouble
from benchmarks.cost.ledger_units import read_units, write_units
from benchmarks.cost.month import (
    TRANSITIONS_OF_A_BATCH,
    MonthCounts,
    events,
    findings_and_changes,
    ledger_storage,
    most_accounts,
    sweeps,
)
from benchmarks.cost.prices import PRICES, dollars
from benchmarks.cost.table import money
from benchmarks.cost.usage import Meter, Usage
from benchmarks.errors import CannotMeasureError
from emulator.calls import Call
from functions.catalog import AUTOMATIONS, FUNCTIONS
from functions.compliance_run.step_targets import ACCOUNTS_OF_A_BATCH
from functions.shared.automation import ScheduleTrigger

ASSUMED = Assumptions()
DAYS = 365 / 12
OF_THE_STATE_MACHINE = {Meter.SCHEDULED, Meter.INVOCATIONS, Meter.TRANSITIONS, Meter.OBJECTS_PUT}


@dataclass(frozen=True)
class Counted:
    """What was counted of one, two and three quiet accounts, and of one with trouble."""

    one: QuietUsage
    two: QuietUsage
    three: QuietUsage
    trouble: TroubleUsage

    @property
    def counts(self) -> MonthCounts:
        """As the model takes them; nothing stands in any account."""
        return MonthCounts(self.one, self.three, self.trouble, Usage(), Usage(), Usage(), 90, 400)


@pytest.fixture(scope="module")
def counted() -> Counted:
    """Count once for all tests."""
    return Counted(quiet(1, ASSUMED), quiet(2, ASSUMED), quiet(3, ASSUMED), trouble(ASSUMED))


def image(size: int, **more: str) -> dict[str, dict[str, str]]:
    """An item of so many bytes beside its keys and what else is given."""
    return {"pk": {"S": "a"}, "sk": {"S": "b"}, "t": {"S": "x" * size}, **{name: {"S": v} for name, v in more.items()}}


def call(operation: str, **parameters: Any) -> Call:
    return Call("dynamodb", operation, "123456789012", "us-east-1", parameters)


# What DynamoDB bills


@pytest.mark.parametrize(
    ("answer", "consistent", "units"),
    [
        ({"Items": []}, True, 1),
        ({"Items": []}, False, 0.5),
        ({"Items": [image(4080)]}, True, 1),
        ({"Items": [image(4091)]}, True, 2),
        ({"Item": image(10)}, True, 1),
    ],
)
def test_a_read_is_billed_by_four_kilobytes_and_half_where_it_may_be_stale(
    answer: dict[str, Any], *, consistent: bool, units: float
) -> None:
    assert read_units({"ConsistentRead": consistent}, answer) == units


def test_a_write_is_billed_by_the_kilobyte_of_the_larger_image() -> None:
    assert write_units([({}, image(1000))], [call("PutItem")]) == 1
    assert write_units([(image(1100), image(10))], [call("UpdateItem")]) == 2


def test_a_write_in_a_transaction_is_billed_twice() -> None:
    item = image(10)
    assert write_units([({}, item)], [call("TransactWriteItems", TransactItems=[{"Put": {"Item": item}}])]) == 2


def test_a_write_is_billed_again_for_the_index_and_twice_where_its_place_there_changes() -> None:
    waiting, later = image(10, queue="notify", due_at="1"), image(10, queue="notify", due_at="2")
    assert write_units([({}, waiting)], [call("PutItem")]) == 2
    assert write_units([(waiting, later)], [call("UpdateItem")]) == 3
    assert write_units([(later, image(10))], [call("UpdateItem")]) == 2


def test_a_write_that_left_no_trace_stops_the_count() -> None:
    with pytest.raises(CannotMeasureError, match="2 items were written, and 1 changed"):
        write_units([({}, image(10))], [call("PutItem"), call("PutItem")])


# What is counted


def test_every_account_but_the_hubs_own_costs_the_same(counted: Counted) -> None:
    for name in counted.two.sweeps:
        one, two, three = (each.sweeps[name].usage for each in (counted.one, counted.two, counted.three))
        for meter in Meter:
            assert two[meter] - one[meter] == pytest.approx(three[meter] - two[meter], abs=1e-9), (name, meter)
    assert counted.three.ledger_bytes == 3 * counted.one.ledger_bytes


def test_no_metric_multiplies_with_accounts_or_regions(counted: Counted) -> None:
    assert counted.one.metrics == counted.two.metrics == counted.three.metrics
    written = counted.three.metrics | counted.trouble.metrics
    assert {name for _, dimensions, _ in written for name, _ in dimensions} == {"service"}
    assert len(written) < 50


def test_a_quiet_sweep_writes_heartbeats_and_tells_nobody(counted: Counted) -> None:
    for automation in AUTOMATIONS:
        sweep = counted.one.sweeps[automation.name]
        targets = 1 if automation.target_region else 2
        assert sweep.usage[Meter.WRITE_UNITS] == sweep.calls["dynamodb:PutItem"] == targets
        assert sweep.usage[Meter.PUBLISHED] == sweep.usage[Meter.EVENTS] == 0
    assert counted.one.sweeps["notifications"].calls == {"dynamodb:Query": 1, "events:DescribeEventBus": 1}


def test_a_finding_is_told_once_and_its_end_once_and_a_reminder_is_one_message(counted: Counted) -> None:
    seen = counted.trouble
    assert (seen.finding[Meter.PUBLISHED], seen.finding[Meter.EVENTS]) == (2, 2)
    assert seen.finding_reminded[Meter.PUBLISHED] == 1
    assert seen.finding_swept[Meter.WRITE_UNITS] == seen.finding_swept[Meter.PUBLISHED] == 0
    assert (seen.change[Meter.PUBLISHED], seen.change[Meter.EVENTS]) == (0, 1)
    assert min(seen.finding_bytes, seen.change_bytes, seen.operation_bytes) > 0


def test_an_event_is_forwarded_once_whatever_it_wakes(counted: Counted) -> None:
    assert (counted.trouble.event[Meter.FORWARDED_EVENTS], counted.trouble.event[Meter.INVOCATIONS]) == (1, 2)


def test_an_operation_is_polled_by_a_durable_function(counted: Counted) -> None:
    seen = counted.trouble.operation
    assert seen[Meter.DURABLE_OPERATIONS] > seen[Meter.INVOCATIONS] > 10  # five minutes, in gaps of twenty seconds
    assert seen[Meter.DURABLE_BYTES] > 0


def test_a_count_is_the_same_each_time(counted: Counted) -> None:
    assert trouble(ASSUMED) == counted.trouble


# How a month is put together


def test_the_schedules_of_the_manifests_say_how_often_a_function_runs(counted: Counted) -> None:
    minutes = [t.every.total_seconds() / 60 for f in FUNCTIONS for t in f.triggers if isinstance(t, ScheduleTrigger)]
    month = sweeps(counted.counts, ASSUMED, accounts=1)
    assert month[Meter.INVOCATIONS] == pytest.approx(sum(1440 / each for each in minutes) * DAYS)
    assert month[Meter.SCHEDULED] == month[Meter.INVOCATIONS]


def test_five_thousand_accounts_are_the_first_and_4_999_like_the_second(counted: Counted) -> None:
    counts = counted.counts
    first, second, many = (sweeps(counts, ASSUMED, n) for n in (1, 2, 5_000))
    for meter in {*Meter} - OF_THE_STATE_MACHINE:
        assert many[meter] == pytest.approx(first[meter] + 4_999 * (second[meter] - first[meter])), meter
    for part in (events, findings_and_changes, ledger_storage):
        assert dollars(part(counts, ASSUMED, 5_000)) == pytest.approx(5_000 * dollars(part(counts, ASSUMED, 1)))


def test_the_state_machine_sweeps_what_is_too_much_for_one_function_and_has_its_price(counted: Counted) -> None:
    few, many = (sweeps(counted.counts, ASSUMED, n) for n in (2, 5_000))
    assert few[Meter.TRANSITIONS] == few[Meter.OBJECTS_PUT] == 0
    assert many[Meter.TRANSITIONS] > TRANSITIONS_OF_A_BATCH * 5_000 / ACCOUNTS_OF_A_BATCH
    assert many[Meter.OBJECTS_PUT] > 0


def test_slower_calls_let_fewer_accounts_fit(counted: Counted) -> None:
    slow = Assumptions(seconds_per_call=0.2)
    assert all(most_accounts(counted.counts, slow)[n] < m for n, m in most_accounts(counted.counts, ASSUMED).items())


def test_every_meter_has_a_price_with_the_page_that_says_what_holds() -> None:
    assert PRICES.keys() == {*Meter}
    for price in PRICES.values():
        assert price.dollars > 0
        assert price.source.startswith("https://aws.amazon.com/")
        assert re.fullmatch(r"undated|20\d\d-\d\d", price.read)


def test_a_price_is_for_its_number_of_units() -> None:
    assert dollars(Usage({Meter.EVENTS: 2_000_000, Meter.METRIC_MONTHS: 10})) == pytest.approx(2 + 3)


@pytest.mark.parametrize(
    ("amount", "text"), [(0.004, "0.00"), (0.222, "0.22"), (3.59, "3.6"), (9.96, "10"), (171.4, "170"), (3213, "3,200")]
)
def test_money_is_written_with_two_significant_digits(amount: float, text: str) -> None:
    assert money(amount) == text

"""Meters each invocation of an emulated hub: its calls, reads, writes, log and metrics."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from typing import Any
from unittest.mock import patch

from botocore.session import Session
from moto.dynamodb.models import dynamodb_backends

from benchmarks.cost.assumptions import Assumptions
from benchmarks.cost.ledger_units import Image, item_bytes, read_units, write_units
from benchmarks.cost.usage import Meter, Usage, total
from cli.hubs.emulated_hub import TABLE_NAME
from cli.hubs.emulated_resources import Handler
from emulator.aws import Emulator
from emulator.calls import Call
from emulator.delivery.streams import end_of, records_from
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.observability import log
from functions.shared.run import cold_start

_ID = "5d1f3c1a-0000-4000-8000-000000000001"
_TRACE = "1-6740a1b2-0123456789abcdef01234567"
_FIGURES = "\t".join(
    (
        *("Duration: 1234.56 ms", "Billed Duration: 1735 ms"),
        *("Memory Size: 512 MB", "Max Memory Used: 100 MB", "Init Duration: 500.00 ms"),
    )
)
_LOG_OF_LAMBDA = (
    f"START RequestId: {_ID} Version: $LATEST",
    f"END RequestId: {_ID}",
    f"REPORT RequestId: {_ID}\t{_FIGURES}",
    f"XRAY TraceId: {_TRACE}\tSegmentId: 0123456789abcdef\tSampled: true",
)
"""What Lambda itself writes of each invocation.

Source: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
"""

_LOG_EVENT_BYTES = 26
"""Counted for each line beside its text.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

Metric = tuple[str, tuple[tuple[str, str], ...], str]
"""A custom metric as CloudWatch bills it: its namespace, its dimensions with their values, and its name."""


@dataclass(frozen=True, slots=True)
class MeteredInvocation:
    """One invocation of a function.

    Attributes:
        is_scheduled: whether its event is that of a schedule.
        calls: to AWS, the ledger's too.
        usage: what AWS bills for it.
        metrics: that it wrote.
    """

    function: str
    is_scheduled: bool
    calls: tuple[Call, ...]
    usage: Usage
    metrics: frozenset[Metric]


@dataclass(slots=True)
class Metering:
    """All invocations of one hub."""

    aws: Emulator
    hub_account: str
    hub_region: str
    assumed: Assumptions
    invocations: list[MeteredInvocation] = field(default_factory=list)
    _read: float = 0
    _records_seen: int = 0
    _logged: StringIO = field(default_factory=StringIO)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Read what the functions log and what the ledger answers, until the block ends."""
        session = Session()
        session.register("before-parameter-build.dynamodb", _keep_parameters)
        session.register("after-call.dynamodb", self._take_answer)
        handler, level = log.registered_handler, log.log_level
        assert isinstance(handler, logging.StreamHandler)  # noqa: S101  # for mypy
        stream = handler.setStream(self._logged)
        log.setLevel("INFO")
        try:
            with patch.object(cold_start, "Session", lambda: session):
                yield
        finally:
            handler.setStream(stream)
            log.setLevel(level)

    def around(self, handler: Handler) -> Handler:
        """Meter every invocation of *handler*."""

        def metered(event: Any, context: Any) -> Any:
            known, self._read = len(self.aws.calls), 0
            self._written()
            self._logged.seek(0)
            self._logged.truncate()
            traced = {"_X_AMZN_TRACE_ID": f"Root={_TRACE};Parent=0123456789abcdef;Sampled=1"}
            with redirect_stdout(StringIO()) as printed, patch.dict(os.environ, traced):
                answer = handler(event, context)
            lines = [line for line in f"{printed.getvalue()}\n{self._logged.getvalue()}".splitlines() if line]
            calls = tuple(self.aws.calls)[known:]
            gigabytes = int(context.memory_limit_in_mb) / 1024
            used = {
                Meter.GB_SECONDS: gigabytes * self.assumed.seconds_per_start,
                Meter.READ_UNITS: self._read,
                Meter.WRITE_UNITS: write_units(self._written(), calls),
                Meter.LOG_BYTES: _log_bytes((*_LOG_OF_LAMBDA, *lines)),
                Meter.INVOCATIONS: 1,
                Meter.TRACES: 1,
            }
            latencies = Usage({Meter.GB_SECONDS: gigabytes * self.assumed.seconds_per_call}) * sum(
                map(_round_trips, calls)
            )
            usage = total([Usage(used), latencies, *map(self._used_by, calls)])
            is_scheduled = all(event.get(name) == value for name, value in SWEEP_EVENT.items())
            metrics = frozenset(metric for line in lines for metric in _metrics(line))
            self.invocations.append(MeteredInvocation(context.function_name, is_scheduled, calls, usage, metrics))
            return answer

        return metered

    def ledger_bytes(self) -> int:
        """Return the present size of the ledger."""
        table = dynamodb_backends[self.hub_account][self.hub_region].get_table(TABLE_NAME)
        return sum(item_bytes(item.to_json()["Attributes"]) for item in table.all_items())

    def _written(self) -> list[tuple[Image, Image]]:
        """Return the images of the items that were written since the last call, from the ledger's stream."""
        table = dynamodb_backends[self.hub_account][self.hub_region].get_table(TABLE_NAME)
        shard = table.stream_shard
        assert shard is not None  # noqa: S101  # the ledger has a stream
        new = [record.record["dynamodb"] for record in records_from(shard, self._records_seen)]
        self._records_seen = end_of(shard)
        return [(record.get("OldImage", {}), record.get("NewImage", {})) for record in new]

    def _take_answer(self, **given: Any) -> None:
        if given["model"].name in ("GetItem", "Query"):
            self._read += read_units(given["context"]["parameters_of_the_call"], given["parsed"])

    def _used_by(self, call: Call) -> Usage:
        """Return what AWS bills for the call itself, if anything."""
        match call.name:
            case "events:PutEvents":
                return Usage({Meter.EVENTS: len(call.parameters["Entries"])})
            case "sns:Publish":
                return Usage({Meter.PUBLISHED: 1, Meter.MAILS: self.assumed.mails_per_message})
            case "lambda:Invoke" if "DurableExecutionName" in call.parameters:
                return Usage({Meter.DURABLE_OPERATIONS: 1})
            case "lambda:CheckpointDurableExecution":
                updates = call.parameters.get("Updates", [])
                written = len(json.dumps(updates, default=str).encode())
                return Usage({Meter.DURABLE_OPERATIONS: len(updates), Meter.DURABLE_BYTES: written})
        return Usage()


def _round_trips(call: Call) -> int:
    """Count a checkpoint as one call for each update: AWS's library bundles them as its thread happens to run."""
    is_checkpoint = call.name == "lambda:CheckpointDurableExecution"
    return len(call.parameters.get("Updates", [])) if is_checkpoint else 1


def _keep_parameters(**given: Any) -> None:
    given["context"]["parameters_of_the_call"] = dict(given["params"])


def _log_bytes(lines: tuple[str, ...]) -> int:
    return sum(len(line.encode()) + _LOG_EVENT_BYTES for line in lines)


def _metrics(line: str) -> Iterator[Metric]:
    """Yield the metrics of a line in CloudWatch's embedded metric format, if it is one."""
    document = json.loads(line) if line.startswith("{") else {}
    for directive in document.get("_aws", {}).get("CloudWatchMetrics", ()):
        for names in directive["Dimensions"]:
            dimensions = tuple((name, str(document[name])) for name in sorted(names))
            yield from ((directive["Namespace"], dimensions, metric["Name"]) for metric in directive["Metrics"])

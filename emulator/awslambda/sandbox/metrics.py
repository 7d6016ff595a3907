"""The metrics of functions in CloudWatch: those of Lambda, and those embedded in logs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.utils import utcnow

Datum = dict[str, Any]


class FunctionMetrics:
    """Puts the metrics of each invocation."""

    def __init__(self, lock: AbstractContextManager[Any]) -> None:
        """Write under this lock."""
        self._lock = lock

    def count(self, function: LambdaFunction, *, failed: bool, milliseconds: float) -> None:
        """Count an invocation, as Lambda does.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
        """
        dimensions = [{"Name": "FunctionName", "Value": function.function_name}]
        values = (("Invocations", 1.0, "Count"), ("Errors", float(failed), "Count"))
        data = [
            {"MetricName": name, "Value": value, "Unit": unit, "Dimensions": dimensions, "Timestamp": utcnow()}
            for name, value, unit in (*values, ("Duration", milliseconds, "Milliseconds"))
        ]
        self._put(function, "AWS/Lambda", data)

    def extract(self, function: LambdaFunction, lines: Iterable[str]) -> None:
        """Put the metrics that are embedded in *lines*."""
        for line in lines:
            for namespace, data in embedded_in(line):
                self._put(function, namespace, data)

    def _put(self, function: LambdaFunction, namespace: str, data: Iterable[Datum]) -> None:
        with self._lock:
            cloudwatch_backends[function.account_id][function.region].put_metric_data(namespace, list(data))


def embedded_in(line: str) -> list[tuple[str, list[Datum]]]:
    """Return the embedded metrics in a log line, by their namespace; none if the line is not readable as such.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    if '"_aws"' not in line:
        return []
    try:
        document = json.loads(line)
        at = datetime.fromtimestamp(document["_aws"]["Timestamp"] / 1000, UTC).replace(tzinfo=None)
        directives = document["_aws"]["CloudWatchMetrics"]
        return [(each["Namespace"], list(_data_of(each, document, at))) for each in directives]
    except (KeyError, TypeError, ValueError):  # a line of text
        return []


def _data_of(directive: Mapping[str, Any], document: Mapping[str, Any], at: datetime) -> Iterator[Datum]:
    for names in directive["Dimensions"]:
        dimensions = [{"Name": name, "Value": str(document[name])} for name in names]
        for metric in directive["Metrics"]:
            given = document[metric["Name"]]
            values = [float(value) for value in (given if isinstance(given, list) else [given])]
            yield {
                "MetricName": metric["Name"],
                "Values": values,
                "Unit": metric.get("Unit", "None"),
                "Dimensions": dimensions,
                "Timestamp": at,
            }

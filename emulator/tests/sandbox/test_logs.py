"""What functions write comes to CloudWatch Logs."""

import json
from datetime import timedelta

from emulator.aws import Emulator

from ..conftest import NOW, Client
from .conftest import Deploy, Invoke

NOISY = """
import logging, os, sys
def handler(event, context):
    print("to standard output")
    print("to standard error", file=sys.stderr)
    logging.getLogger().warning("to the log")
    os.write(1, b"without an end")
    if event: raise ValueError(event)
"""


def lines(client: Client, group: str = "/aws/lambda/worker") -> list[str]:
    events = client("logs").filter_log_events(logGroupName=group)["events"]
    return [event["message"] for event in events]


def test_what_a_function_writes_stands_in_its_log_between_begin_and_end(
    client: Client, deploy: Deploy, invoke: Invoke
) -> None:
    deploy(NOISY)
    invoke()
    begin, *written, end, report = lines(client)
    assert begin.startswith("START RequestId: ")
    assert begin.endswith(" Version: $LATEST")
    assert written[:2] == ["to standard output", "to standard error"]
    assert written[2].startswith("[WARNING]\t2026-11-20T09:00:0")
    assert written[2].endswith("\tto the log")
    assert written[3:] == ["without an end"]
    assert end.startswith("END RequestId: ")
    assert "\tMemory Size: 128 MB" in report


def test_an_error_is_one_event_with_its_traceback(client: Client, deploy: Deploy, invoke: Invoke) -> None:
    deploy(NOISY)
    invoke("bad order")
    (error,) = [line for line in lines(client) if "[ERROR]" in line]
    assert error.partition("[ERROR]")[2].startswith(" ValueError: bad order\nTraceback")


def test_each_process_has_a_stream_and_events_have_the_emulated_time(
    aws: Emulator, client: Client, deploy: Deploy, invoke: Invoke
) -> None:
    deploy("import os\ndef handler(event, context):\n    print('ran')\n    if event: os._exit(1)")
    invoke()
    aws.clock.move_to(NOW + timedelta(days=3))
    invoke(1)
    invoke()
    streams = client("logs").describe_log_streams(logGroupName="/aws/lambda/worker")["logStreams"]
    assert [stream["logStreamName"][:19] for stream in streams] == ["2026/11/20/[$LATEST", "2026/11/23/[$LATEST"]
    found = client("logs").filter_log_events(logGroupName="/aws/lambda/worker", filterPattern="ran")["events"]
    days = [(event["timestamp"] / 1000 - NOW.timestamp()) // 86400 for event in found]
    assert days == [0, 3, 3]


def test_why_lambda_ended_a_function_stands_in_its_log(client: Client, deploy: Deploy, invoke: Invoke) -> None:
    deploy("import time\ndef handler(event, context):\n    print('begun')\n    time.sleep(600)", Timeout=1)
    invoke()
    assert lines(client)[1] == "begun"
    assert lines(client)[2].endswith("Task timed out after 1.00 seconds")


def test_the_log_group_is_the_one_that_the_function_is_configured_for(
    client: Client, deploy: Deploy, invoke: Invoke
) -> None:
    deploy(
        "import os\ndef handler(event, context):\n    print(os.environ['AWS_LAMBDA_LOG_GROUP_NAME'])",
        LoggingConfig={"LogGroup": "orders"},
    )
    invoke()
    assert "orders" in lines(client, "orders")
    told = client("lambda").get_function_configuration(FunctionName="worker")["LoggingConfig"]
    assert told == {"LogFormat": "Text", "LogGroup": "orders"}


def total(client: Client, namespace: str, name: str, **dimensions: str) -> float:
    (found,) = client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=NOW - timedelta(minutes=1),
        EndTime=NOW + timedelta(minutes=10),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(found["Sum"])


def test_metrics_in_the_log_become_metrics_of_cloudwatch(client: Client, deploy: Deploy, invoke: Invoke) -> None:
    embedded = {
        "_aws": {
            "Timestamp": int(NOW.timestamp() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": "Shop",
                    "Dimensions": [["service"], ["service", "country"]],
                    "Metrics": [{"Name": "Orders", "Unit": "Count"}, {"Name": "Refused"}],
                }
            ],
        },
        "service": "till",
        "country": "NL",
        "Orders": [2, 3],
        "Refused": 1,
    }
    broken = '{"_aws": 1}', '"_aws"', '{"_aws": {"Timestamp": 1, "CloudWatchMetrics": "x"}}'
    deploy("def handler(lines, context):\n    for line in lines: print(line)")
    assert invoke([json.dumps(embedded), *broken]) is None
    listed = client("cloudwatch").list_metrics(Namespace="Shop", MetricName="Orders")["Metrics"]
    assert {len(metric["Dimensions"]) for metric in listed} == {1, 2}
    assert total(client, "Shop", "Orders", service="till", country="NL") == 5
    assert total(client, "Shop", "Refused", service="till", country="NL") == 1


def test_lambda_counts_invocations_and_errors(client: Client, deploy: Deploy, invoke: Invoke) -> None:
    deploy("def handler(event, context):\n    if event: raise ValueError")
    for event in (None, 1, 1):
        invoke(event)
    assert total(client, "AWS/Lambda", "Invocations", FunctionName="worker") == 3
    assert total(client, "AWS/Lambda", "Errors", FunctionName="worker") == 2
    assert total(client, "AWS/Lambda", "Duration", FunctionName="worker") > 0

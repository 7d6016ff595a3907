"""A table's changes, as its stream tells them and as Lambda brings them to a function."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.faults import Fault

from .conftest import ACCOUNT, NOW, REGION, Client, bodies, make_table, queue

LEDGER_FILTERS = [
    {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "open#"}]}}}},
    {"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "closed#"}]}}}},
]


class Reader:
    """A mapped function that notes the keys it is given, fails at those it is told to, and else gives its answer."""

    def __init__(
        self, *, bad: Sequence[str] = (), failures: int = 10**9, partial: bool = False, answer: Any = None
    ) -> None:
        self.batches: list[list[str]] = []
        self.records: list[dict[str, Any]] = []
        self.moments: list[datetime] = []
        self.bad = bad
        self.failures = failures
        self.partial = partial
        self.answer = answer

    def __call__(self, event: Any, context: Any) -> Any:
        del context
        records = event["Records"]
        self.batches.append([record["dynamodb"]["Keys"]["sk"]["S"] for record in records])
        self.moments.append(datetime.now(UTC))
        failing = [record for record in records if record["dynamodb"]["Keys"]["sk"]["S"] in self.bad]
        if failing and self.failures > 0:
            self.failures -= 1
            if not self.partial:
                msg = "a bad record"
                raise ValueError(msg)
            numbers = [record["dynamodb"]["SequenceNumber"] for record in failing]
            return {"batchItemFailures": [{"itemIdentifier": number} for number in numbers]}
        self.records.extend(records)
        return self.answer


def table(client: Client) -> str:
    streamed = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    return str(make_table(client, "ledger", "pk", "sk", StreamSpecification=streamed)["LatestStreamArn"])


def put(client: Client, *keys: str, **attributes: dict[str, str]) -> None:
    for key in keys:
        client("dynamodb").put_item(TableName="ledger", Item={"pk": {"S": "1"}, "sk": {"S": key}, **attributes})


def read(aws: Emulator, client: Client, reader: Reader, stream: str, **settings: Any) -> str:
    aws.functions.register("reader", reader, account=ACCOUNT, region=REGION)
    given = {"StartingPosition": "TRIM_HORIZON"} | settings
    mapping = client("lambda").create_event_source_mapping(EventSourceArn=stream, FunctionName="reader", **given)
    return str(mapping["UUID"])


def failed_queue(client: Client) -> dict[str, Any]:
    return {"OnFailure": {"Destination": queue(client, "failed")}}


def test_changes_arrive_in_order_with_their_images(aws: Emulator, client: Client) -> None:
    reader, stream = Reader(), table(client)
    read(aws, client, reader, stream)
    put(client, "a", colour={"S": "red"})
    put(client, "a", colour={"S": "blue"})
    client("dynamodb").delete_item(TableName="ledger", Key={"pk": {"S": "1"}, "sk": {"S": "a"}})
    assert reader.records == []
    aws.settle()
    assert [record["eventName"] for record in reader.records] == ["INSERT", "MODIFY", "REMOVE"]
    changed = reader.records[1]["dynamodb"]
    assert changed["OldImage"]["colour"] == {"S": "red"}
    assert changed["NewImage"]["colour"] == {"S": "blue"}
    assert changed["ApproximateCreationDateTime"] == NOW.timestamp()
    assert (reader.records[1]["eventSourceARN"], reader.records[1]["awsRegion"]) == (stream, REGION)
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in reader.records]
    assert numbers == sorted(set(numbers))


def test_an_update_that_makes_an_item_is_one_insertion(aws: Emulator, client: Client) -> None:
    reader, stream = Reader(), table(client)
    read(aws, client, reader, stream)
    key = {"pk": {"S": "1"}, "sk": {"S": "a"}}
    for colour in ("red", "blue", "blue"):
        client("dynamodb").update_item(
            TableName="ledger",
            Key=key,
            UpdateExpression="SET colour = :colour",
            ExpressionAttributeValues={":colour": {"S": colour}},
        )
    aws.settle()
    told = [(record["eventName"], record["dynamodb"]["NewImage"]["colour"]["S"]) for record in reader.records]
    assert told == [("INSERT", "red"), ("MODIFY", "blue")]
    assert reader.records[1]["dynamodb"]["OldImage"]["colour"] == {"S": "red"}


def test_a_write_that_changes_nothing_or_is_refused_is_not_told(aws: Emulator, client: Client) -> None:
    reader, stream = Reader(), table(client)
    put(client, "a")
    read(aws, client, reader, stream, StartingPosition="LATEST")
    put(client, "a")
    with pytest.raises(ClientError):
        client("dynamodb").put_item(
            TableName="ledger",
            Item={"pk": {"S": "1"}, "sk": {"S": "b"}},
            ConditionExpression="attribute_exists(pk)",
        )
    new = {"TableName": "ledger", "Item": {"pk": {"S": "1"}, "sk": {"S": "c"}}}
    known = {"TableName": "ledger", "Item": {"pk": {"S": "1"}, "sk": {"S": "a"}}}
    refused = known | {"ConditionExpression": "attribute_not_exists(pk)"}
    with pytest.raises(ClientError):
        client("dynamodb").transact_write_items(TransactItems=[{"Put": new}, {"Put": refused}])
    aws.settle()
    assert reader.batches == []


def test_a_transaction_that_is_refused_leaves_table_and_stream_as_they_were(aws: Emulator, client: Client) -> None:
    stream = table(client)
    reader = Reader()
    read(aws, client, reader, stream)
    put(client, "open#1")
    key = {"pk": {"S": "1"}, "sk": {"S": "open#1"}}
    change = {"UpdateExpression": "SET seen = :now", "ExpressionAttributeValues": {":now": {"S": "today"}}}
    absent = {"pk": {"S": "1"}, "sk": {"S": "open#2"}}
    dynamodb = client("dynamodb")
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(
            TransactItems=[
                {"Update": {"TableName": "ledger", "Key": key, **change}},
                {"Put": {"TableName": "ledger", "Item": {"pk": {"S": "1"}, "sk": {"S": "open#3"}}}},
                {
                    "ConditionCheck": {
                        "TableName": "ledger",
                        "Key": absent,
                        "ConditionExpression": "attribute_exists(pk)",
                    }
                },
            ]
        )
    put(client, "open#4")
    aws.settle()
    assert [key for batch in reader.batches for key in batch] == ["open#1", "open#4"]
    assert [record["eventName"] for record in reader.records] == ["INSERT", "INSERT"]
    assert dynamodb.get_item(TableName="ledger", Key=key)["Item"].keys() == {"pk", "sk"}


def test_a_mapping_begins_at_the_horizon_or_at_the_end(aws: Emulator, client: Client) -> None:
    late, early, stream = Reader(), Reader(), table(client)
    put(client, "before")
    read(aws, client, early, stream)
    aws.functions.register("late", late, account=ACCOUNT, region=REGION)
    client("lambda").create_event_source_mapping(EventSourceArn=stream, FunctionName="late", StartingPosition="LATEST")
    put(client, "after")
    aws.settle()
    assert (early.batches, late.batches) == ([["before", "after"]], [["after"]])


def test_only_what_a_filter_lets_through_is_brought_in_full_batches(aws: Emulator, client: Client) -> None:
    reader, stream = Reader(), table(client)
    filters = {"Filters": [{"Pattern": json.dumps(each)} for each in LEDGER_FILTERS]}
    read(aws, client, reader, stream, BatchSize=2, FilterCriteria=filters)
    put(client, "open#1", "heartbeat", "open#2", "action#1", "closed#1")
    put(client, "open#1", "closed#1", version={"N": "2"})
    aws.settle()
    assert reader.batches == [["open#1", "open#2"], ["closed#1", "open#1"]]


def test_a_batch_that_fails_is_tried_again_before_anything_later(aws: Emulator, client: Client) -> None:
    reader, stream = Reader(bad=["b"], failures=3), table(client)
    read(aws, client, reader, stream, BatchSize=2)
    put(client, "a", "b", "c")
    aws.settle()
    assert reader.batches == [["a", "b"]]
    aws.advance(timedelta(minutes=1))
    assert reader.batches == [["a", "b"]] * 4 + [["c"]]
    assert reader.moments[:4] == [NOW + timedelta(seconds=seconds) for seconds in (0, 1, 3, 7)]


def test_only_the_records_from_the_first_failure_on_are_brought_again(aws: Emulator, client: Client) -> None:
    reader, stream = Reader(bad=["b", "d"], failures=1, partial=True), table(client)
    read(aws, client, reader, stream, FunctionResponseTypes=["ReportBatchItemFailures"])
    put(client, "a", "b", "c", "d")
    aws.advance(timedelta(minutes=1))
    assert reader.batches == [["a", "b", "c", "d"], ["b", "c", "d"]]


def test_without_that_setting_reported_failures_mean_nothing(aws: Emulator, client: Client) -> None:
    reader, stream = Reader(bad=["b"], partial=True), table(client)
    read(aws, client, reader, stream)
    put(client, "a", "b")
    aws.advance(timedelta(minutes=1))
    assert reader.batches == [["a", "b"]]


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_answer_without_failures_is_a_success(aws: Emulator, client: Client, answer: Any) -> None:
    reader = Reader(answer=answer)
    read(aws, client, reader, table(client), FunctionResponseTypes=["ReportBatchItemFailures"])
    put(client, "a")
    aws.advance(timedelta(minutes=1))
    assert reader.batches == [["a"]]


@pytest.mark.parametrize("failure", [{"itemIdentifier": "nothing"}, {"itemIdentifier": ""}, {}, "text"])
def test_a_failure_that_names_no_record_fails_the_batch(aws: Emulator, client: Client, failure: Any) -> None:
    reader = Reader(answer={"batchItemFailures": [failure]})
    settings = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumRetryAttempts": 1}
    read(aws, client, reader, table(client), **settings)
    put(client, "a", "b")
    aws.advance(timedelta(minutes=1))
    assert reader.batches == [["a", "b"]] * 2


def test_a_batch_is_cut_in_half_until_the_bad_record_stands_alone(aws: Emulator, client: Client) -> None:
    reader, stream = Reader(bad=["c"]), table(client)
    read(
        aws, client, reader, stream,
        BisectBatchOnFunctionError=True, MaximumRetryAttempts=1, DestinationConfig=failed_queue(client),
    )  # fmt: skip
    put(client, "a", "b", "c", "d")
    aws.advance(timedelta(minutes=1))
    assert reader.batches == [["a", "b", "c", "d"], ["a", "b"], ["c", "d"], ["c"], ["c"], ["d"]]
    (letter,) = bodies(client, "failed")
    assert letter["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert letter["DDBStreamBatchInfo"]["batchSize"] == 1
    assert letter["DDBStreamBatchInfo"]["streamArn"] == stream
    assert "c" not in json.dumps(letter["DDBStreamBatchInfo"]["startSequenceNumber"])


def test_a_record_that_fails_for_ever_is_given_up_after_a_day(aws: Emulator, client: Client) -> None:
    reader, stream = Reader(bad=["a"]), table(client)
    read(aws, client, reader, stream, BatchSize=1, DestinationConfig=failed_queue(client))
    put(client, "a")
    aws.advance(timedelta(hours=23))
    put(client, "b")
    aws.advance(timedelta(hours=2))
    assert reader.batches[-1] == ["b"]
    assert [letter["requestContext"]["condition"] for letter in bodies(client, "failed")] == ["RecordAgeExceeded"]


def test_a_mapping_that_is_switched_off_reads_on_where_it_stood(aws: Emulator, client: Client) -> None:
    reader, stream = Reader(), table(client)
    mapping = read(aws, client, reader, stream)
    client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    put(client, "a")
    aws.settle()
    assert reader.batches == []
    client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    aws.settle()
    assert reader.batches == [["a"]]


def test_other_sources_than_dynamodb_are_refused(client: Client, aws: Emulator) -> None:
    aws.functions.register("reader", Reader(), account=ACCOUNT, region=REGION)
    arn = queue(client, "source")
    with pytest.raises(ClientError, match="NotImplemented"):
        client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName="reader")


def test_time_to_live_deletes_what_has_expired_and_says_who_did_it(aws: Emulator, client: Client) -> None:
    reader, stream = Reader(), table(client)
    client("dynamodb").update_time_to_live(
        TableName="ledger", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )
    soon, later = NOW + timedelta(hours=1), NOW + timedelta(days=30)
    put(client, "soon", expires_at={"N": str(int(soon.timestamp()))})
    put(client, "later", expires_at={"N": str(int(later.timestamp()))})
    put(client, "ancient", expires_at={"N": "1000"})
    put(client, "text", expires_at={"S": "1000"})
    put(client, "none")
    read(aws, client, reader, stream, StartingPosition="LATEST")
    aws.advance(timedelta(minutes=59))
    assert reader.batches == []
    aws.advance(timedelta(minutes=1))
    (record,) = reader.records
    assert record["eventName"] == "REMOVE"
    assert record["dynamodb"]["OldImage"]["sk"] == {"S": "soon"}
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    left = client("dynamodb").scan(TableName="ledger")["Items"]
    assert {item["sk"]["S"] for item in left} == {"later", "ancient", "text", "none"}


def test_the_stream_s_own_api_tells_the_same(aws: Emulator, client: Client) -> None:
    stream = table(client)
    put(client, "a")
    aws.advance(timedelta(hours=25))
    put(client, "b", "c")
    streams = client("dynamodbstreams")
    shard = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    assert [record["dynamodb"]["Keys"]["sk"]["S"] for record in records] == ["b", "c"]


def test_a_failure_destination_that_fails_loses_nothing_else(aws: Emulator, client: Client) -> None:
    reader, stream = Reader(bad=["a"]), table(client)
    destination = failed_queue(client)
    read(aws, client, reader, stream, BatchSize=1, MaximumRetryAttempts=0, DestinationConfig=destination)
    aws.faults.add(Fault("deliver:sqs", "denied"))
    put(client, "a", "b")
    aws.settle()
    assert reader.batches == [["a"], ["b"]]
    assert [error.code for error in aws.undelivered] == ["NO_PERMISSIONS"]

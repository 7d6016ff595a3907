"""DynamoDB, as far as a ledger relies on it."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.models.table import Table

from emulator.aws import Emulator

from .conftest import Client, make_table, run_at_once

BY_STATUS = {"IndexName": "by-status", "ExpressionAttributeNames": {"#s": "status"}}


@pytest.fixture
def tables(client: Client) -> Any:
    by_status = {"AttributeName": "status", "KeyType": "HASH"}, {"AttributeName": "seen", "KeyType": "RANGE"}
    index = {"IndexName": "by-status", "KeySchema": by_status, "Projection": {"ProjectionType": "ALL"}}
    make_table(client, "ledger", "pk", "sk", "status", "seen", GlobalSecondaryIndexes=[index])
    return client("dynamodb")


def put(tables: Any, sk: str, **more: Any) -> None:
    item = {"pk": {"S": "a"}, "sk": {"S": sk}, "version": {"N": "1"}}
    tables.put_item(TableName="ledger", Item=item | more.pop("item", {}), **more)


def test_a_condition_decides_about_a_write(tables: Any) -> None:
    put(tables, "open#1", ConditionExpression="attribute_not_exists(pk)")
    with pytest.raises(tables.exceptions.ConditionalCheckFailedException):
        put(tables, "open#1", ConditionExpression="attribute_not_exists(pk)")
    seen: dict[str, Any] = {
        "ConditionExpression": "version = :seen",
        "ExpressionAttributeValues": {":seen": {"N": "1"}},
    }
    put(tables, "open#1", item={"version": {"N": "2"}}, **seen)
    with pytest.raises(tables.exceptions.ConditionalCheckFailedException):
        put(tables, "open#1", **seen)


def test_of_many_writers_under_one_condition_one_wins(tables: Any) -> None:
    put(tables, "open#1")
    won: list[bool] = []

    def write() -> None:
        try:
            tables.update_item(
                TableName="ledger",
                Key={"pk": {"S": "a"}, "sk": {"S": "open#1"}},
                UpdateExpression="SET version = :next",
                ConditionExpression="version = :seen",
                ExpressionAttributeValues={":seen": {"N": "1"}, ":next": {"N": "2"}},
            )
        except ClientError:
            return
        won.append(True)

    run_at_once(32, write)
    assert len(won) == 1


def test_a_transaction_is_done_whole_or_not_at_all(tables: Any) -> None:
    put(tables, "open#1")
    key = {"pk": {"S": "a"}, "sk": {"S": "open#1"}}
    closed = {"pk": {"S": "a"}, "sk": {"S": "closed#1"}}

    def close(version: str) -> None:
        tables.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "ledger", "Item": closed}},
                {
                    "Delete": {
                        "TableName": "ledger",
                        "Key": key,
                        "ConditionExpression": "version = :seen",
                        "ExpressionAttributeValues": {":seen": {"N": version}},
                    }
                },
            ]
        )

    with pytest.raises(tables.exceptions.TransactionCanceledException) as raised:
        close("7")
    reasons = raised.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert "Item" not in tables.get_item(TableName="ledger", Key=closed)
    close("1")
    assert "Item" in tables.get_item(TableName="ledger", Key=closed)
    assert "Item" not in tables.get_item(TableName="ledger", Key=key)


def test_a_prefix_and_an_index_are_queried_page_by_page(tables: Any) -> None:
    for number in range(5):
        put(tables, f"open#{number}", item={"status": {"S": "OPEN"}, "seen": {"S": f"2026-11-{10 - number:02}"}})
    put(tables, "closed#1", item={"status": {"S": "CLOSED"}, "seen": {"S": "2026-11-01"}})
    given = {
        "TableName": "ledger",
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :open)",
        "ExpressionAttributeValues": {":pk": {"S": "a"}, ":open": {"S": "open#"}},
        "Limit": 2,
    }
    pages = list(tables.get_paginator("query").paginate(**given))
    assert [len(page["Items"]) for page in pages] == [2, 2, 1]
    found = tables.query(
        TableName="ledger",
        IndexName="by-status",
        KeyConditionExpression="#s = :open AND seen > :day",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":open": {"S": "OPEN"}, ":day": {"S": "2026-11-07"}},
    )
    assert [item["seen"]["S"] for item in found["Items"]] == ["2026-11-08", "2026-11-09", "2026-11-10"]


def test_a_query_looks_at_the_items_of_its_key_alone(tables: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for pk, count in (("a", 2), ("b", 30)):
        for number in range(count):
            status = {"status": {"S": "OPEN"}, "seen": {"S": "2026"}} if pk == "a" else {}
            put(tables, f"open#{number}", item={"pk": {"S": pk}, **status})
    looked_at: list[int] = []
    whole = Table.all_items

    def all_items(table: Table) -> list[Any]:
        looked_at.append(len(items := whole(table)))
        return items

    monkeypatch.setattr(Table, "all_items", all_items)
    for names, key, index in (("pk = :key", "a", {}), ("pk = :key", "c", {}), ("#s = :key", "OPEN", BY_STATUS)):
        values = {":key": {"S": key}}
        found = tables.query(
            TableName="ledger", KeyConditionExpression=names, ExpressionAttributeValues=values, **index
        )
        assert found["Count"] == looked_at[-1]
    assert looked_at == [2, 0, 2]


def test_accounts_and_regions_have_their_own_tables(aws: Emulator, tables: Any, client: Client) -> None:
    aws.advance(timedelta(seconds=1))
    assert tables.list_tables()["TableNames"] == ["ledger"]
    assert client("dynamodb", account="444455556666").list_tables()["TableNames"] == []
    assert client("dynamodb", region="us-east-1").list_tables()["TableNames"] == []

"""One DynamoDB table, with plain Python values."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from functions.shared.aws.calls import CallError, Calls
from functions.shared.ledger.records import Item, from_dynamodb, to_dynamodb

_CONDITION_FAILED = "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True)
class Table:
    """Reads and writes items by their keys ``pk`` and ``sk``.

    Every method raises CallError where DynamoDB refuses.

    Attributes:
        calls: of DynamoDB, in the table's account and Region.
        name: of the table.
    """

    calls: Calls
    name: str

    def get(self, pk: str, sk: str) -> Item | None:
        """Return an item as it is now; None if there is none."""
        answer = self.calls("GetItem", TableName=self.name, Key=_key(pk, sk), ConsistentRead=True)
        return from_dynamodb(answer["Item"]) if "Item" in answer else None

    def get_all(self, keys: Sequence[Mapping[str, Any]]) -> list[Item]:
        """Return the items with these few keys, as they are at one moment; those that are not there are left out.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
        """
        if not keys:
            return []
        gets = [{"Get": {"TableName": self.name, "Key": _key(each["pk"], each["sk"])}} for each in keys]
        answers = self.calls("TransactGetItems", TransactItems=gets)["Responses"]
        return [from_dynamodb(each["Item"]) for each in answers if each.get("Item")]

    def between(self, pk: str, first: str, last: str) -> Iterator[Item]:
        """Yield the items of a partition whose sort keys lie between two, in their order, as they are now."""
        keys = {":pk": pk, ":first": first, ":last": last}
        yield from self._query("pk = :pk AND sk BETWEEN :first AND :last", keys, {"ConsistentRead": True})

    def in_index(self, index: str, condition: str, values: Mapping[str, str]) -> Iterator[Item]:
        """Yield the items that a condition finds in an index, in its order."""
        yield from self._query(condition, values, {"IndexName": index})

    def everything(self, condition: str, values: Mapping[str, str]) -> Iterator[Item]:
        """Yield the items of the whole table for which a condition holds, in no order, as they are now."""
        kept = {"FilterExpression": condition, "ExpressionAttributeValues": to_dynamodb(values)}
        yield from self._pages("Scan", {"ConsistentRead": True, **kept})

    def put(self, item: Item, condition: str = "", values: Mapping[str, Any] | None = None) -> None:
        """Write a whole item, if *condition* holds."""
        self.calls("PutItem", TableName=self.name, Item=to_dynamodb(item), **_only_if(condition, values or {}))

    def delete(self, pk: str, sk: str, condition: str = "", values: Mapping[str, Any] | None = None) -> None:
        """Take an item away, if it is there and *condition* holds."""
        self.calls("DeleteItem", TableName=self.name, Key=_key(pk, sk), **_only_if(condition, values or {}))

    def change(
        self,
        item: Mapping[str, Any],
        changes: Item,
        *,
        condition: str,
        values: Mapping[str, Any] | None = None,
        without: tuple[str, ...] = (),
    ) -> None:
        """Change members of an item, if *condition* holds.

        Args:
            item: holds its keys.
            changes: the members to set.
            condition: in DynamoDB's words.
            values: of the condition, by name.
            without: the members to take away.
        """
        removal = f" REMOVE {', '.join(without)}" if without else ""
        self.calls(
            "UpdateItem",
            TableName=self.name,
            Key=_key(item["pk"], item["sk"]),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes) + removal,
            ConditionExpression=condition,
            ExpressionAttributeNames={f"#{name}": name for name in changes},
            ExpressionAttributeValues=to_dynamodb({f":{n}": v for n, v in changes.items()} | dict(values or {})),
        )

    def replace(self, old: Mapping[str, Any], new: Item, *, condition: str, values: Mapping[str, Any]) -> None:
        """Put *new* in the place of *old*, both or neither, if *condition* holds for *old*."""
        delete = {
            "TableName": self.name,
            "Key": _key(old["pk"], old["sk"]),
            "ConditionExpression": condition,
            "ExpressionAttributeValues": to_dynamodb(values),
        }
        put = {"TableName": self.name, "Item": to_dynamodb(new)}
        self.calls("TransactWriteItems", TransactItems=[{"Put": put}, {"Delete": delete}])

    def _query(self, condition: str, values: Mapping[str, str], options: Mapping[str, Any]) -> Iterator[Item]:
        found = {"KeyConditionExpression": condition, "ExpressionAttributeValues": to_dynamodb(values)}
        yield from self._pages("Query", {**found, **options})

    def _pages(self, operation: str, options: Mapping[str, Any]) -> Iterator[Item]:
        parameters: dict[str, Any] = {"TableName": self.name, **options}
        while True:
            page = self.calls(operation, **parameters)
            yield from map(from_dynamodb, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]


@dataclass(slots=True)
class Attempt:
    """A write under a condition.

    Attributes:
        succeeded: its condition held, and it was made.
    """

    succeeded: bool = False


@contextmanager
def unless_condition_failed() -> Iterator[Attempt]:
    """Let a write pass that was not made because its condition did not hold, and nothing else."""
    attempt = Attempt()
    try:
        yield attempt
        attempt.succeeded = True
    except CallError as error:
        # A cancelled transaction names its cause in the message alone.
        if _CONDITION_FAILED not in f"{error.code} {error.message}":
            raise


def _only_if(condition: str, values: Mapping[str, Any]) -> dict[str, Any]:
    holds: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
    return holds | ({"ExpressionAttributeValues": to_dynamodb(values)} if values else {})


def _key(pk: str, sk: str) -> dict[str, Any]:
    return to_dynamodb({"pk": pk, "sk": sk})

"""``dynamodb:LeadingKeys``: the partition keys that a call of DynamoDB names.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.parsing.key_condition_expression import parse_expression

from emulator.iam.conditions import Keys
from emulator.wire.identity import Location

KEY = "dynamodb:leadingkeys"

_OF_MANY = frozenset({"RequestItems", "Statement", "Statements"})
"""Parameters of batches and of PartiQL, whose keys the emulator does not read."""


def leading_keys(parameters: Mapping[str, Any], location: Location) -> Keys:
    """Return the key with the partition keys that *parameters* name, absent where they name none, such as for a scan.

    Args:
        parameters: of a call, or of one item of a transaction.
        location: where the call is made.
    """
    if parameters.keys() & _OF_MANY:
        return {}
    table = str(parameters.get("TableName", "")).rpartition("/")[2]
    schema = _schema(table, str(parameters.get("IndexName", "")), location)
    hash_key = next((each["AttributeName"] for each in schema if each["KeyType"] == "HASH"), "")
    item = parameters.get("Key") or parameters.get("Item") or _conditions(parameters, schema)
    return {KEY: tuple(map(str, item[hash_key].values())) if hash_key in item else ()}


def _schema(table: str, index: str, location: Location) -> Sequence[Mapping[str, str]]:
    found = dynamodb_backends[location.account][location.region].tables.get(table)
    if found is None:
        return ()
    indexes = {each.name: each.schema for each in (*found.global_indexes, *found.indexes)}
    schema: Sequence[Mapping[str, str]] = indexes.get(index, ()) if index else found.schema
    return schema


def _conditions(parameters: Mapping[str, Any], schema: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:
    """Return the values that a query asks for, by their keys."""
    old = {name: each["AttributeValueList"][0] for name, each in parameters.get("KeyConditions", {}).items()}
    if "KeyConditionExpression" not in parameters:
        return old
    values, names = (parameters.get(f"ExpressionAttribute{kind}", {}) for kind in ("Values", "Names"))
    found, _, _ = parse_expression(parameters["KeyConditionExpression"], values, names, [dict(each) for each in schema])
    return dict(found)

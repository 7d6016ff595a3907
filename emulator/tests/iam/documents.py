"""Policies, written short."""

import json
from typing import Any

Document = dict[str, Any]


def allow(action: Any, resource: Any = "*", **condition: Any) -> Document:
    """Return a statement that allows; *condition* is the operator's name, without its colon, and its keys."""
    return _statement("Allow", action, resource, condition)


def deny(action: Any, resource: Any = "*", **condition: Any) -> Document:
    """Return a statement that denies."""
    return _statement("Deny", action, resource, condition)


def trust(principal: Any, effect: str = "Allow", **condition: Any) -> Document:
    """Return a statement of a trust policy."""
    statement = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"}
    return statement | ({"Condition": condition} if condition else {})


def policy(*statements: Document) -> str:
    """Return the policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _statement(effect: str, action: Any, resource: Any, condition: Document) -> Document:
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})

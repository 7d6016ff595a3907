"""Bucket policies with their conditions, which moto ignores: every call counts as one over TLS."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.iam.access_control import IAMPolicy
from moto.s3.models import FakeBucket

_SECURE = "aws:SecureTransport"


@contextmanager
def installed() -> Iterator[None]:
    """Let moto evaluate the statements that apply to a call over TLS."""
    judge = FakeBucket.get_permission

    def judged(bucket: Any, action: str, resource: str) -> Any:
        if bucket.policy is None:
            return judge(bucket, action, resource)
        policy = json.loads(bucket.policy)
        statements = [each for each in policy["Statement"] if _applies(each.get("Condition", {}))]
        bare = [{key: value for key, value in each.items() if key != "Condition"} for each in statements]
        return IAMPolicy(json.dumps({**policy, "Statement": bare})).is_action_permitted(action, resource)

    with patch.object(FakeBucket, "get_permission", judged):
        yield


def _applies(condition: Mapping[str, Any]) -> bool:
    if not condition:
        return True
    if condition.keys() == {"Bool"} and condition["Bool"].keys() == {_SECURE}:
        return str(condition["Bool"][_SECURE]).lower() == "true"
    raise NotImplementedError(f"conditions of bucket policies: {condition}")

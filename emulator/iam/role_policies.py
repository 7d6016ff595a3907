"""Policies of roles that moto lacks: AWS's managed policies, and resources that moto does not know."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend
from moto.iam.policy_validation import SERVICE_TYPE_REGION_INFORMATION_ERROR_ASSOCIATIONS

_IN_A_REGION = ("async-request/", "job/", "storage-lens/")
"""The S3 resources with a Region in their ARN, besides access points.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""


@contextmanager
def installed() -> Iterator[None]:
    """Let roles attach AWS's managed policies, loaded on demand, and policies about S3's asynchronous operations."""
    attach = IAMBackend.attach_role_policy

    def attached(backend: IAMBackend, policy_arn: str, role_name: str) -> None:
        load(backend, policy_arn)
        attach(backend, policy_arn, role_name)

    known = SERVICE_TYPE_REGION_INFORMATION_ERROR_ASSOCIATIONS["s3"]
    starts = {**known, "valid_starting_values": [*known["valid_starting_values"], *_IN_A_REGION]}
    with (
        patch.object(IAMBackend, "attach_role_policy", attached),
        patch.dict(SERVICE_TYPE_REGION_INFORMATION_ERROR_ASSOCIATIONS, {"s3": starts}),
    ):
        yield


def load(backend: IAMBackend, policy_arn: str) -> None:
    """Load the policy of this ARN into *backend* if it is one of AWS's managed policies."""
    if ":iam::aws:policy/" in policy_arn and policy_arn not in backend.managed_policies:
        name = policy_arn.rpartition("/")[2]
        if data := _known().get(name):
            policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data)
            backend.managed_policies[policy.arn] = policy


@cache
def _known() -> Mapping[str, Any]:
    known: Mapping[str, Any] = json.loads(aws_managed_policies_data)
    return known

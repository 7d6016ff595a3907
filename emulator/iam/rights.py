"""The IAM actions that a call needs."""

from collections.abc import Mapping
from typing import Any

from emulator.iam.evaluation import ASSUME_ROLE, SET_SOURCE_IDENTITY

_RENAMED = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:UploadPart": "s3:PutObject",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sns:PublishBatch": "sns:Publish",
}
_TRANSACTED = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}


def rights_of(name: str, parameters: Mapping[str, Any]) -> frozenset[str]:
    """Return the IAM actions that the call *name*, such as ``lambda:Invoke``, needs with these *parameters*.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    if name in ("dynamodb:TransactWriteItems", "dynamodb:TransactGetItems"):
        items = parameters.get("TransactItems", ())
        return frozenset(f"dynamodb:{_TRANSACTED[verb]}" for item in items for verb in item)
    if name == ASSUME_ROLE and parameters.get("SourceIdentity"):
        return frozenset((name, SET_SOURCE_IDENTITY))
    return frozenset((_RENAMED.get(name, name),))

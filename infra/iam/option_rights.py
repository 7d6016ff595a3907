"""The rights that a function needs for what the section ``deployment`` asks for: a key, a VPC."""

from functions.shared.automation import Permission
from functions.shared.deployment.options import Options

_KEY_USES = {
    "kms:Decrypt": "reads its environment, the ledger and what it sends",
    "kms:DescribeKey": "DynamoDB demands it of who uses the ledger",
    "kms:Encrypt": "DynamoDB demands it of who writes the ledger",
    "kms:GenerateDataKey": "sends to the topic and the queue, writes the ledger",
    "kms:ReEncryptFrom": "DynamoDB demands it of who writes the ledger",
    "kms:ReEncryptTo": "DynamoDB demands it of who writes the ledger",
}
_SENDS = ("kms:Decrypt", "kms:GenerateDataKey")
_ANY_INTERFACE = "Lambda asks for it before there is a network interface to name"
_INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)


def key_permissions(options: Options) -> tuple[Permission, ...]:
    """Return what a function does with the customer-managed key, or nothing.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    """
    if not options.kms_key_arn:
        return ()
    return tuple(Permission(action, reason=reason, resources=("{key}",)) for action, reason in _KEY_USES.items())


def sender_actions(options: Options) -> tuple[str, ...]:
    """Return what a role does with the key to send to one of the hub's queues."""
    return _SENDS if options.kms_key_arn else ()


def vpc_permissions(options: Options) -> tuple[Permission, ...]:
    """Return what Lambda does in a function's name to reach the VPC, or nothing.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    if options.vpc is None:
        return ()
    return tuple(Permission(action, reason=f"reaches the VPC; {_ANY_INTERFACE}") for action in _INTERFACES)

"""What a call is about, where the emulator can tell: the ARNs that a statement's Resource is held against.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.s3control.models import s3control_backends

Parameters = Mapping[str, Any]

NOTHING = "*"
"""The resource of an action that takes none."""

UNKNOWN = ""
"""The resource of a call of which the emulator cannot tell it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is made."""

    partition: str
    region: str
    account: str

    def arn(self, service: str, resource: str, *, region: str | None = None, account: str | None = None) -> str:
        """Return the ARN of a resource that is here, unless Region or account are said to be others."""
        where = self.region if region is None else region
        whose = self.account if account is None else account
        return f"arn:{self.partition}:{service}:{where}:{whose}:{resource}"


def resources_of(name: str, parameters: Parameters, place: Place) -> Sequence[str]:
    """Return what the call *name*, such as ``sns:Publish``, is about; one that is about several needs the right to all.

    Args:
        name: service and operation.
        parameters: of the call.
        place: where it is made.
    """
    if name in _ABOUT_NOTHING:
        return (NOTHING,)
    if name in _NAMED_BY:
        return (str(parameters.get(_NAMED_BY[name], UNKNOWN)),)
    tell = _TOLD_BY.get(name) or _TOLD_BY.get(f"{name.partition(':')[0]}:")
    return tell(parameters, place) if tell else (UNKNOWN,)


def _table(parameters: Parameters, place: Place) -> Sequence[str]:
    if "StreamArn" in parameters:
        return (str(parameters["StreamArn"]),)
    named = parameters.get("RequestItems") or filter(None, [parameters.get("TableName")])
    tables = [_arn_or(str(name), place, "dynamodb", "table/") for name in named]
    index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
    return [table + index for table in tables] or (UNKNOWN,)


def _topic(parameters: Parameters, place: Place) -> Sequence[str]:  # noqa: ARG001 - one signature for all
    return (str(parameters.get("TopicArn") or parameters.get("TargetArn") or UNKNOWN),)


def _queue(parameters: Parameters, place: Place) -> Sequence[str]:
    *_, account, name = ("", "", *str(parameters.get("QueueUrl", "")).split("/"))
    return (place.arn("sqs", name, account=account),) if name else (UNKNOWN,)


def _function(parameters: Parameters, place: Place) -> Sequence[str]:
    name = str(parameters.get("FunctionName", ""))
    if not name:
        return (UNKNOWN,)
    qualifier = f":{parameters['Qualifier']}" if "Qualifier" in parameters else ""
    _, _, named = name.rpartition(":function:") if not name.startswith("arn:") else ("", "", name)
    return (_arn_or(named, place, "lambda", "function:") + qualifier,)


def _parameter(parameters: Parameters, place: Place) -> Sequence[str]:
    names = parameters.get("Names") or [parameters.get("Name") or parameters.get("Path")]
    return [_arn_or(str(name).lstrip("/"), place, "ssm", "parameter/") if name else UNKNOWN for name in names]


def _buses(parameters: Parameters, place: Place) -> Sequence[str]:
    names = {str(entry.get("EventBusName", "default")) for entry in parameters.get("Entries", ())}
    return [_arn_or(name, place, "events", "event-bus/") for name in sorted(names)] or (UNKNOWN,)


def _bucket(parameters: Parameters, place: Place) -> Sequence[str]:
    if "Bucket" not in parameters:
        return (UNKNOWN,)
    key = f"/{parameters['Key']}" if "Key" in parameters else ""
    return (place.arn("s3", f"{parameters['Bucket']}{key}", region="", account=""),)


def _objects(parameters: Parameters, place: Place) -> Sequence[str]:
    objects = parameters.get("Delete", {}).get("Objects", ())
    return [place.arn("s3", f"{parameters['Bucket']}/{each['Key']}", region="", account="") for each in objects]


def _access_point(parameters: Parameters, place: Place) -> Sequence[str]:
    name, account = str(parameters.get("Name", "")), str(parameters.get("AccountId", place.account))
    backend: Any = s3control_backends[account][place.partition]
    known = backend.access_point_of.get(name)
    alias = known.alias if known else name
    return (place.arn("s3", f"accesspoint/{alias}", region="", account=account),)


def _hsm_backup(parameters: Parameters, place: Place) -> Sequence[str]:
    backup = str(parameters.get("BackupId", ""))
    return (_arn_or(backup, place, "cloudhsm", "backup/"),) if backup else (UNKNOWN,)


def _vault(parameters: Parameters, place: Place) -> Sequence[str]:
    name = parameters.get("BackupVaultName")
    return (place.arn("backup", f"backup-vault:{name}"),) if name else (UNKNOWN,)


def _log(parameters: Parameters, place: Place) -> Sequence[str]:
    group, stream = parameters.get("logGroupName"), parameters.get("logStreamName")
    return (place.arn("logs", f"log-group:{group}:log-stream:{stream}"),) if group and stream else (UNKNOWN,)


def _products(parameters: Parameters, place: Place) -> Sequence[str]:  # noqa: ARG001 - one signature for all
    named = {str(finding.get("ProductArn", UNKNOWN)) for finding in parameters.get("Findings", ())}
    return sorted(named) or (UNKNOWN,)


def _arn_or(name: str, place: Place, service: str, kind: str) -> str:
    return name if name.startswith("arn:") else place.arn(service, f"{kind}{name}")


_ABOUT_NOTHING = frozenset(
    {
        *(
            "backup:ListBackupVaults",
            "cloudhsm:DescribeBackups",
            "cloudhsm:DescribeClusters",
            "cloudwatch:PutMetricData",
        ),
        *("dynamodb:ListStreams", "dynamodb:ListTables", "lambda:ListFunctions", "ram:GetResourcePolicies"),
        *("ram:GetResourceShareAssociations", "ram:GetResourceShareInvitations", "ram:GetResourceShares"),
        *("ram:ListPrincipals", "ram:ListResources", "s3:ListBuckets", "s3:ListMultiRegionAccessPoints"),
        *("sns:ListTopics", "sqs:ListQueues", "ssm-incidents:ListReplicationSets", "ssm:DescribeParameters"),
        *("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
    }
)
_NAMED_BY: Mapping[str, str] = {
    "mpa:GetSession": "SessionArn",
    "ram:AcceptResourceShareInvitation": "resourceShareInvitationArn",
    "ram:AssociateResourceShare": "resourceShareArn",
    "ram:DeleteResourceShare": "resourceShareArn",
    "ram:DisassociateResourceShare": "resourceShareArn",
    "ram:ListPendingInvitationResources": "resourceShareInvitationArn",
    "ram:RejectResourceShareInvitation": "resourceShareInvitationArn",
    "ram:TagResource": "resourceShareArn",
    "ram:UntagResource": "resourceShareArn",
    "s3:DescribeMultiRegionAccessPointOperation": "RequestTokenARN",
    "ssm-incidents:DeleteReplicationSet": "arn",
    "ssm-incidents:GetReplicationSet": "arn",
    "ssm-incidents:UpdateDeletionProtection": "arn",
    "ssm-incidents:UpdateReplicationSet": "arn",
    "states:StartExecution": "stateMachineArn",
    "sts:AssumeRole": "RoleArn",
}
_TOLD_BY: Mapping[str, Callable[[Parameters, Place], Sequence[str]]] = {
    "backup:": _vault,
    "cloudhsm:DeleteBackup": _hsm_backup,
    "cloudhsm:ModifyBackupAttributes": _hsm_backup,
    "cloudhsm:RestoreBackup": _hsm_backup,
    "dynamodb:": _table,
    "events:PutEvents": _buses,
    "lambda:": _function,
    "logs:CreateLogStream": _log,
    "logs:PutLogEvents": _log,
    "s3:": _bucket,
    "s3:DeleteObjects": _objects,
    "s3:GetMultiRegionAccessPoint": _access_point,
    "s3:GetMultiRegionAccessPointPolicy": _access_point,
    "securityhub:BatchImportFindings": _products,
    "sns:": _topic,
    "sqs:": _queue,
    "ssm:": _parameter,
}
"""By the call's name or, where only the service stands, for every other call of that service."""

"""The ARNs that a call is about, if the emulator knows them, to be compared with a statement's Resource.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from moto.s3control.models import s3control_backends

from emulator.wire.identity import Location
from emulator.wire.messages import Request

NOTHING = "*"
"""The resource of an action that has none."""

UNKNOWN = ""
"""The resource of a call whose resource the emulator does not know."""

_FIELD = re.compile(r"\{(\w+)\}")


def resources_of(name: str, parameters: Request, location: Location) -> Sequence[str]:
    """Return the resources of the call *name*, such as ``sns:Publish``; the caller needs the right to all.

    Args:
        name: service and operation.
        parameters: of the call.
        location: where it is made.
    """
    if name in _ABOUT_NOTHING:
        return (NOTHING,)
    service = f"{name.partition(':')[0]}:"
    divide = _PARTS.get(name) or _PARTS.get(service)
    forms = _FORMS.get(name) or _FORMS.get(service, ())
    parts = divide(parameters) if divide else (parameters,)
    return tuple(dict.fromkeys(_arn(forms, part, location) for part in parts)) or (UNKNOWN,)


def _arn(forms: Iterable[str], parameters: Request, location: Location) -> str:
    """Fill the first form whose fields are all known; a field that holds an ARN replaces everything before it."""
    known = {name: str(value) for name, value in parameters.items() if value}
    known |= {"partition": location.partition, "region": location.region, "account": location.account}
    for form in forms:
        fields = _FIELD.findall(form)
        if known.keys() >= set(fields):
            named = next((f"{{{field}}}" for field in fields if known[field].startswith("arn:")), form)
            return form[form.index(named) :].format_map(known)
    return UNKNOWN


def _regional(service: str, resource: str) -> str:
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}"


def _queue(parameters: Request) -> Iterable[Request]:
    *_, owner, name = ("", "", *str(parameters.get("QueueUrl", "")).split("/"))
    return [{"Owner": owner, "Name": name}]


def _stored(parameters: Request) -> Iterable[Request]:
    return [{"Name": str(parameters.get("Name") or parameters.get("Path") or "").removeprefix("/")}]


def _buses(parameters: Request) -> Iterable[Request]:
    return [{"Bus": entry.get("EventBusName", "default")} for entry in parameters.get("Entries", ())]


def _objects(parameters: Request) -> Iterable[Request]:
    return [{**parameters, "Key": each["Key"]} for each in parameters["Delete"]["Objects"]]


def _findings(parameters: Request) -> Iterable[Request]:
    return list(parameters.get("Findings", ()))


def _access_point(parameters: Request) -> Iterable[Request]:
    name, owner = str(parameters.get("Name", "")), str(parameters.get("AccountId", ""))
    backends: Any = s3control_backends[owner].values()
    aliases = [backend.access_point_of[name].alias for backend in backends if name in backend.access_point_of]
    return [{"Owner": owner, "Alias": alias} for alias in aliases or [name]]


_OBJECT, _ACCESS_POINT = "arn:{partition}:s3:::{Bucket}/{Key}", "arn:{partition}:s3::{Owner}:accesspoint/{Alias}"
_FORMS: Mapping[str, Sequence[str]] = {
    "account:": ("arn:{partition}:account::{account}:account",),
    "backup:": (_regional("backup", "backup-vault:{BackupVaultName}"),),
    "cloudhsm:": (_regional("cloudhsm", "backup/{BackupId}"),),
    "dynamodb:": (
        "{StreamArn}",
        _regional("dynamodb", "table/{TableName}/index/{IndexName}"),
        _regional("dynamodb", "table/{TableName}"),
    ),
    "events:PutEvents": (_regional("events", "event-bus/{Bus}"),),
    "lambda:": (
        _regional("lambda", "function:{FunctionName}:{Qualifier}"),
        _regional("lambda", "function:{FunctionName}"),
    ),
    "logs:CreateLogStream": (_regional("logs", "log-group:{logGroupName}:log-stream:{logStreamName}"),),
    "logs:PutLogEvents": (_regional("logs", "log-group:{logGroupName}:log-stream:{logStreamName}"),),
    "mpa:": ("{SessionArn}",),
    "ram:": ("{resourceShareInvitationArn}", "{resourceShareArn}"),
    "s3:": (_OBJECT, "arn:{partition}:s3:::{Bucket}"),
    "s3:DescribeMultiRegionAccessPointOperation": ("{RequestTokenARN}",),
    "s3:GetMultiRegionAccessPoint": (_ACCESS_POINT,),
    "s3:GetMultiRegionAccessPointPolicy": (_ACCESS_POINT,),
    "securityhub:BatchImportFindings": ("{ProductArn}",),
    "sns:": ("{TopicArn}", "{TargetArn}"),
    "sqs:": ("arn:{partition}:sqs:{region}:{Owner}:{Name}",),
    "ssm:": (_regional("ssm", "parameter/{Name}"),),
    "ssm-incidents:": ("{arn}",),
    "states:": ("{stateMachineArn}", "{executionArn}", "{mapRunArn}"),
    "sts:AssumeRole": ("{RoleArn}",),
}
"""The forms of ARNs, by call or service, to be filled with location and parameters; the first that can be counts."""

_PARTS: Mapping[str, Callable[[Request], Iterable[Request]]] = {
    "events:PutEvents": _buses,
    "s3:DeleteObjects": _objects,
    "s3:GetMultiRegionAccessPoint": _access_point,
    "s3:GetMultiRegionAccessPointPolicy": _access_point,
    "securityhub:BatchImportFindings": _findings,
    "sqs:": _queue,
    "ssm:": _stored,
}
"""Calls whose resource is not named by one parameter: returns the parameters of each resource."""

_ABOUT_NOTHING = frozenset(
    {
        *("backup:ListBackupVaults", "cloudhsm:DescribeBackups", "cloudhsm:DescribeClusters"),
        *("cloudwatch:PutMetricData", "dynamodb:ListStreams", "dynamodb:ListTables", "lambda:ListFunctions"),
        *("organizations:DescribeOrganization", "organizations:ListAccounts", "organizations:ListRoots"),
        *("ram:GetResourcePolicies", "ram:GetResourceShareAssociations", "ram:GetResourceShareInvitations"),
        *("ram:GetResourceShares", "ram:ListPrincipals", "ram:ListResources", "s3:ListBuckets"),
        *("s3:ListMultiRegionAccessPoints", "sns:ListTopics", "sqs:ListQueues", "ssm:DescribeParameters"),
        *("ssm-incidents:ListReplicationSets", "states:ListStateMachines"),
        *("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
    }
)

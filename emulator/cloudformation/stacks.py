"""Stacks, their resources and their events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from emulator.cloudformation.providers.provider import Created, StackLocation
from emulator.cloudformation.templates import Template

STACK = "AWS::CloudFormation::Stack"


@dataclass(slots=True)
class StackResource:
    """A resource of a stack.

    Attributes:
        logical_id: its name in the template.
        type: such as ``AWS::Lambda::Function``.
        made: the created resource.
        properties: resolved.
        deletion: its DeletionPolicy.
        replacement: its UpdateReplacePolicy.
        status: its ResourceStatus.
        changed_at: time of the status.
    """

    logical_id: str
    type: str
    made: Created
    properties: Mapping[str, Any]
    deletion: str
    replacement: str
    status: str
    changed_at: datetime

    def described(self) -> dict[str, Any]:
        """Return it in the form of the API."""
        return {
            "LogicalResourceId": self.logical_id,
            "PhysicalResourceId": self.made.physical_id,
            "ResourceType": self.type,
            "ResourceStatus": self.status,
            "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        }


@dataclass(slots=True)
class Stack:
    """A stack.

    Attributes:
        location: its account and Region.
        name: unique among the stacks there that are not deleted.
        id: its ARN.
        status: such as ``CREATE_COMPLETE``; REVIEW_IN_PROGRESS while there is only a change set.
        reason: of the status.
        template: of the last deployment.
        parameters: resolved, with the pseudo parameters.
        texts: of the parameters, as passed; of one in Parameter Store its name.
        settings: role, tags, capabilities and so on, in the form of the API.
        resources: by logical id, in the order of their creation.
        outputs: in the form of DescribeStacks.
        events: newest last.
    """

    location: StackLocation
    name: str
    settings: dict[str, Any]
    template: Template | None = None
    status: str = "REVIEW_IN_PROGRESS"
    reason: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    resources: dict[str, StackResource] = field(default_factory=dict)
    outputs: list[dict[str, str]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    id: str = ""
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated_at: datetime | None = None
    is_protected: bool = False

    def __post_init__(self) -> None:
        """Set its ARN."""
        self.id = self.location.arn("cloudformation", f"stack/{self.name}/{uuid4()}")

    def set_status(self, status: str, reason: str = "") -> None:
        """Change its status, and record the event."""
        self.status, self.reason = status, reason
        self.record(self.name, STACK, self.id, status, reason)

    def record(self, logical_id: str, kind: str, physical_id: str, status: str, reason: str = "") -> None:
        """Record an event of the stack or of one of its resources."""
        self.events.append(
            {
                "EventId": str(uuid4()),
                "StackId": self.id,
                "StackName": self.name,
                "LogicalResourceId": logical_id,
                "PhysicalResourceId": physical_id,
                "ResourceType": kind,
                "ResourceStatus": status,
                "Timestamp": datetime.now(UTC),
                **({"ResourceStatusReason": reason} if reason else {}),
            }
        )

    def described(self) -> dict[str, Any]:
        """Return it in the form of the API."""
        return {
            "StackId": self.id,
            "StackName": self.name,
            "StackStatus": self.status,
            "CreationTime": self.created_at,
            "EnableTerminationProtection": self.is_protected,
            "DisableRollback": False,
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": text, **self._resolved(name, text)}
                for name, text in self.texts.items()
            ],
            "Outputs": self.outputs,
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
            **self.settings,
            **({"LastUpdatedTime": self.updated_at} if self.updated_at else {}),
            **({"StackStatusReason": self.reason} if self.reason else {}),
            **self._description(),
        }

    def _resolved(self, name: str, text: str) -> dict[str, str]:
        value = self.parameters.get(name)
        return {"ResolvedValue": value} if isinstance(value, str) and value != text else {}

    def _description(self) -> dict[str, str]:
        body = self.template.body if self.template else {}
        return {"Description": body["Description"]} if "Description" in body else {}

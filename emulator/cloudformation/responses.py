"""CloudFormation's operations, as moto calls them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from moto.core.responses import ActionResult

from emulator.cloudformation.models import (
    ChangeSet,
    CloudFormationBackend,
    cloudformation_backends,
)
from emulator.cloudformation.providers.provider import ResourceError
from emulator.cloudformation.templates import Template, TemplateError
from emulator.wire.errors import ServiceError
from emulator.wire.responses import ServiceResponse

_SETTINGS = ("Capabilities", "NotificationARNs", "RoleARN", "Tags")


class CloudFormationResponse(ServiceResponse):
    """Answers CloudFormation's requests."""

    service = "cloudformation"

    @property
    def backend(self) -> CloudFormationBackend:
        """The caller's, in the Region of the call."""
        return cloudformation_backends[self.current_account][self.region]

    def create_change_set(self) -> ActionResult:
        parameters = self.params
        kind = parameters.get("ChangeSetType", "UPDATE")
        if kind == "IMPORT":
            raise NotImplementedError("change sets of type IMPORT")
        made = self.backend.plan(
            parameters["ChangeSetName"], parameters["StackName"], kind, self._template(), self._requested()
        )
        return ActionResult({"Id": made.id, "StackId": made.stack.id})

    def describe_change_set(self) -> ActionResult:
        """Answer DescribeChangeSet, on one page."""
        return ActionResult(_planned(self._change_set()))

    def list_change_sets(self) -> ActionResult:
        stack = self.backend.find(self.params["StackName"])
        found = [_planned(each) for each in self.backend.change_sets if each.stack is stack]
        kept = ("StackId", "StackName", "ChangeSetId", "ChangeSetName", "ExecutionStatus", "Status", "CreationTime")
        return ActionResult({"Summaries": [{name: each[name] for name in kept} for each in found]})

    def execute_change_set(self) -> ActionResult:
        """Answer ExecuteChangeSet, after the deployment has ended."""
        self.backend.execute(self._change_set())
        return ActionResult({})

    def delete_change_set(self) -> ActionResult:
        """Answer DeleteChangeSet; nothing happens if it does not exist."""
        name, stack = self.params["ChangeSetName"], self.params.get("StackName", "")
        self.backend.forget(name, stack)
        return ActionResult({})

    def create_stack(self) -> ActionResult:
        stack = self.backend.create(self.params["StackName"], self._template(), self._requested())
        return ActionResult({"StackId": stack.id})

    def update_stack(self) -> ActionResult:
        stack = self.backend.update(self.params["StackName"], self._template(), self._requested())
        return ActionResult({"StackId": stack.id})

    def delete_stack(self) -> ActionResult:
        if self.params.get("RetainResources"):
            raise NotImplementedError("RetainResources")
        self.backend.delete(self.params["StackName"])
        return ActionResult({})

    def describe_stacks(self) -> ActionResult:
        name = self.params.get("StackName")
        found = [self.backend.find(name)] if name else list(self.backend.present())
        return ActionResult({"Stacks": [each.described() for each in found]})

    def list_stacks(self) -> ActionResult:
        wanted = self.params.get("StackStatusFilter") or []
        kept = ("StackId", "StackName", "StackStatus", "CreationTime")
        found = [each.described() for each in self.backend.stacks if not wanted or each.status in wanted]
        return ActionResult({"StackSummaries": [{name: each[name] for name in kept} for each in found]})

    def list_exports(self) -> ActionResult:
        exports = self.backend.exports()
        return ActionResult({"Exports": [{"Name": name, "Value": value} for name, value in exports.items()]})

    def describe_stack_events(self) -> ActionResult:
        """Answer DescribeStackEvents, the newest first."""
        stack = self.backend.find(self.params["StackName"])
        return ActionResult({"StackEvents": stack.events[::-1]})

    def describe_stack_resources(self) -> ActionResult:
        stack, wanted = self.backend.find(self.params.get("StackName", "")), self.params.get("LogicalResourceId")
        found = [
            {**each.described(), "StackId": stack.id, "StackName": stack.name, "Timestamp": each.changed_at}
            for each in stack.resources.values()
            if wanted in (None, each.logical_id)
        ]
        return ActionResult({"StackResources": found})

    def list_stack_resources(self) -> ActionResult:
        stack = self.backend.find(self.params["StackName"])
        found = [{**each.described(), "LastUpdatedTimestamp": each.changed_at} for each in stack.resources.values()]
        return ActionResult({"StackResourceSummaries": found})

    def get_template(self) -> ActionResult:
        """Answer GetTemplate, with the original text."""
        if name := self.params.get("ChangeSetName"):
            return ActionResult(
                {"TemplateBody": self.backend.change_set(name, self.params.get("StackName", "")).template.text}
            )
        template = self.backend.find(self.params.get("StackName", "")).template
        return ActionResult({"TemplateBody": template.text if template else "{}", "StagesAvailable": ["Original"]})

    def get_template_summary(self) -> ActionResult:
        template = self._template()
        declared = [
            {"ParameterKey": name, "ParameterType": each["Type"], **_default(each)}
            for name, each in template.section("Parameters").items()
        ]
        kinds = sorted({each["Type"] for each in template.section("Resources").values()})
        return ActionResult({"Parameters": declared, "ResourceTypes": kinds})

    def validate_template(self) -> ActionResult:
        declared = self._template().section("Parameters")
        return ActionResult(
            {"Parameters": [{"ParameterKey": name, **_default(each)} for name, each in declared.items()]}
        )

    def update_termination_protection(self) -> ActionResult:
        stack = self.backend.find(self.params["StackName"])
        stack.is_protected = bool(self.params["EnableTerminationProtection"])
        return ActionResult({"StackId": stack.id})

    def _change_set(self) -> ChangeSet:
        return self.backend.change_set(self.params["ChangeSetName"], self.params.get("StackName", ""))

    def _requested(self) -> dict[str, Any]:
        old = {}
        if any(each.get("UsePreviousValue") for each in self.params.get("Parameters", [])):
            described = self.backend.find(self.params["StackName"]).described()["Parameters"]
            old = {each["ParameterKey"]: each["ParameterValue"] for each in described}
        parameters = {
            each["ParameterKey"]: old[each["ParameterKey"]] if each.get("UsePreviousValue") else each["ParameterValue"]
            for each in self.params.get("Parameters", [])
        }
        return {
            "Parameters": parameters,
            "Settings": {name: self.params[name] for name in _SETTINGS if name in self.params},
        }

    def _template(self) -> Template:
        try:
            return Template.read(self._text())
        except TemplateError as error:
            raise ServiceError("ValidationError", str(error)) from error

    def _text(self) -> str:
        parameters = self.params
        if parameters.get("TemplateBody"):
            return str(parameters["TemplateBody"])
        if parameters.get("TemplateURL"):
            return self._fetched(parameters["TemplateURL"])
        if not parameters.get("StackName"):
            raise ServiceError("ValidationError", "Either Template URL or Template Body must be specified.")
        template = self.backend.find(parameters["StackName"]).template
        if template is None:
            raise ServiceError("ValidationError", "The stack has no template.")
        return template.text

    def _fetched(self, url: str) -> str:
        """Read a template from a bucket, whose name is in the path or before the host name."""
        address = urlsplit(url)
        bucket, key = unquote(address.path).lstrip("/").partition("/")[::2]
        host = (address.hostname or "").partition(".")
        if host[2].startswith("s3") and not host[0].startswith("s3"):
            bucket, key = host[0], f"{bucket}/{key}" if key else bucket
        try:
            found = self.backend.location.call("s3", "GetObject", Bucket=bucket, Key=key)
        except ResourceError as error:
            raise ServiceError("ValidationError", f"TemplateURL {url}: {error}") from error
        return str(found["Body"].read().decode())


def _planned(each: ChangeSet) -> dict[str, Any]:
    return {
        "ChangeSetId": each.id,
        "ChangeSetName": each.name,
        "StackId": each.stack.id,
        "StackName": each.stack.name,
        "Status": each.status,
        "ExecutionStatus": each.execution,
        "CreationTime": each.created_at or datetime.now(UTC),
        "Changes": each.changes,
        **each.settings,
        **({"StatusReason": each.reason} if each.reason else {}),
    }


def _default(declared: Mapping[str, Any]) -> dict[str, str]:
    default = {"DefaultValue": str(declared["Default"])} if "Default" in declared else {}
    return default | ({"Description": declared["Description"]} if "Description" in declared else {})

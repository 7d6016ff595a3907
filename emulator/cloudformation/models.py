"""The CloudFormation of one account in one Region."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.core.base_backend import BackendDict, BaseBackend

from emulator.cloudformation.deployment import Deployment, delete_all, is_name
from emulator.cloudformation.expressions import TemplateScope
from emulator.cloudformation.parameters import resolved, texts
from emulator.cloudformation.providers.catalog import PROVIDERS
from emulator.cloudformation.providers.provider import ResourceProvider, StackLocation
from emulator.cloudformation.stacks import Stack, StackResource
from emulator.cloudformation.templates import Template, TemplateError
from emulator.wire.errors import ServiceError

_SECTIONS = ("Resources", "Outputs", "Conditions", "Mappings", "Metadata", "Rules")
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
_NOT_AT_REST = ("IN_PROGRESS", "_FAILED", "CREATE_ROLLBACK_COMPLETE")
_ENDED = "DELETE_COMPLETE"
_LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"


@dataclass(slots=True)
class ChangeSet:
    """A change set.

    Attributes:
        stack: to be changed.
        name: unique in the stack.
        kind: ``CREATE`` or ``UPDATE``.
        template: of the new state.
        values: its parameters and pseudo parameters.
        texts: of the parameters, as passed.
        settings: of the stack, in the form of the API.
        status: CREATE_COMPLETE, or FAILED if nothing changes.
        reason: of the status.
        changes: in the form of DescribeChangeSet.
    """

    stack: Stack
    name: str
    kind: str
    template: Template
    values: dict[str, Any]
    texts: dict[str, str]
    settings: dict[str, Any]
    status: str
    reason: str
    changes: list[dict[str, Any]]
    id: str = ""
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    execution: str = "AVAILABLE"

    def __post_init__(self) -> None:
        """Set its ARN."""
        self.id = self.stack.location.arn("cloudformation", f"changeSet/{self.name}/{uuid4()}")

    def is_named(self, name_or_id: str, stack: str) -> bool:
        """Tell whether this is its ARN, or its name and its stack."""
        return name_or_id == self.id or (name_or_id == self.name and stack in (self.stack.name, self.stack.id))


class CloudFormationBackend(BaseBackend):
    """The stacks of one account in one Region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin without stacks."""
        super().__init__(region_name, account_id)
        self.location = StackLocation(account_id, region_name)
        self.stacks: list[Stack] = []
        self.change_sets: list[ChangeSet] = []

    def present(self) -> Iterator[Stack]:
        """Yield the stacks that are not deleted."""
        return (stack for stack in self.stacks if stack.status != _ENDED)

    def find(self, name_or_id: str) -> Stack:
        """Return a stack by its name or ARN; by ARN also a deleted one.

        Raises:
            ServiceError: it does not exist.
        """
        found = next((each for each in self.stacks if each.id == name_or_id), None)
        found = found or next((each for each in self.present() if each.name == name_or_id), None)
        if found is None:
            raise ServiceError("ValidationError", f"Stack with id {name_or_id} does not exist")
        return found

    def plan(
        self, name: str, stack_name: str, kind: str, template: Template, requested: Mapping[str, Any]
    ) -> ChangeSet:
        """Create a change set.

        Args:
            name: of the change set.
            stack_name: of its stack, which a CREATE adds.
            kind: ``CREATE`` or ``UPDATE``.
            template: of the new state.
            requested: ``Parameters`` as a mapping, and ``Settings``.

        Raises:
            ServiceError: the stack cannot be changed in this way.
        """
        stack = self._for_review(stack_name, requested["Settings"]) if kind == "CREATE" else self._at_rest(stack_name)
        values = self.values(stack, template, requested)
        changes = list(changed(stack, template, values))
        same = stack.template is not None and not changes and is_alike(stack, template, requested["Settings"])
        made = ChangeSet(
            stack=stack,
            name=name,
            kind=kind,
            template=template,
            values=values,
            texts=texts(template, requested["Parameters"]),
            settings=dict(requested["Settings"]),
            status="FAILED" if same else "CREATE_COMPLETE",
            reason=NO_CHANGES if same else "",
            changes=changes,
            execution="UNAVAILABLE" if same else "AVAILABLE",
        )
        self.change_sets.append(made)
        return made

    def change_set(self, name_or_id: str, stack: str) -> ChangeSet:
        """Return a change set by its ARN, or by its name and its stack.

        Raises:
            ServiceError: it does not exist.
        """
        for each in self.change_sets:
            if each.is_named(name_or_id, stack):
                return each
        raise ServiceError("ChangeSetNotFound", f"ChangeSet [{name_or_id}] does not exist")

    def forget(self, name_or_id: str, stack: str) -> None:
        """Delete a change set if it exists."""
        self.change_sets = [each for each in self.change_sets if not each.is_named(name_or_id, stack)]

    def execute(self, planned: ChangeSet) -> None:
        """Execute a change set.

        Raises:
            ServiceError: it changes nothing, or was executed before.
        """
        if planned.execution != "AVAILABLE":
            reason = f"ChangeSet [{planned.id}] cannot be executed in its current status of [{planned.status}]"
            raise ServiceError("InvalidChangeSetStatus", reason)
        planned.execution = "EXECUTE_COMPLETE"
        planned.stack.texts = planned.texts
        self.deploy(planned.stack, planned.template, planned.values, planned.settings)

    def create(self, name: str, template: Template, requested: Mapping[str, Any]) -> Stack:
        """Create a stack without a change set.

        Raises:
            ServiceError: a stack of this name exists.
        """
        stack = self._for_review(name, requested["Settings"])
        return self._deploy(stack, template, self.values(stack, template, requested), requested)

    def update(self, name: str, template: Template, requested: Mapping[str, Any]) -> Stack:
        """Update a stack without a change set.

        Raises:
            ServiceError: its status does not allow it, or nothing changes.
        """
        stack = self._at_rest(name)
        values = self.values(stack, template, requested)
        if not list(changed(stack, template, values)) and is_alike(stack, template, requested["Settings"]):
            raise ServiceError("ValidationError", "No updates are to be performed.")
        return self._deploy(stack, template, values, requested)

    def deploy(self, stack: Stack, template: Template, values: dict[str, Any], settings: Mapping[str, Any]) -> None:
        """Deploy a template to a stack, or roll back."""
        action = "CREATE" if stack.template is None else "UPDATE"
        stack.settings = {**stack.settings, **settings}
        if action == "UPDATE":
            stack.updated_at = datetime.now(UTC)
        Deployment(stack, template, values, self.exports()).run(action)
        if stack.template is None:
            stack.template, stack.parameters = template, values  # of the attempt that was rolled back

    def delete(self, name: str) -> None:
        """Delete a stack; nothing happens if it does not exist.

        Raises:
            ServiceError: termination protection is on.
        """
        found = next((each for each in self.present() if name in (each.name, each.id)), None)
        if found is None:
            return
        if found.is_protected:
            reason = f"Stack [{found.name}] cannot be deleted while TerminationProtection is enabled"
            raise ServiceError("ValidationError", reason)
        delete_all(found)
        self.change_sets = [each for each in self.change_sets if each.stack is not found]

    def exports(self) -> dict[str, str]:
        """Return the exports of all stacks."""
        outputs = (output for stack in self.present() for output in stack.outputs)
        return {output["ExportName"]: output["OutputValue"] for output in outputs if "ExportName" in output}

    def values(self, stack: Stack, template: Template, requested: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of a stack.

        Raises:
            ServiceError: they do not fit the template, or a capability is missing.
        """
        makes_roles = any(each["Type"].startswith("AWS::IAM::") for each in template.section("Resources").values())
        if makes_roles and not {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"} & set(
            requested["Settings"].get("Capabilities", ())
        ):
            raise ServiceError("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
        try:
            return resolved(stack, template, requested["Parameters"])
        except TemplateError as error:
            raise ServiceError("ValidationError", str(error)) from error

    def _deploy(self, stack: Stack, template: Template, values: dict[str, Any], requested: Mapping[str, Any]) -> Stack:
        stack.texts = texts(template, requested["Parameters"])
        self.deploy(stack, template, values, requested["Settings"])
        return stack

    def _for_review(self, name: str, settings: Mapping[str, Any]) -> Stack:
        found = next((each for each in self.present() if name in (each.name, each.id)), None)
        if found is not None and found.status == "REVIEW_IN_PROGRESS":
            return found
        if found is not None:
            raise ServiceError("AlreadyExistsException", f"Stack [{name}] already exists")
        if not is_name(name):
            raise ServiceError("ValidationError", f"{name!r} is not a valid name of a stack.")
        stack = Stack(self.location, name, dict(settings))
        self.stacks.append(stack)
        stack.set_status("REVIEW_IN_PROGRESS", "User Initiated")
        return stack

    def _at_rest(self, name: str) -> Stack:
        stack = self.find(name)
        if stack.status.endswith(_NOT_AT_REST) or stack.status == "ROLLBACK_COMPLETE":
            reason = f"Stack:{stack.id} is in {stack.status} state and can not be updated."
            raise ServiceError("ValidationError", reason)
        return stack


def changed(stack: Stack, template: Template, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the changes of a change set: resources to add, modify or remove, as the deployment will find them."""
    refs = {name: each.made.physical_id for name, each in stack.resources.items()}
    scope = TemplateScope(template, values, refs, {name: e.made.attributes for name, e in stack.resources.items()})
    old = stack.template.section("Resources") if stack.template else {}
    new = template.section("Resources")
    wanted = [name for name, each in new.items() if "Condition" not in each or scope.holds(each["Condition"])]
    for name in wanted:
        definition = new[name]
        if name not in stack.resources:
            yield _change("Add", name, definition["Type"])
            continue
        resource = stack.resources[name]
        properties = _resolved(scope, definition, old.get(name, {}), resource.properties)
        details = _details(definition, resource, properties)
        if details or old.get(name) != definition:
            is_new = any(each["Target"]["RequiresRecreation"] == "Always" for each in details)
            more = {"Replacement": "True" if is_new else "False", "Scope": ["Properties"], "Details": details}
            yield _change("Modify", name, definition["Type"], resource.made.physical_id, **more)
    for name, resource in stack.resources.items():
        if name not in wanted:
            yield _change("Remove", name, resource.type, resource.made.physical_id)


def _resolved(
    scope: TemplateScope, definition: Mapping[str, Any], old: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a resource's properties; what depends on a resource that is not there yet is another if its text is."""
    found: dict[str, Any] = {}
    said = old.get("Properties", {})
    for name, value in definition.get("Properties", {}).items():
        try:
            found |= scope.resolve({name: value})
        except TemplateError:
            found |= {name: before[name]} if name in before and said.get(name) == value else {name: _LATER}
    return found


def is_alike(stack: Stack, template: Template, settings: Mapping[str, Any]) -> bool:
    """Tell whether a template and settings equal those of the stack."""
    old = stack.template
    same_text = old is not None and all(old.section(name) == template.section(name) for name in _SECTIONS)
    return same_text and settings.get("Tags", []) == stack.settings.get("Tags", [])


def _details(
    definition: Mapping[str, Any], resource: StackResource, properties: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the changed properties, and whether each replaces the resource."""
    before, kind = resource.properties, PROVIDERS.get(definition["Type"], ResourceProvider())
    is_other = definition["Type"] != resource.type
    changes = [name for name in sorted(properties.keys() | before.keys()) if properties.get(name) != before.get(name)]
    return [
        {
            "Target": {
                "Attribute": "Properties",
                "Name": name,
                "RequiresRecreation": "Always" if is_other or _replaces(kind, name, properties, before) else "Never",
            },
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
        for name in changes
    ]


def _replaces(kind: ResourceProvider, name: str, properties: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    return kind.is_replaced({**before, name: properties.get(name)}, before)


def _change(action: str, name: str, kind: str, physical_id: str = "", **more: Any) -> dict[str, Any]:
    there = {"PhysicalResourceId": physical_id} if physical_id else {}
    change = {"Action": action, "LogicalResourceId": name, "ResourceType": kind, **there, **more}
    return {"Type": "Resource", "ResourceChange": change}


cloudformation_backends: BackendDict[CloudFormationBackend] = BackendDict(CloudFormationBackend, "cloudformation")

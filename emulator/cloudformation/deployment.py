"""A deployment: creates or updates a stack, or rolls back."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from emulator.cloudformation.expressions import TemplateScope
from emulator.cloudformation.providers.catalog import PROVIDERS
from emulator.cloudformation.providers.provider import Created, ResourceError, ResourceProvider
from emulator.cloudformation.secret_references import revealed
from emulator.cloudformation.stacks import Stack, StackResource
from emulator.cloudformation.templates import Template, TemplateError, dependencies, references

_RETAINED = frozenset({"Retain"})
_RANDOM = 12

Undo = Callable[[], None]


class Deployment:
    """Creates, updates and deletes the resources of one stack in the order of their dependencies."""

    def __init__(self, stack: Stack, template: Template, values: Mapping[str, Any], exports: Mapping[str, str]) -> None:
        """Prepare the deployment.

        Args:
            stack: to be changed.
            template: of the new state.
            values: of parameters and pseudo parameters.
            exports: of other stacks.
        """
        self._stack = stack
        self._scope = TemplateScope(template, values, exports=exports)
        self._undo: list[Undo] = []
        self._replaced: list[StackResource] = []

    def run(self, action: str) -> None:
        """Deploy; roll back if something fails.

        Args:
            action: ``CREATE`` or ``UPDATE``.
        """
        stack = self._stack
        before = dict(stack.resources)
        stack.set_status(f"{action}_IN_PROGRESS", "User Initiated")
        try:
            for logical_id in ordered(self._scope):
                self._deploy_resource(logical_id)
            outputs = self._outputs()
        except (ResourceError, TemplateError) as error:
            self._roll_back(action, str(error), before)
            return
        gone = [each for name, each in before.items() if name not in self._scope.refs]
        for resource in (*reversed(gone), *reversed(self._replaced)):
            self._clean_up(resource, resource.deletion if resource in gone else resource.replacement)
        stack.template, stack.parameters, stack.outputs = self._scope.template, dict(self._scope.values), outputs
        stack.set_status(f"{action}_COMPLETE")

    def _deploy_resource(self, logical_id: str) -> None:
        """Create, update or replace one resource."""
        stack, definition = self._stack, self._scope.template.section("Resources")[logical_id]
        existing = stack.resources.get(logical_id)
        action = "UPDATE" if existing else "CREATE"
        try:
            provider = provider_of(definition["Type"])
            properties = self._properties(provider, definition)
            if existing is None:
                made = self._create(logical_id, provider, definition, properties)
            elif existing.type != definition["Type"] or provider.is_replaced(properties, existing.properties):
                made = self._replace(existing, provider, definition, properties)
            elif properties != existing.properties:
                made = self._update(existing, provider, properties)
            else:
                made = existing
        except (ResourceError, TemplateError, KeyError) as error:
            reason = f"Required key {error} not found" if isinstance(error, KeyError) else str(error)
            physical_id = existing.made.physical_id if existing else ""
            stack.record(logical_id, definition.get("Type", ""), physical_id, f"{action}_FAILED", reason)
            raise ResourceError(f"The following resource(s) failed to {action.lower()}: [{logical_id}].") from error
        made.deletion, made.replacement = _policies(definition)
        stack.resources[logical_id] = made
        self._scope.refs[logical_id] = made.made.physical_id
        self._scope.attributes[logical_id] = made.made.attributes

    def _properties(self, provider: ResourceProvider, definition: Mapping[str, Any]) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = self._scope.resolve(definition.get("Properties", {}))
        if unknown := properties.keys() - provider.properties:
            raise ResourceError(f"the emulator does not have {sorted(unknown)} of {definition['Type']}")
        return properties

    def _create(
        self, logical_id: str, provider: ResourceProvider, definition: Mapping[str, Any], properties: Mapping[str, Any]
    ) -> StackResource:
        self._stack.record(logical_id, definition["Type"], "", "CREATE_IN_PROGRESS")
        location = self._stack.location
        made = provider.create(location, self._name(logical_id, provider, properties), revealed(properties, location))
        resource = self._resource(logical_id, definition, made, properties)
        self._undo.append(lambda: self._delete(resource, resource.deletion))
        return resource

    def _replace(
        self,
        existing: StackResource,
        provider: ResourceProvider,
        definition: Mapping[str, Any],
        properties: Mapping[str, Any],
    ) -> StackResource:
        resource = self._create(existing.logical_id, provider, definition, properties)
        self._replaced.append(existing)
        return resource

    def _update(
        self, existing: StackResource, provider: ResourceProvider, properties: Mapping[str, Any]
    ) -> StackResource:
        location, before = self._stack.location, existing.properties
        self._stack.record(existing.logical_id, existing.type, existing.made.physical_id, "UPDATE_IN_PROGRESS")
        self._undo.append(lambda: _put_back(provider, location, existing, properties))
        made = provider.update(location, existing.made, revealed(properties, location), before)
        definition = self._scope.template.section("Resources")[existing.logical_id]
        return self._resource(existing.logical_id, definition, made, properties, "UPDATE_COMPLETE")

    def _resource(
        self,
        logical_id: str,
        definition: Mapping[str, Any],
        made: Created,
        properties: Mapping[str, Any],
        status: str = "CREATE_COMPLETE",
    ) -> StackResource:
        self._stack.record(logical_id, definition["Type"], made.physical_id, status)
        deletion, replacement = _policies(definition)
        now = datetime.now(UTC)
        return StackResource(logical_id, definition["Type"], made, properties, deletion, replacement, status, now)

    def _name(self, logical_id: str, provider: ResourceProvider, properties: Mapping[str, Any]) -> str:
        member, longest = provider.named_by
        if member in properties:
            return str(properties[member])
        end = f"-{secrets.token_hex(_RANDOM // 2).upper()}"
        whole = f"{self._stack.name}-{logical_id}"
        return f"{whole[: longest - len(end)]}{end}"

    def _outputs(self) -> list[dict[str, str]]:
        found = []
        for name, output in self._scope.template.section("Outputs").items():
            if "Condition" in output and not self._scope.holds(output["Condition"]):
                continue
            export = {"ExportName": self._scope.resolve(output["Export"]["Name"])} if "Export" in output else {}
            described = {"Description": output["Description"]} if "Description" in output else {}
            found.append(
                {"OutputKey": name, "OutputValue": str(self._scope.resolve(output["Value"])), **described, **export}
            )
        return found

    def _roll_back(self, action: str, reason: str, before: dict[str, StackResource]) -> None:
        stack = self._stack
        prefix = "" if action == "CREATE" else f"{action}_"
        stack.set_status(f"{prefix}ROLLBACK_IN_PROGRESS", reason)
        try:
            for undo in reversed(self._undo):
                undo()
        except ResourceError as error:
            stack.set_status(f"{prefix}ROLLBACK_FAILED", str(error))
            return
        stack.resources = before
        stack.set_status(f"{prefix}ROLLBACK_COMPLETE")

    def _clean_up(self, resource: StackResource, policy: str) -> None:
        """Delete a resource that the template no longer has; as in CloudFormation, a failure is only recorded."""
        stack = self._stack
        if stack.resources.get(resource.logical_id) is resource:
            del stack.resources[resource.logical_id]
        try:
            self._delete(resource, policy)
        except ResourceError as error:
            stack.record(resource.logical_id, resource.type, resource.made.physical_id, "DELETE_FAILED", str(error))

    def _delete(self, resource: StackResource, policy: str) -> None:
        delete_resource(self._stack, resource, policy)


def delete_resource(stack: Stack, resource: StackResource, policy: str) -> None:
    """Delete a resource, or retain it if its policy says so, and record the event.

    Raises:
        ResourceError: the deletion failed.
    """
    if policy not in _RETAINED:
        provider_of(resource.type).delete(stack.location, resource.made, resource.properties)
    done = "DELETE_SKIPPED" if policy in _RETAINED else "DELETE_COMPLETE"
    stack.record(resource.logical_id, resource.type, resource.made.physical_id, done)


def delete_all(stack: Stack) -> None:
    """Delete a stack: its resources in the opposite order, except retained ones."""
    stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
    for resource in reversed(_by_need(stack)):
        try:
            delete_resource(stack, resource, resource.deletion)
        except ResourceError as error:
            stack.record(resource.logical_id, resource.type, resource.made.physical_id, "DELETE_FAILED", str(error))
            stack.set_status("DELETE_FAILED", f"The following resource(s) failed to delete: [{resource.logical_id}].")
            return
        del stack.resources[resource.logical_id]
    stack.set_status("DELETE_COMPLETE")


def ordered(scope: TemplateScope) -> list[str]:
    """Return the resources of a template, each after its dependencies.

    Raises:
        TemplateError: the dependencies are circular, or a condition is unknown.
    """
    definitions = scope.template.section("Resources")
    wanted = {name for name, each in definitions.items() if "Condition" not in each or scope.holds(each["Condition"])}
    found: list[str] = []
    open_ones: list[str] = []

    def add(name: str) -> None:
        if name in open_ones:
            raise TemplateError(f"Circular dependency between resources: [{', '.join(open_ones)}]")
        if name in found:
            return
        open_ones.append(name)
        for needed in _needed(definitions[name]):
            if needed in wanted:
                add(needed)
        open_ones.pop()
        found.append(name)

    for name in definitions:
        if name in wanted:
            add(name)
    return found


def provider_of(name: str) -> ResourceProvider:
    """Return the provider of a resource type.

    Raises:
        ResourceError: the emulator does not have this type.
    """
    if name not in PROVIDERS:
        raise ResourceError(f"the emulator does not have resources of type {name}")
    return PROVIDERS[name]


def _by_need(stack: Stack) -> list[StackResource]:
    if stack.template is None:
        return list(stack.resources.values())
    order = {name: number for number, name in enumerate(ordered(TemplateScope(stack.template, stack.parameters)))}
    return sorted(stack.resources.values(), key=lambda each: order.get(each.logical_id, -1))


def _needed(definition: Mapping[str, Any]) -> Iterator[str]:
    yield from dependencies(definition)
    yield from references(definition.get("Properties", {}))


def _policies(definition: Mapping[str, Any]) -> tuple[str, str]:
    policies = [definition.get(name, "Delete") for name in ("DeletionPolicy", "UpdateReplacePolicy")]
    if unknown := set(policies) - {"Delete", "Retain"}:
        raise ResourceError(f"the emulator does not have the policy {unknown.pop()}")
    return policies[0], policies[1]


def _put_back(provider: ResourceProvider, location: Any, existing: StackResource, tried: Mapping[str, Any]) -> None:
    provider.update(location, existing.made, revealed(existing.properties, location), tried)


def is_name(text: str) -> bool:
    """Tell whether *text* is a valid name of a stack."""
    return re.fullmatch(r"[a-zA-Z][-a-zA-Z0-9]{0,127}", text) is not None

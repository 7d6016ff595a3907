"""A deployment: a stack becomes what a template says, or stays what it was."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from emulator.cloudformation.expressions import Scope
from emulator.cloudformation.providers.catalog import KINDS
from emulator.cloudformation.providers.provider import Kind, Made, ResourceError
from emulator.cloudformation.secret_references import revealed
from emulator.cloudformation.stacks import Resource, Stack
from emulator.cloudformation.templates import Template, TemplateError, references

_RETAINED = frozenset({"Retain"})
_RANDOM = 12

Undo = Callable[[], None]


class Deployment:
    """Makes, changes and deletes the resources of one stack, in the order in which they need each other."""

    def __init__(self, stack: Stack, template: Template, given: Mapping[str, Any], exports: Mapping[str, str]) -> None:
        """Take what the stack shall be.

        Args:
            stack: as it is.
            template: what it shall be.
            given: its parameters and pseudo parameters.
            exports: what other stacks export.
        """
        self._stack = stack
        self._scope = Scope(template, given, exports=exports)
        self._undo: list[Undo] = []
        self._left: list[Resource] = []

    def run(self, doing: str) -> None:
        """Do it; where something fails, bring back what was.

        Args:
            doing: ``CREATE`` or ``UPDATE``.
        """
        stack = self._stack
        before = dict(stack.resources)
        stack.turn(f"{doing}_IN_PROGRESS", "User Initiated")
        try:
            for logical_id in ordered(self._scope):
                self._bring(logical_id)
            outputs = self._outputs()
        except (ResourceError, TemplateError) as error:
            self._roll_back(doing, str(error), before)
            return
        gone = [each for name, each in before.items() if name not in self._scope.refs]
        for resource in (*reversed(gone), *reversed(self._left)):
            self._clean_up(resource, resource.deletion if resource in gone else resource.replacement)
        stack.template, stack.parameters, stack.outputs = self._scope.template, dict(self._scope.given), outputs
        stack.turn(f"{doing}_COMPLETE")

    def _bring(self, logical_id: str) -> None:
        """Make one resource what the template says."""
        stack, definition = self._stack, self._scope.template.section("Resources")[logical_id]
        here = stack.resources.get(logical_id)
        doing = "UPDATE" if here else "CREATE"
        try:
            kind = kind_of(definition["Type"])
            given = self._properties(kind, definition)
            if here is None:
                made = self._create(logical_id, kind, definition, given)
            elif here.type != definition["Type"] or kind.is_replaced(given, here.given):
                made = self._replace(here, kind, definition, given)
            elif given != here.given:
                made = self._update(here, kind, given)
            else:
                made = here
        except (ResourceError, TemplateError, KeyError) as error:
            reason = f"Required key {error} not found" if isinstance(error, KeyError) else str(error)
            physical_id = here.made.physical_id if here else ""
            stack.tell(logical_id, definition.get("Type", ""), physical_id, f"{doing}_FAILED", reason)
            raise ResourceError(f"The following resource(s) failed to {doing.lower()}: [{logical_id}].") from error
        made.deletion, made.replacement = _policies(definition)
        stack.resources[logical_id] = made
        self._scope.refs[logical_id] = made.made.physical_id
        self._scope.attributes[logical_id] = made.made.attributes

    def _properties(self, kind: Kind, definition: Mapping[str, Any]) -> Mapping[str, Any]:
        given: Mapping[str, Any] = self._scope.resolve(definition.get("Properties", {}))
        if unknown := given.keys() - kind.properties:
            raise ResourceError(f"the emulator does not know {sorted(unknown)} of {definition['Type']}")
        return given

    def _create(self, logical_id: str, kind: Kind, definition: Mapping[str, Any], given: Mapping[str, Any]) -> Resource:
        self._stack.tell(logical_id, definition["Type"], "", "CREATE_IN_PROGRESS")
        place = self._stack.place
        made = kind.create(place, self._name(logical_id, kind, given), revealed(given, place))
        resource = self._resource(logical_id, definition, made, given)
        self._undo.append(lambda: self._leave(resource, resource.deletion))
        return resource

    def _replace(self, here: Resource, kind: Kind, definition: Mapping[str, Any], given: Mapping[str, Any]) -> Resource:
        resource = self._create(here.logical_id, kind, definition, given)
        self._left.append(here)
        return resource

    def _update(self, here: Resource, kind: Kind, given: Mapping[str, Any]) -> Resource:
        place, before = self._stack.place, here.given
        self._stack.tell(here.logical_id, here.type, here.made.physical_id, "UPDATE_IN_PROGRESS")
        self._undo.append(lambda: _put_back(kind, place, here, given))
        made = kind.update(place, here.made, revealed(given, place), before)
        definition = self._scope.template.section("Resources")[here.logical_id]
        return self._resource(here.logical_id, definition, made, given, "UPDATE_COMPLETE")

    def _resource(
        self,
        logical_id: str,
        definition: Mapping[str, Any],
        made: Made,
        given: Mapping[str, Any],
        status: str = "CREATE_COMPLETE",
    ) -> Resource:
        self._stack.tell(logical_id, definition["Type"], made.physical_id, status)
        deletion, replacement = _policies(definition)
        now = datetime.now(UTC)
        return Resource(logical_id, definition["Type"], made, given, deletion, replacement, status, now)

    def _name(self, logical_id: str, kind: Kind, given: Mapping[str, Any]) -> str:
        member, longest = kind.named_by
        if member in given:
            return str(given[member])
        end = f"-{secrets.token_hex(_RANDOM // 2).upper()}"
        whole = f"{self._stack.name}-{logical_id}"
        return f"{whole[: longest - len(end)]}{end}"

    def _outputs(self) -> list[dict[str, str]]:
        found = []
        for name, output in self._scope.template.section("Outputs").items():
            if "Condition" in output and not self._scope.holds(output["Condition"]):
                continue
            export = {"ExportName": self._scope.resolve(output["Export"]["Name"])} if "Export" in output else {}
            told = {"Description": output["Description"]} if "Description" in output else {}
            found.append(
                {"OutputKey": name, "OutputValue": str(self._scope.resolve(output["Value"])), **told, **export}
            )
        return found

    def _roll_back(self, doing: str, reason: str, before: dict[str, Resource]) -> None:
        stack = self._stack
        prefix = "" if doing == "CREATE" else f"{doing}_"
        stack.turn(f"{prefix}ROLLBACK_IN_PROGRESS", reason)
        try:
            for undo in reversed(self._undo):
                undo()
        except ResourceError as error:
            stack.turn(f"{prefix}ROLLBACK_FAILED", str(error))
            return
        stack.resources = before
        stack.turn(f"{prefix}ROLLBACK_COMPLETE")

    def _clean_up(self, resource: Resource, policy: str) -> None:
        """Delete what the template has no more; what cannot be deleted is left, as CloudFormation leaves it."""
        stack = self._stack
        if stack.resources.get(resource.logical_id) is resource:
            del stack.resources[resource.logical_id]
        try:
            self._leave(resource, policy)
        except ResourceError as error:
            stack.tell(resource.logical_id, resource.type, resource.made.physical_id, "DELETE_FAILED", str(error))

    def _leave(self, resource: Resource, policy: str) -> None:
        leave(self._stack, resource, policy)


def leave(stack: Stack, resource: Resource, policy: str) -> None:
    """Delete a resource, or let it stay where its policy says so; and tell of it.

    Raises:
        ResourceError: it could not be deleted.
    """
    if policy not in _RETAINED:
        kind_of(resource.type).delete(stack.place, resource.made, resource.given)
    done = "DELETE_SKIPPED" if policy in _RETAINED else "DELETE_COMPLETE"
    stack.tell(resource.logical_id, resource.type, resource.made.physical_id, done)


def delete_all(stack: Stack) -> None:
    """Delete a stack: its resources in the opposite order, but those that are to be retained."""
    stack.turn("DELETE_IN_PROGRESS", "User Initiated")
    for resource in reversed(_by_need(stack)):
        try:
            leave(stack, resource, resource.deletion)
        except ResourceError as error:
            stack.tell(resource.logical_id, resource.type, resource.made.physical_id, "DELETE_FAILED", str(error))
            stack.turn("DELETE_FAILED", f"The following resource(s) failed to delete: [{resource.logical_id}].")
            return
        del stack.resources[resource.logical_id]
    stack.turn("DELETE_COMPLETE")


def ordered(scope: Scope) -> list[str]:
    """Return the resources that a template wants, each after those that it needs.

    Raises:
        TemplateError: they need each other, or a condition is not known.
    """
    definitions = scope.template.section("Resources")
    wanted = {name for name, each in definitions.items() if "Condition" not in each or scope.holds(each["Condition"])}
    found: list[str] = []
    open_ones: list[str] = []

    def visit(name: str) -> None:
        if name in open_ones:
            raise TemplateError(f"Circular dependency between resources: [{', '.join(open_ones)}]")
        if name in found:
            return
        open_ones.append(name)
        for needed in _needed(definitions[name]):
            if needed in wanted:
                visit(needed)
        open_ones.pop()
        found.append(name)

    for name in definitions:
        if name in wanted:
            visit(name)
    return found


def kind_of(name: str) -> Kind:
    """Return a type of resource.

    Raises:
        ResourceError: the emulator does not have it.
    """
    if name not in KINDS:
        raise ResourceError(f"the emulator does not have resources of type {name}")
    return KINDS[name]


def _by_need(stack: Stack) -> list[Resource]:
    if stack.template is None:
        return list(stack.resources.values())
    order = {name: number for number, name in enumerate(ordered(Scope(stack.template, stack.parameters)))}
    return sorted(stack.resources.values(), key=lambda each: order.get(each.logical_id, -1))


def _needed(definition: Mapping[str, Any]) -> Iterator[str]:
    depends = definition.get("DependsOn", [])
    yield from [depends] if isinstance(depends, str) else depends
    yield from references(definition.get("Properties", {}))


def _policies(definition: Mapping[str, Any]) -> tuple[str, str]:
    policies = [definition.get(name, "Delete") for name in ("DeletionPolicy", "UpdateReplacePolicy")]
    if unknown := set(policies) - {"Delete", "Retain"}:
        raise ResourceError(f"the emulator does not have the policy {unknown.pop()}")
    return policies[0], policies[1]


def _put_back(kind: Kind, place: Any, here: Resource, tried: Mapping[str, Any]) -> None:
    kind.update(place, here.made, revealed(here.given, place), tried)


def is_name(text: str) -> bool:
    """Say whether a stack may be called so."""
    return re.fullmatch(r"[a-zA-Z][-a-zA-Z0-9]{0,127}", text) is not None

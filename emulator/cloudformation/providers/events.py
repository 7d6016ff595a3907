"""AWS::Events and AWS::Scheduler."""

from typing import Any

from emulator.cloudformation.providers.provider import (
    Created,
    Properties,
    PutProvider,
    ResourceProvider,
    StackLocation,
    as_json,
    as_list,
    only,
)


class EventBusProvider(ResourceProvider):
    """A bus."""

    properties = frozenset({"Description", "KmsKeyIdentifier", "Name", "Tags"})
    replacing = frozenset({"Name"})
    named_by = ("Name", 256)
    deletion = ("events", "DeleteEventBus", "Name")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        more = only(properties, ("Description", "KmsKeyIdentifier"))
        created = aws.call("events", "CreateEventBus", Name=name, Tags=as_list(properties.get("Tags")), **more)
        return Created(name, {"Arn": created["EventBusArn"], "Name": name})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Change its tags."""
        aws.call("events", "TagResource", ResourceARN=created.attributes["Arn"], Tags=as_list(properties.get("Tags")))
        return created


class EventBusPolicyProvider(PutProvider):
    """A statement in the policy of a bus."""

    properties = frozenset({"EventBusName", "Statement", "StatementId"})
    replacing = frozenset({"EventBusName", "StatementId"})

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        """Put its statement."""
        statement = {"Sid": properties["StatementId"], **properties["Statement"]}
        policy = as_json({"Version": "2012-10-17", "Statement": [statement]})
        aws.call("events", "PutPermission", EventBusName=properties["EventBusName"], Policy=policy)
        return Created(f"{properties['EventBusName']}|{properties['StatementId']}")

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        """Remove its statement."""
        which = only(properties, ("EventBusName", "StatementId"))
        aws.delete("events", "RemovePermission", **which)


class RuleProvider(ResourceProvider):
    """A rule with its targets."""

    properties = frozenset(
        {
            "Description",
            "EventBusName",
            "EventPattern",
            "Name",
            "RoleArn",
            "ScheduleExpression",
            "State",
            "Tags",
            "Targets",
        }
    )
    replacing = frozenset({"EventBusName", "Name"})
    named_by = ("Name", 64)

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        """Put it, and its targets."""
        arn = self._put(aws, name, properties, Tags=as_list(properties.get("Tags")))
        bus = properties.get("EventBusName", "default")
        return Created(name if bus == "default" else f"{bus.rpartition('/')[2]}|{name}", {"Arn": arn})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Put it again, and remove the targets that it no longer has."""
        name, bus = created.physical_id.rpartition("|")[2], only(properties, ("EventBusName",))
        gone = {each["Id"] for each in previous.get("Targets", ())} - {
            each["Id"] for each in properties.get("Targets", ())
        }
        if gone:
            aws.call("events", "RemoveTargets", Rule=name, Ids=sorted(gone), **bus)
        self._put(aws, name, properties)
        return created

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        name, bus = created.physical_id.rpartition("|")[2], only(properties, ("EventBusName",))
        if targets := [each["Id"] for each in properties.get("Targets", ())]:
            aws.delete("events", "RemoveTargets", Rule=name, Ids=targets, **bus)
        aws.delete("events", "DeleteRule", Name=name, **bus)

    def _put(self, aws: StackLocation, name: str, properties: Properties, **more: Any) -> str:
        pattern = {"EventPattern": as_json(properties["EventPattern"])} if "EventPattern" in properties else {}
        rule = only(properties, ("Description", "EventBusName", "RoleArn", "ScheduleExpression", "State"))
        arn = aws.call("events", "PutRule", Name=name, **rule, **pattern, **more)["RuleArn"]
        if properties.get("Targets"):
            bus = only(properties, ("EventBusName",))
            aws.call("events", "PutTargets", Rule=name, Targets=list(properties["Targets"]), **bus)
        return str(arn)


class ScheduleProvider(ResourceProvider):
    """A schedule of EventBridge Scheduler."""

    properties = frozenset(
        {
            *("Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "Name", "ScheduleExpression"),
            *("ScheduleExpressionTimezone", "StartDate", "State", "Target"),
        }
    )
    replacing = frozenset({"GroupName", "Name"})
    named_by = ("Name", 64)

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        arn = aws.call("scheduler", "CreateSchedule", **{**properties, "Name": name})["ScheduleArn"]
        return Created(name, {"Arn": arn})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        aws.call("scheduler", "UpdateSchedule", **{**properties, "Name": created.physical_id})
        return created

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        aws.delete("scheduler", "DeleteSchedule", Name=created.physical_id, **only(properties, ("GroupName",)))

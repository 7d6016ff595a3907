"""AWS::Events and AWS::Scheduler."""

from typing import Any

from emulator.cloudformation.providers.provider import Kind, Made, Place, Properties, Put, as_json, as_list, only


class EventBus(Kind):
    """A bus."""

    properties = frozenset({"Description", "KmsKeyIdentifier", "Name", "Tags"})
    replacing = frozenset({"Name"})
    named_by = ("Name", 256)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        more = only(given, ("Description", "KmsKeyIdentifier"))
        made = place.call("events", "CreateEventBus", Name=name, Tags=as_list(given.get("Tags")), **more)
        return Made(name, {"Arn": made["EventBusArn"], "Name": name})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change its tags."""
        place.call("events", "TagResource", ResourceARN=made.attributes["Arn"], Tags=as_list(given.get("Tags")))
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("events", "DeleteEventBus", Name=made.physical_id)


class EventBusPolicy(Put):
    """Who may put events on a bus."""

    properties = frozenset({"EventBusName", "Statement", "StatementId"})
    replacing = frozenset({"EventBusName", "StatementId"})

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Put its statement."""
        statement = {"Sid": given["StatementId"], **given["Statement"]}
        policy = as_json({"Version": "2012-10-17", "Statement": [statement]})
        place.call("events", "PutPermission", EventBusName=given["EventBusName"], Policy=policy)
        return Made(f"{given['EventBusName']}|{given['StatementId']}")

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Take its statement away."""
        which = only(given, ("EventBusName", "StatementId"))
        place.end("events", "RemovePermission", **which)


class Rule(Kind):
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

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Put it, and its targets."""
        arn = self._put(place, name, given, Tags=as_list(given.get("Tags")))
        bus = given.get("EventBusName", "default")
        return Made(name if bus == "default" else f"{bus.rpartition('/')[2]}|{name}", {"Arn": arn})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Put it again, and take away the targets that it has no more."""
        name, bus = made.physical_id.rpartition("|")[2], only(given, ("EventBusName",))
        gone = {each["Id"] for each in before.get("Targets", ())} - {each["Id"] for each in given.get("Targets", ())}
        if gone:
            place.call("events", "RemoveTargets", Rule=name, Ids=sorted(gone), **bus)
        self._put(place, name, given)
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        name, bus = made.physical_id.rpartition("|")[2], only(given, ("EventBusName",))
        if targets := [each["Id"] for each in given.get("Targets", ())]:
            place.end("events", "RemoveTargets", Rule=name, Ids=targets, **bus)
        place.end("events", "DeleteRule", Name=name, **bus)

    def _put(self, place: Place, name: str, given: Properties, **more: Any) -> str:
        pattern = {"EventPattern": as_json(given["EventPattern"])} if "EventPattern" in given else {}
        rule = only(given, ("Description", "EventBusName", "RoleArn", "ScheduleExpression", "State"))
        arn = place.call("events", "PutRule", Name=name, **rule, **pattern, **more)["RuleArn"]
        if given.get("Targets"):
            bus = only(given, ("EventBusName",))
            place.call("events", "PutTargets", Rule=name, Targets=list(given["Targets"]), **bus)
        return str(arn)


class Schedule(Kind):
    """A schedule of EventBridge Scheduler's."""

    properties = frozenset(
        {
            *("Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "Name", "ScheduleExpression"),
            *("ScheduleExpressionTimezone", "StartDate", "State", "Target"),
        }
    )
    replacing = frozenset({"GroupName", "Name"})
    named_by = ("Name", 64)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        arn = place.call("scheduler", "CreateSchedule", **{**given, "Name": name})["ScheduleArn"]
        return Made(name, {"Arn": arn})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change it."""
        place.call("scheduler", "UpdateSchedule", **{**given, "Name": made.physical_id})
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("scheduler", "DeleteSchedule", Name=made.physical_id, **only(given, ("GroupName",)))

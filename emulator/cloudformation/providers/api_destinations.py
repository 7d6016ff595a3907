"""AWS::Events, as far as it reaches out of AWS: connections and API destinations."""

from emulator.cloudformation.providers.provider import Kind, Made, Place, Properties, only


class Connection(Kind):
    """The credentials of API destinations."""

    properties = frozenset({"AuthorizationType", "AuthParameters", "Description", "Name"})
    replacing = frozenset({"Name"})
    named_by = ("Name", 64)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        arn = place.call("events", "CreateConnection", Name=name, **_content(given))["ConnectionArn"]
        secret = place.call("events", "DescribeConnection", Name=name)["SecretArn"]
        return Made(name, {"Arn": arn, "ArnForPolicy": place.arn("events", f"connection/{name}"), "SecretArn": secret})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change it."""
        place.call("events", "UpdateConnection", Name=made.physical_id, **_content(given))
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("events", "DeleteConnection", Name=made.physical_id)


class ApiDestination(Kind):
    """An address outside of AWS."""

    properties = frozenset(
        {"ConnectionArn", "Description", "HttpMethod", "InvocationEndpoint", "InvocationRateLimitPerSecond", "Name"}
    )
    replacing = frozenset({"Name"})
    named_by = ("Name", 64)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        arn = place.call("events", "CreateApiDestination", Name=name, **_address(given))["ApiDestinationArn"]
        return Made(name, {"Arn": arn, "ArnForPolicy": place.arn("events", f"api-destination/{name}")})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change it."""
        place.call("events", "UpdateApiDestination", Name=made.physical_id, **_address(given))
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("events", "DeleteApiDestination", Name=made.physical_id)


def _content(given: Properties) -> dict[str, object]:
    return only(given, ("AuthorizationType", "AuthParameters", "Description"))


def _address(given: Properties) -> dict[str, object]:
    rate = {name: int(given[name]) for name in ("InvocationRateLimitPerSecond",) if name in given}
    return only(given, ("ConnectionArn", "Description", "HttpMethod", "InvocationEndpoint")) | rate

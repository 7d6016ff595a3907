"""AWS::Events: connections and API destinations."""

from emulator.cloudformation.providers.provider import (
    Created,
    Properties,
    ResourceProvider,
    StackLocation,
    only,
)


class ConnectionProvider(ResourceProvider):
    """The credentials of API destinations."""

    properties = frozenset({"AuthorizationType", "AuthParameters", "Description", "Name"})
    replacing = frozenset({"Name"})
    named_by = ("Name", 64)
    deletion = ("events", "DeleteConnection", "Name")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        arn = aws.call("events", "CreateConnection", Name=name, **_content(properties))["ConnectionArn"]
        secret = aws.call("events", "DescribeConnection", Name=name)["SecretArn"]
        return Created(name, {"Arn": arn, "ArnForPolicy": aws.arn("events", f"connection/{name}"), "SecretArn": secret})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        aws.call("events", "UpdateConnection", Name=created.physical_id, **_content(properties))
        return created


class ApiDestinationProvider(ResourceProvider):
    """An API destination."""

    properties = frozenset(
        {"ConnectionArn", "Description", "HttpMethod", "InvocationEndpoint", "InvocationRateLimitPerSecond", "Name"}
    )
    replacing = frozenset({"Name"})
    named_by = ("Name", 64)
    deletion = ("events", "DeleteApiDestination", "Name")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        arn = aws.call("events", "CreateApiDestination", Name=name, **_address(properties))["ApiDestinationArn"]
        return Created(name, {"Arn": arn, "ArnForPolicy": aws.arn("events", f"api-destination/{name}")})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        aws.call("events", "UpdateApiDestination", Name=created.physical_id, **_address(properties))
        return created


def _content(properties: Properties) -> dict[str, object]:
    return only(properties, ("AuthorizationType", "AuthParameters", "Description"))


def _address(properties: Properties) -> dict[str, object]:
    rate = {name: int(properties[name]) for name in ("InvocationRateLimitPerSecond",) if name in properties}
    return only(properties, ("ConnectionArn", "Description", "HttpMethod", "InvocationEndpoint")) | rate

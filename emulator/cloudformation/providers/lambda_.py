"""AWS::Lambda."""

from typing import Any

from emulator.cloudformation.providers.provider import (
    Kind,
    Made,
    Place,
    Properties,
    Put,
    Remade,
    ResourceError,
    as_tags,
    only,
)

_CONFIGURATION = (
    *("Description", "Environment", "Handler", "Layers", "LoggingConfig", "MemorySize", "Role", "Runtime", "Timeout"),
    *("TracingConfig", "VpcConfig", "DeadLetterConfig"),
)
_CODE = ("S3Bucket", "S3Key", "S3ObjectVersion")


class Function(Kind):
    """A function, whose code lies in a bucket."""

    properties = frozenset(
        {*_CONFIGURATION, "Architectures", "Code", "DurableConfig", "FunctionName", "KmsKeyArn", "Tags"}
    )
    replacing = frozenset({"FunctionName", "DurableConfig"})
    named_by = ("FunctionName", 64)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        if unknown := given["Code"].keys() - set(_CODE):
            raise ResourceError(f"the emulator takes code from buckets alone, not by {sorted(unknown)}")
        created = place.call(
            "lambda",
            "CreateFunction",
            FunctionName=name,
            Code=dict(given["Code"]),
            Tags=as_tags(given.get("Tags")),
            **only(given, (*_CONFIGURATION, "Architectures", "DurableConfig")),
            **_key(given),
        )
        return Made(name, {"Arn": created["FunctionArn"]})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Give it other code, or another configuration."""
        name = made.physical_id
        if given["Code"] != before["Code"]:
            place.call("lambda", "UpdateFunctionCode", FunctionName=name, **given["Code"])
        changed = {*_CONFIGURATION, "KmsKeyArn"}
        if any(given.get(each) != before.get(each) for each in changed):
            configuration = only(given, _CONFIGURATION) | _key(given)
            place.call("lambda", "UpdateFunctionConfiguration", FunctionName=name, **configuration)
        if tags := as_tags(given.get("Tags")):
            place.call("lambda", "TagResource", Resource=made.attributes["Arn"], Tags=tags)
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it with all its versions."""
        place.end("lambda", "DeleteFunction", FunctionName=made.physical_id)


class Version(Remade):
    """A version; there is a new one whenever the CDK gives it another logical id."""

    properties = frozenset({"Description", "FunctionName"})

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Publish it."""
        published = place.call("lambda", "PublishVersion", **given)
        return Made(
            published["FunctionArn"], {"Version": published["Version"], "FunctionArn": published["FunctionArn"]}
        )

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        version = made.attributes["Version"]
        place.end("lambda", "DeleteFunction", FunctionName=given["FunctionName"], Qualifier=version)


class Alias(Kind):
    """An alias of a version."""

    properties = frozenset({"Description", "FunctionName", "FunctionVersion", "Name"})
    replacing = frozenset({"FunctionName", "Name"})

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        arn = place.call("lambda", "CreateAlias", **given)["AliasArn"]
        return Made(arn, {"AliasArn": arn})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Let it name another version."""
        place.call("lambda", "UpdateAlias", **given)
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("lambda", "DeleteAlias", **only(given, ("FunctionName", "Name")))


class EventInvokeConfig(Put):
    """What becomes of asynchronous invocations."""

    properties = frozenset(
        {"DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier"}
    )
    replacing = frozenset({"FunctionName", "Qualifier"})

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Put it."""
        place.call("lambda", "PutFunctionEventInvokeConfig", **given)
        return Made(name)

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        which = only(given, ("FunctionName", "Qualifier"))
        place.end("lambda", "DeleteFunctionEventInvokeConfig", **which)


class EventSourceMapping(Kind):
    """What brings a stream's records to a function."""

    properties = frozenset(
        {
            *("BatchSize", "BisectBatchOnFunctionError", "DestinationConfig", "Enabled", "EventSourceArn"),
            *("FilterCriteria", "FunctionName", "FunctionResponseTypes", "MaximumBatchingWindowInSeconds"),
            *("MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "StartingPosition", "Tags"),
        }
    )
    replacing = frozenset({"EventSourceArn", "StartingPosition"})

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        created = place.call("lambda", "CreateEventSourceMapping", **_without_tags(given))
        return Made(created["UUID"], {"Id": created["UUID"]})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change it."""
        changed = {k: v for k, v in _without_tags(given).items() if k not in self.replacing}
        place.call("lambda", "UpdateEventSourceMapping", UUID=made.physical_id, **changed)
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("lambda", "DeleteEventSourceMapping", UUID=made.physical_id)


class Permission(Remade):
    """What lets somebody invoke a function."""

    properties = frozenset({"Action", "FunctionName", "Principal", "SourceAccount", "SourceArn"})

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Add it."""
        place.call("lambda", "AddPermission", StatementId=name, **given)
        return Made(name, {"Id": name})

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Remove it."""
        place.end("lambda", "RemovePermission", FunctionName=given["FunctionName"], StatementId=made.physical_id)


class LayerVersion(Remade):
    """A version of a layer."""

    properties = frozenset(
        {"CompatibleArchitectures", "CompatibleRuntimes", "Content", "Description", "LayerName", "LicenseInfo"}
    )
    named_by = ("LayerName", 64)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Publish it."""
        arn = place.call("lambda", "PublishLayerVersion", **{**given, "LayerName": name})["LayerVersionArn"]
        return Made(arn, {"LayerVersionArn": arn})

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        layer, _, version = made.physical_id.rpartition(":")
        place.end("lambda", "DeleteLayerVersion", LayerName=layer, VersionNumber=int(version))


def _key(given: Properties) -> dict[str, Any]:
    return {"KMSKeyArn": given["KmsKeyArn"]} if "KmsKeyArn" in given else {}


def _without_tags(given: Properties) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name != "Tags"}

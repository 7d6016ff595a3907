"""AWS::Lambda."""

from typing import Any

from emulator.cloudformation.providers.provider import (
    Created,
    Properties,
    PutProvider,
    ReplacingProvider,
    ResourceError,
    ResourceProvider,
    StackLocation,
    as_tags,
    only,
)

_CONFIGURATION = (
    *("Description", "Environment", "Handler", "Layers", "LoggingConfig", "MemorySize", "Role", "Runtime", "Timeout"),
    *("TracingConfig", "VpcConfig", "DeadLetterConfig", "EphemeralStorage"),
)
_RESERVED = "ReservedConcurrentExecutions"
_CODE = ("S3Bucket", "S3Key", "S3ObjectVersion")


class FunctionProvider(ResourceProvider):
    """A function, whose code is in a bucket."""

    properties = frozenset(
        {
            *_CONFIGURATION,
            *("Architectures", "Code", "DurableConfig", "FunctionName", "KmsKeyArn", _RESERVED, "Tags"),
        }
    )
    replacing = frozenset({"FunctionName", "DurableConfig"})
    named_by = ("FunctionName", 64)
    deletion = ("lambda", "DeleteFunction", "FunctionName")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        if unknown := properties["Code"].keys() - set(_CODE):
            raise ResourceError(f"the emulator takes code only from buckets, not by {sorted(unknown)}")
        created = aws.call(
            "lambda",
            "CreateFunction",
            FunctionName=name,
            Code=dict(properties["Code"]),
            Tags=as_tags(properties.get("Tags")),
            **only(properties, (*_CONFIGURATION, "Architectures", "DurableConfig")),
            **_key(properties),
        )
        if _RESERVED in properties:
            aws.call("lambda", "PutFunctionConcurrency", FunctionName=name, **only(properties, (_RESERVED,)))
        return Created(name, {"Arn": created["FunctionArn"]})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Change its code, its configuration and its tags."""
        name = created.physical_id
        if properties["Code"] != previous["Code"]:
            aws.call("lambda", "UpdateFunctionCode", FunctionName=name, **properties["Code"])
        changed = {*_CONFIGURATION, "KmsKeyArn"}
        if any(properties.get(each) != previous.get(each) for each in changed):
            configuration = only(properties, _CONFIGURATION) | _key(properties)
            aws.call("lambda", "UpdateFunctionConfiguration", FunctionName=name, **configuration)
        if _RESERVED in properties:
            aws.call("lambda", "PutFunctionConcurrency", FunctionName=name, **only(properties, (_RESERVED,)))
        elif _RESERVED in previous:
            aws.call("lambda", "DeleteFunctionConcurrency", FunctionName=name)
        if tags := as_tags(properties.get("Tags")):
            aws.call("lambda", "TagResource", Resource=created.attributes["Arn"], Tags=tags)
        return created


class VersionProvider(ReplacingProvider):
    """A version; the CDK gives each version a new logical id."""

    properties = frozenset({"Description", "FunctionName"})

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        published = aws.call("lambda", "PublishVersion", **properties)
        return Created(
            published["FunctionArn"], {"Version": published["Version"], "FunctionArn": published["FunctionArn"]}
        )

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        version = created.attributes["Version"]
        aws.delete("lambda", "DeleteFunction", FunctionName=properties["FunctionName"], Qualifier=version)


class AliasProvider(ResourceProvider):
    """An alias of a version."""

    properties = frozenset({"Description", "FunctionName", "FunctionVersion", "Name"})
    replacing = frozenset({"FunctionName", "Name"})

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        arn = aws.call("lambda", "CreateAlias", **properties)["AliasArn"]
        return Created(arn, {"AliasArn": arn})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Change its version."""
        aws.call("lambda", "UpdateAlias", **properties)
        return created

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        aws.delete("lambda", "DeleteAlias", **only(properties, ("FunctionName", "Name")))


class EventInvokeConfigProvider(PutProvider):
    """The configuration of asynchronous invocations."""

    properties = frozenset(
        {"DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier"}
    )
    replacing = frozenset({"FunctionName", "Qualifier"})

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        aws.call("lambda", "PutFunctionEventInvokeConfig", **properties)
        return Created(name)

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        which = only(properties, ("FunctionName", "Qualifier"))
        aws.delete("lambda", "DeleteFunctionEventInvokeConfig", **which)


class EventSourceMappingProvider(ResourceProvider):
    """An event source mapping."""

    properties = frozenset(
        {
            *("BatchSize", "BisectBatchOnFunctionError", "DestinationConfig", "Enabled", "EventSourceArn"),
            *("FilterCriteria", "FunctionName", "FunctionResponseTypes", "MaximumBatchingWindowInSeconds"),
            *("MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "StartingPosition", "Tags"),
        }
    )
    replacing = frozenset({"EventSourceArn", "StartingPosition"})
    deletion = ("lambda", "DeleteEventSourceMapping", "UUID")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        created = aws.call("lambda", "CreateEventSourceMapping", **_without_tags(properties))
        return Created(created["UUID"], {"Id": created["UUID"]})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        changed = {k: v for k, v in _without_tags(properties).items() if k not in self.replacing}
        aws.call("lambda", "UpdateEventSourceMapping", UUID=created.physical_id, **changed)
        return created


class PermissionProvider(ReplacingProvider):
    """A statement in the policy of a function."""

    properties = frozenset({"Action", "FunctionName", "Principal", "SourceAccount", "SourceArn"})

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        aws.call("lambda", "AddPermission", StatementId=name, **properties)
        return Created(name, {"Id": name})

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        aws.delete(
            "lambda", "RemovePermission", FunctionName=properties["FunctionName"], StatementId=created.physical_id
        )


class LayerVersionProvider(ReplacingProvider):
    """A version of a layer."""

    properties = frozenset(
        {"CompatibleArchitectures", "CompatibleRuntimes", "Content", "Description", "LayerName", "LicenseInfo"}
    )
    named_by = ("LayerName", 64)

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        arn = aws.call("lambda", "PublishLayerVersion", **{**properties, "LayerName": name})["LayerVersionArn"]
        return Created(arn, {"LayerVersionArn": arn})

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        layer, _, version = created.physical_id.rpartition(":")
        aws.delete("lambda", "DeleteLayerVersion", LayerName=layer, VersionNumber=int(version))


def _key(properties: Properties) -> dict[str, Any]:
    return {"KMSKeyArn": properties["KmsKeyArn"]} if "KmsKeyArn" in properties else {}


def _without_tags(properties: Properties) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name != "Tags"}

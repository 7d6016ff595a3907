"""AWS::DynamoDB, AWS::ECR, AWS::SSM and AWS::Logs."""

from typing import Any

from emulator.cloudformation.providers.provider import (
    Created,
    Properties,
    ResourceError,
    ResourceProvider,
    StackLocation,
    as_json,
    as_list,
    as_tags,
    only,
)

_TABLE = ("AttributeDefinitions", "BillingMode", "DeletionProtectionEnabled", "GlobalSecondaryIndexes", "KeySchema")
_FIXED = frozenset({"AttributeDefinitions", "GlobalSecondaryIndexes", "StreamSpecification", "SSESpecification"})


class TableProvider(ResourceProvider):
    """A table; its indexes and its stream cannot be updated."""

    properties = frozenset(
        {
            *_TABLE,
            *("PointInTimeRecoverySpecification", "SSESpecification", "StreamSpecification", "TableName", "Tags"),
            "TimeToLiveSpecification",
        }
    )
    replacing = frozenset({"KeySchema", "TableName"})
    named_by = ("TableName", 255)
    deletion = ("dynamodb", "DeleteTable", "TableName")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        stream = properties.get("StreamSpecification")
        more = {"StreamSpecification": {"StreamEnabled": True, **stream}} if stream else {}
        if "SSESpecification" in properties:
            more["SSESpecification"] = _encryption(properties["SSESpecification"])
        tags = as_list(properties.get("Tags"))
        table = aws.call("dynamodb", "CreateTable", TableName=name, Tags=tags, **only(properties, _TABLE), **more)
        self._settle(aws, name, properties)
        description = table["TableDescription"]
        streams = {"StreamArn": description["LatestStreamArn"]} if stream else {}
        return Created(name, {"Arn": description["TableArn"], **streams})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Change its protection, its billing and its retention."""
        if changed := [name for name in _FIXED if properties.get(name) != previous.get(name)]:
            raise ResourceError(f"the emulator cannot change {', '.join(sorted(changed))} of a table")
        changes = only(properties, ("BillingMode", "DeletionProtectionEnabled"))
        if changes != only(previous, changes):
            aws.call("dynamodb", "UpdateTable", TableName=created.physical_id, **changes)
        if any(
            properties.get(each) != previous.get(each)
            for each in ("TimeToLiveSpecification", "PointInTimeRecoverySpecification")
        ):
            self._settle(aws, created.physical_id, properties)
        return created

    def _settle(self, aws: StackLocation, name: str, properties: Properties) -> None:
        if ttl := properties.get("TimeToLiveSpecification"):
            ttl = {"Enabled": True, **ttl}
            aws.call("dynamodb", "UpdateTimeToLive", TableName=name, TimeToLiveSpecification=ttl)
        if recovery := properties.get("PointInTimeRecoverySpecification"):
            aws.call("dynamodb", "UpdateContinuousBackups", TableName=name, PointInTimeRecoverySpecification=recovery)


class RepositoryProvider(ResourceProvider):
    """A repository of container images."""

    properties = frozenset({"ImageTagMutability", "LifecyclePolicy", "RepositoryName", "RepositoryPolicyText"})
    replacing = frozenset({"RepositoryName"})
    named_by = ("RepositoryName", 256)
    deletion = ("ecr", "DeleteRepository", "repositoryName")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        mutability = (
            {"imageTagMutability": properties["ImageTagMutability"]} if "ImageTagMutability" in properties else {}
        )
        created = aws.call("ecr", "CreateRepository", repositoryName=name, **mutability)["repository"]
        self._settle(aws, name, properties)
        return Created(name, {"Arn": created["repositoryArn"], "RepositoryUri": created["repositoryUri"]})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Change its policies."""
        self._settle(aws, created.physical_id, properties)
        return created

    def _settle(self, aws: StackLocation, name: str, properties: Properties) -> None:
        if lifecycle := properties.get("LifecyclePolicy"):
            text = lifecycle["LifecyclePolicyText"]
            aws.call("ecr", "PutLifecyclePolicy", repositoryName=name, lifecyclePolicyText=text)
        if policy := properties.get("RepositoryPolicyText"):
            aws.call("ecr", "SetRepositoryPolicy", repositoryName=name, policyText=as_json(policy))


class ParameterProvider(ResourceProvider):
    """A parameter of Parameter Store."""

    properties = frozenset({"Description", "Name", "Tags", "Tier", "Type", "Value"})
    replacing = frozenset({"Name", "Type"})
    named_by = ("Name", 512)
    deletion = ("ssm", "DeleteParameter", "Name")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        aws.call("ssm", "PutParameter", Name=name, Tags=as_list(properties.get("Tags")), **_parameter(properties))
        return Created(name, {"Type": properties["Type"], "Value": properties["Value"]})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        aws.call("ssm", "PutParameter", Name=created.physical_id, Overwrite=True, **_parameter(properties))
        return Created(created.physical_id, {"Type": properties["Type"], "Value": properties["Value"]})


class LogGroupProvider(ResourceProvider):
    """A log group."""

    properties = frozenset({"KmsKeyId", "LogGroupName", "RetentionInDays", "Tags"})
    replacing = frozenset({"LogGroupName"})
    named_by = ("LogGroupName", 512)
    deletion = ("logs", "DeleteLogGroup", "logGroupName")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        key = {"kmsKeyId": properties["KmsKeyId"]} if "KmsKeyId" in properties else {}
        tags = as_tags(properties.get("Tags"))
        aws.call("logs", "CreateLogGroup", logGroupName=name, **({"tags": tags} if tags else {}), **key)
        self._keep(aws, name, properties)
        return Created(name, {"Arn": aws.arn("logs", f"log-group:{name}:*")})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Change its retention."""
        self._keep(aws, created.physical_id, properties)
        return created

    def _keep(self, aws: StackLocation, name: str, properties: Properties) -> None:
        if "RetentionInDays" in properties:
            days = int(properties["RetentionInDays"])
            aws.call("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=days)
        else:
            aws.delete("logs", "DeleteRetentionPolicy", logGroupName=name)


def _parameter(properties: Properties) -> dict[str, Any]:
    return only(properties, ("Description", "Tier", "Type", "Value"))


def _encryption(properties: Properties) -> dict[str, Any]:
    return {"Enabled": properties.get("SSEEnabled", False)} | only(properties, ("KMSMasterKeyId", "SSEType"))

"""AWS::DynamoDB, AWS::ECR, AWS::SSM and AWS::Logs: what keeps things."""

from typing import Any

from emulator.cloudformation.providers.provider import (
    Kind,
    Made,
    Place,
    Properties,
    ResourceError,
    as_json,
    as_list,
    as_tags,
    only,
)

_TABLE = ("AttributeDefinitions", "BillingMode", "DeletionProtectionEnabled", "GlobalSecondaryIndexes", "KeySchema")
_FIXED = frozenset({"AttributeDefinitions", "GlobalSecondaryIndexes", "StreamSpecification", "SSESpecification"})


class Table(Kind):
    """A table; its indexes and its stream cannot be changed here."""

    properties = frozenset(
        {
            *_TABLE,
            *("PointInTimeRecoverySpecification", "SSESpecification", "StreamSpecification", "TableName", "Tags"),
            "TimeToLiveSpecification",
        }
    )
    replacing = frozenset({"KeySchema", "TableName"})
    named_by = ("TableName", 255)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        stream = given.get("StreamSpecification")
        more = {"StreamSpecification": {"StreamEnabled": True, **stream}} if stream else {}
        if "SSESpecification" in given:
            more["SSESpecification"] = _encryption(given["SSESpecification"])
        tags = as_list(given.get("Tags"))
        table = place.call("dynamodb", "CreateTable", TableName=name, Tags=tags, **only(given, _TABLE), **more)
        self._settle(place, name, given)
        description = table["TableDescription"]
        streams = {"StreamArn": description["LatestStreamArn"]} if stream else {}
        return Made(name, {"Arn": description["TableArn"], **streams})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change its protection, its billing and how long it keeps."""
        if changed := [name for name in _FIXED if given.get(name) != before.get(name)]:
            raise ResourceError(f"the emulator cannot change {', '.join(sorted(changed))} of a table")
        changes = only(given, ("BillingMode", "DeletionProtectionEnabled"))
        if changes != only(before, changes):
            place.call("dynamodb", "UpdateTable", TableName=made.physical_id, **changes)
        if any(
            given.get(each) != before.get(each)
            for each in ("TimeToLiveSpecification", "PointInTimeRecoverySpecification")
        ):
            self._settle(place, made.physical_id, given)
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("dynamodb", "DeleteTable", TableName=made.physical_id)

    def _settle(self, place: Place, name: str, given: Properties) -> None:
        if ttl := given.get("TimeToLiveSpecification"):
            ttl = {"Enabled": True, **ttl}
            place.call("dynamodb", "UpdateTimeToLive", TableName=name, TimeToLiveSpecification=ttl)
        if recovery := given.get("PointInTimeRecoverySpecification"):
            place.call("dynamodb", "UpdateContinuousBackups", TableName=name, PointInTimeRecoverySpecification=recovery)


class Repository(Kind):
    """A repository of container images."""

    properties = frozenset({"ImageTagMutability", "LifecyclePolicy", "RepositoryName", "RepositoryPolicyText"})
    replacing = frozenset({"RepositoryName"})
    named_by = ("RepositoryName", 256)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        mutability = {"imageTagMutability": given["ImageTagMutability"]} if "ImageTagMutability" in given else {}
        made = place.call("ecr", "CreateRepository", repositoryName=name, **mutability)["repository"]
        self._settle(place, name, given)
        return Made(name, {"Arn": made["repositoryArn"], "RepositoryUri": made["repositoryUri"]})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change its policies."""
        self._settle(place, made.physical_id, given)
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("ecr", "DeleteRepository", repositoryName=made.physical_id)

    def _settle(self, place: Place, name: str, given: Properties) -> None:
        if lifecycle := given.get("LifecyclePolicy"):
            text = lifecycle["LifecyclePolicyText"]
            place.call("ecr", "PutLifecyclePolicy", repositoryName=name, lifecyclePolicyText=text)
        if policy := given.get("RepositoryPolicyText"):
            place.call("ecr", "SetRepositoryPolicy", repositoryName=name, policyText=as_json(policy))


class Parameter(Kind):
    """A parameter of Systems Manager's."""

    properties = frozenset({"Description", "Name", "Tags", "Tier", "Type", "Value"})
    replacing = frozenset({"Name", "Type"})
    named_by = ("Name", 512)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Put it."""
        place.call("ssm", "PutParameter", Name=name, Tags=as_list(given.get("Tags")), **_parameter(given))
        return Made(name, {"Type": given["Type"], "Value": given["Value"]})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Put it again."""
        place.call("ssm", "PutParameter", Name=made.physical_id, Overwrite=True, **_parameter(given))
        return Made(made.physical_id, {"Type": given["Type"], "Value": given["Value"]})

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("ssm", "DeleteParameter", Name=made.physical_id)


class LogGroup(Kind):
    """A group of logs."""

    properties = frozenset({"KmsKeyId", "LogGroupName", "RetentionInDays", "Tags"})
    replacing = frozenset({"LogGroupName"})
    named_by = ("LogGroupName", 512)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        key = {"kmsKeyId": given["KmsKeyId"]} if "KmsKeyId" in given else {}
        tags = as_tags(given.get("Tags"))
        place.call("logs", "CreateLogGroup", logGroupName=name, **({"tags": tags} if tags else {}), **key)
        self._keep(place, name, given)
        return Made(name, {"Arn": place.arn("logs", f"log-group:{name}:*")})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change how long it keeps."""
        self._keep(place, made.physical_id, given)
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("logs", "DeleteLogGroup", logGroupName=made.physical_id)

    def _keep(self, place: Place, name: str, given: Properties) -> None:
        if "RetentionInDays" in given:
            days = int(given["RetentionInDays"])
            place.call("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=days)
        else:
            place.end("logs", "DeleteRetentionPolicy", logGroupName=name)


def _parameter(given: Properties) -> dict[str, Any]:
    return only(given, ("Description", "Tier", "Type", "Value"))


def _encryption(given: Properties) -> dict[str, Any]:
    return {"Enabled": given.get("SSEEnabled", False)} | only(given, ("KMSMasterKeyId", "SSEType"))

"""AWS::DynamoDB, AWS::S3, AWS::ECR, AWS::SSM and AWS::Logs: what keeps things."""

from typing import Any

from emulator.cloudformation.kinds.kind import (
    Kind,
    Made,
    Place,
    Properties,
    Put,
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


class Bucket(Kind):
    """A bucket."""

    properties = frozenset(
        {
            *("AccessControl", "BucketEncryption", "BucketName", "LifecycleConfiguration", "OwnershipControls"),
            *("LoggingConfiguration", "PublicAccessBlockConfiguration", "Tags", "VersioningConfiguration"),
        }
    )
    replacing = frozenset({"BucketName"})
    named_by = ("BucketName", 63)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        name = name.lower()
        where = {} if place.region == "us-east-1" else {"LocationConstraint": place.region}
        acl = {"ACL": "private"} if given.get("AccessControl") == "Private" else {}
        place.call("s3", "CreateBucket", Bucket=name, **({"CreateBucketConfiguration": where} if where else {}), **acl)
        self._settle(place, name, given)
        domain = f"{name}.s3.{place.region}.amazonaws.com"
        arn = f"arn:{place.partition}:s3:::{name}"
        return Made(name, {"Arn": arn, "DomainName": f"{name}.s3.amazonaws.com", "RegionalDomainName": domain})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change how it keeps."""
        self._settle(place, made.physical_id, given)
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it, if it is empty."""
        place.end("s3", "DeleteBucket", Bucket=made.physical_id)

    def _settle(self, place: Place, name: str, given: Properties) -> None:
        if encryption := given.get("BucketEncryption"):
            rules = [
                {
                    "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
                    **only(rule, ("BucketKeyEnabled",)),
                }
                for rule in encryption["ServerSideEncryptionConfiguration"]
            ]
            place.call("s3", "PutBucketEncryption", Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
        if block := given.get("PublicAccessBlockConfiguration"):
            place.call("s3", "PutPublicAccessBlock", Bucket=name, PublicAccessBlockConfiguration=block)
        if versioning := given.get("VersioningConfiguration"):
            place.call("s3", "PutBucketVersioning", Bucket=name, VersioningConfiguration=versioning)
        if lifecycle := given.get("LifecycleConfiguration"):
            configuration = {"Rules": [_lifecycle(rule) for rule in lifecycle["Rules"]]}
            place.call("s3", "PutBucketLifecycleConfiguration", Bucket=name, LifecycleConfiguration=configuration)
        if logging := given.get("LoggingConfiguration"):
            place.call(
                "s3", "PutBucketLogging", Bucket=name, BucketLoggingStatus={"LoggingEnabled": _logging(name, logging)}
            )
        if "Tags" in given:
            place.call("s3", "PutBucketTagging", Bucket=name, Tagging={"TagSet": as_list(given["Tags"])})
        if ownership := given.get("OwnershipControls"):
            place.call("s3", "PutBucketOwnershipControls", Bucket=name, OwnershipControls=ownership)


class BucketPolicy(Put):
    """Who may use a bucket."""

    properties = frozenset({"Bucket", "PolicyDocument"})
    replacing = frozenset({"Bucket"})

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Put it."""
        place.call("s3", "PutBucketPolicy", Bucket=given["Bucket"], Policy=as_json(given["PolicyDocument"]))
        return Made(given["Bucket"])

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Take it away."""
        place.end("s3", "DeleteBucketPolicy", Bucket=made.physical_id)


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


def _lifecycle(rule: Properties) -> dict[str, Any]:
    told = {name: value for name, value in rule.items() if name not in ("Id", "Prefix")}
    return {"ID": rule.get("Id", ""), "Filter": {"Prefix": rule.get("Prefix", "")}, **told}

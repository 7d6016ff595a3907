"""AWS::S3."""

from collections.abc import Callable, Mapping
from typing import Any

from emulator.cloudformation.providers.provider import (
    Created,
    Properties,
    PutProvider,
    ResourceError,
    ResourceProvider,
    StackLocation,
    as_json,
    as_list,
    only,
)


class BucketProvider(ResourceProvider):
    """A bucket."""

    properties = frozenset(
        {
            *("AccessControl", "BucketEncryption", "BucketName", "LifecycleConfiguration", "OwnershipControls"),
            *("LoggingConfiguration", "PublicAccessBlockConfiguration", "Tags", "VersioningConfiguration"),
            *("ObjectLockConfiguration", "ObjectLockEnabled"),
        }
    )
    replacing = frozenset({"BucketName"})
    named_by = ("BucketName", 63)
    deletion = ("s3", "DeleteBucket", "Bucket")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        name = name.lower()
        source = {} if aws.region == "us-east-1" else {"LocationConstraint": aws.region}
        acl = {"ACL": "private"} if properties.get("AccessControl") == "Private" else {}
        lock = {"ObjectLockEnabledForBucket": True} if properties.get("ObjectLockEnabled") in (True, "true") else {}
        where = {"CreateBucketConfiguration": source} if source else {}
        aws.call("s3", "CreateBucket", Bucket=name, **where, **acl, **lock)
        self._settle(aws, name, properties)
        domain = f"{name}.s3.{aws.region}.amazonaws.com"
        arn = f"arn:{aws.partition}:s3:::{name}"
        return Created(name, {"Arn": arn, "DomainName": f"{name}.s3.amazonaws.com", "RegionalDomainName": domain})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Change its settings."""
        self._settle(aws, created.physical_id, properties)
        return created

    def _settle(self, aws: StackLocation, name: str, properties: Properties) -> None:
        for member, (operation, parameter, worded) in _SETTINGS.items():
            if member in properties:
                aws.call("s3", operation, Bucket=name, **{parameter: worded(properties[member])})


class BucketPolicyProvider(PutProvider):
    """The policy of a bucket."""

    properties = frozenset({"Bucket", "PolicyDocument"})
    replacing = frozenset({"Bucket"})
    deletion = ("s3", "DeleteBucketPolicy", "Bucket")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        aws.call("s3", "PutBucketPolicy", Bucket=properties["Bucket"], Policy=as_json(properties["PolicyDocument"]))
        return Created(properties["Bucket"])


def _encryption(properties: Any) -> dict[str, Any]:
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
            **only(rule, ("BucketKeyEnabled",)),
        }
        for rule in properties["ServerSideEncryptionConfiguration"]
    ]
    return {"Rules": rules}


def _logging(properties: Any) -> dict[str, Any]:
    target, prefix = properties.get("DestinationBucketName"), properties.get("LogFilePrefix", "")
    if target is None:
        raise ResourceError("the emulator needs a DestinationBucketName in LoggingConfiguration")
    return {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": prefix}}


def _lifecycle(properties: Any) -> dict[str, Any]:
    return {"Rules": [_rule(rule) for rule in properties["Rules"]]}


def _rule(rule: Properties) -> dict[str, Any]:
    """Return a rule in the form of the API."""
    members = {name: value for name, value in rule.items() if name not in _OTHERWISE}
    expiration = {name: rule[ours] for ours, name in _EXPIRATION.items() if ours in rule}
    transitions = [
        {name.replace("TransitionIn", "").replace("TransitionDate", "Date"): value for name, value in each.items()}
        for each in rule.get("Transitions", ())
    ]
    return {
        "ID": rule.get("Id", ""),
        "Filter": _filter(rule),
        **members,
        **({"Expiration": expiration} if expiration else {}),
        **({"Transitions": transitions} if transitions else {}),
    }


def _filter(rule: Properties) -> dict[str, Any]:
    tags = rule.get("TagFilters", ())
    return {"And": {"Prefix": rule.get("Prefix", ""), "Tags": tags}} if tags else {"Prefix": rule.get("Prefix", "")}


def _same(properties: Any) -> Any:
    return properties


_EXPIRATION = {
    "ExpirationDate": "Date",
    "ExpirationInDays": "Days",
    "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
}
_OTHERWISE = frozenset({"Id", "Prefix", "TagFilters", "Transitions", *_EXPIRATION})
_SETTINGS: Mapping[str, tuple[str, str, Callable[[Any], Any]]] = {
    "BucketEncryption": ("PutBucketEncryption", "ServerSideEncryptionConfiguration", _encryption),
    "PublicAccessBlockConfiguration": ("PutPublicAccessBlock", "PublicAccessBlockConfiguration", _same),
    "VersioningConfiguration": ("PutBucketVersioning", "VersioningConfiguration", _same),
    "ObjectLockConfiguration": ("PutObjectLockConfiguration", "ObjectLockConfiguration", _same),
    "LifecycleConfiguration": ("PutBucketLifecycleConfiguration", "LifecycleConfiguration", _lifecycle),
    "LoggingConfiguration": ("PutBucketLogging", "BucketLoggingStatus", _logging),
    "OwnershipControls": ("PutBucketOwnershipControls", "OwnershipControls", _same),
    "Tags": ("PutBucketTagging", "Tagging", lambda tags: {"TagSet": as_list(tags)}),
}
"""Properties with a call of their own: the operation, its parameter, and a function that converts the value."""

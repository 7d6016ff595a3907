"""AWS::S3."""

from collections.abc import Callable, Mapping
from typing import Any

from emulator.cloudformation.providers.provider import (
    Kind,
    Made,
    Place,
    Properties,
    Put,
    ResourceError,
    as_json,
    as_list,
    only,
)


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
        for member, (operation, parameter, worded) in _SETTINGS.items():
            if member in given:
                place.call("s3", operation, Bucket=name, **{parameter: worded(given[member])})


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


def _encryption(given: Any) -> dict[str, Any]:
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
            **only(rule, ("BucketKeyEnabled",)),
        }
        for rule in given["ServerSideEncryptionConfiguration"]
    ]
    return {"Rules": rules}


def _logging(given: Any) -> dict[str, Any]:
    target, prefix = given.get("DestinationBucketName"), given.get("LogFilePrefix", "")
    if target is None:
        raise ResourceError("the emulator needs a DestinationBucketName for the logs of a bucket")
    return {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": prefix}}


def _lifecycle(given: Any) -> dict[str, Any]:
    return {"Rules": [_rule(rule) for rule in given["Rules"]]}


def _rule(rule: Properties) -> dict[str, Any]:
    """Word a rule as the API does, which refuses what it does not know."""
    told = {name: value for name, value in rule.items() if name not in _OTHERWISE}
    expiration = {name: rule[ours] for ours, name in _EXPIRATION.items() if ours in rule}
    transitions = [
        {name.replace("TransitionIn", "").replace("TransitionDate", "Date"): value for name, value in each.items()}
        for each in rule.get("Transitions", ())
    ]
    return {
        "ID": rule.get("Id", ""),
        "Filter": _filter(rule),
        **told,
        **({"Expiration": expiration} if expiration else {}),
        **({"Transitions": transitions} if transitions else {}),
    }


def _filter(rule: Properties) -> dict[str, Any]:
    tags = rule.get("TagFilters", ())
    return {"And": {"Prefix": rule.get("Prefix", ""), "Tags": tags}} if tags else {"Prefix": rule.get("Prefix", "")}


def _same(given: Any) -> Any:
    return given


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
    "LifecycleConfiguration": ("PutBucketLifecycleConfiguration", "LifecycleConfiguration", _lifecycle),
    "LoggingConfiguration": ("PutBucketLogging", "BucketLoggingStatus", _logging),
    "OwnershipControls": ("PutBucketOwnershipControls", "OwnershipControls", _same),
    "Tags": ("PutBucketTagging", "Tagging", lambda tags: {"TagSet": as_list(tags)}),
}
"""What is set by a call of its own: the property, the operation, its parameter, and how it is worded."""

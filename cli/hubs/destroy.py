"""What ``make destroy`` says, asks and deletes before the CDK destroys the hub.

``python -m cli.hubs.destroy CONFIG`` names what the deployed hub leaves behind. After a yes, it empties the
bucket of the reports if the bucket is to be deleted too: CloudFormation deletes only empty buckets.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.session import Session

from cli.configuration.loading import load
from cli.configuration.problems import ConfigurationError
from cli.terminal.confirmation import confirmed
from functions.shared.aws.calls import CallError, Calls
from functions.shared.aws.clients import Clients
from functions.shared.deployment.resources import STACK_NAME

_AT_ONCE = 1000
_OUTPUT = "ResultsBucket"
_KEEPS = {"AWS::DynamoDB::Table": "the ledger", "AWS::S3::Bucket": "the reports", "AWS::Logs::LogGroup": "logs"}


@dataclass(frozen=True, slots=True)
class DeployedHub:
    """A hub that is deployed.

    Attributes:
        bucket: of the reports; empty where there is none.
        kept: names of the resources that are not deleted with the stack, by what they are.
    """

    bucket: str
    kept: Mapping[str, list[str]]

    @property
    def loses_reports(self) -> bool:
        """Whether the bucket is deleted with the hub."""
        return bool(self.bucket) and self.bucket not in self.kept.get(_KEEPS["AWS::S3::Bucket"], ())


def deployed_hub(clients: Clients, region: str) -> DeployedHub | None:
    """Return what is deployed, whatever the configuration says now; None where there is no hub.

    Raises:
        CallError: the stack could not be read.
    """
    calls = clients.calls("cloudformation", region)
    try:
        (stack,) = calls("DescribeStacks", StackName=STACK_NAME)["Stacks"]
    except CallError as error:
        if error.code == "ValidationError":  # CloudFormation's code for a stack that does not exist
            return None
        raise
    bucket = next((each["OutputValue"] for each in stack.get("Outputs", ()) if each["OutputKey"] == _OUTPUT), "")
    body = calls("GetTemplate", StackName=STACK_NAME)["TemplateBody"]
    retained = dict(_retained(json.loads(body) if isinstance(body, str) else body))
    kept: dict[str, list[str]] = {}
    for each in calls("DescribeStackResources", StackName=STACK_NAME)["StackResources"]:
        if what := retained.get(each["LogicalResourceId"]):
            kept.setdefault(what, []).append(each["PhysicalResourceId"])
    return DeployedHub(bucket, kept)


def empty(clients: Clients, region: str, bucket: str) -> int:
    """Delete every version of every object, and return how many there were.

    Raises:
        CallError: S3 refused, also to delete one of them: S3 Object Lock keeps what an earlier configuration locked.
    """
    calls, deleted = clients.calls("s3", region), 0
    while found := _versions(calls, bucket):
        answer = calls("DeleteObjects", Bucket=bucket, Delete={"Objects": found[:_AT_ONCE], "Quiet": True})
        for refused in answer.get("Errors", ()):
            text = f"{refused['Key']}: {refused.get('Message', '')}"
            raise CallError("DeleteObjects", refused["Code"], text, retryable=False, answered=True)
        deleted += len(found[:_AT_ONCE])
    return deleted


def _versions(calls: Calls, bucket: str) -> list[dict[str, str]]:
    """Return what S3 lists of the versions and the marks of deletions."""
    page = calls("ListObjectVersions", Bucket=bucket)
    listed = (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
    return [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in listed]


def main(arguments: list[str]) -> int:
    """Say what is deleted and what is kept, and ask; return 0 if the hub may be destroyed."""
    try:
        settings = load(Path(arguments[0]))
        clients, region = Clients(Session()), settings.hub_region
        hub = deployed_hub(clients, region)
        sys.stderr.writelines(_announced(hub, region, settings.document["removal"]))
        if not confirmed("Destroy it?"):
            return 1
        if hub and hub.loses_reports:
            sys.stderr.write(f"{empty(clients, region, hub.bucket)} versions of objects deleted\n")
    except (ConfigurationError, CallError, BotoCoreError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _retained(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, resource in template["Resources"].items():
        if resource.get("DeletionPolicy", "Delete") != "Delete" and resource["Type"] in _KEEPS:
            yield name, _KEEPS[resource["Type"]]


def _announced(hub: DeployedHub | None, region: str, removal: str) -> Iterator[str]:
    if hub is None:
        yield f"There is no hub in {region} of this account; there may be forwarders.\n"
        return
    yield f"The hub in {region} of this account will be destroyed, and its forwarders in other Regions.\n"
    if not hub.kept:
        where = f" in {hub.bucket}" if hub.bucket else ""
        yield f"The ledger, the logs and every report{where} are deleted with it, for good.\n"
        return
    yield "These are kept, and cost their storage until you delete them:\n"
    for what, names in hub.kept.items():
        more = f" and {len(names) - 1} more" if names[1:] else ""
        yield f"  {what}: {names[0]}{more}\n"
    if removal == "destroy":
        yield "removal: destroy is not deployed yet: run make deploy first to delete these too.\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Empties the bucket of a hub that is to be destroyed: CloudFormation deletes no bucket that holds something.

``python -m cli.emptying CONFIG`` does so where the configuration says ``removal: destroy``, once somebody agreed.
"""

import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError
from botocore.session import Session

from cli.cdk import STACK
from cli.configuration.loading import load
from cli.configuration.problems import ConfigurationError
from functions.shared.calls import CallError
from functions.shared.clients import Clients

_AT_ONCE = 1000
_OUTPUT = "ResultsBucket"


def results_bucket(clients: Clients, region: str) -> str:
    """Return the name of the deployed hub's bucket; empty where there is no hub, or none with a bucket.

    Raises:
        CallError: that could not be read.
    """
    try:
        (stack,) = clients.calls("cloudformation", region)("DescribeStacks", StackName=STACK)["Stacks"]
    except CallError as error:
        if error.code == "ValidationError":  # CloudFormation's word for a stack that is not there
            return ""
        raise
    return next((each["OutputValue"] for each in stack.get("Outputs", ()) if each["OutputKey"] == _OUTPUT), "")


def empty(clients: Clients, region: str, bucket: str) -> int:
    """Delete every object, and return how many there were.

    Raises:
        CallError: S3 refused.
    """
    calls, deleted = clients.calls("s3", region), 0
    while keys := [{"Key": each["Key"]} for each in calls("ListObjectsV2", Bucket=bucket).get("Contents", ())]:
        calls("DeleteObjects", Bucket=bucket, Delete={"Objects": keys[:_AT_ONCE], "Quiet": True})
        deleted += len(keys)
    return deleted


def main(arguments: list[str]) -> int:
    """Ask, delete, and return the exit status."""
    try:
        settings = load(Path(arguments[0]))
        if settings.document["removal"] != "destroy":
            return 0
        clients = Clients(Session())
        if not (bucket := results_bucket(clients, settings.hub_region)):
            return 0
        sys.stderr.write(f"removal: destroy: delete every report in the bucket {bucket}? [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            return 1
        sys.stderr.write(f"{empty(clients, settings.hub_region, bucket)} objects deleted\n")
    except (ConfigurationError, CallError, BotoCoreError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A hub that the CDK's command line deploys to the emulated AWS, and whose zips run as Lambda runs them."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.session import Session

from cli.hubs.cdk import ROOT, Cdk, CdkError
from cli.hubs.destroy import deployed_hub, empty
from cli.hubs.emulated_hub import HubNames
from emulator.aws import Emulator
from emulator.awslambda.sandbox.interpreter import Interpreter
from functions.shared.aws.clients import Clients, Credentials
from functions.shared.deployment.resources import STACK_NAME

_CDKS_OWN = "CDKToolkit"


@contextmanager
def deployed(aws: Emulator, config: Path, account: str, region: str) -> Iterator[tuple[HubNames, Cdk]]:
    """Deploy a configuration to the emulated *account* within the block; destroy it at the end.

    The policies of its role decide on every call of a deployed function.

    Raises:
        CdkError: the CDK's command line, or the Python that runs the zips, is missing or fails.
    """
    aws.run_zips(interpreter())
    aws.enforce_policies()
    with tempfile.TemporaryDirectory() as assembly:
        url = aws.serve().replace("127.0.0.1", "localhost")
        cdk = Cdk(url, account, region, Path(assembly), aws.secret_key)
        cdk.synthesize(config)
        cdk.bootstrap()
        cdk.deploy()
        yield names(account, region), cdk
        destroy(cdk)


def destroy(cdk: Cdk) -> None:
    """Delete all that was deployed, the reports first, as ``make destroy`` does.

    Raises:
        CdkError: it fails.
    """
    clients = Clients(Session(), Credentials(cdk.account, "emulated", ""))
    if (hub := deployed_hub(clients, cdk.region)) and hub.loses_reports:
        empty(clients, cdk.region, hub.bucket)
    cdk.destroy()


def stacks(account: str, regions: Iterable[str]) -> str:
    """Return names and states of the app's stacks; empty for none."""
    clients = Clients(Session(), Credentials(account, "emulated", ""))
    found = [each for region in regions for each in clients.calls("cloudformation", region)("DescribeStacks")["Stacks"]]
    return ", ".join(f"{each['StackName']} {each['StackStatus']}" for each in found if each["StackName"] != _CDKS_OWN)


def names(account: str, region: str) -> HubNames:
    """Return the names of what was deployed."""
    calls = Clients(Session(), Credentials(account, "emulated", "")).calls("cloudformation", region)
    resources: list[dict[str, Any]] = calls("DescribeStackResources", StackName=STACK_NAME)["StackResources"]
    physical = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}
    (table,) = (each["PhysicalResourceId"] for each in resources if each["ResourceType"] == "AWS::DynamoDB::Table")
    (topic,) = (each["PhysicalResourceId"] for each in resources if each["ResourceType"] == "AWS::SNS::Topic")
    failed, undelivered = (
        f"arn:aws:sqs:{region}:{account}:{url.rpartition('/')[2]}"
        for start in ("DeadLettersFailed", "DeadLettersUndelivered")
        for name, url in physical.items()
        if name.startswith(start) and "/" in url
    )
    return HubNames(account, region, table, topic, failed, undelivered)


def interpreter() -> Interpreter:
    """Return the Python that Lambda would run, with its runtime client; they are installed once, below ``build/``.

    Raises:
        CdkError: there is none on this machine.
    """
    done = subprocess.run(
        [sys.executable, "-m", "bundling.runtime"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CdkError(done.stderr.strip())
    found = json.loads(done.stdout)
    return Interpreter(found["runtime"], Path(found["executable"]), Path(found["packages"]))

"""An organization in the emulated AWS, and the hub's own template in it, whose functions run in this process."""

import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends

from emulator.aws import Emulator
from emulator.awslambda.runtime import InProcess
from emulator.calls import Call
from functions.compliance_run.decision import Job
from functions.shared.ledger.records import Item, from_dynamodb
from functions.shared.settings import SETTINGS_FILE, Settings
from tests.compliance_run.trouble import SECTIONS
from tests.conftest import REGION, US, clients_of

_BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"

MEMBERS = [f"{number:012}" for number in range(1, 50)]
REGIONS = ["us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2"]
SWEEPS = 4 * len(REGIONS) + 2
"""Of an account: four automations in each Region, two once."""

Template = dict[str, Any]
Row = dict[str, Any]


def document(**sections: Any) -> dict[str, Any]:
    """Return the configuration of a whole organization, as a person writes it."""
    return {
        "version": 1,
        "scope": {"organization": True, "regions": REGIONS},
        **SECTIONS,
        "deployment": {"organization_id": "o-exampleorgid"},
        "removal": "destroy",
        **sections,
    }


def jobs_of(coverage: Iterable[Row]) -> list[Job]:
    """Return the sweeps that rows of a coverage are about."""
    return [Job(row["automation"], row["account"], row["region"]) for row in coverage]


@dataclass(frozen=True, slots=True)
class Hub:
    """A deployed hub.

    Attributes:
        aws: where it stands.
        machine: ARN of its state machine.
        bucket: of its results.
        functions: the ARNs of its functions, by their handlers.
        calls: that each has made, by its handler.
    """

    aws: Emulator
    machine: str
    bucket: str
    functions: Mapping[str, str]
    calls: Mapping[str, list[Call]]

    def run(self, name: str, **asked: Any) -> dict[str, Any]:
        """Start a run, let it come to its end, and return its execution."""
        calls = clients_of().calls("stepfunctions", REGION)
        started = calls("StartExecution", stateMachineArn=self.machine, name=name, input=json.dumps(asked))
        self.aws.settle()
        for _ in range(200):
            execution: dict[str, Any] = calls("DescribeExecution", executionArn=started["executionArn"])
            if execution["status"] != "RUNNING":
                return execution
            self.aws.advance(timedelta(minutes=1))
        raise AssertionError(execution)

    def report(self, name: str, ending: str = "json") -> Any:
        """Return a run's report."""
        calls = clients_of().calls("s3", REGION)
        keys = [each["Key"] for each in calls("ListObjectsV2", Bucket=self.bucket)["Contents"]]
        (key,) = (key for key in keys if f"/{name}/report.{ending}" in key)
        body = calls("GetObject", Bucket=self.bucket, Key=key)["Body"].read().decode()
        return json.loads(body) if ending == "json" else body

    def ledger(self, prefix: str = "") -> list[Item]:
        """Return the ledger's items whose sort keys begin so, read behind everybody's back."""
        (table,) = dynamodb_backends[US][REGION].tables.values()
        items = [from_dynamodb(raw.to_json()["Attributes"]) for raw in table.all_items()]
        return [item for item in items if item["sk"].startswith(prefix)]

    def mails(self, kind: str) -> list[str]:
        """Return the mails of one kind that people were sent."""
        wanted = [each for each in self.aws.inbox if each.attributes.get("kind", {}).get("Value") == kind]
        return [each.for_protocol("email") for each in wanted]

    def events(self, detail_type: str) -> list[dict[str, Any]]:
        """Return the details of the events of one type that were put on the hub's bus."""
        put = (entry for call in self.aws.calls.of("events:PutEvents") for entry in call.parameters["Entries"])
        return [json.loads(entry["Detail"]) for entry in put if entry["DetailType"] == detail_type]


def deploy(aws: Emulator, template: Template, settings: Settings, folder: Path) -> Hub:
    """Deploy a hub's template, with its functions in this process."""
    calls = clients_of().calls("cloudformation", REGION)
    _upload_assets(template)
    clients_of().calls("ssm", REGION)("PutParameter", Name=_BOOTSTRAP, Value="30", Type="String")
    calls(
        "CreateStack",
        StackName="watchkeeper",
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    (stack,) = calls("DescribeStacks", StackName="watchkeeper")["Stacks"]
    events = calls("DescribeStackEvents", StackName="watchkeeper")["StackEvents"]
    failed = [each.get("ResourceStatusReason") for each in events if each["ResourceStatus"].endswith("_FAILED")]
    assert stack["StackStatus"] == "CREATE_COMPLETE", failed
    (folder / SETTINGS_FILE).write_text(json.dumps(settings.document), encoding="utf-8")
    functions: dict[str, str] = {}
    made: defaultdict[str, list[Call]] = defaultdict(list)
    for function in lambda_backends[US][REGION].list_functions():
        arn, handler = str(function.function_arn), str(function.handler)
        functions[handler] = arn
        environment = {**function.environment_vars, "LAMBDA_TASK_ROOT": str(folder)}
        aws.functions.run_with(arn, InProcess(_recorded(aws, handler, made[handler]), environment))
    names = calls("DescribeStackResources", StackName="watchkeeper")["StackResources"]
    kinds = {each["ResourceType"]: each["PhysicalResourceId"] for each in names}
    return Hub(aws, kinds["AWS::StepFunctions::StateMachine"], kinds["AWS::S3::Bucket"], functions, made)


def _upload_assets(template: Template) -> None:
    """Put a placeholder wherever the template says that an asset lies; the code runs in this process."""
    empty = BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("placeholder.txt", "placeholder")
    for resource in template["Resources"].values():
        code = resource.get("Properties", {}).get("Code") or resource.get("Properties", {}).get("Content")
        if isinstance(code, dict) and "S3Key" in code:
            bucket = code["S3Bucket"]["Fn::Sub"].replace("${AWS::AccountId}", US).replace("${AWS::Region}", REGION)
            calls = clients_of().calls("s3", REGION)
            if bucket not in s3_backends[US]["aws"].buckets:
                calls("CreateBucket", Bucket=bucket)
            calls("PutObject", Bucket=bucket, Key=code["S3Key"], Body=empty.getvalue())


def _recorded(aws: Emulator, handler: str, made: list[Call]) -> Any:
    """Return a handler that notes its calls, and keeps its metrics off this process's own output."""
    module, _, name = handler.rpartition(".")
    call = getattr(import_module(module), name)

    def handle(event: Any, context: Any) -> Any:
        known = len(aws.calls)
        try:
            with redirect_stdout(StringIO()):
                return call(event, context)
        finally:
            made.extend(tuple(aws.calls)[known:])

    return handle

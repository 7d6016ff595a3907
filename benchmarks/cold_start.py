"""Cold start: from the start of a process to its first answer, for the zip that would be deployed."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import deployed
from benchmarks.deployed import Unpacked
from benchmarks.emulated_aws import EmulatedAws, served
from benchmarks.errors import CannotMeasureError
from benchmarks.measuring import environment, in_turn, milliseconds, run
from benchmarks.population import RECEIVER, REGION, Population
from benchmarks.results import BudgetResult, paired
from bundling.archives import AssetError
from bundling.interpreter import lambda_python
from bundling.packages import local_packages
from bundling.runtime import runtime_packages
from emulator.awslambda.sandbox.runtime_api import RuntimeApi
from emulator.awslambda.sandbox.tasks import ErrorPosted, InvocationTask, NextRequested, ResponsePosted
from functions.ram_invitations.manifest import AUTOMATION
from functions.shared.aws.target import SWEEP_EVENT

BOTO3 = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")
"""boto3 and what it needs, by their names in the lock."""

_LIMIT = 1.0
_ROUNDS = 9
_ANSWER_WITHIN = timedelta(minutes=1)
_TIMEOUT = timedelta(minutes=5)
_NAME = AUTOMATION.name
_ARN = f"arn:aws:lambda:{REGION}:{RECEIVER}:function:{_NAME}"
_EMPTY = Population(total=0, irreversible=0, trusted=0, over=0)
_SCRIPT = Path(__file__).with_name("plain_client.py")
_UNKNOWN_EVENT: Mapping[str, object] = {"shape": "unknown"}


def measure(rounds: int = _ROUNDS) -> Iterator[BudgetResult]:
    """Measure a sweep and an event that calls nothing, against a plain client, in turn."""
    try:
        with tempfile.TemporaryDirectory() as folder, served(_EMPTY) as aws:
            assets = deployed.assets(Path(folder))
            package = deployed.unpacked(assets.functions[_NAME], assets.layer, Path(folder))
            sources = package.without_pyc(Path(folder, "sources"))
            function, uncompiled = (
                PackagedFunction(each, AUTOMATION.handler, aws, _is_complete) for each in (package, sources)
            )
            starts = (function, _PlainClient(local_packages("boto3", BOTO3), aws), uncompiled)
            for what, event in (("a sweep", SWEEP_EVENT), ("an event without calls", _UNKNOWN_EVENT)):
                kinds = (partial(milliseconds, partial(start.answer, event)) for start in starts)
                ours, client, without_pyc = in_turn(rounds, *kinds)
                detail = {"ratio_of_sources_alone": round(median(without_pyc) / median(ours), 1)}
                yield paired(f"cold start to {what}, against a plain boto3 client", ours, client, _LIMIT, detail)
    except AssetError as error:
        raise CannotMeasureError(str(error)) from error


@dataclass(frozen=True, slots=True)
class PackagedFunction:
    """A package of a function, as Lambda starts it.

    Attributes:
        package: what Lambda finds on its path.
        handler: as Lambda's configuration names it.
        aws: receives its calls.
        is_right: whether an answer to an event is what it should be; a function that fails is quick.
    """

    package: Unpacked
    handler: str
    aws: EmulatedAws
    is_right: Callable[[Mapping[str, object], Any], bool]

    def answer(self, event: Mapping[str, object]) -> None:
        """Start it, give it *event*, and wait for its answer; then end it."""
        with RuntimeApi() as api:
            api.hand_out(InvocationTask("cold-start", _ARN, json.dumps(dict(event)).encode(), _TIMEOUT))
            command = [str(lambda_python()), "-m", "awslambdaric", self.handler]
            env = self._environment(api.address)
            with subprocess.Popen(command, env=env, cwd=self.package.task_root, stdout=subprocess.DEVNULL) as process:
                try:
                    answer = json.loads(_answer_at(api))
                finally:
                    process.kill()
        if not self.is_right(event, answer):
            raise CannotMeasureError(f"the function answered {answer}")

    def _environment(self, address: str) -> dict[str, str]:
        of_lambda = {
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_FUNCTION_NAME": _NAME,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{_NAME}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "benchmark",
            "LAMBDA_TASK_ROOT": str(self.package.task_root),
            "POWERTOOLS_SERVICE_NAME": _NAME,
            "POWERTOOLS_METRICS_NAMESPACE": "Watchkeeper",
        }
        return environment(self.aws.environment, of_lambda, _python(*self.package.path, runtime_packages()))


@dataclass(frozen=True, slots=True)
class _PlainClient:
    """A process with one client of boto3, and nothing else."""

    packages: Path
    aws: EmulatedAws

    def answer(self, event: Mapping[str, object]) -> None:
        """Make the client, and one call if the event asks the function for some."""
        call = ["call"] if event == SWEEP_EVENT else []
        run([lambda_python(), _SCRIPT, *call], environment(self.aws.environment, _python(self.packages)))


def _answer_at(api: RuntimeApi) -> bytes:
    while isinstance(report := api.wait(_ANSWER_WITHIN), NextRequested):
        pass
    match report:
        case ResponsePosted(payload):
            return payload
        case ErrorPosted(error):
            raise CannotMeasureError(f"the function failed: {error.decode()}")
        case _:
            raise CannotMeasureError("the function gave no answer")


def _is_complete(event: Mapping[str, object], answer: Any) -> bool:
    return [row["status"] for row in answer["coverage"]] == ["COMPLETE"] * (event == SWEEP_EVENT)


def _python(*path: Path) -> dict[str, str]:
    """Let Python find these folders, and write no `.pyc` into them: in Lambda they are read-only."""
    return {"PYTHONPATH": os.pathsep.join(map(str, path)), "PYTHONDONTWRITEBYTECODE": "1"}

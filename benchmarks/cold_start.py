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
from typing import Any

from benchmarks import deployed
from benchmarks.deployed import Unpacked
from benchmarks.errors import CannotMeasureError
from benchmarks.lines import Line, paired
from benchmarks.measuring import environment, in_turn, milliseconds, run
from benchmarks.population import RECEIVER, REGION, Population
from benchmarks.reference_packages import runtime, whole
from benchmarks.world import World, served
from bundling.archives import AssetError
from bundling.interpreter import lambda_python
from emulator.awslambda.sandbox.runtime_api import RuntimeApi
from emulator.awslambda.sandbox.tasks import ErrorPosted, InvocationTask, NextRequested, ResponsePosted
from functions.ram_invitations.manifest import AUTOMATION
from functions.shared.automation import SWEEP_EVENT

_AGAINST_CLIENT = 1.0
_AGAINST_CUSTOMARY = 0.35
_ROUNDS = 9
_PATIENCE = timedelta(minutes=1)
_TIMEOUT = timedelta(minutes=5)
_NAME = AUTOMATION.name
_ARN = f"arn:aws:lambda:{REGION}:{RECEIVER}:function:{_NAME}"
_HANDLER = AUTOMATION.handler
_EMPTY = Population(total=0, irreversible=0, trusted=0, over=0)
_SCRIPT = Path(__file__).with_name("plain_client.py")
_UNKNOWN_EVENT: Mapping[str, object] = {"shape": "unknown"}


def measure(rounds: int = _ROUNDS) -> Iterator[Line]:
    """Measure a sweep and an event that calls nothing, against a plain client and the customary package, in turn."""
    try:
        with tempfile.TemporaryDirectory() as folder, served(_EMPTY) as world:
            yield from _measure(Path(folder), world, rounds)
    except AssetError as error:
        raise CannotMeasureError(str(error)) from error


def _measure(folder: Path, world: World, rounds: int) -> Iterator[Line]:
    """Measure four kinds of starts; the last tells what the packing alone makes of the very same imports."""
    package = deployed.unpacked(deployed.functions(folder)[_NAME], folder)
    boto3_s = deployed.customary(_NAME, whole(compiled=False), folder)
    starts = (
        Function(package, _HANDLER, world, _complete),
        _PlainClient(whole(compiled=True), world),
        Function(boto3_s, "customary_handler.lambda_handler", world, _complete),
        Function(boto3_s, _HANDLER, world, _complete),
    )
    for what, event in (("a sweep", SWEEP_EVENT), ("an event without calls", _UNKNOWN_EVENT)):
        kinds = (partial(milliseconds, partial(start.answer, event)) for start in starts)
        ours, client, customary, without_boto3 = in_turn(rounds, *kinds)
        packing = paired("", ours, without_boto3, _AGAINST_CUSTOMARY, "ms", {})
        against_customary = paired(
            f"cold start to {what}, against the customary package",
            *(ours, customary, _AGAINST_CUSTOMARY, "ms", {"ratio_without_boto3": round(packing.ratio, 3)}),
        )
        # A sweep waits for its calls, in every package the same: only a start without calls tells packages apart.
        with_calls = event == SWEEP_EVENT
        beside = {"ratio_to_customary": round(against_customary.ratio, 3)} if with_calls else {}
        yield paired(f"cold start to {what}, against a plain boto3 client", ours, client, _AGAINST_CLIENT, "ms", beside)
        if not with_calls:
            yield against_customary


@dataclass(frozen=True, slots=True)
class Function:
    """A package of a function, as Lambda starts it.

    Attributes:
        package: what Lambda finds on its path.
        handler: as Lambda's configuration names it.
        world: that it calls.
        is_right: whether an answer to an event is what it should be; a function that fails is quick.
    """

    package: Unpacked
    handler: str
    world: World
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
        return environment(self.world.environment, of_lambda, _python(*self.package.path, runtime()))


@dataclass(frozen=True, slots=True)
class _PlainClient:
    """A process with one client of boto3, and nothing else."""

    packages: Path
    world: World

    def answer(self, event: Mapping[str, object]) -> None:
        """Make the client, and one call if the event asks the function for some."""
        call = ["call"] if event == SWEEP_EVENT else []
        run([lambda_python(), _SCRIPT, *call], environment(self.world.environment, _python(self.packages)))


def _answer_at(api: RuntimeApi) -> bytes:
    while isinstance(report := api.wait(_PATIENCE), NextRequested):
        pass
    match report:
        case ResponsePosted(payload):
            return payload
        case ErrorPosted(error):
            raise CannotMeasureError(f"the function failed: {error.decode()}")
        case _:
            raise CannotMeasureError("the function gave no answer")


def _complete(event: Mapping[str, object], answer: Any) -> bool:
    return [row["status"] for row in answer["coverage"]] == ["COMPLETE"] * (event == SWEEP_EVENT)


def _python(*path: Path) -> dict[str, str]:
    """Let Python find these folders, and leave no `.pyc` in them, as in Lambda, where they are read-only."""
    return {"PYTHONPATH": os.pathsep.join(map(str, path)), "PYTHONDONTWRITEBYTECODE": "1"}

"""Cold start: from the start of a process to its first answer, for the zip that would be deployed."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import deployed
from benchmarks.deployed import Unpacked
from benchmarks.errors import CannotMeasureError
from benchmarks.lines import Line
from benchmarks.measuring import environment, medians, milliseconds, run
from benchmarks.population import RECEIVER, REGION, Population
from benchmarks.reference_packages import runtime, whole
from benchmarks.runtime_api import RuntimeApi
from benchmarks.world import World, served
from functions.catalog import FUNCTIONS
from functions.shared.automation import SWEEP_EVENT
from infra.archives import AssetError
from infra.interpreter import lambda_python

_AGAINST_CLIENT = 1.0
_AGAINST_CUSTOMARY = 0.35
_ROUNDS = 15
_NAME = "ram_invitations"
_EMPTY = Population(total=0, irreversible=0, trusted=0, over=0)
_PLAIN = Path(__file__).with_name("plain_client.py")
_UNKNOWN_EVENT: Mapping[str, object] = {"shape": "unknown"}


def measure(rounds: int = _ROUNDS) -> Iterator[Line]:
    """Measure a sweep and an event that calls nothing, against a plain client and the customary package, in turn."""
    try:
        with tempfile.TemporaryDirectory() as folder, served(_EMPTY) as world:
            yield from _measure(Path(folder), world, rounds)
    except AssetError as error:
        raise CannotMeasureError(str(error)) from error


def _measure(folder: Path, world: World, rounds: int) -> Iterator[Line]:
    ours = _Function(deployed.unpacked(_NAME, folder), world)
    customary = _Function(deployed.customary(_NAME, whole(compiled=False), folder), world)
    plain = partial(_plain_client, whole(compiled=True), world)
    for what, event, argument in (("a sweep", SWEEP_EVENT, "call"), ("an event without calls", _UNKNOWN_EVENT, "")):
        kinds = (partial(ours.answer, event), partial(plain, argument), partial(customary.answer, event))
        our_ms, plain_ms, customary_ms = medians(rounds, *(partial(milliseconds, kind) for kind in kinds))
        detail = {"rounds": rounds}
        against = f"cold start to {what}, against"
        yield Line(f"{against} a plain boto3 client", our_ms, plain_ms, _AGAINST_CLIENT, "ms", detail)
        yield Line(f"{against} the customary package", our_ms, customary_ms, _AGAINST_CUSTOMARY, "ms", detail)


@dataclass(frozen=True, slots=True)
class _Function:
    """A package of the function, as Lambda starts it."""

    package: Unpacked
    world: World

    def answer(self, event: Mapping[str, object]) -> None:
        """Start it, give it *event*, and wait for its answer; then end it."""
        arn = f"arn:aws:lambda:{REGION}:{RECEIVER}:function:{_NAME}"
        (handler,) = (function.handler for function in FUNCTIONS if function.name == _NAME)
        with RuntimeApi(event, arn) as api:
            command = [lambda_python(), "-m", "awslambdaric", handler]
            env = self._environment(api.address)
            with subprocess.Popen(command, env=env, cwd=self.package.task_root, stdout=subprocess.DEVNULL) as process:
                try:
                    api.answer()
                finally:
                    process.kill()

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


def _plain_client(packages: Path, world: World, argument: str) -> None:
    run([lambda_python(), _PLAIN, argument], environment(world.environment, _python(packages)))


def _python(*path: Path) -> dict[str, str]:
    """Let Python find these folders, and leave no `.pyc` in them, as in Lambda, where they are read-only."""
    return {"PYTHONPATH": os.pathsep.join(map(str, path)), "PYTHONDONTWRITEBYTECODE": "1"}

"""Cold start of the durable function: the poller that would be deployed, against a bare handler and its library."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends

from benchmarks import deployed
from benchmarks.cold_start import BOTO3, PackagedFunction
from benchmarks.deployed import Unpacked
from benchmarks.emulated_aws import served
from benchmarks.errors import CannotMeasureError
from benchmarks.measuring import in_turn, milliseconds
from benchmarks.population import RECEIVER, REGION, Population, configuration, settings
from benchmarks.results import BudgetResult, paired
from bundling.archives import AssetError
from bundling.interpreter import compile_tree
from bundling.packages import local_packages
from cli.hubs.emulated_hub import emulated_hub
from emulator.aws import Emulator
from emulator.s3control.seeding import stand_up
from functions.mrap_operations.manifest import AUTOMATION
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.observability import log

_LIMIT = 1.0
_ROUNDS = 9
_EMPTY = Population(total=0, irreversible=0, trusted=0, over=0)
_BARE = Path(__file__).with_name("bare_durable_handler.py")
_LIBRARY = "aws-durable-execution-sdk-python"
_BUSY = timedelta(hours=1)


def measure(rounds: int = _ROUNDS) -> Iterator[BudgetResult]:
    """Measure the last invocation of an execution, in which all is replayed and nothing is called, in turn."""
    if AUTOMATION.poller is None:
        raise CannotMeasureError(f"{AUTOMATION.name} has no durable function")
    try:
        with tempfile.TemporaryDirectory() as folder, served(_EMPTY) as aws:
            event, assets = _last_invocation(), deployed.assets(Path(folder))
            package = deployed.unpacked(assets.pollers[AUTOMATION.name], assets.layer, Path(folder))
            poller = PackagedFunction(package, AUTOMATION.poller.handler, aws, _has_ended)
            bare = PackagedFunction(_bare(Path(folder)), "bare_durable_handler.lambda_handler", aws, _has_ended)
            kinds = (partial(milliseconds, partial(start.answer, event)) for start in (poller, bare))
            poller_ms, bare_ms = in_turn(rounds, *kinds)
    except AssetError as error:
        raise CannotMeasureError(str(error)) from error
    yield paired("cold start of the poller, against a bare durable handler", poller_ms, bare_ms, _LIMIT)


def _last_invocation() -> Mapping[str, object]:
    """Return the event of an invocation that finds everything done, as a whole execution leaves it."""
    log.setLevel("CRITICAL")
    whole = settings(configuration())
    with Emulator() as aws, emulated_hub(aws, whole, RECEIVER):
        stand_up(RECEIVER, "logs", age=_BUSY, takes=_BUSY + _BUSY)
        aws.functions.invoke(_function(AUTOMATION.name), dict(SWEEP_EVENT))
        aws.advance(_BUSY + _BUSY)
        (execution,) = aws.durable.executions.of(str(_function(f"{AUTOMATION.name}-poller").function_arn))
        return execution.invocation()


def _function(name: str) -> LambdaFunction:
    return lambda_backends[RECEIVER][REGION].get_function(name)


def _bare(package: Path) -> Unpacked:
    """Lay out a handler that ends at once beside the whole library."""
    task = package / "bare"
    task.mkdir()
    shutil.copy(_BARE, task)
    compile_tree(task)
    return Unpacked(task, (task, local_packages("durable", (*BOTO3, _LIBRARY))))


def _has_ended(_: Mapping[str, object], answer: Any) -> bool:
    return bool(answer["Status"] == "SUCCEEDED" and json.loads(answer["Result"])["outcome"] == "ended")

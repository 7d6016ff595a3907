"""Memory: a sweep holds a page, not a collection, so many invitations need hardly more than a few."""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.emulated_aws import EmulatedAws, served
from benchmarks.errors import CannotMeasureError
from benchmarks.measuring import environment, run
from benchmarks.population import RECEIVER, REGION, Population, configuration, settings
from benchmarks.results import BudgetResult
from functions.shared.settings import SETTINGS_FILE

_LIMIT = 1.05
_ROUNDS = 2
_FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{RECEIVER}:function:ram_invitations"


def measure(few: int = 100, many: int = 100_000) -> Iterator[BudgetResult]:
    """Measure the function's handler in its own process: the highest peak at *many*, the lowest at *few*.

    The first sweep accepts invitations; the second finds its findings in the ledger.
    """
    with tempfile.TemporaryDirectory() as task_root:
        Path(task_root, SETTINGS_FILE).write_text(json.dumps(settings(configuration()).document), encoding="utf-8")
        with served(Population(few)) as small, served(Population(many)) as large:
            pairs = [(_peak_kib(small, task_root), _peak_kib(large, task_root)) for _ in range(_ROUNDS)]
    yield BudgetResult(
        f"memory of a sweep, {many} invitations against {few}",
        ours=max(peak for _, peak in pairs),
        reference=min(peak for peak, _ in pairs),
        limit=_LIMIT,
        unit="KiB",
        detail={"measured": "peak resident memory of the function's handler"},
    )


def _peak_kib(aws: EmulatedAws, task_root: str) -> int:
    wanted = {"LAMBDA_TASK_ROOT": task_root, "POWERTOOLS_LOG_LEVEL": "CRITICAL"}
    names = {"POWERTOOLS_SERVICE_NAME": "ram_invitations", "POWERTOOLS_METRICS_NAMESPACE": "Watchkeeper"}
    command = [sys.executable, "-m", "benchmarks.measured_handler", _FUNCTION_ARN]
    answer = json.loads(run(command, environment(aws.environment, wanted, names)))
    statuses = [row["status"] for row in answer["coverage"]]
    if statuses != ["COMPLETE"]:
        raise CannotMeasureError(f"the sweep was not complete: {answer['coverage']}")
    return int(answer["peak_kib"])

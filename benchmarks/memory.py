"""Memory: a page, not a collection. A sweep of very many invitations needs hardly more than one of a few."""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.errors import CannotMeasureError
from benchmarks.lines import Line
from benchmarks.measuring import environment, run
from benchmarks.population import RECEIVER, REGION, Population, configuration, settings
from benchmarks.world import World, served
from functions.shared.settings import SETTINGS_FILE

_LIMIT = 1.05
_ROUNDS = 2
_FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{RECEIVER}:function:ram_invitations"


def measure(few: int = 100, many: int = 100_000) -> Iterator[Line]:
    """Measure the function's handler in a process of its own: the most at *many* against the least at *few*.

    The first sweep of a world accepts, and the next finds its findings in the ledger.
    """
    with tempfile.TemporaryDirectory() as task_root:
        Path(task_root, SETTINGS_FILE).write_text(json.dumps(settings(configuration()).document), encoding="utf-8")
        with served(Population(few)) as small, served(Population(many)) as large:
            pairs = [(_peak_kib(small, task_root), _peak_kib(large, task_root)) for _ in range(_ROUNDS)]
    yield Line(
        f"memory of a sweep, {many} invitations against {few}",
        ours=max(peak for _, peak in pairs),
        reference=min(peak for peak, _ in pairs),
        limit=_LIMIT,
        unit="KiB",
        detail={"measured": "peak resident memory of the function's handler"},
    )


def _peak_kib(world: World, task_root: str) -> int:
    wanted = {"LAMBDA_TASK_ROOT": task_root, "POWERTOOLS_LOG_LEVEL": "CRITICAL"}
    names = {"POWERTOOLS_SERVICE_NAME": "ram_invitations", "POWERTOOLS_METRICS_NAMESPACE": "Watchkeeper"}
    command = [sys.executable, "-m", "benchmarks.sweeper", _FUNCTION_ARN]
    answer = json.loads(run(command, environment(world.environment, wanted, names)))
    statuses = [row["status"] for row in answer["coverage"]]
    if statuses != ["COMPLETE"]:
        raise CannotMeasureError(f"the sweep was not complete: {answer['coverage']}")
    return int(answer["peak_kib"])

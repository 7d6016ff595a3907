"""``watchkeeper plan`` on a small account, against a plain boto3 script that lists the same."""

import json
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.emulated_aws import served
from benchmarks.measuring import environment, in_turn, milliseconds, run
from benchmarks.population import REGION, TRUSTED_SENDER, Population, configuration
from benchmarks.results import BudgetResult, paired

_LIMIT = 1.5
_ROUNDS = 11
_REGIONS = ("us-east-1", REGION)
_SMALL = Population(total=8, irreversible=1, trusted=3, over=1)
_SCRIPT = Path(__file__).with_name("plain_boto3.py")
_SOMETHING_DOES_NOT_COMPLY = 1


def measure(rounds: int = _ROUNDS) -> Iterator[BudgetResult]:
    """Measure the wall time of both whole processes, over HTTP, in turn."""
    with tempfile.TemporaryDirectory() as folder, served(_SMALL) as aws:
        written = Path(folder, "watchkeeper.yaml")
        written.write_text(json.dumps(configuration(regions=_REGIONS)), encoding="utf-8")
        program = Path(sys.executable).with_name("watchkeeper")
        plan: list[str | Path] = [program, "plan", "--config", written, "--format", "json"]
        script: list[str | Path] = [sys.executable, _SCRIPT, TRUSTED_SENDER, *_REGIONS]
        env = environment(aws.environment)
        ours = partial(run, plan, env, ends=(_SOMETHING_DOES_NOT_COMPLY,))
        theirs = partial(run, script, env)
        plan_ms, script_ms = in_turn(rounds, partial(milliseconds, ours), partial(milliseconds, theirs))
    yield paired("wall time of plan, against a plain boto3 script", plan_ms, script_ms, _LIMIT)

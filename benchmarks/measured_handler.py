"""Runs the function's handler once in this process, as Lambda does, and prints its peak memory."""

import json
import resource
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

from functions.ram_invitations.handler import lambda_handler
from functions.shared.aws.target import SWEEP_EVENT

_STATUS = Path("/proc/self/status")
_PLENTY_MS = 900_000


def main(function_arn: str) -> None:
    """Sweep, and print the coverage and the peak of the resident memory in KiB."""
    context = SimpleNamespace(invoked_function_arn=function_arn, get_remaining_time_in_millis=lambda: _PLENTY_MS)
    with redirect_stdout(StringIO()):
        answer = lambda_handler(dict(SWEEP_EVENT), context)
    print(json.dumps({"peak_kib": peak_kib(), **answer}))


def peak_kib() -> int:
    """Return the peak. On Linux ``ru_maxrss`` does not serve: a process inherits it from the one that starts it."""
    if not _STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (peak,) = (line.split()[1] for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Runs a function's handler once, as Lambda does, and tells its peak memory: ``sweeper.py EVENT``, in its own process."""

import json
import resource
import sys
from types import SimpleNamespace

from functions.ram_invitations.handler import lambda_handler

_PLENTY_MS = 900_000


def main(event: str, account: str, region: str) -> None:
    """Sweep, and print the coverage and the peak of the resident memory in KiB."""
    context = SimpleNamespace(
        invoked_function_arn=f"arn:aws:lambda:{region}:{account}:function:ram_invitations",
        get_remaining_time_in_millis=lambda: _PLENTY_MS,
    )
    answer = lambda_handler(json.loads(event), context)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    hwm = [l for l in open("/proc/self/status") if "VmHWM" in l][0].split()[1]
    print(json.dumps({"peak": peak, "hwm": hwm, **answer}))


if __name__ == "__main__":
    main(*sys.argv[1:])

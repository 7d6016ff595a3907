"""Starts AWS's runtime client in the process of a function, on the emulated clock and without a network.

The function's own Python runs it, without the packages of the emulator: ``bootstrap.py HANDLER NOW_MS TIMEOUT_MS``.
"""

import site
import socket
import sys
from copy import copy
from ipaddress import ip_address
from typing import Any

import time_machine
from awslambdaric.__main__ import main as serve
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

_OURSELVES = ("localhost", "", None)


def main(handler: str, now_ms: int, timeout_ms: int) -> None:
    """Run *handler* for each invocation until there are no more."""
    site.setquit()  # as in Lambda; this Python runs without `site` to have no packages of the machine
    sys.argv = ["awslambdaric", handler]
    _stay_here()
    _report_with_the_key()
    _follow_the_clock(now_ms, timeout_ms)
    serve(sys.argv)


def _stay_here() -> None:
    """Let Python resolve no host but the loopback; what calls the system itself is not held back."""
    look_up = socket.getaddrinfo

    def looked_up(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name in _OURSELVES or _is_loopback(name):
            return look_up(host, *rest, **more)
        raise OSError(f"the emulator allows no network access: {name}")

    socket.getaddrinfo = looked_up


def _report_with_the_key() -> None:
    """Let the Python part of the runtime client keep the path of the Runtime API's address, as its native part does."""
    call = LambdaRuntimeClient.call_rapid

    def called(client: LambdaRuntimeClient, method: str, path: str, *rest: Any, **more: Any) -> None:
        caller = copy(client)
        caller.lambda_runtime_address, _, key = client.lambda_runtime_address.partition("/")
        call(caller, method, f"/{key}{path}", *rest, **more)

    LambdaRuntimeClient.call_rapid = called


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _follow_the_clock(now_ms: int, timeout_ms: int) -> None:
    """Set the clock to the emulated time now, and again for each invocation, by its deadline."""
    traveller = time_machine.travel(now_ms / 1000, tick=True).start()
    wait = LambdaRuntimeClient.wait_next_invocation

    def waited(client: LambdaRuntimeClient) -> Any:
        request = wait(client)
        traveller.move_to((int(request.deadline_time_in_ms) - timeout_ms) / 1000)
        return request

    LambdaRuntimeClient.wait_next_invocation = waited


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

"""Starts AWS's runtime client in the process of a function: on the emulated clock, with nothing to reach but ourselves.

It is run by the function's own Python, which has no package of ours: ``bootstrap.py HANDLER NOW_MS TIMEOUT_MS``.
"""

import site
import socket
import sys
from ipaddress import ip_address
from typing import Any

import time_machine
from awslambdaric.__main__ import main as serve
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

_LOOPBACK = "127.0.0.1"
_OURSELVES = ("localhost", "", None)
_BELOW_OURSELVES = (".127.0.0.1", ".localhost")
"""Where the clients of S3 Control look for an account, which they put before the host."""


def main(handler: str, now_ms: int, timeout_ms: int) -> None:
    """Answer invocations by *handler* until there are no more."""
    site.setquit()  # Lambda's Python has what site brings; ours has it without the machine's packages
    sys.argv = ["awslambdaric", handler]
    _stay_here()
    _follow_the_clock(now_ms, timeout_ms)
    serve(sys.argv)


def _stay_here() -> None:
    """Let names below the loopback be the loopback, and no other host be reached."""
    look_up = socket.getaddrinfo

    def looked_up(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name in _OURSELVES or _is_loopback(name):
            return look_up(host, *rest, **more)
        if name.endswith(_BELOW_OURSELVES):
            return look_up(_LOOPBACK, *rest, **more)
        raise OSError(f"the emulator reaches no network: {name}")

    socket.getaddrinfo = looked_up


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _follow_the_clock(now_ms: int, timeout_ms: int) -> None:
    """Set the clock to the emulated present now, and again with each invocation, from whose deadline it follows."""
    traveller = time_machine.travel(now_ms / 1000, tick=True).start()
    wait = LambdaRuntimeClient.wait_next_invocation

    def waited(client: LambdaRuntimeClient) -> Any:
        request = wait(client)
        traveller.move_to((int(request.deadline_time_in_ms) - timeout_ms) / 1000)
        return request

    LambdaRuntimeClient.wait_next_invocation = waited


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

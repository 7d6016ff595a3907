"""Serves the emulated AWS on the loopback until Ctrl-C: ``python -m emulator``, or ``aws-emulator``."""

import os
import shlex
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from datetime import datetime
from threading import Event

from emulator.aws import Emulator
from emulator.gateway.authentication import SECRET_KEY, WeakKeyError
from emulator.gateway.server import PortTakenError
from emulator.wire.client_settings import client_settings

_INTERRUPTED = 130
_ANNOUNCEMENT = """The emulated AWS answers at {url} until Ctrl-C. In another terminal:
{exports}
An access key id of 12 digits is the account that calls: another number is another account.
The secret key is that of this emulator: whoever knows it can run code here. {variable} sets it.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C, and return the exit status."""
    parser = ArgumentParser(prog="aws-emulator", description="Serves an emulated AWS on the loopback.")
    parser.add_argument("--port", type=int, default=0, help="where to listen; any free port if left out")
    parser.add_argument("--now", type=_moment, help="when its clock starts, such as 2026-11-20T09:00:00Z; else now")
    parser.add_argument("--still", action="store_true", help="its clock moves only when it is told to")
    try:
        _serve(parser.parse_args(arguments))
    except (PortTakenError, WeakKeyError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _serve(options: Namespace) -> None:
    with Emulator(options.now, tick=not options.still, secret_key=os.environ.get(SECRET_KEY, "")) as aws:
        url = aws.serve(port=options.port)
        settings = client_settings(url, aws.secret_key, "111122223333", "us-east-1")
        exports = "\n".join(f"  export {name}={shlex.quote(value)}" for name, value in settings.items())
        sys.stdout.write(_ANNOUNCEMENT.format(url=url, exports=exports, variable=SECRET_KEY))
        sys.stdout.flush()
        Event().wait()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"not a time: {text}") from error
    if moment.tzinfo is None:
        raise ArgumentTypeError(f"a time needs a time zone, such as {text}Z")
    return moment


if __name__ == "__main__":
    sys.exit(main())

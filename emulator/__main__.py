"""Serves the emulated AWS on the loopback until Ctrl-C: ``python -m emulator``, or ``aws-emulator``."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from datetime import datetime
from threading import Event

from emulator.aws import Emulator
from emulator.gateway.server import PortTakenError

_INTERRUPTED = 130
_ENVIRONMENT = """The emulated AWS answers at {url} until Ctrl-C. In another terminal:
  export AWS_ENDPOINT_URL={url}
  export AWS_ACCESS_KEY_ID=111122223333
  export AWS_SECRET_ACCESS_KEY=emulated
  export AWS_DEFAULT_REGION=us-east-1
An access key id of 12 digits is the account that calls: another number is another account.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C, and return the exit status."""
    parser = ArgumentParser(prog="aws-emulator", description="Serves an emulated AWS on the loopback.")
    parser.add_argument("--port", type=int, default=0, help="where to listen; any free port if left out")
    parser.add_argument("--now", type=_moment, help="when its clock starts, such as 2026-11-20T09:00:00Z; else now")
    parser.add_argument("--still", action="store_true", help="its clock moves only when it is told to")
    try:
        _serve(parser.parse_args(arguments))
    except PortTakenError as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _serve(options: Namespace) -> None:
    with Emulator(options.now, tick=not options.still) as aws:
        sys.stdout.write(_ENVIRONMENT.format(url=aws.serve(port=options.port)))
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

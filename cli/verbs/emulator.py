"""Serves the emulated AWS to any AWS client on this machine, until it is interrupted."""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from threading import Event

from cli.command.options import Options
from cli.configuration.loading import load
from cli.errors import UsageError
from cli.exit_status import ExitStatus
from cli.hubs.cdk import CdkError
from cli.hubs.deployed_hub import interpreter
from cli.hubs.emulated_hub import create_ledger
from cli.terminal.signals import TerminatedError
from emulator.aws import Emulator
from emulator.gateway.authentication import SECRET_KEY, WeakKeyError
from emulator.gateway.server import PortTakenError
from emulator.wire.client_settings import client_settings

_HUB = {"account": "self", "region": "us-east-1"}
_HOW = (
    "An access key id of 12 digits is the account of the caller: use another number for another account.\n"
    f"Whoever knows the secret key can run code here; {SECRET_KEY} sets it.\n"
)


def run(options: Options) -> int:
    """Serve until Ctrl-C; each account that calls gets the ledger of a deployed hub, unless it begins empty.

    ``--region`` is the hub's Region, or else the configuration says it, if there is one.
    """
    for kind, several in (("account", options.accounts[1:]), ("region", options.regions[1:])):
        if several:
            raise UsageError(f"emulator takes one --{kind}", "an access key id of 12 digits is any other account")
    hub = load(options.config).document["hub"] if options.config.exists() else _HUB
    with _started() as aws:
        own = os.environ["AWS_ACCESS_KEY_ID"]  # the emulator's rule: that of the environment if it is an account
        account = options.accounts[0] if options.accounts else hub["account"]
        regions = options.regions or (hub["region"],)
        try:
            url = aws.serve(port=options.port)
            if options.empty:
                aws.run_zips(interpreter())
                url = url.replace("127.0.0.1", "localhost")  # the CDK misreads addresses
            else:
                aws.set_up_accounts(lambda caller, region: create_ledger(caller, region) if region in regions else None)
            settings = client_settings(url, aws.secret_key, own if account == "self" else account, regions[0])
            _announce(url, settings, options)
            Event().wait()
        except CdkError as error:
            hint = "make demo-deploy installs it; without --empty it is not needed"
            raise UsageError(str(error), hint) from error
        except PortTakenError as error:
            raise UsageError(str(error), "leave out --port to take any free port") from error
        except TerminatedError:
            return ExitStatus.TERMINATED
        except KeyboardInterrupt:
            return ExitStatus.INTERRUPTED
    return ExitStatus.COMPLIES


def _started() -> Emulator:
    try:
        return Emulator(tick=True, secret_key=os.environ.get(SECRET_KEY, ""))
    except WeakKeyError as error:
        raise UsageError(str(error), f"unset {SECRET_KEY} for a random key") from error


def _announce(url: str, environment: Mapping[str, str], options: Options) -> None:
    as_text = _as_json if options.format == "json" else _as_prose
    sys.stdout.write(as_text(url, environment))
    sys.stdout.flush()


def _as_json(url: str, environment: Mapping[str, str]) -> str:
    return json.dumps({"url": url, "environment": environment}) + "\n"


def _as_prose(url: str, environment: Mapping[str, str]) -> str:
    exports = "".join(f"  export {name}={shlex.quote(value)}\n" for name, value in environment.items())
    return f"The emulated AWS answers at {url} until Ctrl-C. In another terminal:\n{exports}{_HOW}"

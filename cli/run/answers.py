"""What makes the answers of a run others than those of another run: where it asked, who asked, and with what code."""

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from botocore.session import Session

from cli.command.options import Options
from cli.hubs.hub import CommandHub

_CODE = (Path(__file__).parents[2] / "functions", Path(__file__).parents[1] / "run")
_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
_SESSION_OF_A_ROLE = 2


def answers_key(hub: CommandHub, options: Options) -> str:
    """Return 16 hexadecimal digits that are the same only where a run would give the same answers.

    The format and the file of the result change no answer.
    """
    what = [options.verb, hub.dry_run, hub.account, hub.partition, caller_of(hub.caller), hub.settings.config_hash]
    plan = sha256(options.plan.read_bytes()).hexdigest() if options.plan else ""
    which = [*options.automations, "", *options.accounts, "", *options.regions, "", plan]
    where = endpoints_of(hub.clients.session, os.environ)
    return sha256(json.dumps([what, which, where, _code()]).encode()).hexdigest()[:16]


def caller_of(arn: str) -> str:
    """Return who calls, without the name of a role's session, which is another one after each login.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
    """
    parts = arn.split("/")
    return "/".join(parts[:_SESSION_OF_A_ROLE]) if ":assumed-role" in parts[0] else arn


def endpoints_of(session: Session, environment: Mapping[str, str]) -> list[Any]:
    """Return every setting that sends calls elsewhere than to AWS's own endpoints.

    Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    profile = session.get_scoped_config()
    services = session.full_config.get("services", {}).get(profile.get("services", ""), {})
    variables = sorted(pair for pair in environment.items() if pair[0].startswith(_ENDPOINTS))
    return [variables, profile.get("endpoint_url", ""), profile.get("ignore_configured_endpoint_urls", ""), services]


def _code() -> str:
    """Return a hash of the code that reads and decides, by the size and the time of each of its files."""
    digest = sha256()
    for folder in _CODE:
        for path in sorted(folder.rglob("*.py")):
            about = path.stat()
            digest.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()

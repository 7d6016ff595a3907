"""The CDK's own command line, run on this repository's app against an endpoint."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emulator.wire.client_settings import client_settings

ROOT = Path(__file__).parents[2]
"""The repository, where the app is."""

"""Name of the hub's stack."""

_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "UV_PYTHON", "UV_OFFLINE", "UV_CACHE_DIR")
_SILENT = {
    "CDK_DISABLE_CLI_TELEMETRY": "1",
    "CDK_DISABLE_VERSION_CHECK": "1",
    "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
}
_TAIL = 4000


class CdkError(Exception):
    """The CDK's command line is missing, or failed; the message holds the end of what it printed."""


@dataclass(frozen=True, slots=True)
class Cdk:
    """The app, as one account deploys it to an emulated AWS; each method raises CdkError if the CDK fails.

    Attributes:
        url: of the emulated AWS, with ``localhost`` as its host: the CDK misreads addresses.
        account: 12 digits; in the emulated AWS also its credentials.
        region: of the hub.
        assembly: folder of what was synthesized.
        secret_key: of the emulated AWS.
    """

    url: str
    account: str
    region: str
    assembly: Path
    secret_key: str = field(repr=False)

    def synthesize(self, config: Path) -> None:
        """Make the templates and assets of a configuration."""
        app = f"{sys.executable} app.py"
        self._run("synth", "--quiet", "--app", app, "--output", str(self.assembly), "--context", f"config={config}")

    def bootstrap(self) -> None:
        """Create what the CDK needs in the account; nothing has to be synthesized."""
        elsewhere = Path(__file__).parent  # beside cdk.json, the CDK would run the app first
        self._run("bootstrap", f"aws://{self.account}/{self.region}", "--no-notices", folder=elsewhere)

    def deploy(self, *options: str) -> None:
        """Deploy all stacks of the app."""
        self._run("deploy", "--all", "--app", str(self.assembly), "--require-approval", "never", *options)

    def diff(self) -> str:
        """Return what a deployment would change."""
        return self._run("diff", "--app", str(self.assembly))

    def destroy(self) -> None:
        """Delete all stacks of the app."""
        self._run("destroy", "--all", "--app", str(self.assembly), "--force")

    def _run(self, *arguments: str, folder: Path = ROOT) -> str:
        program = shutil.which("cdk", path=_path())
        if program is None:
            raise CdkError("the CDK's command line is missing: make synth installs it")
        command = [program, *arguments, "--ci"]
        done = subprocess.run(  # noqa: S603  # our own command
            command, cwd=folder, env=self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            output = f"{done.stdout}{done.stderr}"[-_TAIL:]
            raise CdkError(f"cdk {arguments[0]} failed:\n{output}")
        return done.stdout + done.stderr

    def _environment(self) -> Mapping[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        aws = {
            **client_settings(self.url, self.secret_key, self.account, self.region),
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        return {**kept, **_SILENT, **aws, "PATH": _path()}


def _path() -> str:
    """Put this environment's node and the repository's CDK before those of the machine."""
    places = (ROOT / "node_modules" / ".bin", Path(sys.executable).parent, os.environ.get("PATH", ""))
    return os.pathsep.join(map(str, places))

"""The CDK app: it makes the hub's stacks from the configuration.

``cdk synth -c config=PATH`` reads another configuration than ``watchkeeper.yaml``.
"""

import signal
import sys

signal.signal(signal.SIGINT, lambda *_: sys.exit("interrupted: nothing was synthesized"))

from pathlib import Path

from aws_cdk import App

from bundling.archives import AssetError
from bundling.assets import build
from cli.configuration.loading import check
from cli.configuration.problems import ConfigurationError
from infra.hub import add_hub
from infra.iam.policies import DeploymentError

try:
    app = App()
    configuration = check(Path(app.node.try_get_context("config") or "watchkeeper.yaml"))
    sys.stderr.writelines(f"warning: {warning}\n" for warning in configuration.warnings)
    add_hub(app, configuration.settings, build(configuration.settings))
    app.synth()
except (ConfigurationError, AssetError, DeploymentError) as error:
    sys.exit(str(error))

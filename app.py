"""The composition root of the CDK app: the configuration becomes the hub.

``cdk synth -c config=PATH`` reads another configuration than ``watchkeeper.yaml``.
"""

import sys
from pathlib import Path

from aws_cdk import App

from cli.configuration.loading import load
from cli.configuration.problems import ConfigurationError
from infra.archives import AssetError
from infra.assets import build
from infra.channels import TopicError
from infra.hub import add_hub
from infra.policies import RightsError

app = App()
try:
    settings = load(Path(app.node.try_get_context("config") or "watchkeeper.yaml"))
    add_hub(app, settings, build(settings))
except (ConfigurationError, AssetError, TopicError, RightsError) as error:
    sys.exit(str(error))
app.synth()

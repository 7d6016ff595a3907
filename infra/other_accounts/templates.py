"""The templates for other accounts: they have no assets, and the app itself never deploys them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import App, Validations

from functions.shared.deployment.forwarding import forwarded
from functions.shared.deployment.resources import FORWARDER_STACK_NAME, HubDescription
from infra.nag import rule_packs
from infra.other_accounts import forwarder, spoke
from infra.tagging import apply_tags_and_boundary

FOLDER = "templates"
"""Of the templates, in the folder of the app's assembly; a CDK assembly of its own."""


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates.

    Attributes:
        spoke_role: once for each account but the hub's.
        forwarder: for each account but the hub's, in each Region in scope.
    """

    spoke_role: Mapping[str, Any]
    forwarder: Mapping[str, Any]


def write_templates(hub: HubDescription, *, into: str) -> Templates:
    """Synthesize the templates for the accounts that a hub watches, below the folder *into*.

    Raises:
        DeploymentError: the spoke role cannot hold what the configuration asks for.
    """
    app = App(outdir=f"{into}/{FOLDER}", auto_synth=False)
    Validations.of(app).add_plugins(*rule_packs(app))
    spoke.SpokeRoleTemplate(app, hub=hub)
    forwarder.ForwarderTemplate(app, kinds=forwarded(hub.settings, hub.automations))
    apply_tags_and_boundary(app, hub.settings)
    assembly = app.synth()
    return Templates(
        assembly.get_stack_by_name(spoke.SPOKE_STACK_NAME).template,
        assembly.get_stack_by_name(FORWARDER_STACK_NAME).template,
    )


def as_text(template: Mapping[str, Any]) -> str:
    """Return a template as the shortest JSON, for CloudFormation to take inline."""
    return json.dumps(template, separators=(",", ":"))

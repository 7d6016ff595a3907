"""The templates for other accounts: without assets, written beside the app's own, never deployed with them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import App, Validations

from functions.shared.automation import Automation
from functions.shared.deployment.forwarding import forwarded
from functions.shared.settings import Settings
from infra.other_accounts import forwarder, spoke
from infra.rule_packs import rule_packs
from infra.tagging import dress

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


def write_templates(settings: Settings, automations: Iterable[Automation], *, hub_stack: str, into: str) -> Templates:
    """Synthesize the templates of a configuration below the folder *into*.

    Raises:
        RightsError: the spoke role cannot hold what the configuration asks for.
    """
    wanted = tuple(automations)
    app = App(outdir=f"{into}/{FOLDER}", auto_synth=False)
    Validations.of(app).add_plugins(*rule_packs(app))
    spoke.SpokeRoleTemplate(app, settings=settings, automations=wanted, hub_stack=hub_stack)
    forwarder.ForwarderTemplate(app, kinds=forwarded(settings, wanted))
    dress(app, settings)
    assembly = app.synth()
    return Templates(
        assembly.get_stack_by_name(spoke.STACK_NAME).template,
        assembly.get_stack_by_name(forwarder.STACK_NAME).template,
    )


def as_text(template: Mapping[str, Any]) -> str:
    """Return a template as CloudFormation takes it inline: as short as it can be."""
    return json.dumps(template, separators=(",", ":"))

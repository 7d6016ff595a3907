"""Composes the JSON Schema of the configuration from the general sections and those of the manifests."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.configuration import sections
from functions.catalog import FUNCTIONS
from functions.shared.automation import Automation, checks_of

COMMITTED = Path(__file__).parents[2] / "docs" / "watchkeeper.schema.json"
"""Where editors find it; ``python -m cli.configuration.schema`` writes it there."""


def compose(automations: Sequence[Automation] = FUNCTIONS) -> dict[str, Any]:
    """Return the schema, with the fragment of each automation under its name."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "a section with the keys version and scope",
        "description": "The configuration of Watchkeeper.",
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "scope"],
        "properties": {
            "version": sections.VERSION,
            "hub": sections.HUB,
            "scope": sections.SCOPE,
            **{automation.name: automation.settings for automation in automations},
            "mutes": sections.mutes(checks_of(automations)),
            "report": sections.REPORT,
            "deployment": sections.DEPLOYMENT,
            "removal": sections.REMOVAL,
        },
        "$defs": sections.DEFINITIONS,
    }


def resolved(schema: Mapping[str, Any], fragment: Any) -> Mapping[str, Any]:
    """Return *fragment*, or what it refers to within *schema*, overridden by its own members."""
    if not isinstance(fragment, Mapping):
        return {}
    reference = str(fragment.get("$ref", ""))
    if not reference.startswith("#/$defs/"):
        return fragment
    return {**resolved(schema, schema["$defs"][reference.removeprefix("#/$defs/")]), **fragment}


def text(automations: Sequence[Automation] = FUNCTIONS) -> str:
    """Return the schema as it is committed."""
    return json.dumps(compose(automations), indent=2) + "\n"


if __name__ == "__main__":
    COMMITTED.write_text(text(), encoding="utf-8")

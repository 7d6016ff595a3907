"""cdk-nag: the rules that fail a synthesis, and the resources that break one for a good reason."""

from typing import Any, Literal

from aws_cdk import Acknowledgment, App, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks
from constructs import IConstruct


def rule_packs(app: App) -> tuple[AwsSolutionsChecks, ServerlessChecks]:
    """Return the packs for *app*, on sound and on serverless solutions."""
    return AwsSolutionsChecks(app), ServerlessChecks(app)


def acknowledge(
    construct: IConstruct, rule: str, reason: str, *, pack: Literal["AwsSolutions", "Serverless"] = "AwsSolutions"
) -> None:
    """Let *construct*, and what it is made of, break one rule.

    Args:
        construct: the resource.
        rule: the rule's id behind the pack's name, with the finding in brackets where the rule has several.
        reason: why it is right here.
        pack: the pack that has the rule.
    """
    Validations.of(construct).acknowledge(Acknowledgment(id=f"{pack}-{rule}", reason=reason))


def as_reported(resource: Any) -> str:
    """Write a resolved ARN as cdk-nag's findings do: the name of what is not known yet in angle brackets."""
    match resource:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(as_reported(part) for part in parts)
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
    return str(resource)

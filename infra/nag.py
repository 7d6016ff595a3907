"""A rule that a resource breaks for a good reason is acknowledged on that resource, with the reason."""

from typing import Any, Literal

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(
    construct: IConstruct, rule: str, reason: str, *, pack: Literal["AwsSolutions", "Serverless"] = "AwsSolutions"
) -> None:
    """Let *construct*, and what it is made of, break one rule of a pack of cdk-nag's.

    Args:
        construct: the resource.
        rule: the rule's id behind the pack's name, with the finding in brackets where the rule has several.
        reason: why it is right here.
        pack: that the rule is of.
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

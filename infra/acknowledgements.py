"""A rule that a resource breaks for a good reason is acknowledged on that resource, with the reason."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Let *construct*, and what it is made of, break one cdk-nag rule of the pack AwsSolutions.

    Args:
        construct: the resource.
        rule: the rule's id behind ``AwsSolutions-``, with the finding in brackets where the rule has several.
        reason: why it is right here.
    """
    Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions-{rule}", reason=reason))

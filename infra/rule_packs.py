"""The rules that fail a synthesis: cdk-nag's packs on sound and on serverless solutions."""

from aws_cdk import App
from cdk_nag import AwsSolutionsChecks, ServerlessChecks


def rule_packs(app: App) -> tuple[AwsSolutionsChecks, ServerlessChecks]:
    """Return the packs for *app*; a finding that is right is acknowledged on its resource."""
    return AwsSolutionsChecks(app), ServerlessChecks(app)

"""What every stack has: the tags of its resources, and the permissions boundary of its roles."""

from aws_cdk import Arn, ArnComponents, ArnFormat, Aws, Tags
from aws_cdk import aws_iam as iam
from constructs import Construct

from functions.shared.deployment.options import DeploymentOptions
from functions.shared.settings import Settings

_OF_AWS = "aws"
_WITHOUT_TAGS = ["AWS::Lambda::EventSourceMapping"]
"""Types of which CloudFormation has refused tags in GovCloud and China."""


def apply_tags_and_boundary(root: Construct, settings: Settings) -> None:
    """Put the tags and the permissions boundary of the configuration on everything below *root*."""
    options = DeploymentOptions.of(settings)
    for key, value in {"application": "watchkeeper", **options.tags}.items():
        Tags.of(root).add(key, value, exclude_resource_types=_WITHOUT_TAGS)
    if options.permissions_boundary:
        boundary = _in_its_account(options.permissions_boundary)
        iam.PermissionsBoundary.of(root).apply(iam.ManagedPolicy.from_managed_policy_arn(root, "Boundary", boundary))


def _in_its_account(arn: str) -> str:
    """Return the ARN of that policy in the account that deploys the stack; one of AWS is the same anywhere."""
    policy = Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME)
    account = policy.account if policy.account == _OF_AWS else Aws.ACCOUNT_ID
    return Arn.format(
        ArnComponents(
            partition=Aws.PARTITION,
            service="iam",
            region="",
            account=account,
            resource="policy",
            resource_name=policy.resource_name,
        )
    )

"""The bucket in which a compliance run leaves what it saw, and its reports."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.nag import acknowledge

_WORKING_DAYS = 14
_NOT_LOGGED = "only the hub's own functions read and write it, and CloudTrail's data events tell of all who do"


class ResultsBucket(Construct):
    """The bucket.

    Attributes:
        bucket: private, encrypted, and reached over TLS alone.
    """

    def __init__(
        self, scope: Construct, id_: str, *, retention_days: int, removal: RemovalPolicy, key: kms.IKey | None = None
    ) -> None:
        """Create it.

        Args:
            scope: the hub's stack.
            id_: of this construct.
            retention_days: after which a report is deleted.
            removal: what becomes of it when the stack is destroyed, which has to find it empty.
            key: encrypts the objects; one of S3's own if absent.
        """
        super().__init__(scope, id_)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            bucket_key_enabled=True if key else None,
            enforce_ssl=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(retention_days),
                    abort_incomplete_multipart_upload_after=Duration.days(_WORKING_DAYS),
                )
            ],
            removal_policy=removal,
        )
        acknowledge(self.bucket, "S1", _NOT_LOGGED)

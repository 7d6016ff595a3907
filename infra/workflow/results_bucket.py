"""The bucket of a compliance run's results and reports."""

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from functions.shared.deployment.resources import REPLACED_KEPT, UPLOADS_ABORTED_AFTER
from infra.foundation.foundation import Foundation
from infra.nag import acknowledge

_NOT_LOGGED = "only the hub's own functions read and write it, and CloudTrail's data events tell of all who do"


class ResultsBucket(Construct):
    """The bucket.

    Attributes:
        bucket: private, encrypted, versioned, reached over TLS alone, and locked where the configuration says so.
    """

    def __init__(self, scope: Construct, id_: str, *, foundation: Foundation) -> None:
        """Create it; if it is deleted with the stack, it has to be empty by then."""
        super().__init__(scope, id_)
        key, kept = foundation.key, Duration.days(foundation.hub.results_kept.days)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            bucket_key_enabled=True if key else None,
            enforce_ssl=True,
            versioned=True,
            object_lock_enabled=foundation.hub.locks_results or None,
            object_lock_default_retention=s3.ObjectLockRetention.governance(kept)
            if foundation.hub.locks_results
            else None,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=kept,
                    noncurrent_version_expiration=Duration.days(REPLACED_KEPT.days),
                    abort_incomplete_multipart_upload_after=Duration.days(UPLOADS_ABORTED_AFTER.days),
                )
            ],
            removal_policy=foundation.removal,
        )
        acknowledge(self.bucket, "S1", _NOT_LOGGED)

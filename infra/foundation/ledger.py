"""The ledger's table, as ``functions.shared.ledger.ledger`` uses it."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_ssm as ssm
from constructs import Construct

TABLE_PARAMETER = "/watchkeeper/ledger-table"
"""SSM parameter that holds the table's name, for whoever is not told it by an environment variable."""


class Ledger(Construct):
    """The table with its stream and its index of what is due, and the parameter that names it."""

    def __init__(self, scope: Construct, id_: str, *, removal: RemovalPolicy, key: kms.IKey | None = None) -> None:
        """Create the table; unless *removal* destroys it, nothing but a person's own hand does."""
        super().__init__(scope, id_)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            time_to_live_attribute="expires_at",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True,
            ),
            deletion_protection=removal is not RemovalPolicy.DESTROY,
            removal_policy=removal,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if key else None,
            encryption_key=key,
        )
        self.table.add_global_secondary_index(
            index_name="due",
            partition_key=_text("queue"),
            sort_key=_text("due_at"),
            projection_type=dynamodb.ProjectionType.ALL,
        )
        ssm.StringParameter(
            self,
            "TableName",
            parameter_name=TABLE_PARAMETER,
            string_value=self.table.table_name,
            description="Name of Watchkeeper's ledger table",
        )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)

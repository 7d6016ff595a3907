"""The ledger's table, and the parameter that names it."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from functions.shared.deployment.resources import LEDGER, TABLE_PARAMETER, TABLE_PARAMETER_SAYS


class LedgerTable(Construct):
    """The table with its stream and its index of what is due, and the parameter that names it.

    Attributes:
        table: the table.
    """

    def __init__(self, scope: Construct, id_: str, *, removal: RemovalPolicy, key: kms.IKey | None = None) -> None:
        """Create the table; unless *removal* destroys it, nothing but a person's own hand does."""
        super().__init__(scope, id_)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=_text(LEDGER.key.partition),
            sort_key=_text(LEDGER.key.sort),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType[LEDGER.stream],
            time_to_live_attribute=LEDGER.expires_at,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True,
            ),
            deletion_protection=removal is not RemovalPolicy.DESTROY,
            removal_policy=removal,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if key else None,
            encryption_key=key,
        )
        self.table.add_global_secondary_index(
            index_name=LEDGER.index,
            partition_key=_text(LEDGER.index_key.partition),
            sort_key=_text(LEDGER.index_key.sort),
            projection_type=dynamodb.ProjectionType.ALL,
        )
        ssm.StringParameter(
            self,
            "TableName",
            parameter_name=TABLE_PARAMETER,
            string_value=self.table.table_name,
            description=TABLE_PARAMETER_SAYS,
        )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)

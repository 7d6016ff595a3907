"""The ledger's table, and the parameter that names it."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from functions.shared.deployment.resources import (
    EXPIRES_AT,
    INDEXES,
    STREAM_VIEW,
    TABLE_KEY,
    TABLE_PARAMETER,
    TABLE_PARAMETER_SAYS,
)


class LedgerTable(Construct):
    """The table with its stream and its indexes, and the parameter that names it.

    Attributes:
        table: the table.
    """

    def __init__(self, scope: Construct, id_: str, *, removal: RemovalPolicy, key: kms.IKey | None = None) -> None:
        """Create the table; unless *removal* destroys it, only a person can delete it."""
        super().__init__(scope, id_)
        partition, sort = _texts(TABLE_KEY)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=partition,
            sort_key=sort,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType[STREAM_VIEW],
            time_to_live_attribute=EXPIRES_AT,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True,
            ),
            deletion_protection=removal is not RemovalPolicy.DESTROY,
            removal_policy=removal,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if key else None,
            encryption_key=key,
        )
        for index in INDEXES:
            index_partition, index_sort = _texts(index.key)
            self.table.add_global_secondary_index(
                index_name=index.name,
                partition_key=index_partition,
                sort_key=index_sort,
                projection_type=dynamodb.ProjectionType[index.projection],
            )
        ssm.StringParameter(
            self,
            "TableName",
            parameter_name=TABLE_PARAMETER,
            string_value=self.table.table_name,
            description=TABLE_PARAMETER_SAYS,
        )


def _texts(names: tuple[str, str]) -> list[dynamodb.Attribute]:
    return [dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING) for name in names]

"""The smallest durable function: AWS's library, and a handler that ends at once."""

from typing import Any

from aws_durable_execution_sdk_python.context import DurableContext
from aws_durable_execution_sdk_python.execution import durable_execution


@durable_execution
def lambda_handler(_: Any, __: DurableContext) -> dict[str, str]:
    """Do nothing."""
    return {"outcome": "ended"}

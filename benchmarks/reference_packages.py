"""The packages that are held against ours: as locked, whole, for the runtime's Python."""

from pathlib import Path

from bundling.packages import installed
from bundling.runtime import runtime_packages

_WHOLE = frozenset(
    {
        "aws-lambda-powertools",
        "boto3",
        "botocore",
        "jmespath",
        "python-dateutil",
        "s3transfer",
        "six",
        "typing-extensions",
        "urllib3",
    }
)


def runtime() -> Path:
    """Return a folder with Lambda's runtime interface client, compiled, as Lambda has it."""
    return runtime_packages()


def whole(*, compiled: bool) -> Path:
    """Return a folder with all of boto3, botocore and Powertools, with their `.pyc` files or without."""
    return installed("compiled" if compiled else "customary", _WHOLE, compiled=compiled)


def durable() -> Path:
    """Return a folder with all of boto3, botocore and AWS's library for durable functions, with their `.pyc` files."""
    return installed("durable", _WHOLE | {"aws-durable-execution-sdk-python"}, compiled=True)

"""The types of requests and answers."""

from collections.abc import Mapping
from typing import Any

from moto.core.common_types import TYPE_RESPONSE

HttpAnswer = TYPE_RESPONSE
"""Status, headers and body."""

Request = Mapping[str, Any]
"""The parameters of a call, as boto3 takes them."""

Answer = dict[str, Any]
"""The members of an answer, as boto3 returns them."""

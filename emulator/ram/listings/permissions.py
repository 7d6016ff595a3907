"""The managed permissions of AWS; customers' own cannot be made here."""

from datetime import UTC, datetime
from typing import Any

from moto.ram.utils import AWS_MANAGED_PERMISSIONS

from emulator.ram.models import RamBackend
from emulator.wire.errors import ServiceError
from emulator.wire.messages import Answer, Request
from emulator.wire.pages import Pager

_TIMES = ("creationTime", "lastUpdatedTime")


def list_permissions(_: RamBackend, request: Request, __: datetime, pager: Pager) -> Answer:
    """List the permissions of a type, compared without case, or of all types.

    Source: https://docs.aws.amazon.com/ram/latest/APIReference/API_ListPermissions.html

    Raises:
        InvalidParameterException: no permission is for this type.
    """
    wanted, kind = request.get("resourceType", ""), request.get("permissionType", "ALL")
    of_type = [each for each in AWS_MANAGED_PERMISSIONS if _is(each["resourceType"], wanted)]
    if not of_type:
        raise ServiceError("InvalidParameterException", f"Invalid resource type: {wanted}")
    found, token = pager.page([_described(each) for each in of_type if kind in ("ALL", each["permissionType"])])
    return {"permissions": found, **token}


def _is(name: str, wanted: str) -> bool:
    return not wanted or name.casefold() == wanted.casefold()


def _described(permission: Any) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(permission[name]).replace(tzinfo=UTC).timestamp() for name in _TIMES}
    return {**permission, **times}

"""Incident Manager's wire: each operation's request in, its answer, error and events out."""

import base64
import binascii
import json
from datetime import UTC, datetime
from threading import RLock
from typing import Any
from uuid import uuid4

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from emulator.ssmincidents import events
from emulator.ssmincidents.exceptions import IncidentsError, ResourceNotFoundError, invalid
from emulator.ssmincidents.models import GLOBAL, IncidentsBackend, ssmincidents_backends
from emulator.ssmincidents.sets import ReplicationSet
from emulator.ssmincidents.statuses import REGIONS
from emulator.wire.cloudtrail import Caller, api_call

_WORLD = RLock()
_REFUSED = 400


class IncidentsResponse(BaseResponse):
    """Answer Incident Manager's requests."""

    def __init__(self) -> None:
        """Read requests by the service's model."""
        super().__init__(service_name="ssm-incidents")
        self.automated_parameter_parsing = True
        self.params: dict[str, Any] = {}

    @property
    def backend(self) -> IncidentsBackend:
        """The caller's: the same in every Region."""
        return ssmincidents_backends[self.current_account][GLOBAL]

    def call_action(self) -> TYPE_RESPONSE:
        """Answer, and tell the subscribers what CloudTrail would record."""
        action = self._get_action()
        with _WORLD:
            status, headers, body = super().call_action()
        if action in events.MUTATING:
            told = json.loads(body or "{}")
            refused = {
                "errorCode": headers.get("x-amzn-errortype", told.get("__type")),
                "errorMessage": told.get("message"),
            }
            outcome = refused if int(status) >= _REFUSED else {"responseElements": told or None}
            events.publish(api_call("ssm-incidents", action, self._caller, dict(self.params), outcome))
        return status, headers, body

    def create_replication_set(self) -> ActionResult:
        """Answer CreateReplicationSet."""
        self._check_region()
        regions = self.params["regions"]
        if not regions:
            raise invalid("A replication set has at least one Region.")
        token = self.params.get("clientToken") or str(uuid4())
        if token not in self.backend.by_token:
            self.backend.by_token[token] = self._create(regions)
        return ActionResult({"arn": self.backend.by_token[token]})

    def _create(self, regions: dict[str, Any]) -> str:
        created = self.backend.create(self._caller.arn)
        try:
            for name, wanted in regions.items():
                created.add(name, (wanted or {}).get("sseKmsKeyId", ""), created.created_at)
        except IncidentsError:
            del self.backend.sets[created.arn]
            raise
        return created.arn

    def delete_replication_set(self) -> ActionResult:
        """Answer DeleteReplicationSet."""
        self._found().delete(datetime.now(UTC))
        return EmptyResult()

    def get_replication_set(self) -> ActionResult:
        """Answer GetReplicationSet, in the Regions of the set alone."""
        return ActionResult({"replicationSet": self._found().describe(datetime.now(UTC))})

    def list_replication_sets(self) -> ActionResult:
        """Answer ListReplicationSets, in any Region of Incident Manager."""
        self._check_region()
        arns = self.backend.present(datetime.now(UTC))
        begin = _place(self.params.get("nextToken"))
        end = begin + min(self.params.get("maxResults") or 100, self.backend.most_in_a_page)
        more = {"nextToken": base64.urlsafe_b64encode(str(end).encode()).decode()} if end < len(arns) else {}
        return ActionResult({"replicationSetArns": arns[begin:end], **more})

    def update_deletion_protection(self) -> ActionResult:
        """Answer UpdateDeletionProtection."""
        found = self._found()
        found.protected = self.params["deletionProtected"]
        self._touch(found)
        return EmptyResult()

    def update_replication_set(self) -> ActionResult:
        """Answer UpdateReplicationSet: one Region more, or one less."""
        found, now = self._found(), datetime.now(UTC)
        found.check_idle(now)
        actions = self.params["actions"]
        if len(actions) != 1:
            raise invalid("One Region at a time can be added or deleted.")
        match actions[0]:
            case {"addRegionAction": {"regionName": str(name)} as wanted}:
                found.add(name, wanted.get("sseKmsKeyId", ""), now)
            case {"deleteRegionAction": {"regionName": str(name)}}:
                found.remove(name, now)
            case _:
                raise invalid("An action adds a Region or deletes one.")
        self._touch(found)
        return EmptyResult()

    def _found(self) -> ReplicationSet:
        self._check_region()
        return self.backend.find(self.params["arn"], self.region)

    def _touch(self, changed: ReplicationSet) -> None:
        changed.modified_by, changed.modified_at = self._caller.arn, datetime.now(UTC)

    def _check_region(self) -> None:
        if self.region not in REGIONS:
            raise ResourceNotFoundError(f"There is no Incident Manager in {self.region}.")

    @property
    def _caller(self) -> Caller:
        address, agent = self.normalized_request.remote_addr or "127.0.0.1", self.headers.get("User-Agent", "")
        return Caller(self.current_account, self.region, self.partition, self.access_key, address, agent)


def _place(token: str | None) -> int:
    try:
        return int(base64.urlsafe_b64decode(token)) if token else 0
    except (binascii.Error, ValueError) as error:
        raise invalid("The token is none that a listing gave out.") from error

"""Incident Manager's operations, as moto calls them."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.core.responses import ActionResult, EmptyResult

from emulator.ssmincidents.models import GLOBAL, IncidentsBackend, ssmincidents_backends
from emulator.ssmincidents.sets import ReplicationSet, invalid
from emulator.ssmincidents.statuses import REGIONS
from emulator.wire.cloudtrail import origin_of
from emulator.wire.errors import ServiceError
from emulator.wire.pages import Pager
from emulator.wire.responses import RecordedResponse, ServiceResponse


class IncidentsResponse(RecordedResponse, ServiceResponse):
    """Answers Incident Manager's requests."""

    service = event_source = "ssm-incidents"

    @property
    def backend(self) -> IncidentsBackend:
        """The caller's: the same in every Region."""
        return ssmincidents_backends[self.current_account][GLOBAL]

    def create_replication_set(self) -> ActionResult:
        self._check_region()
        regions = self.params["regions"]
        if not regions:
            raise invalid("A replication set has at least one Region.")
        token = self.params.get("clientToken") or str(uuid4())
        if token not in self.backend.by_token:
            self.backend.by_token[token] = self._create(regions)
        return ActionResult({"arn": self.backend.by_token[token]})

    def _create(self, regions: dict[str, Any]) -> str:
        created = self.backend.create(origin_of(self).arn)
        try:
            for name, wanted in regions.items():
                created.add(name, (wanted or {}).get("sseKmsKeyId", ""), created.created_at)
        except ServiceError:
            del self.backend.sets[created.arn]
            raise
        return created.arn

    def delete_replication_set(self) -> ActionResult:
        self._found().delete(datetime.now(UTC))
        return EmptyResult()

    def get_replication_set(self) -> ActionResult:
        """Answer GetReplicationSet, only in the Regions of the set."""
        return ActionResult({"replicationSet": self._found().describe(datetime.now(UTC))})

    def list_replication_sets(self) -> ActionResult:
        """Answer ListReplicationSets, in any Region of Incident Manager."""
        self._check_region()
        arns = self.backend.present(datetime.now(UTC))
        pager = Pager(
            self.current_account, self.params, self.backend.settings, invalid, None, "nextToken", "maxResults"
        )
        page, more = pager.page(arns)
        return ActionResult({"replicationSetArns": page, **more})

    def update_deletion_protection(self) -> ActionResult:
        found = self._found()
        found.protected = self.params["deletionProtected"]
        self._touch(found)
        return EmptyResult()

    def update_replication_set(self) -> ActionResult:
        """Answer UpdateReplicationSet, which adds or deletes one Region."""
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
        changed.modified_by, changed.modified_at = origin_of(self).arn, datetime.now(UTC)

    def _check_region(self) -> None:
        if self.region not in REGIONS:
            raise ServiceError("ResourceNotFoundException", f"Incident Manager is not available in {self.region}.")

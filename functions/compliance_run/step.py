"""What each step of the state machine needs: the hub, the bucket of results, and the keys of its run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.compliance_run.effects import Results
from functions.compliance_run.object_keys import ObjectKeys
from functions.shared.run.hub import Hub, hub_of


@dataclass(frozen=True, slots=True)
class StepContext:
    """What one invocation of a step needs.

    Attributes:
        hub: as this invocation sees it.
        results: the bucket.
        keys: of the run's objects in it.
    """

    hub: Hub
    results: Results
    keys: ObjectKeys

    @classmethod
    def of(cls, event: Mapping[str, Any], context: Any) -> "StepContext":
        """Read the run from a step's event.

        Raises:
            ValueError: the event names no run.
        """
        match event:
            case {"run": str(run), "started_at": str(started_at)}:
                keys = ObjectKeys(run, started_at)
            case _:
                raise ValueError("the event names no run: start the state machine, not the function")
        hub = hub_of(context)
        bucket = Results(hub.clients.calls("s3", hub.settings.hub_region), os.environ["RESULTS_BUCKET"], hub.account)
        return cls(hub, bucket, keys)

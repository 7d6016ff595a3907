"""What the steps of the state machine have in common: their house, and the run that they are of."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.compliance_run.effects import Results
from functions.compliance_run.object_keys import Places
from functions.shared.run.cold_start import hub_of
from functions.shared.run.hub import Hub


class MisshapenError(Exception):
    """A step was invoked with something that the state machine never sends."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one invocation of a step is given.

    Attributes:
        house: the hub.
        results: the bucket.
        places: of the run.
    """

    hub: Hub
    results: Results
    places: Places

    @classmethod
    def of(cls, event: Mapping[str, Any], context: Any) -> "Step":
        """Put together what an invocation needs; what one has given up, the next one tries again.

        Raises:
            MisshapenError: the event names no run.
        """
        match event:
            case {"run": str(run), "started_at": str(started_at)}:
                places = Places(run, started_at)
            case _:
                raise MisshapenError("the event names no run: start the state machine, not the function")
        hub = hub_of(context)
        bucket = Results(hub.clients.calls("s3", hub.settings.hub_region), os.environ["RESULTS_BUCKET"])
        return cls(hub, bucket, places)

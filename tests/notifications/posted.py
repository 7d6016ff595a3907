"""What EventBridge posts to a webhook: made by the emulator's input transformer, as AWS makes it."""

import json
from typing import Any

from emulator.eventbridge.input_transformers import check, text_for
from functions.shared.deployment.webhooks import FORMS, MESSAGE_POSTED
from tests.conftest import REGION, US


def body_of(form: str, detail: dict[str, Any]) -> Any:
    """Return the body of the request that EventBridge makes of an event with this detail."""
    target = {"Id": "Webhook", "InputTransformer": FORMS[form].transformer()}
    check(target)
    event = {
        "version": "0",
        "id": "1",
        "detail-type": MESSAGE_POSTED,
        "source": "watchkeeper",
        "account": US,
        "time": "2026-11-20T09:00:00Z",
        "region": REGION,
        "resources": [],
        "detail": json.loads(json.dumps(detail)),
    }
    return json.loads(text_for(target, event, {}))

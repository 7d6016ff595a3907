"""Zips run as Lambda would run them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.aws import Emulator
from tests.emulator.conftest import ACCOUNT, NOW, REGION, Client
from tests.emulator.sandbox.conftest import Deploy, Invoke

WHERE = "import os\ndef handler(event, _):\n    return [os.getpid(), os.environ, __file__, event]\n"


def test_a_handler_is_called_with_its_event_and_its_answer_comes_back(deploy: Deploy, invoke: Invoke) -> None:
    deploy("def handler(event, context):\n    return {'got': event, 'arn': context.invoked_function_arn}")
    assert invoke({"order": "ä"}) == {
        "got": {"order": "ä"},
        "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:worker",
    }

"""Functions that fail, and how Lambda tells of it."""

import os
from pathlib import Path

import pytest

from .conftest import Deploy, Invoke

PID = "import os\nPID = os.getpid()\n"


def test_an_error_is_described_and_the_process_stays_warm(deploy: Deploy, invoke: Invoke) -> None:
    deploy(PID + "def handler(event, context):\n    if event: raise ValueError(event)\n    return PID")
    before, failed, after = invoke(), invoke("bad order")["failed"], invoke()
    assert (failed["errorType"], failed["errorMessage"]) == ("ValueError", "bad order")
    assert "app.py" in failed["stackTrace"][0]
    assert before == after


def test_an_error_of_any_size_is_described(deploy: Deploy, invoke: Invoke) -> None:
    deploy("def handler(event, context):\n    return handler(event, context)")
    assert invoke()["failed"]["errorType"] == "RecursionError"


def test_what_json_cannot_hold_is_an_error(deploy: Deploy, invoke: Invoke) -> None:
    deploy("def handler(event, context):\n    return b'\\x00' if event else {1, 2}")
    assert invoke()["failed"]["errorType"] == "Runtime.MarshalError"
    assert invoke(1)["failed"]["errorType"] == "Runtime.MarshalError"


@pytest.mark.parametrize(
    ("source", "handler", "kind", "message"),
    [
        ("import absent", "app.handler", "Runtime.ImportModuleError", "Unable to import module 'app'"),
        ("def handler(:", "app.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("1/0", "app.handler", "ZeroDivisionError", "division by zero"),
        ("", "app", "Runtime.MalformedHandlerName", "Bad handler 'app'"),
    ],
)
def test_a_function_that_cannot_be_loaded_says_so(
    deploy: Deploy, invoke: Invoke, source: str, handler: str, kind: str, message: str
) -> None:
    deploy(source, Handler=handler)
    for _ in range(2):
        failed = invoke()["failed"]
        assert (failed["errorType"], failed["errorMessage"][: len(message)]) == (kind, message)
        assert failed["requestId"]


@pytest.mark.parametrize(
    ("dies", "how"),
    [
        ("os._exit(3)", "Runtime exited with error: exit status 3"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
        ("exit(4)", "Runtime exited with error: exit status 4"),
    ],
)
def test_a_process_that_dies_is_an_error_and_the_next_invocation_starts_another(
    deploy: Deploy, invoke: Invoke, dies: str, how: str
) -> None:
    deploy(PID + f"def handler(event, context):\n    if event: {dies}\n    return PID")
    before, failed, after = invoke(), invoke(1)["failed"], invoke()
    assert failed["errorType"] == "Runtime.ExitError"
    assert failed["errorMessage"].endswith(f"Error: {how}")
    assert before != after


def test_a_process_that_dies_before_it_is_ready_is_an_error(deploy: Deploy, invoke: Invoke) -> None:
    deploy("import os\nos._exit(5)")
    assert invoke()["failed"]["errorMessage"].endswith("Runtime exited with error: exit status 5")


def test_a_process_that_died_while_it_was_idle_is_replaced(deploy: Deploy, invoke: Invoke) -> None:
    deploy(PID + "def handler(event, context):\n    return PID")
    before = invoke()
    os.kill(before, 9)
    assert invoke() != before


def test_a_function_that_takes_too_long_is_killed_with_all_that_it_started(deploy: Deploy, invoke: Invoke) -> None:
    source = PID + (
        "import subprocess, time\n"
        "def handler(path, context):\n"
        "    if not path: return PID\n"
        "    child = subprocess.Popen(['sleep', '600'])\n"
        "    open(path, 'w').write(str(child.pid))\n"
        "    time.sleep(600)\n"
    )
    deploy(source, Timeout=1)
    before = invoke()
    note = Path(os.environ.get("TMPDIR", "/tmp"), f"child-of-{before}")  # noqa: S108  # the function writes a number there
    try:
        failed = invoke(str(note))["failed"]
        child = int(note.read_text(encoding="utf-8"))
    finally:
        note.unlink()
    assert failed["errorType"] == "Sandbox.Timedout"
    assert failed["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert not Path(f"/proc/{before}").exists()
    state = Path(f"/proc/{child}/stat")
    assert not state.exists() or state.read_text(encoding="utf-8").split()[2] == "Z"
    assert invoke() != before

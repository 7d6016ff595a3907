"""An emulated AWS that runs zips, under the Python that runs the tests, and functions made of a few lines."""

import io
import json
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.awslambda.sandbox.interpreter import Interpreter

from ..conftest import Client
from ..iam.documents import policy, trust

Deploy = Callable[..., str]
Invoke = Callable[..., Any]

RUNTIME = f"python3.{sys.version_info.minor}"
_BESIDE = ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py", "time_machine", "_time_machine")


def zipped(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return packed.getvalue()


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    """The Python that runs the tests, with no package but those that it needs."""
    packages, site = tmp_path_factory.mktemp("packages"), Path(sysconfig.get_path("purelib"))
    for found in site.iterdir():
        if found.name.partition(".")[0] in _BESIDE:
            (packages / found.name).symlink_to(found)
    return Interpreter(RUNTIME, Path(sys.executable), packages)


@pytest.fixture
def sandboxed(aws: Emulator, interpreter: Interpreter) -> Emulator:
    aws.run_zips(interpreter)
    return aws


@pytest.fixture
def role(client: Client) -> str:
    made = client("iam").create_role(
        RoleName="worker", AssumeRolePolicyDocument=policy(trust({"Service": "lambda.amazonaws.com"}))
    )
    return str(made["Role"]["Arn"])


@pytest.fixture
def deploy(sandboxed: Emulator, client: Client, role: str) -> Deploy:
    """Create a function of the source of one module, ``app``, as any client of Lambda would."""
    assert sandboxed

    def create(source: str, name: str = "worker", **settings: Any) -> str:
        given = {"Runtime": RUNTIME, "Role": role, "Handler": "app.handler", "Timeout": 60, **settings}
        code = {"ZipFile": zipped({"app.py": source})}
        return str(client("lambda").create_function(FunctionName=name, Code=code, **given)["FunctionArn"])

    return create


@pytest.fixture
def invoke(client: Client) -> Invoke:
    """Return what a function returns; what it failed with, under ``failed``."""

    def invoked(event: Any = None, name: str = "worker") -> Any:
        answer = client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read())
        return {"failed": payload} if "FunctionError" in answer else payload

    return invoked

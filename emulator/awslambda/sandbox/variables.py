"""The environment variables of a function's process: Lambda's and its own, none of this machine's."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.moto_api._internal import mock_random

from emulator.awslambda.configuration import log_group_of
from emulator.awslambda.sandbox.credentials import credentials_of
from emulator.awslambda.sandbox.interpreter import Interpreter
from emulator.wire.client_settings import endpoint_settings

Variables = dict[str, str]


def variables_of(function: LambdaFunction, endpoint_url: str) -> Variables:
    """Return what Lambda sets in a new environment of *function*, with AWS at *endpoint_url*.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html

    Raises:
        ApiError: Lambda cannot assume the function's role.
    """
    own: dict[str, Any] = function.environment_vars
    return {
        **endpoint_settings(endpoint_url),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        **{name: str(value) for name, value in own.items()},
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": log_group_of(function),
        "AWS_LAMBDA_LOG_STREAM_NAME": _log_stream_of(function),
        "AWS_REGION": function.region,
        "_HANDLER": str(function.handler),
        **credentials_of(function),
    }


def folder_variables(interpreter: Interpreter, task: Path, opt: Path, home: Path) -> Variables:
    """Return the variables with the folders of the code, and a folder for the process to write to.

    Python writes no ``.pyc`` to the code, which is read-only in Lambda, and is not here.
    """
    path = (task, opt / "python" / "lib" / interpreter.runtime / "site-packages", opt / "python", interpreter.packages)
    return {
        "HOME": str(home),
        "LAMBDA_RUNTIME_DIR": str(interpreter.packages),
        "LAMBDA_TASK_ROOT": str(task),
        "PATH": os.pathsep.join((os.defpath, str(opt / "bin"))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "TMPDIR": str(home),
    }


def _log_stream_of(function: LambdaFunction) -> str:
    return f"{datetime.now(UTC):%Y/%m/%d}/[{function.version}]{mock_random.uuid4().hex}"

"""What Lambda keeps of a function's configuration, and moto does not: its layers' content, and where it logs."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from moto.awslambda.models import LambdaFunction, LayerVersion, lambda_backends

from emulator.errors import Refusal


def layers_of(function: LambdaFunction) -> list[LayerVersion]:
    """Return the versions of layers under *function*, also those that were deleted since."""
    return list(getattr(function, "layer_versions", ()))


def log_group_of(function: LambdaFunction) -> str:
    """Return the log group that *function* writes to."""
    return str(_logging_of(function).get("LogGroup") or f"/aws/lambda/{function.function_name}")


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's functions keep it for the time of the context."""
    create, describe = LambdaFunction.__init__, LambdaFunction.get_configuration
    update, read_layers = LambdaFunction.update_configuration, LambdaFunction._get_layers_data  # noqa: SLF001

    def created(function: Any, account_id: str, spec: dict[str, Any], *rest: Any, **more: Any) -> None:
        create(function, account_id, spec, *rest, **more)
        function.logging_config = _checked(spec.get("LoggingConfig") or {})

    def described(function: Any, *rest: Any, **more: Any) -> dict[str, Any]:
        logging = {"LogFormat": "Text", "LogGroup": log_group_of(function)}
        return {"LoggingConfig": logging | dict(_logging_of(function)), **describe(function, *rest, **more)}

    def updated(function: Any, changes: dict[str, Any]) -> dict[str, Any]:
        if "LoggingConfig" in changes:
            function.logging_config = _checked(changes["LoggingConfig"])
        return dict(update(function, changes))

    def layered(function: Any, arns: list[str]) -> Any:
        told = read_layers(function, arns)
        backend = lambda_backends[function.account_id][function.region]
        function.layer_versions = [backend.layers_versions_by_arn(arn) for arn in arns]
        return told

    with ExitStack() as undo:
        undo.enter_context(patch.object(LambdaFunction, "__init__", created))
        undo.enter_context(patch.object(LambdaFunction, "get_configuration", described))
        undo.enter_context(patch.object(LambdaFunction, "update_configuration", updated))
        undo.enter_context(patch.object(LambdaFunction, "_get_layers_data", layered))
        yield


def _logging_of(function: LambdaFunction) -> Mapping[str, Any]:
    found: Mapping[str, Any] = getattr(function, "logging_config", {})
    return found


def _checked(config: Mapping[str, Any]) -> Mapping[str, Any]:
    if config.get("LogFormat", "Text") != "Text":
        raise Refusal("NotImplementedException", "the emulator's functions log as text alone", 501)
    return config

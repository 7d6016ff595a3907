"""The parts of a function's configuration that moto does not keep."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from moto.awslambda.models import LambdaFunction, LayerVersion, lambda_backends

from emulator.wire.errors import ApiError

_KEPT = ("DeadLetterConfig", "DurableConfig", "LoggingConfig")


def layers_of(function: LambdaFunction) -> list[LayerVersion]:
    """Return the layer versions of *function*, including deleted ones."""
    return list(getattr(function, "layer_versions", ()))


def log_group_of(function: LambdaFunction) -> str:
    """Return the log group that *function* writes to."""
    return str(_kept(function, "LoggingConfig").get("LogGroup") or f"/aws/lambda/{function.function_name}")


def dead_letter_queue_of(function: LambdaFunction) -> str:
    """Return the ARN of the dead-letter queue or topic of *function*; empty for none."""
    return str(_kept(function, "DeadLetterConfig").get("TargetArn") or "")


def durability_of(function: LambdaFunction) -> Mapping[str, Any]:
    """Return the ``DurableConfig`` of *function*; empty if it is not durable."""
    return _kept(function, "DurableConfig")


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's functions keep these parts while the context lasts."""
    create, describe = LambdaFunction.__init__, LambdaFunction.get_configuration
    update, read_layers = LambdaFunction.update_configuration, LambdaFunction._get_layers_data  # noqa: SLF001

    def created(function: Any, account_id: str, spec: dict[str, Any], *rest: Any, **more: Any) -> None:
        create(function, account_id, spec, *rest, **more)
        function.kept = _checked(spec)

    def described(function: Any, *rest: Any, **more: Any) -> dict[str, Any]:
        logging = {"LogFormat": "Text", "LogGroup": log_group_of(function), **_kept(function, "LoggingConfig")}
        return {**function.kept, "LoggingConfig": logging, **describe(function, *rest, **more)}

    def updated(function: Any, changes: dict[str, Any]) -> dict[str, Any]:
        function.kept = {**function.kept, **_checked(changes)}  # a new dict, because a version keeps the old one
        return dict(update(function, changes))

    def layered(function: Any, arns: list[str]) -> Any:
        message = read_layers(function, arns)
        backend = lambda_backends[function.account_id][function.region]
        function.layer_versions = [backend.layers_versions_by_arn(arn) for arn in arns]
        return message

    with ExitStack() as undo:
        undo.enter_context(patch.object(LambdaFunction, "__init__", created))
        undo.enter_context(patch.object(LambdaFunction, "get_configuration", described))
        undo.enter_context(patch.object(LambdaFunction, "update_configuration", updated))
        undo.enter_context(patch.object(LambdaFunction, "_get_layers_data", layered))
        yield


def _kept(function: LambdaFunction, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = getattr(function, "kept", {}).get(name, {})
    return found


def _checked(requested: Mapping[str, Any]) -> dict[str, Any]:
    if (requested.get("LoggingConfig") or {}).get("LogFormat", "Text") != "Text":
        raise ApiError("NotImplementedException", "the emulator's functions log as text alone", 501)
    return {name: requested[name] for name in _KEPT if requested.get(name)}

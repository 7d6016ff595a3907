"""What Lambda keeps of a function's configuration, and moto does not."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from moto.awslambda.models import LambdaFunction, LayerVersion, lambda_backends

from emulator.wire.errors import Refusal

_KEPT = ("DeadLetterConfig", "DurableConfig", "LoggingConfig")


def layers_of(function: LambdaFunction) -> list[LayerVersion]:
    """Return the versions of layers under *function*, also those that were deleted since."""
    return list(getattr(function, "layer_versions", ()))


def log_group_of(function: LambdaFunction) -> str:
    """Return the log group that *function* writes to."""
    return str(_kept(function, "LoggingConfig").get("LogGroup") or f"/aws/lambda/{function.function_name}")


def dead_letter_queue_of(function: LambdaFunction) -> str:
    """Return the ARN of the queue or topic that gets what *function* fails at for good; empty for none."""
    return str(_kept(function, "DeadLetterConfig").get("TargetArn") or "")


def durability_of(function: LambdaFunction) -> Mapping[str, Any]:
    """Return how long executions of *function* may last and are kept; nothing for one that is not durable."""
    return _kept(function, "DurableConfig")


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's functions keep it for the time of the context."""
    create, describe = LambdaFunction.__init__, LambdaFunction.get_configuration
    update, read_layers = LambdaFunction.update_configuration, LambdaFunction._get_layers_data  # noqa: SLF001

    def created(function: Any, account_id: str, spec: dict[str, Any], *rest: Any, **more: Any) -> None:
        create(function, account_id, spec, *rest, **more)
        function.kept = _checked(spec)

    def described(function: Any, *rest: Any, **more: Any) -> dict[str, Any]:
        logging = {"LogFormat": "Text", "LogGroup": log_group_of(function), **_kept(function, "LoggingConfig")}
        return {**function.kept, "LoggingConfig": logging, **describe(function, *rest, **more)}

    def updated(function: Any, changes: dict[str, Any]) -> dict[str, Any]:
        function.kept = {**function.kept, **_checked(changes)}  # another dict: a version keeps the one that it had
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


def _kept(function: LambdaFunction, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = getattr(function, "kept", {}).get(name, {})
    return found


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    if (given.get("LoggingConfig") or {}).get("LogFormat", "Text") != "Text":
        raise Refusal("NotImplementedException", "the emulator's functions log as text alone", 501)
    return {name: given[name] for name in _KEPT if given.get(name)}

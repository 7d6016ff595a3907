"""Dynamic references: a resource gets the value of a secret, and the stack does not keep it.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
"""

import json
import re
from typing import Any

from emulator.cloudformation.providers.provider import ResourceError, StackLocation

_REFERENCE = re.compile(r"\{\{resolve:(?P<service>[^:}]+):(?P<what>[^}]*)\}\}")
_SECRET = re.compile(
    r"(?P<id>arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^:]+|[^:]+)"
    r"(?::SecretString(?::(?P<key>[^:]*)(?::(?P<stage>[^:]*)(?::(?P<version>[^:]*))?)?)?)?"
)


def revealed(value: Any, location: StackLocation) -> Any:
    """Return *value* with its dynamic references resolved.

    Raises:
        ResourceError: a reference is malformed, or has no value.
    """
    match value:
        case str():
            return _REFERENCE.sub(lambda found: _looked_up(found, location), value)
        case dict():
            return {name: revealed(inner, location) for name, inner in value.items()}
        case list():
            return [revealed(inner, location) for inner in value]
    return value


def _looked_up(found: re.Match[str], location: StackLocation) -> str:
    secret = _SECRET.fullmatch(found["what"]) if found["service"] == "secretsmanager" else None
    if secret is None:
        raise ResourceError(f"the emulator does not have the dynamic reference {found[0]}")
    version = {"VersionStage": secret["stage"], "VersionId": secret["version"]}
    wanted = {name: value for name, value in version.items() if value}
    text = location.call("secretsmanager", "GetSecretValue", SecretId=secret["id"], **wanted).get("SecretString", "")
    return _member(text, secret["key"]) if secret["key"] else str(text)


def _member(text: str, key: str) -> str:
    try:
        content = json.loads(text)
    except ValueError:
        raise ResourceError("Could not parse SecretString JSON") from None
    if not isinstance(content, dict) or key not in content:
        raise ResourceError("Could not find a value associated with JSONKey in SecretString")
    return str(content[key])

"""Client tokens: the same call again gets the same answer, and happens once."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from emulator.wire.errors import ServiceError

_TOKEN = re.compile(r"[\x21-\x7e]{1,64}")


class ClientTokens:
    """Remember what was answered to each client token of each operation."""

    def __init__(self) -> None:
        """Know no token yet."""
        self._answers: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}

    def call_once(
        self, operation: str, request: Mapping[str, Any], act: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """Act, unless this very call was made before; a call that failed may be made again.

        Raises:
            InvalidClientTokenException: the token is not 1 to 64 printable characters.
            IdempotentParameterMismatchException: the token was used with other parameters.
        """
        token = request.get("clientToken")
        if token is None:
            return act()
        if not _TOKEN.fullmatch(token):
            raise ServiceError("InvalidClientTokenException", f"The client token {token!r} isn't valid.")
        asked = json.dumps(request, sort_keys=True)
        if (operation, token) not in self._answers:
            self._answers[operation, token] = asked, {**act(), "clientToken": token}
        before, answer = self._answers[operation, token]
        if before != asked:
            raise ServiceError(
                "IdempotentParameterMismatchException", f"The client token {token} was used with other parameters."
            )
        return answer

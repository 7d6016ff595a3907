"""Client tokens: a repeated call gets the same answer and happens once."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from emulator.wire.errors import ServiceError

_TOKEN = re.compile(r"[\x21-\x7e]{1,64}")


class ClientTokens:
    """Remembers the answer to each client token of each operation."""

    def __init__(self) -> None:
        """Begin without tokens."""
        self._answers: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}

    def call_once(
        self, operation: str, request: Mapping[str, Any], act: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """Call *act* unless the same call succeeded before; return its answer.

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

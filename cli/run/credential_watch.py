"""Ends a run whose credentials have died: what was read before is kept, and nothing more becomes unreadable."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

from cli.hubs.credential_problems import EXPIRED, UNKNOWN, problem_of
from cli.hubs.hub import CommandHub, UnknownCallerError, who_calls
from functions.report.composition import Swept
from functions.shared.finding import Compliance

_TRUSTED_SECONDS = 5.0
"""So long credentials that STS has just accepted are not asked about again: a Region that is disabled refuses too."""

_OF_BOTOCORE = (
    *("CredentialRetrievalError", "LoginError", "LoginRefreshRequired", "LoginTokenLoadError", "NoCredentialsError"),
    *("RefreshWithMFAUnsupportedError", "SSOError", "SSOTokenLoadError", "TokenRetrievalError"),
    *("PartialCredentialsError", "UnauthorizedSSOTokenError"),
)
_OF_PYTHON = ("EOFError", "FileNotFoundError", "GetPassWarning", "JSONDecodeError", "PermissionError", "RuntimeError")
_SUSPICIOUS = re.compile(rf"\b({'|'.join(sorted({*EXPIRED, *UNKNOWN, *_OF_BOTOCORE, *_OF_PYTHON}))})\b")
"""The causes for which a sweep that was not read in full may have to thank the credentials of the whole run."""


@dataclass(slots=True)
class CredentialWatch:
    """Asks STS whether the credentials live, where a sweep looks as if they did not; used by many threads.

    Attributes:
        hub: whose credentials they are.
        profile: that the command line names; empty for that of the environment.
    """

    hub: CommandHub
    profile: str
    _trusted_until: float = 0.0
    _one_at_a_time: Lock = field(default_factory=Lock)

    def check(self, swept: Swept) -> None:
        """Look at why a sweep was not read in full.

        Raises:
            UnknownCallerError: the credentials have died, so that no other sweep can be read either.
        """
        if any(map(_SUSPICIOUS.search, _causes(swept))):
            with self._one_at_a_time:
                self._ask()

    def _ask(self) -> None:
        if monotonic() < self._trusted_until:
            return
        try:
            who_calls(self.hub.clients, self.hub.settings.hub_region)
        except Exception as error:
            problem = problem_of(error, self.profile)
            if problem.is_reachable:
                raise UnknownCallerError(problem) from error
        self._trusted_until = monotonic() + _TRUSTED_SECONDS


def _causes(swept: Swept) -> Iterator[str]:
    yield str(swept.coverage["detail"])
    for finding in swept.findings:
        if finding["compliance"] == Compliance.INSUFFICIENT_DATA:
            yield str(finding["reason"])

"""Calls to AWS: patient with throttles and faults, and done with what AWS goes on refusing."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from socket import gaierror
from typing import Any

from botocore import xform_name
from botocore.client import BaseClient
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.parsers import ResponseParserError

from functions.shared.aws.rate_limit import RateLimit

PATIENCE_SECONDS = 20.0
"""After this long a call that AWS goes on refusing is given up."""

ACTING: ContextVar[Credentials | None] = ContextVar("acting", default=None)
"""Who signs the call that is being made in this thread; None for whoever the client was made for."""

READ_TIMEOUT_SECONDS = 5.0
CONNECT_TIMEOUT_SECONDS = 3.0

_FIRST_DELAY_SECONDS = 0.2
_LONGEST_DELAY_SECONDS = 5.0
_MOST_ATTEMPTS = 10
_CONFLICT = "TransactionConflict"
_XML_PROTOCOLS = frozenset({"rest-xml", "query", "ec2"})
_SERVER_ERROR = 500
_TOO_MANY_REQUESTS = 429
_THROTTLES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "PriorRequestNotComplete",
        "TransactionInProgressException",
    },
)

_WORDS_OF_IAM = ("not authorized to perform", "explicit deny")


class CallError(Exception):
    """AWS refused a call, or gave no answer that can be read.

    Attributes:
        operation: the API's name of the call.
        code: AWS's error code; the name of botocore's exception where there was no answer.
        message: what AWS said.
        retryable: another attempt, later, may succeed.
        answered: AWS said no. Otherwise the call may have had its effect all the same.
        throttled: AWS had too much to do, for us or for anybody.
    """

    def __init__(  # noqa: PLR0913  # what went wrong, and what follows from it
        self, operation: str, code: str, message: str, *, retryable: bool, answered: bool, throttled: bool = False
    ) -> None:
        """Say which call failed, and how."""
        super().__init__(f"{operation}: {code}: {message}")
        self.operation = operation
        self.code = code
        self.message = message
        self.retryable = retryable
        self.answered = answered
        self.throttled = throttled


class RefusedError(CallError):
    """AWS said no: there is no right, no such thing, or no sense in the request; another attempt changes nothing."""

    @property
    def is_in_own_words(self) -> bool:
        """A service denies access and says why, and IAM does not: no right and no policy of ours is meant.

        So speaks a service that is closed to new customers. IAM always names an action that somebody may not perform.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
        """
        is_denied = self.code in ("AccessDenied", "AccessDeniedException")
        words = self.message.lower()
        return is_denied and bool(words) and not any(each in words for each in _WORDS_OF_IAM)


class NotOfferedError(CallError):
    """AWS does not offer the service: not in the Region, or not to the account."""

    def __init__(self, operation: str, reason: str) -> None:
        """Say what is not offered where, or to whom."""
        super().__init__(operation, "NotOffered", reason, retryable=False, answered=True)


class RepeatedTokenError(Exception):
    """A list answered with the token that it had been asked with: its pages would never end."""


@dataclass(frozen=True, slots=True)
class ChangeSigner:
    """Who changes something in an account where somebody else reads.

    Attributes:
        actions: IAM's names of the changes, which are the service's signing name and the operation.
        signature: returns the credentials; raises CallError where their role may not be assumed.
    """

    actions: frozenset[str]
    signature: Callable[[], Credentials | None]


@dataclass(slots=True)
class Calls:
    """One client of one service at one target.

    A call is tried again with growing, jittered delays until `PATIENCE_SECONDS` have passed. An operation that was
    given up once fails at once from then on, so that a target which refuses one operation costs its patience once.

    Attributes:
        client: a botocore client that does not retry by itself.
        signs_with: the credentials of the account that is called; None for the client's own.
        pace: kept by all who call that service in that account and Region.
        patience_seconds: how long one call is tried.
        is_offered: says whether AWS is known to have the service in the Region; asked where it has no address.
        is_xml: the service answers in XML.
        keeps_empty: an empty text in an answer is a value, as in an item of a table. Elsewhere AWS means by it what it
            means by an absent member, so that it is left out.
        changes_by: who signs instead what changes something; None where the same credentials do.
    """

    client: BaseClient
    signs_with: Credentials | None = None
    rate_limit: RateLimit = field(default_factory=RateLimit)
    patience_seconds: float = PATIENCE_SECONDS
    is_offered: Callable[[], bool] = lambda: True
    is_xml: bool = False
    keeps_empty: bool = False
    changes_by: ChangeSigner | None = None
    _given_up: dict[str, CallError] = field(default_factory=dict)

    def __call__(self, operation: str, *, expects: str = "", **parameters: object) -> dict[str, Any]:
        """Call *operation*, by its API name, and return AWS's answer.

        Args:
            operation: such as ``GetResourceShares``.
            expects: the member without which the answer is no answer: botocore reads one that was cut as an empty one.
                A list that is left out of XML is an empty list: such a body parses only as a whole.
            parameters: of the call.

        Raises:
            CallError: AWS refused, or did not answer for as long as patience lasts.
        """
        if given_up := self._given_up.get(operation):
            # It is not even sent, so that it cannot have had an effect.
            raise CallError(operation, given_up.code, given_up.message, retryable=False, answered=True) from given_up
        signature = self._signature_for(operation)
        started = time.monotonic()
        for attempt in range(_MOST_ATTEMPTS):
            self.rate_limit.keep()
            try:
                answer = self._attempt(operation, expects, parameters, signature)
            except CallError as error:
                if error.throttled:
                    self.rate_limit.throttled()
                if not error.retryable:
                    raise
                delay = _delay(attempt)
                if attempt + 1 == _MOST_ATTEMPTS or self._is_too_late(started, delay):
                    self._given_up[operation] = error
                    raise
                time.sleep(delay)
            else:
                self.rate_limit.got_through()
                return answer
        raise AssertionError  # the last attempt returned or raised

    def items(
        self,
        operation: str,
        member: str,
        *,
        token_name: str = "nextToken",  # noqa: S107  # a member of a page, no secret
        **parameters: object,
    ) -> Iterator[dict[str, Any]]:
        """Yield what a list holds, page by page, also past the empty pages that AWS puts between full ones.

        Args:
            operation: the API's name of the call.
            member: what the list stands under in each page.
            token_name: what the service calls its token, in the question and in the answer.
            parameters: of every page.

        Raises:
            CallError: as for a call.
            RepeatedTokenError: the list does not end.
            TypeError: it is no list.
        """
        token: str | None = None
        while True:
            page = self(operation, expects=member, **parameters, **({token_name: token} if token else {}))
            if not isinstance(page[member], list):
                raise TypeError(f"{member} is a {type(page[member]).__name__} where AWS promises a list")
            yield from page[member]
            following = page.get(token_name)
            if not following:
                return
            if following == token:
                raise RepeatedTokenError(f"{operation} returned the token it was called with")
            token = following

    def _is_too_late(self, started: float, delay: float) -> bool:
        return time.monotonic() - started + delay + READ_TIMEOUT_SECONDS > self.patience_seconds

    def _signature_for(self, operation: str) -> Credentials | None:
        """Return who signs a call.

        Raises:
            CallError: nobody, as the role that changes may not be assumed; the call is not even sent.
        """
        signer = self.changes_by
        if signer is None or f"{self.client.meta.service_model.signing_name}:{operation}" not in signer.actions:
            return self.signs_with
        try:
            return signer.signature()
        except CallError as error:
            if error.answered:
                raise
            raise CallError(error.operation, error.code, error.message, retryable=False, answered=True) from error

    def _attempt(
        self, operation: str, expects: str, parameters: Mapping[str, object], signature: Credentials | None
    ) -> dict[str, Any]:
        method = getattr(self.client, xform_name(operation))
        acting = ACTING.set(signature)
        try:
            answer: dict[str, Any] = method(**parameters)
        except ClientError as error:
            raise _refusal(operation, error) from error
        except (HTTPClientError, NoConnectionError, ResponseParserError) as error:
            if _has_no_address(error) and not self.is_offered():
                about = self.client.meta
                reason = f"AWS does not offer {about.service_model.service_name} in {about.region_name}"
                raise NotOfferedError(operation, reason) from error
            name = type(error).__name__
            raise CallError(operation, name, str(error), retryable=True, answered=False) from error
        except BotoCoreError as error:
            name = type(error).__name__
            raise CallError(operation, name, str(error), retryable=False, answered=True) from error
        finally:
            ACTING.reset(acting)
        if expects and expects not in answer and self._leaves_out(operation, expects, answer):
            answer[expects] = []
        if expects and expects not in answer:
            reason = f"the answer has no {expects}"
            raise CallError(operation, "IncompleteAnswer", reason, retryable=True, answered=False)
        if not self.keeps_empty:
            _drop_empty_texts(answer)
        return answer

    def _leaves_out(self, operation: str, member: str, answer: Mapping[str, Any]) -> bool:
        """Say whether an answer is whole without *member*: in XML, a list without items may not be there at all."""
        if not self.is_xml:
            return False
        shape: Any = self.client.meta.service_model.operation_model(operation).output_shape
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        return bool(shape.members[member].type_name == "list" and headers.get("content-length") != "0")


def is_xml(client: BaseClient) -> bool:
    """Say whether AWS answers a client in XML, which does not parse when it was cut; of JSON botocore makes nothing."""
    return bool(client.meta.service_model.resolved_protocol in _XML_PROTOCOLS)


def _refusal(operation: str, error: ClientError) -> CallError:
    code = error.response.get("Error", {}).get("Code", "Unknown")
    message = error.response.get("Error", {}).get("Message", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    is_fault = status >= _SERVER_ERROR and status != 501  # noqa: PLR2004  # Not Implemented does not pass
    throttled = code in _THROTTLES or status == _TOO_MANY_REQUESTS or _CONFLICT in message
    if is_fault or throttled:
        return CallError(operation, code, message, retryable=True, answered=not is_fault, throttled=throttled)
    return RefusedError(operation, code, message, retryable=False, answered=True)


def _drop_empty_texts(value: object) -> None:
    """Leave out every member of an answer that is an empty text, however deep."""
    if isinstance(value, dict):
        for name, member in list(value.items()):
            if member == "":
                del value[name]
            elif isinstance(member, dict | list):
                _drop_empty_texts(member)
    elif isinstance(value, list):
        for each in value:
            _drop_empty_texts(each)


def _has_no_address(error: Exception) -> bool:
    cause = error.kwargs.get("error") if isinstance(error, EndpointConnectionError) else None
    return isinstance(getattr(cause, "__cause__", None), gaierror)


def _delay(attempt: int) -> float:
    longest = min(_FIRST_DELAY_SECONDS * 2**attempt, _LONGEST_DELAY_SECONDS)
    return float(longest * random.uniform(0.5, 1))  # noqa: S311  # jitter, no secret

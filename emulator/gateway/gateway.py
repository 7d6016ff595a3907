"""The gateway through which every call reaches the emulated services, in the process or over HTTP."""

import logging
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from threading import RLock
from typing import Any

from botocore.model import OperationNotFoundError
from moto.core.request import Request
from werkzeug.exceptions import HTTPException

from emulator.calls import Call, CallLog
from emulator.faults import Faults
from emulator.gateway.inject import CutAnswerError, NoAnswerError, api_error, broken, denied
from emulator.iam.guard import Guard
from emulator.iam.rights import rights_of
from emulator.wire import errors
from emulator.wire.errors import ApiError
from emulator.wire.identity import Accounts
from emulator.wire.incoming_request import (
    IncomingRequest,
    ServiceHandler,
    UnknownServiceError,
    read_request,
    read_unrouted_request,
)
from emulator.wire.messages import HttpAnswer

_LOG = logging.getLogger(__name__)
_REENTRANT = frozenset({"cloudformation", "lambda", "sqs", "states"})
"""Services whose calls wait for others: two of them never hold each other up."""


AccountSetup = Callable[[str, str], object]
"""Sets up an account in a Region before the first call there is answered."""


class Gateway:
    """Logs every call, injects faults, and passes the other calls on.

    Attributes:
        calls: the log.
        faults: the faults to inject.
        accounts: tells whose an access key is.
        guard: evaluates the policies of roles' sessions.
        allowed: the IAM actions of each account that is restricted.
        account_setups: called with the account and the Region of a caller before the first call there is answered.
    """

    def __init__(self, accounts: Accounts, calls: CallLog, faults: Faults) -> None:
        """Begin with no restrictions."""
        self.accounts = accounts
        self.calls = calls
        self.faults = faults
        self.guard = Guard()
        self.allowed: dict[str, frozenset[str]] = {}
        self.account_setups: list[AccountSetup] = []
        self._ready: set[tuple[str, str]] = set()
        self._locks: defaultdict[str, AbstractContextManager[Any]] = defaultdict(RLock)
        self._locks.update((service, nullcontext()) for service in _REENTRANT)

    def lock_of(self, service: str) -> AbstractContextManager[Any]:
        """Return the lock under which calls of *service* are served, one at a time."""
        return self._locks[service]

    def pass_on(self, handler: ServiceHandler, request: Request) -> HttpAnswer:
        """Answer *request* with *handler*, unless a fault or a policy prevents it.

        Raises:
            NoAnswerError: a fault suppresses the answer.
            CutAnswerError: a fault ends the connection in the middle of the answer.
        """
        try:
            incoming = read_request(handler, request, self.accounts)
        except UnknownServiceError as unknown:
            return self.refuse(request, f"the emulator has no service {unknown}")
        error = ""
        try:
            answer = self._answer(incoming, handler)
            error = errors.error_code(answer)
        except NoAnswerError:
            error = "Timeout"
            raise
        except CutAnswerError:
            error = "Cut"
            raise
        except ApiError as refused:
            error = refused.code
            return errors.answer(refused, incoming.dialect)
        except Exception as failure:
            error = type(failure).__name__
            if isinstance(failure, KeyError) and failure.args == (incoming.region,):  # how moto says so
                return errors.answer(_no_such_region(incoming.region), incoming.dialect)
            if not request.from_wsgi_server:
                raise
            _LOG.exception("the emulator failed at %s", incoming.name)
            reason = f"the emulator failed at {incoming.name}: {failure!r}"
            return errors.answer(ApiError("InternalFailure", reason, 500), incoming.dialect)
        finally:
            self._log(incoming, error)
        return answer

    def refuse(self, request: Request, reason: str) -> HttpAnswer:
        """Answer a call of a service that the emulator does not have."""
        incoming = read_unrouted_request(request, self.accounts)
        refused = ApiError("NotImplementedException", reason, 501)
        self._log(incoming, refused.code)
        return errors.answer(refused, incoming.dialect)

    def authorize(self, access_key: str, action: str, resource: str) -> None:
        """Check that the owner of *access_key* may do *action*, an IAM action that is not a call.

        Raises:
            ApiError: the account or the role does not have the right.
        """
        account = self.accounts.of(access_key)
        allowed = self.allowed.get(account)
        if allowed is not None and action not in allowed:
            raise ApiError("AccessDeniedException", f"no identity-based policy allows the {action} action")
        self.guard.check_within(access_key, account, action, resource)

    def _answer(self, incoming: IncomingRequest, handler: ServiceHandler) -> HttpAnswer:
        self._set_up_account(incoming)
        self._check_rights(incoming)
        fault = self.faults.inject(incoming.name, incoming.account, incoming.region, incoming.parameters)
        if fault is None:
            return self._serve(incoming, handler)
        if fault.kind == "timeout-before":
            raise NoAnswerError
        if fault.kind not in ("timeout-after", "broken-page", "cut-answer"):
            raise api_error(fault, incoming)
        answer = self._serve(incoming, handler)
        match fault.kind:
            case "timeout-after":
                raise NoAnswerError
            case "cut-answer":
                raise CutAnswerError(answer)
            case _:
                return broken(answer)

    def _set_up_account(self, incoming: IncomingRequest) -> None:
        location = incoming.account, incoming.region
        if self.account_setups and location not in self._ready:
            self._ready.add(location)  # first, because the setup makes calls itself
            for set_up in self.account_setups:
                set_up(*location)

    def _check_rights(self, incoming: IncomingRequest) -> None:
        allowed = self.allowed.get(incoming.account)
        if allowed is not None and not rights_of(incoming.name, incoming.parameters()) <= allowed:
            raise denied(incoming)
        self.guard.check(incoming)

    def _serve(self, incoming: IncomingRequest, handler: ServiceHandler) -> HttpAnswer:
        request = incoming.request
        with self._locks[incoming.service]:
            try:
                return handler(request, request.raw_url, request.headers)
            except HTTPException as error:
                return error.code, dict(error.get_headers()), error.get_body()  # type: ignore[return-value]
            except (NotImplementedError, OperationNotFoundError) as missing:
                reason = f"the emulator does not have {incoming.name}: {missing}"
                raise ApiError("NotImplementedException", reason, 501) from missing

    def _log(self, incoming: IncomingRequest, error: str) -> None:
        parameters = incoming.parameters() if self.calls.keeping else {}
        self.calls.add(Call(incoming.service, incoming.operation, incoming.account, incoming.region, parameters, error))


def _no_such_region(region: str) -> ApiError:
    return ApiError("UnknownRegionException", f"unknown Region {region!r}; at AWS its endpoint does not resolve", 400)

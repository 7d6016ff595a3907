"""The one door through which every call reaches the emulated services, in process or over HTTP."""

import logging
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from threading import RLock
from typing import Any

from botocore.model import OperationNotFoundError
from moto.core.request import Request
from werkzeug.exceptions import HTTPException

from emulator.calls import Call, Calls
from emulator.faults import Faults
from emulator.gateway.inject import HalfAnswer, NoAnswer, broken, denied, refusal
from emulator.iam.guard import Guard
from emulator.iam.rights import rights_of
from emulator.wire import errors
from emulator.wire.errors import Refusal
from emulator.wire.identity import Accounts
from emulator.wire.incoming_request import Answer, Arrival, Handler, arrive, arrive_nowhere

_LOG = logging.getLogger(__name__)
_REENTRANT = frozenset({"cloudformation", "lambda", "sqs", "states"})
"""Services whose calls wait for others: two of them never hold each other up."""


Welcome = Callable[[str, str], object]
"""Furnishes an account in a Region, before its first call there is answered."""


class Gateway:
    """Log every call, let faults befall it, and pass on what is left.

    Attributes:
        calls: the log.
        faults: what is to go wrong.
        accounts: who calls.
        guard: holds the sessions of roles to their policies.
        allowed: the only IAM actions that an account has, where it does not have all.
        welcomes: called with the account and the Region of every caller, before its first call there is answered.
    """

    def __init__(self, accounts: Accounts, calls: Calls, faults: Faults) -> None:
        """Take what the door needs to know."""
        self.accounts = accounts
        self.calls = calls
        self.faults = faults
        self.guard = Guard()
        self.allowed: dict[str, frozenset[str]] = {}
        self.welcomes: list[Welcome] = []
        self._welcomed: set[tuple[str, str]] = set()
        self._locks: defaultdict[str, AbstractContextManager[Any]] = defaultdict(RLock)
        self._locks.update((service, nullcontext()) for service in _REENTRANT)

    def lock_of(self, service: str) -> AbstractContextManager[Any]:
        """Return the lock under which calls of *service* are served, one at a time."""
        return self._locks[service]

    def pass_on(self, handler: Handler, request: Request) -> Answer:
        """Answer *request*, by *handler* where nothing stands in the way.

        Raises:
            NoAnswer: a fault keeps the answer back.
            HalfAnswer: a fault ends the connection while it is given.
        """
        arrival = arrive(handler, request, self.accounts)
        error = ""
        try:
            answer = self._answer(arrival, handler)
            error = errors.error_code(answer)
        except NoAnswer:
            error = "Timeout"
            raise
        except HalfAnswer:
            error = "Cut"
            raise
        except Refusal as refused:
            error = refused.code
            return errors.answer(refused, arrival.dialect)
        except Exception as failure:
            error = type(failure).__name__
            if isinstance(failure, KeyError) and failure.args == (arrival.region,):  # moto's word for it
                return errors.answer(_no_such_region(arrival.region), arrival.dialect)
            if not request.from_wsgi_server:
                raise
            _LOG.exception("the emulator failed at %s", arrival.name)
            reason = f"the emulator failed at {arrival.name}: {failure!r}"
            return errors.answer(Refusal("InternalFailure", reason, 500), arrival.dialect)
        finally:
            self._log(arrival, error)
        return answer

    def refuse(self, request: Request, reason: str) -> Answer:
        """Answer a call of a service that the emulator does not have."""
        arrival = arrive_nowhere(request, self.accounts)
        refused = Refusal("NotImplementedException", reason, 501)
        self._log(arrival, refused.code)
        return errors.answer(refused, arrival.dialect)

    def authorize(self, access_key: str, action: str, resource: str) -> None:
        """Let the owner of *access_key* do *action*, an IAM action that is no call of its own, or not.

        Raises:
            Refusal: its account, or its role, does not have the right.
        """
        account = self.accounts.of(access_key)
        allowed = self.allowed.get(account)
        if allowed is not None and action not in allowed:
            raise Refusal("AccessDeniedException", f"no identity-based policy allows the {action} action")
        self.guard.check_within(access_key, account, action, resource)

    def _answer(self, arrival: Arrival, handler: Handler) -> Answer:
        self._welcome(arrival)
        self._check_rights(arrival)
        fault = self.faults.strike(arrival.name, arrival.account, arrival.region, arrival.parameters)
        if fault is None:
            return self._serve(arrival, handler)
        if fault.kind == "timeout-before":
            raise NoAnswer
        if fault.kind not in ("timeout-after", "broken-page", "cut-answer"):
            raise refusal(fault, arrival)
        answer = self._serve(arrival, handler)
        match fault.kind:
            case "timeout-after":
                raise NoAnswer
            case "cut-answer":
                raise HalfAnswer(answer)
            case _:
                return broken(answer)

    def _welcome(self, arrival: Arrival) -> None:
        place = arrival.account, arrival.region
        if self.welcomes and place not in self._welcomed:
            self._welcomed.add(place)  # first, since to welcome somebody is to call
            for welcome in self.welcomes:
                welcome(*place)

    def _check_rights(self, arrival: Arrival) -> None:
        allowed = self.allowed.get(arrival.account)
        if allowed is not None and not rights_of(arrival.name, arrival.parameters()) <= allowed:
            raise denied(arrival)
        self.guard.check(arrival)

    def _serve(self, arrival: Arrival, handler: Handler) -> Answer:
        request = arrival.request
        with self._locks[arrival.service]:
            try:
                return handler(request, request.raw_url, request.headers)
            except HTTPException as error:
                return error.code, dict(error.get_headers()), error.get_body()  # type: ignore[return-value]
            except (NotImplementedError, OperationNotFoundError) as missing:
                reason = f"the emulator does not have {arrival.name}: {missing}"
                raise Refusal("NotImplementedException", reason, 501) from missing

    def _log(self, arrival: Arrival, error: str) -> None:
        parameters = arrival.parameters() if self.calls.keeping else {}
        self.calls.add(Call(arrival.service, arrival.operation, arrival.account, arrival.region, parameters, error))


def _no_such_region(region: str) -> Refusal:
    return Refusal("UnknownRegionException", f"there is no Region {region!r}; at AWS its endpoint has no address", 400)

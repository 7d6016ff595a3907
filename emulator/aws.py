"""The emulated AWS as a whole: one object that starts it, drives it and ends it."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from threading import Event
from types import TracebackType
from typing import Any, ClassVar, Self
from unittest.mock import patch

from moto import mock_aws
from moto.core.models import botocore_stubber

from emulator.awslambda import account_settings, configuration, event_source_mappings, functions
from emulator.awslambda.durable import functions as durable
from emulator.awslambda.durable.functions import DurableFunctions
from emulator.awslambda.event_source_mappings import EventSourceMappings
from emulator.awslambda.functions import Functions
from emulator.awslambda.invocations import AsynchronousInvocations
from emulator.awslambda.sandbox.interpreter import Interpreter
from emulator.calls import CallLog
from emulator.cloudwatch import alarms, series
from emulator.cloudwatch.series import Series
from emulator.cloudwatch.watch import AlarmWatch
from emulator.delivery import state_machines, streams, topics
from emulator.delivery.due_queue import DueQueue
from emulator.delivery.isolation import Isolation
from emulator.delivery.retries import RetryingSender
from emulator.delivery.scheduler import Scheduler, Timer
from emulator.delivery.targets import Targets, UndeliverableError
from emulator.delivery.topics import PublishedMessages
from emulator.eventbridge import api_destinations, buses, patterns, rules, schedules
from emulator.eventbridge.api_destinations import ApiDestinations, SentRequests
from emulator.eventbridge.buses import Buses
from emulator.faults import Faults
from emulator.gateway.authentication import Authentication, Refusal
from emulator.gateway.control import Control
from emulator.gateway.gateway import Gateway
from emulator.gateway.in_process import InProcessTransport
from emulator.iam import role_policies, sessions, simulation
from emulator.moto_patches import backends, bucket_policies, moto_caches
from emulator.moto_patches import dynamodb as tables
from emulator.mpa import events as session_events
from emulator.organizations import listing as organizations
from emulator.organizations import regions
from emulator.process import credentials, network
from emulator.process.clock import EmulatedClock
from emulator.stepfunctions import responses as stepfunctions
from emulator.stepfunctions.engine import Engine
from emulator.wire import identity
from emulator.wire.identity import Accounts


class OnlyOneError(RuntimeError):
    """Another emulator runs in this process already."""


class Emulator:
    """An emulated AWS in this process, for the time of a ``with`` block.

    Every botocore client of the process talks to it, and no socket reaches further than the loopback. The process's
    clock is the emulated one. There is one at a time, and each begins empty.

    Attributes:
        clock: the emulated time.
        calls: the log of every API call.
        faults: the faults to inject.
        functions: the code behind Lambda's functions.
        durable: the executions of the durable functions.
        inbox: every message published to an SNS topic.
        outbox: every HTTP request that EventBridge made to an API destination.
        secret_key: with which a client signs what it sends over HTTP, whatever the account.
    """

    _running: ClassVar["Emulator | None"] = None

    def __init__(self, now: datetime | None = None, *, tick: bool = False, secret_key: str = "") -> None:
        """Prepare the emulator; nothing is emulated before the block is entered.

        Args:
            now: the emulated time at the start, with a time zone; the present if absent.
            tick: whether its clock runs by itself.
            secret_key: of at least 20 characters; a random one if absent.
        """
        self.clock = EmulatedClock(now, ticking=tick)
        self.calls = CallLog()
        self.faults = Faults()
        self.functions = Functions()
        self.inbox = PublishedMessages()
        self.outbox = SentRequests()
        self._gateway = Gateway(Accounts(), self.calls, self.faults)
        self._authentication = Authentication(secret_key, self._gateway.guard.sessions)
        self.secret_key = self._authentication.secret_key
        self._due_queue = DueQueue()
        self._targets = Targets(self.faults, self._gateway.guard)
        self._sender = RetryingSender(self._due_queue, self._targets)
        self._isolation = Isolation()
        self._buses = Buses(self._sender, self._targets, self._isolation)
        ApiDestinations(self._targets, self.outbox)
        self._targets.serve("states", state_machines.start)
        self.durable = DurableFunctions(self.functions, self._due_queue, self._targets)
        self._invocations = AsynchronousInvocations(self.functions, self.durable, self._due_queue, self._targets)
        tables = self._gateway.lock_of("dynamodb")
        metrics = self._gateway.lock_of("cloudwatch")
        self._engine = Engine(self._due_queue, self.faults, self._gateway.authorize, metrics)
        self._mappings = EventSourceMappings(self.functions, self._targets, tables, self._isolation)
        self._series = Series()
        watch = AlarmWatch(self._series)

        def timers() -> Iterator[Timer]:
            yield from schedules.timers(self._buses, self._sender)
            yield from watch.timers()
            yield from session_events.expiries()

        self._scheduler = Scheduler(self.clock, self._due_queue, timers, self._mappings, tables, self._isolation)
        self._undo = ExitStack()
        self._url = ""

    def __enter__(self) -> Self:
        """Take over the clock, the credentials, the sockets and botocore's requests of this process.

        Raises:
            OnlyOneError: another emulator runs in this process.
        """
        if Emulator._running is not None:
            msg = "another emulator runs in this process: leave its block first"
            raise OnlyOneError(msg)
        with ExitStack() as undo:
            self._install(undo)
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Restore the process, and forget everything that was emulated."""
        self._undo.close()

    @property
    def refusals(self) -> deque[Refusal]:
        """The last requests over HTTP that were not let in, oldest first: pages of a browser, or a wrong key."""
        return self._authentication.refusals

    @property
    def undelivered(self) -> list[UndeliverableError]:
        """Deliveries that failed for good and have no dead-letter queue, oldest first."""
        return self._isolation.undelivered

    def allow_only(self, account: str, actions: set[str] | None) -> None:
        """Restrict *account* to these IAM actions; None removes the restriction."""
        if actions is None:
            self._gateway.allowed.pop(account, None)
        else:
            self._gateway.allowed[account] = frozenset(actions)

    def enforce_policies(self) -> None:
        """Evaluate policies from now on: of roles for each call of their sessions, of resources for each use of them.

        Buses, topics, queues and functions have to admit other accounts, and the services that deliver to them.
        """
        self._gateway.guard.enforcing = True

    def set_up_accounts(self, prepare: Callable[[str, str], object]) -> None:
        """Call *prepare* with each account and Region before the first call there is answered."""
        self._gateway.account_setups.append(prepare)

    def emit(self, event: Mapping[str, Any]) -> None:
        """Put an event of AWS's own on the default bus of the account and Region in it.

        Args:
            event: with ``source``, ``detail-type``, ``account`` and ``region``, at least.
        """
        self._buses.emit(event)

    def settle(self) -> None:
        """Deliver everything that is due now, and everything that this causes."""
        self._scheduler.settle()

    def advance(self, delta: timedelta) -> None:
        """Let *delta* pass: schedules fire, retries are made and items expire, each at its own time."""
        self._scheduler.advance(delta)

    def serve(self, port: int = 0, *, deliver: bool | None = None) -> str:
        """Also serve it over HTTP on the loopback until the block ends; return the base address.

        Whoever calls it signs with :attr:`secret_key`, or with a key that IAM or STS of the emulated AWS made.

        Args:
            port: where to listen; 0 for any free port.
            deliver: whether due deliveries happen without :meth:`settle` and :meth:`advance`; if absent, they do
                if the clock ticks.

        Raises:
            PortTakenError: the port is in use.
        """
        from emulator.gateway.server import Server  # noqa: PLC0415  # Flask takes half a second to import

        server = Server(self._gateway, Control(self), self._authentication, port)
        self._undo.callback(server.close)
        self._url = server.url
        if self.clock.ticking if deliver is None else deliver:
            stop = Event()
            thread = self._scheduler.run(stop)
            self._undo.callback(thread.join)
            self._undo.callback(self._due_queue.wake.set)
            self._undo.callback(stop.set)
        return server.url

    def run_zips(self, interpreter: Interpreter) -> None:
        """Run functions that were deployed as zips as Lambda does, each with its role in its own process.

        They call this emulator over HTTP, which is started if it is not served yet. Registered code takes precedence.

        Args:
            interpreter: runs them.
        """
        from emulator.awslambda.sandbox.sandbox import Sandbox  # noqa: PLC0415  # as above

        sandbox = self._undo.enter_context(Sandbox(interpreter, self._url or self.serve(), self._gateway.lock_of))
        self.functions.run_all_with(sandbox.runtime_of)

    def _install(self, undo: ExitStack) -> None:
        Emulator._running = self
        undo.callback(setattr, Emulator, "_running", None)
        undo.enter_context(credentials.hidden(self.secret_key))
        undo.enter_context(network.blocked())
        undo.enter_context(mock_aws(config={"core": {"mock_credentials": False}}))
        undo.enter_context(moto_caches.installed())
        undo.enter_context(backends.installed(self.emit))
        undo.enter_context(
            patch.object(botocore_stubber, "process_request", InProcessTransport(self._gateway).process_request)
        )
        undo.enter_context(identity.installed(self._gateway.accounts))
        undo.enter_context(sessions.installed(self._gateway.guard.sessions))
        undo.enter_context(organizations.installed())
        undo.enter_context(regions.installed())
        undo.enter_context(role_policies.installed())
        undo.enter_context(simulation.installed())
        undo.enter_context(bucket_policies.installed())
        undo.enter_context(patterns.installed())
        undo.enter_context(buses.installed(self._buses))
        undo.enter_context(rules.installed())
        undo.enter_context(api_destinations.installed())
        undo.enter_context(schedules.installed())
        undo.enter_context(functions.installed(self.functions, self._invocations.queue))
        undo.enter_context(durable.installed(self.durable))
        undo.enter_context(stepfunctions.installed(self._engine))
        undo.enter_context(configuration.installed())
        undo.enter_context(account_settings.installed())
        undo.enter_context(tables.installed())
        undo.enter_context(streams.installed(self._due_queue.wake))
        undo.enter_context(event_source_mappings.installed(self._mappings))
        undo.enter_context(series.installed(self._series))
        undo.enter_context(alarms.installed(self._due_queue, self._targets))
        undo.enter_context(topics.installed(self.inbox, self._due_queue, self._targets))
        self.clock.start()
        undo.callback(self.clock.stop)

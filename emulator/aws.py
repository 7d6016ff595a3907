"""The emulated AWS as a whole: one object that starts it, drives it and ends it."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from types import TracebackType
from typing import Any, ClassVar, Self
from unittest.mock import patch

from moto import mock_aws
from moto.core.models import botocore_stubber

from emulator.awslambda import configuration, event_source_mappings, functions
from emulator.awslambda.durable import functions as durable
from emulator.awslambda.durable.functions import DurableFunctions
from emulator.awslambda.event_source_mappings import Mappings
from emulator.awslambda.functions import Functions
from emulator.awslambda.invocations import Invocations
from emulator.awslambda.sandbox.interpreter import Interpreter
from emulator.calls import Calls
from emulator.delivery import alarms, state_machines, streams, topics
from emulator.delivery.due_queue import Post
from emulator.delivery.retries import Errands
from emulator.delivery.scheduler import Agenda
from emulator.delivery.targets import Targets, UndeliverableError
from emulator.delivery.topics import Inbox
from emulator.eventbridge import api_destinations, buses, schedules
from emulator.eventbridge.api_destinations import Destinations, Outbox
from emulator.eventbridge.buses import Buses
from emulator.faults import Faults
from emulator.gateway.control import Control
from emulator.gateway.gateway import Gateway
from emulator.gateway.in_process import Stub
from emulator.iam import role_policies, sessions, simulation
from emulator.moto_patches import backends, bucket_policies, moto_caches
from emulator.moto_patches import dynamodb as tables
from emulator.organizations import listing as organizations
from emulator.organizations import regions
from emulator.process import credentials, network
from emulator.process.clock import Clock
from emulator.stepfunctions import responses as stepfunctions
from emulator.stepfunctions.engine import Engine
from emulator.wire import identity
from emulator.wire.identity import Accounts


class OnlyOneError(RuntimeError):
    """An emulator is entered while another one has this process."""


class Emulator:
    """An emulated AWS in this process, for the time of a ``with`` block.

    Every botocore client of the process talks to it, and no socket reaches further than the loopback. The process's
    clock is the emulated one. There is one at a time, and each begins empty.

    Attributes:
        clock: its time.
        calls: the log of every API call.
        faults: what is to go wrong.
        functions: the code behind Lambda's functions.
        durable: the executions of those that are durable.
        inbox: every message published to an SNS topic.
        outbox: every HTTP request that EventBridge made to an API destination.
    """

    _running: ClassVar["Emulator | None"] = None

    def __init__(self, now: datetime | None = None, *, tick: bool = False) -> None:
        """Set the scene; nothing is emulated before the block is entered.

        Args:
            now: when it begins, aware; the present moment if absent.
            tick: whether its clock runs by itself.
        """
        self.clock = Clock(now, ticking=tick)
        self.calls = Calls()
        self.faults = Faults()
        self.functions = Functions()
        self.inbox = Inbox()
        self.outbox = Outbox()
        self._gateway = Gateway(Accounts(), self.calls, self.faults)
        self._post = Post()
        self._targets = Targets(self.faults)
        self._errands = Errands(self._post, self._targets)
        self._buses = Buses(self._errands, self._targets)
        Destinations(self._targets, self.outbox)
        self._targets.serve("states", state_machines.start)
        self.durable = DurableFunctions(self.functions, self._post, self._targets)
        self._invocations = Invocations(self.functions, self.durable, self._post, self._targets)
        tables = self._gateway.lock_of("dynamodb")
        metrics = self._gateway.lock_of("cloudwatch")
        self._engine = Engine(self._post, self.faults, self._gateway.authorize, metrics)
        self._mappings = Mappings(self.functions, self._targets, tables)
        timers = partial(schedules.timers, self._buses, self._errands)
        self._agenda = Agenda(self.clock, self._post, timers, self._mappings, tables)
        self._undo = ExitStack()
        self._url = ""

    def __enter__(self) -> Self:
        """Take over the clock, the credentials, the sockets and botocore's requests of this process.

        Raises:
            OnlyOneError: another emulator has them.
        """
        if Emulator._running is not None:
            msg = "another emulator has this process: leave its block first"
            raise OnlyOneError(msg)
        with ExitStack() as undo:
            self._install(undo)
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give everything back as it was, and forget the emulated world."""
        self._undo.close()

    @property
    def undelivered(self) -> list[UndeliverableError]:
        """What no target took and no dead-letter queue caught, oldest first."""
        return self._agenda.undelivered

    def allow_only(self, account: str, actions: set[str] | None) -> None:
        """Take every right from *account* but these IAM actions; None gives all back."""
        if actions is None:
            self._gateway.allowed.pop(account, None)
        else:
            self._gateway.allowed[account] = frozenset(actions)

    def enforce_policies(self) -> None:
        """From now on judge every call of a role's session, such as a function's, by the policies of that role."""
        self._gateway.guard.enforcing = True

    def welcome(self, prepare: Callable[[str, str], object]) -> None:
        """Let *prepare* furnish every account and Region, each before its first call there is answered."""
        self._gateway.welcomes.append(prepare)

    def emit(self, event: Mapping[str, Any]) -> None:
        """Put an event of AWS's own on the default bus of the account and Region that it names.

        Args:
            event: with ``source``, ``detail-type``, ``account`` and ``region``, at least.
        """
        self._buses.emit(event)

    def settle(self) -> None:
        """Deliver everything that is due by now, and all that this causes."""
        self._agenda.settle()

    def advance(self, delta: timedelta) -> None:
        """Let *delta* pass, from one due moment to the next: schedules fire, retries are made, items expire."""
        self._agenda.advance(delta)

    def serve(self, port: int = 0, *, deliver: bool | None = None) -> str:
        """Serve it over HTTP on the loopback as well, until the block ends; return the base address.

        Args:
            port: where to listen; 0 for any free one.
            deliver: whether what is due is delivered by itself; as the clock ticks, if absent. Otherwise it waits for
                :meth:`settle` and :meth:`advance`.

        Raises:
            PortTakenError: something else listens there.
        """
        from emulator.gateway.server import Server  # noqa: PLC0415 - Flask takes half a second, and most worlds are not served

        server = Server(self._gateway, Control(self), port)
        self._undo.callback(server.close)
        self._url = server.url
        if self.clock.ticking if deliver is None else deliver:
            stop = Event()
            thread = self._agenda.run(stop)
            self._undo.callback(thread.join)
            self._undo.callback(self._post.wake.set)
            self._undo.callback(stop.set)
        return server.url

    def run_zips(self, interpreter: Interpreter) -> None:
        """Run functions that were deployed as zips as Lambda would, each under its role in a process of its own.

        They call this emulator over HTTP; it is served for them if it is not yet. Code that is registered goes first.

        Args:
            interpreter: that runs them.
        """
        from emulator.awslambda.sandbox.sandbox import Sandbox  # noqa: PLC0415 - as above

        sandbox = self._undo.enter_context(Sandbox(interpreter, self._url or self.serve(), self._gateway.lock_of))
        self.functions.run_all_with(sandbox.runtime_of)

    def _install(self, undo: ExitStack) -> None:
        Emulator._running = self
        undo.callback(setattr, Emulator, "_running", None)
        undo.enter_context(credentials.hidden())
        undo.enter_context(network.blocked())
        undo.enter_context(mock_aws(config={"core": {"mock_credentials": False}}))
        undo.enter_context(moto_caches.installed())
        undo.enter_context(backends.installed(self.emit))
        undo.enter_context(patch.object(botocore_stubber, "process_request", Stub(self._gateway).process_request))
        undo.enter_context(identity.installed(self._gateway.accounts))
        undo.enter_context(sessions.installed(self._gateway.guard.sessions))
        undo.enter_context(organizations.installed())
        undo.enter_context(regions.installed())
        undo.enter_context(role_policies.installed())
        undo.enter_context(simulation.installed())
        undo.enter_context(bucket_policies.installed())
        undo.enter_context(buses.installed(self._buses))
        undo.enter_context(api_destinations.installed())
        undo.enter_context(functions.installed(self.functions, self._invocations.queue))
        undo.enter_context(durable.installed(self.durable))
        undo.enter_context(stepfunctions.installed(self._engine))
        undo.enter_context(configuration.installed())
        undo.enter_context(tables.installed())
        undo.enter_context(streams.installed(self._post.wake))
        undo.enter_context(event_source_mappings.installed(self._mappings))
        undo.enter_context(alarms.installed(self._post, self._targets))
        undo.enter_context(topics.installed(self.inbox, self._post, self._targets))
        self.clock.start()
        undo.callback(self.clock.stop)

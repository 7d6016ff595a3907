"""What the tests of several folders share: an emulated AWS, a ledger in it, and settings."""

import gc
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.session import Session
from hypothesis import settings as hypothesis_settings
from moto.dynamodb.models import dynamodb_backends

from cli.configuration.defaults import completed
from cli.configuration.loading import compiled
from cli.configuration.schema import compose
from cli.hubs.emulated_hub import TABLE_NAME, create_ledger
from emulator.aws import Emulator
from functions.catalog import FUNCTIONS
from functions.shared.aws.clients import Clients, Credentials
from functions.shared.ledger.records import Item, from_dynamodb, to_dynamodb
from functions.shared.observability import log
from functions.shared.settings import Settings

gc.set_threshold(100_000, 50, 100)  # what a test makes is gone with it; to look for more takes a tenth of the time

hypothesis_settings.register_profile("the same each time", derandomize=True, database=None, deadline=None)
hypothesis_settings.load_profile("the same each time")

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
US = "123456789012"
REGION = "us-east-1"


class _OneClientEach(Session):
    """Makes each client once: they keep nothing of the emulated AWS, and cost more than most tests."""

    def create_client(self, *names: Any, config: Any = None, **where: Any) -> Any:
        """Return the client that was made for the same before."""
        made = self.__dict__.setdefault("made", {})
        key = (*names, *where.items())
        if key not in made:
            made[key] = super().create_client(*names, config=config, **where)
        return made[key]


_SESSION = _OneClientEach()
HUB_SESSION = _OneClientEach()
"""What functions of the hub's account may share, whose clients take the credentials of the one that makes them."""

_SCHEMA = compose(FUNCTIONS)


@pytest.fixture
def one_session() -> Iterator[None]:
    """Let a hub of US and its functions share the session of all tests: a new one costs more than most of them."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("cli.hubs.emulated_hub", "functions.shared.run.cold_start"):
            patch.setattr(f"{module}.Session", lambda: _SESSION)
        yield


@pytest.fixture
def printed() -> Iterator[io.StringIO]:
    """Collect the log of the functions, and keep it out of the output of the tests."""
    stream = io.StringIO()
    before = log.registered_handler.setStream(stream)
    yield stream
    log.registered_handler.setStream(before)


@pytest.fixture
def aws(one_session: None, printed: io.StringIO) -> Iterator[Emulator]:  # noqa: ARG001  # for the functions in it
    """An emulated AWS whose clock stands still, and in which every wait is over at once."""
    with Emulator(now=NOW) as emulated:
        yield emulated


def clients_of(account: str = US) -> Clients:
    """Return clients of any account; one session serves all tests."""
    return Clients(_SESSION, Credentials(account, "emulated", ""))


def settings(**sections: Any) -> Settings:
    """Compile a configuration of the hub's own account and home Region, with these keys."""
    scope = {"accounts": ["self"], "regions": [REGION]}
    return compiled(completed(_SCHEMA, {"version": 1, "scope": scope, **sections}))


class Table:
    """The ledger's table, read and written behind everybody's back: no call is logged, and no fault strikes."""

    def __init__(self, _: object = None) -> None:
        """Need nothing: what is read is the emulator's own memory."""

    def items(self, prefix: str = "") -> list[Item]:
        """Return the items whose sort key begins with *prefix*, in order of their keys."""
        found = (from_dynamodb(raw.to_json()["Attributes"]) for raw in self._stored().all_items())
        return sorted((i for i in found if i["sk"].startswith(prefix)), key=lambda i: (i["pk"], i["sk"]))

    def put(self, *items: Item) -> None:
        """Write items as they are."""
        for item in items:
            self._stored().put_item(to_dynamodb(item))

    def _stored(self) -> Any:
        return dynamodb_backends[US][REGION].get_table(TABLE_NAME)


@pytest.fixture
def table(aws: Emulator) -> Table:
    """An empty ledger in the hub's account."""
    create_ledger(US, REGION)
    aws.calls.clear()
    return Table()


Writes = Callable[[], list[str]]


@pytest.fixture
def writes(aws: Emulator) -> Writes:
    """Tell which mutating calls were made since the call log was last cleared."""
    return lambda: [call.name for call in aws.calls.mutating()]

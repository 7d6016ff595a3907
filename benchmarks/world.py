"""An emulated AWS in a process of its own, served on the loopback, so that its memory and work are not measured."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from benchmarks.population import RECEIVER, REGION, Population
from benchmarks.serving import address_of
from cli.hubs.emulated_hub import TABLE_NAME, create_ledger
from emulator.aws import Emulator


@dataclass(frozen=True, slots=True)
class World:
    """Where it is served.

    Attributes:
        url: its base address.
    """

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """What an AWS client needs to be the receiver's in this world, and in no other."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": RECEIVER,
            "AWS_SECRET_ACCESS_KEY": "emulated",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "LEDGER_TABLE": TABLE_NAME,
        }


@contextmanager
def served(population: Population) -> Iterator[World]:
    """Serve a world with a ledger and these invitations, for the time of the block."""
    with address_of(__name__, asdict(population)) as url:
        yield World(url)


def main(population: Population) -> None:
    """Serve until standard input ends, as it does when whoever asked for it has gone."""
    with Emulator(tick=True) as aws:
        aws.calls.keep(0)
        create_ledger(RECEIVER, REGION)
        population.populate()
        print(aws.serve(deliver=False), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Population(**json.loads(sys.argv[1])))

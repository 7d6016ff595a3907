"""An emulated AWS in its own process, served on the loopback: its memory and CPU are not measured."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from benchmarks.population import RECEIVER, REGION, Population
from benchmarks.serving import KEY, address_of
from cli.hubs.emulated_hub import TABLE_NAME, create_ledger
from emulator.aws import Emulator
from emulator.gateway.authentication import SECRET_KEY
from emulator.wire.client_settings import client_settings


@dataclass(frozen=True, slots=True)
class EmulatedAws:
    """An emulated AWS that is served.

    Attributes:
        url: its base address.
    """

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which an AWS client is the receiver's, here and nowhere else."""
        return {
            **client_settings(self.url, KEY, RECEIVER, REGION),
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "LEDGER_TABLE": TABLE_NAME,
        }


@contextmanager
def served(population: Population) -> Iterator[EmulatedAws]:
    """Serve one that has a ledger and these invitations, for the time of the block."""
    with address_of(__name__, asdict(population)) as url:
        yield EmulatedAws(url)


def main(population: Population) -> None:
    """Serve until standard input ends, as it does when the process that started this one has ended."""
    with Emulator(tick=True, secret_key=os.environ[SECRET_KEY]) as aws:
        aws.calls.keep(0)
        create_ledger(RECEIVER, REGION)
        population.populate()
        print(aws.serve(deliver=False), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Population(**json.loads(sys.argv[1])))

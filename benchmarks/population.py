"""The invitations and the configuration with which every budget is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cli.configuration.defaults import completed
from cli.configuration.loading import compiled
from cli.configuration.schema import compose
from emulator.ram import seeding
from functions.shared.settings import Settings

RECEIVER = "111122223333"
REGION = "eu-west-1"
TRUSTED_SENDER = "210987654321"

_UNTRUSTED = tuple(f"9{number:011}" for number in range(1000))
_LEAVABLE = "ec2:TransitGateway"
_IRREVERSIBLE = "acm-pca:CertificateAuthority"
_OVER = ("ACCEPTED", "REJECTED", "EXPIRED")


@dataclass(frozen=True, slots=True)
class Population:
    """How many invitations there are of each kind; the rest are pending, from untrusted senders.

    Attributes:
        total: of all kinds.
        irreversible: pending, from a trusted sender, with a type that cannot be left; the first of the list.
        trusted: pending, from a trusted sender, of a type that can be left again.
        over: from untrusted senders, in each of the states that are no longer pending.
    """

    total: int
    irreversible: int = 5
    trusted: int = 20
    over: int = 5

    def populate(self) -> None:
        """Put the invitations into the emulator of this process."""
        for _ in range(self.irreversible):
            invite(_IRREVERSIBLE)
        for _ in range(self.trusted):
            invite()
        for number in range(self.over):
            for status in _OVER:
                seeding.load(_printed(status, number), ageless=True)
        untrusted = self.total - self.irreversible - self.trusted - self.over * len(_OVER)
        seeding.flood(RECEIVER, REGION, untrusted, _UNTRUSTED)


def invite(resource_type: str = _LEAVABLE) -> str:
    """Share one resource of this type from the trusted sender, and return the invitation's ARN."""
    return seeding.invite(
        sender=TRUSTED_SENDER,
        receiver=RECEIVER,
        region=REGION,
        share_name="prod",
        resource_types=(resource_type,),
    )


def configuration(*, regions: Sequence[str] = (REGION,), accept_limit: int = 50) -> dict[str, Any]:
    """Return a configuration that trusts one sender, as a user writes it.

    Args:
        regions: in scope.
        accept_limit: most invitations that one run answers.
    """
    return {
        "version": 1,
        "hub": {"account": RECEIVER, "region": REGION},
        "scope": {"accounts": ["self"], "regions": list(regions)},
        "ram_invitations": {
            "mode": "apply",
            "accept_limit_per_run": accept_limit,
            "trust": [{"name": "network-hub", "accounts": [TRUSTED_SENDER]}],
        },
    }


def settings(document: Mapping[str, Any]) -> Settings:
    """Compile a configuration."""
    return compiled(completed(compose(), document))


def _printed(status: str, number: int) -> dict[str, Any]:
    sender = _UNTRUSTED[number]
    arn = f"arn:aws:ram:{REGION}:{sender}"
    identity = f"00000000-0000-4000-8000-{number:012}"
    return {
        "resourceShareInvitationArn": f"{arn}:resource-share-invitation/{identity}-{status.lower()}",
        "resourceShareArn": f"{arn}:resource-share/{identity}-{status.lower()}",
        "resourceShareName": "over",
        "senderAccountId": sender,
        "receiverAccountId": RECEIVER,
        "invitationTimestamp": datetime.now(UTC),
        "status": status,
    }

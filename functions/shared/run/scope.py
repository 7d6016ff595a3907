"""The targets in scope, as far as the configuration and the ledger name them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from functions.shared.aws.target import Target
from functions.shared.run.events import Selection


class UnsupportedScopeError(Exception):
    """The scope names its accounts or Regions in a way that this way of running cannot resolve."""


@dataclass(frozen=True, slots=True)
class ConfiguredScope:
    """The section ``scope`` of the configuration, as one hub reads it.

    Attributes:
        section: of the configuration.
        hub_account: 12 digits.
        partition: of the hub.
        is_member: says whether an account is in scope, where the organization decides that; None without a ledger.
    """

    section: Mapping[str, Any]
    hub_account: str
    partition: str
    is_member: Callable[[str], bool] | None = None

    def targets(self, selection: Selection, only_region: str = "") -> Iterator[Target]:
        """Yield the targets in scope that *selection* asks for; none when it names something outside the scope.

        Args:
            selection: what to look at.
            only_region: of what an account has once: the Region of its one target, wherever an event came from.

        Raises:
            UnsupportedScopeError: the scope has to be resolved by AWS Organizations or by each account's enabled
                Regions, and *selection* does not name one account and Region.
        """
        excluded = self._accounts(self.section["exclude_accounts"])
        for account in self._accounts(self._named(selection)):
            if account in excluded or selection.account not in ("", account):
                continue
            for region in [only_region] if only_region else self._regions(selection):
                if selection.region in ("", region) or only_region:
                    yield Target(account, region, self.partition)

    def _named(self, selection: Selection) -> Iterable[str]:
        if "accounts" in self.section:
            return self.section["accounts"]  # type: ignore[no-any-return]  # a list of texts, by the schema
        if not selection.account or self.is_member is None:
            raise UnsupportedScopeError(
                "the accounts in scope are those of the organization: a compliance run sweeps them"
            )
        return [selection.account] if self.is_member(selection.account) else []

    def _regions(self, selection: Selection) -> Iterable[str]:
        if self.section["regions"] != "enabled":
            return self.section["regions"]  # type: ignore[no-any-return]  # a list of texts, by the schema
        if not selection.region:
            raise UnsupportedScopeError("the Regions in scope are those enabled in each account: a compliance run asks")
        return [selection.region]

    def _accounts(self, names: Iterable[str]) -> dict[str, None]:
        """Resolve ``self``, keep the order, drop repetitions."""
        return dict.fromkeys(self.hub_account if name == "self" else name for name in names)

"""Where a run looks: one account and Region at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


class UnsupportedScopeError(Exception):
    """The scope names its accounts or Regions in a way that this way of running cannot resolve."""


@dataclass(frozen=True, slots=True)
class Target:
    """One account and Region, or ``global`` for what an account has once.

    Attributes:
        account: 12 digits.
        region: the Region, or ``global``.
        partition: ``aws``, ``aws-us-gov`` or ``aws-cn``.
    """

    account: str
    region: str
    partition: str = "aws"


@dataclass(frozen=True, slots=True)
class Selection:
    """What made a run look, and where it may look first; never what it will find there.

    Attributes:
        account: the only account to look at; empty for all in scope.
        region: the only Region to look at; empty for all in scope.
        resources: ARNs to look at alone; empty for everything there is.
    """

    account: str = ""
    region: str = ""
    resources: frozenset[str] = frozenset()


def targets(  # noqa: PLR0913  # the scope, and what narrows it
    scope: Mapping[str, Any],
    hub_account: str,
    partition: str,
    selection: Selection,
    only_region: str = "",
    is_member: Callable[[str], bool] | None = None,
) -> Iterator[Target]:
    """Yield the targets in scope that *selection* asks for; none when it names something outside the scope.

    Args:
        scope: the section of the configuration.
        hub_account: 12 digits.
        partition: of the hub.
        selection: what to look at.
        only_region: of what an account has once: the Region of its one target, wherever an event came from.
        is_member: says whether an account is in scope, where the organization decides that.

    Raises:
        UnsupportedScopeError: the scope has to be resolved by AWS Organizations or by each account's enabled Regions,
            and *selection* does not name one account and Region.
    """
    excluded = _accounts(scope["exclude_accounts"], hub_account)
    for account in _accounts(_named(scope, selection, is_member), hub_account):
        if account in excluded or selection.account not in ("", account):
            continue
        for region in [only_region] if only_region else _regions(scope, selection):
            if selection.region in ("", region) or only_region:
                yield Target(account, region, partition)


def _named(scope: Mapping[str, Any], selection: Selection, is_member: Callable[[str], bool] | None) -> Iterable[str]:
    if "accounts" in scope:
        return scope["accounts"]  # type: ignore[no-any-return]  # a list of texts, by the schema
    if not selection.account or is_member is None:
        raise UnsupportedScopeError("the accounts in scope are those of the organization: a compliance run sweeps them")
    return [selection.account] if is_member(selection.account) else []


def _regions(scope: Mapping[str, Any], selection: Selection) -> Iterable[str]:
    if scope["regions"] != "enabled":
        return scope["regions"]  # type: ignore[no-any-return]  # a list of texts, by the schema
    if not selection.region:
        raise UnsupportedScopeError("the Regions in scope are those enabled in each account: a compliance run asks")
    return [selection.region]


def _accounts(names: Iterable[str], hub_account: str) -> dict[str, None]:
    """Resolve ``self``, keep the order, drop repetitions."""
    return dict.fromkeys(hub_account if name == "self" else name for name in names)

"""Whether a share of ours may be changed: not if RAM does not let it be, and not if a service keeps it in step."""

from collections.abc import Collection

from functions.resource_shares.decision import Share
from functions.shared.finding import printable

_STANDARD = "STANDARD"
_LAKE_FORMATION = "LakeFormation-"
_CATALOGUE = frozenset({"glue:catalog", "glue:database", "glue:table"})
"""How Lake Formation names the shares that it makes in our account and keeps in step, and what alone they hold.

Anybody can give a share such a name, so that the name alone protects nothing.

Source: https://docs.aws.amazon.com/lake-formation/latest/dg/cross-account-permissions.html
"""
_RESERVED = "aws:"
_TAGGED_FOR_PEOPLE = ("aws:cloudformation:", "aws:servicecatalog:")


def untouchable(share: Share, account: str, resource_types: Collection[str] | None) -> str:
    """Return why a share of ours is never changed; empty if it may be.

    Args:
        share: as RAM lists it among our own.
        account: ours.
        resource_types: of all that it holds; None where that could not be read.
    """
    if share.feature_set != _STANDARD:
        return (
            f"its featureSet is {printable(share.feature_set) or 'not known'}, and RAM changes none but STANDARD ones"
        )
    managed = any(k.startswith(_RESERVED) and not k.startswith(_TAGGED_FOR_PEOPLE) for k in share.tag_keys)
    if managed or share.owner != account:
        return "an AWS service owns it"
    if (share.name or "").startswith(_LAKE_FORMATION):
        return _of_lake_formation(resource_types)
    return ""


def _of_lake_formation(resource_types: Collection[str] | None) -> str:
    if resource_types is None:
        return "Lake Formation gives such names, and what it holds could not be read"
    is_catalogue = bool(resource_types) and {name.lower() for name in resource_types} <= _CATALOGUE
    return "Lake Formation owns it" if is_catalogue else ""

"""Which mute of a result applies to a finding."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from functions.report.result import FindingRow, MuteRow
from functions.shared.mutes import Mute

MuteKey = tuple[str, ...]
"""Tells a mute from every other one of a result."""

_Pair = tuple[MuteRow, Mute]

_ANY = "*"
_GLOB = frozenset("*?")


@dataclass(frozen=True, slots=True)
class Mutes:
    """The mutes of a result.

    Attributes:
        exact: those that name one resource, by it: there may be thousands, and a finding meets few of them.
        globs: all others.
    """

    exact: Mapping[str, Sequence[_Pair]]
    globs: Sequence[_Pair]

    @classmethod
    def by(cls, mutes: Iterable[MuteRow]) -> "Mutes":
        """Read the mutes."""
        exact: defaultdict[str, list[_Pair]] = defaultdict(list)
        globs: list[_Pair] = []
        for row in mutes:
            mute = Mute.of(row)
            (exact[mute.resource] if _GLOB.isdisjoint(mute.resource) else globs).append((row, mute))
        return cls(exact, globs)

    def of(self, finding: FindingRow) -> MuteRow | None:
        """Return the mute of a finding; None if it is not muted, or if its mute is not in the result.

        Of several, the one that expires last applies.
        """
        if not finding["muted"]:
            return None
        about = finding["resource"], finding["check"], finding["account"]
        known = (*self.exact.get(finding["resource"], ()), *self.globs)
        fitting = [(row, mute) for row, mute in known if mute.applies_to(*about)]
        return max(fitting, key=lambda pair: pair[1].expires_at)[0] if fitting else None


def mute_key(mute: MuteRow) -> MuteKey:
    """Return what tells a mute from the others of a result."""
    return tuple(str(mute.get(name) or _ANY) for name in ("resource", "check", "account", "expires", "owner"))


def mute_text(mute: MuteRow) -> str:
    """Say in a line until when a mute lasts, who owns it, and why."""
    return f"until {mute['expires']} by {mute['owner']}: {mute['reason']}"

"""The configuration as a function reads it: compiled, complete and already validated."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from functions.shared.mutes import Mute

SETTINGS_FILE = "settings.json"
"""Name of the compiled configuration, beside the package ``functions`` in every function's asset."""

MOST_TARGETS_OF_A_FUNCTION = 100
"""With more targets, Lambda might end a function before it has swept all of them one after the other."""


@dataclass(frozen=True)
class Settings:
    """The compiled configuration.

    Attributes:
        document: every key of ``watchkeeper.yaml`` with its default, and ``config_hash``. What functions need of the
            manifests stands beside them: ``supersedes``: by check, those that say less of the same thing;
            ``target_regions``: of the automations that have one target in each account, its Region; ``runs``: dotted
            paths of what sweeps. Sections stand under the names of their automations. Accounts may still read
            ``self``: the hub's own.
    """

    document: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Settings":
        """Read what synth or ``watchkeeper`` compiled."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    @property
    def config_hash(self) -> str:
        """The hash that stands in every record: 16 hexadecimal digits."""
        return str(self.document["config_hash"])

    @property
    def hub_region(self) -> str:
        """The home Region: where the hub's stack stands."""
        return str(self.document["hub"]["region"])

    @property
    def scope(self) -> Mapping[str, Any]:
        """The section ``scope``."""
        scope: Mapping[str, Any] = self.document["scope"]
        return scope

    @property
    def fans_out(self) -> bool:
        """Whether compliance runs sweep at every rate, because a function cannot sweep the whole scope by itself."""
        accounts, regions = self.scope.get("accounts"), self.scope["regions"]
        if accounts is None or not isinstance(regions, list):
            return True
        return len(accounts) * len(regions) > MOST_TARGETS_OF_A_FUNCTION

    @property
    def spoke_role(self) -> str:
        """The name of the role that reads in every account but the hub's."""
        return str(self.scope["spoke_role"])

    @property
    def changing_role(self) -> str:
        """The name of the role that changes something there; there is none where nothing is on ``apply``."""
        return f"{self.spoke_role}-apply"

    def section(self, name: str) -> Mapping[str, Any]:
        """The section of that name, with its defaults; an automation's has the automation's name."""
        section: Mapping[str, Any] = self.document[name]
        return section

    def target_region(self, automation: str) -> str:
        """The Region of the only target that *automation* has in an account; empty if it has one in each Region."""
        return str(self.document["target_regions"].get(automation, ""))

    @property
    def sweeping(self) -> dict[str, str]:
        """What sweeps and is not switched off: by the automation's name, the dotted path of its ``run``."""
        return {name: run for name, run in self.document["runs"].items() if self.document[name]["mode"] != "off"}

    @cached_property
    def mutes(self) -> tuple[Mute, ...]:
        """All mutes, expired ones too."""
        return tuple(map(Mute.of, self.document["mutes"]))

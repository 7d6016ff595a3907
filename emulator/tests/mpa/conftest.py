"""The emulated AWS Backup, with the sessions that it begins."""

from ..backup.conftest import client, source, team

__all__ = ["client", "source", "team"]

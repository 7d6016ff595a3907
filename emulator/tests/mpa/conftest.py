"""The emulated AWS Backup, with the sessions that it begins."""

from ..backup.conftest import aws, client, session, source, team

__all__ = ["aws", "client", "session", "source", "team"]

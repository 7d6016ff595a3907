"""The errors of AWS Backup that moto's backend has no causes for."""

from moto.backup.exceptions import BackupClientError


class MissingParameterValueError(BackupClientError):
    """A required parameter is missing."""

    def __init__(self, message: str) -> None:
        """Take the message for a person."""
        super().__init__("MissingParameterValueException", message)

"""The errors that Incident Manager's model declares and that the backend has causes for."""

from moto.core.exceptions import ServiceException


class IncidentsError(ServiceException):
    """An error under the code of its class, which is a name of the model; HTTP's status comes from there too."""

    def __init__(self, message: str) -> None:
        """Take the message for a person."""
        super().__init__(type(self).__name__.removesuffix("Error") + "Exception", message)


class ConflictError(IncidentsError):
    """The set is being changed, or there is one already."""


class ResourceNotFoundError(IncidentsError):
    """There is no such set, as far as the Region that was asked can see."""


class ValidationError(IncidentsError):
    """A parameter has no value that Incident Manager takes."""


def invalid(message: str) -> ValidationError:
    """Return the error of a parameter that is refused."""
    return ValidationError(message)


class ServiceQuotaExceededError(IncidentsError):
    """The account has its one replication set already."""

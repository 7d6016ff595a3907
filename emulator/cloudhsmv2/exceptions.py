"""The errors that CloudHSM's model declares and that the backend has causes for."""

from moto.core.exceptions import ServiceException


class CloudHsmError(ServiceException):
    """An error under the code of its class, which is a name of CloudHSM's model."""

    def __init__(self, message: str) -> None:
        """Take the message for a person."""
        super().__init__(type(self).__name__.removesuffix("Error") + "Exception", message)


class CloudHsmInvalidRequestError(CloudHsmError):
    """A parameter has no form that CloudHSM takes, or the resource's state does not allow the call."""


class CloudHsmResourceNotFoundError(CloudHsmError):
    """The caller has no such cluster or backup in this Region."""


class CloudHsmTagError(CloudHsmError):
    """A tag cannot be put on."""

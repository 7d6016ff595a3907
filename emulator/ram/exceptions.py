"""The errors that the RAM model declares and that the backend has causes for."""

from moto.core.exceptions import ServiceException


class RamError(ServiceException):
    """An error under the code of its class, which is a name of the RAM model; HTTP's status comes from there too."""

    def __init__(self, message: str) -> None:
        """Take the message for a person."""
        super().__init__(type(self).__name__.removesuffix("Error") + "Exception", message)


class IdempotentParameterMismatchError(RamError):
    """A client token was used before, with other parameters."""


class InvalidClientTokenError(RamError):
    """A client token has no form that RAM takes."""


class InvalidMaxResultsError(RamError):
    """A page size is not in 1 to 500, where the operation has a code of its own for that."""


class InvalidNextTokenError(RamError):
    """A page token was not given out for this very request."""


class InvalidParameterError(RamError):
    """A parameter, or a combination of them, is not allowed."""


class InvalidResourceTypeError(RamError):
    """A resource type cannot be shared."""


class InvalidStateTransitionError(RamError):
    """A share is on its way out."""


class MalformedArnError(RamError):
    """An ARN has not the form that this place demands."""


class OperationNotPermittedError(RamError):
    """The caller may not do this to this share or invitation."""


class ResourceArnNotFoundError(RamError):
    """The caller shares no such resource."""


class ResourceShareInvitationAlreadyAcceptedError(RamError):
    """An invitation was accepted before."""


class ResourceShareInvitationAlreadyRejectedError(RamError):
    """An invitation was rejected before."""


class ResourceShareInvitationArnNotFoundError(RamError):
    """The caller has no such invitation in this Region: never sent, withdrawn or purged."""


class ResourceShareInvitationExpiredError(RamError):
    """An invitation was not answered in time."""


class ResourceShareLimitExceededError(RamError):
    """A quota of the sender is used up."""


class TagLimitExceededError(RamError):
    """A share would hold more tags than AWS allows."""


class TagPolicyViolationError(RamError):
    """A tag key is reserved for AWS."""


class UnknownResourceError(RamError):
    """The caller sees no such share, principal or organization."""

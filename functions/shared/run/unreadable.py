"""What a person does where AWS could not be read: it depends on the cause."""

from functions.shared.aws.calls import CallError

_REFUSALS = ("AccessDenied", "Unauthorized", "NotAuthorized", "OptInRequired")
_OF_CREDENTIALS = ("ExpiredToken", "InvalidClientTokenId", "UnrecognizedClient", "TokenRefreshRequired")


def next_step_after(error: Exception) -> str:
    """Return the next step after *error* kept something from being read."""
    if not isinstance(error, CallError):
        return (
            "Look at it by hand: Watchkeeper does not understand what AWS answered. "
            "If a newer version of Watchkeeper exists, deploy it."
        )
    if any(word in error.code for word in _REFUSALS):
        return (
            f"Allow {error.operation} again: the role's policy, a service control policy or a permissions boundary "
            "denies it. `watchkeeper doctor` says what is missing. Look by hand until then."
        )
    if any(word in error.code for word in _OF_CREDENTIALS):
        return "Renew the credentials, and run it again."
    if error.retryable or not error.answered:
        return "Wait for the next run, which asks again. If it stays so for a day, look at AWS Health and the quotas."
    return f"Look at it by hand, and find out why AWS refuses {error.operation}; the reason has AWS's words."

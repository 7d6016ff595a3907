"""Whether the credentials are those of the hub's account."""

from cli.diagnostics.diagnosis import Diagnosis, missing, ok, unreadable

SUBJECT = "your credentials"

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_SIGNED_OUT = frozenset({"SSOTokenLoadError", "TokenRetrievalError", "UnauthorizedSSOTokenError", "SSOError"})
_ABSENT = frozenset({"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "CredentialRetrievalError"})
_UNKNOWN = frozenset({"InvalidClientTokenId", "SignatureDoesNotMatch", "AuthFailure", "UnrecognizedClientException"})

_SET = (
    "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use --profile NAME "
    "(aws configure list-profiles names them); then: aws sts get-caller-identity"
)


def caller(account: str, caller_arn: str, hub: str) -> Diagnosis:
    """Judge the caller.

    Args:
        account: the caller's.
        caller_arn: the caller's.
        hub: ``hub.account`` of the configuration: ``self`` or 12 digits.
    """
    if hub in ("self", account):
        return ok(SUBJECT, f"they are {caller_arn}, of the hub's account")
    return missing(
        SUBJECT,
        f"they are {caller_arn}, but the hub's account is {hub}",
        f"Use credentials of account {hub} (--profile NAME), or set hub.account to self in the configuration.",
    )


def no_caller(code: str, message: str, *, answered: bool) -> Diagnosis:
    """Judge why AWS does not identify the caller.

    Args:
        code: AWS's error code, or the name of botocore's exception.
        message: of the error.
        answered: AWS refused the call; otherwise it did not answer.
    """
    reason = f"{code}: {message}"
    if code in _EXPIRED:
        return missing(
            SUBJECT, f"they have expired: {reason}", "Get new ones, for example: aws sso login --profile NAME"
        )
    if code in _SIGNED_OUT:
        return missing(SUBJECT, f"you are not signed in: {reason}", "aws sso login --profile NAME")
    if code in _ABSENT:
        return missing(SUBJECT, f"no credentials were found: {reason}", _SET)
    if code in _UNKNOWN:
        also = "enable the hub's Region (hub.region) for the account: AWS answers the same if it is disabled."
        return missing(SUBJECT, f"AWS does not know them: {reason}", f"{_SET}; or {also}")
    fix = _SET if answered else "Check AWS_ENDPOINT_URL and the network."
    return unreadable(SUBJECT, f"AWS does not identify the caller: {reason}", fix)

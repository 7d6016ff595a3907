"""Whose credentials these are, and whether they are those of the hub's account."""

from cli.diagnostics.diagnosis import Row, missing, ok, unreadable

SUBJECT = "your credentials"

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_SIGNED_OUT = frozenset({"SSOTokenLoadError", "TokenRetrievalError", "UnauthorizedSSOTokenError", "SSOError"})
_ABSENT = frozenset({"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "CredentialRetrievalError"})
_UNKNOWN = frozenset({"InvalidClientTokenId", "SignatureDoesNotMatch", "AuthFailure", "UnrecognizedClientException"})

_SET = (
    "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use --profile NAME "
    "(aws configure list-profiles names them); then: aws sts get-caller-identity"
)


def caller(account: str, caller_arn: str, hub: str) -> Row:
    """Judge whose credentials they are.

    Args:
        account: the caller's.
        caller_arn: the caller's.
        hub: ``hub.account`` of the configuration: ``self`` or 12 digits.
    """
    if hub in ("self", account):
        return ok(SUBJECT, f"they are {caller_arn}, of the hub's account")
    return missing(
        SUBJECT,
        f"they are {caller_arn}, and the hub's account is {hub}",
        f"Use credentials of account {hub} (--profile NAME), or set hub.account to self in the configuration.",
    )


def no_caller(code: str, message: str, *, answered: bool) -> Row:
    """Judge why AWS does not say whose credentials they are.

    Args:
        code: AWS's error code, or the name of botocore's exception.
        message: what was said.
        answered: AWS said no.
    """
    reason = f"{code}: {message}"
    if code in _EXPIRED:
        return missing(SUBJECT, f"they have expired: {reason}", "Get new ones, as with: aws sso login --profile NAME")
    if code in _SIGNED_OUT:
        return missing(SUBJECT, f"you are not signed in: {reason}", "aws sso login --profile NAME")
    if code in _ABSENT:
        return missing(SUBJECT, f"there are none: {reason}", _SET)
    if code in _UNKNOWN:
        also = "the hub's Region (hub.region) may be one that is off for the account: AWS then says the same."
        return missing(SUBJECT, f"AWS does not know them: {reason}", f"{_SET}; or {also}")
    hint = "Is AWS_ENDPOINT_URL right, and the network there?" if not answered else _SET
    return unreadable(SUBJECT, f"AWS does not say whose they are: {reason}", hint)

"""Says in one line why AWS cannot be asked with the credentials that were found, and what to do about it."""

import os
import shlex
from dataclasses import dataclass
from getpass import GetPassWarning

from botocore import exceptions as botocore
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.session import Session

from functions.shared.aws.calls import CallError
from functions.shared.finding import plain_line
from functions.shared.run.unreadable import next_step_after

EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
UNKNOWN = frozenset({"InvalidClientTokenId", "SignatureDoesNotMatch", "AuthFailure", "UnrecognizedClientException"})
_CLOCK = frozenset({"RequestTimeTooSkewed", "SignatureDoesNotMatch"})
_SET = (
    "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use --profile NAME "
    "(aws configure list-profiles names them); then: aws sts get-caller-identity"
)
_NETWORK = "check the network, the hub's Region, and AWS_ENDPOINT_URL, HTTPS_PROXY and NO_PROXY if they are set"


_BY_HAND = "aws sts get-caller-identity"
_SIGN_IN = "aws sso login"
_KINDS: tuple[tuple[tuple[type[BotoCoreError], ...], str, str], ...] = (
    (
        (botocore.SSOError, botocore.TokenRetrievalError),
        "the SSO session of {profile} has expired, or there is none: {reason}",
        _SIGN_IN,
    ),
    ((botocore.LoginError,), "the login of {profile} has expired: {reason}", "aws login"),
    (
        (botocore.MissingDependencyException,),
        "{profile} needs the package awscrt, which is not installed",
        "python -m pip install 'botocore[crt]' where watchkeeper is installed, or use other credentials",
    ),
    (
        (botocore.ProfileNotFound,),
        "the AWS configuration has no {profile}",
        "list those that it has: aws configure list-profiles",
    ),
    (
        (botocore.ConfigParseError, botocore.ConfigNotFound),
        "the AWS configuration cannot be read: {reason}",
        "mend that file, or move it away",
    ),
    ((botocore.RefreshWithMFAUnsupportedError,), "{profile} needs a new MFA code: {reason}", _BY_HAND),
    ((botocore.NoCredentialsError,), "no credentials were found", _SET),
    ((botocore.PartialCredentialsError,), "the credentials are not whole: {reason}", _SET),
    ((botocore.CredentialRetrievalError,), "{profile} gives no credentials: {reason}", _BY_HAND),
    (
        (BotoCoreError,),
        "the AWS configuration cannot be used: {reason}",
        "mend that setting, in ~/.aws/config or the environment",
    ),
)
"""By botocore's errors: what is wrong, and what to do; a command gets the profile."""


@dataclass(frozen=True, slots=True)
class CredentialProblem:
    """Why AWS does not say who calls.

    Attributes:
        sentence: what is wrong.
        fix: what to do, with the command line to copy where there is one.
        is_reachable: the credentials are what is wrong; otherwise AWS, or the way to it, gave no answer.
    """

    sentence: str
    fix: str
    is_reachable: bool = True


def problem_of(error: Exception, profile: str) -> CredentialProblem:
    """Put into words what botocore, or who asks for a password, raised before AWS said who calls.

    Args:
        error: that was raised.
        profile: that the command line names; empty for that of the environment.
    """
    cause = error.__cause__ if isinstance(error, CallError) and isinstance(error.__cause__, Exception) else error
    named = _Profile(profile or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or "")
    if isinstance(cause, ClientError):
        return _refused(cause, named)
    if isinstance(cause, (HTTPClientError, NoConnectionError, botocore.InvalidProxiesConfigError)):
        return _unreachable(cause)
    if isinstance(cause, BotoCoreError):
        return _of_botocore(cause, named)
    return _of_another_kind(cause, named)


def refusal_of(error: Exception, profile: str) -> CredentialProblem | None:
    """Put into words what AWS, or what asks it, raised after AWS had said who calls; None for any other error."""
    if isinstance(error, CallError) and error.code not in EXPIRED | UNKNOWN:
        said = "AWS refused" if error.answered else "AWS gave no answer"
        return CredentialProblem(f"{said}: {plain_line(error)}", next_step_after(error))
    return problem_of(error, profile) if isinstance(error, CallError | BotoCoreError | GetPassWarning) else None


@dataclass(frozen=True, slots=True)
class _Profile:
    """The profile of the AWS configuration that is used; an empty name is the default one."""

    name: str

    def __str__(self) -> str:
        return f"profile {plain_line(self.name)}" if self.name else "the default profile"

    def command(self, command: str) -> str:
        name = self._that_signs_in() if command == _SIGN_IN else self.name
        return f"{command} --profile {shlex.quote(name)}" if name else command

    def _that_signs_in(self) -> str:
        """Return which profile the CLI signs in: a profile that assumes a role has another one as its source."""
        profiles = Session().full_config["profiles"]
        name, seen = self.name, set[str]()
        while name not in seen:
            seen.add(name)
            section = profiles.get(name or "default", {})
            if "sso_session" in section or "sso_start_url" in section:
                return name
            name = section.get("source_profile", "")
        return self.name


def _refused(error: ClientError, profile: _Profile) -> CredentialProblem:
    """Say what AWS means by its refusal, of the caller or of a role that the profile has to assume."""
    answer = error.response.get("Error", {})
    code, message = str(answer.get("Code", "Unknown")), plain_line(answer.get("Message", ""))
    reason = f"{code}: {message}"
    if code in EXPIRED:
        renew = f"{profile.command(_SIGN_IN)}, or where the credentials come from another place, renew them there"
        return CredentialProblem(f"the credentials have expired: {reason}", renew)
    if error.operation_name != "GetCallerIdentity":
        fix = f"who may assume it is in the role's trust policy; try: {profile.command(_BY_HAND)}"
        return CredentialProblem(f"{profile} gives no credentials: {error.operation_name}: {reason}", fix)
    if code in _CLOCK:
        return CredentialProblem(f"AWS does not accept the signature: {reason}", f"check this machine's clock; {_SET}")
    if code in UNKNOWN:
        also = "or enable the hub's Region (hub.region) for the account: AWS answers the same if it is disabled"
        return CredentialProblem(f"AWS does not know the credentials: {reason}", f"{_SET}; {also}")
    return CredentialProblem(f"AWS does not identify the caller: {reason}", _SET, is_reachable=False)


def _unreachable(error: Exception) -> CredentialProblem:
    match error:
        case botocore.ProxyConnectionError() | botocore.InvalidProxiesConfigError():
            return CredentialProblem(plain_line(error), "check HTTPS_PROXY, and NO_PROXY", is_reachable=False)
        case botocore.SSLError():
            fix = (
                "let AWS_CA_BUNDLE, or ca_bundle of the profile, name a file with the certificates of who signs for AWS"
            )
            return CredentialProblem(f"no trusted connection to AWS: {plain_line(error)}", fix, is_reachable=False)
        case _:
            return CredentialProblem(f"AWS cannot be reached: {plain_line(error)}", _NETWORK, is_reachable=False)


def _of_botocore(error: BotoCoreError, profile: _Profile) -> CredentialProblem:
    """Say what botocore found wrong before it asked anybody: the first kind that fits says it best."""
    said = next((sentence, fix) for kinds, sentence, fix in _KINDS if isinstance(error, kinds))
    sentence, fix = (text.format(profile=profile, reason=plain_line(str(error).strip())) for text in said)
    return CredentialProblem(sentence, profile.command(fix) if fix.startswith("aws ") else fix)


def _of_another_kind(error: Exception, profile: _Profile) -> CredentialProblem:
    """Say what went wrong outside of botocore's own errors: a program, a file, a question."""
    match error:
        case GetPassWarning():
            return _mfa(profile, "there is no terminal to ask for it")
        case EOFError():
            return _mfa(profile, "none was typed")
        case OSError():
            what = f"{plain_line(error.filename)}: {error.strerror}" if error.filename else plain_line(error)
            return CredentialProblem(f"what {profile} needs cannot be read or run: {what}", _by_hand(profile))
        case RuntimeError():  # so botocore calls new credentials that are old already
            return CredentialProblem(f"the credentials have expired: {plain_line(error)}", _by_hand(profile))
        case ValueError() if "endpoint" in str(error).lower():
            return CredentialProblem(plain_line(error), "is AWS_ENDPOINT_URL right?", is_reachable=False)
        case _:
            reason = f"{type(error).__name__}: {plain_line(error)}"
            return CredentialProblem(f"{profile} gives no credentials: {reason}", _by_hand(profile))


def _mfa(profile: _Profile, why: str) -> CredentialProblem:
    export = profile.command("aws configure export-credentials --format env")
    fix = f'run it on a terminal, or take temporary credentials there first: eval "$({export})"'
    return CredentialProblem(f"{profile} needs an MFA code, and {why}", fix)


def _by_hand(profile: _Profile) -> str:
    return f"try it by hand: {profile.command(_BY_HAND)}"

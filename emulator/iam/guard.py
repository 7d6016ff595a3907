"""IAM at the door: calls of sessions are held to their roles' policies, and roles are lent to whom they trust."""

from collections.abc import Mapping
from typing import Any

from moto.utilities.utils import get_partition

from emulator.iam.conditions import PolicyError, UnsupportedPolicyError
from emulator.iam.evaluation import ASSUME_ROLE, Denial, admit, judge
from emulator.iam.questions import question_within, questions_of
from emulator.iam.sessions import Caller, Sessions, role_at, trust_of
from emulator.iam.statements import Question, identity_policy
from emulator.wire.errors import Refusal, access_denied
from emulator.wire.incoming_request import Arrival

_ANYBODY_S = frozenset({"sts:GetCallerIdentity"})
"""What takes no right, and nobody can be denied.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

_OTHER_WAYS = frozenset({"sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoot"})
_NOT_HEEDED = ("PolicyArns", "Tags", "SourceIdentity", "ProvidedContexts")

_TEMPORARY = "ASIA"
"""How the access keys of sessions begin.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

_LONGEST_SESSION_POLICY = 2_048
"""In characters.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""


class Guard:
    """Lets calls pass, or refuses them as AWS does.

    Attributes:
        sessions: that STS gave out.
        enforcing: whether policies are judged at all.
    """

    def __init__(self) -> None:
        """Judge nothing yet."""
        self.sessions: Sessions = {}
        self.enforcing = False

    def check(self, arrival: Arrival) -> None:
        """Let the call at the door pass.

        Raises:
            Refusal: its caller may not make it, or the emulator cannot judge a policy that is to be judged.
        """
        if arrival.name == ASSUME_ROLE:
            _check_session_policy(arrival.parameters())
        if not self.enforcing or arrival.name in _ANYBODY_S:
            return
        if arrival.name in _OTHER_WAYS:
            raise _not_judged(f"whom {arrival.name} trusts")
        caller = self._known(arrival)
        try:
            _judge(arrival, caller)
        except PolicyError as error:
            raise _not_judged(f"{arrival.name} of {caller.arn}: {error}") from error

    def check_within(self, access_key: str, account: str, action: str, resource: str) -> None:
        """Let a service do what is no call of its own for the session of *access_key*, which belongs to *account*.

        Raises:
            Refusal: the session may not do it, or the emulator cannot judge a policy that is to be judged.
        """
        session = self.sessions.get(access_key)
        if not self.enforcing or session is None:
            return
        caller = Caller(account, resource.split(":")[1], session)
        question = question_within(caller, action, resource)
        try:
            denial = judge(question, session.rights())
        except PolicyError as error:
            raise _not_judged(f"{action} of {caller.arn}: {error}") from error
        if denial:
            raise Refusal("AccessDeniedException", _said(caller, question, denial))

    def _known(self, arrival: Arrival) -> Caller:
        """Tell who calls.

        Raises:
            Refusal: the key looks like a session's, and is none's.
        """
        session = self.sessions.get(arrival.access_key)
        if session is None and arrival.access_key.startswith(_TEMPORARY):
            code = "UnrecognizedClientException" if "json" in arrival.dialect.protocol else "InvalidClientTokenId"
            raise Refusal(code, "The security token included in the request is invalid.", 403)
        return Caller(arrival.account, str(get_partition(arrival.region)), session)


def _check_session_policy(parameters: Mapping[str, Any]) -> None:
    """Refuse a session policy that is none, and what would make the session another one than was asked for."""
    for name in _NOT_HEEDED:
        if parameters.get(name):
            raise _not_judged(f"{name} of {ASSUME_ROLE}")
    policy = str(parameters.get("Policy", ""))
    if len(policy) > _LONGEST_SESSION_POLICY:
        reason = f"The session policy has {len(policy)} characters, and {_LONGEST_SESSION_POLICY} are allowed."
        raise Refusal("PackedPolicyTooLarge", reason)
    try:
        identity_policy(policy or '{"Statement": []}')
    except UnsupportedPolicyError as error:
        raise _not_judged(f"the session policy: {error}") from error
    except PolicyError as error:
        raise Refusal("MalformedPolicyDocument", f"The session policy is malformed: {error}") from error


def _judge(arrival: Arrival, caller: Caller) -> None:
    if arrival.name != ASSUME_ROLE and caller.session is None:
        return
    rights = caller.session.rights() if caller.session else None
    for question in questions_of(arrival, caller):
        denial = judge(question, rights) if rights else None
        if denial is None and arrival.name == ASSUME_ROLE:
            denial = _mistrust(question, caller)
        if denial:
            raise _refused(arrival, caller, question, denial)


def _mistrust(question: Question, caller: Caller) -> Denial | None:
    """Return why a role does not let the caller assume it; one that is nowhere lets everybody."""
    role = role_at(question.resource)
    denial = admit(question, trust_of(role), caller.names) if role else None
    is_ours = role is not None and caller.account == role.account_id
    return denial if is_ours or denial is None else Denial("")  # AWS tells another account nothing of the reason


def _refused(arrival: Arrival, caller: Caller, question: Question, denial: Denial) -> Refusal:
    """Return what AWS says to a caller that may not do what it wants to.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    return access_denied(arrival.dialect, _said(caller, question, denial))


def _said(caller: Caller, question: Question, denial: Denial) -> str:
    about = f" on resource: {question.resource}" if question.resource else ""
    return f"User: {caller.arn} is not authorized to perform: {question.action}{about} {denial.reason}".strip()


def _not_judged(what: str) -> Refusal:
    return Refusal("NotImplementedException", f"the emulator does not judge {what}", 501)

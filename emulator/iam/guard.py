"""IAM in the gateway: evaluates the policies of roles, of what they assume, and of the resources that are used."""

from collections.abc import Mapping
from typing import Any

from moto.utilities.utils import get_partition

from emulator.iam.conditions import PolicyError, UnsupportedPolicyError
from emulator.iam.deliveries import ServiceDelivery, denial_of
from emulator.iam.evaluation import ASSUME_ROLE, SET_SOURCE_IDENTITY, Denial, admit, judge
from emulator.iam.questions import question_within, questions_of
from emulator.iam.resource_policies import ACTIONS, admits, owner_of
from emulator.iam.resources import NOTHING, UNKNOWN
from emulator.iam.rights import rights_of
from emulator.iam.sessions import Caller, RoleSessions, role_at, trust_of
from emulator.iam.statements import Question, identity_policy
from emulator.wire.errors import ApiError, access_denied
from emulator.wire.incoming_request import IncomingRequest

_ANYBODY_S = frozenset({"sts:GetCallerIdentity"})
"""Calls that need no right and cannot be denied.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

_OTHER_WAYS = frozenset({"sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoot"})
_NOT_HEEDED = ("PolicyArns", "Tags", "ProvidedContexts")

_TEMPORARY = "ASIA"
"""The prefix of the access keys of sessions.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

_LONGEST_SESSION_POLICY = 2_048
"""In characters.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""


class Guard:
    """Allows calls, or denies them as AWS does.

    Attributes:
        sessions: those that STS made.
        enforcing: whether policies are evaluated.
    """

    def __init__(self) -> None:
        """Begin without evaluating policies."""
        self.sessions: RoleSessions = {}
        self.enforcing = False

    def check(self, incoming: IncomingRequest) -> None:
        """Check an incoming call.

        Raises:
            ApiError: the caller may not make it, or the emulator cannot evaluate a policy.
        """
        if incoming.name == ASSUME_ROLE:
            _check_session_policy(incoming.parameters())
        if not self.enforcing or incoming.name in _ANYBODY_S:
            return
        if incoming.name in _OTHER_WAYS:
            raise _not_judged(f"trust policies for {incoming.name}")
        caller = self._known(incoming)
        try:
            _judge(incoming, caller)
        except PolicyError as error:
            raise _not_judged(f"{incoming.name} of {caller.arn}: {error}") from error

    def check_within(self, access_key: str, account: str, action: str, resource: str) -> None:
        """Check an action that a service does for the session of *access_key* without a call of its own.

        Raises:
            ApiError: the session may not do it, or the emulator cannot evaluate a policy.
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
            raise ApiError("AccessDeniedException", _said(caller, question, denial))

    def check_delivery(self, delivery: ServiceDelivery) -> None:
        """Check what a service delivers.

        Raises:
            ApiError: a role or the policy of the resource does not allow it, or the emulator cannot evaluate a policy.
        """
        if not self.enforcing:
            return
        try:
            denial = denial_of(delivery)
        except PolicyError as error:
            raise _not_judged(f"{delivery.action} of {delivery.service}: {error}") from error
        if denial:
            asked = f"{delivery.service} is not authorized to perform: {delivery.action} on {delivery.resource}"
            raise ApiError("AccessDeniedException", f"{asked} for {delivery.source_arn} {denial.reason}".strip())

    def _known(self, incoming: IncomingRequest) -> Caller:
        """Return who calls.

        Raises:
            ApiError: the access key looks like that of a session, but belongs to none.
        """
        session = self.sessions.get(incoming.access_key)
        if session is None and incoming.access_key.startswith(_TEMPORARY):
            code = "UnrecognizedClientException" if "json" in incoming.dialect.protocol else "InvalidClientTokenId"
            raise ApiError(code, "The security token included in the request is invalid.", 403)
        return Caller(incoming.account, str(get_partition(incoming.region)), session)


def _check_session_policy(parameters: Mapping[str, Any]) -> None:
    """Refuse a malformed session policy, and parameters that the emulator ignores."""
    for name in _NOT_HEEDED:
        if parameters.get(name):
            raise _not_judged(f"{name} of {ASSUME_ROLE}")
    policy = str(parameters.get("Policy", ""))
    if len(policy) > _LONGEST_SESSION_POLICY:
        reason = f"The session policy has {len(policy)} characters, and {_LONGEST_SESSION_POLICY} are allowed."
        raise ApiError("PackedPolicyTooLarge", reason)
    try:
        identity_policy(policy or '{"Statement": []}')
    except UnsupportedPolicyError as error:
        raise _not_judged(f"the session policy: {error}") from error
    except PolicyError as error:
        raise ApiError("MalformedPolicyDocument", f"The session policy is malformed: {error}") from error


def _judge(incoming: IncomingRequest, caller: Caller) -> None:
    of_resources = bool(rights_of(incoming.name, {}) & ACTIONS)
    if incoming.name != ASSUME_ROLE and caller.session is None and not of_resources:
        return
    rights = caller.session.rights() if caller.session else None
    renamed = incoming.parameters().get("SourceIdentity", caller.source_identity) != caller.source_identity
    for question in questions_of(incoming, caller):
        denial = judge(question, rights) if rights else None
        if question.action == SET_SOURCE_IDENTITY and caller.source_identity and renamed:
            denial = Denial("because a source identity cannot be changed", explicit=True)
        if incoming.name == ASSUME_ROLE:
            denial = denial or _mistrust(question, caller)
        elif question.action in ACTIONS and question.resource not in (NOTHING, UNKNOWN):
            denial = _with_policy_of_resource(question, caller, denial)
        if denial:
            raise _refused(incoming, caller, question, denial)


def _with_policy_of_resource(question: Question, caller: Caller, denial: Denial | None) -> Denial | None:
    """Return why the identity's and the resource's policies together deny a call.

    In the caller's account one of them is enough to allow it, in another account both are needed.
    """
    is_ours = owner_of(question.resource) == caller.account
    names = caller.names - {caller.account} if is_ours else caller.names
    refusal = admits(question, names, is_needed=not is_ours or denial is not None)
    if refusal is None:
        return denial if denial and (denial.explicit or not is_ours) else None
    return refusal if refusal.explicit or not is_ours else denial


def _mistrust(question: Question, caller: Caller) -> Denial | None:
    """Return why a role does not let the caller assume it; one that does not exist lets nobody."""
    role = role_at(question.resource)
    missing = Denial(f"because no role trust policy allows the {question.action} action")
    denial = admit(question, trust_of(role), caller.names) if role else missing
    is_ours = caller.account == owner_of(question.resource)
    return denial if is_ours or denial is None else Denial("")  # AWS gives another account no reason


def _refused(incoming: IncomingRequest, caller: Caller, question: Question, denial: Denial) -> ApiError:
    """Return the error that AWS gives to a caller without the right.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    return access_denied(incoming.dialect, _said(caller, question, denial))


def _said(caller: Caller, question: Question, denial: Denial) -> str:
    about = f" on resource: {question.resource}" if question.resource else ""
    return f"User: {caller.arn} is not authorized to perform: {question.action}{about} {denial.reason}".strip()


def _not_judged(what: str) -> ApiError:
    return ApiError("NotImplementedException", f"the emulator does not evaluate {what}", 501)

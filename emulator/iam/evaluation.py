"""IAM's decision: what all policies together allow; no call, no clock, no state."""

from collections.abc import Iterator
from dataclasses import dataclass

from emulator.iam.patterns import matches_action
from emulator.iam.statements import IamPolicy, Question

ASSUME_ROLE = "sts:AssumeRole"
"""The action in a role's trust policy."""

SET_SOURCE_IDENTITY = "sts:SetSourceIdentity"
"""The other one, of who names in a session for whom it is made.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
"""


@dataclass(frozen=True, slots=True)
class Rights:
    """The policies that limit a session.

    Attributes:
        identity: of the role, inline and attached; None if the role never existed.
        boundary: the role's permissions boundary, if it has one.
        session: the session policy, if there is one.
    """

    identity: tuple[IamPolicy, ...] | None
    boundary: IamPolicy | None = None
    session: IamPolicy | None = None

    def layers(self) -> Iterator[tuple[str, tuple[IamPolicy, ...]]]:
        """Yield each kind of policy, by its name in AWS's messages, with the policies.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
        """
        if self.identity is not None:
            yield "identity-based policy", self.identity
        if self.boundary is not None:
            yield "permissions boundary", (self.boundary,)
        if self.session is not None:
            yield "session policy", (self.session,)


@dataclass(frozen=True, slots=True)
class Denial:
    """Why an action is denied.

    Attributes:
        reason: in AWS's words.
        explicit: whether a statement denies it; otherwise no statement allows it.
    """

    reason: str
    explicit: bool = False


def judge(question: Question, rights: Rights) -> Denial | None:
    """Return why a session may not do what *question* asks; None if it may.

    A Deny in any policy wins; otherwise each kind of policy must allow it.

    Raises:
        UnsupportedPolicyError: the emulator cannot evaluate a statement about it.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
    """
    layers = list(rights.layers())
    for kind, policies in layers:
        if any(_says(policy, question, denies=True) for policy in policies):
            article = "an" if kind[0] in "aeiou" else "a"
            return Denial(f"with an explicit deny in {article} {kind}", explicit=True)
    for kind, policies in layers:
        if not any(_says(policy, question, denies=False) for policy in policies):
            return Denial(f"because no {kind} allows the {question.action} action")
    return None


def admit(question: Question, trust: IamPolicy, names: frozenset[str]) -> Denial | None:
    """Return why a role's trust policy does not let a caller assume the role; None if it does.

    Args:
        question: what is asked.
        trust: the role's policy.
        names: by which the policy may name the caller.

    Raises:
        UnsupportedPolicyError: the emulator cannot evaluate a statement about the caller.
    """
    decision = decides(question, trust, names)
    if decision is False:
        return Denial("with an explicit deny in the role trust policy", explicit=True)
    return None if decision else Denial(f"because no role trust policy allows the {question.action} action")


def decides(question: Question, policy: IamPolicy, names: frozenset[str]) -> bool | None:
    """Return whether a policy that names principals allows or denies what is asked; None if it does neither.

    Args:
        question: what is asked.
        policy: of a resource, or the trust policy of a role.
        names: by which the policy may name the caller.

    Raises:
        UnsupportedPolicyError: the emulator cannot evaluate a statement about the caller.
    """
    meant = tuple(statement for statement in policy if statement.principals & names)
    if _says(meant, question, denies=True):
        return False
    return True if _says(meant, question, denies=False) else None


def serves(trust: IamPolicy, service: str) -> bool:
    """Tell whether a role's trust policy lets an AWS service assume the role.

    Conditions count as met, because the keys that a service sends are not emulated.
    """
    meant = [each for each in trust if service in each.principals and each.actions.cover(ASSUME_ROLE, matches_action)]
    return bool(meant) and not any(statement.denies for statement in meant)


def _says(policy: IamPolicy, question: Question, *, denies: bool) -> bool:
    return any(statement.denies is denies and statement.is_about(question) for statement in policy)

"""IAM's decision: what the policies of a session together say to a question; no call, no clock, no state."""

from collections.abc import Iterable
from dataclasses import dataclass

from emulator.iam.principals import Applicant, Meant
from emulator.iam.statements import Policy, Question


@dataclass(frozen=True, slots=True)
class Rights:
    """The policies that a session is held to.

    Attributes:
        identity: of the role, inline and attached; None for a role that is nowhere, of which nothing is known.
        boundary: the role's permissions boundary, if it has one.
        session: the policy that came with the session, if one did.
    """

    identity: tuple[Policy, ...] | None
    boundary: Policy | None = None
    session: Policy | None = None

    def layers(self) -> Iterable[tuple[str, str, tuple[Policy, ...]]]:
        """Yield the name of each kind of policy that there is, the same with its article, and the policies.

        The names are those of AWS's messages.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
        """
        if self.identity is not None:
            yield "identity-based policy", "an identity-based policy", self.identity
        if self.boundary is not None:
            yield "permissions boundary", "a permissions boundary", (self.boundary,)
        if self.session is not None:
            yield "session policy", "a session policy", (self.session,)


@dataclass(frozen=True, slots=True)
class Denial:
    """Why something may not be done, in AWS's words."""

    reason: str


def judge(question: Question, rights: Rights, *, granted: bool = False) -> Denial | None:
    """Return why a session may not do what *question* asks; None where it may.

    A Deny in any policy wins; else every kind of policy that there is has to allow it.

    Args:
        question: what is asked.
        rights: of the session.
        granted: whether the resource's own policy names the caller, so that its role's policies need not allow it.

    Raises:
        UnsupportedPolicyError: a statement that is about it cannot be judged.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
    """
    layers = list(rights.layers())
    for _, named, policies in layers:
        if any(_says(policy, question, denies=True) for policy in policies):
            return Denial(f"with an explicit deny in {named}")
    for name, _, policies in layers:
        if granted and policies is rights.identity:
            continue
        if not any(_says(policy, question, denies=False) for policy in policies):
            return Denial(f"because no {name} allows the {question.action} action")
    return None


def admit(question: Question, trust: Policy, applicant: Applicant) -> Meant | Denial:
    """Return how a role's trust policy lets *applicant* assume it, or why it does not.

    Raises:
        UnsupportedPolicyError: a statement that is about it cannot be judged.
    """
    meant = {denies: _meant(question, trust, applicant, denies=denies) for denies in (True, False)}
    if meant[True]:
        return Denial("with an explicit deny in the role trust policy")
    if not meant[False]:
        return Denial(f"because no role trust policy allows the {question.action} action")
    return Meant.BY_NAME if Meant.BY_NAME in meant[False] else Meant.BY_ACCOUNT


def _meant(question: Question, trust: Policy, applicant: Applicant, *, denies: bool) -> set[Meant]:
    ways = (
        each.principals.mean(applicant)
        for each in trust
        if each.principals is not None and each.denies is denies and each.is_about(question)
    )
    return {way for way in ways if way is not Meant.NOT}


def _says(policy: Policy, question: Question, *, denies: bool) -> bool:
    return any(statement.denies is denies and statement.is_about(question) for statement in policy)

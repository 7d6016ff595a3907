"""sts:AssumeRole: what it takes, and whether the role's trust policy lets its caller have the role."""

from collections.abc import Mapping
from typing import Any

from emulator.arrival import Arrival
from emulator.errors import Refusal
from emulator.iam.callers import Caller
from emulator.iam.evaluation import Denial, admit
from emulator.iam.exceptions import PolicyError, UnsupportedPolicyError
from emulator.iam.holdings import trust_of
from emulator.iam.keys import assume_role_keys, global_keys
from emulator.iam.principals import Meant
from emulator.iam.sessions import role_at
from emulator.iam.statements import Question, identity_policy

NAME = "sts:AssumeRole"

BY_OTHERS = frozenset({"sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoot"})
"""Ways to a session in which somebody else vouches for the caller."""

_LONGEST_POLICY = 2_048
"""Characters of a session policy.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

_NEVER_HEEDED = ("PolicyArns",)
_NOT_HEEDED = ("Tags", "TransitiveTagKeys", "SourceIdentity", "ProvidedContexts", "SerialNumber")


def check_parameters(parameters: Mapping[str, Any], *, enforcing: bool) -> None:
    """Refuse what would make the session another one than was asked for.

    Args:
        parameters: of the call.
        enforcing: whether the session is going to be judged.

    Raises:
        Refusal: its policy is too long or none, or it has a parameter that the emulator does not heed.
    """
    for name in (*_NEVER_HEEDED, *(_NOT_HEEDED if enforcing else ())):
        if parameters.get(name):
            raise Refusal("NotImplementedException", f"the emulator does not heed {name} of {NAME}", 501)
    policy = str(parameters.get("Policy", ""))
    if len(policy) > _LONGEST_POLICY:
        reason = f"The session policy has {len(policy)} characters, and {_LONGEST_POLICY} are allowed."
        raise Refusal("PackedPolicyTooLarge", reason)
    if policy and enforcing:
        _check_policy(policy)


def admitted(arrival: Arrival, caller: Caller) -> bool | Denial:
    """Tell whether a trust policy alone gives the role to its caller, or why the caller cannot have it.

    A role that is nowhere trusts everybody, and a caller without a session has every right in its account.

    Raises:
        PolicyError: the trust policy cannot be judged.
    """
    parameters = arrival.parameters()
    role = role_at(str(parameters.get("RoleArn", "")))
    if role is None:
        return False
    keys = {**global_keys(caller, arrival.region, role.arn), **assume_role_keys(parameters)}
    answer = admit(Question(NAME, role.arn, keys), trust_of(role), caller.applicant())
    is_ours = caller.account == role.account_id
    if isinstance(answer, Denial):
        return answer if is_ours else Denial("")  # AWS tells another account nothing of the reason
    return is_ours and answer is Meant.BY_NAME


def _check_policy(policy: str) -> None:
    try:
        identity_policy(policy)
    except UnsupportedPolicyError as error:
        raise Refusal("NotImplementedException", f"the session policy: {error}", 501) from error
    except PolicyError as error:
        raise Refusal("MalformedPolicyDocument", f"The session policy is malformed: {error}") from error

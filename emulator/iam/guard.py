"""IAM at the door: calls of sessions are held to their roles' policies, and roles are lent to whom they trust."""

from emulator.arrival import Arrival
from emulator.errors import Refusal
from emulator.iam import assuming
from emulator.iam.callers import Caller, caller_of
from emulator.iam.evaluation import Denial, judge
from emulator.iam.exceptions import PolicyError
from emulator.iam.holdings import rights_of_session
from emulator.iam.questions import questions_of
from emulator.iam.sessions import TEMPORARY, Sessions
from emulator.iam.statements import Question
from emulator.mishaps import access_denied

_ANYBODY_S = frozenset({"sts:GetCallerIdentity"})
"""What takes no right, and nobody can be denied.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""


class Guard:
    """Lets calls pass, or refuses them as AWS does.

    Attributes:
        sessions: that STS gave out.
        enforcing: whether policies are judged at all.
    """

    def __init__(self) -> None:
        """Judge nothing yet."""
        self.sessions = Sessions()
        self.enforcing = False

    def check(self, arrival: Arrival) -> None:
        """Let the call at the door pass.

        Raises:
            Refusal: its caller may not make it, or the emulator cannot judge a policy that is to be judged.
        """
        if arrival.name == assuming.NAME:
            assuming.check_parameters(arrival.parameters(), enforcing=self.enforcing)
        if not self.enforcing or arrival.name in _ANYBODY_S:
            return
        if arrival.name in assuming.BY_OTHERS:
            raise Refusal("NotImplementedException", f"the emulator does not judge whom {arrival.name} trusts", 501)
        caller = self._known(arrival)
        try:
            self._judge(arrival, caller)
        except PolicyError as error:
            reason = f"the emulator cannot judge {arrival.name} of {caller.arn}: {error}"
            raise Refusal("NotImplementedException", reason, 501) from error

    def _known(self, arrival: Arrival) -> Caller:
        """Tell who calls.

        Raises:
            Refusal: the key looks like a session's, and is none's.
        """
        caller = caller_of(arrival, self.sessions)
        if caller.session is None and arrival.access_key.startswith(TEMPORARY):
            code = "UnrecognizedClientException" if "json" in arrival.dialect.protocol else "InvalidClientTokenId"
            raise Refusal(code, "The security token included in the request is invalid.", 403)
        return caller

    def _judge(self, arrival: Arrival, caller: Caller) -> None:
        granted = False
        if arrival.name == assuming.NAME:
            admitted = assuming.admitted(arrival, caller)
            if isinstance(admitted, Denial):
                raise _refused(arrival, caller, _about(arrival), admitted)
            granted = admitted
        if caller.session is None:
            return
        rights = rights_of_session(caller.session)
        for question in questions_of(arrival, caller):
            denial = judge(question, rights, granted=granted)
            if denial:
                raise _refused(arrival, caller, question, denial)


def _about(arrival: Arrival) -> Question:
    return Question(assuming.NAME, str(arrival.parameters().get("RoleArn", "")), {})


def _refused(arrival: Arrival, caller: Caller, question: Question, denial: Denial) -> Refusal:
    """Return what AWS says to a caller that may not do what it wants to.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    about = f" on resource: {question.resource}" if question.resource else ""
    said = f"User: {caller.arn} is not authorized to perform: {question.action}{about} {denial.reason}".strip()
    return access_denied(arrival, said)

"""A role in another account, and what AWS leaves open about why it refuses it."""

from dataclasses import dataclass

from cli.diagnostics.access_denied import SERVICE_CONTROL_POLICY, cause, denial_of, exception_for
from cli.diagnostics.diagnosis import Diagnosis, missing, unreadable
from functions.shared.aws.calls import CallError

_TEMPLATE = "cdk.out/templates/watchkeeper-spoke-role.template.json"


@dataclass(frozen=True, slots=True)
class SpokeRole:
    """A spoke role of an account.

    Attributes:
        account: of the role.
        role_arn: its ARN.
        external_id: that the hub sends; empty for none.
        hub: the hub's account.
    """

    account: str
    role_arn: str
    external_id: str
    hub: str

    @property
    def name(self) -> str:
        """Its name."""
        return self.role_arn.rpartition("/")[2]

    def judge(self, error: CallError) -> Diagnosis | None:
        """Judge why it was refused; None for an AccessDenied that has several causes.

        AWS answers so if there is no such role, if it does not trust the caller, and if the external id is wrong.
        """
        denial = denial_of(error)
        if denial is None:
            fix = "Try again; if it stays so, check that scope.spoke_role is the name of a role."
            return unreadable(self.role_arn, cause(error), fix)
        if denial.policy == SERVICE_CONTROL_POLICY:
            return missing(self.role_arn, cause(error), exception_for("sts:AssumeRole", self.hub))
        return None

    @property
    def three_causes(self) -> str:
        """How to find the cause of such an AccessDenied, and how to fix each."""
        deploy = (
            f"aws cloudformation deploy --stack-name watchkeeper-spoke-role --template-file {_TEMPLATE} "
            f"--capabilities CAPABILITY_NAMED_IAM --parameter-overrides HubAccount={self.hub}"
        )
        shown = f"sts:ExternalId is {self.external_id!r}" if self.external_id else "there is no sts:ExternalId"
        return (
            f"AWS does not say which of three causes it is; check with credentials of account {self.account}: (1) the "
            f"role exists: aws iam get-role --role-name {self.name} (2) its AssumeRolePolicyDocument trusts account "
            f"{self.hub}, in aws:PrincipalArn the functions' roles and in sts:SourceIdentity their names (3) in it "
            f"{shown}. To fix each of them: make synth, then in that account: {deploy}"
        )

"""A function's role: the statements of its permissions, and no other right."""

from collections.abc import Iterable, Mapping

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from functions.shared.deployment.statements import Statement
from infra.iam.policies import policies, policy_document
from infra.nag import acknowledge, as_reported


class FunctionRole(Construct):
    """The role and its managed policies.

    Attributes:
        role: takes no further statement: what CDK would add of its own accord is declared as well.
    """

    def __init__(  # noqa: PLR0913  # each is one property of the role
        self,
        scope: Construct,
        id_: str,
        *,
        owner: str,
        statements: tuple[Statement, ...],
        places: Mapping[str, str],
        assumed_by: iam.IPrincipal | None = None,
        name: str | None = None,
    ) -> None:
        """Create the role of the function *owner*.

        Args:
            scope: the function's construct.
            id_: of this construct.
            owner: the automation's name.
            statements: all that the role allows.
            places: what stands for ``{partition}``, ``{table}`` and their like.
            assumed_by: whom it trusts; Lambda if absent.
            name: of the role; a generated one if absent.

        Raises:
            RightsError: IAM's limits are too small for the statements.
        """
        super().__init__(scope, id_)
        parts = enumerate(policies(owner, statements), start=1)
        held = [self._policy(f"Policy{number}", f"What {owner} may do", part, places) for number, part in parts]
        trusted = assumed_by or iam.ServicePrincipal("lambda.amazonaws.com")
        role = iam.Role(self, "Role", role_name=name, assumed_by=trusted, managed_policies=held)
        self.role = role.without_policy_updates()

    def _policy(
        self,
        id_: str,
        description: str,
        statements: Iterable[Statement],
        places: Mapping[str, str],
    ) -> iam.ManagedPolicy:
        allowed = iam.PolicyDocument.from_json(policy_document(statements, places))
        policy = iam.ManagedPolicy(self, id_, description=description, document=allowed)
        for statement in statements:
            for resource in statement.resources:
                if "*" in resource:
                    finding = as_reported(Stack.of(self).resolve(resource.format_map(places)))
                    acknowledge(policy, f"IAM5[Resource::{finding}]", f"{statement.action}: {statement.reason}")
        return policy

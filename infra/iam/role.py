"""Roles: each has the statements that it is given, and no other right."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from functions.shared.deployment.statements import RoleStatement, policy_document
from infra.iam.policies import policies
from infra.nag import acknowledge, as_reported


@dataclass(frozen=True, slots=True)
class RoleRights:
    """What a role may do.

    Attributes:
        owner: whose role it is, for messages.
        statements: all that the role allows.
        placeholders: the values of ``{partition}``, ``{table}`` and others in the statements.
    """

    owner: str
    statements: tuple[RoleStatement, ...]
    placeholders: Mapping[str, str]

    def document(self, statements: Iterable[RoleStatement]) -> iam.PolicyDocument:
        """Return the policy that holds some of the statements."""
        return iam.PolicyDocument.from_json(policy_document(statements, self.placeholders))

    def acknowledge_wildcards(self, construct: IConstruct, statements: Iterable[RoleStatement]) -> None:
        """Say on a role or policy why resources of *statements* are patterns."""
        for action, reason, resource in _wildcards(statements):
            finding = as_reported(Stack.of(construct).resolve(resource.format_map(self.placeholders)))
            acknowledge(construct, f"IAM5[Resource::{finding}]", f"{action}: {reason}")


class ManagedRole(Construct):
    """A role with managed policies, which have room for more statements than inline ones.

    Attributes:
        role: takes no further statement; what the CDK would add by itself is declared too.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        rights: RoleRights,
        *,
        assumed_by: iam.IPrincipal | None = None,
        name: str | None = None,
    ) -> None:
        """Create the role.

        Args:
            scope: the function's construct.
            id_: of this construct.
            rights: all that the role allows.
            assumed_by: whom it trusts; Lambda if absent.
            name: of the role; a generated one if absent.

        Raises:
            DeploymentError: IAM's limits are too small for the statements.
        """
        super().__init__(scope, id_)
        parts = enumerate(policies(rights.owner, rights.statements), start=1)
        held = [self._policy(f"Policy{number}", rights, part) for number, part in parts]
        trusted = assumed_by or iam.ServicePrincipal("lambda.amazonaws.com")
        self._role = iam.Role(self, "Role", role_name=name, assumed_by=trusted, managed_policies=held)
        self.role = self._role.without_policy_updates()

    def add_trust(self, statement: iam.PolicyStatement) -> None:
        """Add a statement to the role's trust policy."""
        trust = self._role.assume_role_policy
        assert trust is not None  # noqa: S101  # for mypy
        trust.add_statements(statement)

    def _policy(self, id_: str, rights: RoleRights, statements: Iterable[RoleStatement]) -> iam.ManagedPolicy:
        description = f"What {rights.owner} may do"
        policy = iam.ManagedPolicy(self, id_, description=description, document=rights.document(statements))
        rights.acknowledge_wildcards(policy, statements)
        return policy


def service_role(scope: Construct, service: str, rights: RoleRights) -> iam.Role:
    """Create the role that a service of AWS, such as ``events``, has in this account, with one inline policy.

    Args:
        scope: the construct of what acts in the role.
        service: as its principal begins.
        rights: all that the role allows; their owner is the policy's name.
    """
    own_account = {"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}}
    role = iam.Role(
        scope,
        "Role",
        assumed_by=iam.ServicePrincipal(f"{service}.amazonaws.com", conditions=own_account),
        inline_policies={rights.owner: rights.document(rights.statements)},
    )
    rights.acknowledge_wildcards(role, rights.statements)
    return role


def _wildcards(statements: Iterable[RoleStatement]) -> Iterator[tuple[str, str, str]]:
    for statement in statements:
        yield from ((statement.action, statement.reason, each) for each in statement.resources if "*" in each)

"""The section ``deployment`` of the configuration: how the stacks are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Vpc:
    """Where the functions have their network interfaces: ids of subnets and security groups."""

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StackSet:
    """How stack sets reach the accounts in scope.

    Attributes:
        organizational_units: ids, also of the root.
        call_as: ``SELF`` in the management account, ``DELEGATED_ADMIN`` in any other.
    """

    organizational_units: tuple[str, ...]
    call_as: str


@dataclass(frozen=True, slots=True)
class DeploymentOptions:
    """The section; an option that is not used is an empty text or None.

    Attributes:
        kms_key_arn: of the key that encrypts what the hub keeps.
        vpc: of the functions.
        permissions_boundary: ARN of the policy that limits every role.
        log_retention_days: of the functions' logs.
        tags: on every resource, in addition to our own.
        organization_id: spoke roles trust no account outside of it.
        stack_set: deploys spoke roles and forwarders to other accounts.
        reserved_concurrency: executions that each function that events trigger has for itself, and can at most have.
    """

    kms_key_arn: str
    vpc: Vpc | None
    permissions_boundary: str
    log_retention_days: int
    tags: Mapping[str, str]
    organization_id: str
    stack_set: StackSet | None
    reserved_concurrency: int | None

    @classmethod
    def of(cls, settings: Settings) -> "DeploymentOptions":
        """Read the section."""
        section = settings.section("deployment")
        return cls(
            kms_key_arn=section["kms_key_arn"] or "",
            vpc=_vpc(section["vpc"]),
            permissions_boundary=section["permissions_boundary"] or "",
            log_retention_days=section["log_retention_days"],
            tags=section["tags"],
            organization_id=section["organization_id"] or "",
            stack_set=_stack_set(section["stack_set"]),
            reserved_concurrency=section["reserved_concurrency"],
        )


def _vpc(section: Mapping[str, Any] | None) -> Vpc | None:
    return Vpc(tuple(section["subnet_ids"]), tuple(section["security_group_ids"])) if section else None


def _stack_set(section: Mapping[str, Any] | None) -> StackSet | None:
    return StackSet(tuple(section["organizational_units"]), section["call_as"]) if section else None

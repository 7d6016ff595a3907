"""AWS::IAM."""

from collections.abc import Iterator
from typing import Any

from emulator.cloudformation.providers.provider import (
    Created,
    Properties,
    ResourceProvider,
    StackLocation,
    as_json,
    as_list,
    only,
)


class RoleProvider(ResourceProvider):
    """A role with its policies."""

    properties = frozenset(
        {
            *("AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "MaxSessionDuration", "Path"),
            *("PermissionsBoundary", "Policies", "RoleName", "Tags"),
        }
    )
    replacing = frozenset({"Path", "RoleName"})
    named_by = ("RoleName", 64)

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        role = aws.call(
            "iam",
            "CreateRole",
            RoleName=name,
            AssumeRolePolicyDocument=as_json(properties["AssumeRolePolicyDocument"]),
            Tags=as_list(properties.get("Tags")),
            **only(properties, ("Description", "MaxSessionDuration", "Path", "PermissionsBoundary")),
        )["Role"]
        self._grant(aws, name, properties, {})
        return Created(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Change its trust policy, its boundary and its policies."""
        name = created.physical_id
        document = as_json(properties["AssumeRolePolicyDocument"])
        aws.call("iam", "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=document)
        if "PermissionsBoundary" in properties:
            boundary = properties["PermissionsBoundary"]
            aws.call("iam", "PutRolePermissionsBoundary", RoleName=name, PermissionsBoundary=boundary)
        elif "PermissionsBoundary" in previous:
            aws.call("iam", "DeleteRolePermissionsBoundary", RoleName=name)
        self._grant(aws, name, properties, previous)
        return created

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        name = created.physical_id
        for arn in properties.get("ManagedPolicyArns", ()):
            aws.delete("iam", "DetachRolePolicy", RoleName=name, PolicyArn=arn)
        for policy in properties.get("Policies", ()):
            aws.delete("iam", "DeleteRolePolicy", RoleName=name, PolicyName=policy["PolicyName"])
        aws.delete("iam", "DeleteRole", RoleName=name)

    def _grant(self, aws: StackLocation, name: str, properties: Properties, previous: Properties) -> None:
        wanted, had = (set(each.get("ManagedPolicyArns", ())) for each in (properties, previous))
        for arn in sorted(wanted - had):
            aws.call("iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)
        for arn in sorted(had - wanted):
            aws.call("iam", "DetachRolePolicy", RoleName=name, PolicyArn=arn)
        inline, gone = dict(_inline(properties)), dict(_inline(previous))
        for policy, document in inline.items():
            aws.call("iam", "PutRolePolicy", RoleName=name, PolicyName=policy, PolicyDocument=document)
        for policy in gone.keys() - inline.keys():
            aws.call("iam", "DeleteRolePolicy", RoleName=name, PolicyName=policy)


class ManagedPolicyProvider(ResourceProvider):
    """A customer-managed policy, attached to roles."""

    properties = frozenset({"Description", "ManagedPolicyName", "Path", "PolicyDocument", "Roles"})
    replacing = frozenset({"Description", "ManagedPolicyName", "Path"})
    named_by = ("ManagedPolicyName", 128)

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        document = as_json(properties["PolicyDocument"])
        more = only(properties, ("Description", "Path"))
        arn = aws.call("iam", "CreatePolicy", PolicyName=name, PolicyDocument=document, **more)["Policy"]["Arn"]
        for role in properties.get("Roles", ()):
            aws.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)
        return Created(arn, {"PolicyArn": arn})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Replace its version."""
        arn = created.physical_id
        old = aws.call("iam", "ListPolicyVersions", PolicyArn=arn)["Versions"]
        document = as_json(properties["PolicyDocument"])
        aws.call("iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
        for version in old:
            aws.call("iam", "DeletePolicyVersion", PolicyArn=arn, VersionId=version["VersionId"])
        wanted, had = set(properties.get("Roles", ())), set(previous.get("Roles", ()))
        for role in sorted(wanted - had):
            aws.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)
        for role in sorted(had - wanted):
            aws.call("iam", "DetachRolePolicy", RoleName=role, PolicyArn=arn)
        return created

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        for role in properties.get("Roles", ()):
            aws.delete("iam", "DetachRolePolicy", RoleName=role, PolicyArn=created.physical_id)
        aws.delete("iam", "DeletePolicy", PolicyArn=created.physical_id)


class PolicyProvider(ResourceProvider):
    """An inline policy of roles."""

    properties = frozenset({"PolicyDocument", "PolicyName", "Roles"})
    replacing = frozenset({"PolicyName"})
    named_by = ("PolicyName", 128)

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        """Put it into its roles."""
        document = as_json(properties["PolicyDocument"])
        for role in properties["Roles"]:
            aws.call("iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=document)
        return Created(name)

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Put it again, and remove it from other roles."""
        for role in set(previous["Roles"]) - set(properties["Roles"]):
            aws.call("iam", "DeleteRolePolicy", RoleName=role, PolicyName=created.physical_id)
        return self.create(aws, created.physical_id, properties)

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        """Remove it from its roles."""
        for role in properties["Roles"]:
            aws.delete("iam", "DeleteRolePolicy", RoleName=role, PolicyName=created.physical_id)


def _inline(properties: Properties) -> Iterator[tuple[str, Any]]:
    for policy in properties.get("Policies", ()):
        yield policy["PolicyName"], as_json(policy["PolicyDocument"])

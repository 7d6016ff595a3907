"""AWS::IAM."""

from collections.abc import Iterator
from typing import Any

from emulator.cloudformation.providers.provider import Kind, Made, Place, Properties, as_json, as_list, only


class Role(Kind):
    """A role with its policies."""

    properties = frozenset(
        {
            *("AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "MaxSessionDuration", "Path"),
            *("PermissionsBoundary", "Policies", "RoleName", "Tags"),
        }
    )
    replacing = frozenset({"Path", "RoleName"})
    named_by = ("RoleName", 64)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        role = place.call(
            "iam",
            "CreateRole",
            RoleName=name,
            AssumeRolePolicyDocument=as_json(given["AssumeRolePolicyDocument"]),
            Tags=as_list(given.get("Tags")),
            **only(given, ("Description", "MaxSessionDuration", "Path", "PermissionsBoundary")),
        )["Role"]
        self._grant(place, name, given, {})
        return Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change who may assume it, and what it may do."""
        name = made.physical_id
        document = as_json(given["AssumeRolePolicyDocument"])
        place.call("iam", "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=document)
        if "PermissionsBoundary" in given:
            boundary = given["PermissionsBoundary"]
            place.call("iam", "PutRolePermissionsBoundary", RoleName=name, PermissionsBoundary=boundary)
        elif "PermissionsBoundary" in before:
            place.call("iam", "DeleteRolePermissionsBoundary", RoleName=name)
        self._grant(place, name, given, before)
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        name = made.physical_id
        for arn in given.get("ManagedPolicyArns", ()):
            place.end("iam", "DetachRolePolicy", RoleName=name, PolicyArn=arn)
        for policy in given.get("Policies", ()):
            place.end("iam", "DeleteRolePolicy", RoleName=name, PolicyName=policy["PolicyName"])
        place.end("iam", "DeleteRole", RoleName=name)

    def _grant(self, place: Place, name: str, given: Properties, before: Properties) -> None:
        wanted, had = (set(each.get("ManagedPolicyArns", ())) for each in (given, before))
        for arn in sorted(wanted - had):
            place.call("iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)
        for arn in sorted(had - wanted):
            place.call("iam", "DetachRolePolicy", RoleName=name, PolicyArn=arn)
        inline, gone = dict(_inline(given)), dict(_inline(before))
        for policy, document in inline.items():
            place.call("iam", "PutRolePolicy", RoleName=name, PolicyName=policy, PolicyDocument=document)
        for policy in gone.keys() - inline.keys():
            place.call("iam", "DeleteRolePolicy", RoleName=name, PolicyName=policy)


class ManagedPolicy(Kind):
    """A policy of the account's own, attached to roles."""

    properties = frozenset({"Description", "ManagedPolicyName", "Path", "PolicyDocument", "Roles"})
    replacing = frozenset({"Description", "ManagedPolicyName", "Path"})
    named_by = ("ManagedPolicyName", 128)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        document = as_json(given["PolicyDocument"])
        more = only(given, ("Description", "Path"))
        arn = place.call("iam", "CreatePolicy", PolicyName=name, PolicyDocument=document, **more)["Policy"]["Arn"]
        for role in given.get("Roles", ()):
            place.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)
        return Made(arn, {"PolicyArn": arn})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Make a new version its only one."""
        arn = made.physical_id
        old = place.call("iam", "ListPolicyVersions", PolicyArn=arn)["Versions"]
        document = as_json(given["PolicyDocument"])
        place.call("iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
        for version in old:
            place.call("iam", "DeletePolicyVersion", PolicyArn=arn, VersionId=version["VersionId"])
        wanted, had = set(given.get("Roles", ())), set(before.get("Roles", ()))
        for role in sorted(wanted - had):
            place.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)
        for role in sorted(had - wanted):
            place.call("iam", "DetachRolePolicy", RoleName=role, PolicyArn=arn)
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        for role in given.get("Roles", ()):
            place.end("iam", "DetachRolePolicy", RoleName=role, PolicyArn=made.physical_id)
        place.end("iam", "DeletePolicy", PolicyArn=made.physical_id)


class Policy(Kind):
    """A policy inside roles."""

    properties = frozenset({"PolicyDocument", "PolicyName", "Roles"})
    replacing = frozenset({"PolicyName"})
    named_by = ("PolicyName", 128)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Put it into its roles."""
        document = as_json(given["PolicyDocument"])
        for role in given["Roles"]:
            place.call("iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=document)
        return Made(name)

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Put it again, and take it out of other roles."""
        for role in set(before["Roles"]) - set(given["Roles"]):
            place.call("iam", "DeleteRolePolicy", RoleName=role, PolicyName=made.physical_id)
        return self.create(place, made.physical_id, given)

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Take it out of its roles."""
        for role in given["Roles"]:
            place.end("iam", "DeleteRolePolicy", RoleName=role, PolicyName=made.physical_id)


def _inline(given: Properties) -> Iterator[tuple[str, Any]]:
    for policy in given.get("Policies", ()):
        yield policy["PolicyName"], as_json(policy["PolicyDocument"])

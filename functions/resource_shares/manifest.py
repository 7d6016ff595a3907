"""What triggers the resource shares automation, what it may do and how it is configured."""

from datetime import timedelta

from functions.shared.automation import (
    Automation,
    Check,
    Condition,
    EventTrigger,
    Permission,
    ScheduleTrigger,
    recorded,
    section,
)

_OUR_SHARE = "arn:{partition}:ram:*:{account}:resource-share/*"
_PRINCIPAL = "ram:Principal"
_NO_RESOURCE = "the action takes no resource"
_RESOURCES_OF_OTHERS = (
    "aws ram list-resources --region {region} --resource-owner OTHER-ACCOUNTS --resource-share-arns {resource}"
)
_SHARED_WITH_US = "ram/home?region={region}#SharedResourceShares:"
_SHARED_BY_US = "ram/home?region={region}#OwnedResourceShares:"
"""Source: https://docs.aws.amazon.com/ram/latest/userguide/working-with-sharing-update.html."""
_REMOVES = "removes principals that are not allowed from shares of the account itself"
_NAMED = Condition("Null", _PRINCIPAL, values=("false",))

AUTOMATION = Automation(
    name="resource_shares",
    summary="Audits AWS RAM resource shares in both directions, and removes principals that are not allowed",
    handler="functions.resource_shares.handler.lambda_handler",
    run="functions.resource_shares.handler.run",
    services=("ram",),
    settings=section(
        "Audit shares of others by the trust rules of ram_invitations, and ours by allowed_principals.",
        mode={
            "enum": ["off", "plan", "apply"],
            "default": "plan",
            "description": "off: not looked at; plan: findings only; apply: principals not allowed are removed.",
        },
        allowed_principals={
            "title": "a list of principals, each an account number in quotes, an ARN or a service, or null",
            "anyOf": [
                {
                    "type": "array",
                    "uniqueItems": True,
                    "items": {
                        "type": "string",
                        "title": "an account number in quotes, the ARN of an organization, unit, role or user, "
                        "or a service such as network-firewall.amazonaws.com",
                        "pattern": "^([0-9]{12}"
                        "|arn:aws[a-z-]*:(iam|organizations)::[0-9]{12}:[^\\s*?]+"
                        "|[a-z0-9.-]+\\.amazonaws\\.com(\\.cn)?)$",
                    },
                },
                {"type": "null"},
            ],
            "default": None,
            "description": "With whom the account may share, each exactly. null: not judged; []: with nobody.",
        },
        change_limit_per_run={
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "default": 20,
            "description": "How many principals one run removes at most, per account and Region.",
        },
    ),
    checks=(
        Check(
            "inbound-owner-untrusted",
            "HIGH",
            "Account {owningAccountId} shares {name!r} with {account}, and no rule covers it",
            "Find out who accepted the share and why; the command lists what is in it. "
            "Then add a rule to ram_invitations.trust and deploy, or leave the share as the runbook says.",
            command=_RESOURCES_OF_OTHERS,
            console=_SHARED_WITH_US,
            supersedes=("inbound-content-not-allowed", "inbound-resource-unavailable"),
        ),
        Check(
            "inbound-content-not-allowed",
            "HIGH",
            "The share {name!r} of account {owningAccountId} holds {type}, which its rule does not cover",
            "Ask account {owningAccountId} why it put this into the share; the command lists what is in it. "
            "Then add the type to the rule and deploy, or leave the share as the runbook says.",
            command=_RESOURCES_OF_OTHERS,
            console=_SHARED_WITH_US,
        ),
        Check(
            "inbound-resource-unavailable",
            "MEDIUM",
            "The share {name!r} of account {owningAccountId} holds {type} that is {status}",
            "Look at the state of the resources with the command. "
            "Only account {owningAccountId} can mend it: send it the reason.",
            command=_RESOURCES_OF_OTHERS,
            console=_SHARED_WITH_US,
        ),
        Check(
            "outbound-principal-not-allowed",
            "HIGH",
            "Principal {associatedEntity} has the share {name!r}, and allowed_principals does not name it",
            "Decide whether the principal may have the share. The command takes the access away at once; "
            "to allow it, add the principal to resource_shares.allowed_principals and deploy.",
            command="aws ram disassociate-resource-share --region {region} "
            "--resource-share-arn {resource} --principals {associatedEntity}",
            console=_SHARED_BY_US,
        ),
        Check(
            "outbound-external-allowed",
            "LOW",
            "The share {name!r} admits principals outside the organization, and none has it",
            "Close the share with the command, unless you are about to invite a principal outside the organization. "
            "It takes access from nobody.",
            command="aws ram update-resource-share --region {region} "
            "--resource-share-arn {resource} --no-allow-external-principals",
            console=_SHARED_BY_US,
        ),
        Check(
            "outbound-invitation-expired",
            "MEDIUM",
            "Principal {associatedEntity} did not accept the share {name!r} in time",
            "Ask the principal whether it still wants the share. "
            "Then remove it from the share and add it again, which makes a new invitation, as the runbook says. "
            "The command shows the state of all principals of the share.",
            command="aws ram get-resource-share-associations --region {region} "
            "--association-type PRINCIPAL --resource-share-arns {resource}",
            console=_SHARED_BY_US,
        ),
        Check(
            "association-failed",
            "MEDIUM",
            "RAM could not associate {associatedEntity} with the share {name!r}",
            "Read RAM's message in the reason and mend its cause. "
            "Then associate it again, or remove it from the share, as the runbook says. "
            "The command shows the state of all associations of this kind.",
            command="aws ram get-resource-share-associations --region {region} "
            "--association-type {associationType} --resource-share-arns {resource}",
            console=_SHARED_BY_US,
        ),
        Check(
            "share-failed",
            "MEDIUM",
            "The share {name!r} of account {owningAccountId} has failed",
            "Read RAM's message in the reason; the command shows the share. "
            "Its owner, account {owningAccountId}, has to delete it and make it anew.",
            command="aws ram get-resource-shares --region {region} "
            "--resource-owner {resourceOwner} --resource-share-arns {resource}",
            console="ram/home?region={region}",
            supersedes=("association-failed", "inbound-resource-unavailable"),
        ),
    ),
    resource=r"arn:[^:\s]+:ram:[^:\s]*:\d*:resource-share/[^\s*?]+",
    permissions=(
        Permission(
            "ram:GetResourceShares",
            reason=f"lists our shares and those of others; {_NO_RESOURCE}",
        ),
        Permission(
            "ram:GetResourceShareAssociations",
            reason=f"lists principals, and what could not be associated; reads a removal back; {_NO_RESOURCE}",
        ),
        Permission(
            "ram:ListResources",
            reason=f"lists what others share with us, and what outsiders get; {_NO_RESOURCE}",
        ),
        Permission(
            "ram:GetResourcePolicies",
            reason=f"tells what a principal that is not allowed may do; {_NO_RESOURCE}",
        ),
        Permission(
            "ram:DisassociateResourceShare",
            reason=f"{_REMOVES}; never one that is allowed",
            resources=(_OUR_SHARE,),
            conditions=(_NAMED, Condition("StringNotEquals", _PRINCIPAL, setting="allowed_principals[*]")),
            needs={"mode": "apply"},
            changes=True,
        ),
        Permission(
            "ram:DisassociateResourceShare",
            reason=f"{_REMOVES}; the list says that none is",
            resources=(_OUR_SHARE,),
            conditions=(_NAMED,),
            needs={"mode": "apply", "allowed_principals": []},
            changes=True,
        ),
        Permission(
            "ram:TagResource",
            reason="writes on a share what was removed from it and why, under one key",
            resources=(_OUR_SHARE,),
            conditions=(
                Condition("Null", "aws:TagKeys", values=("false",)),
                Condition("ForAllValues:StringEquals", "aws:TagKeys", values=("watchkeeper:removed-principal",)),
            ),
            needs={"mode": "apply"},
            changes=True,
        ),
    ),
    triggers=(
        EventTrigger(
            "sharing-state-changed",
            {"source": ["aws.ram"], "detail-type": ["Resource Sharing State Change"]},
        ),
        EventTrigger(
            "share-changed",
            recorded(
                ("ram",),
                [
                    "CreateResourceShare",
                    "UpdateResourceShare",
                    "DeleteResourceShare",
                    "AssociateResourceShare",
                    "DisassociateResourceShare",
                ],
            ),
        ),
        ScheduleTrigger("hourly", timedelta(hours=1)),
    ),
)

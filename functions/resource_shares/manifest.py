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
            "Share of an owner in no rule",
            "Find out who accepted it and why; then trust the owner, or have us taken out.",
        ),
        Check(
            "inbound-content-not-allowed",
            "HIGH",
            "Share holds what its rule does not cover",
            "Ask the owner why it was put in; add the type to the rule, or leave the share.",
        ),
        Check(
            "inbound-resource-unavailable",
            "MEDIUM",
            "Shared resource cannot be used",
            "Ask the owner about the state of the resource.",
        ),
        Check(
            "outbound-principal-not-allowed",
            "HIGH",
            "Share reaches a principal that is not allowed",
            "Remove the principal from the share, or add it to allowed_principals.",
        ),
        Check(
            "outbound-external-allowed",
            "LOW",
            "Share admits principals outside the organization",
            "Close the share to principals outside the organization: nobody needs it open.",
        ),
        Check(
            "outbound-invitation-expired",
            "MEDIUM",
            "Invited principal did not answer in time",
            "Share again and inform the receiver, or remove the principal.",
        ),
        Check(
            "association-failed",
            "MEDIUM",
            "Association with a share failed",
            "Read the message; mend the cause, then associate it again or remove it.",
        ),
        Check(
            "share-failed", "MEDIUM", "Share failed", "Read the message; the owner of the share has to make it anew."
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

"""What triggers the RAM invitations automation, what it may do and how it is configured."""

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

_INVITATION = "arn:{partition}:ram:*:*:resource-share-invitation/*"
_SENDER = "ram:ShareOwnerAccountId"
_SHARE_NAME = "ram:ResourceShareName"
_NO_RESOURCE = "the action takes no resource"

_TRUST_RULE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "accounts"],
    "description": "Whom to trust, how far. The first whose accounts, Regions and share names match decides.",
    "properties": {
        "name": {"type": "string", "minLength": 1, "description": "Stands in the record of each acceptance."},
        "accounts": {
            "type": "array",
            "minItems": 1,
            "items": {"$ref": "#/$defs/account"},
            "description": "The senders: account numbers, in quotes.",
        },
        "resource_types": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "string",
                "title": "a resource type such as ec2:TransitGateway",
                "pattern": "^[A-Za-z0-9-]+:[A-Za-z0-9-]+$",
            },
            "description": "What a share may hold. Absent: every type that can be left again.",
        },
        "share_names": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "minLength": 1},
            "description": "Globs over the whole name, which is free text and may only narrow. Absent: any.",
        },
        "regions": {
            "type": "array",
            "minItems": 1,
            "items": {"$ref": "#/$defs/region"},
            "description": "Absent: every Region in scope.",
        },
        "allow_irreversible": {
            "type": "boolean",
            "default": False,
            "description": "Accept also what the receiver cannot leave again by itself.",
        },
    },
}

AUTOMATION = Automation(
    name="ram_invitations",
    summary="Accepts AWS RAM resource-share invitations under the trust policy, and holds the rest",
    handler="functions.ram_invitations.handler.lambda_handler",
    run="functions.ram_invitations.handler.run",
    services=("ram",),
    settings=section(
        "Accept RAM invitations from trusted senders, hold the rest, warn before they expire.",
        mode={
            "enum": ["off", "plan", "apply"],
            "default": "plan",
            "description": "off: not looked at; plan: findings only; apply: trusted invitations are accepted.",
        },
        trust={
            "type": "array",
            "default": [],
            "items": _TRUST_RULE,
            "description": "The trust rules, in order.",
        },
        untrusted={
            "enum": ["hold", "reject"],
            "default": "hold",
            "description": "What becomes of an invitation from a sender in no rule.",
        },
        accept_limit_per_run={
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "default": 50,
            "description": "How many invitations one run answers at most, per account and Region.",
        },
        flood_limit={
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "default": 200,
            "description": "More pending invitations than this from senders in no rule are one finding.",
        },
        warn_at_remaining={
            "type": "number",
            "exclusiveMinimum": 0,
            "exclusiveMaximum": 1,
            "default": 0.5,
            "description": "Share of the invitation's clock that is left when a pending one is reported.",
        },
    ),
    checks=(
        Check(
            "invitation-untrusted",
            "MEDIUM",
            "Invitation from a sender in no rule",
            "Ask the sender what it is for; then trust the sender, or reject the invitation.",
        ),
        Check(
            "invitation-type-not-allowed",
            "MEDIUM",
            "Invitation holds a type that its rule does not cover",
            "Add the type to the rule, or ask the sender to share it separately.",
        ),
        Check(
            "invitation-irreversible",
            "MEDIUM",
            "Invitation holds a type that cannot be left again",
            "Only the owner can undo an acceptance: set allow_irreversible, or accept by hand.",
        ),
        Check(
            "invitation-empty",
            "LOW",
            "Invitation holds nothing yet",
            "Ask the sender to put in what it shares; it is looked into again in each sweep.",
        ),
        Check(
            "invitation-expiring",
            "HIGH",
            "Invitation expires soon",
            "Answer it before the deadline, or the owner has to share again.",
        ),
        Check(
            "invitation-missed",
            "HIGH",
            "Invitation expired unanswered",
            "Ask the owner to share again, and find out why it was not answered in time.",
        ),
        Check(
            "invitation-flood",
            "HIGH",
            "Many invitations from senders in no rule",
            "List the senders; reject what is not wanted, and report abuse to AWS.",
        ),
        Check(
            "accept-failed",
            "HIGH",
            "Invitation could not be answered",
            "Read the error; accept by hand if the deadline is near.",
        ),
        Check(
            "share-unavailable",
            "MEDIUM",
            "Accepted share cannot be used",
            "Ask the owner about the state of the share and of its resources.",
        ),
    ),
    resource=r"arn:[^:\s]+:ram:[^:\s]*:\d*:resource-share-invitation/[^\s*?]+",
    permissions=(
        Permission(
            "ram:GetResourceShareInvitations",
            reason=f"lists what is pending; {_NO_RESOURCE}",
        ),
        Permission(
            "ram:ListPendingInvitationResources",
            reason="looks inside a share before it is accepted",
            resources=(_INVITATION,),
        ),
        Permission(
            "ram:GetResourceShares",
            reason=f"verifies that an accepted share became ACTIVE; {_NO_RESOURCE}",
            needs={"mode": "apply"},
        ),
        Permission(
            "ram:ListResources",
            reason=f"verifies that the resources of an accepted share became AVAILABLE; {_NO_RESOURCE}",
            needs={"mode": "apply"},
        ),
        Permission(
            "ram:AcceptResourceShareInvitation",
            reason="accepts what the trust policy covers: its senders, their names of shares, in their Regions",
            resources=(_INVITATION,),
            for_each="trust",
            conditions=(
                Condition("StringEquals", _SENDER, setting="accounts[*]"),
                Condition("StringLike", _SHARE_NAME, setting="share_names[*]", when_empty="no-condition"),
                Condition("StringEquals", "aws:RequestedRegion", setting="regions[*]", when_empty="no-condition"),
            ),
            needs={"mode": "apply"},
            changes=True,
        ),
        Permission(
            "ram:RejectResourceShareInvitation",
            reason="rejects what comes from a sender in no rule, never from one in a rule",
            resources=(_INVITATION,),
            conditions=(
                Condition("Null", _SENDER, values=("false",)),
                Condition("StringNotEquals", _SENDER, setting="trust[*].accounts[*]", when_empty="no-condition"),
            ),
            needs={"mode": "apply", "untrusted": "reject"},
            changes=True,
        ),
    ),
    triggers=(
        EventTrigger(
            "sharing-state-changed",
            {"source": ["aws.ram"], "detail-type": ["Resource Sharing State Change"]},
        ),
        EventTrigger(
            "invitation-answered",
            recorded(("ram",), ["AcceptResourceShareInvitation", "RejectResourceShareInvitation"]),
        ),
        ScheduleTrigger("hourly", timedelta(hours=1)),
    ),
)

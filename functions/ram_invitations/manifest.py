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

_LOOK_INSIDE = "aws ram list-pending-invitation-resources --region {region} --resource-share-invitation-arn {resource}"
LOOK_INTO_ACCEPTED = (
    "aws ram list-resources --region {region} --resource-owner OTHER-ACCOUNTS --resource-share-arns {share_arn}"
)
REJECT_BY_HAND = "aws ram reject-resource-share-invitation --region {region} --resource-share-invitation-arn {resource}"
_ACCEPT_BY_HAND = (
    "aws ram accept-resource-share-invitation --region {region} --resource-share-invitation-arn {resource}"
)
_CONSOLE = "ram/home?region={region}#SharedResourceShares:"
"""Source: https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-invitations.html."""
_WHY_IT_WAITS = (
    "invitation-untrusted",
    "invitation-type-not-allowed",
    "invitation-irreversible",
    "invitation-empty",
    "accept-failed",
)
"""Each says why an invitation is still pending; the reason of the warning says it too."""

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
            "Account {senderAccountId} invites {account} to the share {name!r}, and no rule covers it",
            "Ask account {senderAccountId} what the share is for, and look inside with the command. "
            "To accept it, add a rule to ram_invitations.trust and deploy; otherwise reject it. "
            "Nothing happens while it waits.",
            command=_LOOK_INSIDE,
            console=_CONSOLE,
        ),
        Check(
            "invitation-type-not-allowed",
            "MEDIUM",
            "The share {name!r} of account {senderAccountId} holds a type that its rule does not cover",
            "Ask account {senderAccountId} whether it meant to share this. Add the type to resource_types of the rule "
            "and deploy, or ask the account to take it out of the share.",
            command=_LOOK_INSIDE,
            console=_CONSOLE,
        ),
        Check(
            "invitation-irreversible",
            "MEDIUM",
            "The share {name!r} of account {senderAccountId} holds a type that {account} could not leave again",
            "Decide whether you want it for good: only account {senderAccountId} can undo an acceptance. "
            "Set allow_irreversible in the rule and deploy, or accept it by hand, or reject it.",
            command=_LOOK_INSIDE,
            console=_CONSOLE,
        ),
        Check(
            "invitation-empty",
            "LOW",
            "Account {senderAccountId} invites {account} to the share {name!r}, which holds nothing yet",
            "Ask account {senderAccountId} to put in what it wants to share. "
            "Watchkeeper looks into it in each sweep, and accepts it when its rule covers what is in it.",
            command=_LOOK_INSIDE,
            console=_CONSOLE,
        ),
        Check(
            "invitation-expiring",
            "HIGH",
            "The invitation of account {senderAccountId} to the share {name!r} expires soon",
            "Answer it before the deadline: the reason says why Watchkeeper did not. "
            "Look inside with the command, then accept or reject it by hand as the runbook says. "
            "After the deadline account {senderAccountId} has to share again.",
            command=_LOOK_INSIDE,
            console=_CONSOLE,
            supersedes=_WHY_IT_WAITS,
        ),
        Check(
            "invitation-missed",
            "HIGH",
            "The invitation of account {senderAccountId} to the share {name!r} expired unanswered",
            "Ask account {senderAccountId} to share with {account} again, which makes a new invitation, and find out "
            "why nobody answered this one. The command lists all invitations to the share.",
            command="aws ram get-resource-share-invitations --region {region} --resource-share-arns {resourceShareArn}",
            console=_CONSOLE,
            supersedes=(*_WHY_IT_WAITS, "invitation-expiring"),
        ),
        Check(
            "invitation-flood",
            "HIGH",
            "Many invitations from accounts in no rule wait in {account} {region}: {pending}",
            "List the senders with the command. Reject what you do not want, and report the senders to AWS; "
            "Watchkeeper goes on answering the accounts that a rule trusts.",
            command="aws ram get-resource-share-invitations --region {region} --output text --query "
            "\"resourceShareInvitations[?status=='PENDING'].[senderAccountId,resourceShareInvitationArn]\"",
            console=_CONSOLE,
        ),
        Check(
            "accept-failed",
            "HIGH",
            "Watchkeeper could not answer the invitation of account {senderAccountId} to the share {name!r}: {error}",
            "Find out why AWS refuses {operation}: `watchkeeper doctor` checks the roles and the control policies. "
            "Watchkeeper tries again in each sweep. If the deadline is near, run the command with your own rights: "
            "it does what the configuration asks for.",
            command=_ACCEPT_BY_HAND,
            console=_CONSOLE,
            supersedes=("invitation-untrusted",),
        ),
        Check(
            "share-unavailable",
            "MEDIUM",
            "The share {name!r} of account {senderAccountId} was accepted, and {account} cannot use it",
            "Look at the state of the share with the command. "
            "Only account {senderAccountId} can mend it: send it the reason.",
            command="aws ram get-resource-shares --region {region} --resource-owner OTHER-ACCOUNTS "
            "--resource-share-arns {share_arn}",
            console=_CONSOLE,
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

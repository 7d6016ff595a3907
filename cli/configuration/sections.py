"""The general sections of the configuration, as JSON Schema."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

Fragment = Mapping[str, Any]

LOG_RETENTIONS_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""The retentions that CloudWatch Logs accepts.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""

_UNIT = "ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}"


def _section(properties: Fragment, **more: Any) -> Fragment:
    return {"type": "object", "additionalProperties": False, **more, "properties": properties}


def _text(title: str, pattern: str, **more: Any) -> Fragment:
    return {"type": "string", "title": title, "pattern": pattern, **more}


def _text_or_null(title: str, pattern: str, description: str) -> Fragment:
    title = f"{title}, or null"
    return {"type": ["string", "null"], "title": title, "pattern": pattern, "default": None, "description": description}


def _section_or_null(properties: Fragment, required: list[str], description: str) -> Fragment:
    section = _section(properties, required=required)
    title = f"a section (keys: {', '.join(properties)}), or null"
    return {"title": title, "anyOf": [section, {"type": "null"}], "default": None, "description": description}


def _list(items: Fragment, **more: Any) -> Fragment:
    return {"type": "array", "minItems": 1, "uniqueItems": True, "items": items, **more}


DEFINITIONS: Fragment = {
    "account": _text("an account number: 12 digits in quotes", "^[0-9]{12}$"),
    "own_or_account": {
        "title": "self, or an account number: 12 digits in quotes",
        "anyOf": [{"const": "self"}, {"$ref": "#/$defs/account"}],
    },
    "region": _text("a Region such as eu-west-1", "^[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}$"),
}
"""The definitions that manifests may refer to, as ``#/$defs/account`` and ``#/$defs/region``."""

_OWN_OR_ACCOUNT, _REGION = {"$ref": "#/$defs/own_or_account"}, {"$ref": "#/$defs/region"}

VERSION: Fragment = {
    "const": 1,
    "title": "the number 1, the only version",
    "description": "The version of the file format.",
}

HUB = _section(
    {
        "account": {**_OWN_OR_ACCOUNT, "default": "self", "description": "self: the account of the credentials."},
        "region": {**_REGION, "default": "us-east-1", "description": "The home Region."},
    },
    description="Where Watchkeeper is deployed.",
)

_ALTERNATIVES = ("accounts", "organization", "organizational_units")

SCOPE = _section(
    {
        "accounts": _list(
            _OWN_OR_ACCOUNT,
            description="self, or account numbers in quotes. [self] if no other key names the accounts.",
        ),
        "organization": {
            "const": True,
            "title": "true, or no such key",
            "description": "Every active account of the organization.",
        },
        "organizational_units": _list(
            _text("the id of an organizational unit, such as ou-ab12-cd34ef56", f"^{_UNIT}$"),
            description="Every active account below these organizational units.",
        ),
        "exclude_accounts": {
            "type": "array",
            "uniqueItems": True,
            "items": _OWN_OR_ACCOUNT,
            "default": [],
            "description": "Excluded, whichever key names the accounts.",
        },
        "regions": {
            "title": "a list of Regions such as eu-west-1, or the word enabled",
            "anyOf": [_list(_REGION), {"const": "enabled"}],
            "default": ["us-east-1", "eu-west-1"],
            "description": "enabled: every Region that is enabled in the account.",
        },
        "spoke_role": _text(
            "the name of a role: up to 58 letters, digits and characters of +=,.@_-",
            "^[A-Za-z0-9_+=,.@-]{1,58}$",
            default="watchkeeper-spoke",
            description="Assumed in every account except the hub's, to read; to change, the name ends in -apply.",
        ),
        "external_id": _text(
            "empty text, or 2 to 1224 letters, digits and characters of +=,.@:/_-",
            "^([A-Za-z0-9_+=,.@:/-]{2,1224})?$",
            default="",
            description="Required by the spoke role, if it is not empty.",
        ),
    },
    description="The accounts and Regions that are watched.",
    **{
        "not": {
            "title": "only one of accounts, organization and organizational_units",
            "type": "object",
            "anyOf": [{"required": [*pair]} for pair in combinations(_ALTERNATIVES, 2)],
        }
    },
)

REPORT = _section(
    {
        "retention_days": {
            "type": "integer",
            "minimum": 1,
            "maximum": 3653,
            "default": 400,
            "description": "How long reports and closed items of the ledger are kept.",
        },
        "object_lock": {
            "type": "boolean",
            "default": False,
            "description": "Nobody can delete or overwrite a report for so long. It cannot be switched off again.",
        },
    },
    description="How long history is kept.",
)

REMOVAL: Fragment = {
    "enum": ["retain", "destroy"],
    "default": "retain",
    "description": "Whether the ledger is kept when the stack is destroyed.",
}

DEPLOYMENT = _section(
    {
        "kms_key_arn": _text_or_null(
            "the ARN of a KMS key in the hub's Region",
            "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$",
            "Encrypts ledger, queues, topic, logs and environments. null: AWS's own keys do.",
        ),
        "vpc": _section_or_null(
            {
                "subnet_ids": _list(
                    _text("the id of a subnet such as subnet-0123abcd", "^subnet-[0-9a-f]{8,17}$"),
                    maxItems=16,
                    description="Of the functions' network interfaces; they must reach AWS.",
                ),
                "security_group_ids": _list(
                    _text("the id of a security group such as sg-0123abcd", "^sg-[0-9a-f]{8,17}$"),
                    maxItems=16,
                    description="Of those network interfaces.",
                ),
            },
            ["subnet_ids", "security_group_ids"],
            "The functions run in this VPC. null: in no VPC.",
        ),
        "permissions_boundary": _text_or_null(
            "the ARN of an IAM policy",
            "^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]{1,512}$",
            "Of every role; in other accounts, the policy of the same name. null: none.",
        ),
        "log_retention_days": {
            "enum": [*LOG_RETENTIONS_DAYS],
            "default": 90,
            "description": "How long the functions' logs are kept.",
        },
        "tags": {
            "type": "object",
            "maxProperties": 49,
            "propertyNames": _text(
                "keys that AWS takes: up to 128 characters, not beginning with aws:",
                "^(?!aws:)[A-Za-z0-9 _.:/=+@-]{1,128}$",
            ),
            "additionalProperties": _text(
                "up to 256 letters, digits, spaces and characters of _.:/=+@-", "^[A-Za-z0-9 _.:/=+@-]{0,256}$"
            ),
            "default": {},
            "description": "On every resource with tags, besides application: watchkeeper.",
        },
        "organization_id": _text_or_null(
            "the id of an organization such as o-exampleorgid",
            "^o-[a-z0-9]{10,32}$",
            "Spoke roles trust only principals of this organization, and functions assume only roles in its accounts. "
            "null: not checked.",
        ),
        "stack_set": _section_or_null(
            {
                "organizational_units": _list(
                    _text(
                        "the id of an organizational unit such as ou-ab12-cd34ef56, or of the root",
                        f"^({_UNIT}|r-[0-9a-z]{{4,32}})$",
                    ),
                    maxItems=16,
                    description="Contain the accounts in scope; only these get a stack.",
                ),
                "call_as": {
                    "enum": ["SELF", "DELEGATED_ADMIN"],
                    "default": "SELF",
                    "description": "SELF: the hub is in the management account, which gets no stack.",
                },
            },
            ["organizational_units"],
            "Deploys spoke roles and forwarders to the accounts in scope. null: you deploy them.",
        ),
        "reserved_concurrency": {
            "title": "a number from 1 to 1000, or null",
            "anyOf": [{"type": "integer", "minimum": 1, "maximum": 1000}, {"type": "null"}],
            "default": None,
            "description": "Executions kept for each function that events trigger, and its most. null: none.",
        },
    },
    description="How the stacks are deployed; it does not change what is watched.",
)


def mutes(checks: Iterable[str]) -> Fragment:
    """Return the section ``mutes`` for findings of these *checks*."""

    def words(description: str) -> Fragment:
        return _text("text that is not empty", "\\S", description=description)

    any_check = {"type": "string", "title": "a glob of checks", "pattern": "[*?]"}
    mute = _section(
        {
            "resource": words("The finding's resource, an ARN, or a glob of it. Without it: any."),
            "check": {
                "title": "a check, or a glob of checks such as invitation-*",
                "anyOf": [{"enum": list(dict.fromkeys(checks))}, any_check],
                "description": "The finding's check, or a glob of it. Without it: any.",
            },
            "account": _text(
                "an account number in quotes, or a glob of it such as '1234*'",
                "^([0-9]{12}|[0-9?*]{0,11}[?*][0-9?*]{0,11})$",
                description="The finding's account, or a glob of it. Without it: any.",
            ),
            "reason": words("Why no alert is needed."),
            "owner": words("Who is responsible for it."),
            "expires": _text(
                "a date such as 2026-12-31, or a moment such as 2026-12-31T12:00:00Z",
                "^2[0-9]{3}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$",
                description="When it ends; a date means the end of that day in UTC.",
            ),
        },
        required=["reason", "owner", "expires"],
        title="a mute with a resource, a check or both",
        anyOf=[{"required": ["resource"]}, {"required": ["check"]}],
    )
    description = "Findings that are recorded but not alerted until a date; in a glob, * and ? mean something."
    return {"type": "array", "default": [], "description": description, "items": mute}

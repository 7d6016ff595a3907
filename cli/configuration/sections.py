"""The general sections of the configuration, as JSON Schema."""

from collections.abc import Iterable, Mapping
from typing import Any

LOG_RETENTIONS_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""The retentions that CloudWatch Logs accepts.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""

_SOME: Mapping[str, Any] = {"type": "array", "minItems": 1, "maxItems": 16, "uniqueItems": True}

DEFINITIONS: Mapping[str, Any] = {
    "account": {"type": "string", "title": "an account number: 12 digits in quotes", "pattern": "^[0-9]{12}$"},
    "own_or_account": {
        "title": "self, or an account number: 12 digits in quotes",
        "anyOf": [{"const": "self"}, {"$ref": "#/$defs/account"}],
    },
    "region": {"type": "string", "title": "a Region such as eu-west-1", "pattern": "^[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}$"},
}
"""The definitions that manifests may refer to, as ``#/$defs/account`` and ``#/$defs/region``."""

VERSION: Mapping[str, Any] = {
    "const": 1,
    "title": "the number 1, the only version",
    "description": "The version of the file format.",
}

HUB: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "Where Watchkeeper is deployed.",
    "properties": {
        "account": {
            "$ref": "#/$defs/own_or_account",
            "default": "self",
            "description": "self: the account of the credentials.",
        },
        "region": {"$ref": "#/$defs/region", "default": "us-east-1", "description": "The home Region."},
    },
}

_ALTERNATIVES = ("accounts", "organization", "organizational_units")

SCOPE: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "The accounts and Regions that are watched.",
    "not": {
        "title": "only one of accounts, organization and organizational_units",
        "type": "object",
        "anyOf": [
            {"required": [first, second]}
            for place, first in enumerate(_ALTERNATIVES)
            for second in _ALTERNATIVES[place + 1 :]
        ],
    },
    "properties": {
        "accounts": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"$ref": "#/$defs/own_or_account"},
            "description": "self, or account numbers in quotes. [self] if no other key names the accounts.",
        },
        "organization": {
            "const": True,
            "title": "true, or no such key",
            "description": "Every active account of the organization.",
        },
        "organizational_units": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {
                "type": "string",
                "title": "the id of an organizational unit, such as ou-ab12-cd34ef56",
                "pattern": "^ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$",
            },
            "description": "Every active account below these organizational units.",
        },
        "exclude_accounts": {
            "type": "array",
            "uniqueItems": True,
            "items": {"$ref": "#/$defs/own_or_account"},
            "default": [],
            "description": "Excluded, whichever key names the accounts.",
        },
        "regions": {
            "title": "a list of Regions such as eu-west-1, or the word enabled",
            "anyOf": [
                {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"$ref": "#/$defs/region"}},
                {"const": "enabled"},
            ],
            "default": ["us-east-1", "eu-west-1"],
            "description": "enabled: every Region that is enabled in the account.",
        },
        "spoke_role": {
            "type": "string",
            "title": "the name of a role: up to 64 letters, digits and characters of +=,.@_-",
            "pattern": "^[A-Za-z0-9_+=,.@-]{1,64}$",
            "default": "watchkeeper-spoke",
            "description": "Assumed in every account except the hub's.",
        },
        "external_id": {
            "type": "string",
            "title": "empty text, or 2 to 1224 letters, digits and characters of +=,.@:/_-",
            "pattern": "^([A-Za-z0-9_+=,.@:/-]{2,1224})?$",
            "default": "",
            "description": "Required by the spoke role, if it is not empty.",
        },
    },
}

REPORT: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "How long history is kept.",
    "properties": {
        "retention_days": {
            "type": "integer",
            "minimum": 1,
            "maximum": 3653,
            "default": 400,
            "description": "How long reports and closed items of the ledger are kept.",
        }
    },
}

REMOVAL: Mapping[str, Any] = {
    "enum": ["retain", "destroy"],
    "default": "retain",
    "description": "Whether the ledger is kept when the stack is destroyed.",
}


DEPLOYMENT: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "How the stacks are deployed; it does not change what is watched.",
    "properties": {
        "kms_key_arn": {
            "type": ["string", "null"],
            "title": "the ARN of a KMS key in the hub's Region, or null",
            "pattern": "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$",
            "default": None,
            "description": "Encrypts ledger, queues, topic, logs and environments. null: AWS's own keys do.",
        },
        "vpc": {
            "title": "a section (keys: subnet_ids, security_group_ids), or null",
            "anyOf": [
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["subnet_ids", "security_group_ids"],
                    "properties": {
                        "subnet_ids": {
                            **_SOME,
                            "items": {
                                "type": "string",
                                "title": "the id of a subnet such as subnet-0123abcd",
                                "pattern": "^subnet-[0-9a-f]{8,17}$",
                            },
                            "description": "Of the functions' network interfaces; they must reach AWS.",
                        },
                        "security_group_ids": {
                            **_SOME,
                            "items": {
                                "type": "string",
                                "title": "the id of a security group such as sg-0123abcd",
                                "pattern": "^sg-[0-9a-f]{8,17}$",
                            },
                            "description": "Of those network interfaces.",
                        },
                    },
                },
                {"type": "null"},
            ],
            "default": None,
            "description": "The functions run in this VPC. null: in no VPC.",
        },
        "permissions_boundary": {
            "type": ["string", "null"],
            "title": "the ARN of an IAM policy, or null",
            "pattern": "^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]{1,512}$",
            "default": None,
            "description": "Of every role; in other accounts, the policy of the same name. null: none.",
        },
        "log_retention_days": {
            "enum": [*LOG_RETENTIONS_DAYS],
            "default": 90,
            "description": "How long the functions' logs are kept.",
        },
        "tags": {
            "type": "object",
            "maxProperties": 49,
            "propertyNames": {
                "type": "string",
                "title": "keys that AWS takes: up to 128 characters, not beginning with aws:",
                "pattern": "^(?!aws:)[A-Za-z0-9 _.:/=+@-]{1,128}$",
            },
            "additionalProperties": {
                "type": "string",
                "title": "up to 256 letters, digits, spaces and characters of _.:/=+@-",
                "pattern": "^[A-Za-z0-9 _.:/=+@-]{0,256}$",
            },
            "default": {},
            "description": "On every resource with tags, besides application: watchkeeper.",
        },
        "organization_id": {
            "type": ["string", "null"],
            "title": "the id of an organization such as o-exampleorgid, or null",
            "pattern": "^o-[a-z0-9]{10,32}$",
            "default": None,
            "description": "The spoke roles trust only principals of this organization. null: not checked.",
        },
        "stack_set": {
            "title": "a section (keys: organizational_units, call_as), or null",
            "anyOf": [
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["organizational_units"],
                    "properties": {
                        "organizational_units": {
                            **_SOME,
                            "items": {
                                "type": "string",
                                "title": "the id of an organizational unit such as ou-ab12-cd34ef56, or of the root",
                                "pattern": "^(ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32})$",
                            },
                            "description": "Contain the accounts in scope; only these get a stack.",
                        },
                        "call_as": {
                            "enum": ["SELF", "DELEGATED_ADMIN"],
                            "default": "SELF",
                            "description": "SELF: the hub is in the management account, which gets no stack.",
                        },
                    },
                },
                {"type": "null"},
            ],
            "default": None,
            "description": "Deploys spoke roles and forwarders to the accounts in scope. null: you deploy them.",
        },
    },
}


def mutes(checks: Iterable[str]) -> Mapping[str, Any]:
    """Return the section ``mutes`` for findings of these *checks*."""
    words = {"type": "string", "title": "text that is not empty", "pattern": "\\S"}
    return {
        "type": "array",
        "default": [],
        "description": "Findings that are recorded but not alerted until a date.",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["resource", "check", "reason", "owner", "expires"],
            "properties": {
                "resource": {**words, "description": "The exact resource of the finding: an ARN."},
                "check": {"enum": list(dict.fromkeys(checks)), "description": "The finding's check."},
                "reason": {**words, "description": "Why no alert is needed."},
                "owner": {**words, "description": "Who is responsible for it."},
                "expires": {
                    "type": "string",
                    "title": "a date such as 2026-12-31, or a moment such as 2026-12-31T12:00:00Z",
                    "pattern": "^2[0-9]{3}-[0-9]{2}-[0-9]{2}"
                    "(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$",
                    "description": "When it ends; a date means the end of that day in UTC.",
                },
            },
        },
    }

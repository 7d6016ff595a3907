"""The usual script for many accounts: a Session for each, and in it a client for each service and Region.

With ``bare`` instead of ``sessions`` it makes the same calls with one account's clients: only the emulator allows that,
and it shows what the calls alone need.
"""

import json
import resource
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import boto3

Client = Callable[[str, str], Any]

VAULTS = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"


def enter(sts: Any, account: str) -> Client:
    """Assume the role of an account, and return a function that makes clients in it."""
    role = f"arn:aws:iam::{account}:role/watchkeeper-spoke"
    keys = sts.assume_role(RoleArn=role, RoleSessionName="script")["Credentials"]
    session: Any = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    return clients_of(session)


def clients_of(session: Any) -> Client:
    """Return a function that makes clients from a session."""
    return lambda service, region: session.client(service, region_name=region)


def list_account(client: Client, account: str, regions: list[str]) -> None:
    """List everything in an account."""
    client("s3control", "us-west-2").list_multi_region_access_points(AccountId=account)
    client("ssm-incidents", regions[0]).list_replication_sets()
    for region in regions:
        ram = client("ram", region)
        ram.get_resource_share_invitations()
        ram.get_resource_shares(resourceOwner="SELF")
        ram.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")
        client("backup", region).list_backup_vaults(ByVaultType=VAULTS)
        client("cloudhsmv2", region).describe_backups()


kind, accounts, regions = sys.argv[1], *(each.split(",") for each in sys.argv[2:])
sts = boto3.client("sts")
shared = lru_cache(maxsize=None)(clients_of(boto3.Session()))
for account in accounts:
    opened = enter(sts, account) if kind == "sessions" else shared
    if kind == "bare":
        sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/watchkeeper-spoke", RoleSessionName="script")
    list_account(opened, account, regions)
used = resource.getrusage(resource.RUSAGE_SELF)
json.dump({"cpu_seconds": used.ru_utime + used.ru_stime}, sys.stdout)

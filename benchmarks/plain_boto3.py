"""The usual script: it lists everything in some Regions, in one thread per service."""

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3

trusted, *regions = sys.argv[1:]
session: Any = boto3.Session()
account = session.client("sts").get_caller_identity()["Account"]


def listed(client: Any, operation: str, member: str, **parameters: str) -> list[Any]:
    """Return everything that an operation lists, page by page."""
    return [item for page in client.get_paginator(operation).paginate(**parameters) for item in page[member]]


def shares(clients: list[Any]) -> list[Any]:
    """List invitations, with the contents of the trusted ones, and shares in both directions."""
    found: list[Any] = []
    for ram in clients:
        invitations = listed(ram, "get_resource_share_invitations", "resourceShareInvitations")
        for invitation in invitations:
            if invitation["status"] == "PENDING" and invitation["senderAccountId"] == trusted:
                arn = invitation["resourceShareInvitationArn"]
                inside = ram.list_pending_invitation_resources(resourceShareInvitationArn=arn)
                invitation["resources"] = inside["resources"]
        found += invitations
        for owner in ("SELF", "OTHER-ACCOUNTS"):
            found += listed(ram, "get_resource_shares", "resourceShares", resourceOwner=owner)
    return found


def vaults(clients: list[Any]) -> list[Any]:
    """List air-gapped vaults."""
    kind = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
    return [v for backup in clients for v in listed(backup, "list_backup_vaults", "BackupVaultList", ByVaultType=kind)]


def replication_sets(clients: list[Any]) -> list[Any]:
    """List replication sets."""
    return listed(clients[0], "list_replication_sets", "replicationSetArns")


def backups(clients: list[Any]) -> list[Any]:
    """List the backups of hardware security modules."""
    return [backup for hsm in clients for backup in listed(hsm, "describe_backups", "Backups")]


def access_points(clients: list[Any]) -> list[Any]:
    """List Multi-Region Access Points."""
    found: list[Any] = clients[0].list_multi_region_access_points(AccountId=account)["AccessPoints"]
    return found


JOBS: dict[Callable[[list[Any]], list[Any]], tuple[str, list[str]]] = {
    shares: ("ram", regions),
    vaults: ("backup", regions),
    replication_sets: ("ssm-incidents", regions[:1]),
    backups: ("cloudhsmv2", regions),
    access_points: ("s3control", ["us-west-2"]),
}
clients = {job: [session.client(name, region_name=where) for where in places] for job, (name, places) in JOBS.items()}
with ThreadPoolExecutor(len(JOBS)) as pool:
    answers = dict(zip((job.__name__ for job in JOBS), pool.map(lambda job: job(clients[job]), JOBS), strict=True))
json.dump({"account": account, **answers}, sys.stdout, default=str)

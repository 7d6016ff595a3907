"""What people write instead: a script that lists the invitations of some Regions, and looks into the trusted ones."""

import json
import sys

import boto3

trusted, *regions = sys.argv[1:]
session = boto3.Session()
found = []
for region in regions:
    ram = session.client("ram", region_name=region)
    for page in ram.get_paginator("get_resource_share_invitations").paginate():
        for invitation in page["resourceShareInvitations"]:
            if invitation["status"] == "PENDING" and invitation["senderAccountId"] == trusted:
                arn = invitation["resourceShareInvitationArn"]
                inside = ram.list_pending_invitation_resources(resourceShareInvitationArn=arn)
                invitation["resources"] = inside["resources"]
            found.append(invitation)
account = session.client("sts").get_caller_identity()["Account"]
json.dump({"account": account, "invitations": found}, sys.stdout, default=str)

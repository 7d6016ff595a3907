"""The smallest program with boto3: one client, and one call if ``call`` is given."""

import sys

import boto3

ram = boto3.client("ram")
if "call" in sys.argv:
    ram.get_resource_share_invitations(maxResults=500)
print("answered", flush=True)

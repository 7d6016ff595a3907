"""The least that anybody starts with: one client of boto3, and one call if ``call`` is asked for."""

import sys

import boto3

ram = boto3.client("ram")
if "call" in sys.argv:
    ram.get_resource_share_invitations(maxResults=500)
print("answered", flush=True)

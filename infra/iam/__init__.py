"""Roles and their policies, made from the permissions that the manifests declare."""

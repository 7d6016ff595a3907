"""Accepts AWS RAM resource-share invitations under the trust policy."""

"""The emulated Organizations, as its own tests and others have it."""

from .test_lists import call, organization

__all__ = ["call", "organization"]

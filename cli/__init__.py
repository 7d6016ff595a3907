"""The watchkeeper command."""

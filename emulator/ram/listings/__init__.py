"""What RAM lists, in pages."""

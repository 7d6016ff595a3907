"""Text that is safe to show on a terminal."""

"""What RAM does when it is asked to change something."""

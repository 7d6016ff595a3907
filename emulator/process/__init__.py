"""The process that the emulator runs in: its credentials and its network."""

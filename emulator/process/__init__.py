"""The process in which the emulator runs: its clock, its credentials and its network."""

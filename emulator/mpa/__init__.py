"""AWS Multi-party approval as the emulator answers it: teams, and the sessions in which they decide."""

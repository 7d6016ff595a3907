"""What the emulator adds to moto, or changes in it."""

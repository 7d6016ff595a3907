"""The Amazon States Language, as far as the emulator runs it: pure, and without a clock."""

"""What a role's policies let its sessions do, where the emulator is told to judge that."""

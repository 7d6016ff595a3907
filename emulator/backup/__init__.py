"""AWS Backup as the emulator answers it: moto's, with air-gapped vaults, restore access to them, and its revocation."""

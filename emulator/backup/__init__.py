"""AWS Backup: moto's, with air-gapped vaults, restore access to them, and its revocation."""

"""What people silence without a deployment: what is asked for, its records in the ledger, and what it matches."""

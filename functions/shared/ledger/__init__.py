"""The ledger: one DynamoDB table, its records, and the list of accounts in scope."""

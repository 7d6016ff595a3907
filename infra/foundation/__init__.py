"""What all functions of a hub share: the ledger, the topic, the bus, the queues and the bucket of results."""

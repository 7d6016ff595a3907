"""Whether the hub that is deployed does its work: alarms, queues, sweeps, concurrency."""

"""AWS as a function calls it: clients, calls with their retries and rate limit, and the target of a run."""

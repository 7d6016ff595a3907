"""The diagnostics of the doctor, a module each: `diagnose` reads, and pure functions judge what it read."""

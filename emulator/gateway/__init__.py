"""How a call reaches the emulated services: in the process or over HTTP, with faults, a log and policies."""

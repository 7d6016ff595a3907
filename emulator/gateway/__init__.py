"""How a call reaches the emulated services: in process or over HTTP, with faults, a log and policies."""

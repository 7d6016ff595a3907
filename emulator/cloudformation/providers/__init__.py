"""How each type of resource is created, changed and deleted."""

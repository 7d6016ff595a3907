"""The resource providers: how each type of resource is created, updated and deleted."""

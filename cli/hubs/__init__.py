"""The hub that the command line works with: a deployed one, or an emulated one that it starts."""

"""Templates for accounts and Regions other than the hub's."""

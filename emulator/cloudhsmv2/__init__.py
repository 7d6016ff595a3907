"""AWS CloudHSM: clusters, and their backups, which are made daily, exempted, purged, copied and restored."""

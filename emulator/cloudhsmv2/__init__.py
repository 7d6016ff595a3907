"""The CloudHSM of the emulated AWS: clusters, and backups that come, are exempted, are purged, and can be restored."""

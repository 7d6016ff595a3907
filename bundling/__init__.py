"""The zips and the layer that are deployed: what is packed, how it is trimmed and compiled."""

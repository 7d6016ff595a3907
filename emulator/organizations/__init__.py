"""What moto's Organizations and Account Management lack: pages, the rights of callers, the Regions of accounts."""

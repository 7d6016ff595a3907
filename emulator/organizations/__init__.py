"""What moto's Organizations and Account Management lack: pages, who may ask, and the Regions of accounts."""

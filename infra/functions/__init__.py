"""Lambda functions, made from the manifests, with what triggers them."""

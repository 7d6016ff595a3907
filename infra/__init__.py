"""The CDK stacks, made from the manifests."""

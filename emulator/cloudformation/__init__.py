"""CloudFormation: stacks whose resources are created by ordinary calls."""

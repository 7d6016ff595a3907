"""CloudFormation: stacks of the resource types that our templates and the CDK's own have, made by ordinary calls."""

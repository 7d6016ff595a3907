"""Names of the manifests, as the ids of constructs, of which CloudFormation makes the names of resources."""


def logical(name: str) -> str:
    """Write a manifest's name as a construct's id."""
    return "".join(word.capitalize() for word in name.replace("-", "_").split("_"))

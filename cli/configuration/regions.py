"""The Regions that botocore knows; AWS may already have more."""

import json
from functools import cache
from importlib.resources import files


@cache
def known_regions() -> tuple[str, ...]:
    """Return the Regions of all partitions."""
    content = (files("botocore") / "data" / "partitions.json").read_text(encoding="utf-8")
    regions = (region for partition in json.loads(content)["partitions"] for region in partition["regions"])
    return tuple(region for region in regions if not region.endswith("-global"))

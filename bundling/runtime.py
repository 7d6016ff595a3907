"""What runs a deployed zip on this machine as Lambda does: its Python, and its runtime interface client.

``python -m bundling.runtime`` prints both as JSON.
"""

import json
import sys
from pathlib import Path

from bundling.archives import AssetError
from bundling.interpreter import VERSION, lambda_python
from bundling.packages import local_packages


def runtime_packages() -> Path:
    """Return a folder with Lambda's runtime interface client, and with the library that moves its clock.

    Raises:
        AssetError: there is no Python of the runtime's version, or they cannot be installed.
    """
    return local_packages("runtime", ("awslambdaric", "simplejson", "snapshot-restore-py", "time-machine"))


def main() -> int:
    """Print where they are, and return the exit status."""
    try:
        found = {"executable": str(lambda_python()), "packages": str(runtime_packages())}
    except AssetError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps({"runtime": f"python{VERSION}", **found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The addresses of multi-party approval: one Region, two domains."""

from emulator.mpa.responses import MpaResponse

url_bases = [r"https?://mpa\.us-east-1\.(?:api\.aws|amazonaws\.com)"]
url_paths = {"{0}/(?P<rest>.+)$": MpaResponse.dispatch}

"""The addresses of RAM."""

from emulator.ram.responses import RamResponse

url_bases = [r"https?://ram\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/(?P<operation>[a-z]+)/?$": RamResponse.dispatch}

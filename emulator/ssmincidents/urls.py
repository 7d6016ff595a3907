"""The addresses of Incident Manager."""

from emulator.ssmincidents.responses import IncidentsResponse

url_bases = [r"https?://ssm-incidents\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/(?P<operation>[A-Za-z]+)/?$": IncidentsResponse.dispatch}
